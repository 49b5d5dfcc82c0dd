//! Is a copy whose bytes were all sent a good one?

use chrono::TimeDelta;

use super::{Facts, Step};
use crate::model::{Action, Copied, CopyState, EntryStatus, FileCopy, Reason};

/// A player may find so much more at the end of a file than Zoom's clock says, or a twentieth of its length.
const LONGER_BY_MS: u64 = 60_000;
/// Zoom counts pauses in, the file does not hold them: a copy may be much shorter, but not this many times.
const SHORTER_TIMES: u64 = 10;

/// Where a copy of so many bytes stands, and what that means for it, by what Kaltura says of its entry (`None`: it no longer
/// exists).
///
/// The token took as many bytes as Zoom lists, or the copy would not count as sent. Another size of the source means
/// that its owner replaced or trimmed it since.
#[must_use]
pub fn confirmed(
    bytes: u64,
    lasted: Option<TimeDelta>,
    copied: Option<&Copied>,
) -> (CopyState, Action, Option<Reason>) {
    let state = copied.map_or(EntryStatus::Deleted, |copied| copied.entry.status);
    match (state, copied) {
        (EntryStatus::Deleted, _) | (_, None) => (CopyState::Deleted, Action::Skip, Some(Reason::DeletedInKaltura)),
        // text posing as a video becomes READY too, with duration 0 (recorded traffic)
        (EntryStatus::Ready, Some(copied)) if copied.entry.milliseconds == 0 => conversion_failed(),
        (EntryStatus::Failed, _) => conversion_failed(),
        (EntryStatus::Ready, Some(copied)) if copied.source_bytes != bytes && copied.source_bytes > 0 => {
            (CopyState::Done, Action::Done, Some(Reason::EditedInKaltura))
        }
        (EntryStatus::Ready, Some(copied)) if !is_plausible(copied.entry.milliseconds, lasted) => {
            (CopyState::Broken, Action::Wait, Some(Reason::DurationDiffers))
        }
        (EntryStatus::Ready, _) => (CopyState::Done, Action::Done, None),
        _ => (CopyState::Sent, Action::Wait, Some(Reason::InConversion)),
    }
}

/// What Kaltura says of a copy that was sent.
pub(super) fn look(copy: &FileCopy, facts: &Facts) -> (Action, Option<Reason>, Step) {
    let Some(copied) = copy.entry_id.as_ref().and_then(|id| facts.sent.get(id)) else {
        return (Action::Wait, Some(Reason::InConversion), Step::Nothing);
    };
    let (state, action, reason) = confirmed(copy.bytes, copy.lasted, copied.as_ref());
    let step = if state == copy.state { Step::Nothing } else { Step::Settle(state) };
    (action, reason, step)
}

fn conversion_failed() -> (CopyState, Action, Option<Reason>) {
    (CopyState::Broken, Action::Wait, Some(Reason::ConversionFailed))
}

fn is_plausible(milliseconds: u64, lasted: Option<TimeDelta>) -> bool {
    let lasted = lasted.and_then(|lasted| u64::try_from(lasted.num_milliseconds()).ok()).unwrap_or(0);
    let longest = lasted.saturating_add(LONGER_BY_MS.max(lasted / 20));
    lasted == 0 || (milliseconds.saturating_mul(SHORTER_TIMES) >= lasted && milliseconds <= longest)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::samples::copy;

    use crate::model::{Action, Copied, CopyState, Entry, EntryId, EntryStatus, FileCopy, Reason, ReferenceId};

    const MINUTE: u64 = 60_000;

    fn confirmed(copy: &FileCopy, copied: Option<&Copied>) -> (CopyState, Action, Option<Reason>) {
        super::confirmed(copy.bytes, copy.lasted, copied)
    }

    fn copied(status: EntryStatus, milliseconds: u64, source_bytes: u64) -> Copied {
        let (id, reference_id) = (EntryId::new("0_a"), ReferenceId::new("Zoom_a"));
        let entry =
            Entry { id, status, owner: "ada".to_owned(), reference_id, ours: true, recycled: false, milliseconds };
        Copied { entry, source_bytes }
    }

    #[test]
    fn only_a_ready_entry_that_plays_as_long_as_zoom_says_is_done() {
        let cases = [
            (EntryStatus::Ready, 30 * MINUTE, CopyState::Done),
            (EntryStatus::Ready, 0, CopyState::Broken),
            (EntryStatus::Failed, 0, CopyState::Broken),
            (EntryStatus::Processing, 0, CopyState::Sent),
            (EntryStatus::Importing, 0, CopyState::Sent),
            (EntryStatus::NoContent, 0, CopyState::Sent),
            (EntryStatus::Other, 30 * MINUTE, CopyState::Sent),
            (EntryStatus::Deleted, 30 * MINUTE, CopyState::Deleted),
        ];
        for (status, milliseconds, expected) in cases {
            let found = confirmed(&copy(CopyState::Sent), Some(&copied(status, milliseconds, 6000))).0;
            assert_eq!(found, expected, "{status:?} {milliseconds}");
        }
        assert_eq!(confirmed(&copy(CopyState::Sent), None).0, CopyState::Deleted);
    }

    #[test]
    fn pauses_make_a_copy_shorter_and_nothing_makes_it_much_longer() {
        let lasted = |minutes| FileCopy { lasted: Some(TimeDelta::minutes(minutes)), ..copy(CopyState::Sent) };
        let cases = [
            (90, 90 * MINUTE, CopyState::Done),
            (90, 9 * MINUTE, CopyState::Done),
            (90, 9 * MINUTE - 1000, CopyState::Broken),
            (90, 94 * MINUTE, CopyState::Done),
            (90, 95 * MINUTE, CopyState::Broken),
            (1, 2 * MINUTE, CopyState::Done),
            (1, 2 * MINUTE + 1000, CopyState::Broken),
            (0, 5 * MINUTE, CopyState::Done),
        ];
        for (minutes, milliseconds, expected) in cases {
            let found = confirmed(&lasted(minutes), Some(&copied(EntryStatus::Ready, milliseconds, 6000))).0;
            assert_eq!(found, expected, "{minutes} min at Zoom, {milliseconds} ms in Kaltura");
        }
        let unknown = FileCopy { lasted: None, ..copy(CopyState::Sent) };
        assert_eq!(confirmed(&unknown, Some(&copied(EntryStatus::Ready, 5, 6000))).0, CopyState::Done);
    }

    #[test]
    fn a_copy_trimmed_by_its_owner_is_done_and_says_so() {
        let trimmed = copied(EntryStatus::Ready, 4_000, 2500);
        let expected = (CopyState::Done, Action::Done, Some(Reason::EditedInKaltura));
        assert_eq!(confirmed(&copy(CopyState::Sent), Some(&trimmed)), expected);
    }
}
