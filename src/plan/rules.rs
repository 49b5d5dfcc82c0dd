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
    let finished = segment.videos().filter(|(_, file)| file.completed).min_by_key(|(view, _)| *view);
    match finished {
        Some((_, file)) => usable(file),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;

    use super::super::samples::{file, now, policy, segment, time, video};
    use super::{excluded, main_file};
    use crate::model::{FileKind, MeetingKind, Reason, RecordingFile, Segment, View};

    fn unfinished(file: RecordingFile) -> RecordingFile {
        RecordingFile { completed: false, ..file }
    }

    fn changed(change: impl FnOnce(&mut Segment)) -> Segment {
        let mut segment = segment(vec![video("v", View::SharedScreen)]);
        change(&mut segment);
        segment
    }

    #[test]
    fn each_rule_keeps_out_what_it_names() {
        let mut policy = policy();
        policy.min_duration = TimeDelta::minutes(10);
        policy.webinars = false;
        let webinar = |segment: &mut Segment| Arc::make_mut(&mut segment.meeting).kind = MeetingKind::Webinar;
        let private = |segment: &mut Segment| Arc::make_mut(&mut segment.meeting).topic = "PRIVATE talk".to_owned();
        let cases = [
            (changed(|_| {}), None),
            (changed(|segment| segment.started = time("2026-11-19T23:59:59Z")), Some(Reason::BeforeGoLive)),
            (changed(|segment| segment.started = policy.go_live), None),
            (changed(|segment| segment.lasted = Some(TimeDelta::minutes(9))), Some(Reason::TooShort)),
            (changed(|segment| segment.lasted = None), None),
            (changed(webinar), Some(Reason::WebinarsOff)),
            (changed(private), Some(Reason::TopicExcluded)),
        ];
        for (segment, expected) in cases {
            assert_eq!(excluded(&segment, &policy), expected, "{segment:?}");
        }
    }

    #[test]
    fn the_best_finished_view_stands_for_the_segment() {
        let speaker = || video("s", View::Speaker);
        let screen = || video("v", View::SharedScreenWithSpeaker);
        let sound = || file("a", FileKind::Audio);
        let nothing = || RecordingFile { bytes: None, ..screen() };
        let cases = [
            (vec![speaker(), screen(), sound()], Ok("v")),
            (vec![speaker(), sound()], Ok("s")),
            (vec![speaker(), unfinished(screen())], Err(Reason::Processing)),
            (vec![speaker(), unfinished(sound())], Ok("s")),
            (vec![unfinished(file("", FileKind::Unknown))], Err(Reason::Processing)),
            (vec![nothing()], Err(Reason::Incomplete)),
            (vec![sound(), file("c", FileKind::Chat)], Err(Reason::Audio)),
            (vec![], Err(Reason::NoFiles)),
        ];
        for (files, expected) in cases {
            let mut segment = segment(files);
            segment.started = now() - TimeDelta::hours(2);
            let found = main_file(&segment, now()).map(|file| file.id.as_str());
            assert_eq!(found, expected, "{:?}", segment.files);
        }
    }

    #[test]
    fn a_view_that_never_gets_finished_is_waited_for_a_day() {
        let mut segment = segment(vec![video("s", View::Speaker), unfinished(video("v", View::SharedScreen))]);
        segment.started = now() - TimeDelta::hours(24);
        assert_eq!(main_file(&segment, now()).map(|file| file.id.as_str()), Err(Reason::Processing));
        segment.started = now() - TimeDelta::hours(25);
        assert_eq!(main_file(&segment, now()).map(|file| file.id.as_str()), Ok("s"));
    }
}
