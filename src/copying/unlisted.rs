//! What is owed and not listed: Zoom is asked for it meeting by meeting.

use std::collections::{BTreeMap, HashSet};

use super::identity::as_known;
use super::plan::Policy;
use crate::model::{MeetingUuid, Reason, Segment, SegmentKey, Tracked, one_line};
use crate::remotes::http::RemoteError;
use crate::remotes::zoom::Zoom;

/// Segments that are owed and that the listing does not show, by meeting.
#[must_use]
pub fn list_owed(
    listed: &[Segment],
    tracked: &BTreeMap<SegmentKey, Tracked>,
    policy: &Policy,
) -> BTreeMap<MeetingUuid, Vec<SegmentKey>> {
    let listed: HashSet<SegmentKey> = listed.iter().map(Segment::key).collect();
    // what only waits for Kaltura needs nothing from Zoom
    let is_owed = |tracked: &&Tracked| {
        !tracked.action.is_settled()
            && !tracked.reason.is_some_and(Reason::waits_for_kaltura)
            && tracked.segment.started >= policy.go_live
            && !listed.contains(&tracked.segment.key())
    };
    let mut owed: BTreeMap<MeetingUuid, Vec<SegmentKey>> = BTreeMap::new();
    for tracked in tracked.values().filter(is_owed) {
        let key = tracked.segment.key();
        owed.entry(key.meeting_uuid.clone()).or_default().push(key);
    }
    owed
}

/// Asks for meetings one by one: what Zoom still has joins the list, what it no longer has is returned. An error leaves
/// a meeting to a later run, as long as Zoom keeps recordings: after that time any answer but the recording says that it
/// is not there.
pub async fn fetch_owed(
    zoom: &Zoom,
    owed: &BTreeMap<MeetingUuid, Vec<SegmentKey>>,
    tracked: &BTreeMap<SegmentKey, Tracked>,
    is_over: impl Fn(&SegmentKey) -> bool,
    listed: &mut Vec<Segment>,
    trouble: &mut Vec<RemoteError>,
) -> HashSet<SegmentKey> {
    let (mut gone, mut answered, before) = (HashSet::new(), false, trouble.len());
    for (uuid, keys) in owed {
        match zoom.meeting(uuid).await {
            Ok(found) => {
                answered = true;
                let mut found = found.unwrap_or_default();
                as_known(&mut found, tracked);
                let is_there = |key: &&SegmentKey| found.iter().any(|segment| segment.key() == **key);
                gone.extend(keys.iter().filter(|key| !is_there(key)).cloned());
                listed.extend(found.into_iter().filter(|segment| keys.contains(&segment.key())));
            }
            Err(error) => {
                let is_answer = error.is_answer();
                let (over, waiting): (Vec<_>, Vec<_>) = keys.iter().partition(|key| is_answer && is_over(key));
                if let Some(key) = waiting.first().or(over.first()) {
                    let error = name_recording(tracked.get(*key), error);
                    if waiting.is_empty() {
                        tracing::warn!(
                            "{error}; the recording is older than sync.zoom_retention, so it counts as lost"
                        );
                    } else {
                        trouble.push(error);
                    }
                }
                gone.extend(over.into_iter().cloned());
            }
        }
    }
    // what Zoom refuses for one meeting while it tells of others needs nobody to grant anything
    let known = trouble.split_off(before);
    trouble.extend(known.into_iter().map(|error| if answered { error.of_one_if_refused() } else { error }));
    gone
}

/// The error with the recording that it is about.
fn name_recording(tracked: Option<&Tracked>, error: RemoteError) -> RemoteError {
    let Some(Segment { meeting, recording_start, .. }) = tracked.map(|tracked| &tracked.segment) else {
        return error;
    };
    let (topic, uuid) = (one_line(&meeting.topic), one_line(meeting.uuid.as_str()));
    let message =
        format!("{topic:?} of {recording_start} (meeting {uuid}) is due and was not listed: {}", error.message);
    RemoteError { message, ..error }
}
