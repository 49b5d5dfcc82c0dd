//! Zoom and Kaltura as they are: their calls, their JSON, what their answers mean, and HTTP below both.
//!
//! What decides on a recording does not belong here. Imports the vocabulary (`model`) only. Start with [`zoom`]'s listing and
//! [`kaltura`]'s entries; an answer's meaning is one table in [`http`].

pub mod http;
pub mod kaltura;
pub mod zoom;
