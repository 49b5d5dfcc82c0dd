//! The vocabulary: what a recording is, whose it is, how far its copy has come. No I/O, no foreign JSON.

mod decision;
mod doubles;
mod entry;
mod file;
mod host;
mod id;
mod installation;
mod kept;
mod lately;
mod made;
mod owner;
mod pending;
mod secrets;
mod segment;
mod start;
mod state;
pub(crate) mod template;
mod text;
mod text_asset;
mod texts;
mod traces;
mod validator;
mod window;

pub use decision::{Action, Reason};
pub use doubles::{each_once, keep_ids, keep_names};
pub use entry::{Entry, EntryStatus, EntryWithSource, Tags, TokenStatus};
pub use file::{FileKind, RecordingFile};
pub use host::HostProfile;
pub use id::{EntryId, FileId, HostId, KalturaUserId, MeetingUuid, ReferenceId, SegmentKey, UploadTokenId};
pub use installation::{
    Installation, InstallationId, InstallationPlace, OtherInstallation, RecordedInstallation as KeptInstallation,
    TakeOver,
};
pub use kept::{TextKind, entry_name, fit_before, fit_text};
pub use lately::{EventKind, HistoryEvent};
pub use made::OwnEntry;
pub use owner::{Owner, OwnerProblem, OwnerRule};
pub use pending::Pending;
pub use secrets::{masked, masked_values};
pub use segment::{Meeting, MeetingKind, PartNumber, Segment};
pub use start::{believed_start, parse_zoom_time};
pub use state::{CopyState, FileCopy, Orphan, Role, Tracked, ZoomTrash};
pub use template::Template;
pub use text::{fit_to_keep, is_invisible, one_line, visible_json, xml_text};
pub use text_asset::{OwnTexts, TextAsset, TextState};
pub use texts::Interner;
pub use traces::Traces;
pub use validator::Validator;
pub use window::Window;
