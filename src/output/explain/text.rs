//! The story for people.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::phrases::{account_phrase, end_sentence, present_state, unseen_state};
use crate::ledger::Story;
use crate::model::{Segment, one_line};
use crate::output::entry_terms::EntryTerms;
use crate::output::report::format_minute;

/// How the recording stands, what happened to it, and what happens next.
#[must_use]
pub fn tell_story(story: &Story, terms: EntryTerms<'_>, now: DateTime<Utc>) -> String {
    let tracked = &story.tracked;
    let meeting = &tracked.segment.meeting;
    let host = meeting.host_email.as_deref().unwrap_or(meeting.host_id.as_str());
    let mut text = format!(
        "{:?}, recorded {}, hosted by {}\n",
        one_line(&meeting.topic),
        format_minute(tracked.segment.started, terms.zone),
        one_line(host),
    );
    let _ = writeln!(text, "  now: {}", present_state(tracked, terms, now));
    if let Some(entry) = tracked.parent().and_then(|copy| copy.entry_id.as_ref()) {
        let place = terms.link_to(entry).map(|link| format!(" {link}")).unwrap_or_default();
        let _ = writeln!(text, "  entry: {entry}{place}");
    }
    let _ = writeln!(text, "  account: {}", account_phrase(story));
    let _ = writeln!(text, "  meeting: {}, UUID {}", meeting.number, one_line(meeting.uuid.as_str()));
    if story.events.is_empty() {
        text.push_str("  its history is so old that it is no longer kept (sync.keep_history)\n");
    }
    for event in &story.events {
        if let Some(sentence) = end_sentence(event, tracked) {
            let _ = writeln!(text, "  {}  {sentence}", format_minute(event.at, terms.zone));
        }
    }
    text
}

/// What is to be said of a recording that Zoom lists and of which the ledger knows nothing.
#[must_use]
pub fn tell_unseen(segment: &Segment, go_live: DateTime<Utc>, zone: Tz) -> String {
    let (topic, now) = (one_line(&segment.meeting.topic), unseen_state(segment, go_live));
    format!("{topic:?}, recorded {}\n  now: {now}\n", format_minute(segment.started, zone))
}
