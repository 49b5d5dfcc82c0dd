//! A line of the plan: one recording segment and its files.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::model::{
    Action, CopyState, Decision, EntryId, FileCopy, KalturaUserId, Orphan, OwnerRule, Reason, RecordingFile, Role,
    Segment,
};

/// What is to happen to a segment.
#[derive(Clone, Debug)]
pub struct Item {
    /// The segment as listed, or as the ledger remembers it.
    pub segment: Segment,
    /// What is to happen.
    pub action: Action,
    /// Why, where it is not plainly copied.
    pub reason: Option<Reason>,
    /// More than the fixed word can say.
    pub detail: Option<String>,
    /// What is reported, once: it is lost.
    pub loss: Option<String>,
    /// By which topic the titles of its copies were given, where they are to follow the one that Zoom gives it now.
    pub renamed_from: Option<Box<str>>,
    /// How long ago its copy was confirmed, where that decides.
    pub age: Option<TimeDelta>,
    /// The Kaltura account that the copy belongs to or is to belong to.
    pub owner: Option<KalturaUserId>,
    /// What led to that account.
    pub rule: Option<OwnerRule>,
    /// The entry in Kaltura that stands for the segment, where there is one.
    pub entry_id: Option<EntryId>,
    /// What is to happen to each file.
    pub files: Vec<FilePlan>,
    /// Unfinished entries of ours that carry its mark, and of which the ledger knows nothing.
    pub remains: Vec<EntryId>,
    /// The number of the file that stands for the segment.
    pub main: Option<usize>,
    /// The segment as an orphan, where it is handed over or deleted.
    pub orphan: Option<Box<Orphan>>,
}

/// What is to happen to a file.
#[derive(Clone, Debug)]
pub struct FilePlan {
    /// The file as listed, or as the ledger remembers it.
    pub file: RecordingFile,
    /// What is to happen.
    pub action: Action,
    /// Why, where it is not plainly copied.
    pub reason: Option<Reason>,
    /// The entry in Kaltura, where there is one; of captions the one they are on.
    pub entry_id: Option<EntryId>,
    /// What the ledger knows of its copy.
    pub copy: Option<Arc<FileCopy>>,
    /// What is to be carried out.
    pub step: Step,
}

/// What is to be carried out for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing beyond writing the decision down.
    Nothing,
    /// It is copied, or its copy is resumed.
    Copy(Role),
    /// Its copy has come to where it stands now.
    Settle(CopyState),
    /// Its segment is handed over to the host's account.
    Adopt,
    /// An entry of our own that was found in Kaltura becomes its copy.
    Recognise {
        /// Where that stands.
        state: CopyState,
        /// Whether it belongs to the holding user.
        orphan: bool,
        /// The size of its source.
        bytes: u64,
    },
    /// A text of an entry that is recognised stays as people left it: there, or deleted.
    Keep {
        /// What it is on the entry, or was.
        role: Role,
        /// Where it stands.
        state: CopyState,
    },
    /// What was begun of it in Kaltura is taken back.
    TakeBack,
    /// Its copy is safe, and Zoom's file goes to Zoom's trash.
    Trash,
}

impl Step {
    /// What a file that is copied becomes.
    #[must_use]
    pub fn role(self) -> Option<Role> {
        match self {
            Step::Copy(role) => Some(role),
            _ => None,
        }
    }
}

impl FilePlan {
    /// What is to happen, and why.
    #[must_use]
    pub fn decision(&self) -> Decision {
        Decision { action: self.action, reason: self.reason }
    }

    /// Whether it is to be copied in this run.
    #[must_use]
    pub fn is_copied(&self) -> bool {
        matches!(self.step, Step::Copy(_))
    }
}

impl Item {
    /// One of which no more than this is to be said; the file of the number `main` stands for it.
    pub(super) fn plain(segment: Segment, decision: Decision, files: Vec<FilePlan>, main: Option<usize>) -> Item {
        Item {
            segment,
            action: decision.action,
            reason: decision.reason,
            detail: None,
            loss: None,
            renamed_from: None,
            age: None,
            owner: None,
            rule: None,
            entry_id: None,
            files,
            remains: Vec::new(),
            main,
            orphan: None,
        }
    }

    /// What is to happen, and why.
    #[must_use]
    pub fn decision(&self) -> Decision {
        Decision { action: self.action, reason: self.reason }
    }

    /// Whether anything is to be copied in this run.
    #[must_use]
    pub fn is_copied(&self) -> bool {
        self.files.iter().any(FilePlan::is_copied)
    }

    /// Whether a file that is to be copied failed in an earlier try.
    #[must_use]
    pub fn has_failed_before(&self) -> bool {
        let tried = self.files.iter().filter(|file| file.is_copied()).filter_map(|file| file.copy.as_ref());
        tried.into_iter().any(|copy| copy.attempts > 0 || copy.next_try.is_some())
    }

    /// Whether any file of it goes to Zoom's trash in this run.
    #[must_use]
    pub fn is_trashed(&self) -> bool {
        self.files.iter().any(|file| file.step == Step::Trash)
    }

    /// How many interpretations that are called the same come before this one: those that were begun before it, so that one that
    /// Zoom lists later takes no other's name.
    #[must_use]
    pub fn count_alike_before(&self, plan: &FilePlan) -> usize {
        if !plan.file.is_interpretation() {
            return 0;
        }
        let main = self.main.and_then(|number| self.files.get(number)).map(|main| &main.file.id);
        let place = |plan: &FilePlan| (plan.copy.as_ref().map_or(i64::MAX, |copy| copy.row), plan.file.id.clone());
        let is_alike = |other: &&FilePlan| {
            other.file.is_interpretation() && other.file.view() == plan.file.view() && main != Some(&other.file.id)
        };
        self.files.iter().filter(is_alike).filter(|other| place(other) < place(plan)).count()
    }

    /// Changes what happens to the segment and to the file that stands for it.
    pub fn becomes(&mut self, action: Action, reason: Option<Reason>) {
        (self.action, self.reason) = (action, reason);
        if let Some(file) = self.main.and_then(|number| self.files.get_mut(number)) {
            (file.action, file.reason) = (action, reason);
        }
    }
}

/// What was decided on a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileDecision {
    pub(super) decision: Decision,
    /// What is to be carried out.
    pub(super) step: Step,
}

impl FileDecision {
    /// Nothing is to be carried out.
    pub(super) const fn at_rest(decision: Decision) -> FileDecision {
        FileDecision { decision, step: Step::Nothing }
    }
}

/// What is to be said of a segment whose files stand at `files`: what is being done comes first, then what is still
/// owed, then what was given up of a segment that is there. `own` is the decision on the file that stands for the segment.
#[must_use]
pub fn summed_up(own: Decision, files: &[Decision]) -> Decision {
    let first = |wanted: fn(Action) -> bool| files.iter().copied().find(|decision| wanted(decision.action));
    let lacks_one = files.contains(&Decision::skip(Reason::GivenUp));
    match (first(Action::is_copy), own.action) {
        (Some(copied), _) => copied,
        (None, Action::Done | Action::Trash) => match first(|action| action == Action::Wait) {
            Some(owed) => owed,
            None if own.reason.is_none() && lacks_one => Decision::because(Action::Done, Reason::GivenUp),
            None => first(|action| action == Action::Trash).unwrap_or(own),
        },
        (None, _) => own,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{FilePlan, Step, summed_up};
    use crate::copying::plan::samples::{sample_copy, sample_file, sample_item, sample_segment};
    use crate::model::{Action, CopyState, Decision, FileCopy, FileKind, Reason, RecordingFile, Role};

    /// Or have a smaller id.
    #[test]
    fn interpretations_begun_earlier_count_first() {
        let plan = |id: &str, view: &str, row: Option<i64>| {
            let file = RecordingFile { recording_type: view.into(), ..sample_file(id, FileKind::Audio) };
            let copy = row.map(|row| Arc::new(FileCopy { row, ..sample_copy(CopyState::Done) }));
            FilePlan { file, action: Action::Copy, reason: None, entry_id: None, copy, step: Step::Copy(Role::Child) }
        };
        let files = vec![
            plan("m", "audio_only", Some(1)),
            plan("a", "audio_interpretation", None),
            plan("b", "audio_interpretation", Some(7)),
            plan("c", "audio_interpretation", Some(3)),
            plan("d", "audio_interpretation", None),
            plan("e", "sign_interpretation", None),
            plan("f", "audio_only", None),
        ];
        let item = sample_item(sample_segment(Vec::new()), files);
        let found: Vec<usize> = item.files.iter().map(|plan| item.count_alike_before(plan)).collect();
        assert_eq!(found, [0, 2, 1, 0, 3, 0, 0]);
    }

    /// Nothing of it is owed any more.
    #[test]
    fn a_segment_is_done_when_settled() {
        let (done, copy) = (Decision::plain(Action::Done), Decision::plain(Action::Copy));
        let as_orphan = Decision::plain(Action::CopyAsOrphan);
        let processing = Decision::wait(Reason::Processing);
        let left_out = Decision::skip(Reason::FileType);
        let given_up = Decision::skip(Reason::GivenUp);
        let edited = Decision::because(Action::Done, Reason::EditedInKaltura);
        let cases = [
            (done, vec![done, left_out], done),
            (done, vec![done, processing], processing),
            (done, vec![done, processing, copy], copy),
            (processing, vec![processing, as_orphan], as_orphan),
            (left_out, vec![left_out, processing], left_out),
            (processing, vec![], processing),
            (done, vec![done, given_up], Decision::because(Action::Done, Reason::GivenUp)),
            (done, vec![done, given_up, processing], processing),
            (edited, vec![edited, given_up], edited),
        ];
        for (own, files, expected) in cases {
            assert_eq!(summed_up(own, &files), expected, "{own:?} {files:?}");
        }
    }
}
