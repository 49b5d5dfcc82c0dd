//! What can be seen of a copy: whether it may be tried, what Zoom says of its file, what Kaltura says of its entry and of the
//! upload tokens of its name. What follows is in [`super::copy_table`].

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{EntryStatus, EntryWithSource, FileCopy, RecordingFile};

/// A player may find so much more at the end of a file than Zoom's clock says, or a twentieth of its length.
const LONGER_BY_MS: u64 = 60_000;
/// Zoom counts pauses in, the file does not hold them: a copy may be much shorter, but not this many times.
const SHORTER_TIMES: u64 = 10;

/// Whether a copy may be tried now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tries {
    /// Its time has come.
    Due,
    /// It failed, and its next try lies ahead.
    Later,
    /// It failed as often as it may.
    Spent,
}

/// What Zoom says of the file of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InZoom {
    /// It does not matter yet, or was not asked.
    NotAsked,
    /// It lists it, finished, with the size that the copy was begun with.
    Listed,
    /// The same, with another size.
    ListedOtherwise,
    /// It lists it, and has not finished it.
    Processing,
    /// It lists it without an address to fetch it from.
    WithoutAddress,
    /// It has not finished it for as long as it keeps recordings.
    NeverFinished,
    /// It lists the recording without this file.
    TakenOut,
    /// It does not list the recording just now.
    Unlisted,
    /// It was asked, and has it no more, or has kept it as long as it keeps recordings.
    Lost,
}

/// What Kaltura says of the entry of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InKaltura {
    /// It did not say.
    NotRead,
    /// It has no such entry any more.
    Gone,
    /// Nothing is in it yet.
    Bare,
    /// It is being processed, and shows no bytes.
    BeingFilled,
    /// It is being processed, with other bytes than those of the recording.
    OtherBytes,
    /// It is being processed, with the bytes of the recording.
    Processing,
    /// It plays as long as the recording was.
    Plays,
    /// It plays, much longer or shorter than the recording was.
    PlaysOddly,
    /// It plays other bytes: people trimmed or replaced it.
    PlaysOthers,
    /// It has the bytes and a length of 0, and its source is sound: Kaltura cannot change it any more.
    Frozen,
    /// It has the bytes and a length of 0.
    Unplayable,
    /// It has other bytes, or none, and a length of 0: a page or an error was fetched.
    Page,
    /// Kaltura could not process the bytes of the recording.
    Failed,
    /// Kaltura could not process other bytes.
    FailedOthers,
    /// Kaltura could not even get them.
    FailedBare,
    /// It is in a state that this version does not know.
    Unknown,
}

/// How long ago the entry of a copy was asked for, or Kaltura was told where its bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SinceRequest {
    /// It has not had time for three tries.
    Lately,
    /// It has, and has some time left.
    Earlier,
    /// Its time is over.
    Overdue,
}

/// Who made an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// This installation, or a version of this program that did not sign.
    Ours,
    /// Another installation of this program.
    AnotherInstallation,
    /// Another tool that gives the same marks.
    AnotherTool,
}

/// What a token of the name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// It was tied to no entry.
    Nowhere,
    /// Its entry is gone, or was put into the recycle bin.
    Gone,
    /// Its entry has no content.
    Empty(Whose),
    /// Its entry has content.
    Filled,
    /// Kaltura could not process its entry, or the ledger knows that it is to be replaced.
    Replaced,
}

/// Whose an empty entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This installation's.
    Ours,
    /// Another installation's.
    Theirs,
}

/// How old a token is: from when it was made as long as it is open, from its last change else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Somebody may be about to go on with it.
    Fresh,
    /// Nobody is.
    Settled,
    /// Nobody can go on with it any more.
    Dead,
}

/// Whether it may be tried now.
#[must_use]
pub fn count_tries(copy: &FileCopy, max_attempts: u32, now: DateTime<Utc>) -> Tries {
    if copy.attempts >= max_attempts {
        Tries::Spent
    } else if copy.next_try.is_some_and(|time| time > now) {
        Tries::Later
    } else {
        Tries::Due
    }
}

/// What Zoom says of a file that it lists, of a recording that is so old.
#[must_use]
pub fn seen_in_zoom(
    file: &RecordingFile,
    copy: Option<&FileCopy>,
    age: TimeDelta,
    zoom_retention: TimeDelta,
) -> InZoom {
    let is_as_it_was = copy.is_none_or(|copy| copy.listed == file.bytes.unwrap_or_default());
    match (file.completed, &file.download_url) {
        (false, _) | (_, None) if age > zoom_retention => InZoom::NeverFinished,
        (false, _) => InZoom::Processing,
        (true, None) => InZoom::WithoutAddress,
        (true, Some(_)) if is_as_it_was => InZoom::Listed,
        (true, Some(_)) => InZoom::ListedOtherwise,
    }
}

/// What an entry shows of a copy of so many bytes, of a recording that lasted so long; `None`, where Kaltura has it no more.
#[must_use]
pub fn seen_in_kaltura(found: Option<&EntryWithSource>, bytes: u64, lasted: Option<TimeDelta>) -> InKaltura {
    let Some(found) = found else {
        return InKaltura::Gone;
    };
    let (has_bytes, has_others) = (found.source_bytes == bytes, found.source_bytes > 0 && found.source_bytes != bytes);
    match found.entry.status {
        EntryStatus::Deleted => InKaltura::Gone,
        EntryStatus::Ready if found.is_frozen(bytes) => InKaltura::Frozen,
        // text posing as a video becomes READY too, with duration 0 (facts-kaltura.md#k45)
        EntryStatus::Ready if found.entry.milliseconds == 0 && has_bytes => InKaltura::Unplayable,
        EntryStatus::Ready if found.entry.milliseconds == 0 => InKaltura::Page,
        EntryStatus::Ready if has_others => InKaltura::PlaysOthers,
        // a conversion profile may drop the source once it has been processed
        EntryStatus::Ready if is_plausible(found.entry.milliseconds, lasted) => InKaltura::Plays,
        EntryStatus::Ready => InKaltura::PlaysOddly,
        EntryStatus::Failed if has_bytes => InKaltura::Failed,
        EntryStatus::Failed if has_others => InKaltura::FailedOthers,
        EntryStatus::Failed => InKaltura::FailedBare,
        _ if has_bytes && bytes > 0 => InKaltura::Processing,
        EntryStatus::Other => InKaltura::Unknown,
        EntryStatus::Processing if has_others => InKaltura::OtherBytes,
        EntryStatus::Processing => InKaltura::BeingFilled,
        EntryStatus::NoContent | EntryStatus::Importing => InKaltura::Bare,
    }
}

fn is_plausible(milliseconds: u64, lasted: Option<TimeDelta>) -> bool {
    let lasted = lasted.and_then(|lasted| u64::try_from(lasted.num_milliseconds()).ok()).unwrap_or(0);
    let longest = lasted.saturating_add(LONGER_BY_MS.max(lasted / 20));
    lasted == 0 || (milliseconds.saturating_mul(SHORTER_TIMES) >= lasted && milliseconds <= longest)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{InKaltura, InZoom, Tries, count_tries, is_plausible, seen_in_kaltura, seen_in_zoom};
    use crate::copying::plan::samples::{sample_copy, sample_entry, sample_file, sample_now};
    use crate::model::{CopyState, EntryStatus, EntryWithSource, FileCopy, FileKind, RecordingFile};

    #[test]
    fn tries_have_limit_and_waiting_time() {
        let cases = [
            (0, None, Tries::Due),
            (2, None, Tries::Due),
            (2, Some(-1), Tries::Due),
            (2, Some(0), Tries::Due),
            (2, Some(1), Tries::Later),
            (3, Some(1), Tries::Spent),
            (3, None, Tries::Spent),
            (4, None, Tries::Spent),
        ];
        for (attempts, seconds, expected) in cases {
            let next_try = seconds.map(|seconds| sample_now() + TimeDelta::seconds(seconds));
            let copy = FileCopy { attempts, next_try, ..sample_copy(CopyState::New) };
            assert_eq!(count_tries(&copy, 3, sample_now()), expected, "{attempts} {seconds:?}");
        }
    }

    /// By what Zoom says of them: state, address, size and age.
    #[test]
    fn listed_files_fall_into_states() {
        let begun = || Some(FileCopy { bytes: 1, listed: 6000, ..sample_copy(CopyState::Attached) });
        let unsized_copy = || Some(FileCopy { bytes: 6000, listed: 0, ..sample_copy(CopyState::Attached) });
        let kept = 30 * 86_400;
        let cases = [
            (true, true, Some(6000), None, 0, InZoom::Listed),
            (true, true, Some(6000), begun(), 0, InZoom::Listed),
            (true, true, Some(6000), begun(), kept + 1, InZoom::Listed),
            (true, true, Some(6001), begun(), 0, InZoom::ListedOtherwise),
            (true, true, Some(6001), begun(), kept + 1, InZoom::ListedOtherwise),
            (true, true, None, begun(), 0, InZoom::ListedOtherwise),
            (true, true, None, unsized_copy(), 0, InZoom::Listed),
            (true, true, Some(6000), unsized_copy(), 0, InZoom::ListedOtherwise),
            (true, false, Some(6000), begun(), 0, InZoom::WithoutAddress),
            (true, false, Some(6001), begun(), kept, InZoom::WithoutAddress),
            (true, false, Some(6000), begun(), kept + 1, InZoom::NeverFinished),
            (false, true, Some(6000), begun(), 0, InZoom::Processing),
            (false, true, Some(6001), begun(), kept, InZoom::Processing),
            (false, true, Some(6000), begun(), kept + 1, InZoom::NeverFinished),
            (false, false, None, None, kept, InZoom::Processing),
            (false, false, None, None, kept + 1, InZoom::NeverFinished),
        ];
        for (completed, has_address, bytes, copy, age, expected) in cases {
            let listed_file = sample_file("v", FileKind::Video);
            let download_url = listed_file.download_url.clone().filter(|_| has_address);
            let listed_file = RecordingFile { bytes, completed, download_url, ..listed_file };
            let found = seen_in_zoom(&listed_file, copy.as_ref(), TimeDelta::seconds(age), TimeDelta::seconds(kept));
            assert_eq!(found, expected, "{listed_file:?} {age} s, {copy:?}");
        }
    }

    /// A tenth as long as the recording, up to a twentieth or a minute longer.
    #[test]
    fn lengths_may_differ_within_limits() {
        let cases = [
            (Some(0), 5, true),
            (None, 5, true),
            (Some(-1), 5, true),
            (Some(2_400_000), 239_999, false),
            (Some(2_400_000), 240_000, true),
            (Some(2_400_000), 2_520_000, true),
            (Some(2_400_000), 2_520_001, false),
            (Some(600_000), 660_000, true),
            (Some(600_000), 660_001, false),
            (Some(1), u64::MAX, false),
        ];
        for (lasted, milliseconds, expected) in cases {
            let found = is_plausible(milliseconds, lasted.map(TimeDelta::milliseconds));
            assert_eq!(found, expected, "{lasted:?} ms at Zoom, {milliseconds} ms in Kaltura");
        }
    }

    /// Every state of an entry, by its status, its length and its bytes.
    #[test]
    fn entries_fall_into_states() {
        use EntryStatus::{Deleted, Failed, Importing, NoContent, Other, Processing, Ready};
        let cases = [
            (NoContent, 0, 0, InKaltura::Bare),
            (Importing, 0, 0, InKaltura::Bare),
            (Importing, 0, 7, InKaltura::Bare),
            (Importing, 0, 6000, InKaltura::Processing),
            (Processing, 0, 0, InKaltura::BeingFilled),
            (Processing, 0, 7, InKaltura::OtherBytes),
            (Processing, 0, 6000, InKaltura::Processing),
            (Processing, 0, 6001, InKaltura::OtherBytes),
            (Ready, 1_800_000, 6000, InKaltura::Plays),
            (Ready, 1_800_000, 0, InKaltura::Plays),
            (Ready, 1_800_000, 7, InKaltura::PlaysOthers),
            (Ready, 1_800_000, 1, InKaltura::PlaysOthers),
            (Ready, 1_800_000, 6001, InKaltura::PlaysOthers),
            (Ready, 1, 6000, InKaltura::PlaysOddly),
            (Ready, 9_000_000, 6000, InKaltura::PlaysOddly),
            (Ready, 9_000_000, 7, InKaltura::PlaysOthers),
            (Ready, 0, 6000, InKaltura::Frozen),
            (Ready, 0, 0, InKaltura::Page),
            (Ready, 0, 7, InKaltura::Page),
            (Failed, 0, 6000, InKaltura::Failed),
            (Failed, 0, 7, InKaltura::FailedOthers),
            (Failed, 0, 6001, InKaltura::FailedOthers),
            (Failed, 0, 0, InKaltura::FailedBare),
            (Deleted, 1_800_000, 6000, InKaltura::Gone),
            (Other, 1_800_000, 6000, InKaltura::Processing),
            (Other, 1_800_000, 7, InKaltura::Unknown),
        ];
        let lasted = Some(TimeDelta::minutes(30));
        let copied = |status, milliseconds, source_bytes, source_failed| {
            let mut entry = sample_entry("0_a", "ada");
            (entry.status, entry.milliseconds) = (status, milliseconds);
            EntryWithSource { entry, source_bytes, source_failed }
        };
        for (status, milliseconds, bytes, expected) in cases {
            let found = copied(status, milliseconds, bytes, false);
            assert_eq!(seen_in_kaltura(Some(&found), 6000, lasted), expected, "{status:?} {milliseconds} {bytes}");
        }
        assert_eq!(seen_in_kaltura(Some(&copied(Ready, 0, 6000, true)), 6000, lasted), InKaltura::Unplayable);
        assert_eq!(seen_in_kaltura(None, 6000, lasted), InKaltura::Gone);
        assert_eq!(
            seen_in_kaltura(Some(&copied(NoContent, 0, 0, false)), 0, None),
            InKaltura::Bare,
            "a size of 0 says nothing"
        );
        assert_eq!(
            seen_in_kaltura(Some(&copied(NoContent, 0, 1, false)), 1, None),
            InKaltura::Processing,
            "a size of 1 does"
        );
    }
}
