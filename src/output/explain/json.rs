//! The story for programs.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::phrases::{end_sentence, next_try, present_state, unseen_state};
use crate::ledger::{Event, Story};
use crate::model::{EntryId, FileCopy, KalturaUserId, OwnerRule, Reason, Segment, Tracked, one_line};
use crate::output::document::{JsonDocument, recording_json};
use crate::output::entry_terms::EntryTerms;
use crate::output::report::format_second;

/// What was found of what was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Explained<'a> {
    /// What the ledger knows.
    pub stories: &'a [Story],
    /// Whether these are as many as fit, the newest, so that there may be more.
    pub more: bool,
    /// What Zoom lists and the ledger does not know.
    pub unseen: &'a [Segment],
    /// How many parts of Zoom's lists could not be read.
    pub unread: usize,
    /// What was recorded earlier is copied by hand only.
    pub go_live: DateTime<Utc>,
}

/// All of it; with empty lists where nothing was found.
#[must_use]
pub fn explain_document(explained: Explained<'_>, terms: EntryTerms<'_>, now: DateTime<Utc>) -> JsonDocument<Value> {
    let stories = explained.stories.iter().map(|story| story_json(story, terms, now));
    let unseen = explained.unseen.iter().map(|segment| {
        let start = format_second(segment.meeting.start);
        let more = json!({ "start": start, "text": unseen_state(segment, explained.go_live) });
        recording_json(segment, None, more)
    });
    JsonDocument::new(json!({
        "at": format_second(now),
        "items": stories.collect::<Vec<_>>(),
        "more": explained.more,
        "not_seen": unseen.collect::<Vec<_>>(),
        "unread": explained.unread,
    }))
}

fn story_json(story: &Story, terms: EntryTerms<'_>, now: DateTime<Utc>) -> Value {
    let tracked = &story.tracked;
    let entry = tracked.parent().and_then(|copy| copy.entry_id.as_ref());
    let orphan = tracked.as_orphan().filter(|orphan| orphan.kept.is_none());
    let more = json!({
        "start": format_second(tracked.segment.meeting.start),
        "owner": tracked.owner.as_ref().map(KalturaUserId::as_str),
        "owner_rule": tracked.rule.as_ref().map(OwnerRule::word),
        "orphan": tracked.orphan,
        "kept": tracked.kept.map(Reason::word),
        "deleted_after": orphan.map(|orphan| format_second(terms.kept_until(orphan.confirmed))),
        "action": tracked.action.word(),
        "reason": tracked.reason.map(Reason::word),
        "text": present_state(tracked, terms, now),
        "link": entry.and_then(|entry| terms.link_to(entry)),
        "next_try": next_try(tracked, now).map(format_second),
        "files": tracked.copies.iter().map(|copy| copy_json(copy)).collect::<Vec<_>>(),
        "history": story.events.iter().map(|event| happened_json(event, tracked)).collect::<Vec<_>>(),
    });
    recording_json(&tracked.segment, entry, more)
}

fn copy_json(copy: &FileCopy) -> Value {
    json!({
        "id": copy.file_id.as_str(),
        "type": &*copy.file_type,
        "bytes": copy.bytes,
        "entry_id": copy.entry_id.as_ref().map(EntryId::as_str),
        "role": copy.role.word(),
        "copy_state": copy.state.word(),
    })
}

fn happened_json(event: &Event, tracked: &Tracked) -> Value {
    json!({
        "happened": format_second(event.at),
        "event": event.event,
        "file_id": event.file_id,
        "detail": event.detail.as_deref().map(one_line),
        "text": end_sentence(event, tracked),
    })
}
