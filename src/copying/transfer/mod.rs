//! One file from Zoom to Kaltura: open, reserve, attach, stream; or Kaltura's import workers fetch it. The ledger
//! is written before and after each step that leaves something behind, so that whatever dies, the next run knows what may
//! exist.

mod as_left;
mod attach;
mod auto_captions;
mod claim;
mod claim_ahead;
mod copy_file;
mod early_claim;
mod error;
mod job;
mod leftovers;
mod limits;
mod parent;
mod parts;
mod pull;
mod pump;
mod stream;
mod text;
mod text_update;
mod wording;

pub use claim_ahead::{NextFile, claim_ahead, give_up_claims};
pub use copy_file::transfer_file;
pub use early_claim::{ClaimAhead, EarlyClaim};
pub use error::TransferError;
pub use job::{BlockAutoCaptions, Job, TransferContext, TransferTarget, Tuning, Way};
pub use leftovers::{remove_late_entries, remove_late_texts, remove_twins, take_back_copy};
pub use limits::{Bandwidth, RecordingSlot, Slots};
pub use wording::Wording;
