//! Calling somebody: the metrics file, the ping, and events to a webhook and a command. Whatever goes wrong here is a
//! warning on the log and changes nothing of the run.

mod alerts;
mod command;
mod deliver;
mod event;
mod exposition;
mod metrics;
mod ping;
mod receiver;

pub use alerts::{AlertState, find_alert_states};
pub use deliver::{RunDigest, tell};
pub use metrics::{Measured, Ran, write_metrics};
pub use ping::{Pings, Signal};
pub use receiver::{Receivers, Recordings};
