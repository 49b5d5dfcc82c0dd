//! What the administrator decides: one TOML file, overridden key by key from the environment, secrets apart.

#[cfg(test)]
mod bench;
mod category_rules;
mod contacts;
mod document;
mod error;
mod given;
mod key;
mod loaded;
mod nearest;
mod origin;
mod pattern;
mod rate;
#[cfg(test)]
mod samples;
mod secret;
mod settings;
mod sources;
mod spans;
mod table;
mod values;

pub use error::ConfigError;
pub use loaded::{Loaded, ShownKey, load_config};
pub(crate) use nearest::near_whole;
pub use settings::{
    CopySettings, FilterSettings, HttpSettings, KalturaSettings, NotifySettings, PurgeSettings, RetentionSettings,
    Settings, SyncSettings, ZoomSettings,
};
pub use sources::Sources;
pub use spans::{parse_duration, parse_instant};
