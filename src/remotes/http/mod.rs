//! How this program speaks HTTP: the clients, what can go wrong, what is worth repeating, what must not be shown.

mod address;
mod answer;
mod calls;
mod clients;
mod clock;
mod error;
pub mod meanings;
mod post;
mod proxy;
mod retry;

pub use address::{is_private, redact_url};
pub use answer::{Answer, Flow, FlowLimit};
pub use calls::{Call, Calls};
pub use clients::{Clients, Timeouts};
pub use clock::{ClockOff, RemoteClocks};
pub use error::{RemoteError, RemoteKind};
pub use meanings::{MEANINGS, Meaning, Service};
pub use post::SecretUrl;
pub use proxy::{Proxies, SetupFault};
pub use retry::{Breaker, Patience, Retry};
