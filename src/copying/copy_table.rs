//! The one table of a copy: where it stands, what can be seen of it, and what follows.
//!
//! Where it stands is what the ledger says ([`CopyState`], [`Tries`]); what can be seen is what Zoom says of the file
//! ([`InZoom`]), and what Kaltura says of the entry ([`InKaltura`]) and of the upload tokens of its name ([`Leads`]). Each `match` names every state, so that a new state, or a new
//! observation, does not compile before it has its answer. `src/doc/copy-states.md` draws it.

use super::observed::{Age, InKaltura, InZoom, Leads, Maker, SinceRequest, Tries, Whose};
use crate::model::{Action, CopyState, Decision, EntryStatus, Reason, TokenStatus};

/// What comes next for a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// What Zoom says decides.
    AskZoom,
    /// Nothing now.
    Rest(Decision),
    /// It begins: nothing of it exists in Kaltura that the ledger knows, or what exists is no copy.
    Begin,
    /// It goes on from where it stands.
    GoOn,
    /// The rest is up to Kaltura, which is asked what became of it.
    Confirm,
    /// It is given up, for this reason; what was begun in Kaltura is taken back.
    TakeBack(Reason),
}

/// What a look at the entry of a copy shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyFinding {
    /// Where the copy stands.
    pub state: CopyState,
    /// What is reported of it.
    pub decision: Decision,
}

impl CopyFinding {
    /// A copy that waits there.
    pub(crate) const fn waiting(state: CopyState, reason: Reason) -> CopyFinding {
        CopyFinding { state, decision: Decision::wait(reason) }
    }
}

/// What an entry that carries the mark of a recording is, where the ledger knows nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkMeaning {
    /// It says nothing.
    Nothing,
    /// A copy that this installation made.
    Copy,
    /// What this installation began and did not finish.
    Remains,
    /// It settles the matter.
    Settles(Decision),
}

/// What comes next for a copy, by what Zoom says of its file. With `recopy` what was deleted in Kaltura is as if it had
/// never been.
#[must_use]
pub fn next_step(state: CopyState, tries: Tries, zoom: InZoom, recopy: bool) -> Next {
    use CopyState::{
        Attached, Attaching, Broken, Deleted, Done, Empty, Importing, New, NotACaption, NotAText, Purged, Reserved,
        Sent, Unfetched,
    };
    let skip = |reason| Next::Rest(Decision::skip(reason));
    let wait = |reason| Next::Rest(Decision::wait(reason));
    match (state, tries, zoom) {
        (Importing | Sent, ..) => Next::Confirm,
        (Done, ..) => Next::Rest(Decision::plain(Action::Done)),
        (Deleted, ..) if !recopy => skip(Reason::DeletedInKaltura),
        (Purged, ..) if !recopy => skip(Reason::Purged),
        (NotACaption | NotAText | Empty, _, InZoom::ListedOtherwise) => Next::Begin,
        (NotACaption, ..) => skip(Reason::NotACaption),
        (NotAText, ..) => skip(Reason::NotAText),
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

/// Where a copy stands by what its entry shows, where that changes something.
///
/// Its token took as many bytes as Zoom lists, or it would not count as sent: another size of the source means that its owner
/// replaced or trimmed it since. Of what Kaltura fetches by itself other bytes, or none in time, are no copy: nobody has
/// confirmed such an entry, so that it can go.
#[must_use]
pub fn after_look(state: CopyState, seen: InKaltura, told: SinceRequest) -> Option<CopyFinding> {
    use CopyState::{
        Attached, Attaching, Broken, Deleted, Done, Empty, Importing, New, NotACaption, NotAText, Purged, Reserved,
        Sent, Unfetched,
    };
    let in_conversion = Some(CopyFinding::waiting(Sent, Reason::InConversion));
    let conversion_failed = Some(CopyFinding::waiting(Broken, Reason::ConversionFailed));
    let came_to_nothing = Some(CopyFinding::waiting(Unfetched, Reason::ConversionFailed));
    let done = |reason| Some(CopyFinding { state: Done, decision: Decision { action: Action::Done, reason } });
    let unfetched = |reason| Some(CopyFinding::waiting(Unfetched, reason));
    match state {
        Sent => match seen {
            // its token was closed, and it has shown no byte since: they are not there, and the entry can go
            InKaltura::Bare if told == SinceRequest::Overdue => came_to_nothing,
            InKaltura::NotRead
            | InKaltura::Bare
            | InKaltura::BeingFilled
            | InKaltura::OtherBytes
            | InKaltura::Processing
            | InKaltura::Unknown => in_conversion,
            InKaltura::Gone => Some(CopyFinding { state: Deleted, decision: Decision::skip(Reason::DeletedInKaltura) }),
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
            (InKaltura::Bare | InKaltura::BeingFilled, SinceRequest::Overdue) => unfetched(Reason::ImportFailed),
            (InKaltura::NotRead | InKaltura::Bare | InKaltura::BeingFilled | InKaltura::Unknown, _) => {
                Some(CopyFinding::waiting(Importing, Reason::Importing))
            }
            (InKaltura::OtherBytes | InKaltura::PlaysOthers | InKaltura::FailedOthers, _) => {
                unfetched(Reason::ImportCutShort)
            }
            // a page ends the import at its first try, a refusal only after three (facts-kaltura.md#k35)
            (InKaltura::Page, _) | (InKaltura::FailedBare, SinceRequest::Lately) => unfetched(Reason::ImportedPage),
            (InKaltura::FailedBare, SinceRequest::Earlier | SinceRequest::Overdue) => unfetched(Reason::ImportRefused),
            (
                InKaltura::Gone
                | InKaltura::Processing
                | InKaltura::Plays
                | InKaltura::PlaysOddly
                | InKaltura::Frozen
                | InKaltura::Unplayable
                | InKaltura::Failed,
                _,
            ) => after_look(Sent, seen, told),
        },
        // all bytes arrived, and the answer to the last of them did not
        Attaching | Attached | Unfetched => has_the_bytes(seen).then_some(in_conversion).flatten(),
        Broken if seen == InKaltura::Bare => came_to_nothing,
        // people repaired it, or Kaltura alone cannot show how long it is
        Broken => has_come_to_life(seen).then_some(in_conversion).flatten(),
        New | Reserved | Done | Deleted | Purged | NotACaption | NotAText | Empty => None,
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
pub fn meaning_of_marked(status: EntryStatus, maker: Maker, had_content: bool) -> MarkMeaning {
    use EntryStatus::{Deleted, Failed, Importing, NoContent, Other, Processing, Ready};
    match (maker, status) {
        // its import may yet fail, and is looked at again then
        (Maker::AnotherInstallation, NoContent | Importing | Failed | Processing) => {
            MarkMeaning::Settles(Decision::wait(Reason::AnotherInstallation))
        }
        (Maker::AnotherInstallation, Ready | Other) => {
            MarkMeaning::Settles(Decision::because(Action::Done, Reason::AnotherInstallation))
        }
        // what another one purged stays so, as does what people deleted
        (Maker::Ours | Maker::AnotherInstallation, Deleted) if had_content => {
            MarkMeaning::Settles(Decision::skip(Reason::DeletedInKaltura))
        }
        // without a duration it never was a copy, only the remains of one that was taken back
        (_, Deleted) | (Maker::AnotherTool, Failed | NoContent) => MarkMeaning::Nothing,
        (Maker::Ours, NoContent | Importing | Failed) => MarkMeaning::Remains,
        (Maker::Ours, Processing | Ready | Other) => MarkMeaning::Copy,
        (Maker::AnotherTool, Importing | Processing) => {
            MarkMeaning::Settles(Decision::wait(Reason::CopiedByAnotherTool))
        }
        (Maker::AnotherTool, Ready | Other) => {
            MarkMeaning::Settles(Decision::because(Action::Done, Reason::CopiedByAnotherTool))
        }
    }
}

/// What another token of the name means for the run that is about to copy the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenMeans {
    /// Nothing.
    Nothing,
    /// It was used up, and the entry with its bytes is not where it leads: it is looked for.
    Doubt,
    /// The same, while another installation may be about to clear up.
    TheirDoubt,
    /// It is nobody's any more.
    End,
    /// It is an earlier try's: its entry is taken up.
    TakeUp,
    /// That shows in a moment.
    Wait,
    /// Another installation is working on it.
    Theirs,
    /// The copy exists.
    Copy,
}

/// What a token means. `remakes` where the ledger knows that an earlier entry is gone and is to be made again.
#[must_use]
pub fn token_means(status: TokenStatus, leads: Leads, age: Age, remakes: bool) -> TokenMeans {
    use TokenStatus::{Closed, Full, Open};
    match (status, leads, age) {
        (TokenStatus::Gone, ..) | (_, Leads::Replaced, _) => TokenMeans::Nothing,
        (_, Leads::Filled, _) => TokenMeans::Copy,
        (Open, Leads::Nowhere, Age::Fresh)
        // a final chunk may be under way: a state that passes
        | (Full, _, Age::Fresh)
        | (Closed, Leads::Empty(_), Age::Fresh) => TokenMeans::Wait,
        (Open | Full, Leads::Empty(Whose::Ours), _) => TokenMeans::TakeUp,
        // a pending token never expires
        (Open | Full, Leads::Nowhere, _)
        | (Open, Leads::Gone, _)
        | (Open | Full, Leads::Empty(Whose::Theirs), Age::Dead) => TokenMeans::End,
        (Open | Full, Leads::Empty(Whose::Theirs), _) => TokenMeans::Theirs,
        (Full | Closed, Leads::Gone, _) if remakes => TokenMeans::Nothing,
        (Closed, Leads::Empty(Whose::Theirs), Age::Settled) => TokenMeans::TheirDoubt,
        // a late second attach points a closed token to an empty twin: the first entry keeps the bytes
        (Full | Closed, Leads::Gone, _) | (Closed, Leads::Empty(_) | Leads::Nowhere, _) => TokenMeans::Doubt,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write;

    use super::{CopyFinding, MarkMeaning, Next, TokenMeans, after_look, meaning_of_marked, next_step, token_means};
    use crate::copying::observed::{Age, InKaltura, InZoom, Leads, Maker, SinceRequest, Tries, Whose};
    use crate::model::{Action, CopyState, Decision, EntryStatus, Reason, TokenStatus};

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
        CopyState::NotAText,
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

    fn verdict(Decision { action, reason }: Decision) -> String {
        reason.map_or_else(|| action.to_string(), |reason| format!("{action} `{reason}`"))
    }

    fn of_next(next: Next) -> String {
        match next {
            Next::AskZoom => "-".to_owned(),
            Next::Rest(decision) => verdict(decision),
            Next::Begin => "begin".to_owned(),
            Next::GoOn => "go on".to_owned(),
            Next::Confirm => "ask Kaltura".to_owned(),
            Next::TakeBack(reason) => format!("take back `{reason}`"),
        }
    }

    /// What people read of a state: that of a text that is left out is called by its reason.
    fn shown(state: CopyState) -> &'static str {
        state.left_out().map_or(state.word(), Reason::word)
    }

    /// A row for each state, those that say the same in one.
    fn rows(title: &str, cells: impl Fn(CopyState) -> Vec<String>) -> String {
        let mut rows: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
        for state in STATES {
            let cells = cells(state);
            match rows.iter_mut().find(|(_, known)| *known == cells) {
                Some((states, _)) => states.push(shown(state)),
                None => rows.push((vec![shown(state)], cells)),
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
            ("sent", CopyState::Sent, SinceRequest::Earlier),
            ("importing, told lately", CopyState::Importing, SinceRequest::Lately),
            ("importing", CopyState::Importing, SinceRequest::Earlier),
            ("importing, overdue", CopyState::Importing, SinceRequest::Overdue),
            ("attaching, attached, unfetched", CopyState::Attached, SinceRequest::Earlier),
            ("broken", CopyState::Broken, SinceRequest::Earlier),
        ];
        let cell = |seen, (state, told)| match after_look(state, seen, told) {
            None => String::new(),
            Some(CopyFinding { state, decision: Decision { reason: None, .. } }) => state.word().to_owned(),
            Some(CopyFinding { state, decision: Decision { reason: Some(reason), .. } }) => {
                format!("{} `{reason}`", state.word())
            }
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
                let cells = makers.map(|(_, maker)| match meaning_of_marked(status, maker, had_content) {
                    MarkMeaning::Nothing => "nothing".to_owned(),
                    MarkMeaning::Copy => "the copy".to_owned(),
                    MarkMeaning::Remains => "left over".to_owned(),
                    MarkMeaning::Settles(decision) => verdict(decision),
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

    fn by_token() -> String {
        let statuses = [
            (TokenStatus::Open, "open (0, 1)"),
            (TokenStatus::Full, "full (2)"),
            (TokenStatus::Closed, "closed (3)"),
            (TokenStatus::Gone, "anything else"),
        ];
        let leads = [
            (Leads::Nowhere, "no entry"),
            (Leads::Gone, "an entry that is gone"),
            (Leads::Empty(Whose::Ours), "an empty entry of this installation"),
            (Leads::Empty(Whose::Theirs), "an empty entry of another installation"),
            (Leads::Filled, "an entry with content"),
            (Leads::Replaced, "an entry in error, or one that is made again"),
        ];
        let columns = [
            ("fresh", Age::Fresh, false),
            ("settled", Age::Settled, false),
            ("dead", Age::Dead, false),
            ("settled, recopied", Age::Settled, true),
        ];
        let mut text = heading("token | leads to", &columns.map(|(word, ..)| word)).replacen("|---|", "|---|---|", 1);
        for (status, token) in statuses {
            for (leads, entry) in leads {
                let cells = columns.map(|(_, age, remakes)| match token_means(status, leads, age, remakes) {
                    TokenMeans::Nothing => "nothing",
                    TokenMeans::Doubt => "doubt",
                    TokenMeans::TheirDoubt => "wait: doubt of another's",
                    TokenMeans::End => "end it",
                    TokenMeans::TakeUp => "end it, take up the entry",
                    TokenMeans::Wait => "look again",
                    TokenMeans::Theirs => "wait for the other installation",
                    TokenMeans::Copy => "the copy",
                });
                let _ = writeln!(text, "| {token} | {entry} | {} |", cells.join(" | "));
            }
        }
        text
    }

    #[test]
    fn copies_outrank_pending_and_leftover_ones() {
        use TokenMeans::{Copy, Doubt, End, Nothing, TakeUp, TheirDoubt, Theirs, Wait};
        let order = [Copy, Theirs, Wait, TakeUp, End, TheirDoubt, Doubt, Nothing];
        assert!(order.is_sorted_by(|one, next| one > next));
    }

    /// What `src/doc/copy-states.md` shows is what the code says.
    #[test]
    fn the_document_shows_every_cell() {
        let document = include_str!("../doc/copy-states.md");
        let tables = [
            ("due", by_zoom(Tries::Due, false)),
            ("later", by_zoom(Tries::Later, false)),
            ("spent", by_zoom(Tries::Spent, false)),
            ("recopy", by_zoom(Tries::Due, true)),
            ("in Kaltura", by_kaltura()),
            ("by mark", by_mark()),
            ("by token", by_token()),
        ];
        for (name, table) in tables {
            assert!(document.contains(&table), "the table {name:?} is to read:\n{table}");
        }
    }

    /// What Zoom is not asked about is what none of its answers changes.
    #[test]
    fn only_zoom_dependent_steps_ask_zoom() {
        let texts = [CopyState::NotACaption, CopyState::NotAText, CopyState::Empty];
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

    /// The columns of `src/doc/copy-states.md` are those that differ.
    #[test]
    fn only_documented_columns_depend_on_time() {
        use CopyState::{Attached, Attaching, Broken, Importing, Sent, Unfetched};
        for (seen, word) in IN_KALTURA {
            for told in [SinceRequest::Lately, SinceRequest::Earlier, SinceRequest::Overdue] {
                for state in STATES {
                    let now = after_look(state, seen, told);
                    let expected = match state {
                        Importing => now,
                        Sent if seen == InKaltura::Bare && told == SinceRequest::Overdue => {
                            Some(CopyFinding::waiting(Unfetched, Reason::ConversionFailed))
                        }
                        Sent | Broken => after_look(state, seen, SinceRequest::Earlier),
                        Attaching | Attached | Unfetched => after_look(Attached, seen, SinceRequest::Earlier),
                        _ => None,
                    };
                    assert_eq!(now, expected, "{state:?}, {word}, {told:?}");
                    let action = now.map(|finding| match finding.state {
                        CopyState::Done => Action::Done,
                        CopyState::Deleted => Action::Skip,
                        _ => Action::Wait,
                    });
                    assert_eq!(now.map(|finding| finding.decision.action), action, "{state:?}, {word}, {told:?}");
                }
            }
        }
    }

    /// It concerns only what is gone from Kaltura, which is then as new.
    #[test]
    fn copying_again_needs_a_missing_entry() {
        for state in STATES {
            for tries in [Tries::Due, Tries::Later, Tries::Spent] {
                for zoom in IN_ZOOM.map(|(zoom, _)| zoom).into_iter().chain([InZoom::NotAsked]) {
                    let expected = match (state, tries) {
                        // what failed before it was copied counts no more
                        (CopyState::Deleted | CopyState::Purged, Tries::Spent) => {
                            next_step(CopyState::New, Tries::Due, zoom, false)
                        }
                        (CopyState::Deleted | CopyState::Purged, _) => next_step(CopyState::New, tries, zoom, false),
                        _ => next_step(state, tries, zoom, false),
                    };
                    assert_eq!(next_step(state, tries, zoom, true), expected, "{state:?} {tries:?} {zoom:?}");
                }
            }
        }
    }

    /// As long as Zoom is not asked.
    #[test]
    fn left_out_texts_stay_left_out() {
        for state in [CopyState::NotACaption, CopyState::NotAText, CopyState::Empty] {
            for tries in [Tries::Due, Tries::Later, Tries::Spent] {
                let listed = next_step(state, tries, InZoom::Listed, false);
                assert_eq!(next_step(state, tries, InZoom::NotAsked, false), listed, "{state:?} {tries:?}");
            }
        }
    }

    /// Of the entries with our mark.
    #[test]
    fn content_matters_only_for_deleted_entries() {
        for (status, word) in STATUSES.into_iter().filter(|(status, _)| *status != EntryStatus::Deleted) {
            for maker in [Maker::Ours, Maker::AnotherInstallation, Maker::AnotherTool] {
                assert_eq!(
                    meaning_of_marked(status, maker, true),
                    meaning_of_marked(status, maker, false),
                    "{word} {maker:?}"
                );
            }
        }
    }

    /// A token whose entry is gone is in doubt no more; all others stay.
    #[test]
    fn new_copies_clear_only_missing_tokens() {
        let leads = [
            Leads::Nowhere,
            Leads::Gone,
            Leads::Empty(Whose::Ours),
            Leads::Empty(Whose::Theirs),
            Leads::Filled,
            Leads::Replaced,
        ];
        for status in [TokenStatus::Open, TokenStatus::Full, TokenStatus::Closed, TokenStatus::Gone] {
            for leads in leads {
                for age in [Age::Fresh, Age::Settled, Age::Dead] {
                    let expected = match token_means(status, leads, age, false) {
                        TokenMeans::Doubt if leads == Leads::Gone => TokenMeans::Nothing,
                        means => means,
                    };
                    assert_eq!(token_means(status, leads, age, true), expected, "{status:?} {leads:?} {age:?}");
                }
            }
        }
    }

    #[test]
    fn the_furthest_copy_represents_its_recording() {
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
