//! What came of a plan.
//!
//! A line of the plan and what came of it.

use std::borrow::Cow;
use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::copying::plan::{FilePlan, Item, Plan, RuledOut, Step, summed_up};
use crate::ledger::LedgerError;
use crate::model::{Action, Decision, Reason, RecordingFile, Window};
use crate::remotes::http::{RemoteError, RemoteKind};

/// So many items give up their room at a time.
const PARTS: usize = 4096;

/// A plan and what came of each of its items.
#[derive(Debug)]
pub struct Outcome {
    /// The days that were listed, where any were.
    pub window: Option<Window>,
    /// Whether everything that Zoom lists there could be read.
    pub complete: bool,
    /// In the plan's order, then what came up while it was carried out; without what `ruled_out` holds.
    pub lines: Vec<Line>,
    /// The lines of the plan of which nothing is to be carried out, as a rule leaves their recordings out.
    pub ruled_out: RuledOut,
    /// How many of `lines` were planned.
    pub planned: usize,
    /// Why the plan, or a part of it, was not carried out, where brakes hold it back: a line for each.
    pub held: Option<String>,
    /// Errors that say nothing of a single recording: they decide the exit code.
    pub trouble: Vec<RemoteError>,
    /// Why it was broken off: the ledger cannot be used any more.
    pub broken: Option<LedgerError>,
}

impl Outcome {
    /// The same plan, not carried out.
    #[must_use]
    pub fn of_plan(plan: Plan, trouble: Vec<RemoteError>) -> Outcome {
        let (window, ruled_out) = (Some(plan.window), plan.ruled_out);
        Outcome { window, complete: plan.complete, ruled_out, trouble, ..Outcome::of_items(plan.items) }
    }

    /// Items that no listing led to, not carried out.
    #[must_use]
    pub fn of_items(items: Vec<Item>) -> Outcome {
        let lines = lines_of(items);
        Outcome {
            window: None,
            complete: true,
            planned: lines.len(),
            lines,
            ruled_out: RuledOut::default(),
            held: None,
            trouble: Vec::new(),
            broken: None,
        }
    }

    /// Every line, in the order of the plan. Those that are packed are unpacked one at a time.
    pub fn all_lines(&self) -> AllLines<'_> {
        AllLines { outcome: self, line: 0, packed: 0, elsewhere: self.ruled_out.replacing().collect() }
    }

    /// How many lines there are.
    #[must_use]
    pub fn count_lines(&self) -> usize {
        self.lines.len() + self.ruled_out.count() - self.ruled_out.replacing().count()
    }

    /// The day before which everything is settled: that of the first recording since go-live which is not, else today.
    /// What could not be read may be of any day that was listed since the last checkpoint. Either is waited for as long as
    /// Zoom keeps recordings: what is owed for longer is known to the ledger, and asked for by its meeting. `None` as long as
    /// there is none before it. It does not move over days that this run did not list.
    #[must_use]
    pub fn find_checkpoint(
        &self,
        go_live: DateTime<Utc>,
        today: NaiveDate,
        last: Option<NaiveDate>,
        zoom_retention: TimeDelta,
    ) -> Option<NaiveDate> {
        let kept = today - zoom_retention;
        let unread = self.window.map(|window| window.from).filter(|_| !self.complete);
        if last.is_none() && unread.is_some_and(|from| from >= kept) {
            return None;
        }
        let unread = unread.map(|from| last.unwrap_or(from).max(from).max(kept));
        let today = today.min(unread.unwrap_or(today));
        let owed = self.lines.iter().filter(|line| !line.standing().action.is_settled()).map(|line| &line.item.segment);
        let owed = owed.filter(|segment| segment.started >= go_live).map(|segment| segment.meeting.day());
        let day = owed.filter(|day| *day >= kept).fold(today, NaiveDate::min);
        let is_beyond = |last: &NaiveDate| self.window.is_some_and(|window| window.from > *last);
        Some(last.filter(is_beyond).map_or(day, |last| day.min(last)))
    }

    /// Whether this machine or its configuration kept calls from being made.
    #[must_use]
    pub fn needs_setup(&self) -> bool {
        self.trouble.iter().any(|error| error.kind == RemoteKind::Setup)
    }

    /// Whether credentials or a permission were refused.
    #[must_use]
    pub fn was_refused(&self) -> bool {
        self.trouble.iter().any(|error| matches!(error.kind, RemoteKind::Refused | RemoteKind::Expired))
    }

    /// Whether a remote side is down or has had enough for today.
    #[must_use]
    pub fn met_an_outage(&self) -> bool {
        self.trouble.iter().any(RemoteError::is_outage)
    }

    /// Whether orphans wait because there is nobody to keep them.
    #[must_use]
    pub fn lacks_the_holding_user(&self) -> bool {
        self.lines.iter().any(|line| line.item.reason == Some(Reason::NoHoldingUser))
    }

    /// Whether a recording failed.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        !self.trouble.is_empty() || self.lines.iter().any(|line| line.worst_result() == Some(FileResult::Failed))
    }
}

/// The lines of an outcome.
pub struct AllLines<'a> {
    outcome: &'a Outcome,
    /// The next line that is held as it is.
    line: usize,
    /// The next one that is packed.
    packed: usize,
    /// Lines that took the place of packed ones.
    elsewhere: HashSet<usize>,
}

impl<'a> Iterator for AllLines<'a> {
    type Item = Cow<'a, Line>;

    fn next(&mut self) -> Option<Cow<'a, Line>> {
        let Outcome { lines, ruled_out, planned, .. } = self.outcome;
        while self.elsewhere.contains(&self.line) {
            self.line += 1;
        }
        let line = lines.get(self.line);
        let is_packed_first = self.packed < ruled_out.count()
            && line
                .filter(|_| self.line < *planned)
                .is_none_or(|line| ruled_out.is_before(self.packed, &line.item.segment));
        if !is_packed_first {
            self.line += 1;
            return line.map(Cow::Borrowed);
        }
        self.packed += 1;
        match ruled_out.replaced(self.packed - 1) {
            Some(number) => lines.get(number).map(Cow::Borrowed),
            None => Some(Cow::Owned(Line::from(ruled_out.item(self.packed - 1)))),
        }
    }
}

/// An item and what came of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The item as planned; its actions follow what was found in Kaltura meanwhile.
    pub item: Item,
    /// What came of each file.
    pub files: Vec<Option<FileResult>>,
    /// Why something of it failed: one line.
    pub error: Option<String>,
    /// What came of it where there is no file to tell it of.
    whole: Option<FileResult>,
}

/// What came of something on which something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileResult {
    /// Confirmed.
    Done,
    /// All bytes are in Kaltura; its processing is not finished.
    Sent,
    /// Kaltura was told where the bytes are, and fetches them.
    Importing,
    /// Failed; a later run tries again, as long as it is worth it.
    Failed,
}

impl FileResult {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            FileResult::Done => "done",
            FileResult::Sent => "sent",
            FileResult::Importing => "importing",
            FileResult::Failed => "failed",
        }
    }
}

/// A line for each item. Of a first plan there are tens of thousands, so that they are not held twice for a moment.
fn lines_of(mut items: Vec<Item>) -> Vec<Line> {
    let mut lines = Vec::with_capacity(items.len());
    while let Some(item) = items.pop() {
        lines.push(Line::from(item));
        if lines.len().is_multiple_of(PARTS) {
            items.shrink_to_fit();
        }
    }
    lines.reverse();
    lines
}

impl From<Item> for Line {
    /// The item, on which nothing was done.
    fn from(item: Item) -> Line {
        Line { files: vec![None; item.files.len()], item, error: None, whole: None }
    }
}

impl Line {
    /// What came of the recording: the worst of what came of its files.
    #[must_use]
    pub fn worst_result(&self) -> Option<FileResult> {
        self.files.iter().copied().chain([self.whole]).max().flatten()
    }

    /// The files that this run copied.
    pub fn copied_files(&self) -> impl Iterator<Item = &RecordingFile> {
        let files = self.item.files.iter().zip(&self.files);
        let copied = files
            .filter(|(file, result)| file.is_copied() && matches!(result, Some(FileResult::Sent | FileResult::Done)));
        copied.map(|(plan, _)| &plan.file)
    }

    /// Tells what came of a file, or of the recording where it has none.
    pub fn set_result(&mut self, file: Option<usize>, outlook: FileResult) {
        match file.and_then(|number| self.files.get_mut(number)) {
            Some(known) => *known = Some(outlook),
            None => self.whole = Some(outlook),
        }
    }

    /// Keeps what went wrong where it is this recording's own; an error of the ledger as a whole is given back.
    pub fn failed_alone<T>(&mut self, end: Result<T, LedgerError>) -> Result<Option<T>, LedgerError> {
        match end {
            Err(error) if error.is_of_one() => {
                self.set_result(self.item.main, FileResult::Failed);
                self.error = Some(error.to_string());
                Ok(None)
            }
            end => end.map(Some),
        }
    }

    /// Changes what happens to a file, and with it to the recording.
    pub fn change_file(&mut self, file: usize, action: Action, reason: Option<Reason>) {
        let plan = &mut self.item.files[file];
        (plan.action, plan.reason) = (action, reason);
        let own = if self.item.main == Some(file) { Decision { action, reason } } else { self.own_decision() };
        let files: Vec<_> = self.item.files.iter().map(FilePlan::decision).collect();
        Decision { action: self.item.action, reason: self.item.reason } = summed_up(own, &files);
    }

    /// Says that a file has failed once too often.
    pub(super) fn give_up_file(&mut self, file: usize) {
        self.item.files[file].reason = Some(Reason::GivenUp);
        if self.item.main == Some(file) {
            self.item.reason = Some(Reason::GivenUp);
        }
    }

    /// Says that a failure was not the file's fault.
    pub(super) fn pardon_file(&mut self, file: usize) {
        let given_up = |reason: &Option<Reason>| *reason == Some(Reason::GivenUp);
        let main = self.item.main == Some(file);
        let reasons = [Some(&mut self.item.files[file].reason), Some(&mut self.item.reason).filter(|_| main)];
        for reason in reasons.into_iter().flatten().filter(|reason| given_up(reason)) {
            *reason = None;
        }
    }

    /// The recording as it was decided on anew while the run lasts; what came of files that are not tried again stays.
    pub(super) fn decide_anew(&self, item: Item) -> Line {
        let mut line = Line::from(item);
        for (number, plan) in line.item.files.iter().enumerate().filter(|(_, plan)| !plan.is_copied()) {
            let known = self.item.files.iter().position(|known| known.file.id == plan.file.id);
            line.files[number] = known.and_then(|known| self.files[known]);
        }
        line
    }

    /// How the recording stands after what was done: what is still owed of it.
    #[must_use]
    pub fn standing(&self) -> Decision {
        let files: Vec<_> = (0..self.files.len()).map(|number| self.file_standing(number)).collect();
        let own = match (self.item.main, self.whole) {
            (Some(main), _) => files[main],
            (None, Some(FileResult::Failed)) if self.item.action != Action::Skip => {
                Decision { action: Action::Wait, reason: self.item.reason }
            }
            (None, _) => self.own_decision(),
        };
        summed_up(own, &files)
    }

    /// How a file stands after what was done.
    #[must_use]
    pub fn file_standing(&self, number: usize) -> Decision {
        let plan = &self.item.files[number];
        match self.files[number] {
            // it was confirmed, whatever becomes of it in Zoom; only what people made of their copy is not forgotten
            _ if plan.step == Step::Trash => {
                Decision { action: Action::Done, reason: plan.reason.filter(|reason| reason.is_about_a_copy()) }
            }
            // what belongs to an entry that failed was not begun
            None if plan.action.is_copy() && self.main_failed() => Decision::wait(Reason::AfterParent),
            None => plan.decision(),
            // what people changed in their copy is not forgotten
            Some(FileResult::Done) if matches!(plan.action, Action::Done | Action::Adopt) => {
                Decision { action: Action::Done, reason: plan.reason }
            }
            Some(FileResult::Done) => Decision::plain(Action::Done),
            Some(FileResult::Sent) => Decision::wait(Reason::InConversion),
            Some(FileResult::Importing) => Decision::wait(Reason::Importing),
            Some(FileResult::Failed) if plan.reason == Some(Reason::GivenUp) => Decision::skip(Reason::GivenUp),
            Some(FileResult::Failed) if matches!(plan.action, Action::Wait | Action::Skip) => plan.decision(),
            Some(FileResult::Failed) => Decision::wait(Reason::RetryLater),
        }
    }

    fn main_failed(&self) -> bool {
        self.item.main.is_some_and(|main| self.files[main] == Some(FileResult::Failed))
    }

    fn own_decision(&self) -> Decision {
        self.item.main.map_or_else(|| self.item.decision(), |main| self.item.files[main].decision())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeDelta};

    use super::Outcome;
    use crate::copying::plan::Item;
    use crate::copying::plan::samples::{sample_item, sample_now, sample_segment, sample_time};
    use crate::model::{Action, Window};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    /// The last one, the first day that was listed, whether all of it was, and where something is owed of the 22nd.
    #[test]
    fn checkpoints_pass_only_listed_days() {
        let cases = [
            ("all is settled", Some("2026-11-20"), "2026-11-16", true, false, Some("2026-11-23")),
            ("something is owed", Some("2026-11-20"), "2026-11-16", true, true, Some("2026-11-22")),
            ("days before were not listed", Some("2026-11-20"), "2026-11-22", true, false, Some("2026-11-20")),
            ("from the very day on", Some("2026-11-20"), "2026-11-20", true, false, Some("2026-11-23")),
            ("not to its end", Some("2026-11-20"), "2026-11-16", false, false, Some("2026-11-20")),
            ("neither", Some("2026-11-20"), "2026-11-22", false, false, Some("2026-11-20")),
            ("what was settled is owed", Some("2026-11-23"), "2026-11-22", true, true, Some("2026-11-22")),
            ("the first time", None, "2026-11-16", true, false, Some("2026-11-23")),
            ("the first time, not to its end", None, "2026-11-16", false, false, None),
        ];
        for (what, last, from, complete, owes, expected) in cases {
            let owed = Item { action: Action::Wait, main: None, ..sample_item(sample_segment(Vec::new()), Vec::new()) };
            let items = owes.then_some(owed).into_iter().collect();
            let window = Window { from: day(from), to: day("2026-11-24") };
            let outcome = Outcome { window: Some(window), complete, ..Outcome::of_items(items) };
            let go_live = sample_time("2026-11-01T00:00:00Z");
            let found = outcome.find_checkpoint(go_live, day("2026-11-23"), last.map(day), TimeDelta::days(30));
            assert_eq!(found, expected.map(day), "{what}");
        }
        assert_eq!(sample_now().date_naive(), day("2026-11-23"), "the samples are of that time");
    }
}
