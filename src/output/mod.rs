//! TODO

pub mod explain;
pub mod notify;
pub mod report;
pub mod status;
