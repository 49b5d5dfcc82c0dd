//! The fixed words for why, and what each of them means to the rest of the program: one table.

use std::fmt;

use super::answers::{Answers, Harm, InLedger, OrphanStays, Uncopied, WaitsFor};

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
        $name:ident = $word:literal | $waits:tt | $harm:tt | $uncopied:tt | $in_ledger:tt | $orphan:tt
            => $remedy:literal;
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

            /// What a person does about it.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self { $(Reason::$name => $remedy,)* }
            }

            /// Reads the ledger's word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Reason> {
                match word { $($word => Some(Reason::$name),)* _ => None }
            }

            /// Every one, in the order of the table.
            pub const ALL: &[Reason] = &[$(Reason::$name,)*];

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
    //     => what to do
    /// Recorded before go-live.
    BeforeGoLive = "before_go_live"                      | -            | -       | ByRule | -        | -
        => "Nothing. To copy it all the same, run `backfill` over its day.";
    /// Zoom is still recording or processing it.
    Processing = "processing"                            | ZoomToFinish | -       | -      | -        | -
        => "Nothing: a later run copies it. A view that stays unfinished for a day gives way to the next best.";
    /// Zoom does not list it just now.
    NotListed = "not_listed"                             | ZoomToList   | -       | -      | -        | -
        => "Nothing yet: each run asks for it. After `sync.zoom_retention` it counts as lost.";
    /// Zoom no longer has it, and it was not copied.
    GoneFromZoom = "gone_from_zoom"                      | -            | Loss    | -      | -        | -
        => "Look in Zoom's trash. A recording that you recover there is copied within 12 hours.";
    /// Zoom has not finished it within the time for which it keeps recordings.
    NeverFinished = "never_finished"                     | -            | Loss    | -      | -        | -
        => "Look at the recording in Zoom's web portal: its processing failed. Ask Zoom's support.";
    /// Zoom lists the meeting without any file.
    NoFiles = "no_files"                                 | ZoomToList   | -       | -      | Never    | -
        => "Nothing: a later run looks again.";
    /// Zoom does not say where the file can be downloaded.
    Incomplete = "incomplete_listing"                    | ZoomToFinish | -       | -      | -        | -
        => "Nothing: a later run looks again.";
    /// Only the best view is wanted (`copy.views`).
    FurtherView = "further_view_left_out"                | -            | -       | File   | -        | -
        => "Nothing. Set `copy.views = \"all\"` to copy every view.";
    /// Sound that a video of the same recording contains too (`copy.audio`).
    AudioBesideVideo = "audio_beside_video"              | -            | -       | File   | -        | -
        => "Nothing. Set `copy.audio = \"always\"` to copy it.";
    /// `copy.audio` is "never".
    AudioOff = "audio_off"                               | -            | -       | File   | -        | -
        => "Nothing. Set `copy.audio` to copy it.";
    /// The sound or picture of an interpreter; `copy.interpretation` is off.
    InterpretationOff = "interpretation_off"             | -            | -       | File   | -        | -
        => "Nothing. Set `copy.interpretation = true` to copy it.";
    /// The separate sound of one participant, which is never copied.
    ParticipantAudio = "participant_audio"               | -            | -       | File   | -        | -
        => "Nothing. If Zoom has nothing else of the recording, look at it in Zoom's web portal.";
    /// `copy.captions` is off.
    CaptionsOff = "captions_off"                         | -            | -       | File   | -        | -
        => "Nothing. Set `copy.captions = true` to copy it.";
    /// The recording has neither picture nor sound.
    NoMedia = "no_media"                                 | -            | -       | -      | -        | -
        => "Nothing. Kaltura has no place for the rest without an entry.";
    /// It belongs to an entry that does not exist yet.
    AfterParent = "after_its_entry"                      | -            | -       | -      | -        | -
        => "Nothing: it follows its entry, in the same run or the next.";
    /// `copy.attachments` does not name the chat.
    ChatOff = "chat_off"                                 | -            | -       | File   | -        | -
        => "Nothing. Add \"chat\" to `copy.attachments` to copy it.";
    /// `copy.attachments` does not name the summary, the poll results or the timeline.
    AttachmentOff = "attachment_off"                     | -            | -       | File   | -        | -
        => "Nothing. Add \"summary\", \"poll\" or \"timeline\" to `copy.attachments` to copy it.";
    /// A file of a type that has no place in Kaltura.
    FileType = "file_type_not_copied"                    | -            | -       | File   | -        | -
        => "Nothing.";
    /// Zoom's file holds no captions that a player can show; it is looked at again when Zoom changes it.
    NotACaption = "not_a_caption"                        | -            | -       | File   | -        | -
        => "Nothing. To look at once, run `retry` with the meeting's id.";
    /// Zoom's chat, summary, poll results or timeline is no text; it is looked at again when Zoom changes it.
    NotAText = "not_a_text"                              | -            | -       | File   | -        | -
        => "Nothing. To look at once, run `retry` with the meeting's id.";
    /// Zoom's file is empty, as nobody spoke or wrote; it is looked at again when Zoom changes it.
    Empty = "empty"                                      | -            | -       | File   | -        | -
        => "Nothing. To look at once, run `retry` with the meeting's id.";
    /// `filter.meetings` is off.
    MeetingsOff = "meetings_off"                         | -            | -       | ByRule | -        | -
        => "Nothing: your rule.";
    /// `filter.webinars` is off.
    WebinarsOff = "webinars_off"                         | -            | -       | ByRule | -        | -
        => "Nothing: your rule.";
    /// Shorter than `filter.min_duration`.
    TooShort = "too_short"                               | -            | -       | ByRule | -        | -
        => "Nothing: your rule.";
    /// The topic matches `filter.exclude_topics`.
    TopicExcluded = "topic_excluded"                     | -            | -       | ByRule | -        | -
        => "Nothing: your rule. If it matches too much, correct the pattern and run `backfill`.";
    /// The host opted out, or had opted out when it was recorded.
    OptedOut = "opted_out"                               | -            | -       | ByHost | -        | -
        => "Nothing. To copy it at the host's wish, remove the line, or the host from the group, and run `backfill`.";
    /// The host has not opted in, or had not when it was recorded.
    NotOptedIn = "not_opted_in"                          | -            | -       | ByHost | -        | -
        => "Nothing. To copy it at the host's wish, add the line and run `backfill`.";
    /// A group of those who opt out or in cannot be read, and the host may be a member.
    GroupUnreadable = "group_unreadable"                 | People       | Trouble | -      | -        | -
        => "Restore the group, give the app its scope or the role its permission, or correct its name in `[filter]`. Until then the \
           recording waits.";
    /// A list of people has a bad line or shrank too much, and the host may be on it.
    ListInDoubt = "list_in_doubt"                        | People       | Trouble | ForNow | -        | -
        => "Correct the line that the error names. If the list really shrank, run `sync --accept-list` once.";
    /// Its type is one of `filter.exclude_recording_types`.
    RecordingTypeExcluded = "recording_type_excluded"    | -            | -       | File   | -        | -
        => "Nothing: your rule.";
    /// The host has no Kaltura account that a rule of `[owner]` finds.
    NoAccount = "no_account"                             | -            | -       | -      | -        | -
        => "Nothing if the host has none. Otherwise add a rule to `owner.candidates` or a line to `owner.aliases`.";
    /// Several Kaltura users have the host's address, or Kaltura takes another user's id for the host's.
    AmbiguousEmail = "ambiguous_email"                   | -            | -       | -      | -        | -
        => "Add a line for the host to `owner.aliases`, or correct the addresses in Kaltura.";
    /// The alias file gives the host to a Kaltura user that does not exist.
    WrongAlias = "wrong_alias"                           | People       | Failure | ForNow | -        | -
        => "Correct the line in the alias file. Until then nothing of this host is copied.";
    /// Only `{localpart}` leads to an account, which counts for nobody while `owner.domains` is missing.
    OwnerDomainsMissing = "owner_domains_missing"        | People       | Trouble | -      | -        | -
        => "Set `owner.domains`. Until then the recording waits: it is not copied as an orphan, and its copy is not \
           purged.";
    /// Zoom no longer knows the host, or has no address for them.
    HostUnknown = "host_unknown"                         | -            | -       | -      | -        | -
        => "Nothing. If you know whose it is, use an alias or `reassign`.";
    /// The program could not find out who the host is, or whether they have an account.
    OwnerLookupFailed = "owner_lookup_failed"            | -            | Failure | ForNow | -        | -
        => "Nothing at once: the next run asks again. If it lasts, run `check`.";
    /// The recording's row in the ledger holds what this version does not know.
    LedgerUnreadable = "ledger_unreadable"               | -            | -       | -      | Never    | -
        => "Restore a backup, or install the version that wrote it. Until then the recording is left alone.";
    /// The holding user is missing in Kaltura, or belongs to a host, so orphans wait.
    NoHoldingUser = "no_holding_user"                    | People       | Trouble | ForNow | -        | -
        => "Create the user, or set `owner.holding_user` to one that is nobody's account.";
    /// Kaltura has a copy that another tool made.
    CopiedByAnotherTool = "copied_by_another_tool"       | -            | -       | -      | -        | -
        => "Nothing: it counts as copied.";
    /// Kaltura has a copy with our mark that this ledger does not know.
    CopiedBefore = "copied_before"                       | -            | -       | -      | -        | -
        => "Nothing: it counts as copied.";
    /// People deleted the copy in Kaltura; it stays deleted.
    DeletedInKaltura = "deleted_in_kaltura"              | -            | -       | -      | -        | ForGood
        => "Nothing. To copy it again, run `backfill --recopy-purged`.";
    /// People replaced or trimmed the copy in Kaltura; it stays as they left it.
    EditedInKaltura = "edited_in_kaltura"                | -            | -       | -      | WithCopy | -
        => "Nothing.";
    /// The copy is whole, but Kaltura cannot show its duration or change it: a name or id in it is not ASCII.
    Frozen = "frozen_in_kaltura"                         | -            | -       | -      | WithCopy | AtAnyAge
        => "Ask Kaltura's support to repair the entry. It counts as copied and is reported once; its source stays in \
           Zoom.";
    /// Kaltura is fetching it from Zoom.
    Importing = "importing"                              | Kaltura      | -       | -      | -        | -
        => "Nothing: a later run confirms it.";
    /// Kaltura did not fetch it from Zoom in time; the next run streams it.
    ImportFailed = "import_failed"                       | -            | -       | -      | -        | -
        => "Nothing. If it happens to every recording, set `sync.transfer = \"stream\"`.";
    /// Kaltura did not fetch it from Zoom, which seems to have refused all three tries; the next run streams it.
    ImportRefused = "import_refused"                     | -            | -       | -      | -        | -
        => "Nothing. If it happens to every recording, set `sync.transfer = \"stream\"`.";
    /// Kaltura received a page or nothing from Zoom in place of the recording; the next run streams it.
    ImportedPage = "import_got_page"                     | -            | -       | -      | -        | -
        => "Nothing. If it happens to every recording, set `sync.transfer = \"stream\"`.";
    /// Kaltura received other bytes from Zoom than Zoom lists; the next run streams it.
    ImportCutShort = "import_cut_short"                  | -            | -       | -      | -        | -
        => "Nothing. If it happens to every recording, set `sync.transfer = \"stream\"`.";
    /// All bytes are in Kaltura; its processing is not finished.
    InConversion = "in_conversion"                       | Kaltura      | -       | -      | -        | -
        => "Nothing: a later run confirms it. If it lasts for hours, look at Kaltura's queue in the KMC.";
    /// Kaltura could not process the content.
    ConversionFailed = "conversion_failed"               | -            | -       | -      | -        | -
        => "Nothing while Zoom has it: it is sent again, and the failed entry is deleted once the new one is confirmed, \
           unless people changed it. After that, look at the entry in the KMC.";
    /// Kaltura plays the copy for another time than Zoom recorded.
    DurationDiffers = "duration_differs"                 | -            | -       | -      | WithCopy | -
        => "Play both: a long pause explains it. If the copy is bad, delete it in Kaltura and run `backfill \
           --recopy-purged`.";
    /// `--limit` leaves it for a later run.
    BeyondLimit = "beyond_limit"                         | -            | -       | ForNow | -        | -
        => "Nothing.";
    /// It failed before, and the next try is not due yet.
    RetryLater = "retry_later"                           | -            | -       | -      | -        | -
        => "Nothing. To try at once, run `retry` with its id.";
    /// It failed `sync.max_attempts` times.
    GivenUp = "given_up"                                 | -            | Loss    | -      | -        | -
        => "Correct what the error says, then run `retry` with its id.";
    /// The orphaned copy was deleted when its time was over.
    Purged = "purged"                                    | -            | -       | -      | -        | -
        => "Nothing. To copy it again, run `backfill --recopy-purged`.";
    /// `purge` is working on it.
    BeingPurged = "being_purged"                         | -            | -       | -      | -        | -
        => "Nothing: the next run looks again.";
    /// A file of it is still on its way into Kaltura.
    InTransfer = "in_transfer"                           | -            | -       | -      | -        | -
        => "Nothing: the next run looks again.";
    /// The orphaned copy is old enough to be deleted.
    OldEnough = "old_enough"                             | -            | -       | -      | -        | -
        => "Nothing.";
    /// The orphaned copy is not old enough to be deleted.
    TooYoung = "not_old_enough"                          | -            | -       | -      | -        | -
        => "Nothing.";
    /// The orphaned copy is gone from Kaltura already.
    AlreadyGone = "already_gone"                         | -            | -       | -      | -        | -
        => "Nothing.";
    /// The entry does not carry the mark of this program.
    NotOurs = "not_made_by_us"                           | -            | -       | -      | -        | AtAnyAge
        => "Nothing: it is never changed or deleted.";
    /// Another installation of this program made it, or may be working on it.
    AnotherInstallation = "another_installation"         | -            | -       | -      | -        | AtAnyAge
        => "Nothing while that one works. Once it is gone for good, run `sync --take-over`.";
    /// It does not carry the mark of an orphan, and may belong to somebody.
    NoOrphanMark = "no_orphan_mark"                      | -            | -       | -      | -        | ForGood
        => "Nothing. If nobody needs it, delete it in the KMC.";
    /// Somebody gave the entry to another account.
    OwnerChanged = "owner_changed"                       | -            | -       | -      | -        | ForGood
        => "Nothing: it stays with that account.";
    /// Somebody published the entry, or shared it.
    Published = "published"                              | -            | -       | -      | -        | ForGood
        => "Nothing: it stays. Give it to an account with `owner.aliases`, or delete it in the KMC.";
    /// The ledger does not know the copy; the next `sync` adds it.
    NotInLedger = "not_in_ledger"                        | -            | -       | -      | -        | -
        => "Nothing. `reassign` hands it over all the same.";
    /// Somebody else added a child, captions or an attachment, which would be deleted with the entry.
    SomeoneElseAdded = "someone_else_added"              | -            | -       | -      | -        | ForGood
        => "Nothing: it stays. Give it to an account with `owner.aliases`, or delete it in the KMC.";
    /// Kaltura answered that the copy was deleted, but it is still there.
    NotDeletable = "not_deletable"                       | -            | -       | -      | -        | ForGood
        => "Delete it in the KMC, or ask Kaltura's support. `purge` fails once and then leaves it alone.";
    /// It stays in Zoom: more files are due for Zoom's trash than `zoom_trash.max_files` allows at once.
    TrashHeldBack = "zoom_trash_held_back"               | -            | -       | -      | -        | -
        => "Look at `sync --dry-run`. If the number is right, raise `zoom_trash.max_files` for one run.";
    /// It stays in Zoom: what Zoom has now is not the file that was copied.
    ChangedInZoom = "changed_in_zoom"                    | -            | -       | -      | -        | -
        => "Nothing: it is looked at again a day later.";
    /// It stays in Zoom: Kaltura no longer has the source file that proves the copy whole.
    SourceGone = "source_gone"                           | -            | -       | -      | -        | -
        => "Nothing. Keep sources in the conversion profile if recordings are to go to Zoom's trash.";
    /// It stays in Zoom, which still uses it (a simulive webinar, Zoom IQ).
    UsedInZoom = "used_in_zoom"                          | -            | -       | -      | -        | -
        => "Nothing: it is looked at again a day later.";
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

    /// Whether a rule of the institution leaves the recording out, whoever hosted it.
    #[must_use]
    pub fn is_rule(self) -> bool {
        self.answers().uncopied == Some(Uncopied::ByRule)
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
                    "attachment_off",
                    "audio_beside_video",
                    "audio_off",
                    "captions_off",
                    "chat_off",
                    "empty",
                    "file_type_not_copied",
                    "further_view_left_out",
                    "interpretation_off",
                    "not_a_caption",
                    "not_a_text",
                    "participant_audio",
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
