//! What the administrator decides: one TOML file, overridden key by key from the environment, secrets apart.
//!
//! A key is added in its section's file in `sections`, which reads it into the type that is used; nothing else reads files of
//! settings. Imports the types that settings become from below. Start with `sections`.

mod category_rules;
pub mod connector;
mod contacts;
mod document;
mod error;
mod gather;
mod given;
mod key;
mod loaded;
mod parsing;
mod reader;
#[cfg(test)]
mod samples;
mod secret;
mod sections;
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
