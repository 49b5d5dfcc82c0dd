//! Entries as Kaltura has them.
//!
//! Texts that hang on an entry as assets.
//!
//! What this program once made, and how much of it is played.
//!
//! What people may have made of an entry.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::{EntryId, FileKind, InstallationId, KalturaUserId, Reason, ReferenceId};

/// `KalturaEntryStatus`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryStatus {
    /// −1 or −2: conversion or import failed.
    Failed,
    /// 0: waits for content.
    Importing,
    /// 1 or 4: Kaltura is processing it.
    Processing,
    /// 2.
    Ready,
    /// 3.
    Deleted,
    /// 7: has no content.
    NoContent,
    /// 5 and 6 (moderation) and what plugins add.
    Other,
}

/// `KalturaUploadTokenStatus`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenStatus {
    /// 0 or 1: takes bytes.
    Open,
    /// 2: all bytes are there, and no entry took them.
    Full,
    /// 3: all bytes are there, and its entry has taken them.
    Closed,
    /// 4, 5 or anything else: no longer usable.
    Gone,
}

/// What the admin tags of an entry say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each tag is set or not, independent of the others")]
pub struct Tags {
    /// Whether this program made it, whichever installation.
    pub is_marked: bool,
    /// Whether they tell which installation made it.
    pub is_signed: bool,
    /// Whether this installation made it.
    pub is_by_us: bool,
    /// Which other installation of the same Zoom account made it.
    pub another: Option<InstallationId>,
    /// Whether nobody owns it.
    pub is_orphan: bool,
    /// All of them, as Kaltura has them.
    pub all: String,
}

/// An entry as Kaltura has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// Its state.
    pub status: EntryStatus,
    /// Its owner; empty for none.
    pub owner: String,
    /// The mark it carries.
    pub reference_id: ReferenceId,
    /// Whether this installation of this program made it, or may take it for its own.
    pub ours: bool,
    /// What its admin tags say.
    pub tags: Tags,
    /// Whether it lies in the recycle bin.
    pub recycled: bool,
    /// Its length, 0 until READY.
    pub milliseconds: u64,
    /// When it was last changed, by Kaltura's clock, where it tells.
    pub changed: Option<DateTime<Utc>>,
}

impl Entry {
    /// Its owner; `None` where it belongs to nobody.
    #[must_use]
    pub fn owner_id(&self) -> Option<KalturaUserId> {
        (!self.owner.is_empty()).then(|| KalturaUserId::new(self.owner.clone()))
    }
}

/// What became of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryWithSource {
    /// The entry.
    pub entry: Entry,
    /// The exact size of its source, 0 while there is none.
    pub source_bytes: u64,
    /// Whether Kaltura could make nothing of its source.
    pub source_failed: bool,
}

impl EntryWithSource {
    /// Whether all that is wrong with it is that Kaltura can no longer write to it, not even how long it is
    /// (facts-kaltura.md#k41): it has the bytes that were sent, and Kaltura could read them.
    #[must_use]
    pub fn is_frozen(&self, bytes: u64) -> bool {
        self.entry.status == EntryStatus::Ready
            && self.entry.milliseconds == 0
            && bytes > 0
            && self.source_bytes == bytes
            && !self.source_failed
    }
}

/// A text that hangs on an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextAsset {
    /// Its id.
    pub id: String,
    /// What Kaltura made of its content.
    pub state: TextState,
    /// The size of its content.
    pub bytes: u64,
    /// Whether it carries what this program writes of a text that it adds.
    pub ours: bool,
    /// When it was last changed, by Kaltura's clock, where it tells.
    pub changed: Option<DateTime<Utc>>,
}

/// What Kaltura made of the content of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextState {
    /// It can be shown.
    Ready,
    /// Nothing: it is in another form than it should be.
    Refused,
    /// Nothing yet, or it has none.
    Pending,
}

/// How many texts of this program hang on an entry, by the kind of file that they were made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnTexts(HashMap<FileKind, Hanging>);

/// How many of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hanging {
    /// With content.
    pub filled: usize,
    /// Begun, and without content yet.
    pub bare: usize,
}

impl OwnTexts {
    /// Those that were made of files of this kind.
    #[must_use]
    pub fn of(&self, kind: FileKind) -> Hanging {
        self.0.get(&kind).copied().unwrap_or_default()
    }

    /// Counts one more.
    pub fn add(&mut self, kind: FileKind, has_content: bool) {
        let hanging = self.0.entry(kind).or_default();
        *(if has_content { &mut hanging.filled } else { &mut hanging.bare }) += 1;
    }
}

/// An entry with our mark.
#[derive(Clone, Debug)]
pub struct OwnEntry {
    /// Its id.
    pub id: EntryId,
    /// The entry whose child it is.
    pub parent: Option<EntryId>,
    /// Its name: untrusted text.
    pub name: String,
    /// The account it belongs to; empty for nobody's.
    pub owner: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// How often it was played.
    pub plays: u64,
    /// When it was played last; `None` where it never was, or where Kaltura does not know when.
    pub last_played: Option<DateTime<Utc>>,
}

/// How many captions of an entry there are, by what viewers have of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaptionCounts {
    /// Zoom's transcripts.
    pub machine_made: usize,
    /// Others that can be read.
    pub others: usize,
    /// Those that Kaltura could not read.
    pub unreadable: usize,
}

/// How many recordings lack captions that people can rely on, as `captions` counted them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaptionSurvey {
    /// When.
    pub counted: DateTime<Utc>,
    /// How many copies there were.
    pub recordings: u64,
    /// Those without captions that viewers can see.
    pub no_captions: u64,
    /// Those with transcripts by Zoom only.
    pub machine_made: u64,
    /// Those with captions that Kaltura could not read.
    pub unreadable: u64,
}

impl CaptionSurvey {
    /// How many lack what, each by the word used in reports.
    #[must_use]
    pub fn lacks(&self) -> [(&'static str, u64); 3] {
        let CaptionSurvey { no_captions, machine_made, unreadable, .. } = *self;
        [("no_captions", no_captions), ("machine_made", machine_made), ("unreadable", unreadable)]
    }
}

/// What an entry shows of the people who worked with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its tags.
    pub tags: BTreeSet<String>,
    /// Whether somebody played it.
    pub played: bool,
    /// With whom it is shared.
    pub shared_with: BTreeSet<String>,
    /// The categories that it is in.
    pub categories: BTreeSet<String>,
}

impl Traces {
    /// What people made of this entry, by one that was made in the same way after it; `None` for nothing.
    #[must_use]
    pub fn beyond(&self, other: &Traces) -> Option<Reason> {
        let is_shown = !self.shared_with.is_subset(&other.shared_with) || !self.categories.is_subset(&other.categories);
        if self.played || is_shown {
            return Some(Reason::Published);
        }
        let is_same = self.name == other.name && self.description == other.description && self.tags == other.tags;
        (!is_same).then_some(Reason::EditedInKaltura)
    }
}

#[cfg(test)]
mod tests {
    use super::Traces;
    use crate::model::Reason;

    #[test]
    fn every_human_edit_shows() {
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let new =
            || Traces { name: "Optics".into(), tags: set(&["zoom"]), categories: set(&["7"]), ..Traces::default() };
        let cases = [
            (new(), None),
            (Traces { categories: set(&[]), ..new() }, None),
            (Traces { name: "Waves".into(), ..new() }, Some(Reason::EditedInKaltura)),
            (Traces { description: "x".into(), ..new() }, Some(Reason::EditedInKaltura)),
            (Traces { tags: set(&["zoom", "x"]), ..new() }, Some(Reason::EditedInKaltura)),
            (Traces { played: true, ..new() }, Some(Reason::Published)),
            (Traces { shared_with: set(&["eve"]), ..new() }, Some(Reason::Published)),
            (Traces { categories: set(&["7", "8"]), ..new() }, Some(Reason::Published)),
        ];
        for (old, expected) in cases {
            assert_eq!(old.beyond(&new()), expected, "{old:?}");
        }
    }
}
