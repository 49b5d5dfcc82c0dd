//! What the ledger says is there, compared with what Kaltura has of it. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::facts::{Difference, DifferenceKind, VerifyFacts};
use crate::copying::plan::is_confirmed;
use crate::model::{CopyState, EntryId, EntryStatus, EntryWithSource, FileCopy, Reason, Role, Tracked, format_count};
use crate::remotes::kaltura::{AccountState, TextCounts};

/// What is said of an entry that people deleted.
pub(super) const DELETED: &str = "someone deleted it; it stays deleted";
/// Zoom tells lengths in whole seconds.
const A_SECOND_MS: u64 = 1000;

/// What differs of a segment's copies, entry by entry, and of the texts on them.
pub(super) fn compare_copies(tracked: &Tracked, evidence: &VerifyFacts) -> Vec<Difference> {
    let done = || tracked.copies.iter().filter(|copy| copy.state == CopyState::Done);
    let of_entry = |copy: &Arc<FileCopy>| {
        let id = copy.entry_id.as_ref()?;
        let found = compare_copy(tracked, copy, evidence.copied.get(id)?.as_ref(), evidence);
        Some(found.into_iter().map(|(kind, said)| (id.clone(), kind, said)).collect::<Vec<_>>())
    };
    let mut found: Vec<_> = done().filter(|copy| copy.role.is_entry()).filter_map(of_entry).flatten().collect();
    let mut texts: BTreeMap<&EntryId, TextCounts> = BTreeMap::new();
    for copy in done() {
        let Some(id) = copy.entry_id.as_ref() else { continue };
        match copy.role {
            Role::Caption => texts.entry(id).or_default().captions += 1,
            Role::Attachment => texts.entry(id).or_default().attachments += 1,
            Role::Parent | Role::Child => {}
        }
    }
    found.extend(texts.into_iter().flat_map(|(id, copied)| compare_texts(id, copied, evidence)));
    let difference = |(id, kind, said)| Difference { kind, segment: tracked.segment.clone(), entry_id: Some(id), said };
    found.into_iter().map(difference).collect()
}

fn compare_copy(
    tracked: &Tracked,
    copy: &FileCopy,
    copied: Option<&EntryWithSource>,
    evidence: &VerifyFacts,
) -> Vec<(DifferenceKind, String)> {
    let Some(copied) = copied else {
        let mut ever = evidence.marked.iter().chain(&evidence.children);
        let was_there = ever.any(|entry| Some(&entry.id) == copy.entry_id.as_ref());
        return vec![if was_there {
            (DifferenceKind::Deleted, DELETED.to_owned())
        } else {
            (DifferenceKind::LedgerAhead, "the ledger has it; Kaltura has no such entry".to_owned())
        }];
    };
    let entry = &copied.entry;
    if entry.status == EntryStatus::Deleted || entry.recycled {
        return vec![(DifferenceKind::Deleted, DELETED.to_owned())];
    }
    if entry.status != EntryStatus::Ready {
        return vec![(DifferenceKind::NotReady, "Kaltura does not play it; look at it in the KMC".to_owned())];
    }
    let mut found = Vec::new();
    // a parent's new owner does not reach its children, and a child left with the holding user would be purged
    if let Some(owner) = tracked.owner.as_ref().filter(|owner| entry.owner != owner.as_str()) {
        let said = format!("belongs to {:?}, but to {:?} in the ledger", entry.owner, owner.as_str());
        found.push((DifferenceKind::WrongOwner, said));
    }
    let kind = match evidence.accounts.get(&entry.owner) {
        Some(AccountState::Blocked) => {
            Some((DifferenceKind::OwnerBlocked, "is blocked: nobody sees it under My Media"))
        }
        Some(AccountState::Gone) => {
            Some((DifferenceKind::OwnerGone, "no longer exists: hand its copies over with `reassign`"))
        }
        Some(AccountState::Active) | None => None,
    };
    found.extend(kind.map(|(kind, said)| (kind, format!("Kaltura user {:?} {said}", entry.owner))));
    if entry.ours && entry.reference_id.as_str().is_empty() {
        let said = "has no mark (referenceId); `check` shows whether the permission for it is missing";
        found.push((DifferenceKind::Unmarked, said.to_owned()));
    }
    found.extend(compare_content(tracked, copy, copied));
    found
}

/// A source that is not there was deleted by the conversion profile once it was processed. Another source that plays for
/// a shorter time is what its owner trimmed.
fn compare_content(tracked: &Tracked, copy: &FileCopy, copied: &EntryWithSource) -> Vec<(DifferenceKind, String)> {
    let (milliseconds, source) = (copied.entry.milliseconds, copied.source_bytes);
    let recorded = copy.lasted.and_then(|lasted| u64::try_from(lasted.num_milliseconds()).ok());
    let is_shorter =
        milliseconds > 0 && recorded.is_some_and(|recorded| milliseconds.saturating_add(A_SECOND_MS) <= recorded);
    let is_edited = tracked.reason == Some(Reason::EditedInKaltura);
    let mut found = Vec::new();
    if milliseconds == 0 && !(copied.is_frozen(copy.bytes) && may_be_frozen(tracked, copy, copied)) {
        let said = "is READY and plays for 0 seconds; look at it in the KMC".to_owned();
        found.push((DifferenceKind::NoDuration, said));
    }
    if source > 0 && source != copy.bytes && !is_edited && !is_shorter {
        found.push((
            DifferenceKind::WrongSize,
            format!("has {}, but {} were sent", format_count(source, "byte"), copy.bytes),
        ));
    }
    let is_trimmed = is_edited || (is_shorter && source != copy.bytes);
    let reason = is_confirmed(source, copy.lasted, Some(copied)).decision.reason;
    if milliseconds > 0 && !is_trimmed && reason == Some(Reason::DurationDiffers) {
        let recorded = recorded.unwrap_or_default() / A_SECOND_MS;
        let said =
            format!("plays for {}, Zoom recorded {recorded}", format_count(milliseconds / A_SECOND_MS, "second"));
        found.push((DifferenceKind::WrongDuration, said));
    }
    found
}

/// Kaltura never shows how long an entry is whose further data are not ASCII (facts-kaltura.md#k41). The ledger
/// keeps that for the entry that stands for the segment; a child is named after its topic.
fn may_be_frozen(tracked: &Tracked, copy: &FileCopy, copied: &EntryWithSource) -> bool {
    let is_named_so = copy.role == Role::Child && !tracked.segment.meeting.topic.is_ascii();
    let is_ascii = copied.entry.owner.is_ascii() && copied.entry.reference_id.as_str().is_ascii();
    tracked.reason == Some(Reason::Frozen) || is_named_so || !is_ascii
}

/// Whatever is there in place of what was copied is what people made of it.
fn compare_texts(id: &EntryId, copied: TextCounts, evidence: &VerifyFacts) -> Vec<(EntryId, DifferenceKind, String)> {
    let is_there = |copied: &Option<EntryWithSource>| {
        copied.as_ref().is_some_and(|copied| copied.entry.status == EntryStatus::Ready)
    };
    let (Some(there), true) = (evidence.texts.get(id), evidence.copied.get(id).is_some_and(is_there)) else {
        return Vec::new();
    };
    let each = [
        (DifferenceKind::CaptionsGone, "captions", copied.captions, there.captions),
        (DifferenceKind::AttachmentsGone, "attachments", copied.attachments, there.attachments),
    ];
    let gone = each.into_iter().filter(|(.., copied, there)| there < copied);
    gone.map(|(kind, what, copied, there)| (id.clone(), kind, format!("{what} copied: {copied}, still there: {there}")))
        .collect()
}
