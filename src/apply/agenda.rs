//! What a run has tried, so that it takes up what is decided anew while it lasts, and nothing without end.

use std::collections::{HashMap, HashSet};

use super::Line;
use crate::model::{FileId, SegmentKey};
use crate::plan::{FilePlan, Item};

/// The recordings that a run knows, and what it tried of them.
#[derive(Default)]
pub(super) struct Agenda {
    /// The numbers of their lines.
    known: HashMap<SegmentKey, usize>,
    /// How often a file had failed when it was tried last.
    tried: HashMap<(usize, FileId), Option<u32>>,
    /// The lines that wait for their turn, or are at it.
    busy: HashSet<usize>,
    /// The lines that were busy since the last look began: what was decided on them meanwhile is out of date.
    touched: HashSet<usize>,
}

/// Where a recording that was decided on anew has its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AgendaPlace {
    /// Behind all lines.
    Anew,
    /// It takes the place of this line.
    Instead(usize),
}

impl Agenda {
    /// Takes notice of the recording of a line.
    pub(super) fn know(&mut self, number: usize, line: &Line) {
        self.known.insert(line.item.segment.key(), number);
    }

    /// Takes notice that a line is to have its turn.
    pub(super) fn begin(&mut self, number: usize, line: &Line) {
        self.know(number, line);
        self.busy.insert(number);
        self.touched.insert(number);
        for plan in line.item.files.iter().filter(|plan| plan.is_copied()) {
            self.tried.insert((number, plan.file.id.clone()), failures(plan));
        }
    }

    /// Takes notice that a line has had its turns.
    pub(super) fn end(&mut self, number: usize) {
        self.busy.remove(&number);
    }

    /// Takes notice that it is looked what is to be copied by now.
    pub(super) fn look(&mut self) {
        self.touched = self.busy.clone();
    }

    /// Where a recording has its place that is to be copied by now; `None` where this run has done its part. A file that
    /// was tried is tried again only after a failure that counted: so many count until it is given up.
    pub(super) fn place(&self, item: &Item) -> Option<AgendaPlace> {
        if !item.is_copied() {
            return None;
        }
        let Some(&number) = self.known.get(&item.segment.key()) else {
            return Some(AgendaPlace::Anew);
        };
        let is_news = |plan: &FilePlan| self.tried.get(&(number, plan.file.id.clone())) != Some(&failures(plan));
        let is_due = !self.touched.contains(&number) && item.files.iter().any(|plan| plan.is_copied() && is_news(plan));
        is_due.then_some(AgendaPlace::Instead(number))
    }
}

fn failures(plan: &FilePlan) -> Option<u32> {
    plan.copy.as_ref().map(|copy| copy.attempts).filter(|attempts| *attempts > 0)
}

#[cfg(test)]
mod tests {
    use super::super::Line;
    use super::{Agenda, AgendaPlace};
    use crate::model::{Action, CopyState, FileCopy, Role};
    use crate::plan::samples::{sample_copy, sample_segment, sample_video};
    use crate::plan::{FilePlan, Item, Step};

    /// A recording whose video failed so often.
    fn item(attempts: u32, step: Step) -> Item {
        let file = sample_video("v", "shared_screen");
        let copy = FileCopy { attempts, ..sample_copy(CopyState::New) };
        let plan = FilePlan {
            file: file.clone(),
            action: Action::Copy,
            reason: None,
            entry_id: None,
            copy: Some(copy.into()),
            step,
        };
        Item {
            segment: sample_segment(vec![file]),
            action: Action::Copy,
            reason: None,
            detail: None,
            loss: None,
            age: None,
            owner: None,
            rule: None,
            entry_id: None,
            files: vec![plan],
            remains: Vec::new(),
            main: Some(0),
            orphan: None,
        }
    }

    /// What happened before, a word each: the run came to know the recording, it began or ended its turn after so many
    /// failures, a look began. Then after how many failures, of 0 to 2, it is taken up, if it is decided to be copied.
    fn taken_up(story: &str) -> Vec<u32> {
        let mut agenda = Agenda::default();
        for word in story.split_whitespace() {
            let line = |attempts| Line::from(item(attempts, Step::Copy(Role::Parent)));
            match word {
                "know" => agenda.know(0, &line(0)),
                "look" => agenda.look(),
                "end" => agenda.end(0),
                begin => agenda.begin(0, &line(begin.parse().expect("a number of failures"))),
            }
        }
        assert_eq!(agenda.place(&item(1, Step::Nothing)), None, "{story}");
        let place = |attempts: &u32| agenda.place(&item(*attempts, Step::Copy(Role::Parent)));
        let taken: Vec<u32> = (0..3).filter(|attempts| place(attempts).is_some()).collect();
        let expected = if story.is_empty() { AgendaPlace::Anew } else { AgendaPlace::Instead(0) };
        assert!(taken.iter().all(|attempts| place(attempts) == Some(expected)), "{story}");
        taken
    }

    #[test]
    fn what_was_tried_is_taken_up_again_only_after_a_failure_that_counted() {
        let cases: &[(&str, &[u32])] = &[
            ("", &[0, 1, 2]),
            ("know look", &[0, 1, 2]),
            ("know 0", &[]),
            ("know 0 look", &[]),
            // what was listed while it was at it is out of date
            ("know look 0 end", &[]),
            ("know 0 look end", &[]),
            ("know 0 end look", &[1, 2]),
            ("know 0 end look 1 end look", &[0, 2]),
        ];
        for (story, expected) in cases {
            assert_eq!(taken_up(story), *expected, "{story}");
        }
    }
}
