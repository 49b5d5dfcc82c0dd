//! The one table of a copy: where it stands, what can be seen of it, and what follows.
//!
//! Where it stands is what the ledger says ([`CopyState`], [`Tries`]); what can be seen is what Zoom says of the file
//! ([`InZoom`]) and what Kaltura says of the entry ([`InKaltura`]). Each `match` names every state, so that a new state, or a new
//! observation, does not compile before it has its answer. `src/doc/copy-states.md` draws it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{Action, Copied, CopyState, EntryStatus, FileCopy, Reason, RecordingFile};

/// A player may find so much more at the end of a file than Zoom's clock says, or a twentieth of its length.
const LONGER_BY_MS: u64 = 60_000;
/// Zoom counts pauses in, the file does not hold them: a copy may be much shorter, but not this many times.
const SHORTER_TIMES: u64 = 10;

/// Whether a copy may be tried now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tries {
    /// Its time has come.
    Due,
    /// It failed, and its next try lies ahead.
    Later,
    /// It failed as often as it may.
    Spent,
}

/// What Zoom says of the file of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InZoom {
    /// It does not matter yet, or was not asked.
    NotAsked,
    /// It lists it, finished, with the size that the copy was begun with.
    Listed,
    /// The same, with another size.
    ListedOtherwise,
    /// It lists it, and has not finished it.
    Processing,
    /// It lists it without an address to fetch it from.
    WithoutAddress,
    /// It has not finished it for as long as it keeps recordings.
    NeverFinished,
    /// It lists the recording without this file.
    TakenOut,
    /// It does not list the recording just now.
    Unlisted,
    /// It was asked, and has it no more, or has kept it as long as it keeps recordings.
    Lost,
}

/// What Kaltura says of the entry of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InKaltura {
    /// It did not say.
    NotRead,
    /// It has no such entry any more.
    Gone,
    /// Nothing is in it yet.
    Bare,
    /// It is being processed, and shows no bytes.
    BeingFilled,
    /// It is being processed, with other bytes than those of the recording.
    OtherBytes,
    /// It is being processed, with the bytes of the recording.
    Processing,
    /// It plays as long as the recording was.
    Plays,
    /// It plays, much longer or shorter than the recording was.
    PlaysOddly,
    /// It plays other bytes: people trimmed or replaced it.
    PlaysOthers,
    /// It has the bytes and a length of 0, and its source is sound: Kaltura cannot change it any more.
    Frozen,
    /// It has the bytes and a length of 0.
    Unplayable,
    /// It has other bytes, or none, and a length of 0: a page or an error was fetched.
    Page,
    /// Kaltura could not process the bytes of the recording.
    Failed,
    /// Kaltura could not process other bytes.
    FailedOthers,
    /// Kaltura could not even get them.
    FailedBare,
    /// It is in a state that this version does not know.
    Unknown,
}

/// How long ago the entry of a copy was asked for, or Kaltura was told where its bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It has not had time for three tries.
    Lately,
    /// It has, and has some time left.
    Earlier,
    /// Its time is over.
    Overdue,
}

/// What comes next for a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// What Zoom says decides.
    AskZoom,
    /// Nothing now.
    Rest(Action, Option<Reason>),
    /// It begins: nothing of it exists in Kaltura that the ledger knows, or what exists is no copy.
    Begin,
    /// It goes on from where it stands.
    GoOn,
    /// The rest is up to Kaltura, which is asked what became of it.
    Confirm,
    /// It is given up, for this reason; what was begun in Kaltura is taken back.
    TakeBack(Reason),
}

/// Where a copy stands after a look at its entry, what is told of it, and why.
pub type Found = (CopyState, Action, Option<Reason>);

/// What an entry that carries the mark of a recording is, where the ledger knows nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// It says nothing.
    Nothing,
    /// A copy that this installation made.
    Copy,
    /// What this installation began and did not finish.
    Remains,
    /// It settles the matter.
    Settles(Action, Reason),
}

/// Who made an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// This installation, or a version of this program that did not sign.
    Ours,
    /// Another installation of this program.
    AnotherInstallation,
    /// Another tool that gives the same marks.
    AnotherTool,
}

/// What comes next for a copy, by what Zoom says of its file. With `recopy` what was deleted in Kaltura is as if it had
/// never been.
#[must_use]
pub fn next_step(state: CopyState, tries: Tries, zoom: InZoom, recopy: bool) -> Next {
    use CopyState::{
        Attached, Attaching, Broken, Deleted, Done, Empty, Importing, New, NotACaption, NotAChat, Purged, Reserved,
        Sent, Unfetched,
    };
    let skip = |reason| Next::Rest(Action::Skip, Some(reason));
    let wait = |reason| Next::Rest(Action::Wait, Some(reason));
    match (state, tries, zoom) {
        (Importing | Sent, ..) => Next::Confirm,
        (Done, ..) => Next::Rest(Action::Done, None),
        (Deleted, ..) if !recopy => skip(Reason::DeletedInKaltura),
        (Purged, ..) if !recopy => skip(Reason::Purged),
        (NotACaption | NotAChat | Empty, _, InZoom::ListedOtherwise) => Next::Begin,
        (NotACaption, ..) => skip(Reason::NotACaption),
        (NotAChat, ..) => skip(Reason::NotAChat),
        (Empty, ..) => skip(Reason::Empty),
        (Attaching | Attached | Unfetched, Tries::Spent, _) => Next::TakeBack(Reason::GivenUp),
        (New | Reserved | Broken, Tries::Spent, _) => skip(Reason::GivenUp),
        (Broken, Tries::Later, _) => wait(Reason::ConversionFailed),
        (New | Reserved | Attaching | Attached | Unfetched | Broken | Deleted | Purged, _, zoom) => {
            let lost = |reason| match state {
                Attaching | Attached | Unfetched => Next::TakeBack(reason),
                // its entry is there, and people can look at it
                Broken => skip(Reason::ConversionFailed),
                _ => skip(reason),
            };
            match (zoom, tries) {
                (InZoom::NotAsked, _) => Next::AskZoom,
                (InZoom::TakenOut | InZoom::Lost, _) => lost(Reason::GoneFromZoom),
                (InZoom::Unlisted, _) => wait(Reason::NotListed),
                (InZoom::NeverFinished, _) => lost(Reason::NeverFinished),
                (_, Tries::Later) => wait(Reason::RetryLater),
                (InZoom::Processing, _) => wait(Reason::Processing),
                (InZoom::WithoutAddress, _) => wait(Reason::Incomplete),
                (InZoom::Listed | InZoom::ListedOtherwise, _) if matches!(state, Attaching | Attached) => Next::GoOn,
                (InZoom::Listed | InZoom::ListedOtherwise, _) => Next::Begin,
            }
        }
    }
}

/// Whether it may be tried now.
#[must_use]
pub fn tries(copy: &FileCopy, max_attempts: u32, now: DateTime<Utc>) -> Tries {
    if copy.attempts >= max_attempts {
        Tries::Spent
    } else if copy.next_try.is_some_and(|time| time > now) {
        Tries::Later
    } else {
        Tries::Due
    }
}

/// What Zoom says of a file that it lists, of a recording that is so old.
#[must_use]
pub fn listed(file: &RecordingFile, copy: Option<&FileCopy>, age: TimeDelta, zoom_retention: TimeDelta) -> InZoom {
    let is_as_it_was = copy.is_none_or(|copy| copy.listed == file.bytes.unwrap_or_default());
    match (file.completed, &file.download_url) {
        (false, _) | (_, None) if age > zoom_retention => InZoom::NeverFinished,
        (false, _) => InZoom::Processing,
        (true, None) => InZoom::WithoutAddress,
        (true, Some(_)) if is_as_it_was => InZoom::Listed,
        (true, Some(_)) => InZoom::ListedOtherwise,
    }
}

/// What an entry shows of a copy of so many bytes, of a recording that lasted so long; `None`, where Kaltura has it no more.
#[must_use]
pub fn seen(found: Option<&Copied>, bytes: u64, lasted: Option<TimeDelta>) -> InKaltura {
    let Some(found) = found else {
        return InKaltura::Gone;
    };
    let (has_bytes, has_others) = (found.source_bytes == bytes, found.source_bytes > 0 && found.source_bytes != bytes);
    match found.entry.status {
        EntryStatus::Deleted => InKaltura::Gone,
        EntryStatus::Ready if found.is_frozen(bytes) => InKaltura::Frozen,
        // text posing as a video becomes READY too, with duration 0 (recorded traffic)
        EntryStatus::Ready if found.entry.milliseconds == 0 && has_bytes => InKaltura::Unplayable,
        EntryStatus::Ready if found.entry.milliseconds == 0 => InKaltura::Page,
        EntryStatus::Ready if has_others => InKaltura::PlaysOthers,
        // a conversion profile may let go of the source once it has been processed
        EntryStatus::Ready if is_plausible(found.entry.milliseconds, lasted) => InKaltura::Plays,
        EntryStatus::Ready => InKaltura::PlaysOddly,
        EntryStatus::Failed if has_bytes => InKaltura::Failed,
        EntryStatus::Failed if has_others => InKaltura::FailedOthers,
        EntryStatus::Failed => InKaltura::FailedBare,
        _ if has_bytes && bytes > 0 => InKaltura::Processing,
        EntryStatus::Other => InKaltura::Unknown,
        EntryStatus::Processing if has_others => InKaltura::OtherBytes,
        EntryStatus::Processing => InKaltura::BeingFilled,
        EntryStatus::NoContent | EntryStatus::Importing => InKaltura::Bare,
    }
}

/// Where a copy stands by what its entry shows, where that changes something.
///
/// Its token took as many bytes as Zoom lists, or it would not count as sent: another size of the source means that its owner
/// replaced or trimmed it since. Of what Kaltura fetches by itself other bytes, or none in time, are no copy: nobody has
/// confirmed such an entry, so that it can go.
#[must_use]
pub fn found(state: CopyState, seen: InKaltura, told: Told) -> Option<Found> {
    use CopyState::{
        Attached, Attaching, Broken, Deleted, Done, Empty, Importing, New, NotACaption, NotAChat, Purged, Reserved,
        Sent, Unfetched,
    };
    let in_conversion = Some((Sent, Action::Wait, Some(Reason::InConversion)));
    let conversion_failed = Some((Broken, Action::Wait, Some(Reason::ConversionFailed)));
    let came_to_nothing = Some((Unfetched, Action::Wait, Some(Reason::ConversionFailed)));
    let done = |reason| Some((Done, Action::Done, reason));
    let unfetched = |reason| Some((Unfetched, Action::Wait, Some(reason)));
    match state {
        Sent => match seen {
            // its token was closed, and it has shown no byte since: they are not there, and the entry can go
            InKaltura::Bare if told == Told::Overdue => came_to_nothing,
            InKaltura::NotRead
            | InKaltura::Bare
            | InKaltura::BeingFilled
            | InKaltura::OtherBytes
            | InKaltura::Processing
            | InKaltura::Unknown => in_conversion,
            InKaltura::Gone => Some((Deleted, Action::Skip, Some(Reason::DeletedInKaltura))),
            InKaltura::Plays => done(None),
            InKaltura::PlaysOddly => done(Some(Reason::DurationDiffers)),
            InKaltura::PlaysOthers => done(Some(Reason::EditedInKaltura)),
            InKaltura::Frozen => done(Some(Reason::Frozen)),
            InKaltura::Unplayable
            | InKaltura::Page
            | InKaltura::Failed
            | InKaltura::FailedOthers
            | InKaltura::FailedBare => conversion_failed,
        },
        Importing => match (seen, told) {
            (InKaltura::Bare | InKaltura::BeingFilled, Told::Overdue) => unfetched(Reason::ImportFailed),
            (InKaltura::NotRead | InKaltura::Bare | InKaltura::BeingFilled | InKaltura::Unknown, _) => {
                Some((Importing, Action::Wait, Some(Reason::Importing)))
            }
            (InKaltura::OtherBytes | InKaltura::PlaysOthers | InKaltura::FailedOthers, _) => {
                unfetched(Reason::ImportCutShort)
            }
            // a page ends the import at its first try, a refusal only after three (recorded traffic, fact 35)
            (InKaltura::Page, _) | (InKaltura::FailedBare, Told::Lately) => unfetched(Reason::ImportedPage),
            (InKaltura::FailedBare, Told::Earlier | Told::Overdue) => unfetched(Reason::ImportRefused),
            (
                InKaltura::Gone
                | InKaltura::Processing
                | InKaltura::Plays
                | InKaltura::PlaysOddly
                | InKaltura::Frozen
                | InKaltura::Unplayable
                | InKaltura::Failed,
                _,
            ) => found(Sent, seen, told),
        },
        // all bytes arrived, and the answer to the last of them did not
        Attaching | Attached | Unfetched => has_the_bytes(seen).then_some(in_conversion).flatten(),
        Broken if seen == InKaltura::Bare => came_to_nothing,
        // people repaired it, or Kaltura alone cannot show how long it is
        Broken => has_come_to_life(seen).then_some(in_conversion).flatten(),
        New | Reserved | Done | Deleted | Purged | NotACaption | NotAChat | Empty => None,
    }
}

/// Whether the entry has all bytes of the recording.
fn has_the_bytes(seen: InKaltura) -> bool {
    match seen {
        InKaltura::Processing
        | InKaltura::Plays
        | InKaltura::PlaysOddly
        | InKaltura::Frozen
        | InKaltura::Unplayable
        | InKaltura::Failed => true,
        InKaltura::NotRead
        | InKaltura::Gone
        | InKaltura::Bare
        | InKaltura::BeingFilled
        | InKaltura::OtherBytes
        | InKaltura::PlaysOthers
        | InKaltura::Page
        | InKaltura::FailedOthers
        | InKaltura::FailedBare
        | InKaltura::Unknown => false,
    }
}

/// Whether an entry that was taken for broken can be played, or is being processed.
fn has_come_to_life(seen: InKaltura) -> bool {
    match seen {
        InKaltura::BeingFilled
        | InKaltura::OtherBytes
        | InKaltura::Processing
        | InKaltura::Plays
        | InKaltura::PlaysOddly
        | InKaltura::PlaysOthers
        | InKaltura::Frozen => true,
        InKaltura::NotRead
        | InKaltura::Gone
        | InKaltura::Bare
        | InKaltura::Unplayable
        | InKaltura::Page
        | InKaltura::Failed
        | InKaltura::FailedOthers
        | InKaltura::FailedBare
        | InKaltura::Unknown => false,
    }
}

/// What an entry means that carries the mark of a recording of which the ledger knows nothing, by its state, who made it, and
/// whether it ever had content.
#[must_use]
pub fn marked(status: EntryStatus, maker: Maker, had_content: bool) -> Marked {
    use EntryStatus::{Deleted, Failed, Importing, NoContent, Other, Processing, Ready};
    match (maker, status) {
        // its import may yet fail, and is looked at again then
        (Maker::AnotherInstallation, NoContent | Importing | Failed | Processing) => {
            Marked::Settles(Action::Wait, Reason::AnotherInstallation)
        }
        (Maker::AnotherInstallation, Ready | Other) => Marked::Settles(Action::Done, Reason::AnotherInstallation),
        // what another one purged stays so, as does what people deleted
        (Maker::Ours | Maker::AnotherInstallation, Deleted) if had_content => {
            Marked::Settles(Action::Skip, Reason::DeletedInKaltura)
        }
        // without a duration it never was a copy, only the remains of one that was taken back
        (_, Deleted) | (Maker::AnotherTool, Failed | NoContent) => Marked::Nothing,
        (Maker::Ours, NoContent | Importing | Failed) => Marked::Remains,
        (Maker::Ours, Processing | Ready | Other) => Marked::Copy,
        (Maker::AnotherTool, Importing | Processing) => Marked::Settles(Action::Wait, Reason::CopiedByAnotherTool),
        (Maker::AnotherTool, Ready | Other) => Marked::Settles(Action::Done, Reason::CopiedByAnotherTool),
    }
}

fn is_plausible(milliseconds: u64, lasted: Option<TimeDelta>) -> bool {
    let lasted = lasted.and_then(|lasted| u64::try_from(lasted.num_milliseconds()).ok()).unwrap_or(0);
    let longest = lasted.saturating_add(LONGER_BY_MS.max(lasted / 20));
    lasted == 0 || (milliseconds.saturating_mul(SHORTER_TIMES) >= lasted && milliseconds <= longest)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write;

    use chrono::TimeDelta;

    use super::{InKaltura, InZoom, Maker, Marked, Next, Told, Tries, found, marked, next_step, seen};
    use crate::model::{Action, Copied, CopyState, EntryStatus, Reason};
    use crate::plan::samples::entry;

    const STATES: [CopyState; 14] = [
        CopyState::New,
        CopyState::Reserved,
        CopyState::Attaching,
        CopyState::Attached,
        CopyState::Importing,
        CopyState::Sent,
        CopyState::Done,
        CopyState::Broken,
        CopyState::Unfetched,
        CopyState::Deleted,
        CopyState::Purged,
        CopyState::NotACaption,
        CopyState::NotAChat,
        CopyState::Empty,
    ];
    const IN_ZOOM: [(InZoom, &str); 8] = [
        (InZoom::Listed, "listed"),
        (InZoom::ListedOtherwise, "another size"),
        (InZoom::Processing, "processing"),
        (InZoom::WithoutAddress, "no address"),
        (InZoom::NeverFinished, "never finished"),
        (InZoom::TakenOut, "taken out"),
        (InZoom::Unlisted, "not listed"),
        (InZoom::Lost, "gone"),
    ];
    const IN_KALTURA: [(InKaltura, &str); 16] = [
        (InKaltura::NotRead, "could not be read"),
        (InKaltura::Gone, "deleted"),
        (InKaltura::Bare, "empty"),
        (InKaltura::BeingFilled, "processing, no bytes shown"),
        (InKaltura::OtherBytes, "processing other bytes"),
        (InKaltura::Processing, "processing"),
        (InKaltura::Plays, "READY"),
        (InKaltura::PlaysOddly, "READY, of an odd length"),
        (InKaltura::PlaysOthers, "READY with other bytes"),
        (InKaltura::Frozen, "READY, length 0, source sound"),
        (InKaltura::Unplayable, "READY, length 0, source in error"),
        (InKaltura::Page, "READY, length 0, other bytes"),
        (InKaltura::Failed, "in error, all bytes there"),
        (InKaltura::FailedOthers, "in error, other bytes"),
        (InKaltura::FailedBare, "in error, no bytes"),
        (InKaltura::Unknown, "in an unknown state"),
    ];
    const STATUSES: [(EntryStatus, &str); 7] = [
        (EntryStatus::NoContent, "no content"),
        (EntryStatus::Importing, "importing"),
        (EntryStatus::Processing, "processing"),
        (EntryStatus::Ready, "READY"),
        (EntryStatus::Failed, "in error"),
        (EntryStatus::Deleted, "deleted"),
        (EntryStatus::Other, "other"),
    ];

    fn verdict(action: Action, reason: Option<Reason>) -> String {
        reason.map_or_else(|| action.to_string(), |reason| format!("{action} `{reason}`"))
    }

    fn of_next(next: Next) -> String {
        match next {
            Next::AskZoom => "-".to_owned(),
            Next::Rest(action, reason) => verdict(action, reason),
            Next::Begin => "begin".to_owned(),
            Next::GoOn => "go on".to_owned(),
            Next::Confirm => "ask Kaltura".to_owned(),
            Next::TakeBack(reason) => format!("take back `{reason}`"),
        }
    }

    /// A row for each state, those that say the same in one.
    fn rows(title: &str, cells: impl Fn(CopyState) -> Vec<String>) -> String {
        let mut rows: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
        for state in STATES {
            let cells = cells(state);
            match rows.iter_mut().find(|(_, known)| *known == cells) {
                Some((states, _)) => states.push(state.word()),
                None => rows.push((vec![state.word()], cells)),
            }
        }
        rows.iter().fold(title.to_owned(), |mut text, (states, cells)| {
            let is_alike = cells.iter().all(|cell| *cell == cells[0]);
            let always = || [format!("{}, whatever Zoom says", cells[0])].into_iter();
            let cells: Vec<String> = if is_alike {
                always().chain(cells.iter().skip(1).map(|_| String::new())).collect()
            } else {
                cells.clone()
            };
            let _ = writeln!(text, "| {} | {} |", states.join(", "), cells.join(" | "));
            text
        })
    }

    fn heading(first: &str, columns: &[&str]) -> String {
        format!("| {first} | {} |\n|---{}|\n", columns.join(" | "), "|---".repeat(columns.len()))
    }

    fn by_zoom(tries: Tries, recopy: bool) -> String {
        let columns: Vec<&str> = IN_ZOOM.iter().map(|(_, word)| *word).collect();
        rows(&heading("copy", &columns), |state| {
            IN_ZOOM.iter().map(|(zoom, _)| of_next(next_step(state, tries, *zoom, recopy))).collect()
        })
    }

    fn by_kaltura() -> String {
        let columns = [
            ("sent", CopyState::Sent, Told::Earlier),
            ("importing, told lately", CopyState::Importing, Told::Lately),
            ("importing", CopyState::Importing, Told::Earlier),
            ("importing, overdue", CopyState::Importing, Told::Overdue),
            ("attaching, attached, unfetched", CopyState::Attached, Told::Earlier),
            ("broken", CopyState::Broken, Told::Earlier),
        ];
        let cell = |seen, (state, told)| match found(state, seen, told) {
            None => String::new(),
            Some((state, _, None)) => state.word().to_owned(),
            Some((state, _, Some(reason))) => format!("{} `{reason}`", state.word()),
        };
        let mut text = heading("the entry is", &columns.map(|(word, ..)| word));
        for (seen, word) in IN_KALTURA {
            let cells = columns.map(|(_, state, told)| cell(seen, (state, told)));
            let _ = writeln!(text, "| {word} | {} |", cells.join(" | "));
        }
        text
    }

    fn by_mark() -> String {
        let makers = [
            ("this installation", Maker::Ours),
            ("another installation", Maker::AnotherInstallation),
            ("another tool", Maker::AnotherTool),
        ];
        let mut text = heading("an unknown entry is", &makers.map(|(word, _)| word));
        for (status, word) in STATUSES {
            for had_content in [false, true] {
                let cells = makers.map(|(_, maker)| match marked(status, maker, had_content) {
                    Marked::Nothing => "nothing".to_owned(),
                    Marked::Copy => "the copy".to_owned(),
                    Marked::Remains => "left over".to_owned(),
                    Marked::Settles(action, reason) => verdict(action, Some(reason)),
                });
                let content = match (status, had_content) {
                    (EntryStatus::Deleted, true) => ", had content",
                    (EntryStatus::Deleted, false) => ", never had content",
                    (_, true) => continue,
                    (_, false) => "",
                };
                let _ = writeln!(text, "| {word}{content} | {} |", cells.join(" | "));
            }
        }
        text
    }

    /// What `src/doc/copy-states.md` shows is what the code says.
    #[test]
    fn the_document_shows_every_cell() {
        let document = include_str!("doc/copy-states.md");
        let tables = [
            ("due", by_zoom(Tries::Due, false)),
            ("later", by_zoom(Tries::Later, false)),
            ("spent", by_zoom(Tries::Spent, false)),
            ("recopy", by_zoom(Tries::Due, true)),
            ("in Kaltura", by_kaltura()),
            ("by mark", by_mark()),
        ];
        for (name, table) in tables {
            assert!(document.contains(&table), "the table {name:?} is to read:\n{table}");
        }
    }

    #[test]
    fn what_is_not_asked_of_zoom_is_what_no_answer_of_zoom_changes() {
        let texts = [CopyState::NotACaption, CopyState::NotAChat, CopyState::Empty];
        for state in STATES.into_iter().filter(|state| !texts.contains(state)) {
            for tries in [Tries::Due, Tries::Later, Tries::Spent] {
                for recopy in [false, true] {
                    let unasked = next_step(state, tries, InZoom::NotAsked, recopy);
                    let answers = IN_ZOOM.map(|(zoom, _)| next_step(state, tries, zoom, recopy));
                    let depends = answers.iter().any(|answer| *answer != answers[0]);
                    assert_eq!(unasked == Next::AskZoom, depends, "{state:?} {tries:?} {recopy}");
                    assert!(depends || answers[0] == unasked, "{state:?} {tries:?} {recopy}");
                }
            }
        }
    }

    /// Every state of an entry, by its status, its length and its bytes.
    #[test]
    fn what_an_entry_shows_is_told_by_its_status_its_length_and_its_bytes() {
        use EntryStatus::{Deleted, Failed, Importing, NoContent, Other, Processing, Ready};
        let cases = [
            (NoContent, 0, 0, InKaltura::Bare),
            (Importing, 0, 0, InKaltura::Bare),
            (Importing, 0, 7, InKaltura::Bare),
            (Importing, 0, 6000, InKaltura::Processing),
            (Processing, 0, 0, InKaltura::BeingFilled),
            (Processing, 0, 7, InKaltura::OtherBytes),
            (Processing, 0, 6000, InKaltura::Processing),
            (Ready, 1_800_000, 6000, InKaltura::Plays),
            (Ready, 1_800_000, 0, InKaltura::Plays),
            (Ready, 1_800_000, 7, InKaltura::PlaysOthers),
            (Ready, 9_000_000, 6000, InKaltura::PlaysOddly),
            (Ready, 9_000_000, 7, InKaltura::PlaysOthers),
            (Ready, 0, 6000, InKaltura::Frozen),
            (Ready, 0, 0, InKaltura::Page),
            (Ready, 0, 7, InKaltura::Page),
            (Failed, 0, 6000, InKaltura::Failed),
            (Failed, 0, 7, InKaltura::FailedOthers),
            (Failed, 0, 0, InKaltura::FailedBare),
            (Deleted, 1_800_000, 6000, InKaltura::Gone),
            (Other, 1_800_000, 6000, InKaltura::Processing),
            (Other, 1_800_000, 7, InKaltura::Unknown),
        ];
        let lasted = Some(TimeDelta::minutes(30));
        let copied = |status, milliseconds, source_bytes, source_failed| {
            let mut entry = entry("0_a", "ada");
            (entry.status, entry.milliseconds) = (status, milliseconds);
            Copied { entry, source_bytes, source_failed }
        };
        for (status, milliseconds, bytes, expected) in cases {
            let found = copied(status, milliseconds, bytes, false);
            assert_eq!(seen(Some(&found), 6000, lasted), expected, "{status:?} {milliseconds} {bytes}");
        }
        assert_eq!(seen(Some(&copied(Ready, 0, 6000, true)), 6000, lasted), InKaltura::Unplayable);
        assert_eq!(seen(None, 6000, lasted), InKaltura::Gone);
        assert_eq!(seen(Some(&copied(NoContent, 0, 0, false)), 0, None), InKaltura::Bare, "a size of 0 says nothing");
    }

    #[test]
    fn the_furthest_copy_stands_for_its_recording() {
        let mut ranks: BTreeMap<u8, Vec<&str>> = BTreeMap::new();
        for state in STATES {
            ranks.entry(state.rank()).or_default().push(state.word());
        }
        let order: Vec<String> = ranks.values().map(|words| words.join(" ")).collect();
        assert_eq!(
            order,
            [
                "new not_a_caption not_a_chat empty",
                "purged",
                "deleted",
                "broken",
                "reserved",
                "unfetched",
                "attaching",
                "attached",
                "importing",
                "sent",
                "done",
            ]
        );
    }
}
