//! One file from Zoom to Kaltura: open, reserve, attach, stream. The ledger is written before and after each step, so
//! that whatever dies, the next run knows what may exist.

mod attach;
mod error;
mod job;
mod pump;
mod story;
mod stream;

pub use error::TransferError;
pub use job::{Job, Tools, Tuning};
pub use story::transfer;
