//! What differs, by what all three say. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::kaltura::Held;
use crate::model::{
    Action, Copied, CopyState, Entry, EntryId, EntryStatus, FileCopy, Reason, ReferenceId, Role, Segment, SegmentKey,
    Tracked,
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
    /// Every entry that carries the mark of one of them, deleted ones too.
    pub marked: Vec<Entry>,
    /// What Kaltura's database says of each entry that the ledger names; `None` where it does not exist.
    pub copied: HashMap<EntryId, Option<Copied>>,
    /// The children of the entries that the ledger names, deleted ones too.
    pub children: Vec<Entry>,
    /// Entries of ours without a mark, of which the ledger knows nothing either.
    pub unmarked: Vec<Held>,
}

/// What kind of difference it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Zoom has it, it should be in Kaltura by now, and is not.
    Missing,
    /// It is there more than once.
    Doubled,
    /// It belongs to somebody else than the ledger says.
    WrongOwner,
    /// Its source has another size, and nobody is known to have changed it.
    WrongSize,
    /// Kaltura does not play it.
    NotReady,
    /// An entry of ours without content, of which the ledger knows nothing.
    BareLeftOver,
    /// An entry of ours that carries no mark: were the ledger lost, nobody would know what it is a copy of.
    Unmarked,
    /// The ledger says that it is there, and it was deleted in Kaltura.
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
            Kind::Doubled => "doubled",
            Kind::WrongOwner => "wrong_owner",
            Kind::WrongSize => "wrong_size",
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
    let missing = evidence.items.iter().filter_map(|item| missing(item, late_after, now));
    let listed: BTreeSet<SegmentKey> = evidence.items.iter().map(|item| item.segment.key()).collect();
    let unlisted = evidence.tracked.iter().filter(|(key, _)| evidence.complete && !listed.contains(key));
    let vanished = unlisted.filter_map(|(_, tracked)| vanished(tracked, late_after, now));
    let known = evidence.tracked.values().flat_map(|tracked| of_copies(tracked, evidence));
    let marks = evidence.tracked.values().flat_map(|tracked| of_marks(tracked, evidence));
    let unmarked = evidence.unmarked.iter().map(of_unmarked);
    let mut found: Vec<Difference> = missing.chain(vanished).chain(known).chain(marks).chain(unmarked).collect();
    found.sort_by_key(|difference| (difference.segment.started, difference.segment.key(), difference.kind));
    found
}

fn missing(item: &Item, late_after: TimeDelta, now: DateTime<Utc>) -> Option<Difference> {
    let ended = item.segment.started + item.segment.lasted.unwrap_or_default();
    let is_owed = matches!(item.action, Action::Copy | Action::CopyAsOrphan | Action::Wait) || is_lost(item.reason);
    // a meeting without files never becomes a recording
    let is_one = item.reason != Some(Reason::NoFiles);
    (is_owed && is_one && now - ended > late_after).then(|| Difference {
        kind: Kind::Missing,
        segment: item.segment.clone(),
        entry_id: item.entry_id.clone(),
        said: item.reason.map_or("due; the next run copies it".to_owned(), |reason| reason.meaning().to_owned()),
    })
}

/// What Zoom lists no more and was never copied, or not all of it.
fn vanished(tracked: &Tracked, late_after: TimeDelta, now: DateTime<Utc>) -> Option<Difference> {
    let is_owed = !tracked.action.is_settled() || is_lost(tracked.reason);
    (is_owed && now - tracked.segment.started > late_after).then(|| Difference {
        kind: Kind::Missing,
        segment: tracked.segment.clone(),
        entry_id: tracked.parent().and_then(|copy| copy.entry_id.clone()),
        said: tracked.reason.map_or("Zoom does not list it, and it was not copied", Reason::meaning).to_owned(),
    })
}

/// Why something that ought to be in Kaltura will not come there by itself.
fn is_lost(reason: Option<Reason>) -> bool {
    matches!(reason, Some(Reason::GivenUp | Reason::GoneFromZoom | Reason::NeverFinished))
}

/// What the ledger says is there, entry by entry.
fn of_copies(tracked: &Tracked, evidence: &Evidence) -> Vec<Difference> {
    let entries = tracked.copies.iter().filter(|copy| copy.state == CopyState::Done && copy.role.is_entry());
    let of_copy = |copy: &Arc<FileCopy>| {
        let id = copy.entry_id.as_ref()?;
        let (kind, said) = of_copy(tracked, copy, evidence.copied.get(id)?.as_ref(), evidence)?;
        Some(Difference { kind, segment: tracked.segment.clone(), entry_id: Some(id.clone()), said })
    };
    entries.filter_map(of_copy).collect()
}

fn of_copy(tracked: &Tracked, copy: &FileCopy, copied: Option<&Copied>, evidence: &Evidence) -> Option<(Kind, String)> {
    let Some(Copied { entry, source_bytes, .. }) = copied else {
        let mut ever = evidence.marked.iter().chain(&evidence.children);
        let was_there = ever.any(|entry| Some(&entry.id) == copy.entry_id.as_ref());
        return Some(if was_there {
            (Kind::Deleted, "somebody deleted it; it stays so".to_owned())
        } else {
            (Kind::LedgerAhead, "the ledger says that it is there; Kaltura has no such entry".to_owned())
        });
    };
    if entry.status == EntryStatus::Deleted || entry.recycled {
        return Some((Kind::Deleted, "somebody deleted it; it stays so".to_owned()));
    }
    if entry.status != EntryStatus::Ready {
        return Some((Kind::NotReady, "Kaltura does not play it; look at it in the KMC".to_owned()));
    }
    // a parent's new owner does not reach its children, and a child left with the holding user would be purged
    let owner = tracked.owner.as_ref().filter(|owner| entry.owner != owner.as_str());
    if let Some(owner) = owner {
        return Some((Kind::WrongOwner, format!("belongs to {:?}, the ledger says {:?}", entry.owner, owner.as_str())));
    }
    if entry.ours && entry.reference_id.as_str().is_empty() {
        let said = "carries no mark (referenceId); `check` tells whether the permission for it is missing";
        return Some((Kind::Unmarked, said.to_owned()));
    }
    let edited = tracked.reason == Some(Reason::EditedInKaltura);
    (*source_bytes != copy.bytes && !edited)
        .then(|| (Kind::WrongSize, format!("has {source_bytes} bytes, {} were sent", copy.bytes)))
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
        let is_met = |entry: &Entry| entry.ours || entry.tags.another.is_some();
        let strange = bare.iter().filter(|entry| settled && is_met(entry) && !known.contains(&entry.id));
        found.extend(strange.map(|entry| match entry.status {
            EntryStatus::Failed => tell(
                Kind::NotReady,
                entry,
                "Kaltura could not process it, and it is not the copy; look at it in the KMC",
            ),
            _ if !entry.ours => tell(
                Kind::BareLeftOver,
                entry,
                "has no content, and another installation made it, which deletes it; if that one is not at work any more, delete it in the KMC",
            ),
            _ => tell(Kind::BareLeftOver, entry, "has no content; delete it in the KMC"),
        }));
    }
    found
}
