//! Text with placeholders, filled in from a recording.

use chrono_tz::Tz;

use super::{Segment, one_line};

/// What may stand between braces.
const NAMES: [&str; 6] = ["topic", "date", "time", "host", "meeting_id", "segment"];

/// A text with placeholders such as `{topic}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(String);

impl Template {
    /// Takes a text whose placeholders are all known; else tells the first that is not.
    pub fn new(text: &str) -> Result<Template, String> {
        match placeholders(text).find(|name| !NAMES.contains(name)) {
            Some(unknown) => Err(unknown.to_owned()),
            None => Ok(Template(text.to_owned())),
        }
    }

    /// The text for `segment`, on one line; date and time are those at `zone`. The number of a segment is given only
    /// where its meeting has several.
    #[must_use]
    pub fn fill(&self, segment: &Segment, zone: Tz) -> String {
        fill_template(&self.0, segment, zone)
    }

    /// The same, line by line as the template has them.
    pub fn fill_lines(&self, segment: &Segment, zone: Tz) -> impl Iterator<Item = String> {
        self.0.lines().map(move |line| fill_template(line, segment, zone))
    }

    /// Whether the text tells the segments of a meeting apart by itself.
    #[must_use]
    pub fn numbers_segments(&self) -> bool {
        placeholders(&self.0).any(|name| name == "segment")
    }
}

fn fill_template(template: &str, segment: &Segment, zone: Tz) -> String {
    let started = segment.started.with_timezone(&zone);
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, name, after)) = next_placeholder(rest) {
        filled.push_str(before);
        filled.push_str(&match name {
            "topic" => one_line(&segment.meeting.topic),
            "date" => started.format("%Y-%m-%d").to_string(),
            "time" => started.format("%H:%M").to_string(),
            "host" => segment.meeting.host_email.clone().unwrap_or_default(),
            "meeting_id" => segment.meeting.number.to_string(),
            "segment" if segment.part.of > 1 => segment.part.number.to_string(),
            _ => String::new(),
        });
        rest = after;
    }
    filled.push_str(rest);
    one_line(&filled)
}

/// The names in braces, in order.
pub(crate) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, name, after) = next_placeholder(rest)?;
        rest = after;
        Some(name)
    })
}

/// What stands before the next placeholder, its name, and what stands behind it.
pub(crate) fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono_tz::Tz;

    use super::Template;
    use crate::copying::plan::samples::sample_segment;
    use crate::model::{PartNumber, Segment};

    fn filled(text: &str, change: impl FnOnce(&mut Segment)) -> String {
        let mut segment = sample_segment(Vec::new());
        change(&mut segment);
        Template::new(text).expect("a template").fill(&segment, Tz::America__Los_Angeles)
    }

    #[test]
    fn placeholders_use_local_dates() {
        let text = "{topic}, {date} {time} ({host}, {meeting_id})";
        assert_eq!(filled(text, |_| {}), "Optics, 2026-11-22 01:00 (ada@uni.example, 81000000001)");
        let evening = |segment: &mut Segment| segment.started = "2026-11-22T01:30:00Z".parse().expect("an instant");
        assert_eq!(filled("{date}", evening), "2026-11-21");
    }

    #[test]
    fn templates_keep_lines_topics_add_none() {
        let mut segment = sample_segment(Vec::new());
        Arc::make_mut(&mut segment.meeting).topic = "Optics\r\nand waves".to_owned();
        let template = Template::new("{topic}\n\nby {host}").expect("a template");
        let lines: Vec<String> = template.fill_lines(&segment, Tz::UTC).collect();
        assert_eq!(lines, ["Optics and waves", "", "by ada@uni.example"]);
    }

    #[test]
    fn only_several_segments_get_numbers() {
        assert_eq!(filled("{topic} {segment}", |_| {}), "Optics");
        let second = |segment: &mut Segment| segment.part = PartNumber { number: 2, of: 3 };
        assert_eq!(filled("{topic} {segment}", second), "Optics 2");
    }

    #[test]
    fn placeholders_in_topics_stay_text() {
        let odd = |segment: &mut Segment| Arc::make_mut(&mut segment.meeting).topic = "{host} {x".to_owned();
        assert_eq!(filled("{topic}", odd), "{host} {x");
    }

    #[test]
    fn an_unknown_placeholder_is_named() {
        assert_eq!(Template::new("{topic} {subject}"), Err("subject".to_owned()));
        assert!(Template::new("{topic} {").is_ok());
    }
}
