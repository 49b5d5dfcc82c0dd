//! How this program speaks HTTP: the clients, what can go wrong, what is worth repeating, what must not be shown.

mod address;
mod answer;
mod breaker;
mod call;
mod calls;
mod clients;
mod clock;
mod error;
mod flow;
pub mod meanings;
mod post;
mod proxy;
mod redact;
mod retry;
mod service;
mod setup;
mod stray;

pub use address::is_private;
pub use answer::Answer;
pub use breaker::Breaker;
pub use call::Call;
pub use calls::Calls;
pub use clients::{Clients, Timeouts};
pub use clock::{ClockOff, RemoteClocks};
pub use error::{RemoteError, RemoteKind};
pub use flow::{Flow, FlowLimit};
pub use meanings::Meaning;
pub use post::SecretUrl;
pub use proxy::Proxies;
pub use redact::redact_url;
pub use retry::{Patience, RatePauses, Retry};
pub use service::Service;
pub use setup::SetupFault;
