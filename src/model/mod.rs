//! The vocabulary: what a recording is, whose it is, how far its copy has come, and why.
//!
//! No I/O and no foreign JSON; imports nothing of this crate. Start with `segment`, `state`, `decision` and `reason`.

mod answers;
mod decision;
mod doubles;
mod entry;
mod history;
mod id;
mod installation;
mod language;
mod meeting_number;
mod owner;
pub mod proof;
mod reason;
mod secrets;
mod segment;
mod side_file;
mod state;
pub(crate) mod template;
mod text;
mod text_hash;
mod validator;
mod window;

pub use decision::{Action, Decision};
pub use doubles::{each_once, keep_ids, keep_names};
pub use entry::{
    CaptionCounts, CaptionSurvey, Entry, EntryStatus, EntryWithSource, OwnEntry, OwnTexts, Tags, TextAsset, TextState,
    TokenStatus, Traces,
};
pub use history::{EventKind, HistoryEvent, Pending};
pub use id::{
    EntryId, FileId, HostId, KalturaUserId, MeetingUuid, ReferenceId, SegmentKey, UploadTokenId, believed_start,
    is_usual_start, parse_zoom_time,
};
pub use installation::{
    Installation, InstallationId, InstallationPlace, OtherInstallation, RecordedInstallation, TakeOver,
};
pub use language::find_language;
pub use meeting_number::plain_meeting_number;
pub use owner::{HostProfile, Owner, OwnerProblem, OwnerRule};
pub use reason::Reason;
pub use secrets::{masked, masked_values};
pub use segment::{
    FileKind, Meeting, MeetingKind, PARTICIPANT_AUDIO, PartNumber, RecordingFile, Segment, SegmentOutline,
};
pub use side_file::{AttachmentName, SideFile};
pub use state::{CopyState, FileCopy, Orphan, Role, Tracked, ZoomTrash};
pub use template::Template;
pub use text::{
    Interner, TextKind, entry_name, fit_text, fit_to_keep, format_count, is_invisible, near, near_whole, nearest_name,
    one_line, visible_json, xml_text,
};
pub use text_hash::{TextHash, TextHashes};
pub use validator::Validator;
pub use window::{Listings, Reach, Window};
