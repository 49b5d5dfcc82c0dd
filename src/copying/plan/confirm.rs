//! Is a copy whose bytes were all sent a good one?

use chrono::{DateTime, TimeDelta, Utc};

use super::item::FileDecision;
use super::{Facts, Policy, Step};
use crate::copying::copy_table::{CopyFinding, after_look};
use crate::copying::observed::{InKaltura, SinceRequest, seen_in_kaltura};
use crate::model::{CopyState, Decision, EntryWithSource, FileCopy, Reason};

/// From the first try of an import to the third (facts-kaltura.md#k35).
const THREE_TRIES: TimeDelta = TimeDelta::seconds(600);
/// So long an entry may be empty after all bytes were sent: they arrive in it within a second (facts-kaltura.md#k18).
const EMPTY_FOR: TimeDelta = TimeDelta::days(1);

/// Of what is up to Kaltura the table always says something.
pub(super) const UNSEEN: FileDecision = FileDecision::at_rest(Decision::wait(Reason::InConversion));

/// Where a copy of so many bytes stands that was sent, by what Kaltura says of its entry (`None`: it no longer exists).
#[must_use]
pub fn is_confirmed(bytes: u64, lasted: Option<TimeDelta>, copied: Option<&EntryWithSource>) -> CopyFinding {
    let unchanged = CopyFinding::waiting(CopyState::Sent, Reason::InConversion);
    after_look(CopyState::Sent, seen_in_kaltura(copied, bytes, lasted), SinceRequest::Earlier).unwrap_or(unchanged)
}

/// What Kaltura says of a copy of which all is up to it, or of which the bytes may have arrived unnoticed. `None` where that
/// changes nothing.
pub(super) fn look_at_copy(copy: &FileCopy, facts: &Facts, policy: &Policy) -> Option<FileDecision> {
    let seen = match copy.entry_id.as_ref().and_then(|id| facts.sent.get(id)) {
        Some(copied) => seen_in_kaltura(copied.as_ref(), copy.bytes, copy.lasted),
        None => InKaltura::NotRead,
    };
    let within = if copy.state == CopyState::Importing { policy.pull_within } else { EMPTY_FOR };
    let CopyFinding { state, decision } = after_look(copy.state, seen, time_since_request(copy, within, facts.here))?;
    let step = if state == copy.state { Step::Nothing } else { Step::Settle(state) };
    Some(FileDecision { decision, step })
}

fn time_since_request(copy: &FileCopy, within: TimeDelta, now: DateTime<Utc>) -> SinceRequest {
    match copy.attach_sent.map(|told| now - told) {
        Some(took) if took > within => SinceRequest::Overdue,
        None if copy.state == CopyState::Importing => SinceRequest::Overdue,
        Some(took) if took < THREE_TRIES => SinceRequest::Lately,
        Some(_) | None => SinceRequest::Earlier,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap, HashSet};

    use chrono::TimeDelta;

    use crate::copying::copy_table::{CopyFinding, after_look};
    use crate::copying::observed::{SinceRequest, seen_in_kaltura};
    use crate::copying::plan::samples::{sample_copy, sample_now, sample_policy};
    use crate::copying::plan::{Facts, RuledOut, Step};
    use crate::model::{
        Action, CopyState, Decision, Entry, EntryId, EntryStatus, EntryWithSource, FileCopy, Reason, ReferenceId, Tags,
        Window,
    };

    const MINUTE: u64 = 60_000;

    fn confirmed(copy: &FileCopy, copied: Option<&EntryWithSource>) -> CopyFinding {
        super::is_confirmed(copy.bytes, copy.lasted, copied)
    }

    fn imported(copy: &FileCopy, copied: Option<&EntryWithSource>) -> CopyFinding {
        let told = super::time_since_request(copy, sample_policy().pull_within, sample_now());
        after_look(CopyState::Importing, seen_in_kaltura(copied, copy.bytes, copy.lasted), told)
            .expect("it is up to Kaltura")
    }

    fn copied(status: EntryStatus, milliseconds: u64, source_bytes: u64) -> EntryWithSource {
        let (id, reference_id) = (EntryId::new("0_a"), ReferenceId::new("Zoom_a"));
        let entry = Entry {
            id,
            status,
            owner: "ada".to_owned(),
            reference_id,
            ours: true,
            tags: Tags::default(),
            recycled: false,
            milliseconds,
            changed: None,
        };
        EntryWithSource { entry, source_bytes, source_failed: false }
    }

    /// They play as long as Zoom says.
    #[test]
    fn only_full_ready_entries_are_done() {
        let cases = [
            (EntryStatus::Ready, 30 * MINUTE, CopyState::Done),
            (EntryStatus::Ready, 0, CopyState::Done),
            (EntryStatus::Failed, 0, CopyState::Broken),
            (EntryStatus::Processing, 0, CopyState::Sent),
            (EntryStatus::Importing, 0, CopyState::Sent),
            (EntryStatus::NoContent, 0, CopyState::Sent),
            (EntryStatus::Other, 30 * MINUTE, CopyState::Sent),
            (EntryStatus::Deleted, 30 * MINUTE, CopyState::Deleted),
        ];
        for (status, milliseconds, expected) in cases {
            let found = confirmed(&sample_copy(CopyState::Sent), Some(&copied(status, milliseconds, 6000))).state;
            assert_eq!(found, expected, "{status:?} {milliseconds}");
        }
        assert_eq!(confirmed(&sample_copy(CopyState::Sent), None).state, CopyState::Deleted);
    }

    /// A frozen copy by its bytes; text that poses as a video is none.
    #[test]
    fn frozen_or_fake_videos_are_found() {
        let done = |reason| CopyFinding { state: CopyState::Done, decision: Decision { action: Action::Done, reason } };
        let frozen = done(Some(Reason::Frozen));
        let failed = CopyFinding::waiting(CopyState::Broken, Reason::ConversionFailed);
        let in_conversion = CopyFinding::waiting(CopyState::Sent, Reason::InConversion);
        let cases = [
            (EntryStatus::Ready, 0, 6000, false, frozen),
            (EntryStatus::Ready, 0, 6000, true, failed),
            (EntryStatus::Ready, 0, 5999, false, failed),
            (EntryStatus::Ready, 0, 0, false, failed),
            (EntryStatus::Failed, 0, 6000, false, failed),
            (EntryStatus::Processing, 0, 6000, false, in_conversion),
            (EntryStatus::Ready, 30 * MINUTE, 6000, false, done(None)),
        ];
        for (status, milliseconds, bytes, source_failed, expected) in cases {
            let found = EntryWithSource { source_failed, ..copied(status, milliseconds, bytes) };
            assert_eq!(confirmed(&sample_copy(CopyState::Sent), Some(&found)), expected, "{found:?}");
        }
        let unsized_copy = FileCopy { bytes: 0, ..sample_copy(CopyState::Sent) };
        assert_eq!(confirmed(&unsized_copy, Some(&copied(EntryStatus::Ready, 0, 0))), failed);
    }

    /// A length that pauses do not explain; the copy stays.
    #[test]
    fn odd_lengths_are_reported_not_deleted() {
        let lasted = |minutes| FileCopy { lasted: Some(TimeDelta::minutes(minutes)), ..sample_copy(CopyState::Sent) };
        let cases = [
            (90, 90 * MINUTE, None),
            (90, 9 * MINUTE, None),
            (90, 9 * MINUTE - 1000, Some(Reason::DurationDiffers)),
            (90, 94 * MINUTE, None),
            (90, 95 * MINUTE, Some(Reason::DurationDiffers)),
            (1, 2 * MINUTE, None),
            (1, 2 * MINUTE + 1000, Some(Reason::DurationDiffers)),
            (0, 5 * MINUTE, None),
        ];
        for (minutes, milliseconds, expected) in cases {
            let found = confirmed(&lasted(minutes), Some(&copied(EntryStatus::Ready, milliseconds, 6000)));
            assert_eq!(
                (found.state, found.decision),
                (CopyState::Done, Decision { action: Action::Done, reason: expected }),
                "{minutes} min at Zoom, {milliseconds} ms in Kaltura"
            );
        }
        let unknown = FileCopy { lasted: None, ..sample_copy(CopyState::Sent) };
        assert_eq!(confirmed(&unknown, Some(&copied(EntryStatus::Ready, 5, 6000))).decision.reason, None);
    }

    #[test]
    fn fetched_copies_have_the_listed_size() {
        use EntryStatus::{Deleted, Failed, Importing, NoContent, Other, Processing, Ready};
        let told = |minutes| FileCopy {
            attach_sent: Some(sample_now() - TimeDelta::minutes(minutes)),
            ..sample_copy(CopyState::Importing)
        };
        let plays = 30 * MINUTE;
        let cases = [
            (Importing, 0, 0, 119, CopyState::Importing),
            (Importing, 0, 0, 121, CopyState::Unfetched),
            (NoContent, 0, 0, 119, CopyState::Importing),
            (NoContent, 0, 0, 121, CopyState::Unfetched),
            (Processing, 0, 6000, 500, CopyState::Sent),
            (Processing, 0, 0, 119, CopyState::Importing),
            (Processing, 0, 5999, 1, CopyState::Unfetched),
            (Ready, plays, 6000, 500, CopyState::Done),
            (Ready, plays, 0, 500, CopyState::Done),
            (Ready, plays, 5999, 1, CopyState::Unfetched),
            (Ready, 2 * plays, 6000, 1, CopyState::Done),
            // a page for people
            (Ready, 0, 812, 1, CopyState::Unfetched),
            (Failed, 0, 0, 1, CopyState::Unfetched),
            (Failed, 0, 6000, 1, CopyState::Broken),
            (Other, 0, 0, 500, CopyState::Importing),
            (Deleted, plays, 6000, 1, CopyState::Deleted),
        ];
        for (status, milliseconds, bytes, minutes, expected) in cases {
            let found = copied(status, milliseconds, bytes);
            let state = imported(&told(minutes), Some(&found)).state;
            assert_eq!(state, expected, "{status:?}, {milliseconds} ms, {bytes} bytes, told {minutes} minutes ago");
        }
        assert_eq!(imported(&told(1), None).state, CopyState::Deleted);
    }

    #[test]
    fn failed_fetches_show_their_cause() {
        use EntryStatus::{Failed, Importing, Processing, Ready};
        let told = |seconds| FileCopy {
            attach_sent: Some(sample_now() - TimeDelta::seconds(seconds)),
            ..sample_copy(CopyState::Importing)
        };
        let cases = [
            (Failed, 0, 0, 1, Reason::ImportedPage),
            (Failed, 0, 0, 599, Reason::ImportedPage),
            (Failed, 0, 0, 600, Reason::ImportRefused),
            (Failed, 0, 0, 3000, Reason::ImportRefused),
            (Failed, 0, 1200, 3000, Reason::ImportCutShort),
            (Ready, 0, 812, 1, Reason::ImportedPage),
            (Ready, 1000, 5999, 1, Reason::ImportCutShort),
            (Ready, 1000, 6001, 1, Reason::ImportCutShort),
            (Processing, 0, 5999, 1, Reason::ImportCutShort),
            (Importing, 0, 0, 7201, Reason::ImportFailed),
            (Processing, 0, 0, 7201, Reason::ImportFailed),
        ];
        for (status, milliseconds, bytes, seconds, expected) in cases {
            let found = copied(status, milliseconds, bytes);
            let reason = imported(&told(seconds), Some(&found)).decision.reason;
            assert_eq!(reason, Some(expected), "{status:?}, {milliseconds} ms, {bytes} bytes, {seconds} s");
        }
    }

    #[test]
    fn request_age_follows_tries_and_time() {
        let (hours, day) = (TimeDelta::hours(2), TimeDelta::days(1));
        let cases = [
            (CopyState::Importing, hours, Some(599), SinceRequest::Lately),
            (CopyState::Importing, hours, Some(600), SinceRequest::Earlier),
            (CopyState::Importing, hours, Some(7200), SinceRequest::Earlier),
            (CopyState::Importing, hours, Some(7201), SinceRequest::Overdue),
            // nobody knows when: it has had all the time there is
            (CopyState::Importing, hours, None, SinceRequest::Overdue),
            (CopyState::Sent, day, None, SinceRequest::Earlier),
            (CopyState::Sent, day, Some(599), SinceRequest::Lately),
            (CopyState::Sent, day, Some(86_400), SinceRequest::Earlier),
            (CopyState::Sent, day, Some(86_401), SinceRequest::Overdue),
        ];
        for (state, within, seconds, expected) in cases {
            let attach_sent = seconds.map(|seconds| sample_now() - TimeDelta::seconds(seconds));
            let copy = FileCopy { attach_sent, ..sample_copy(state) };
            assert_eq!(super::time_since_request(&copy, within, sample_now()), expected, "{state:?} {seconds:?} s");
        }
    }

    /// What Kaltura says of the entry of [`copy`].
    fn facts(sent: HashMap<EntryId, Option<EntryWithSource>>) -> Facts {
        let day = sample_now().date_naive();
        Facts {
            window: Window { from: day, to: day },
            complete: true,
            listed: Vec::new(),
            ruled_out: RuledOut::default(),
            gone: HashSet::new(),
            tracked: BTreeMap::new(),
            owners: HashMap::new(),
            holding_user: None,
            marked: HashMap::new(),
            texts: HashMap::new(),
            sent,
            here: sample_now(),
            in_kaltura: None,
        }
    }

    /// An empty entry gets a day.
    #[test]
    fn imports_get_the_configured_time() {
        let (bare, waits) = (copied(EntryStatus::NoContent, 0, 0), Step::Nothing);
        let gone = Step::Settle(CopyState::Deleted);
        let unfetched = Step::Settle(CopyState::Unfetched);
        let cases = [
            (CopyState::Importing, 7200, Some(Some(&bare)), Some((Reason::Importing, waits))),
            (CopyState::Importing, 7201, Some(Some(&bare)), Some((Reason::ImportFailed, unfetched))),
            (CopyState::Importing, 7201, None, Some((Reason::Importing, waits))),
            (CopyState::Importing, 7201, Some(None), Some((Reason::DeletedInKaltura, gone))),
            (CopyState::Sent, 7201, Some(Some(&bare)), Some((Reason::InConversion, waits))),
            (CopyState::Sent, 86_400, Some(Some(&bare)), Some((Reason::InConversion, waits))),
            (CopyState::Sent, 86_401, Some(Some(&bare)), Some((Reason::ConversionFailed, unfetched))),
            (CopyState::Sent, 86_401, None, Some((Reason::InConversion, waits))),
            (CopyState::Attached, 86_401, Some(Some(&bare)), None),
            (CopyState::Attached, 86_401, Some(None), None),
        ];
        for (state, seconds, found, expected) in cases {
            let copy = FileCopy { attach_sent: Some(sample_now() - TimeDelta::seconds(seconds)), ..sample_copy(state) };
            let sent = found.into_iter().map(|found| (EntryId::new("0_a"), found.cloned())).collect();
            let looked = super::look_at_copy(&copy, &facts(sent), &sample_policy());
            let looked = looked.map(|found| (found.decision.reason.expect("a reason"), found.step));
            assert_eq!(looked, expected, "{state:?}, {seconds} s, {found:?}");
        }
    }

    /// It says that its owner trimmed it.
    #[test]
    fn a_trimmed_copy_is_done() {
        let trimmed = copied(EntryStatus::Ready, 4_000, 2500);
        let decision = Decision::because(Action::Done, Reason::EditedInKaltura);
        let expected = CopyFinding { state: CopyState::Done, decision };
        assert_eq!(confirmed(&sample_copy(CopyState::Sent), Some(&trimmed)), expected);
    }
}
