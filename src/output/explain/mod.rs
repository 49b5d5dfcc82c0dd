//! The story of a recording: how it stands, what happened to it, what happens next. Pure.

mod json;
mod phrases;
mod text;

pub use json::{Explained, explain_document};
pub use text::{tell_story, tell_unseen};
