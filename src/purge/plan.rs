//! Which orphaned copies go, which find their owner, and why the others stay. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Heir, Seen};
use crate::model::{Action, EntryStatus, KalturaUserId, OwnerRule, Reason};
use crate::plan::{FilePlan, Item, Step};
use crate::proof::{Ownerless, Proof, is_still_kept};

/// Decides on every orphan, oldest first.
#[must_use]
pub fn plan(seen: &[Seen], older_than: TimeDelta, now: DateTime<Utc>) -> Vec<Item> {
    let mut items: Vec<Item> = seen.iter().map(|seen| item(seen, older_than, now)).collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.age));
    items
}

/// Whether its time has come.
pub(super) fn is_old(seen: &Seen, older_than: TimeDelta, now: DateTime<Utc>) -> bool {
    !seen.orphan.in_transfer && now - seen.orphan.confirmed >= older_than
}

fn item(seen: &Seen, older_than: TimeDelta, now: DateTime<Utc>) -> Item {
    let orphan = &seen.orphan;
    let age = (now - orphan.confirmed).max(TimeDelta::zero());
    let (action, reason) = match fate(seen) {
        // what is not ours, or cannot be deleted, stays, however old it is
        stays @ (Action::Keep, Reason::NotOurs | Reason::AnotherInstallation | Reason::Frozen) => stays,
        _ if orphan.in_transfer => (Action::Keep, Reason::InTransfer),
        _ if now - orphan.confirmed < older_than => (Action::Keep, Reason::TooYoung),
        fate => fate,
    };
    let (reason, detail) = (Some(reason).filter(|_| action != Action::Adopt), detail(seen, reason));
    let file = FilePlan {
        file: orphan.copy.as_remembered(),
        action,
        reason,
        entry_id: orphan.copy.entry_id.clone(),
        copy: Some(orphan.copy.clone().into()),
        step: Step::Nothing,
    };
    let (owner, rule) = owner(seen, action);
    Item {
        segment: orphan.segment.clone(),
        action,
        reason,
        detail,
        loss: None,
        age: Some(age),
        owner: Some(owner),
        rule,
        entry_id: orphan.copy.entry_id.clone(),
        files: vec![file],
        remains: Vec::new(),
        main: Some(0),
        orphan: Some(Box::new(orphan.clone())),
    }
}

/// Whose it is, or is to be.
fn owner(seen: &Seen, action: Action) -> (KalturaUserId, Option<OwnerRule>) {
    match (&seen.heir, &seen.entry) {
        (Heir::Account(user, rule), _) if action == Action::Adopt => (user.clone(), Some(rule.clone())),
        (_, Some(entry)) if !entry.owner.is_empty() => (KalturaUserId::new(entry.owner.clone()), None),
        _ => (seen.orphan.keeper.clone(), None),
    }
}

fn detail(seen: &Seen, reason: Reason) -> Option<String> {
    match &seen.heir {
        Heir::Unknown(why) if reason == Reason::OwnerLookupFailed => Some(why.clone()),
        _ => None,
    }
}

/// What is to happen to an orphan that is old enough, by what Kaltura says of its entry just now. The reason for handing
/// one over is that it found its owner.
pub(super) fn fate(seen: &Seen) -> (Action, Reason) {
    if let Some(settled) = settled(seen) {
        return settled;
    }
    match (&seen.heir, ownerless(seen).map(Proof::orphan)) {
        (Heir::Account(..), _) if seen.in_ledger => (Action::Adopt, Reason::OldEnough),
        (Heir::Account(..), _) => (Action::Keep, Reason::NotInLedger),
        (Heir::Unknown(_), _) => (Action::Keep, Reason::OwnerLookupFailed),
        (Heir::DomainsMissing, _) => (Action::Keep, Reason::OwnerDomainsMissing),
        (Heir::Nobody | Heir::NotAsked, Some(Err(reason))) => (Action::Keep, reason),
        (Heir::Nobody | Heir::NotAsked, Some(Ok(_))) => (Action::Delete, Reason::OldEnough),
        (Heir::Nobody | Heir::NotAsked, None) => (Action::Delete, Reason::AlreadyGone),
    }
}

/// What speaks for it to go; `None` where it is gone already.
pub(super) fn ownerless(seen: &Seen) -> Option<Ownerless<'_>> {
    let entry = seen.entry.as_ref().filter(|entry| entry.status != EntryStatus::Deleted)?;
    Some(Ownerless {
        entry,
        children: &seen.children,
        mark: &seen.mark,
        keeper: seen.orphan.keeper.as_str(),
        untagged: seen.in_ledger && seen.orphan.untagged,
        published: seen.published,
        has_additions: seen.has_additions,
        kept: seen.orphan.kept,
    })
}

/// What is decided without asking whose it could be; `None` where that is the question.
pub(super) fn settled(seen: &Seen) -> Option<(Action, Reason)> {
    match ownerless(seen).map(is_still_kept) {
        None => Some((Action::Delete, Reason::AlreadyGone)),
        Some(Err(reason)) => Some((Action::Keep, reason)),
        Some(Ok(())) => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::{Heir, Seen};
    use super::plan;
    use crate::model::{
        Action, CopyState, Entry, EntryStatus, InstallationId, KalturaUserId, Orphan, OwnerRule, Reason, ReferenceId,
        Tags,
    };
    use crate::plan::samples::{self, copy, now, segment};

    /// An orphan confirmed so many hours ago, as the ledger knows it.
    fn orphan(hours: i64) -> Orphan {
        let confirmed = now() - TimeDelta::hours(hours);
        let keeper = KalturaUserId::new("orphans");
        Orphan {
            row: 1,
            segment: segment(Vec::new()),
            copy: copy(CopyState::Done),
            children: Vec::new(),
            keeper,
            confirmed,
            by_kaltura: true,
            in_transfer: false,
            kept: None,
            untagged: false,
        }
    }

    fn entry() -> Entry {
        samples::entry("0_a", "orphans")
    }

    fn seen(hours: i64, entry: Option<Entry>, children: Vec<Entry>) -> Seen {
        Seen { heir: Heir::Nobody, ..Seen::new((orphan(hours), true), entry, children, false) }
    }

    fn decided(seen: Seen) -> (Action, Option<Reason>) {
        let items = plan(&[seen], TimeDelta::hours(24), now());
        (items[0].action, items[0].reason)
    }

    #[test]
    fn an_orphan_goes_only_if_it_is_old_ours_still_ownerless_and_alone() {
        let given_away = Entry { owner: "ada@uni.example".to_owned(), ..entry() };
        let unowned = Entry { owner: String::new(), ..entry() };
        let unmarked = Entry { ours: false, ..entry() };
        let remarked = Entry { reference_id: ReferenceId::new("Zoom_other"), ..entry() };
        let deleted = Entry { status: EntryStatus::Deleted, ..entry() };
        let cases = [
            (24, Some(entry()), vec![], Action::Delete, Reason::OldEnough),
            (23, Some(entry()), vec![], Action::Keep, Reason::TooYoung),
            (-1, Some(entry()), vec![], Action::Keep, Reason::TooYoung),
            (25, Some(given_away.clone()), vec![], Action::Keep, Reason::OwnerChanged),
            (25, Some(unowned), vec![], Action::Keep, Reason::OwnerChanged),
            (25, Some(unmarked.clone()), vec![], Action::Keep, Reason::NotOurs),
            (25, Some(remarked), vec![], Action::Keep, Reason::NotOurs),
            (25, Some(deleted), vec![], Action::Delete, Reason::AlreadyGone),
            (25, None, vec![], Action::Delete, Reason::AlreadyGone),
            (25, Some(entry()), vec![entry()], Action::Delete, Reason::OldEnough),
            (25, Some(entry()), vec![unmarked], Action::Keep, Reason::SomeoneElseAdded),
            (25, Some(entry()), vec![given_away], Action::Keep, Reason::SomeoneElseAdded),
        ];
        for (hours, entry, children, action, reason) in cases {
            let found = decided(seen(hours, entry.clone(), children.clone()));
            assert_eq!(found, (action, Some(reason)), "{hours}h {entry:?} {children:?}");
        }
    }

    #[test]
    fn an_orphan_that_somebody_made_something_of_or_that_may_have_an_owner_stays() {
        let due = || seen(25, Some(entry()), vec![]);
        let tagged = |change: fn(&mut Tags)| {
            let mut entry = entry();
            change(&mut entry.tags);
            entry
        };
        let owned = || tagged(|tags| tags.is_orphan = false);
        let unsigned = || tagged(|tags| (tags.is_signed, tags.is_by_us) = (false, false));
        let anothers = || tagged(|tags| tags.another = InstallationId::new("0000bbbb"));
        let old = || Orphan { untagged: true, ..orphan(25) };
        let account = || Heir::Account(KalturaUserId::new("ada"), OwnerRule::email());
        let frozen = || Orphan { kept: Some(Reason::Frozen), ..orphan(25) };
        let cases = [
            (Seen { published: true, ..due() }, Action::Keep, Some(Reason::Published)),
            (Seen { heir: account(), ..due() }, Action::Adopt, None),
            (Seen { heir: account(), in_ledger: false, ..due() }, Action::Keep, Some(Reason::NotInLedger)),
            (Seen { heir: account(), published: true, ..due() }, Action::Keep, Some(Reason::Published)),
            (Seen { heir: Heir::Unknown("down".to_owned()), ..due() }, Action::Keep, Some(Reason::OwnerLookupFailed)),
            (Seen { heir: Heir::DomainsMissing, ..due() }, Action::Keep, Some(Reason::OwnerDomainsMissing)),
            (Seen { heir: Heir::NotAsked, ..due() }, Action::Delete, Some(Reason::OldEnough)),
            (Seen { in_ledger: false, ..due() }, Action::Delete, Some(Reason::OldEnough)),
            (Seen { entry: Some(owned()), ..due() }, Action::Keep, Some(Reason::NoOrphanMark)),
            (Seen { children: vec![owned()], ..due() }, Action::Keep, Some(Reason::NoOrphanMark)),
            (Seen { entry: Some(unsigned()), ..due() }, Action::Keep, Some(Reason::NoOrphanMark)),
            (Seen { entry: Some(anothers()), ..due() }, Action::Keep, Some(Reason::AnotherInstallation)),
            (Seen { orphan: old(), entry: Some(owned()), ..due() }, Action::Delete, Some(Reason::OldEnough)),
            (Seen { orphan: old(), entry: Some(anothers()), ..due() }, Action::Keep, Some(Reason::AnotherInstallation)),
            (
                Seen { orphan: old(), in_ledger: false, entry: Some(owned()), ..due() },
                Action::Keep,
                Some(Reason::NoOrphanMark),
            ),
            (Seen { orphan: frozen(), ..due() }, Action::Keep, Some(Reason::Frozen)),
            (Seen { orphan: frozen(), published: true, ..due() }, Action::Keep, Some(Reason::Frozen)),
            (Seen { orphan: frozen(), heir: account(), ..due() }, Action::Keep, Some(Reason::Frozen)),
            (Seen { orphan: frozen(), entry: None, ..due() }, Action::Delete, Some(Reason::AlreadyGone)),
            (
                Seen { orphan: Orphan { kept: Some(Reason::NotDeletable), ..orphan(25) }, ..due() },
                Action::Keep,
                Some(Reason::NotDeletable),
            ),
            (
                Seen { orphan: Orphan { in_transfer: true, ..orphan(25) }, ..due() },
                Action::Keep,
                Some(Reason::InTransfer),
            ),
            (
                Seen { entry: Some(Entry { recycled: true, ..entry() }), ..due() },
                Action::Keep,
                Some(Reason::DeletedInKaltura),
            ),
        ];
        for (seen, action, reason) in cases {
            assert_eq!(decided(seen.clone()), (action, reason), "{seen:?}");
        }
    }
}
