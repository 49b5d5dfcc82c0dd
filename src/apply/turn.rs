//! A recording's turn: what Zoom does not give in the first one is put off until all others had theirs, and comes back once.

use std::collections::HashSet;
use std::time::Duration;

use super::ended::Ended;
use crate::http::{Patience, Retry};
use crate::model::FileCopy;

/// What came of a transfer.
pub(super) struct Carried {
    /// The number of the line.
    pub(super) line: usize,
    /// The number of the file in it.
    pub(super) file: usize,
    /// All bytes are in Kaltura, or not.
    pub(super) end: Result<FileCopy, Ended>,
}

/// When a recording is worked on, and what of it.
#[derive(Default)]
pub(super) struct RecordingTurn {
    /// The number of its line.
    pub(super) line: usize,
    /// The numbers of the files that have come to their end in the first turn.
    pub(super) ended: Vec<usize>,
    /// What was put off then.
    put_off: Vec<Carried>,
}

/// What came of a turn.
pub(super) struct Taken {
    /// What has come to its end.
    pub(super) ended: Vec<Carried>,
    /// What comes back, and after how long a rest.
    pub(super) back: Option<(RecordingTurn, Duration)>,
}

impl RecordingTurn {
    /// The first one.
    pub(super) fn first(line: usize) -> RecordingTurn {
        RecordingTurn { line, ..RecordingTurn::default() }
    }

    pub(super) fn is_first(&self) -> bool {
        self.put_off.is_empty()
    }

    /// In the first turn others wait for the slot.
    pub(super) fn patience(&self) -> Patience {
        if self.is_first() { Patience::Brief } else { Patience::Last }
    }

    /// Whether what failed so comes back. What got on before it broke off was given, and is for the next run to go on with.
    pub(super) fn puts_off(&self, ended: &Ended) -> bool {
        self.is_first() && !ended.moved && ended.error.can_wait()
    }

    /// Sorts what came of it. Nothing comes back unless `goes_on`.
    pub(super) fn take(self, carried: Vec<Carried>, goes_on: bool, retry: Retry) -> Taken {
        if !self.is_first() {
            return Taken { ended: self.with_what_was_put_off(carried), back: None };
        }
        let is_put_off = |one: &Carried| goes_on && one.end.as_ref().is_err_and(|end| self.puts_off(end));
        let (put_off, ended): (Vec<_>, Vec<_>) = carried.into_iter().partition(is_put_off);
        let rest =
            put_off.iter().filter_map(|one| one.end.as_ref().err()?.error.remote()).map(|error| retry.rest(error));
        let Some(rest) = rest.max() else {
            return Taken { ended, back: None };
        };
        let back = RecordingTurn { line: self.line, ended: ended.iter().map(|one| one.file).collect(), put_off };
        Taken { ended, back: Some((back, rest)) }
    }

    /// A second turn that was not taken, or not to its end, leaves what came of the first one.
    pub(super) fn with_what_was_put_off(self, carried: Vec<Carried>) -> Vec<Carried> {
        let again: HashSet<usize> = carried.iter().map(|one| one.file).collect();
        let mut all = carried;
        all.extend(self.put_off.into_iter().filter(|one| !again.contains(&one.file)));
        all
    }
}
