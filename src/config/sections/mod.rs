//! The sections of the file: of each its keys, what they become, and how that is read from what was given.

pub(super) mod copy;
pub(super) mod filter;
pub(super) mod http;
pub(super) mod kaltura;
pub(super) mod notify;
pub(super) mod owner;
pub(super) mod purge;
pub(super) mod retention;
pub(super) mod rights;
pub(super) mod sync;
pub(super) mod top;
pub(super) mod zoom;
pub(super) mod zoom_trash;
