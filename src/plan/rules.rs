//! The rules on what is copied at all, and which file stands for a segment.

use chrono::{DateTime, TimeDelta, Utc};

use super::Policy;
use crate::model::{Action, FileKind, MeetingKind, Reason, RecordingFile, Segment};

/// So long a view that is still processing is waited for, so that the best one stands for the segment.
const PATIENCE_WITH_VIEWS: TimeDelta = TimeDelta::days(1);

/// Why the segment is not to be copied at all.
pub(super) fn excluded(segment: &Segment, policy: &Policy) -> Option<Reason> {
    let meeting = &segment.meeting;
    if segment.started < policy.go_live {
        return Some(Reason::BeforeGoLive);
    }
    match meeting.kind {
        MeetingKind::Meeting if !policy.meetings => return Some(Reason::MeetingsOff),
        MeetingKind::Webinar if !policy.webinars => return Some(Reason::WebinarsOff),
        _ => {}
    }
    if segment.lasted.is_some_and(|lasted| lasted < policy.min_duration) {
        return Some(Reason::TooShort);
    }
    policy.exclude_topics.iter().any(|topic| topic.is_match(&meeting.topic)).then_some(Reason::TopicExcluded)
}

/// The file that stands for the segment, or why there is none yet.
pub(super) fn main_file(segment: &Segment, now: DateTime<Utc>) -> Result<&RecordingFile, Reason> {
    if segment.files.is_empty() {
        return Err(Reason::NoFiles);
    }
    let may_become_video = |file: &&RecordingFile| matches!(file.kind, FileKind::Video(_) | FileKind::Unknown);
    let processing = segment.files.iter().filter(may_become_video).any(|file| !file.completed);
    let ended = segment.started + segment.lasted.unwrap_or_default();
    if processing && now - ended < PATIENCE_WITH_VIEWS {
        return Err(Reason::Processing);
    }
    match segment.best_video() {
        Some(file) => usable(file),
        None if processing => Err(Reason::Processing),
        None => Err(segment.files.iter().map(|file| fate(file).1).min().unwrap_or(Reason::NoFiles)),
    }
}

/// Whether there is anything to fetch.
pub(super) fn usable(file: &RecordingFile) -> Result<&RecordingFile, Reason> {
    if !file.completed {
        return Err(Reason::Processing);
    }
    if file.bytes.is_none() || file.download_url.is_none() {
        return Err(Reason::Incomplete);
    }
    Ok(file)
}

/// What becomes of a file that does not stand for its segment.
pub(super) fn fate(file: &RecordingFile) -> (Action, Reason) {
    match file.kind {
        FileKind::Video(_) => (Action::Wait, Reason::FurtherView),
        FileKind::Audio => (Action::Wait, Reason::Audio),
        FileKind::Caption => (Action::Wait, Reason::Caption),
        FileKind::Chat => (Action::Skip, Reason::Chat),
        FileKind::Other => (Action::Skip, Reason::FileType),
        FileKind::Unknown => (Action::Wait, Reason::Processing),
    }
}
