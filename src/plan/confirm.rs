//! Is a copy whose bytes were all sent a good one?

use crate::model::{Action, Copied, CopyState, EntryStatus, FileCopy, Reason};

/// Where a sent copy stands, by what Kaltura says of its entry (`None`: it no longer exists).
///
/// Text posing as a video becomes READY too, with duration 0 (recorded traffic).
#[must_use]
pub fn confirmed(copied: Option<&Copied>) -> CopyState {
    let Some(copied) = copied else {
        return CopyState::Deleted;
    };
    match copied.entry.status {
        EntryStatus::Deleted => CopyState::Deleted,
        EntryStatus::Failed => CopyState::Broken,
        EntryStatus::Ready if copied.entry.milliseconds == 0 => CopyState::Broken,
        EntryStatus::Ready => CopyState::Done,
        _ => CopyState::Sent,
    }
}

/// What a sent copy that stands at `state` means for its segment.
///
/// The token took as many bytes as Zoom lists, or the copy would not count as sent. Another size of the source means
/// that its owner replaced or trimmed it since.
#[must_use]
pub fn settled_as(state: CopyState, copy: &FileCopy, copied: Option<&Copied>) -> (Action, Option<Reason>) {
    match state {
        CopyState::Done if copied.is_some_and(|copied| copied.source_bytes == copy.bytes) => (Action::Done, None),
        CopyState::Done => (Action::Done, Some(Reason::EditedInKaltura)),
        CopyState::Deleted => (Action::Skip, Some(Reason::DeletedInKaltura)),
        CopyState::Broken => (Action::Wait, Some(Reason::ConversionFailed)),
        _ => (Action::Wait, Some(Reason::InConversion)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::copy;
    use super::{confirmed, settled_as};
    use crate::model::{Action, Copied, CopyState, Entry, EntryId, EntryStatus, Reason, ReferenceId};

    fn copied(status: EntryStatus, milliseconds: u64, source_bytes: u64) -> Copied {
        let (id, reference_id) = (EntryId::new("0_a"), ReferenceId::new("Zoom_a"));
        let entry = Entry { id, status, owner: "ada".to_owned(), reference_id, ours: true, milliseconds };
        Copied { entry, source_bytes }
    }

    #[test]
    fn only_a_ready_entry_with_a_duration_is_done() {
        let cases = [
            (EntryStatus::Ready, 10_000, CopyState::Done),
            (EntryStatus::Ready, 0, CopyState::Broken),
            (EntryStatus::Failed, 0, CopyState::Broken),
            (EntryStatus::Processing, 0, CopyState::Sent),
            (EntryStatus::Importing, 0, CopyState::Sent),
            (EntryStatus::NoContent, 0, CopyState::Sent),
            (EntryStatus::Other, 10_000, CopyState::Sent),
            (EntryStatus::Deleted, 10_000, CopyState::Deleted),
        ];
        for (status, milliseconds, expected) in cases {
            assert_eq!(confirmed(Some(&copied(status, milliseconds, 6000))), expected, "{status:?} {milliseconds}");
        }
        assert_eq!(confirmed(None), CopyState::Deleted);
    }

    #[test]
    fn a_copy_trimmed_by_its_owner_is_done_and_says_so() {
        let whole = copied(EntryStatus::Ready, 10_000, 6000);
        let trimmed = copied(EntryStatus::Ready, 4_000, 2500);
        assert_eq!(settled_as(CopyState::Done, &copy(CopyState::Sent), Some(&whole)), (Action::Done, None));
        let expected = (Action::Done, Some(Reason::EditedInKaltura));
        assert_eq!(settled_as(CopyState::Done, &copy(CopyState::Sent), Some(&trimmed)), expected);
    }
}
