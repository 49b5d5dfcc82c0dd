//! How this program speaks HTTP: the clients, what can go wrong, what is worth repeating, what must not be shown.

mod address;
mod clients;
mod error;
mod redact;
mod retry;

pub use address::is_safe;
pub use clients::{Clients, Timeouts};
pub use error::{RemoteError, RemoteKind, Service};
pub use redact::redacted;
pub use retry::Retry;
