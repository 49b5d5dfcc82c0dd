//! What differs, by what all three say. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::{copies, outstanding};
use crate::kaltura::{AccountState, Held, TextCounts};
use crate::model::{
    Copied, Entry, EntryId, EntryStatus, FileId, Reason, ReferenceId, Role, Segment, SegmentKey, Tracked,
};
use crate::plan::Item;

/// What all three say.
#[derive(Debug, Default)]
pub struct Evidence {
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
    pub copied: HashMap<EntryId, Option<Copied>>,
    /// The children of the entries that the ledger names, deleted ones too.
    pub children: Vec<Entry>,
    /// How many texts hang on each entry to which the ledger says that some were given.
    pub texts: HashMap<EntryId, TextCounts>,
    /// What became of the accounts to which the entries belong.
    pub accounts: HashMap<String, AccountState>,
    /// Entries of ours without a mark, of which the ledger knows nothing either.
    pub unmarked: Vec<Held>,
}

/// What kind of difference it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
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

impl Kind {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Missing => "missing",
            Kind::InConversion => "in_conversion",
            Kind::Doubled => "doubled",
            Kind::WrongOwner => "wrong_owner",
            Kind::OwnerBlocked => "owner_blocked",
            Kind::OwnerGone => "owner_gone",
            Kind::WrongSize => "wrong_size",
            Kind::NoDuration => "no_duration",
            Kind::WrongDuration => "wrong_duration",
            Kind::CaptionsGone => "captions_gone",
            Kind::ChatGone => "chat_gone",
            Kind::NotReady => "not_ready",
            Kind::BareLeftOver => "bare_left_over",
            Kind::Unmarked => "unmarked",
            Kind::Deleted => "deleted_in_kaltura",
            Kind::LedgerAhead => "ledger_ahead",
        }
    }
}

/// Something that differs.
#[derive(Clone, Debug)]
pub struct Difference {
    /// What kind it is.
    pub kind: Kind,
    /// The recording.
    pub segment: Segment,
    /// The entry, where there is one.
    pub entry_id: Option<EntryId>,
    /// What was found, in words.
    pub said: String,
}

/// Everything that differs, in the order of the recordings. What is still being copied and not yet late is no
/// difference.
#[must_use]
pub fn differences(evidence: &Evidence, late_after: TimeDelta, now: DateTime<Utc>) -> Vec<Difference> {
    let mut found = outstanding::outstanding(evidence, late_after, now);
    found.extend(evidence.tracked.values().flat_map(|tracked| copies::of_copies(tracked, evidence)));
    let told: BTreeSet<SegmentKey> =
        found.iter().filter(|found| found.kind == Kind::Deleted).map(|found| found.segment.key()).collect();
    found.extend(deleted(evidence).into_iter().filter(|found| !told.contains(&found.segment.key())));
    found.extend(evidence.tracked.values().flat_map(|tracked| of_marks(tracked, evidence)));
    found.extend(evidence.unmarked.iter().map(of_unmarked));
    found.sort_by_key(|difference| (difference.segment.started, difference.segment.key(), difference.kind));
    found
}

/// What people deleted before it was confirmed, or before the ledger was lost: no copy in the ledger tells of it. What
/// still carries the mark of an orphan may have been purged as well.
fn deleted(evidence: &Evidence) -> Vec<Difference> {
    let is_deleted = |reason| reason == Some(Reason::DeletedInKaltura);
    let by_plan = evidence.items.iter().filter(|item| is_deleted(item.reason)).map(|item| &item.segment);
    let by_ledger = evidence.tracked.values().filter(|tracked| is_deleted(tracked.reason));
    let segments: BTreeMap<SegmentKey, &Segment> =
        by_ledger.map(|tracked| &tracked.segment).chain(by_plan).map(|segment| (segment.key(), segment)).collect();
    let of_segment = |(key, segment): (SegmentKey, &Segment)| {
        let mark = key.reference_id();
        let entry = evidence.marked.iter().find(|entry| entry.reference_id == mark);
        let is_purged = entry.is_some_and(|entry| entry.tags.is_orphan);
        (!is_purged).then(|| Difference {
            kind: Kind::Deleted,
            segment: segment.clone(),
            entry_id: entry.map(|entry| entry.id.clone()),
            said: copies::DELETED.to_owned(),
        })
    };
    segments.into_iter().filter_map(of_segment).collect()
}

/// What nobody knows what it is a copy of.
fn of_unmarked(held: &Held) -> Difference {
    Difference {
        kind: Kind::Unmarked,
        segment: held.segment(),
        entry_id: Some(held.entry.id.clone()),
        said: "carries no mark (referenceId), and the ledger does not know it: a copy may be there twice; look at it in the KMC"
            .to_owned(),
    }
}

/// What carries the marks of a segment beside what the ledger names.
fn of_marks(tracked: &Tracked, evidence: &Evidence) -> Vec<Difference> {
    let key = tracked.segment.key();
    let known = tracked.copies.iter().filter_map(|copy| copy.entry_id.as_ref());
    // what another one takes the place of goes as soon as that is confirmed
    let known: BTreeSet<&EntryId> = known.chain(&tracked.replaced).collect();
    let is_there = |entry: &&Entry| entry.status != EntryStatus::Deleted && !entry.recycled;
    let is_of = |entry: &&Entry, mark: &ReferenceId| entry.reference_id == *mark;
    let marks = std::iter::once(key.reference_id()).chain(
        tracked.copies.iter().filter(|copy| copy.role == Role::Child).map(|copy| key.child_reference_id(&copy.file_id)),
    );
    let mut found = Vec::new();
    for mark in marks {
        let carriers: Vec<&Entry> = evidence
            .marked
            .iter()
            .chain(&evidence.children)
            .filter(is_there)
            .filter(|entry| is_of(entry, &mark))
            .collect();
        let (whole, bare): (Vec<&Entry>, Vec<&Entry>) = carriers.into_iter().partition(|entry| {
            matches!(entry.status, EntryStatus::Ready | EntryStatus::Processing | EntryStatus::Other)
        });
        let tell = |kind, entry: &Entry, said: &str| Difference {
            kind,
            segment: tracked.segment.clone(),
            entry_id: Some(entry.id.clone()),
            said: said.to_owned(),
        };
        let beyond = whole.iter().filter(|entry| !known.contains(&entry.id)).filter(|_| whole.len() > 1);
        found.extend(beyond.map(|entry| tell(Kind::Doubled, entry, "carries the mark of another entry too")));
        // another tool may be about to fill its own, and a run beside this one too
        let settled = tracked.action.is_settled();
        let strange = bare.iter().filter(|entry| settled && entry.ours && !known.contains(&entry.id));
        found.extend(strange.map(|entry| match entry.status {
            EntryStatus::Failed => tell(
                Kind::NotReady,
                entry,
                "Kaltura could not process it, and it is not the copy; look at it in the KMC",
            ),
            _ => tell(Kind::BareLeftOver, entry, "has no content; delete it in the KMC"),
        }));
    }
    found
}
