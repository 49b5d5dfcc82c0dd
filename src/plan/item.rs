//! A line of the plan: one recording segment and its files.

use chrono::TimeDelta;

use crate::model::{Action, CopyState, EntryId, FileCopy, KalturaUserId, Reason, RecordingFile, Segment};

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
    /// How long ago its copy was confirmed, where that decides.
    pub age: Option<TimeDelta>,
    /// The Kaltura account that the copy belongs to or is to belong to.
    pub owner: Option<KalturaUserId>,
    /// The entry in Kaltura, where there is one.
    pub entry_id: Option<EntryId>,
    /// What is to happen to each file.
    pub files: Vec<FilePlan>,
    /// The number of the file that stands for the segment; it shares its fate.
    pub main: Option<usize>,
    /// What is to be carried out.
    pub step: Step,
}

/// What is to happen to a file.
#[derive(Clone, Debug)]
pub struct FilePlan {
    /// The file as listed.
    pub file: RecordingFile,
    /// What is to happen.
    pub action: Action,
    /// Why, where it is not plainly copied.
    pub reason: Option<Reason>,
}

/// What is to be carried out for a segment.
#[derive(Clone, Debug)]
pub enum Step {
    /// Nothing beyond writing the decision down.
    Nothing,
    /// A file is copied, or its copy is gone on with.
    Transfer {
        /// The file.
        file: RecordingFile,
        /// What the ledger knows of its copy.
        copy: Option<FileCopy>,
    },
    /// A copy has come to its end.
    Settle {
        /// The copy as the ledger knows it.
        copy: FileCopy,
        /// Where it stands now.
        state: CopyState,
    },
}

impl Item {
    /// Changes what happens to the segment and to the file that stands for it.
    pub fn becomes(&mut self, action: Action, reason: Option<Reason>) {
        (self.action, self.reason) = (action, reason);
        if let Some(file) = self.main.and_then(|number| self.files.get_mut(number)) {
            (file.action, file.reason) = (action, reason);
        }
    }
}
