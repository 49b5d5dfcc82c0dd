//! One file from Zoom to Kaltura: open, reserve, attach, stream; or Kaltura's import workers are told to fetch it. The ledger
//! is written before and after each step that leaves something behind, so that whatever dies, the next run knows what may
//! exist.

mod attach;
mod bandwidth;
mod claim;
mod error;
mod job;
mod kept;
mod open;
mod parent;
mod parts;
mod position;
mod pull;
mod pump;
mod remains;
mod renew;
mod slots;
mod story;
mod stream;
mod text;
mod twin;
mod wording;

pub use bandwidth::Bandwidth;
pub use error::TransferError;
pub use job::{Job, TransferContext, TransferTarget, Tuning, Way};
pub use remains::take_back_copy;
pub use slots::{Slot, Slots};
pub use story::transfer_file;
pub use twin::{remove_late_entries, remove_late_texts, remove_twins};
pub use wording::Wording;
