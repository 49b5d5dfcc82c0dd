//! What Zoom, the ledger and Kaltura say of some days, and the kinds of differences between them.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use crate::kaltura::{AccountEntry, AccountState, TextCounts};
use crate::model::{Entry, EntryId, EntryWithSource, FileId, Segment, SegmentKey, Tracked};
use crate::plan::Item;

/// What all three say.
#[derive(Debug, Default)]
pub struct VerifyFacts {
    /// What a run would do now, for everything that Zoom lists.
    pub items: Vec<Item>,
    /// Whether Zoom's list is whole.
    pub complete: bool,
    /// What the ledger knows of the same days.
    pub tracked: BTreeMap<SegmentKey, Tracked>,
    /// When all bytes of a file were in Kaltura, by the ledger's row of its segment.
    pub sent: HashMap<(i64, FileId), DateTime<Utc>>,
    /// Every entry that carries the mark of one of them, or of what the ledger does not know, deleted ones too.
    pub marked: Vec<Entry>,
    /// What Kaltura's database says of each entry that the ledger names; `None` where it does not exist.
    pub copied: HashMap<EntryId, Option<EntryWithSource>>,
    /// The children of the entries that the ledger names, deleted ones too.
    pub children: Vec<Entry>,
    /// How many texts hang on each entry to which the ledger says that some were given.
    pub texts: HashMap<EntryId, TextCounts>,
    /// What became of the accounts to which the entries belong.
    pub accounts: HashMap<String, AccountState>,
    /// Entries of ours without a mark, of which the ledger knows nothing either.
    pub unmarked: Vec<AccountEntry>,
}

/// What kind of difference it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// Zoom has it, it should be in Kaltura by now, and is not.
    Missing,
    /// All its bytes are in Kaltura, which should have processed them by now.
    InConversion,
    /// It is there more than once.
    Doubled,
    /// It belongs to somebody else than the ledger says.
    WrongOwner,
    /// The account to which it belongs is blocked.
    OwnerBlocked,
    /// The account to which it belongs was deleted.
    OwnerGone,
    /// Its source has another size, and nobody is known to have changed it.
    WrongSize,
    /// Kaltura calls it READY and plays nothing of it.
    NoDuration,
    /// It plays for another time than Zoom recorded, and nobody is known to have changed it.
    WrongDuration,
    /// Captions that were copied are not there any more.
    CaptionsGone,
    /// A chat that was copied is not there any more.
    ChatGone,
    /// Kaltura does not play it.
    NotReady,
    /// An entry of ours without content, of which the ledger knows nothing.
    BareLeftOver,
    /// An entry of ours that carries no mark: were the ledger lost, nobody would know what it is a copy of.
    Unmarked,
    /// It was there, and somebody deleted it in Kaltura.
    Deleted,
    /// The ledger says that it is there, and Kaltura has never heard of it.
    LedgerAhead,
}

impl DifferenceKind {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DifferenceKind::Missing => "missing",
            DifferenceKind::InConversion => "in_conversion",
            DifferenceKind::Doubled => "doubled",
            DifferenceKind::WrongOwner => "wrong_owner",
            DifferenceKind::OwnerBlocked => "owner_blocked",
            DifferenceKind::OwnerGone => "owner_gone",
            DifferenceKind::WrongSize => "wrong_size",
            DifferenceKind::NoDuration => "no_duration",
            DifferenceKind::WrongDuration => "wrong_duration",
            DifferenceKind::CaptionsGone => "captions_gone",
            DifferenceKind::ChatGone => "chat_gone",
            DifferenceKind::NotReady => "not_ready",
            DifferenceKind::BareLeftOver => "bare_left_over",
            DifferenceKind::Unmarked => "unmarked",
            DifferenceKind::Deleted => "deleted_in_kaltura",
            DifferenceKind::LedgerAhead => "ledger_ahead",
        }
    }
}

/// Something that differs.
#[derive(Clone, Debug)]
pub struct Difference {
    /// What kind it is.
    pub kind: DifferenceKind,
    /// The recording.
    pub segment: Segment,
    /// The entry, where there is one.
    pub entry_id: Option<EntryId>,
    /// What was found, in words.
    pub said: String,
}
