//! The vocabulary: what a recording is, whose it is, how far its copy has come. No I/O, no foreign JSON.

mod decision;
mod entry;
mod file;
mod id;
mod owner;
mod segment;
mod state;
mod text;
mod window;

pub use decision::{Action, Reason};
pub use entry::{Copied, Entry, EntryStatus};
pub use file::{FileKind, RecordingFile, View};
pub use id::{EntryId, FileId, HostId, KalturaUserId, MeetingUuid, ReferenceId, SegmentKey, UploadTokenId};
pub use owner::{Owner, OwnerProblem};
pub use segment::{Meeting, MeetingKind, Segment};
pub use state::{CopyState, FileCopy, Orphan, Tracked};
pub use text::{one_line, title};
pub use window::Window;
