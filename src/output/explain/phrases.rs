//! What is said of a recording, in plain words.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::ledger::{Event, Story};
use crate::model::{Action, CopyState, FileCopy, Reason, Role, Segment, SideFile, Tracked, one_line};
use crate::output::entry_terms::EntryTerms;
use crate::output::report::format_minute;

/// How a recording stands that Zoom lists and of which the ledger knows nothing.
pub(super) fn unseen_state(segment: &Segment, go_live: DateTime<Utc>) -> String {
    let meeting = &segment.meeting;
    if segment.files.is_empty() {
        "Zoom lists the meeting without any file; there is nothing to copy yet".to_owned()
    } else if segment.started < go_live {
        let (day, uuid) = (meeting.day(), one_line(meeting.uuid.as_str()));
        format!(
            "recorded before sync.go_live, so sync does not copy it; to copy it, run: zoom2kaltura backfill --from {day} --to {day} --meeting={uuid}"
        )
    } else {
        "Zoom lists it, and no run has seen it yet".to_owned()
    }
}

/// How it stands, and what happens next.
pub(super) fn present_state(tracked: &Tracked, terms: EntryTerms<'_>, now: DateTime<Utc>) -> String {
    let reason = tracked.reason.map(|reason| format!(": {}", uncapitalised(reason.meaning()))).unwrap_or_default();
    match tracked.action {
        Action::Done if tracked.orphan => {
            format!("in Kaltura, under the holding user{}", end_of_orphan(tracked, terms))
        }
        Action::Done if tracked.reason == Some(Reason::GivenUp) => {
            "in Kaltura, except for a file that the program gave up after sync.max_attempts tries; retry makes it due again"
                .to_owned()
        }
        Action::Done | Action::Trash => format!("safely in Kaltura{reason}{}", zoom_phrase(tracked, terms.zone)),
        Action::Skip => format!("not copied, and nothing more happens{reason}"),
        Action::Copy | Action::CopyAsOrphan => match next_try(tracked, now) {
            Some(due) => format!("a try failed; next try after {}", format_minute(due, terms.zone)),
            None => format!("being copied; the next run resumes{reason}"),
        },
        Action::Adopt => "about to be handed over to its host, by the next run".to_owned(),
        Action::Wait | Action::Delete | Action::Keep | Action::Reassign => {
            format!("waits{reason}; {}", what_happens_next(tracked, terms.zone, now))
        }
    }
}

/// Until when the holding user keeps it.
fn end_of_orphan(tracked: &Tracked, terms: EntryTerms<'_>) -> String {
    let Some(confirmed) = tracked.as_orphan().map(|orphan| orphan.confirmed) else {
        return String::new();
    };
    if let Some(why) = tracked.kept {
        return format!("; purge leaves it there: {}", uncapitalised(why.meaning()));
    }
    let unless = if terms.adopt { ", unless its host has an account by then and gets it" } else { "" };
    format!(
        "; purge deletes it there, never in Zoom, after {}{unless}",
        format_minute(terms.kept_until(confirmed), terms.zone)
    )
}

/// That Zoom has it no more, as this program put it into the trash or found it gone.
fn zoom_phrase(tracked: &Tracked, zone: Tz) -> String {
    let trashed = tracked.parent().and_then(|copy| copy.zoom_trash.trashed);
    trashed
        .map(|time| format!("; no longer in Zoom since {}, unless someone recovered it", format_minute(time, zone)))
        .unwrap_or_default()
}

fn what_happens_next(tracked: &Tracked, zone: Tz, now: DateTime<Utc>) -> String {
    match next_try(tracked, now) {
        Some(due) => format!("next try after {}", format_minute(due, zone)),
        None => "the next run looks again".to_owned(),
    }
}

/// When something of it is tried again that failed, unless something of it is due by now.
pub(super) fn next_try(tracked: &Tracked, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let is_open = |state| state < CopyState::Importing || matches!(state, CopyState::Broken | CopyState::Unfetched);
    let open = tracked.copies.iter().filter(|copy| is_open(copy.state));
    open.filter_map(|copy| copy.next_try).min().filter(|due| *due > now)
}

pub(super) fn account_phrase(Story { tracked, events }: &Story) -> String {
    match (&tracked.owner, &tracked.rule, tracked.orphan) {
        (None, ..) => "none chosen yet".to_owned(),
        (Some(keeper), _, true) => format!("{keeper}, the holding user{}", why_orphaned(events)),
        (Some(owner), Some(rule), false) => format!("{owner}, found by {rule}"),
        (Some(owner), None, false) => owner.to_string(),
    }
}

/// Why nobody was found whose it is, as the last decision on it says: the present reason speaks of something else by now.
fn why_orphaned(events: &[Event]) -> String {
    let is_it = |event: &&Event| event.event == Action::CopyAsOrphan.word();
    let detail = events.iter().rev().filter(is_it).find_map(|event| event.detail.as_deref());
    let reason = detail.and_then(Reason::from_word);
    reason.map(|reason| format!(": {}", uncapitalised(reason.meaning()))).unwrap_or_default()
}

/// What an event says; `None` for a station that tells nobody anything.
pub(super) fn end_sentence(event: &Event, tracked: &Tracked) -> Option<String> {
    let detail = one_line(event.detail.as_deref().unwrap_or_default());
    let Some(file) = &event.file_id else {
        return Some(recording_phrase(&event.event, &detail));
    };
    let copy = tracked.copies.iter().find(|copy| copy.file_id.as_str() == file);
    let what = copy.map_or("a file", |copy| file_title(copy));
    Some(match CopyState::from_word(&event.event) {
        Some(CopyState::New) => format!("{what}: the unfinished copy was removed"),
        Some(CopyState::Reserved | CopyState::Attaching) => return None,
        Some(CopyState::Attached) => format!("{what}: Kaltura is ready for its bytes ({detail})"),
        Some(CopyState::Importing) => format!("{what}: Kaltura fetches it from Zoom ({detail})"),
        Some(CopyState::Unfetched) => format!("{what}: Kaltura did not fetch it, and it is streamed instead"),
        Some(CopyState::Sent) => format!("{what}: all bytes are in Kaltura ({detail})"),
        Some(CopyState::Done) if copy.is_some_and(|copy| !copy.role.is_entry()) => {
            format!("{what}: added to the entry ({detail})")
        }
        Some(CopyState::Done) => format!("{what}: confirmed, whole and playable ({detail})"),
        Some(CopyState::Broken) => format!("{what}: Kaltura could not process it"),
        Some(CopyState::Deleted) if copy.is_some_and(|copy| copy.role == Role::Attachment) => {
            format!("{what}: is no longer in Kaltura as it was copied; it stays so")
        }
        Some(CopyState::Deleted) => format!("{what}: found deleted in Kaltura; it stays deleted"),
        Some(CopyState::Purged) => format!("{what}: purged"),
        Some(state @ (CopyState::NotACaption | CopyState::NotAText | CopyState::Empty)) => {
            let why = state.left_out().map(Reason::meaning).unwrap_or_default();
            format!("{what}: not copied: {}", uncapitalised(why))
        }
        None => file_phrase(&event.event, what, &detail),
    })
}

fn file_phrase(event: &str, what: &str, detail: &str) -> String {
    match event {
        "trashed" => format!("{what}: put into Zoom's trash, as it is safely in Kaltura"),
        "gone_from_zoom" => format!("{what}: is gone from Zoom, and safely in Kaltura"),
        "stays_in_zoom" => {
            let why = Reason::from_word(detail).map_or_else(|| detail.to_owned(), |why| uncapitalised(why.meaning()));
            format!("{what}: not put into Zoom's trash: {why}")
        }
        "marked" => format!("{what}: its entry lacked its mark (referenceId), which was added ({detail})"),
        "not_marked" => {
            format!("{what}: its entry lacks its mark (referenceId), and Kaltura does not keep one ({detail})")
        }
        "retitled" => format!("{what}: its title follows the new topic in Zoom: {detail:?}"),
        "title_kept" => format!("{what}: renamed in Zoom, but its title stays: {detail}"),
        _ => format!("{what}: a try failed: {detail}"),
    }
}

fn recording_phrase(event: &str, detail: &str) -> String {
    let why =
        Reason::from_word(detail).map(|reason| format!(": {}", uncapitalised(reason.meaning()))).unwrap_or_default();
    match (event, Action::from_word(event)) {
        ("purged", _) => "the orphaned copy was deleted from Kaltura when purge.older_than had passed".to_owned(),
        ("retry", _) => "made due again by hand".to_owned(),
        ("category", _) => format!("put into the category {detail}"),
        ("no_category", _) => format!("put into no category: {detail}"),
        ("reassigned", _) => format!("given to {detail} by hand"),
        ("owner_changed", _) => format!("someone gave it to {detail} in Kaltura"),
        (_, Some(Action::Adopt)) if why.is_empty() && !detail.is_empty() => {
            format!("handed over to {detail}, whose account exists now")
        }
        (_, Some(Action::Copy)) => "listed, and to be copied to the host's account".to_owned(),
        (_, Some(Action::CopyAsOrphan)) => format!("listed, and to be copied to the holding user{why}"),
        (_, Some(Action::Wait)) => format!("waits{why}"),
        (_, Some(Action::Skip)) => format!("not copied{why}"),
        (_, Some(Action::Done)) => format!("all of it is in Kaltura{why}"),
        _ => format!("{event} {detail}").trim().to_owned(),
    }
}

fn file_title(copy: &FileCopy) -> &'static str {
    match copy.role {
        Role::Parent => "the recording",
        Role::Child => "a further view",
        Role::Caption => "captions",
        Role::Attachment => SideFile::of_types(&copy.file_type, "").map_or("an attachment", SideFile::noun),
    }
}

/// A sentence as it stands behind a colon.
fn uncapitalised(sentence: &str) -> String {
    let text = sentence.trim_end_matches('.');
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        // a name or a code keeps its capital
        (Some(first), Some(second))
            if second.is_lowercase() && !text.starts_with("Zoom") && !text.starts_with("Kaltura") =>
        {
            first.to_lowercase().collect::<String>() + letters.as_str()
        }
        _ => text.to_owned(),
    }
}
