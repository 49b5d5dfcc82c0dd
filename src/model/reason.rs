//! The fixed words for why, and what each of them means to the rest of the program: one table.

use std::fmt;

/// What somebody has to do before it goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WaitsFor {
    /// Zoom lists it, with its files.
    ZoomToList,
    /// Zoom finishes what it lists.
    ZoomToFinish,
    /// Kaltura finishes what it has, or fetches.
    Kaltura,
    /// A person at the institution mends something.
    People,
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Harm {
    /// It waits for longer than it ought to.
    Trouble,
    /// The same, and the run counts it as failed.
    Failure,
    /// What ought to be in Kaltura will not come there by itself.
    Loss,
}

/// What it leaves uncopied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Uncopied {
    /// A file, beside which the others are copied.
    File,
    /// All of a host who does not agree.
    ByHost,
    /// Nothing: the entry is made as soon as nothing more keeps it back.
    ForNow,
}

/// Where the ledger keeps it, if not as the last decision only.
#[derive(Clone, Copy, PartialEq, Eq)]
enum InLedger {
    /// Nothing is written down, or written over.
    Never,
    /// It tells what a confirmed copy is like, and is kept with it.
    WithCopy,
}

/// That `purge` does not delete an orphan.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OrphanStays {
    /// As people made something of it.
    ForGood,
    /// The same, and nobody looks at its age first.
    AtAnyAge,
}

/// A row of the table: `None` is the dash.
struct Answers {
    waits_for: Option<WaitsFor>,
    harm: Option<Harm>,
    uncopied: Option<Uncopied>,
    in_ledger: Option<InLedger>,
    orphan_stays: Option<OrphanStays>,
}

macro_rules! answer {
    ($question:ident, -) => {
        None
    };
    ($question:ident, $answer:ident) => {
        Some($question::$answer)
    };
}

macro_rules! reasons {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident = $word:literal | $waits:tt | $harm:tt | $uncopied:tt | $in_ledger:tt | $orphan:tt;
    )*) => {
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

            #[cfg(test)]
            const ALL: &[Reason] = &[$(Reason::$name,)*];

            const fn answers(self) -> Answers {
                match self {
                    $(Reason::$name => Answers {
                        waits_for: answer!(WaitsFor, $waits),
                        harm: answer!(Harm, $harm),
                        uncopied: answer!(Uncopied, $uncopied),
                        in_ledger: answer!(InLedger, $in_ledger),
                        orphan_stays: answer!(OrphanStays, $orphan),
                    },)*
                }
            }
        }
    };
}

reasons! {
    // what it means, its word                           | waits for    | harm    | out    | ledger   | orphan stays
    /// Recorded before go-live.
    BeforeGoLive = "before_go_live"                      | -            | -       | -      | -        | -;
    /// Zoom is still recording or processing it.
    Processing = "processing"                            | ZoomToFinish | -       | -      | -        | -;
    /// Zoom does not list it just now.
    NotListed = "not_listed"                             | ZoomToList   | -       | -      | -        | -;
    /// Zoom no longer has it, and it was not copied.
    GoneFromZoom = "gone_from_zoom"                      | -            | Loss    | -      | -        | -;
    /// Zoom has not finished it within the time for which it keeps recordings.
    NeverFinished = "never_finished"                     | -            | Loss    | -      | -        | -;
    /// Zoom lists the meeting without any file.
    NoFiles = "no_files"                                 | ZoomToList   | -       | -      | Never    | -;
    /// Zoom does not say where the file lies.
    Incomplete = "incomplete_listing"                    | ZoomToFinish | -       | -      | -        | -;
    /// Only the best view is wanted (`copy.views`).
    FurtherView = "further_view_left_out"                | -            | -       | File   | -        | -;
    /// Sound that a video of the same segment has too (`copy.audio`).
    AudioBesideVideo = "audio_beside_video"              | -            | -       | File   | -        | -;
    /// `copy.audio` is "never".
    AudioOff = "audio_off"                               | -            | -       | File   | -        | -;
    /// `copy.captions` is off.
    CaptionsOff = "captions_off"                         | -            | -       | File   | -        | -;
    /// There is neither picture nor sound.
    NoMedia = "no_media"                                 | -            | -       | -      | -        | -;
    /// It belongs to an entry that does not exist yet.
    AfterParent = "after_its_entry"                      | -            | -       | -      | -        | -;
    /// `copy.chat` is off.
    ChatOff = "chat_off"                                 | -            | -       | File   | -        | -;
    /// A file of a type that has no place in Kaltura.
    FileType = "file_type_not_copied"                    | -            | -       | File   | -        | -;
    /// What Zoom gives as captions is none that a player can show; looked at again when Zoom changes it.
    NotACaption = "not_a_caption"                        | -            | -       | File   | -        | -;
    /// What Zoom gives as the chat is no text; looked at again when Zoom changes it.
    NotAChat = "not_a_chat"                              | -            | -       | File   | -        | -;
    /// Zoom's file holds nothing: nobody spoke, or wrote; looked at again when Zoom changes it.
    Empty = "empty"                                      | -            | -       | File   | -        | -;
    /// `filter.meetings` is off.
    MeetingsOff = "meetings_off"                         | -            | -       | -      | -        | -;
    /// `filter.webinars` is off.
    WebinarsOff = "webinars_off"                         | -            | -       | -      | -        | -;
    /// Shorter than `filter.min_duration`.
    TooShort = "too_short"                               | -            | -       | -      | -        | -;
    /// The topic matches `filter.exclude_topics`.
    TopicExcluded = "topic_excluded"                     | -            | -       | -      | -        | -;
    /// The host opted out, or had opted out when it was recorded.
    OptedOut = "opted_out"                               | -            | -       | ByHost | -        | -;
    /// The host has not opted in, or had not when it was recorded.
    NotOptedIn = "not_opted_in"                          | -            | -       | ByHost | -        | -;
    /// A group of those who opt out or in could not be read, and the host may be one of them.
    GroupUnreadable = "group_unreadable"                 | People       | Trouble | -      | -        | -;
    /// A list of people makes no sense or shrank too much to be believed, and the host may be one of them.
    ListInDoubt = "list_in_doubt"                        | People       | Trouble | ForNow | -        | -;
    /// Its type is one of `filter.exclude_recording_types`.
    RecordingTypeExcluded = "recording_type_excluded"    | -            | -       | File   | -        | -;
    /// The host has no Kaltura account.
    NoAccount = "no_account"                             | -            | -       | -      | -        | -;
    /// Several Kaltura users have the host's address, or Kaltura takes another user's id for the host's.
    AmbiguousEmail = "ambiguous_email"                   | -            | -       | -      | -        | -;
    /// The alias file gives the host to a Kaltura user that does not exist.
    WrongAlias = "wrong_alias"                           | People       | Failure | ForNow | -        | -;
    /// Only `{localpart}` leads to an account, which counts for nobody as long as `owner.domains` is missing.
    OwnerDomainsMissing = "owner_domains_missing"        | People       | Trouble | -      | -        | -;
    /// Zoom no longer knows the host, or has no address of theirs.
    HostUnknown = "host_unknown"                         | -            | -       | -      | -        | -;
    /// Who the host is, or whether they have an account, could not be found out.
    OwnerLookupFailed = "owner_lookup_failed"            | -            | Failure | ForNow | -        | -;
    /// The ledger holds of it what this version does not know.
    LedgerUnreadable = "ledger_unreadable"               | -            | -       | -      | Never    | -;
    /// The holding user is missing in Kaltura, so orphans wait.
    NoHoldingUser = "no_holding_user"                    | People       | Trouble | ForNow | -        | -;
    /// Kaltura has a copy that another tool made.
    CopiedByAnotherTool = "copied_by_another_tool"       | -            | -       | -      | -        | -;
    /// Kaltura has a copy with our mark that this ledger does not know.
    CopiedBefore = "copied_before"                       | -            | -       | -      | -        | -;
    /// People deleted the copy in Kaltura; it stays deleted.
    DeletedInKaltura = "deleted_in_kaltura"              | -            | -       | -      | -        | ForGood;
    /// The copy was replaced or trimmed in Kaltura; it is theirs to change.
    EditedInKaltura = "edited_in_kaltura"                | -            | -       | -      | WithCopy | -;
    /// The copy is whole, and Kaltura can never show how long it is, nor change or delete it: something of it is not ASCII.
    Frozen = "frozen_in_kaltura"                         | -            | -       | -      | WithCopy | AtAnyAge;
    /// Kaltura is fetching it from Zoom.
    Importing = "importing"                              | Kaltura      | -       | -      | -        | -;
    /// Kaltura did not fetch it from Zoom in time; the next run streams it.
    ImportFailed = "import_failed"                       | -            | -       | -      | -        | -;
    /// Kaltura did not fetch it from Zoom: by the time it took, Zoom refused each of its three tries; the next run streams it.
    ImportRefused = "import_refused"                     | -            | -       | -      | -        | -;
    /// Kaltura did not fetch it from Zoom: a page, or nothing, came in place of the recording; the next run streams it.
    ImportedPage = "import_got_page"                     | -            | -       | -      | -        | -;
    /// Kaltura did not fetch it from Zoom whole: other bytes came than Zoom lists; the next run streams it.
    ImportCutShort = "import_cut_short"                  | -            | -       | -      | -        | -;
    /// All bytes are in Kaltura; its processing is not finished.
    InConversion = "in_conversion"                       | Kaltura      | -       | -      | -        | -;
    /// Kaltura could not make sense of the content.
    ConversionFailed = "conversion_failed"               | -            | -       | -      | -        | -;
    /// Kaltura plays the copy for another time than Zoom recorded.
    DurationDiffers = "duration_differs"                 | -            | -       | -      | WithCopy | -;
    /// `--limit` leaves it for a later run.
    BeyondLimit = "beyond_limit"                         | -            | -       | ForNow | -        | -;
    /// Failed before; the next try is not due yet.
    RetryLater = "retry_later"                           | -            | -       | -      | -        | -;
    /// Failed `sync.max_attempts` times.
    GivenUp = "given_up"                                 | -            | Loss    | -      | -        | -;
    /// The orphaned copy was deleted when its time had come.
    Purged = "purged"                                    | -            | -       | -      | -        | -;
    /// `purge` is at work on it.
    BeingPurged = "being_purged"                         | -            | -       | -      | -        | -;
    /// A file of it is on its way into Kaltura.
    InTransfer = "in_transfer"                           | -            | -       | -      | -        | -;
    /// The orphaned copy is old enough to be deleted.
    OldEnough = "old_enough"                             | -            | -       | -      | -        | -;
    /// The orphaned copy is not old enough to be deleted.
    TooYoung = "not_old_enough"                          | -            | -       | -      | -        | -;
    /// The orphaned copy is gone from Kaltura already.
    AlreadyGone = "already_gone"                         | -            | -       | -      | -        | -;
    /// The entry does not carry the mark of this program.
    NotOurs = "not_made_by_us"                           | -            | -       | -      | -        | AtAnyAge;
    /// Another installation of this program made it, or is perhaps at work on it.
    AnotherInstallation = "another_installation"         | -            | -       | -      | -        | AtAnyAge;
    /// It does not carry the mark of an orphan, and may be somebody's.
    NoOrphanMark = "no_orphan_mark"                      | -            | -       | -      | -        | ForGood;
    /// Somebody gave the entry to another account.
    OwnerChanged = "owner_changed"                       | -            | -       | -      | -        | ForGood;
    /// Somebody published the entry, or shared it.
    Published = "published"                              | -            | -       | -      | -        | ForGood;
    /// The ledger does not know the copy; the next `sync` takes it up.
    NotInLedger = "not_in_ledger"                        | -            | -       | -      | -        | -;
    /// Somebody else added a child, captions or an attachment to the entry, which would be deleted with it.
    SomeoneElseAdded = "someone_else_added"              | -            | -       | -      | -        | ForGood;
    /// Kaltura answered that the copy was deleted, and it is still there; somebody must look at it.
    NotDeletable = "not_deletable"                       | -            | -       | -      | -        | ForGood;
    /// It stays in Zoom: more files are due for Zoom's trash than `zoom_trash.max_files` allows at once.
    TrashHeldBack = "zoom_trash_held_back"               | -            | -       | -      | -        | -;
    /// It stays in Zoom: what Zoom has is not the file that was copied.
    ChangedInZoom = "changed_in_zoom"                    | -            | -       | -      | -        | -;
    /// It stays in Zoom: Kaltura no longer has the source of its copy, by which it is known to be whole.
    SourceGone = "source_gone"                           | -            | -       | -      | -        | -;
    /// It stays in Zoom, which still uses it (a simulive webinar, Zoom IQ).
    UsedInZoom = "used_in_zoom"                          | -            | -       | -      | -        | -;
}

impl Reason {
    /// Whether Zoom has to list or to finish it: nobody here can hasten that.
    #[must_use]
    pub fn waits_for_zoom(self) -> bool {
        matches!(self.answers().waits_for, Some(WaitsFor::ZoomToList | WaitsFor::ZoomToFinish))
    }

    /// Whether Zoom lists it and has not finished it.
    #[must_use]
    pub fn is_unfinished_in_zoom(self) -> bool {
        self.answers().waits_for == Some(WaitsFor::ZoomToFinish)
    }

    /// Whether it only waits for Kaltura, and needs nothing from Zoom.
    #[must_use]
    pub fn waits_for_kaltura(self) -> bool {
        self.answers().waits_for == Some(WaitsFor::Kaltura)
    }

    /// Whether nothing goes on before somebody does something.
    #[must_use]
    pub fn waits_for_people(self) -> bool {
        self.answers().waits_for == Some(WaitsFor::People)
    }

    /// Whether it counts as gone wrong, as tries that failed do.
    #[must_use]
    pub fn is_wrong(self) -> bool {
        self.answers().harm.is_some()
    }

    /// Whether a recording that is skipped for it was never to be copied, and nothing went wrong.
    #[must_use]
    pub fn leaves_out(self) -> bool {
        !self.is_wrong() && !matches!(self, Reason::Purged | Reason::DeletedInKaltura)
    }

    /// Whether the run counts the recording as failed, though nothing was tried.
    #[must_use]
    pub fn is_failure(self) -> bool {
        self.answers().harm == Some(Harm::Failure)
    }

    /// Whether what ought to be in Kaltura will not come there by itself.
    #[must_use]
    pub fn is_loss(self) -> bool {
        self.answers().harm == Some(Harm::Loss)
    }

    /// Whether a file that is skipped for it was never to be copied, so that its recording is copied without it.
    #[must_use]
    pub fn leaves_out_file(self) -> bool {
        self.answers().uncopied == Some(Uncopied::File)
    }

    /// Whether it is left out as its host does not agree.
    #[must_use]
    pub fn is_hosts_choice(self) -> bool {
        self.answers().uncopied == Some(Uncopied::ByHost)
    }

    /// Whether the entry of what waits for it is made as soon as nothing more keeps it back.
    #[must_use]
    pub fn holds_back(self) -> bool {
        self.answers().uncopied == Some(Uncopied::ForNow)
    }

    /// Whether the ledger takes it as a decision on the recording.
    #[must_use]
    pub fn is_written_down(self) -> bool {
        self.answers().in_ledger != Some(InLedger::Never)
    }

    /// Whether it tells what a confirmed copy is like, and so is kept with it.
    #[must_use]
    pub fn is_about_a_copy(self) -> bool {
        self.answers().in_ledger == Some(InLedger::WithCopy)
    }

    /// Whether an orphan that is not deleted for it stays for good, and nobody need look why it is still there.
    #[must_use]
    pub fn keeps_orphan(self) -> bool {
        self.answers().orphan_stays.is_some()
    }

    /// Whether it keeps an orphan however old or young that is.
    #[must_use]
    pub fn keeps_orphan_at_any_age(self) -> bool {
        self.answers().orphan_stays == Some(OrphanStays::AtAnyAge)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;

    type Question = fn(Reason) -> bool;

    #[test]
    fn each_question_names_its_reasons() {
        let questions: [(Question, &[&str]); 14] = [
            (Reason::waits_for_zoom, &["incomplete_listing", "no_files", "not_listed", "processing"]),
            (Reason::is_unfinished_in_zoom, &["incomplete_listing", "processing"]),
            (Reason::waits_for_kaltura, &["importing", "in_conversion"]),
            (
                Reason::waits_for_people,
                &["group_unreadable", "list_in_doubt", "no_holding_user", "owner_domains_missing", "wrong_alias"],
            ),
            (
                Reason::is_wrong,
                &[
                    "given_up",
                    "gone_from_zoom",
                    "group_unreadable",
                    "list_in_doubt",
                    "never_finished",
                    "no_holding_user",
                    "owner_domains_missing",
                    "owner_lookup_failed",
                    "wrong_alias",
                ],
            ),
            (Reason::is_failure, &["owner_lookup_failed", "wrong_alias"]),
            (Reason::is_loss, &["given_up", "gone_from_zoom", "never_finished"]),
            (
                Reason::leaves_out_file,
                &[
                    "audio_beside_video",
                    "audio_off",
                    "captions_off",
                    "chat_off",
                    "empty",
                    "file_type_not_copied",
                    "further_view_left_out",
                    "not_a_caption",
                    "not_a_chat",
                    "recording_type_excluded",
                ],
            ),
            (Reason::is_hosts_choice, &["not_opted_in", "opted_out"]),
            (
                Reason::holds_back,
                &["beyond_limit", "list_in_doubt", "no_holding_user", "owner_lookup_failed", "wrong_alias"],
            ),
            (|reason| !reason.is_written_down(), &["ledger_unreadable", "no_files"]),
            (Reason::is_about_a_copy, &["duration_differs", "edited_in_kaltura", "frozen_in_kaltura"]),
            (
                Reason::keeps_orphan,
                &[
                    "another_installation",
                    "deleted_in_kaltura",
                    "frozen_in_kaltura",
                    "no_orphan_mark",
                    "not_deletable",
                    "not_made_by_us",
                    "owner_changed",
                    "published",
                    "someone_else_added",
                ],
            ),
            (Reason::keeps_orphan_at_any_age, &["another_installation", "frozen_in_kaltura", "not_made_by_us"]),
        ];
        for (question, expected) in questions {
            let reasons = Reason::ALL.iter().filter(|reason| question(**reason));
            let mut words: Vec<&str> = reasons.map(|reason| reason.word()).collect();
            words.sort_unstable();
            assert_eq!(words, expected);
        }
    }
}
