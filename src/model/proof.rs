//! What may be deleted, and on what evidence. Each call that deletes takes a [`Proof`], and only the functions here make
//! one. Every place that deletes, with the proof it needs, stands in `src/doc/deleting.md`.

use super::{
    CopyState, Entry, EntryId, EntryStatus, EntryWithSource, FileCopy, FileId, Reason, ReferenceId, TextAsset,
    TextState, Traces, UploadTokenId,
};

/// Evidence, looked at and found good, that this may be deleted.
#[derive(Debug)]
pub struct Proof<T>(T);

/// An entry that took the place of another one, and that other one, both as they are just now.
#[derive(Clone, Copy, Debug)]
pub struct Replacement<'a> {
    /// The copy, as the ledger knows it.
    pub copy: &'a FileCopy,
    /// The mark that both carry.
    pub mark: &'a ReferenceId,
    /// The entry that took the place.
    pub new: &'a EntryWithSource,
    /// What people made of it.
    pub new_traces: &'a Traces,
    /// Its children.
    pub new_children: &'a [Entry],
    /// The one that is to go.
    pub old: &'a EntryWithSource,
    /// The size of its source when it was found to be no copy.
    pub old_bytes: u64,
    /// What people made of it.
    pub old_traces: &'a Traces,
    /// Its children, which would be deleted with it.
    pub old_children: &'a [Entry],
}

/// What speaks for an orphan to go, all as it is just now.
#[derive(Clone, Copy, Debug)]
pub struct Ownerless<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// Its children of every type, which would be deleted with it.
    pub children: &'a [Entry],
    /// The mark that its segment carries.
    pub mark: &'a ReferenceId,
    /// Who kept it when it was made.
    pub keeper: &'a str,
    /// Whether the ledger itself made it as an orphan before orphans carried a tag.
    pub untagged: bool,
    /// Whether somebody put it into a category or shared it.
    pub published: bool,
    /// Whether captions or attachments hang on it that this program did not add.
    pub has_additions: bool,
    /// Why an earlier purge could not delete it.
    pub kept: Option<Reason>,
}

impl<T> Proof<T> {
    /// What may be deleted.
    pub fn of(&self) -> &T {
        &self.0
    }
}

impl Proof<EntryId> {
    /// An entry with the mark of a file, without any content.
    #[must_use]
    pub fn unfilled(found: &EntryWithSource, mark: &ReferenceId) -> Option<Proof<EntryId>> {
        let is_own = found.entry.ours && found.entry.reference_id == *mark;
        (is_own && is_unfilled(found)).then(|| Proof(found.entry.id.clone()))
    }

    /// The entry that the ledger names for a copy, without any content: where Kaltura dropped its mark, it carries none.
    #[must_use]
    pub fn unfilled_of(copy: &FileCopy, found: &EntryWithSource, mark: &ReferenceId) -> Option<Proof<EntryId>> {
        let carried = &found.entry.reference_id;
        let is_own = found.entry.ours && (carried == mark || carried.as_str().is_empty());
        let is_named = copy.entry_id.as_ref() == Some(&found.entry.id);
        (is_named && is_own && is_unfilled(found)).then(|| Proof(found.entry.id.clone()))
    }

    /// The entry that a call of this run made a moment ago otherwise than it was asked for, without any content: it may lack
    /// what it would be told by.
    #[must_use]
    pub fn made_otherwise(copy: &FileCopy, found: &EntryWithSource) -> Option<Proof<EntryId>> {
        let is_named = copy.entry_id.as_ref() == Some(&found.entry.id);
        let is_from_another = found.entry.tags.another.is_some();
        (is_named && !is_from_another && is_unfilled(found)).then(|| Proof(found.entry.id.clone()))
    }

    /// An entry that never was a copy, after the one that took its place was confirmed, and of which nobody made anything.
    /// `Err` says why it stays; [`Reason::InConversion`], as long as that may change.
    pub fn replaced(by: Replacement<'_>) -> Result<Proof<EntryId>, Reason> {
        let Replacement { copy, mark, new, old, .. } = by;
        let is_own = |found: &EntryWithSource| found.entry.ours && found.entry.reference_id == *mark;
        if new.entry.id == old.entry.id || copy.entry_id.as_ref() != Some(&new.entry.id) || !is_own(new) {
            return Err(Reason::InConversion);
        }
        if old.entry.status == EntryStatus::Deleted || old.entry.recycled {
            return Err(Reason::DeletedInKaltura);
        }
        if old.entry.tags.another.is_some() && !old.entry.ours {
            return Err(Reason::AnotherInstallation);
        }
        if !is_own(old) {
            return Err(Reason::NotOurs);
        }
        if new.source_bytes != copy.bytes || copy.bytes == 0 {
            return Err(Reason::InConversion);
        }
        let is_as_it_was = old.source_bytes > 0 && old.source_bytes == by.old_bytes;
        if !came_to_nothing(old) && !is_unfilled(old) && !is_as_it_was {
            return Err(Reason::EditedInKaltura);
        }
        let is_confirmed = copy.state == CopyState::Done && new.entry.status == EntryStatus::Ready;
        // of two that Kaltura could not process the one with all bytes is as good as the other
        let is_no_worse = copy.state == CopyState::Broken && came_to_nothing(new) && came_to_nothing(old);
        if !is_no_worse && (!is_confirmed || new.source_failed) {
            return Err(Reason::InConversion);
        }
        if old.entry.owner != new.entry.owner {
            return Err(Reason::OwnerChanged);
        }
        if let Some(touched) = by.old_traces.beyond(by.new_traces) {
            return Err(touched);
        }
        has_counterparts(by)?;
        Ok(Proof(old.entry.id.clone()))
    }

    /// An orphan, with its children. `Err` says why it stays.
    pub fn orphan(seen: Ownerless<'_>) -> Result<Proof<EntryId>, Reason> {
        is_still_kept(seen)?;
        let Ownerless { entry, children, .. } = seen;
        if !children.iter().all(|child| child.ours && child.owner == entry.owner) || seen.has_additions {
            return Err(Reason::SomeoneElseAdded);
        }
        let is_marked = |entry: &Entry| entry.tags.is_by_us && entry.tags.is_orphan;
        if !seen.untagged && ![entry].into_iter().chain(children).all(is_marked) {
            return Err(Reason::NoOrphanMark);
        }
        // it would be tried in vain by every purge
        if seen.kept == Some(Reason::NotDeletable) {
            return Err(Reason::NotDeletable);
        }
        Ok(Proof(entry.id.clone()))
    }
}

/// Whether an orphan is this installation's, still in the account that kept it, and nobody made anything of it: what both
/// deleting it and handing it over ask for.
pub fn is_still_kept(seen: Ownerless<'_>) -> Result<(), Reason> {
    let Ownerless { entry, mark, .. } = seen;
    // people put it into the recycle bin: nothing is left to purge, and it is ours again once it is restored
    if entry.recycled {
        return Err(Reason::DeletedInKaltura);
    }
    if entry.tags.another.is_some() {
        return Err(Reason::AnotherInstallation);
    }
    if !entry.ours || entry.reference_id != *mark || mark.segment_key().is_none() {
        return Err(Reason::NotOurs);
    }
    if entry.owner != seen.keeper {
        return Err(Reason::OwnerChanged);
    }
    // tried once: it cannot be deleted, nor given to anybody
    if seen.kept == Some(Reason::Frozen) {
        return Err(Reason::Frozen);
    }
    if seen.published { Err(Reason::Published) } else { Ok(()) }
}

impl Proof<UploadTokenId> {
    /// The token that the ledger names for a copy, where the entry that waits for it has no content, or there is none: as
    /// Kaltura's database has it just now.
    #[must_use]
    pub fn token_of(copy: &FileCopy, entry: Option<&EntryWithSource>) -> Option<Proof<UploadTokenId>> {
        let is_free = entry.is_none_or(|found| found.source_bytes == 0 && found.entry.status != EntryStatus::Ready);
        copy.token.clone().filter(|_| is_free).map(Proof)
    }
}

impl Proof<UploadTokenId> {
    /// A token that this run has just made to claim a file, and tied to no entry.
    #[must_use]
    pub fn claim(token: &UploadTokenId) -> Proof<UploadTokenId> {
        Proof(token.clone())
    }

    /// A token by the name of a file that somebody left: its entry has no content, or there is none, as Kaltura's database
    /// has it just now.
    #[must_use]
    pub fn left_upload(token: &UploadTokenId, entry: Option<&EntryWithSource>) -> Option<Proof<UploadTokenId>> {
        entry.is_none_or(|found| found.source_bytes == 0).then(|| Proof(token.clone()))
    }
}

impl Proof<FileId> {
    /// A recording file in Zoom: its copy is still as it was confirmed, long enough ago, in the account of somebody who can
    /// sign in; Zoom lists it as it was copied, and all other files of its recording too. `Err` says why it stays.
    pub fn recording_file(
        copy: &FileCopy,
        in_kaltura: Result<(), Reason>,
        is_same: bool,
        whole: Result<(), Reason>,
    ) -> Result<Proof<FileId>, Reason> {
        in_kaltura?;
        whole?;
        if is_same { Ok(Proof(copy.file_id.clone())) } else { Err(Reason::ChangedInZoom) }
    }
}

impl Proof<TextAsset> {
    /// A text that came twice, as it was asked for twice, beside the one that is shown: made by this program, and without any
    /// content. Of one with content nobody knows who wrote it.
    #[must_use]
    pub fn text_twin(copy: &FileCopy, shown: &TextAsset, twin: &TextAsset) -> Option<Proof<TextAsset>> {
        let is_bare = twin.ours && twin.bytes == 0 && twin.state != TextState::Ready;
        (copy.asked > 1 && twin.id != shown.id && shown.bytes > 0 && is_bare).then(|| Proof(twin.clone()))
    }

    /// A text that this program asked for where there was none, and that cannot be shown: it has no content, or what it was
    /// given.
    #[must_use]
    pub fn unfit_text(copy: &FileCopy, asset: &TextAsset) -> Option<Proof<TextAsset>> {
        let is_own = asset.bytes == 0 || asset.bytes == copy.bytes;
        (copy.asked > 0 && asset.state != TextState::Ready && is_own).then(|| Proof(asset.clone()))
    }
}

fn is_unfilled(found: &EntryWithSource) -> bool {
    let waits = matches!(found.entry.status, EntryStatus::NoContent | EntryStatus::Importing | EntryStatus::Failed);
    waits && found.source_bytes == 0 && !found.entry.recycled
}

/// READY without a duration is what becomes of content that is none (facts-kaltura.md#k45); a frozen entry shows none
/// either, and its source is whole.
#[must_use]
pub fn came_to_nothing(found: &EntryWithSource) -> bool {
    found.entry.status == EntryStatus::Failed
        || (found.entry.status == EntryStatus::Ready && found.entry.milliseconds == 0 && found.source_failed)
}

/// Whether each child of the old entry is this installation's, and the new entry has it too, to be played.
fn has_counterparts(by: Replacement<'_>) -> Result<(), Reason> {
    for child in by.old_children.iter().filter(|child| child.status != EntryStatus::Deleted && !child.recycled) {
        if !child.ours || child.owner != by.old.entry.owner {
            return Err(Reason::SomeoneElseAdded);
        }
        let is_counterpart =
            |new: &&Entry| new.reference_id == child.reference_id && new.status == EntryStatus::Ready && new.ours;
        if by.new_children.iter().find(is_counterpart).is_none() {
            return Err(Reason::InConversion);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Ownerless, Proof, Replacement};
    use crate::copying::plan::samples;
    use crate::model::{
        CopyState, Entry, EntryId, EntryStatus, EntryWithSource, FileCopy, InstallationId, Reason, ReferenceId, Tags,
        TextAsset, TextState, Traces, UploadTokenId,
    };

    fn found(status: EntryStatus, bytes: u64) -> EntryWithSource {
        let entry = Entry { status, ..samples::sample_entry("0_a", "ada") };
        EntryWithSource { entry, source_bytes: bytes, source_failed: false }
    }

    fn changed(found: EntryWithSource, change: impl FnOnce(&mut Entry)) -> EntryWithSource {
        let mut found = found;
        change(&mut found.entry);
        found
    }

    fn copy(state: CopyState) -> FileCopy {
        FileCopy { entry_id: Some(EntryId::new("0_a")), bytes: 6000, ..samples::sample_copy(state) }
    }

    fn mark() -> ReferenceId {
        samples::sample_segment(Vec::new()).key().reference_id()
    }

    /// And they are ours.
    #[test]
    fn only_marked_empty_entries_are_unfilled() {
        use EntryStatus::{Deleted, Failed, Importing, NoContent, Other, Processing, Ready};
        for (status, bytes, expected) in [
            (NoContent, 0, true),
            (Importing, 0, true),
            (Failed, 0, true),
            (NoContent, 1, false),
            (Importing, 1, false),
            (Failed, 1, false),
            (Processing, 0, false),
            (Ready, 0, false),
            (Other, 0, false),
            (Deleted, 0, false),
        ] {
            let found = found(status, bytes);
            assert_eq!(Proof::unfilled(&found, &mark()).is_some(), expected, "{status:?} {bytes}");
            assert_eq!(
                Proof::unfilled_of(&copy(CopyState::Attached), &found, &mark()).is_some(),
                expected,
                "{status:?}"
            );
            assert_eq!(Proof::made_otherwise(&copy(CopyState::Broken), &found).is_some(), expected, "{status:?}");
        }
        let bare = || found(NoContent, 0);
        let lacking: [(&str, EntryWithSource, [bool; 3]); 5] = [
            ("not ours", changed(bare(), |entry| entry.ours = false), [false, false, true]),
            ("another mark", changed(bare(), |entry| entry.reference_id = ReferenceId::new("x")), [false, false, true]),
            ("no mark", changed(bare(), |entry| entry.reference_id = ReferenceId::new("")), [false, true, true]),
            ("recycled", changed(bare(), |entry| entry.recycled = true), [false; 3]),
            ("another id", changed(bare(), |entry| entry.id = EntryId::new("0_b")), [true, false, false]),
        ];
        for (what, found, expected) in lacking {
            let proofs = [
                Proof::unfilled(&found, &mark()).is_some(),
                Proof::unfilled_of(&copy(CopyState::Attached), &found, &mark()).is_some(),
                Proof::made_otherwise(&copy(CopyState::Broken), &found).is_some(),
            ];
            assert_eq!(proofs, expected, "{what}");
        }
        let from_another = changed(bare(), |entry| entry.tags.another = InstallationId::new("0000bbbb"));
        assert!(Proof::made_otherwise(&copy(CopyState::Broken), &from_another).is_none());
    }

    #[test]
    fn only_tokens_of_empty_entries_go() {
        let with_token = FileCopy { token: Some(UploadTokenId::new("1_t")), ..copy(CopyState::Attached) };
        let (empty, filled) = (found(EntryStatus::NoContent, 0), found(EntryStatus::Processing, 1));
        assert!(Proof::token_of(&with_token, None).is_some() && Proof::token_of(&with_token, Some(&empty)).is_some());
        assert!(Proof::token_of(&with_token, Some(&filled)).is_none());
        assert!(Proof::token_of(&with_token, Some(&found(EntryStatus::Ready, 0))).is_none());
        assert!(Proof::token_of(&copy(CopyState::Attached), None).is_none(), "it has none");
        let token = UploadTokenId::new("1_t");
        assert!(Proof::left_upload(&token, None).is_some() && Proof::left_upload(&token, Some(&empty)).is_some());
        assert!(Proof::left_upload(&token, Some(&filled)).is_none());
    }

    /// They were asked for here and are empty or as sent.
    #[test]
    fn only_our_own_unchanged_texts_go() {
        let text = |id: &str, bytes, state| TextAsset { id: id.to_owned(), bytes, state, ours: true, changed: None };
        let asked = |asked| FileCopy { asked, bytes: 50, ..copy(CopyState::Attaching) };
        let shown = text("a", 50, TextState::Ready);
        let twin = |times, twin: TextAsset| Proof::text_twin(&asked(times), &shown, &twin).is_some();
        assert!(twin(2, text("b", 0, TextState::Pending)));
        assert!(!twin(2, text("b", 50, TextState::Ready)), "it has content, whoever wrote it");
        assert!(!twin(2, TextAsset { ours: false, ..text("b", 0, TextState::Pending) }), "not made by this program");
        let bare = text("a", 0, TextState::Pending);
        assert!(Proof::text_twin(&asked(2), &bare, &text("b", 0, TextState::Pending)).is_none(), "none is shown");
        assert!(!twin(1, text("b", 0, TextState::Pending)), "asked for once");
        assert!(!twin(2, text("a", 0, TextState::Pending)), "the one that is shown");
        assert!(!twin(2, text("b", 51, TextState::Ready)), "somebody else's");
        let unfit = |times, asset: TextAsset| Proof::unfit_text(&asked(times), &asset).is_some();
        assert!(unfit(1, text("b", 0, TextState::Pending)) && unfit(1, text("b", 50, TextState::Refused)));
        assert!(!unfit(0, text("b", 50, TextState::Refused)), "nobody here asked for it");
        assert!(!unfit(1, text("b", 51, TextState::Refused)), "somebody else's");
        assert!(!unfit(1, text("b", 50, TextState::Ready)), "it is shown");
    }

    fn decide(seen: Ownerless<'_>) -> Option<Reason> {
        Proof::orphan(seen).err()
    }

    type Change = dyn Fn(&mut Entry, &mut Entry);
    type Judge = dyn Fn(Ownerless<'_>) -> Option<Reason>;

    #[test]
    fn orphans_go_only_with_full_proof() {
        let entry = samples::sample_entry("0_a", "orphans");
        let child = samples::sample_entry("0_b", "orphans");
        let judge = |change: &Change, more: &Judge| {
            let (mut entry, mut child) = (entry.clone(), child.clone());
            change(&mut entry, &mut child);
            more(Ownerless {
                entry: &entry,
                children: &[child],
                mark: &mark(),
                keeper: "orphans",
                untagged: false,
                published: false,
                has_additions: false,
                kept: None,
            })
        };
        let nothing = |_: &mut Entry, _: &mut Entry| ();
        assert_eq!(judge(&nothing, &decide), None);
        let entries: [(&Change, Reason); 9] = [
            (&|entry, _| entry.ours = false, Reason::NotOurs),
            (&|entry, _| entry.reference_id = ReferenceId::new("x"), Reason::NotOurs),
            (&|entry, _| entry.owner = "ada".to_owned(), Reason::OwnerChanged),
            (&|entry, _| entry.recycled = true, Reason::DeletedInKaltura),
            (&|entry, _| entry.tags.is_orphan = false, Reason::NoOrphanMark),
            (&|entry, _| entry.tags.is_by_us = false, Reason::NoOrphanMark),
            (&|entry, _| entry.tags.another = InstallationId::new("0000bbbb"), Reason::AnotherInstallation),
            (&|_, child| child.ours = false, Reason::SomeoneElseAdded),
            (&|_, child| child.tags = Tags::default(), Reason::NoOrphanMark),
        ];
        for (change, expected) in entries {
            assert_eq!(judge(change, &decide), Some(expected));
        }
        let others: [(&Judge, Reason); 5] = [
            (&|seen| decide(Ownerless { keeper: "other", ..seen }), Reason::OwnerChanged),
            (&|seen| decide(Ownerless { published: true, ..seen }), Reason::Published),
            (&|seen| decide(Ownerless { has_additions: true, ..seen }), Reason::SomeoneElseAdded),
            (&|seen| decide(Ownerless { kept: Some(Reason::Frozen), ..seen }), Reason::Frozen),
            (&|seen| decide(Ownerless { kept: Some(Reason::NotDeletable), ..seen }), Reason::NotDeletable),
        ];
        for (more, expected) in others {
            assert_eq!(judge(&nothing, more), Some(expected));
        }
    }

    /// And nobody touched them.
    #[test]
    fn replaced_entries_need_a_whole_copy() {
        let named = |status, bytes, id: &str| changed(found(status, bytes), |entry| entry.id = EntryId::new(id));
        let (new, old) = (named(EntryStatus::Ready, 6000, "0_a"), named(EntryStatus::Failed, 6000, "0_b"));
        let (done, plain) = (copy(CopyState::Done), Traces::default());
        let played = Traces { played: true, ..Traces::default() };
        let mark = mark();
        let whole = Replacement {
            copy: &done,
            mark: &mark,
            new: &new,
            new_traces: &plain,
            new_children: &[],
            old: &old,
            old_bytes: 0,
            old_traces: &plain,
            old_children: &[],
        };
        let why = |by: Replacement<'_>| Proof::replaced(by).err();
        assert_eq!(why(whole), None);
        let sent = copy(CopyState::Sent);
        let (short, unready) = (named(EntryStatus::Ready, 5999, "0_a"), named(EntryStatus::Processing, 6000, "0_a"));
        let repaired = named(EntryStatus::Ready, 4000, "0_b");
        let theirs = changed(old.clone(), |entry| entry.ours = false);
        let given = changed(old.clone(), |entry| entry.owner = "eve".to_owned());
        let recycled = changed(old.clone(), |entry| entry.recycled = true);
        let child = samples::sample_entry("0_c", "ada");
        let (foreign, children) = ([Entry { ours: false, ..child.clone() }], [child]);
        let cases = [
            (Replacement { copy: &sent, ..whole }, Reason::InConversion),
            (Replacement { new: &short, ..whole }, Reason::InConversion),
            (Replacement { new: &unready, ..whole }, Reason::InConversion),
            (Replacement { new: &old, ..whole }, Reason::InConversion),
            (Replacement { old: &repaired, ..whole }, Reason::EditedInKaltura),
            (Replacement { old: &theirs, ..whole }, Reason::NotOurs),
            (Replacement { old: &given, ..whole }, Reason::OwnerChanged),
            (Replacement { old: &recycled, ..whole }, Reason::DeletedInKaltura),
            (Replacement { old_traces: &played, ..whole }, Reason::Published),
            (Replacement { old_children: &foreign, ..whole }, Reason::SomeoneElseAdded),
            (Replacement { old_children: &children, ..whole }, Reason::InConversion),
        ];
        for (number, (by, expected)) in cases.into_iter().enumerate() {
            assert_eq!(why(by), Some(expected), "case {number}");
        }
        assert_eq!(why(Replacement { old_children: &children, new_children: &children, ..whole }), None);
        assert_eq!(why(Replacement { old: &repaired, old_bytes: 4000, ..whole }), None, "as it was found");
    }
}
