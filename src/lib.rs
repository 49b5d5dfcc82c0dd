//! x
pub mod http;
pub mod kaltura;
pub mod ledger;
pub mod model;
pub mod zoom;
