//! How far the copy of a file has come.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Action, Decision, EntryId, FileId, FileKind, KalturaUserId, OwnerRule, Reason, RecordingFile, ReferenceId, Segment,
    SegmentKey, UploadTokenId, Validator,
};

/// The stations of a file on its way into Kaltura, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CopyState {
    /// Nothing exists in Kaltura.
    New,
    /// An upload token exists, and its entry was not asked for, or was refused.
    Reserved,
    /// The entry was asked for; whether it exists is not known until Kaltura says so.
    Attaching,
    /// The entry exists and names the token; bytes may be on their way.
    Attached,
    /// Kaltura was told where the bytes are, and fetches them by itself.
    Importing,
    /// All bytes are in Kaltura.
    Sent,
    /// Kaltura has processed it and its size is right.
    Done,
    /// Kaltura could not process it.
    Broken,
    /// Kaltura did not fetch it, or fetched something else: its entry is to go, and the bytes are streamed.
    Unfetched,
    /// People deleted the entry.
    Deleted,
    /// It was an orphan, and its time had come.
    Purged,
    /// What Zoom gives as captions is none.
    NotACaption,
    /// What Zoom gives beside the recording is no text.
    NotAText,
    /// What Zoom gives as captions or beside the recording holds nothing.
    Empty,
}

impl CopyState {
    /// Every state with the word the ledger keeps for it.
    const WORDS: [(CopyState, &str); 14] = [
        (CopyState::New, "new"),
        (CopyState::Reserved, "reserved"),
        (CopyState::Attaching, "attaching"),
        (CopyState::Attached, "attached"),
        (CopyState::Importing, "importing"),
        (CopyState::Sent, "sent"),
        (CopyState::Done, "done"),
        (CopyState::Broken, "broken"),
        (CopyState::Unfetched, "unfetched"),
        (CopyState::Deleted, "deleted"),
        (CopyState::Purged, "purged"),
        (CopyState::NotACaption, "not_a_caption"),
        // the word of the ledgers of earlier versions, which copied no other than chats; people read `not_a_text`
        (CopyState::NotAText, "not_a_chat"),
        (CopyState::Empty, "empty"),
    ];

    /// Why a text that was looked at is left out, as it is in Zoom.
    #[must_use]
    pub fn left_out(self) -> Option<Reason> {
        match self {
            CopyState::NotACaption => Some(Reason::NotACaption),
            CopyState::NotAText => Some(Reason::NotAText),
            CopyState::Empty => Some(Reason::Empty),
            _ => None,
        }
    }

    /// The state of a text that is left out for this reason.
    #[must_use]
    pub fn left_out_for(reason: Reason) -> Option<CopyState> {
        [CopyState::NotACaption, CopyState::NotAText, CopyState::Empty]
            .into_iter()
            .find(|state| state.left_out() == Some(reason))
    }

    /// Which of several copies that could stand for a recording does: the one that has come furthest; what is no copy, or is
    /// gone, only where there is no other.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            CopyState::Done => 10,
            CopyState::Sent => 9,
            CopyState::Importing => 8,
            CopyState::Attached => 7,
            CopyState::Attaching => 6,
            CopyState::Unfetched => 5,
            CopyState::Reserved => 4,
            CopyState::Broken => 3,
            CopyState::Deleted => 2,
            CopyState::Purged => 1,
            CopyState::New | CopyState::NotACaption | CopyState::NotAText | CopyState::Empty => 0,
        }
    }

    /// Whether all that is left of it is Kaltura's to do.
    #[must_use]
    pub fn is_up_to_kaltura(self) -> bool {
        matches!(self, CopyState::Importing | CopyState::Sent)
    }

    /// Whether nothing more is done about it.
    #[must_use]
    pub fn is_settled(self) -> bool {
        use CopyState::{Deleted, Done, Purged};
        matches!(self, Done | Deleted | Purged) || self.left_out().is_some()
    }

    /// Whether an entry of it exists, or may, that is not confirmed yet.
    #[must_use]
    pub fn is_on_its_way(self) -> bool {
        use CopyState::{Attached, Attaching, Importing, Sent, Unfetched};
        matches!(self, Attaching | Attached | Importing | Sent | Unfetched)
    }

    /// The word the ledger keeps.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    /// Reads the ledger's word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<CopyState> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }
}

/// What a file becomes in Kaltura.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The entry that stands for the segment.
    Parent,
    /// A child entry: a further view, which players show beside the first.
    Child,
    /// A caption asset on the parent.
    Caption,
    /// An attachment asset on the parent.
    Attachment,
}

impl Role {
    /// Every role with the word the ledger keeps for it.
    const WORDS: [(Role, &str); 4] = [
        (Role::Parent, "parent"),
        (Role::Child, "child"),
        (Role::Caption, "caption"),
        (Role::Attachment, "attachment"),
    ];

    /// Whether it becomes an entry, and not a text that hangs on one.
    #[must_use]
    pub fn is_entry(self) -> bool {
        matches!(self, Role::Parent | Role::Child)
    }

    /// The word the ledger keeps.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(role, _)| *role == self).map_or("", |(_, word)| word)
    }

    /// Reads the ledger's word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Role> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(role, _)| *role)
    }
}

/// What the ledger knows of a file's copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCopy {
    /// The ledger's row.
    pub row: i64,
    /// Zoom's file.
    pub file_id: FileId,
    /// Zoom's word for what it is, for reports.
    pub file_type: Arc<str>,
    /// What it becomes.
    pub role: Role,
    /// How far it has come.
    pub state: CopyState,
    /// Its size in bytes.
    pub bytes: u64,
    /// Zoom's `file_size` when it was begun, from which its size may differ; 0 where Zoom told none.
    pub listed: u64,
    /// Another size that Zoom's download announced once.
    pub announced: Option<u64>,
    /// What the download said of the content that was begun with, where it said anything.
    pub validator: Option<Validator>,
    /// How long Zoom says it is, pauses included.
    pub lasted: Option<TimeDelta>,
    /// The token, until the copy is confirmed.
    pub token: Option<UploadTokenId>,
    /// When the entry was last asked for; of one that Kaltura fetches by itself, when it was told where to; of one that was
    /// sent, when its last byte was.
    pub attach_sent: Option<DateTime<Utc>>,
    /// How often it was asked for: more than once may have made a twin.
    pub asked: u32,
    /// The entry, once known; of a text the one it hangs on.
    pub entry_id: Option<EntryId>,
    /// When it was confirmed, as the ledger was last read.
    pub confirmed: Option<DateTime<Utc>>,
    /// Whether that is a time of Kaltura's clock: older versions took this machine's.
    pub by_kaltura: bool,
    /// Failed tries that count.
    pub attempts: u32,
    /// Not to be tried before.
    pub next_try: Option<DateTime<Utc>>,
    /// What was done to put the file itself into Zoom's trash.
    pub zoom_trash: ZoomTrash,
}

/// How far a file has come on its way into Zoom's trash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ZoomTrash {
    /// When it was put there, or found gone from Zoom.
    pub trashed: Option<DateTime<Utc>>,
    /// When Zoom was asked to put it there, and the answer is not known.
    pub asked: Option<DateTime<Utc>>,
    /// Not to be looked at before.
    pub not_before: Option<DateTime<Utc>>,
}

/// What the ledger knows of a segment.
#[derive(Clone, Debug)]
pub struct Tracked {
    /// The ledger's row.
    pub row: i64,
    /// The segment as it was last listed, without its files.
    pub segment: Segment,
    /// What was last decided about it.
    pub action: Action,
    /// And why.
    pub reason: Option<Reason>,
    /// The account it was or is being copied to.
    pub owner: Option<KalturaUserId>,
    /// What led to that account; `None` for the holding user, and for what was copied before this was kept.
    pub rule: Option<OwnerRule>,
    /// Whether that is the holding user.
    pub orphan: bool,
    /// By which topic its titles were given, as long as they are to follow another one.
    pub topic_before: Option<Box<str>>,
    /// Why a purge leaves it alone although its time has come.
    pub kept: Option<Reason>,
    /// Whether it is an orphan that was made by a version that did not mark them.
    pub untagged: bool,
    /// The files of which a copy was begun; a plan shares them.
    pub copies: Vec<Arc<FileCopy>>,
    /// Entries that carry its marks and are no copies: others take their place.
    pub replaced: Vec<EntryId>,
    /// Why nothing can be decided on it: its row holds what this version does not know.
    pub unreadable: Option<String>,
}

/// A segment whose confirmed copy the holding user keeps.
#[derive(Clone, Debug)]
pub struct Orphan {
    /// The ledger's row of the segment; `None` for one that the ledger does not know.
    pub row: Option<i64>,
    /// The segment as it was last listed, without its files.
    pub segment: Segment,
    /// The entry that stands for it.
    pub copy: FileCopy,
    /// The entries of its further views.
    pub children: Vec<EntryId>,
    /// The holding user at the time of copying.
    pub keeper: KalturaUserId,
    /// When the last of its entries was confirmed: where its clock starts.
    pub confirmed: DateTime<Utc>,
    /// Whether that is a time of Kaltura's clock: else the last change of its entries counts too.
    pub by_kaltura: bool,
    /// Whether a file of it is on its way into Kaltura.
    pub in_transfer: bool,
    /// Why the last purge left it alone although its time had come.
    pub kept: Option<Reason>,
    /// Whether it was made by a version that did not mark orphans.
    pub untagged: bool,
}

impl Orphan {
    /// Whether the ledger knows it.
    #[must_use]
    pub fn is_in_ledger(&self) -> bool {
        self.row.is_some()
    }
}

impl FileCopy {
    /// The mark of the entry that it becomes, in the segment with this key.
    #[must_use]
    pub fn mark(&self, key: &SegmentKey) -> ReferenceId {
        match self.role {
            Role::Parent => key.reference_id(),
            Role::Child | Role::Caption | Role::Attachment => key.child_reference_id(&self.file_id),
        }
    }

    /// The copy, confirmed when Kaltura's clock showed this.
    #[must_use]
    pub fn confirmed_at(self, theirs: Option<DateTime<Utc>>) -> FileCopy {
        FileCopy { confirmed: theirs, by_kaltura: theirs.is_some(), ..self }
    }

    /// Why the file is left out, unless Zoom has changed it since it was looked at.
    #[must_use]
    pub fn left_out(&self, file: &RecordingFile) -> Option<Reason> {
        self.state.left_out().filter(|_| self.listed == file.bytes.unwrap_or_default())
    }

    /// Its file, where Zoom lists it no more.
    #[must_use]
    pub fn as_remembered(&self) -> RecordingFile {
        RecordingFile {
            id: self.file_id.clone(),
            kind: FileKind::Unknown,
            file_type: self.file_type.clone(),
            recording_type: Arc::default(),
            bytes: Some(self.bytes),
            lasted: self.lasted,
            completed: true,
            shares_id: false,
            download_url: None,
            language: None,
        }
    }
}

impl Tracked {
    /// What was decided on it last.
    #[must_use]
    pub fn decision(&self) -> Decision {
        Decision { action: self.action, reason: self.reason }
    }

    /// The copies that could stand for the segment, the one that has come furthest first.
    #[must_use]
    pub fn parents(&self) -> Vec<&Arc<FileCopy>> {
        let mut parents: Vec<_> = self.copies.iter().filter(|copy| copy.role == Role::Parent).collect();
        parents.sort_by_key(|copy| std::cmp::Reverse(copy.state.rank()));
        parents
    }

    /// The copy that stands for the segment.
    #[must_use]
    pub fn parent(&self) -> Option<&Arc<FileCopy>> {
        self.copies.iter().filter(|copy| copy.role == Role::Parent).max_by_key(|copy| copy.state.rank())
    }

    /// The segment as an orphan, if the holding user keeps its confirmed copy.
    #[must_use]
    pub fn as_orphan(&self) -> Option<Orphan> {
        let keeper = self.owner.clone().filter(|_| self.orphan)?;
        let copy = self.parent().filter(|copy| copy.state == CopyState::Done)?;
        copy.entry_id.as_ref()?;
        let children = || self.copies.iter().filter(|copy| copy.role == Role::Child && copy.state == CopyState::Done);
        let confirmed = children().filter_map(|copy| copy.confirmed).chain(copy.confirmed).max()?;
        let by_kaltura = copy.by_kaltura && children().all(|copy| copy.by_kaltura);
        Some(Orphan {
            row: Some(self.row),
            segment: self.segment.clone(),
            copy: FileCopy::clone(copy),
            children: children().filter_map(|copy| copy.entry_id.clone()).collect(),
            keeper,
            confirmed,
            by_kaltura,
            in_transfer: self.is_in_transfer(),
            kept: self.kept,
            untagged: self.untagged,
        })
    }

    /// Whether a file of it is on its way into Kaltura.
    #[must_use]
    pub fn is_in_transfer(&self) -> bool {
        self.copies.iter().any(|copy| copy.state.is_on_its_way())
    }

    /// The copy of a file.
    #[must_use]
    pub fn copy_of(&self, file: &FileId) -> Option<&Arc<FileCopy>> {
        self.copies.iter().find(|copy| copy.file_id == *file)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{CopyState, FileCopy, Role, Tracked};
    use crate::copying::plan::samples::{sample_copy, sample_now, sample_tracked};
    use crate::model::{Action, EntryId, FileId};

    fn view(state: CopyState, hours: i64) -> FileCopy {
        let (file_id, entry_id) = (FileId::new("g"), Some(EntryId::new("0_b")));
        FileCopy {
            file_id,
            entry_id,
            role: Role::Child,
            confirmed: Some(sample_now() - TimeDelta::hours(hours)),
            ..sample_copy(state)
        }
    }

    fn orphan(views: Vec<FileCopy>) -> Tracked {
        let parent = FileCopy { confirmed: Some(sample_now() - TimeDelta::hours(30)), ..sample_copy(CopyState::Done) };
        Tracked { orphan: true, ..sample_tracked(Action::Done, None, [vec![parent], views].concat()) }
    }

    /// Of an orphan.
    #[test]
    fn the_last_confirmation_starts_the_clock() {
        let age = |views| orphan(views).as_orphan().map(|orphan| (sample_now() - orphan.confirmed).num_hours());
        assert_eq!(age(vec![]), Some(30));
        assert_eq!(age(vec![view(CopyState::Done, 5)]), Some(5));
        assert_eq!(age(vec![view(CopyState::Done, 40)]), Some(30));
    }

    #[test]
    fn orphans_know_children_and_pending_files() {
        let whole = orphan(vec![view(CopyState::Done, 5)]).as_orphan().expect("an orphan");
        assert_eq!((whole.children, whole.in_transfer), (vec![EntryId::new("0_b")], false));
        let unconfirmed = [CopyState::Attaching, CopyState::Attached, CopyState::Importing, CopyState::Sent];
        for state in unconfirmed.into_iter().chain([CopyState::Unfetched]) {
            assert!(orphan(vec![view(state, 5)]).as_orphan().expect("an orphan").in_transfer, "{state:?}");
        }
        assert!(sample_tracked(Action::Done, None, vec![sample_copy(CopyState::Done)]).as_orphan().is_none());
    }
}
