//! Segments, copies and rules to try the plan with.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::inputs::PlanInputs;
use super::{Facts, FilePlan, Filter, Item, Policy, RuledOut, WantedFiles};
use crate::model::{
    Action, CopyState, Decision, Entry, EntryId, EntryStatus, FileCopy, FileId, FileKind, HostId, KalturaUserId,
    Meeting, MeetingKind, MeetingUuid, PartNumber, Reason, RecordingFile, Role, Segment, Tags, Tracked, Window,
    ZoomTrash,
};
use crate::owners::people::Consent;

/// A fixed "now".
pub(crate) fn sample_now() -> DateTime<Utc> {
    sample_time("2026-11-23T10:00:00Z")
}

pub(crate) fn sample_time(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Everything is copied; three tries; go-live was on the 20th.
pub(crate) fn sample_policy() -> Policy {
    Policy {
        moved: false,
        go_live: sample_time("2026-11-20T00:00:00Z"),
        filter: Filter::sample(),
        consent: Consent::default(),
        adopt: true,
        trash_after: None,
        wanted: WantedFiles::sample(),
        zoom_retention: TimeDelta::days(30),
        at_risk: TimeDelta::days(7),
        pull_within: TimeDelta::hours(2),
        follow_renames: false,
        recopy_deleted: false,
        max_attempts: 3,
    }
}

/// Without the gallery, the sound alone and the transcript.
pub(crate) fn without_some_types() -> Policy {
    let mut policy = sample_policy();
    policy.filter.excluded_types = ["gallery_view", "audio_only", "audio_transcript"].map(str::to_owned).to_vec();
    policy
}

/// A finished recording of half an hour on the 22nd, with these files.
pub(crate) fn sample_segment(files: Vec<RecordingFile>) -> Segment {
    let started = sample_time("2026-11-22T09:00:00Z");
    let meeting = Meeting {
        uuid: MeetingUuid::new("u=="),
        number: 81_000_000_001,
        kind: MeetingKind::Meeting,
        topic: "Optics".to_owned(),
        start: started,
        host_id: HostId::new("h"),
        host_email: Some("ada@uni.example".to_owned()),
        deleted_on: None,
    };
    Segment {
        meeting: Arc::new(meeting),
        recording_start: "2026-11-22T09:00:00Z".into(),
        started,
        part: PartNumber::ONLY,
        lasted: Some(TimeDelta::minutes(30)),
        files: files.into(),
    }
}

/// A finished file of 6000 bytes.
pub(crate) fn sample_file(id: &str, kind: FileKind) -> RecordingFile {
    RecordingFile {
        id: FileId::new(id),
        kind,
        file_type: Arc::default(),
        recording_type: Arc::default(),
        bytes: Some(6000),
        lasted: Some(TimeDelta::minutes(30)),
        completed: true,
        shares_id: false,
        language: None,
        download_url: Some("https://zoom.us/rec/download/x".into()),
    }
}

pub(crate) fn sample_video(id: &str, view: &str) -> RecordingFile {
    RecordingFile { recording_type: view.into(), ..sample_file(id, FileKind::Video) }
}

/// The copy of file `v`.
pub(crate) fn sample_copy(state: CopyState) -> FileCopy {
    FileCopy {
        row: 1,
        file_id: FileId::new("v"),
        file_type: "MP4".into(),
        role: Role::Parent,
        state,
        bytes: 6000,
        listed: 6000,
        announced: None,
        validator: None,
        lasted: Some(TimeDelta::minutes(30)),
        token: None,
        attach_sent: None,
        asked: 1,
        entry_id: Some(EntryId::new("0_a")),
        attempts: 0,
        next_try: None,
        confirmed: None,
        by_kaltura: true,
        zoom_trash: ZoomTrash::default(),
    }
}

/// The entry of ours, READY, that stands for [`segment`].
pub(crate) fn sample_entry(id: &str, owner: &str) -> Entry {
    Entry {
        id: EntryId::new(id),
        status: EntryStatus::Ready,
        owner: owner.to_owned(),
        reference_id: sample_segment(Vec::new()).key().reference_id(),
        ours: true,
        tags: Tags {
            is_marked: true,
            is_signed: true,
            is_by_us: true,
            is_orphan: owner == "orphans",
            ..Tags::default()
        },
        recycled: false,
        milliseconds: 10_000,
        changed: None,
    }
}

/// What the ledger knows of [`segment`].
pub(crate) fn sample_tracked(action: Action, reason: Option<Reason>, copies: Vec<FileCopy>) -> Tracked {
    Tracked {
        row: 1,
        segment: sample_segment(Vec::new()),
        action,
        reason,
        owner: Some(KalturaUserId::new("ada@uni.example")),
        rule: None,
        orphan: false,
        kept: None,
        untagged: false,
        topic_before: None,
        copies: copies.into_iter().map(Arc::new).collect(),
        replaced: Vec::new(),
        unreadable: None,
    }
}

/// A line of the plan that copies these files, of which the first stands for the segment.
pub(crate) fn sample_item(segment: Segment, files: Vec<FilePlan>) -> Item {
    Item::plain(segment, Decision::plain(Action::Copy), files, Some(0))
}

/// What a plan is made from where nothing is known but what Zoom lists.
pub(crate) fn sample_facts(listed: Vec<Segment>) -> Facts {
    let day = sample_now().date_naive();
    Facts {
        window: Window { from: day, to: day },
        complete: true,
        listed,
        ruled_out: RuledOut::default(),
        gone: HashSet::new(),
        tracked: BTreeMap::new(),
        owners: HashMap::new(),
        holding_user: None,
        marked: HashMap::new(),
        texts: HashMap::new(),
        sent: HashMap::new(),
        here: sample_now(),
        in_kaltura: None,
    }
}

/// Plans with that.
pub(super) fn sample_plan_inputs<T>(policy: &Policy, plan: impl FnOnce(PlanInputs<'_>) -> T) -> T {
    plan(PlanInputs { facts: &sample_facts(Vec::new()), policy, now: sample_now() })
}
