//! Entries as Kaltura has them.

use chrono::{DateTime, Utc};

use super::{EntryId, InstallationId, ReferenceId};

/// `KalturaEntryStatus`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryStatus {
    /// −1 or −2: conversion or import failed.
    Failed,
    /// 0: waits for content.
    Importing,
    /// 1 or 4: Kaltura is at work on it.
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
#[expect(clippy::struct_excessive_bools, reason = "each tag is there or not, whatever the others are")]
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
    /// Whether all that is wrong with it is that Kaltura can no longer write to it, not even how long it is (recorded
    /// traffic, scenario 31): it has the bytes that were sent, and Kaltura could read them.
    #[must_use]
    pub fn is_frozen(&self, bytes: u64) -> bool {
        self.entry.status == EntryStatus::Ready
            && self.entry.milliseconds == 0
            && bytes > 0
            && self.source_bytes == bytes
            && !self.source_failed
    }
}
