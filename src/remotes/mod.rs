//! TODO

pub mod http;
pub mod kaltura;
pub mod zoom;
