//! What is to happen to a recording or a file, and the fixed words for why.

use std::fmt;

/// What is to happen, or has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Copied to the host's account.
    Copy,
    /// Copied to the holding user.
    CopyAsOrphan,
    /// Left for a later run.
    Wait,
    /// Not copied, by rule.
    Skip,
    /// Already in Kaltura.
    Done,
    /// Deleted in Kaltura.
    Delete,
    /// Not deleted.
    Keep,
    /// Handed over to the host's account, which exists by now.
    Adopt,
    /// Handed to another account, by hand.
    Reassign,
    /// Safely in Kaltura, and put into Zoom's trash.
    Trash,
}

impl Action {
    /// The word used in reports and in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Action::Copy => "copy",
            Action::CopyAsOrphan => "copy_as_orphan",
            Action::Wait => "wait",
            Action::Skip => "skip",
            Action::Done => "done",
            Action::Delete => "delete",
            Action::Keep => "keep",
            Action::Adopt => "adopt",
            Action::Reassign => "reassign",
            Action::Trash => "trash",
        }
    }

    /// Reads the ledger's word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Action> {
        use Action::{Adopt, Copy, CopyAsOrphan, Delete, Done, Keep, Reassign, Skip, Trash, Wait};
        let all = [Copy, CopyAsOrphan, Wait, Skip, Done, Delete, Keep, Adopt, Reassign, Trash];
        all.into_iter().find(|action| action.word() == word)
    }

    /// Whether nothing more is owed.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Action::Skip | Action::Done | Action::Trash)
    }

    /// Whether the copy is to be made or finished in this run.
    #[must_use]
    pub fn is_copy(self) -> bool {
        matches!(self, Action::Copy | Action::CopyAsOrphan)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)*) => {
        /// Why something waits, is skipped or goes another way: one fixed word each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason {
            $($(#[doc = $doc])+ $name,)*
        }

        impl Reason {
            /// The word used in reports and in the ledger.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Reason::$name => $word,)* }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Reason::$name => concat!($($doc),+).trim_ascii(),)* }
            }

            /// Reads the ledger's word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Reason> {
                match word { $($word => Some(Reason::$name),)* _ => None }
            }
        }
    };
}

reasons! {
    /// Recorded before go-live.
    BeforeGoLive = "before_go_live",
    /// Zoom is still recording or processing it.
    Processing = "processing",
    /// Zoom does not list it just now.
    NotListed = "not_listed",
    /// Zoom no longer has it, and it was not copied.
    GoneFromZoom = "gone_from_zoom",
    /// Zoom has not finished it within the time for which it keeps recordings.
    NeverFinished = "never_finished",
    /// Zoom lists the meeting without any file.
    NoFiles = "no_files",
    /// Zoom does not say where the file lies.
    Incomplete = "incomplete_listing",
    /// Only the best view is wanted (`copy.views`).
    FurtherView = "further_view_left_out",
    /// Sound that a video of the same segment has too (`copy.audio`).
    AudioBesideVideo = "audio_beside_video",
    /// `copy.audio` is "never".
    AudioOff = "audio_off",
    /// `copy.captions` is off.
    CaptionsOff = "captions_off",
    /// There is neither picture nor sound.
    NoMedia = "no_media",
    /// It belongs to an entry that does not exist yet.
    AfterParent = "after_its_entry",
    /// `copy.chat` is off.
    ChatOff = "chat_off",
    /// A file of a type that has no place in Kaltura.
    FileType = "file_type_not_copied",
    /// What Zoom gives as captions is none that a player can show; looked at again when Zoom changes it.
    NotACaption = "not_a_caption",
    /// What Zoom gives as the chat is no text; looked at again when Zoom changes it.
    NotAChat = "not_a_chat",
    /// Zoom's file holds nothing: nobody spoke, or wrote; looked at again when Zoom changes it.
    Empty = "empty",
    /// `filter.meetings` is off.
    MeetingsOff = "meetings_off",
    /// `filter.webinars` is off.
    WebinarsOff = "webinars_off",
    /// Shorter than `filter.min_duration`.
    TooShort = "too_short",
    /// The topic matches `filter.exclude_topics`.
    TopicExcluded = "topic_excluded",
    /// The host opted out, or had opted out when it was recorded.
    OptedOut = "opted_out",
    /// The host has not opted in, or had not when it was recorded.
    NotOptedIn = "not_opted_in",
    /// A group of those who opt out or in could not be read, and the host may be one of them.
    GroupUnreadable = "group_unreadable",
    /// A list of people makes no sense or shrank too much to be believed, and the host may be one of them.
    ListInDoubt = "list_in_doubt",
    /// Its type is one of `filter.exclude_recording_types`.
    RecordingTypeExcluded = "recording_type_excluded",
    /// The host has no Kaltura account.
    NoAccount = "no_account",
    /// Several Kaltura users have the host's address, or Kaltura takes another user's id for the host's.
    AmbiguousEmail = "ambiguous_email",
    /// The alias file gives the host to a Kaltura user that does not exist.
    WrongAlias = "wrong_alias",
    /// Only `{localpart}` leads to an account, which counts for nobody as long as `owner.domains` is missing.
    OwnerDomainsMissing = "owner_domains_missing",
    /// Zoom no longer knows the host, or has no address of theirs.
    HostUnknown = "host_unknown",
    /// Who the host is, or whether they have an account, could not be found out.
    OwnerLookupFailed = "owner_lookup_failed",
    /// The ledger holds of it what this version does not know.
    LedgerUnreadable = "ledger_unreadable",
    /// The holding user is missing in Kaltura, so orphans wait.
    NoHoldingUser = "no_holding_user",
    /// Kaltura has a copy that another tool made.
    CopiedByAnotherTool = "copied_by_another_tool",
    /// Kaltura has a copy with our mark that this ledger does not know.
    CopiedBefore = "copied_before",
    /// People deleted the copy in Kaltura; it stays deleted.
    DeletedInKaltura = "deleted_in_kaltura",
    /// The copy was replaced or trimmed in Kaltura; it is theirs to change.
    EditedInKaltura = "edited_in_kaltura",
    /// The copy is whole, and Kaltura can never show how long it is, nor change or delete it: something of it is not ASCII.
    Frozen = "frozen_in_kaltura",
    /// Kaltura is fetching it from Zoom.
    Importing = "importing",
    /// Kaltura did not fetch it from Zoom in time; the next run streams it.
    ImportFailed = "import_failed",
    /// Kaltura did not fetch it from Zoom: by the time it took, Zoom refused each of its three tries; the next run streams it.
    ImportRefused = "import_refused",
    /// Kaltura did not fetch it from Zoom: a page, or nothing, came in place of the recording; the next run streams it.
    ImportedPage = "import_got_page",
    /// Kaltura did not fetch it from Zoom whole: other bytes came than Zoom lists; the next run streams it.
    ImportCutShort = "import_cut_short",
    /// All bytes are in Kaltura; its processing is not finished.
    InConversion = "in_conversion",
    /// Kaltura could not make sense of the content.
    ConversionFailed = "conversion_failed",
    /// Kaltura plays the copy for another time than Zoom recorded.
    DurationDiffers = "duration_differs",
    /// `--limit` leaves it for a later run.
    BeyondLimit = "beyond_limit",
    /// Failed before; the next try is not due yet.
    RetryLater = "retry_later",
    /// Failed `sync.max_attempts` times.
    GivenUp = "given_up",
    /// The orphaned copy was deleted when its time had come.
    Purged = "purged",
    /// `purge` is at work on it.
    BeingPurged = "being_purged",
    /// A file of it is on its way into Kaltura.
    InTransfer = "in_transfer",
    /// The orphaned copy is old enough to be deleted.
    OldEnough = "old_enough",
    /// The orphaned copy is not old enough to be deleted.
    TooYoung = "not_old_enough",
    /// The orphaned copy is gone from Kaltura already.
    AlreadyGone = "already_gone",
    /// The entry does not carry the mark of this program.
    NotOurs = "not_made_by_us",
    /// Another installation of this program made it, or is perhaps at work on it.
    AnotherInstallation = "another_installation",
    /// It does not carry the mark of an orphan, and may be somebody's.
    NoOrphanMark = "no_orphan_mark",
    /// Somebody gave the entry to another account.
    OwnerChanged = "owner_changed",
    /// Somebody published the entry, or shared it.
    Published = "published",
    /// The ledger does not know the copy; the next `sync` takes it up.
    NotInLedger = "not_in_ledger",
    /// Somebody else added a child, captions or an attachment to the entry, which would be deleted with it.
    SomeoneElseAdded = "someone_else_added",
    /// Kaltura answered that the copy was deleted, and it is still there; somebody must look at it.
    NotDeletable = "not_deletable",
    /// It stays in Zoom: more files are due for Zoom's trash than `zoom_trash.max_files` allows at once.
    TrashHeldBack = "zoom_trash_held_back",
    /// It stays in Zoom: what Zoom has is not the file that was copied.
    ChangedInZoom = "changed_in_zoom",
    /// It stays in Zoom: Kaltura no longer has the source of its copy, by which it is known to be whole.
    SourceGone = "source_gone",
    /// It stays in Zoom, which still uses it (a simulive webinar, Zoom IQ).
    UsedInZoom = "used_in_zoom",
}

impl Reason {
    /// Whether it tells what a confirmed copy is like, and so is kept with it.
    #[must_use]
    pub fn is_about_a_copy(self) -> bool {
        matches!(self, Reason::EditedInKaltura | Reason::Frozen | Reason::DurationDiffers)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
