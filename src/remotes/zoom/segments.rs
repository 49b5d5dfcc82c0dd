//! The segments of one meeting, also where Zoom lists it more than once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::model::{FileId, HostId, Meeting, MeetingKind, PartNumber, Segment, each_once};

/// The segments of a meeting by time, numbered. A file whose id another segment has too cannot be told from it by that.
pub(super) fn order_segments(mut segments: Vec<Segment>) -> Vec<Segment> {
    segments.sort_by(|one, other| (one.started, &one.recording_start).cmp(&(other.started, &other.recording_start)));
    let of = segments.len();
    let mut seen: HashMap<FileId, usize> = HashMap::new();
    for (number, segment) in (1..).zip(&mut segments) {
        segment.part = PartNumber { number, of };
        Arc::make_mut(&mut segment.files).shrink_to_fit();
        for file in segment.files.iter().filter(|_| of > 1) {
            *seen.entry(file.id.clone()).or_default() += 1;
        }
    }
    let is_shared = |id: &FileId| seen.get(id).is_some_and(|times| *times > 1);
    for segment in &mut segments {
        if segment.files.iter().any(|file| is_shared(&file.id)) {
            for file in Arc::make_mut(&mut segment.files) {
                file.shares_id |= is_shared(&file.id);
            }
        }
    }
    segments
}

/// The segments of a meeting that was listed more than once: what any of the lists has of it, once. `listed` has the
/// segments of each time in turn.
pub(super) fn merge_segments(listed: Vec<Segment>) -> Vec<Segment> {
    let Some(meeting) = listed.iter().map(|segment| Meeting::clone(&segment.meeting)).reduce(merge_two) else {
        return listed;
    };
    let meeting = Arc::new(meeting);
    let has_files = listed.iter().any(|segment| !segment.files.is_empty());
    let mut segments: BTreeMap<Arc<str>, Segment> = BTreeMap::new();
    // a meeting without files tells nothing of one that has some
    for segment in listed.into_iter().filter(|segment| !has_files || !segment.files.is_empty()) {
        match segments.get_mut(&segment.recording_start) {
            Some(known) => {
                known.lasted = known.lasted.max(segment.lasted);
                Arc::make_mut(&mut known.files).extend(segment.files.iter().cloned());
            }
            None => {
                segments.insert(Arc::clone(&segment.recording_start), Segment { meeting: meeting.clone(), ..segment });
            }
        }
    }
    let once = |segment: Segment| Segment { files: each_once(segment.files.to_vec()).into(), ..segment };
    order_segments(segments.into_values().map(once).collect())
}

/// What two looks at a meeting say of it, in whatever order they come. A host on whom they do not agree is nobody whom a
/// copy could be given to.
fn merge_two(one: Meeting, other: Meeting) -> Meeting {
    let mut hosts = [one.host_id, other.host_id].into_iter().filter(|id| !id.as_str().is_empty());
    let (host_id, host_email) = match (hosts.next(), hosts.next()) {
        (Some(one), Some(other)) if one != other => (HostId::new(""), None),
        (host, _) => (host.unwrap_or_else(|| HostId::new("")), agreed_value(one.host_email, other.host_email)),
    };
    let topics = [one.topic, other.topic].into_iter().filter(|topic| !topic.trim().is_empty());
    Meeting {
        number: one.number.max(other.number),
        kind: if one.kind == other.kind { one.kind } else { MeetingKind::Meeting },
        topic: topics.min().unwrap_or_default(),
        start: one.start.min(other.start),
        deleted_on: [one.deleted_on, other.deleted_on].into_iter().flatten().min(),
        uuid: one.uuid,
        host_id,
        host_email,
    }
}

fn agreed_value(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(&other).then(|| one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{merge_segments, order_segments};
    use crate::copying::plan::samples::{sample_segment, sample_time, sample_video};
    use crate::model::{HostId, Meeting, RecordingFile, Segment};

    fn at(start: &str, files: Vec<RecordingFile>) -> Segment {
        Segment { recording_start: start.into(), started: sample_time(start), ..sample_segment(files) }
    }

    fn hosted(id: &str, email: Option<&str>) -> Segment {
        let mut segment = sample_segment(vec![sample_video("v", "x")]);
        let (host_id, host_email) = (HostId::new(id), email.map(str::to_owned));
        segment.meeting = Arc::new(Meeting { host_id, host_email, ..(*segment.meeting).clone() });
        segment
    }

    /// They have what either list has.
    #[test]
    fn meetings_listed_twice_merge_once() {
        let (early, late) = ("2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z");
        let listed = vec![
            at(late, vec![sample_video("w", "x")]),
            at(early, vec![sample_video("v", "x")]),
            at(early, vec![sample_video("v", "x"), sample_video("g", "y")]),
            at(early, Vec::new()),
        ];
        let found = merge_segments(listed);
        let told: Vec<_> = found.iter().map(|one| (one.part.number, one.part.of, one.files.len())).collect();
        assert_eq!(told, [(1, 2, 2), (2, 2, 1)]);
        assert_eq!(merge_segments(vec![at(early, Vec::new()), at(early, Vec::new())]).len(), 1);
    }

    #[test]
    fn lists_disagreeing_on_hosts_are_disbelieved() {
        let cases = [
            (("h", Some("A@x")), ("h", Some("a@x")), ("h", Some("A@x"))),
            (("h", Some("a@x")), ("h", None), ("h", Some("a@x"))),
            (("h", Some("a@x")), ("", None), ("h", Some("a@x"))),
            (("h", Some("a@x")), ("h", Some("b@x")), ("h", None)),
            (("h", Some("a@x")), ("i", Some("b@x")), ("", None)),
            (("", Some("a@x")), ("", Some("b@x")), ("", None)),
        ];
        for (one, other, expected) in cases {
            for pair in [[one, other], [other, one]] {
                let found = merge_segments(pair.map(|(id, email)| hosted(id, email)).to_vec()).remove(0).meeting;
                assert_eq!((found.host_id.as_str(), found.host_email.as_deref()), expected, "{pair:?}");
            }
        }
    }

    /// An id in two segments of a meeting names neither file to Zoom.
    #[test]
    fn shared_file_ids_are_not_used() {
        let (early, late) = ("2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z");
        let found = order_segments(vec![
            at(late, vec![sample_video("v", "x")]),
            at(early, vec![sample_video("v", "x"), sample_video("w", "x")]),
        ]);
        let shared: Vec<_> = found.iter().flat_map(|one| one.files.iter().map(|file| file.shares_id)).collect();
        assert_eq!(shared, [true, false, true]);
    }
}
