//! Kaltura: session, users, uploads, entries. Facts about the API are from traffic recorded from a real server
//! (open source edition 22.19) unless a line says otherwise.

mod account_entries;
mod auto_captions;
mod batches;
mod caption_states;
mod client;
mod entries;
mod family;
mod groups;
mod imports;
mod listing;
mod own_entries;
pub mod permissions;
mod session;
mod sharing;
mod tags;
mod texts;
mod titles;
mod updates;
mod uploads;
mod users;
mod wire;

pub use account_entries::AccountEntry;
pub use client::{Kaltura, KalturaAccess};
pub use entries::{Attached, MediaType, NewEntry};
pub use family::{EntryFamily, WithTexts};
pub use permissions::{PERMISSIONS_NEEDED, ROLE};
pub use session::{Credentials, TokenHash};
pub use sharing::Entitled;
pub use texts::{TextCounts, TextName};
pub use titles::TitledEntry;
pub use updates::Dropped;
pub use uploads::{Chunk, UploadToken, WantedToken};
pub use users::{AccountState, KnownUser, UserAnswer};
