//! TODO

pub mod apply;
pub mod categories;
pub mod copy_table;
pub mod directory;
pub mod gather;
pub mod handover;
pub mod host_profiles;
pub mod hosts;
pub mod identity;
pub mod in_kaltura;
pub mod marks;
pub mod misnamed;
pub mod observed;
pub mod plan;
pub mod replaced;
pub mod rights;
pub mod transfer;
