//! What Zoom, the ledger and Kaltura say of some days, and the kinds of differences between them.
//!
//! Reading what all three say of some days.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use chrono::{DateTime, Days, NaiveTime, Utc};

use crate::copying::gather::{GatherError, GatheredFacts, gather_facts as facts};
use crate::copying::plan::{Item, Plan, Policy, Scope, Selection, plan_recordings};
use crate::copying::systems::Systems;
use crate::model::{
    CopyState, Entry, EntryId, EntryWithSource, FileCopy, FileId, ReferenceId, Role, Segment, SegmentKey, Tracked,
    Window,
};
use crate::remotes::http::RemoteError;
use crate::remotes::kaltura::{AccountEntry, AccountState, TextCounts, UserAnswer};

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
    /// Since when what is owed could be copied, by the same row.
    pub copyable: HashMap<i64, DateTime<Utc>>,
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
    /// An attachment that was copied is not there any more.
    AttachmentsGone,
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
            DifferenceKind::AttachmentsGone => "attachments_gone",
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

/// What is listed under one day may have begun on the day before.
const MARGIN: Days = Days::new(2);

/// Reads them; what could not be read of single meetings is reported beside.
pub async fn gather_verify(
    systems: Systems<'_>,
    window: Window,
    policy: Policy,
    now: DateTime<Utc>,
) -> Result<(VerifyFacts, Vec<RemoteError>), GatherError> {
    let scope = Scope { window, selection: Selection::default(), owed: false };
    let GatheredFacts { facts, policy, mut trouble, .. } = Box::pin(facts(systems, &scope, policy, now)).await?;
    let complete = facts.complete;
    let Plan { mut items, ruled_out, .. } = plan_recordings(facts, &policy, now);
    items.extend(ruled_out.items());
    let mut tracked = systems.ledger.tracked(window.from - MARGIN)?;
    let in_window = |segment: &Segment| (window.from..=window.to).contains(&segment.meeting.day());
    tracked.retain(|_, tracked| in_window(&tracked.segment));
    let unknown = items.iter().map(|item| item.segment.key()).filter(|key| !tracked.contains_key(key));
    let marks: BTreeSet<ReferenceId> = tracked.keys().cloned().chain(unknown).map(|key| key.reference_id()).collect();
    let marks: Vec<ReferenceId> = marks.into_iter().collect();
    let all = || tracked.values().flat_map(|tracked| &tracked.copies);
    let entries: BTreeSet<EntryId> =
        all().filter(|copy| copy.role.is_entry()).filter_map(|copy| copy.entry_id.clone()).collect();
    let entries: Vec<EntryId> = entries.into_iter().collect();
    let parents: Vec<EntryId> =
        all().filter(|copy| copy.role == Role::Parent).filter_map(|copy| copy.entry_id.clone()).collect();
    let marked = systems.kaltura.entries_marked(&marks).await?;
    let copied = by_name(&entries, systems.kaltura.entries_with_source(&entries).await?, &mut trouble);
    let mut children = by_name(&parents, systems.kaltura.children_ever(&parents).await?, &mut trouble);
    let children = parents.iter().filter_map(|id| children.remove(id)).flatten().collect();
    let owners: BTreeSet<&str> =
        copied.values().flatten().map(|copied| copied.entry.owner.as_str()).filter(|owner| !owner.is_empty()).collect();
    let owners: Vec<String> = owners.into_iter().map(str::to_owned).collect();
    let accounts = by_name(&owners, systems.kaltura.account_states(&owners).await?, &mut trouble);
    let on_entries: BTreeSet<EntryId> =
        all().filter(|copy| is_text(copy)).filter_map(|copy| copy.entry_id.clone()).collect();
    let on_entries: Vec<EntryId> = on_entries.into_iter().collect();
    let texts = by_name(&on_entries, systems.kaltura.count_texts(&on_entries).await?, &mut trouble);
    let mut unmarked = Vec::new();
    for held in systems.kaltura.unmarked(window.from.and_time(NaiveTime::MIN).and_utc()).await? {
        if !systems.ledger.knows(Some(&held.entry.id), &held.segment().key())? {
            unmarked.push(held);
        }
    }
    let is_sent = |tracked: &&Tracked| tracked.copies.iter().any(|copy| copy.state == CopyState::Sent);
    let rows: Vec<i64> = tracked.values().filter(is_sent).map(|tracked| tracked.row).collect();
    let sent = systems.ledger.sent(&rows)?;
    let owed: Vec<i64> =
        tracked.values().filter(|tracked| !tracked.action.is_settled()).map(|tracked| tracked.row).collect();
    let copyable = systems.ledger.copyable(&owed)?;
    let evidence =
        VerifyFacts { items, complete, tracked, sent, copyable, marked, copied, children, texts, accounts, unmarked };
    Ok((evidence, trouble))
}

/// A text that was copied.
fn is_text(copy: &FileCopy) -> bool {
    copy.state == CopyState::Done && !copy.role.is_entry()
}

/// What was answered about each; what was not is reported beside.
fn by_name<K: Clone + Eq + Hash, T>(
    asked: &[K],
    answers: Vec<UserAnswer<T>>,
    trouble: &mut Vec<RemoteError>,
) -> HashMap<K, T> {
    let mut known = HashMap::new();
    for (name, answer) in asked.iter().zip(answers) {
        match answer {
            Ok(answer) => drop(known.insert(name.clone(), answer)),
            Err(error) => trouble.push(error),
        }
    }
    known
}
