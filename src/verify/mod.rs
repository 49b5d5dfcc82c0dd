//! Zoom, the ledger and Kaltura held against each other. Changes nothing anywhere.

mod copies;
mod differences;
mod evidence;
mod gather;
mod outstanding;
mod report;

pub use differences::differences;
pub use evidence::{Difference, Evidence, Kind};
pub use gather::gather;
pub use report::{Verified, csv, json, text};
