//! Moving over from Kaltura's own Zoom connector: its settings, and the configuration that follows from them. Pure.

mod proposal;
mod settings;

pub use proposal::propose_config;
pub use settings::{ConnectorSettings, MOST_BYTES};
