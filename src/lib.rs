//! x
pub mod gather;
pub mod http;
pub mod kaltura;
pub mod ledger;
pub mod model;
pub mod owners;
pub mod plan;
pub mod zoom;
