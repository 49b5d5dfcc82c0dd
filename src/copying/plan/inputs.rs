//! What every line of a plan is made from: facts, policy, scope and the time.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Filter, RuledOut, WantedFiles};
use crate::model::{
    Entry, EntryId, EntryWithSource, KalturaUserId, OwnTexts, Owner, Segment, SegmentKey, Tracked, Window,
};
use crate::owners::people::Consent;

/// Everything that was read from Zoom, the ledger and Kaltura.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The days that were listed.
    pub window: Window,
    /// Whether everything that Zoom lists there could be read.
    pub complete: bool,
    /// Every segment that Zoom lists in them, and what is owed from other days.
    pub listed: Vec<Segment>,
    /// What else Zoom lists: recordings that a rule leaves out and of which the ledger knows nothing else.
    pub ruled_out: RuledOut,
    /// What is owed and Zoom no longer has.
    pub gone: HashSet<SegmentKey>,
    /// What the ledger knows of these days, and all that is still owed from others.
    pub tracked: BTreeMap<SegmentKey, Tracked>,
    /// Whose account it is, for each segment whose copy is to begin.
    pub owners: HashMap<SegmentKey, Owner>,
    /// The holding user, confirmed by Kaltura: looked up only where there are orphans, `None` where it is missing.
    pub holding_user: Option<KalturaUserId>,
    /// Entries found in Kaltura by the mark of a segment whose copy is to begin.
    pub marked: HashMap<SegmentKey, Vec<Entry>>,
    /// Which texts of this program hang on those of them that may be whole.
    pub texts: HashMap<EntryId, OwnTexts>,
    /// What Kaltura says of each entry whose bytes were all sent; `None` where it no longer exists.
    pub sent: HashMap<EntryId, Option<EntryWithSource>>,
    /// What time it is by this machine's clock: what is under way was begun by it.
    pub here: DateTime<Utc>,
    /// What time it is by Kaltura's clock, where it was asked for.
    pub in_kaltura: Option<DateTime<Utc>>,
}

/// What the configuration says about what is copied and to whom.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own, independent of the others")]
pub struct Policy {
    /// Nothing recorded earlier is copied.
    pub go_live: DateTime<Utc>,
    /// What is left out, no matter who the host is.
    pub filter: Filter,
    /// Which hosts agree.
    pub consent: Consent,
    /// Which files of a recording are copied.
    pub wanted: WantedFiles,
    /// How long after its copy was confirmed a file goes to Zoom's trash; `None` for never.
    pub trash_after: Option<TimeDelta>,
    /// Whether an orphan whose host has an account by now is handed over.
    pub adopt: bool,
    /// For so long Zoom keeps recordings: what it has not finished by then is not waited for any more.
    pub zoom_retention: TimeDelta,
    /// What Zoom deletes within this time is copied before everything else.
    pub at_risk: TimeDelta,
    /// How long Kaltura may take to fetch a recording by itself.
    pub pull_within: TimeDelta,
    /// Whether the titles of copies follow a topic that is renamed in Zoom.
    pub follow_renames: bool,
    /// Whether what was purged, or deleted by people, is copied again.
    pub recopy_deleted: bool,
    /// After so many failures of its own a recording is given up.
    pub max_attempts: u32,
    /// Whether the ledger comes from elsewhere: what was begun is not taken back then, and nothing goes to Zoom's trash.
    pub moved: bool,
}

/// The days to list, and what of them matters.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The days.
    pub window: Window,
    /// Which of the recordings listed.
    pub selection: Selection,
    /// Whether what is still owed from other days matters too.
    pub owed: bool,
}

/// A narrower choice among the recordings of a window. Empty lists choose all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Hosts, by address or Zoom user id.
    pub users: Vec<String>,
    /// Meetings, by UUID, or by number: all instances of it.
    pub meetings: Vec<String>,
}

impl Selection {
    /// Whether it chooses all.
    #[must_use]
    pub fn is_of_all(&self) -> bool {
        self.users.is_empty() && self.meetings.is_empty()
    }

    /// Whether the recording is among those chosen.
    #[must_use]
    pub fn includes(&self, segment: &Segment) -> bool {
        let meeting = &segment.meeting;
        let hosts = |user: &String| {
            let is_address = meeting.host_email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(user));
            is_address || meeting.host_id.as_str() == user
        };
        let is_it =
            |wanted: &String| meeting.uuid.as_str() == wanted || parse_meeting_number(wanted) == Some(meeting.number);
        (self.users.is_empty() || self.users.iter().any(hosts))
            && (self.meetings.is_empty() || self.meetings.iter().any(is_it))
    }
}

/// A meeting number as people write it: `812 3456 7890` and `812-3456-7890` too.
fn parse_meeting_number(text: &str) -> Option<i64> {
    text.replace([' ', '-'], "").parse().ok()
}

/// What was read, the rules, and the time.
#[derive(Clone, Copy)]
pub(super) struct PlanInputs<'a> {
    pub(super) facts: &'a Facts,
    pub(super) policy: &'a Policy,
    pub(super) now: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::Selection;
    use crate::copying::plan::samples::sample_segment;

    fn includes(users: &[&str], meetings: &[&str]) -> bool {
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        Selection { users: owned(users), meetings: owned(meetings) }.includes(&sample_segment(Vec::new()))
    }

    /// Or by meeting.
    #[test]
    fn recordings_are_chosen_by_host() {
        assert!(includes(&[], &[]));
        assert!(includes(&["x@uni.example", "ADA@uni.example"], &[]) && includes(&["h"], &[]));
        assert!(!includes(&["eve@uni.example"], &[]));
        assert!(includes(&[], &["u=="]) && includes(&[], &["81000000001"]) && includes(&[], &["810-0000 0001"]));
        assert!(!includes(&[], &["v=="]) && !includes(&["eve@uni.example"], &["u=="]));
    }
}
