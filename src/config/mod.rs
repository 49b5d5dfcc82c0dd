//! What the administrator decides: one TOML file, overridden key by key from the environment, secrets apart.
//!
//! A key is added in `table`, and in `settings` with the value that it becomes; nothing else reads files of settings. Imports
//! the types that settings become from below. Start with `table`.

mod category_rules;
mod contacts;
mod document;
mod error;
mod given;
mod key;
mod loaded;
mod parsing;
#[cfg(test)]
mod samples;
mod secret;
mod settings;
mod sources;
mod table;
#[cfg(test)]
mod testing;
mod values;

pub use error::ConfigError;
pub use loaded::{Loaded, load_config};
pub use parsing::{parse_duration, parse_instant};
pub use settings::Settings;
pub use sources::Sources;
