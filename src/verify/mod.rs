//! Zoom, the ledger and Kaltura held against each other. Changes nothing anywhere.

mod copies;
mod differences;
mod gather;
mod outstanding;
mod report;

pub use differences::{Difference, Evidence, Kind, differences};
pub use gather::gather;
pub use report::{Verified, csv, json, text};
