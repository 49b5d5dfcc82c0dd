//! Kaltura: session, users, uploads, entries. Facts about the API are from traffic recorded from a real server
//! (open source edition 22.19) unless a line says otherwise.

mod client;
mod entries;
mod session;
mod uploads;
mod users;
mod wire;

pub use client::{Kaltura, KalturaAccess};
pub use entries::{Attached, NewEntry, OUR_TAG};
pub use session::Credentials;
pub use uploads::{Chunk, TokenStatus, UploadToken};
