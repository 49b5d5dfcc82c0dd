//! Stand-ins for Zoom and Kaltura on 127.0.0.1: as strict as the real servers, never kinder.

pub mod clock;
pub mod distance;
pub mod fault;
pub mod kaltura;
pub mod media;
pub mod receiver;
pub mod request_log;
pub mod schema;
pub mod server;
pub mod setup;
mod tls;
pub mod zoom;
