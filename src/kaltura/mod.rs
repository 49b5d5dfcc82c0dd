//! Kaltura: session, users, uploads, entries. Facts about the API are from traffic recorded from a real server
//! (open source edition 22.19) unless a line says otherwise.

mod accounts;
mod categories;
mod client;
mod confirmed;
mod dropped;
mod entitled;
mod entries;
mod family;
mod frozen;
mod gone;
mod held;
mod imports;
mod made;
mod others;
mod own_texts;
mod pages;
pub mod permissions;
mod references;
mod session;
mod tags;
mod texts;
mod token_hash;
mod traces;
mod updates;
mod uploads;
mod users;
mod wire;

pub use accounts::AccountState;
pub use client::{Kaltura, KalturaAccess};
pub use dropped::Dropped;
pub use entitled::Entitled;
pub use entries::{Attached, MediaType, NewEntry};
pub use family::{EntryFamily, WithTexts};
pub use held::AccountEntry;
pub use session::Credentials;
pub use texts::{TextCounts, TextName};
pub use token_hash::TokenHash;
pub use uploads::{Chunk, UploadToken};
pub use users::{KnownUser, User, UserAnswer};
