//! Which category a recording goes into. Pure.
//!
//! The file that says which category a value of the tracking field stands for.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::model::MeetingKind;
use crate::owners::people::{BadLine, ListFault, read_list_text, read_rows, show_hidden};

/// What stands for the value of the tracking field.
pub(super) const VALUE: &str = "{value}";

/// What the configuration says. The first that says anything holds: the tracking field, the topics, the kind of meeting.
#[derive(Clone, Debug, Default)]
pub struct CategoryRules {
    /// By a tracking field of Zoom's.
    pub field: Option<FieldRule>,
    /// By the topic, in order.
    pub topics: Vec<TopicRule>,
    /// For meetings.
    pub meetings: Option<String>,
    /// For webinars.
    pub webinars: Option<String>,
}

/// A category by the topic.
#[derive(Clone, Debug)]
pub struct TopicRule {
    /// What the topic must match.
    pub topic: Regex,
    /// The full name of the category; `$1` stands for what the first group matched.
    pub category: String,
}

/// A category by a tracking field.
#[derive(Clone, Debug)]
pub struct FieldRule {
    /// Its label in Zoom, in any case.
    pub field: String,
    /// The file with a line `value,category` each.
    pub file: Option<PathBuf>,
    /// What that file says, by the value in lower case.
    pub by_value: HashMap<String, String>,
    /// The full name of the category for a value that the file does not name, with `{value}` in it.
    pub template: Option<String>,
}

/// A category as one of the rules names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryName {
    /// Its full name.
    pub name: String,
    /// The key that led to it.
    pub key: &'static str,
    /// Whether somebody wrote the name down. One that is made from a topic or a field need not exist.
    pub is_written: bool,
}

impl CategoryRules {
    /// By topic and kind.
    #[must_use]
    pub fn by_meeting(&self, topic: &str, kind: MeetingKind) -> Option<CategoryName> {
        self.topics.iter().find_map(|rule| rule.category_of(topic)).or_else(|| self.by_kind(kind))
    }

    /// Every name that somebody wrote down, once, with the key that holds it.
    #[must_use]
    pub fn list_written(&self) -> Vec<CategoryName> {
        let topics = self.topics.iter().filter(|rule| rule.is_written());
        let topics = topics.map(|rule| CategoryName::as_written("copy.category_by_topic", &rule.category));
        let values: BTreeSet<&String> = self.field.iter().flat_map(|field| field.by_value.values()).collect();
        let values = values.into_iter().map(|category| CategoryName::as_written("copy.category_file", category));
        let kinds = [MeetingKind::Meeting, MeetingKind::Webinar].into_iter().filter_map(|kind| self.by_kind(kind));
        kinds.chain(topics).chain(values).collect()
    }

    fn by_kind(&self, kind: MeetingKind) -> Option<CategoryName> {
        match kind {
            MeetingKind::Meeting => self.meetings.as_ref().map(|name| CategoryName::as_written("copy.category", name)),
            MeetingKind::Webinar => {
                self.webinars.as_ref().map(|name| CategoryName::as_written("copy.webinar_category", name))
            }
        }
    }
}

impl TopicRule {
    fn is_written(&self) -> bool {
        !self.category.contains('$')
    }

    fn category_of(&self, topic: &str) -> Option<CategoryName> {
        let groups = self.topic.captures(topic)?;
        let mut name = String::new();
        groups.expand(&self.category, &mut name);
        let name = full_name(&name).unwrap_or(name);
        Some(CategoryName { name, key: "copy.category_by_topic", is_written: self.is_written() })
    }
}

impl FieldRule {
    /// The category for a value; `None` where neither the file nor a template has one for it.
    #[must_use]
    pub fn category_of(&self, value: &str) -> Option<CategoryName> {
        if let Some(category) = self.by_value.get(&value.to_lowercase()) {
            return Some(CategoryName::as_written("copy.category_file", category));
        }
        let name = self.template.as_ref()?.replace(VALUE, value);
        Some(CategoryName { name: full_name(&name).unwrap_or(name), key: "copy.category_by_field", is_written: false })
    }
}

impl CategoryName {
    fn as_written(key: &'static str, name: &str) -> CategoryName {
        CategoryName { name: name.to_owned(), key, is_written: true }
    }
}

/// The most characters that the name of a category has in Kaltura (facts-kaltura.md#k34).
pub const LONGEST_NAME: usize = 200;

/// Whether a part of a full name is longer than any category's.
#[must_use]
pub fn is_too_long(full_name: &str) -> bool {
    full_name.split('>').any(|name| name.trim().chars().count() > LONGEST_NAME)
}

/// The full name of a category as Kaltura spells it, `A>B` without blanks; `None` where a part of it is empty.
#[must_use]
pub fn full_name(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('>').map(str::trim).collect();
    let is_whole = parts.iter().all(|part| !part.is_empty() && !part.contains(char::is_control));
    is_whole.then(|| parts.join(">"))
}

const KEY: &str = "copy.category_file";
/// What the file may begin with, as spreadsheets write it.
const HEADER: [&str; 2] = ["value", "category"];

/// The rules with what their file says, where they name one.
pub fn read_category_rules(mut rules: CategoryRules) -> Result<CategoryRules, ListFault> {
    if let Some(field) = &mut rules.field
        && let Some(file) = &field.file
    {
        field.by_value = category_file(file)?;
    }
    Ok(rules)
}

/// Every line of the file, by the value in lower case. `value,category` a line, `#` begins a comment line.
fn category_file(file: &Path) -> Result<HashMap<String, String>, ListFault> {
    let text = read_list_text(KEY, file)?;
    read_category_lines(&text).map_err(|bad| ListFault::lines(KEY, file, bad))
}

/// Line by line, so that what is wrong can be pointed at.
fn read_category_lines(text: &str) -> Result<HashMap<String, String>, Vec<BadLine>> {
    let mut categories = HashMap::new();
    read_rows(text, HEADER, |value, category, _| {
        let category = full_name(category).ok_or_else(|| format!("names no category: {}", show_hidden(category)))?;
        if is_too_long(&category) {
            return Err(format!(
                "names a category of more than {LONGEST_NAME} characters, which Kaltura does not allow"
            ));
        }
        if value.is_empty() {
            return Err("names no value".to_owned());
        }
        match categories.insert(value.to_lowercase(), category.clone()) {
            Some(before) if before != category => Err("contradicts a line above it".to_owned()),
            _ => Ok(()),
        }
    })?;
    Ok(categories)
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::{CategoryName, CategoryRules, FieldRule, TopicRule, read_category_lines};
    use crate::model::MeetingKind;

    fn rules() -> CategoryRules {
        let rule = |topic: &str, category: &str| TopicRule {
            topic: Regex::new(topic).expect("a pattern"),
            category: category.to_owned(),
        };
        CategoryRules {
            field: None,
            topics: vec![rule("(?i)^phys", "Physics"), rule(r"^([A-Z]+) (\d+)", "Courses> ${1}-$2")],
            meetings: Some("Meetings".to_owned()),
            webinars: None,
        }
    }

    fn said(named: Option<CategoryName>) -> String {
        named.map_or("none".to_owned(), |named| format!("{} by {} {}", named.name, named.key, named.is_written))
    }

    /// Over the kind of meeting as well.
    #[test]
    fn the_first_matching_topic_wins() {
        let cases = [
            ("Physics 101", MeetingKind::Meeting, "Physics by copy.category_by_topic true"),
            ("PHYS 101", MeetingKind::Webinar, "Physics by copy.category_by_topic true"),
            ("HIST 7, week 2", MeetingKind::Meeting, "Courses>HIST-7 by copy.category_by_topic false"),
            ("Colloquium", MeetingKind::Meeting, "Meetings by copy.category true"),
            ("Colloquium", MeetingKind::Webinar, "none"),
        ];
        for (topic, kind, expected) in cases {
            assert_eq!(said(rules().by_meeting(topic, kind)), expected, "{topic}");
        }
    }

    /// Without either, a value says nothing.
    #[test]
    fn the_file_beats_the_template() {
        let by_value = [("phys101".to_owned(), "Physics>Waves".to_owned())].into();
        let field = FieldRule { field: "Course".to_owned(), file: None, by_value, template: None };
        assert_eq!(said(field.category_of("PHYS101")), "Physics>Waves by copy.category_file true");
        assert_eq!(said(field.category_of("HIST7")), "none");
        let field = FieldRule { template: Some("Courses>{value}".to_owned()), ..field };
        assert_eq!(said(field.category_of("HIST7")), "Courses>HIST7 by copy.category_by_field false");
        assert_eq!(said(field.category_of("A > B")), "Courses>A>B by copy.category_by_field false");
        assert_eq!(said(field.category_of("phys101")), "Physics>Waves by copy.category_file true");
    }

    /// Blanks between the parts of a category go.
    #[test]
    fn values_match_in_any_case() {
        let text =
            "\u{FEFF}value,category\r\n# physics\r\nPHYS 101,Courses > Physics\r\n\"HIST 7, evening\",History\r\n";
        let categories = read_category_lines(text).expect("categories");
        assert_eq!(categories["phys 101"], "Courses>Physics");
        assert_eq!(categories["hist 7, evening"], "History");
        assert_eq!(categories.len(), 2);
    }

    #[test]
    fn each_bad_line_names_its_fault() {
        let text = format!("a\na,\n,B\na,B\nA,C\na,B>\nb,A>{}\n", "ü".repeat(201));
        let bad = read_category_lines(&text).expect_err("bad lines");
        let said: Vec<String> = bad.iter().map(|(line, why)| format!("{line} {why}")).collect();
        let expected = [
            "1 is not of the form value,category",
            "2 names no category: \"\"",
            "3 names no value",
            "5 contradicts a line above it",
            "6 names no category: \"B>\"",
            "7 names a category of more than 200 characters, which Kaltura does not allow",
        ];
        assert_eq!(said, expected);
    }
}
