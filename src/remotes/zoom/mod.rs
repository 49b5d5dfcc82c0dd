//! Zoom: logging in, listing recordings, looking up hosts, opening a download. Facts about the API are from Zoom's
//! reference unless a line says otherwise.

mod account;
mod auth;
mod by_user;
mod client;
mod download;
mod fields;
mod lenient;
mod limits;
mod listing;
mod media;
mod meeting;
mod meeting_details;
mod path;
mod segments;
mod texts;
mod users;
mod wire;
mod wire_file;

pub use account::AutoDelete;
pub use auth::{DownloadHosts, ZoomAccess};
pub use client::Zoom;
pub use download::DownloadPass;
pub use limits::{CALL_CATEGORIES, CallsPerSecond};
pub use listing::{Listing, PageSift};
pub use media::{Download, Source, SourceError};
pub use meeting::Trashed;
pub use texts::{Sizes, Text};
pub use users::{GroupMember, Host};
