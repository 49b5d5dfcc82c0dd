//! How this program speaks HTTP: the clients, what can go wrong, what is worth repeating, what must not be shown.

mod address;
mod calls;
mod clients;
mod error;
mod post;
mod proxy;
mod redact;
mod retry;
mod setup;
mod stray;

pub use address::is_safe;
pub use calls::Calls;
pub use clients::{Clients, Timeouts};
pub use error::{RemoteError, RemoteKind, Service};
pub use post::SecretUrl;
pub use proxy::Proxies;
pub use redact::redacted;
pub use retry::Retry;
pub use setup::SetupFault;
pub use stray::stray;
