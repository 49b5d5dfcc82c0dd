//! Reading what all three say of some days.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use chrono::{DateTime, Days, NaiveTime, Utc};

use super::VerifyFacts;
use crate::gather::{FactSources, GatherError, GatheredFacts, gather_facts as facts};
use crate::http::RemoteError;
use crate::kaltura::UserAnswer;
use crate::model::{CopyState, EntryId, FileCopy, ReferenceId, Role, Segment, Tracked, Window};
use crate::plan::{Policy, Scope, Selection, plan_recordings};

/// What is listed under one day may have begun on the day before.
const MARGIN: Days = Days::new(2);

/// Reads them; what could not be read of single meetings is told beside.
pub async fn gather_verify(
    from: FactSources<'_>,
    window: Window,
    policy: Policy,
    now: DateTime<Utc>,
) -> Result<(VerifyFacts, Vec<RemoteError>), GatherError> {
    let scope = Scope { window, selection: Selection::default(), owed: false };
    let GatheredFacts { facts, policy, mut trouble, .. } = Box::pin(facts(from, &scope, policy, now)).await?;
    let complete = facts.complete;
    let items = plan_recordings(&facts, &policy, now).items;
    let mut tracked = from.ledger.tracked(window.from - MARGIN)?;
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
    let marked = from.kaltura.entries_marked(&marks).await?;
    let copied = by_name(&entries, from.kaltura.read_entry_with_source(&entries).await?, &mut trouble);
    let mut children = by_name(&parents, from.kaltura.children_ever(&parents).await?, &mut trouble);
    let children = parents.iter().filter_map(|id| children.remove(id)).flatten().collect();
    let owners: BTreeSet<&str> =
        copied.values().flatten().map(|copied| copied.entry.owner.as_str()).filter(|owner| !owner.is_empty()).collect();
    let owners: Vec<String> = owners.into_iter().map(str::to_owned).collect();
    let accounts = by_name(&owners, from.kaltura.account_states(&owners).await?, &mut trouble);
    let on_entries: BTreeSet<EntryId> =
        all().filter(|copy| is_text(copy)).filter_map(|copy| copy.entry_id.clone()).collect();
    let on_entries: Vec<EntryId> = on_entries.into_iter().collect();
    let texts = by_name(&on_entries, from.kaltura.count_texts(&on_entries).await?, &mut trouble);
    let mut unmarked = Vec::new();
    for held in from.kaltura.unmarked(window.from.and_time(NaiveTime::MIN).and_utc()).await? {
        if !from.ledger.knows(Some(&held.entry.id), &held.segment().key())? {
            unmarked.push(held);
        }
    }
    let is_sent = |tracked: &&Tracked| tracked.copies.iter().any(|copy| copy.state == CopyState::Sent);
    let rows: Vec<i64> = tracked.values().filter(is_sent).map(|tracked| tracked.row).collect();
    let sent = from.ledger.sent(&rows)?;
    let evidence = VerifyFacts { items, complete, tracked, sent, marked, copied, children, texts, accounts, unmarked };
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
