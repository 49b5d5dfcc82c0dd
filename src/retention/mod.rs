//! What of our copies nobody seems to need any more. Tells, and changes nothing.

mod gather;
mod report;
mod rules;

pub use gather::gather;
pub use report::{csv, json, text};
pub use rules::{Evidence, Finding, Limits, Why, findings};
