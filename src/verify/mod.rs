//! Zoom, the ledger and Kaltura held against each other. Changes nothing anywhere.

mod copies;
mod differences;
mod evidence;
mod gather;
mod outstanding;
mod report;

pub use differences::find_differences;
pub use evidence::{Difference, DifferenceKind, VerifyFacts};
pub use gather::gather_verify;
pub use report::{Verified, verify_csv, verify_json, verify_text};
