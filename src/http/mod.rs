//! How this program speaks HTTP: the clients, what can go wrong, what is worth repeating, what must not be shown.

mod address;
mod calls;
mod clients;
mod error;
mod post;
mod redact;
mod retry;

pub use address::is_safe;
pub use calls::Calls;
pub use clients::{Clients, Timeouts};
pub use error::{RemoteError, RemoteKind, Service};
pub use post::SecretUrl;
pub use redact::redacted;
pub use retry::{Patience, Retry};
