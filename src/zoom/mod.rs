//! Zoom: logging in, listing recordings, looking up hosts, opening a download. Facts about the API are from Zoom's
//! reference unless a line says otherwise.

mod access;
mod attendance;
mod auth;
mod by_user;
mod client;
mod download;
mod download_hosts;
mod groups;
mod hosts;
mod lenient;
mod limits;
mod listing;
mod media;
mod meeting;
mod meeting_details;
mod merged;
mod paging;
mod pass;
mod path;
mod source;
mod texts;
mod trash;
mod whole_list;
mod wire;

pub use access::ZoomAccess;
pub use client::Zoom;
pub use download_hosts::DownloadHosts;
pub use groups::GroupMember;
pub use hosts::Host;
pub use limits::CallsPerSecond;
pub use listing::Listing;
pub use media::Download;
pub use meeting_details::{MeetingDetails, TrackingField};
pub use pass::DownloadPass;
pub use source::{Source, SourceError};
pub use texts::{Sizes, Text};
pub use trash::Trashed;
