//! The keys that say which category a copy goes into.

use super::error::ConfigError;
use super::given::GivenValue;
use super::key::show_value;
use super::parsing::parse_pattern;
use crate::copying::categories::{FieldRule, LONGEST_NAME, TopicRule, full_name, is_too_long};
use crate::model::one_line;
use crate::model::template::placeholders;

/// What stands between a pattern and its category.
const LEADS_TO: &str = "=>";

impl GivenValue {
    /// The full name of a category, as Kaltura spells it; `None` for an empty one.
    pub(super) fn category(&self) -> Result<Option<String>, ConfigError> {
        let Some(text) = self.name()? else {
            return Ok(None);
        };
        let odd = || self.wrong(format!("must be a category such as \"Zoom>Lectures\", not {}", self.given()));
        let name = full_name(&text).ok_or_else(odd)?;
        self.check_length(&name).map(|()| Some(name))
    }

    fn check_length(&self, full_name: &str) -> Result<(), ConfigError> {
        let most = LONGEST_NAME;
        let too_long =
            || self.wrong(format!("names a category of more than {most} characters, which Kaltura does not allow"));
        if is_too_long(full_name) { Err(too_long()) } else { Ok(()) }
    }

    /// Categories by topic: a pattern, `=>`, a category.
    pub(super) fn topic_rules(&self) -> Result<Vec<TopicRule>, ConfigError> {
        self.texts()?.iter().map(|text| self.topic_rule(text)).collect()
    }

    fn topic_rule(&self, text: &str) -> Result<TopicRule, ConfigError> {
        let shown = show_value(&text.into());
        let parts = text.rsplit_once(LEADS_TO).map(|(topic, category)| (topic.trim(), full_name(category)));
        let Some((topic, Some(category))) = parts.filter(|(topic, _)| !topic.is_empty()) else {
            return Err(self.wrong(format!("contains {shown}, which is not of the form 'PATTERN => CATEGORY'")));
        };
        self.check_length(&category)?;
        let topic = parse_pattern(topic)
            .map_err(|fault| self.wrong(format!("contains the pattern of {shown}, which is {}", one_line(&fault))))?;
        Ok(TopicRule { topic, category })
    }

    /// A category by a tracking field, which needs a file or a template; neither means anything without a field.
    pub(super) fn field_rule(
        &self,
        file: &GivenValue,
        template: &GivenValue,
    ) -> Result<Option<FieldRule>, ConfigError> {
        let (field, file_name, by_value) = (self.name()?, file.file()?, template.category()?);
        if let Some(by_value) = &by_value
            && !placeholders(by_value).eq(["value"])
        {
            return Err(
                template.wrong(format!("must contain {{value}} once and no other field, not {}", template.given()))
            );
        }
        match (field, file_name, by_value) {
            (None, None, None) => Ok(None),
            (None, Some(_), _) => Err(file.wrong("also needs copy.category_field")),
            (None, ..) => Err(template.wrong("also needs copy.category_field")),
            (Some(_), None, None) => Err(self.wrong(
                "also needs copy.category_file or copy.category_by_field, which say which category a value leads to",
            )),
            (Some(field), file, template) => {
                Ok(Some(FieldRule { field, file, by_value: std::collections::HashMap::new(), template }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::TestConfig;

    /// Keys and values, and what the message must hold.
    const BAD: &[(&[(&str, &str)], &str)] = &[
        (&[("copy.category", "7")], "copy.category in zoom2kaltura.toml must be a text of one line, or \"\" for none"),
        (&[("copy.webinar_category", "\"Zoom>\"")], "must be a category such as \"Zoom>Lectures\", not \"Zoom>\""),
        (
            &[("copy.category_by_topic", "['phys']")],
            "contains \"phys\", which is not of the form 'PATTERN => CATEGORY'",
        ),
        (&[("copy.category_by_topic", "['=> Physics']")], "which is not of the form"),
        (&[("copy.category_by_topic", "['phys => A>']")], "which is not of the form"),
        (
            &[("copy.category_by_topic", "['(phys => Physics']")],
            "contains the pattern of \"(phys => Physics\", which is malformed at character 1: unclosed group",
        ),
        (&[("copy.category_field", "\"Course\"")], "needs copy.category_file or copy.category_by_field"),
        (
            &[("copy.category_file", "\"courses.csv\"")],
            "copy.category_file in zoom2kaltura.toml also needs copy.category_field",
        ),
        (&[("copy.category_by_field", "\"A>{value}\"")], "copy.category_by_field in zoom2kaltura.toml also needs"),
        (
            &[("copy.category_field", "\"Course\""), ("copy.category_by_field", "\"A>{course}\"")],
            "must contain {value} once and no other field, not \"A>{course}\"",
        ),
    ];

    /// One line for each, with the key and the file.
    #[test]
    fn a_bad_rule_names_its_key() {
        for (keys, said) in BAD {
            let fault = TestConfig::with(keys).fault();
            assert!(fault.starts_with("copy.") && fault.contains(said), "{keys:?}: {fault}");
        }
    }

    #[test]
    fn category_names_end_at_200_characters() {
        for (length, is_good) in [(200, true), (201, false)] {
            let name = "ü".repeat(length);
            let values = [
                ("copy.category", format!("\"A>{name}\"")),
                ("copy.webinar_category", format!("\"{name}>B\"")),
                ("copy.category_by_topic", format!("['phys => A>{name}>B']")),
            ];
            for (key, value) in values {
                let keys = [(key, value.as_str())];
                let bench = TestConfig::with(&keys);
                if is_good {
                    bench.load();
                } else {
                    let fault = bench.fault();
                    assert!(fault.starts_with(key) && fault.contains("more than 200 characters"), "{key}: {fault}");
                }
            }
        }
    }

    /// Also in the environment.
    #[test]
    fn topic_patterns_keep_their_commas() {
        let rules = |text| TestConfig::with(&[]).set("ZOOM2KALTURA_COPY_CATEGORY_BY_TOPIC", text).load();
        let one = rules("a{1,2} => A > B").settings.copy.categories;
        assert_eq!((one.topics[0].topic.as_str(), one.topics[0].category.as_str()), ("a{1,2}", "A>B"));
        assert_eq!(rules("['a => A', 'b => B']").settings.copy.categories.topics.len(), 2);
    }
}
