//! One key's value as it was given.

use secrecy::SecretString;
use toml::Value;

use super::error::Origin;
use super::key::Key;

/// One key's value, not yet checked.
#[derive(Debug)]
pub(super) struct GivenValue {
    /// The key.
    pub(super) key: &'static Key,
    /// The value.
    pub(super) content: Content,
    /// Where it comes from.
    pub(super) origin: Origin,
}

/// Kept apart so that a secret never takes the way of other values.
#[derive(Debug)]
pub(super) enum Content {
    /// Anything that may be shown.
    Plain(Value),
    /// Never shown.
    Secret(SecretString),
}
