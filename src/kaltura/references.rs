//! References in a multirequest: Kaltura replaces `{1:result:id}`, anywhere in any text of a later part, by what the first
//! part answered (its server code: the first match in a text, to the last brace of its line). Only what this program
//! means as one may be one.

use serde_json::{Value, json};

/// The member of an object that stands for a reference: texts from outside are no objects.
const MEANT: &str = "\0reference";

/// Stands for a field of what the first part answers.
pub(super) fn refer_to_first(field: &str) -> Value {
    json!({ MEANT: format!("{{1:result:{field}}}") })
}

/// Whether a text in `value` would be taken for a reference that nobody meant.
pub(super) fn has_unmeant(value: &Value) -> bool {
    match value {
        Value::String(text) => reference_starts(text).next().is_some(),
        Value::Array(items) => items.iter().any(has_unmeant),
        Value::Object(members) => intended_reference(members).is_none() && members.values().any(has_unmeant),
        _ => false,
    }
}

/// `value` as it goes into a multirequest: what is meant as a reference is one, and nothing else.
pub(super) fn write_references(value: Value) -> Value {
    match value {
        Value::String(text) => break_reference(&text).into(),
        Value::Array(items) => items.into_iter().map(write_references).collect(),
        Value::Object(members) => match intended_reference(&members) {
            Some(reference) => reference.clone(),
            None => members.into_iter().map(|(name, member)| (name, write_references(member))).collect(),
        },
        other => other,
    }
}

fn intended_reference(members: &serde_json::Map<String, Value>) -> Option<&Value> {
    members.get(MEANT)
}

/// A text with a blank in what would be a reference.
fn break_reference(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut from = 0;
    for at in reference_starts(text) {
        whole.push_str(&text[from..=at]);
        whole.push(' ');
        from = at + 1;
    }
    whole + &text[from..]
}

/// Where in a text something begins that may be read as a reference.
fn reference_starts(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices('{').map(|(at, _)| at).filter(|at| {
        let inside = &text[at + 1..];
        let rest = inside.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < inside.len() && rest.starts_with(":result")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{has_unmeant, refer_to_first, write_references};

    #[test]
    fn only_what_is_meant_as_a_reference_is_one() {
        let cases = [
            ("{1:result:id}", "{ 1:result:id}"),
            ("a {12:result} b {3:result:objects:0:id}", "a { 12:result} b { 3:result:objects:0:id}"),
            ("{{1:result:id}}", "{{ 1:result:id}}"),
            ("{1:result", "{ 1:result"),
            ("{1:results}", "{ 1:results}"),
        ];
        for (text, sent) in cases {
            let nested = |text: &str| json!({ "entry": { "name": text, "tags": [text] } });
            assert!(has_unmeant(&nested(text)), "{text}");
            assert_eq!(write_references(nested(text)), nested(sent), "{text}");
            assert!(!has_unmeant(&write_references(nested(text))), "{text}");
        }
        for text in ["{result:id}", "{1}", "{ 1:result:id}", "{1.result:id}", "{ü1:result}", "{\"a\":1}", "{", ""] {
            assert!(!has_unmeant(&json!(text)), "{text}");
            assert_eq!(write_references(json!(text)), json!(text));
        }
    }

    #[test]
    fn a_reference_that_is_meant_stays_one_and_no_text_can_pose_as_it() {
        let part = json!({ "entryId": refer_to_first("id"), "name": refer_to_first("id").to_string() });
        assert!(has_unmeant(&part));
        let written = write_references(part);
        assert_eq!(written["entryId"], "{1:result:id}");
        assert!(written["name"].as_str().expect("a text").contains("{ 1:result:id}"));
    }
}
