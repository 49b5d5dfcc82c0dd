//! One setting that can be made.

use toml::Value;

use crate::model::one_line;

/// Longer values are cut in messages.
const SHOWN: usize = 80;

/// A setting, as the table declares it.
#[derive(Debug)]
pub(super) struct Key {
    /// Section and key, e.g. `sync.lookback`.
    pub(super) name: &'static str,
    /// What a value must be.
    pub(super) kind: ValueKind,
    /// Whether it must be given.
    pub(super) need: Requirement,
}

/// A row of the table.
pub(super) const fn table_key(name: &'static str, kind: ValueKind, need: Requirement) -> Key {
    Key { name, kind, need }
}

/// A flag that became a word in the list of another key: its old name still counts.
#[derive(Debug)]
pub(super) struct RenamedKey {
    /// As it was.
    pub(super) old: Key,
    /// The name of the key that has its place.
    pub(super) new: &'static str,
    /// What true means there.
    pub(super) word: &'static str,
}

/// Far beyond any sensible setting, near enough to count with.
pub(super) const ANY: ValueKind = ValueKind::Span("0s", "400d");
/// A wait of nothing would make every connection fail.
pub(super) const SOME: ValueKind = ValueKind::Span("1ms", "1d");

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueKind {
    /// Not empty.
    Text,
    /// The same; empty for none.
    Name,
    /// A text of several lines; empty for none.
    Lines,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Never in the file itself, never shown.
    Secret,
    /// A relative one counts from where it was written.
    Folder,
    /// The same; empty for none.
    File,
    /// Without credentials, query and fragment.
    Url,
    /// As good as a secret, and never shown either, but it may stand in the file; empty for none.
    SecretUrl,
    /// A program and its arguments, in one text or as a list; empty for none.
    Program,
    /// True or false.
    Flag,
    /// From the first to the second.
    Whole(i64, i64),
    /// From the first to the second.
    Span(&'static str, &'static str),
    /// The same, or "never".
    SpanOrNever(&'static str, &'static str),
    /// Bytes a second; empty for no limit.
    Rate,
    /// A point in time.
    Instant,
    /// None of them empty.
    Texts,
    /// Any of these words.
    Words(&'static [&'static str]),
    /// Regular expressions.
    Patterns,
    /// Categories by topic: each a pattern, `=>`, a category.
    Rules,
    /// Host names, with `*.` for those below one.
    Hosts,
}

/// Whether a key must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Requirement {
    /// Nothing works without it.
    Required,
    /// Nothing holds where nothing is given.
    Optional,
    /// This TOML literal holds where nothing is given.
    Default(&'static str),
}

impl Key {
    /// The environment variable that overrides it.
    pub(super) fn variable(&self) -> String {
        format!("ZOOM2KALTURA_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// All variables that have to do with it: a secret's may name a file instead.
    pub(super) fn variables(&self) -> Vec<String> {
        let own = self.variable();
        match self.kind {
            ValueKind::Secret | ValueKind::SecretUrl => vec![format!("{own}_FILE"), own],
            _ => vec![own],
        }
    }

    /// The section it stands in; none for a key above all sections.
    pub(super) fn section(&self) -> Option<&'static str> {
        self.name.split_once('.').map(|(section, _)| section)
    }

    /// What it is called in its section.
    pub(super) fn short_name(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, name)| name)
    }

    /// What the file may name in its place.
    pub(super) fn file_of_it(&self) -> Option<String> {
        matches!(self.kind, ValueKind::Secret | ValueKind::SecretUrl).then(|| format!("{}_file", self.name))
    }

    /// What the file may hold: for a secret, the path of the file that has it.
    pub(super) fn name_in_file(&self) -> String {
        match self.kind {
            ValueKind::Secret => format!("{}_file", self.name),
            _ => self.name.to_owned(),
        }
    }
}

impl ValueKind {
    /// "must be …".
    pub(super) fn describe_wanted(self) -> String {
        match self {
            ValueKind::Text => "a text of one line that is not empty".to_owned(),
            ValueKind::Name => "a text of one line, or \"\" for none".to_owned(),
            ValueKind::Lines => "a text, or \"\" for none".to_owned(),
            ValueKind::Secret => "the path of a file".to_owned(),
            ValueKind::Folder => "the path of a folder".to_owned(),
            ValueKind::File => "the path of a file, or \"\" for none".to_owned(),
            ValueKind::Url => "an address such as \"https://www.example.org\"".to_owned(),
            ValueKind::SecretUrl => "an address such as \"https://www.example.org/…\", or \"\" for none".to_owned(),
            ValueKind::Program => {
                "a program and its arguments, such as \"/usr/local/bin/tell --mail\" or [\"tell\", \"--mail\"], or \"\" for none"
                    .to_owned()
            }
            ValueKind::Choice(words) => words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(" or "),
            ValueKind::Flag => "true or false".to_owned(),
            ValueKind::Whole(least, i64::MAX) => format!("a whole number from {least} up"),
            ValueKind::Whole(least, most) => format!("a whole number from {least} to {most}"),
            ValueKind::Span(least, most) => {
                format!("a duration such as \"90s\", \"15m\", \"24h\" or \"7d\", from \"{least}\" to \"{most}\"")
            }
            ValueKind::SpanOrNever(least, most) => {
                format!("a duration such as \"24h\" or \"7d\", from \"{least}\" to \"{most}\", or \"never\"")
            }
            ValueKind::Rate => {
                "a bandwidth such as \"200MB/s\" or \"800Mbit/s\", from \"100kB/s\", or \"\" for no limit".to_owned()
            }
            ValueKind::Instant => {
                "an instant such as \"2026-11-23T08:00:00+01:00\" or a UTC day such as \"2026-11-23\"".into()
            }
            ValueKind::Texts => "a list of texts that are not empty, such as [\"one\", \"two\"]".to_owned(),
            ValueKind::Words(words) => {
                let words = words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>();
                format!("a list of any of {}, or [] for none", words.join(", "))
            }
            ValueKind::Patterns => "a list of patterns such as ['(?i)^private', 'rehearsal']".to_owned(),
            ValueKind::Rules => "a list of rules such as ['(?i)^phys => Courses>Physics']".to_owned(),
            ValueKind::Hosts => "a list of host names such as [\"zoom.us\", \"*.zoom.us\"]".to_owned(),
        }
    }

    /// An environment variable's text as the file would hold it; what does not fit stays text, and is refused as such.
    pub(super) fn read_variable(self, text: &str) -> Value {
        let as_text = || Value::String(text.to_owned());
        match self {
            ValueKind::Flag => text.trim().parse().map_or_else(|_| as_text(), Value::Boolean),
            ValueKind::Whole(..) => text.trim().parse().map_or_else(|_| as_text(), Value::Integer),
            ValueKind::Texts
            | ValueKind::Words(_)
            | ValueKind::Patterns
            | ValueKind::Rules
            | ValueKind::Hosts
            | ValueKind::Program
                if text.trim_start().starts_with('[') =>
            {
                toml_literal(text.trim()).unwrap_or_else(as_text)
            }
            // a comma may be part of a pattern
            ValueKind::Patterns | ValueKind::Rules if text.trim().is_empty() => Value::Array(Vec::new()),
            ValueKind::Patterns | ValueKind::Rules => Value::Array(vec![as_text()]),
            ValueKind::Texts | ValueKind::Words(_) | ValueKind::Hosts => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
            }
            _ => as_text(),
        }
    }
}

/// A TOML literal's value.
pub(super) fn toml_literal(text: &str) -> Option<Value> {
    // a line break would smuggle in a second key
    let table: toml::Table = if text.contains('\n') { return None } else { format!("v = {text}").parse().ok()? };
    table.get("v").cloned()
}

/// A value as it stands in a message.
pub(super) fn show_value(value: &Value) -> String {
    match value {
        Value::Table(_) => "a section".to_owned(),
        other => {
            let line = one_line(&other.to_string());
            match line.char_indices().nth(SHOWN) {
                Some((end, _)) => format!("{}…", &line[..end]),
                None => line,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use toml::Value;

    use super::{ValueKind, show_value, toml_literal};

    /// Or are read as TOML.
    #[test]
    fn lists_in_variables_split_at_commas() {
        let both = toml_literal(r#"["a", "b"]"#).expect("TOML");
        assert_eq!(ValueKind::Texts.read_variable("a, b,"), both);
        assert_eq!(ValueKind::Texts.read_variable(r#"["a", "b"]"#), both);
        assert_eq!(ValueKind::Texts.read_variable(""), Value::Array(Vec::new()));
    }

    #[test]
    fn patterns_in_variables_keep_commas() {
        assert_eq!(ValueKind::Patterns.read_variable("a{1,2}"), toml_literal("['a{1,2}']").expect("TOML"));
        assert_eq!(ValueKind::Patterns.read_variable("['a', 'b']"), toml_literal("['a', 'b']").expect("TOML"));
        assert_eq!(ValueKind::Patterns.read_variable(" "), Value::Array(Vec::new()));
    }

    /// Whether it is one is judged where patterns are read.
    #[test]
    fn a_broken_list_stays_a_pattern() {
        assert_eq!(ValueKind::Patterns.read_variable("[Pp]rivate"), Value::String("[Pp]rivate".to_owned()));
        assert_eq!(ValueKind::Texts.read_variable("['a']\nw = 1"), Value::String("['a']\nw = 1".to_owned()));
    }

    #[test]
    fn values_in_messages_are_short_lines() {
        let text = show_value(&Value::String(format!("a\nb{}", "ä".repeat(500))));
        assert!(text.lines().count() == 1 && text.chars().count() == 81, "{text}");
    }
}
