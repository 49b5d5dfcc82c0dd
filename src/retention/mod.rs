//! What of our copies nobody seems to need any more. Tells, and changes nothing.

mod gather;
mod report;
mod rules;

pub use gather::gather_retention;
pub use report::{retention_csv, retention_json, retention_text};
pub use rules::{RetentionFacts, RetentionFinding, RetentionLimits, Why, list_findings};
