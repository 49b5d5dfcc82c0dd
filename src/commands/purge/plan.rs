//! Which orphaned copies go, which find their owner, and why the others stay. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::{NewOwner, OrphanSeen};
use crate::copying::plan::{FilePlan, Item, Step};
use crate::model::proof::{Ownerless, Proof, is_still_kept};
use crate::model::{Action, Entry, EntryStatus, KalturaUserId, OwnerRule, Reason};

/// Decides on every orphan, oldest first.
#[must_use]
pub fn plan_purge(seen: &[OrphanSeen], older_than: TimeDelta, now: DateTime<Utc>) -> Vec<Item> {
    let mut items: Vec<Item> = seen.iter().map(|seen| purge_item(seen, older_than, now)).collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.age));
    items
}

/// Whether its time has come.
pub(super) fn is_old_orphan(seen: &OrphanSeen, older_than: TimeDelta, now: DateTime<Utc>) -> bool {
    !seen.orphan.in_transfer && now - seen.orphan.confirmed >= older_than
}

fn purge_item(seen: &OrphanSeen, older_than: TimeDelta, now: DateTime<Utc>) -> Item {
    let orphan = &seen.orphan;
    let age = (now - orphan.confirmed).max(TimeDelta::zero());
    let (action, reason) = match decide_fate(seen) {
        // what is not ours, or cannot be deleted, stays, however old it is
        stays @ (Action::Keep, reason) if reason.keeps_orphan_at_any_age() => stays,
        _ if orphan.in_transfer => (Action::Keep, Reason::InTransfer),
        _ if now - orphan.confirmed < older_than => (Action::Keep, Reason::TooYoung),
        fate => fate,
    };
    let (reason, detail) = (Some(reason).filter(|_| action != Action::Adopt), orphan_detail(seen, reason));
    let file = FilePlan {
        file: orphan.copy.as_remembered(),
        action,
        reason,
        entry_id: orphan.copy.entry_id.clone(),
        copy: Some(orphan.copy.clone().into()),
        step: Step::Nothing,
    };
    let (owner, rule) = orphan_owner(seen, action);
    Item {
        segment: orphan.segment.clone(),
        action,
        reason,
        detail,
        loss: None,
        renamed_from: None,
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
fn orphan_owner(seen: &OrphanSeen, action: Action) -> (KalturaUserId, Option<OwnerRule>) {
    match (&seen.heir, &seen.entry) {
        (NewOwner::Account(user, rule), _) if action == Action::Adopt => (user.clone(), Some(rule.clone())),
        (_, entry) => (entry.as_ref().and_then(Entry::owner_id).unwrap_or_else(|| seen.orphan.keeper.clone()), None),
    }
}

fn orphan_detail(seen: &OrphanSeen, reason: Reason) -> Option<String> {
    match &seen.heir {
        NewOwner::Unknown(why) if reason == Reason::OwnerLookupFailed => Some(why.clone()),
        _ => None,
    }
}

/// What is to happen to an orphan that is old enough, by what Kaltura says of its entry just now. The reason for handing
/// one over is that it found its owner.
pub(super) fn decide_fate(seen: &OrphanSeen) -> (Action, Reason) {
    if let Some(settled) = settled_fate(seen) {
        return settled;
    }
    match (&seen.heir, is_ownerless(seen).map(Proof::orphan)) {
        (NewOwner::Account(..), _) if seen.orphan.is_in_ledger() => (Action::Adopt, Reason::OldEnough),
        (NewOwner::Account(..), _) => (Action::Keep, Reason::NotInLedger),
        (NewOwner::Unknown(_), _) => (Action::Keep, Reason::OwnerLookupFailed),
        (NewOwner::DomainsMissing, _) => (Action::Keep, Reason::OwnerDomainsMissing),
        (NewOwner::Nobody | NewOwner::NotAsked, Some(Err(reason))) => (Action::Keep, reason),
        (NewOwner::Nobody | NewOwner::NotAsked, Some(Ok(_))) => (Action::Delete, Reason::OldEnough),
        (NewOwner::Nobody | NewOwner::NotAsked, None) => (Action::Delete, Reason::AlreadyGone),
    }
}

/// What speaks for it to go; `None` where it is gone already.
pub(super) fn is_ownerless(seen: &OrphanSeen) -> Option<Ownerless<'_>> {
    let entry = seen.entry.as_ref().filter(|entry| entry.status != EntryStatus::Deleted)?;
    Some(Ownerless {
        entry,
        children: &seen.children,
        mark: &seen.mark,
        keeper: seen.orphan.keeper.as_str(),
        untagged: seen.orphan.is_in_ledger() && seen.orphan.untagged,
        published: seen.published,
        has_additions: seen.has_additions,
        kept: seen.orphan.kept,
    })
}

/// What is decided without asking whose it could be; `None` where that is the question.
pub(super) fn settled_fate(seen: &OrphanSeen) -> Option<(Action, Reason)> {
    match is_ownerless(seen).map(is_still_kept) {
        None => Some((Action::Delete, Reason::AlreadyGone)),
        Some(Err(reason)) => Some((Action::Keep, reason)),
        Some(Ok(())) => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::plan_purge;
    use crate::commands::purge::{NewOwner, OrphanSeen};
    use crate::copying::plan::samples;
    use crate::copying::plan::samples::{sample_copy, sample_now, sample_segment};
    use crate::model::{
        Action, CopyState, Entry, EntryStatus, InstallationId, KalturaUserId, Orphan, OwnerRule, Reason, ReferenceId,
        Tags,
    };

    /// An orphan confirmed so many hours ago, as the ledger knows it.
    fn orphan(hours: i64) -> Orphan {
        let confirmed = sample_now() - TimeDelta::hours(hours);
        let keeper = KalturaUserId::new("orphans");
        Orphan {
            row: Some(1),
            segment: sample_segment(Vec::new()),
            copy: sample_copy(CopyState::Done),
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
        samples::sample_entry("0_a", "orphans")
    }

    fn seen(hours: i64, entry: Option<Entry>, children: Vec<Entry>) -> OrphanSeen {
        OrphanSeen { heir: NewOwner::Nobody, ..OrphanSeen::new(orphan(hours), entry, children, false) }
    }

    fn decided(seen: OrphanSeen) -> (Action, Option<Reason>) {
        let items = plan_purge(&[seen], TimeDelta::hours(24), sample_now());
        (items[0].action, items[0].reason)
    }

    /// It is old, ours, still without owner, and alone.
    #[test]
    fn only_proven_old_orphans_are_purged() {
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

    /// Somebody made something of it, or it may have an owner.
    #[test]
    fn used_or_owned_orphans_stay() {
        let due = || seen(25, Some(entry()), vec![]);
        let tagged = |change: fn(&mut Tags)| {
            let mut entry = entry();
            change(&mut entry.tags);
            entry
        };
        let owned = || tagged(|tags| tags.is_orphan = false);
        let unsigned = || tagged(|tags| (tags.is_signed, tags.is_by_us) = (false, false));
        let from_another = || tagged(|tags| tags.another = InstallationId::new("0000bbbb"));
        let unknown = || Orphan { row: None, ..orphan(25) };
        let old = || Orphan { untagged: true, ..orphan(25) };
        let account = || NewOwner::Account(KalturaUserId::new("ada"), OwnerRule::email());
        let frozen = || Orphan { kept: Some(Reason::Frozen), ..orphan(25) };
        let cases = [
            (OrphanSeen { published: true, ..due() }, Action::Keep, Some(Reason::Published)),
            (OrphanSeen { heir: account(), ..due() }, Action::Adopt, None),
            (OrphanSeen { heir: account(), orphan: unknown(), ..due() }, Action::Keep, Some(Reason::NotInLedger)),
            (OrphanSeen { heir: account(), published: true, ..due() }, Action::Keep, Some(Reason::Published)),
            (
                OrphanSeen { heir: NewOwner::Unknown("down".to_owned()), ..due() },
                Action::Keep,
                Some(Reason::OwnerLookupFailed),
            ),
            (OrphanSeen { heir: NewOwner::DomainsMissing, ..due() }, Action::Keep, Some(Reason::OwnerDomainsMissing)),
            (OrphanSeen { heir: NewOwner::NotAsked, ..due() }, Action::Delete, Some(Reason::OldEnough)),
            (OrphanSeen { orphan: unknown(), ..due() }, Action::Delete, Some(Reason::OldEnough)),
            (OrphanSeen { entry: Some(owned()), ..due() }, Action::Keep, Some(Reason::NoOrphanMark)),
            (OrphanSeen { children: vec![owned()], ..due() }, Action::Keep, Some(Reason::NoOrphanMark)),
            (OrphanSeen { entry: Some(unsigned()), ..due() }, Action::Keep, Some(Reason::NoOrphanMark)),
            (OrphanSeen { entry: Some(from_another()), ..due() }, Action::Keep, Some(Reason::AnotherInstallation)),
            (OrphanSeen { orphan: old(), entry: Some(owned()), ..due() }, Action::Delete, Some(Reason::OldEnough)),
            (
                OrphanSeen { orphan: old(), entry: Some(from_another()), ..due() },
                Action::Keep,
                Some(Reason::AnotherInstallation),
            ),
            (
                OrphanSeen { orphan: Orphan { row: None, ..old() }, entry: Some(owned()), ..due() },
                Action::Keep,
                Some(Reason::NoOrphanMark),
            ),
            (OrphanSeen { orphan: frozen(), ..due() }, Action::Keep, Some(Reason::Frozen)),
            (OrphanSeen { orphan: frozen(), published: true, ..due() }, Action::Keep, Some(Reason::Frozen)),
            (OrphanSeen { orphan: frozen(), heir: account(), ..due() }, Action::Keep, Some(Reason::Frozen)),
            (OrphanSeen { orphan: frozen(), entry: None, ..due() }, Action::Delete, Some(Reason::AlreadyGone)),
            (
                OrphanSeen { orphan: Orphan { kept: Some(Reason::NotDeletable), ..orphan(25) }, ..due() },
                Action::Keep,
                Some(Reason::NotDeletable),
            ),
            (
                OrphanSeen { orphan: Orphan { in_transfer: true, ..orphan(25) }, ..due() },
                Action::Keep,
                Some(Reason::InTransfer),
            ),
            (
                OrphanSeen { entry: Some(Entry { recycled: true, ..entry() }), ..due() },
                Action::Keep,
                Some(Reason::DeletedInKaltura),
            ),
        ];
        for (seen, action, reason) in cases {
            assert_eq!(decided(seen.clone()), (action, reason), "{seen:?}");
        }
    }
}
