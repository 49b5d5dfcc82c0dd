//! Where a value comes from.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::model::one_line;

/// Shown by `config show` beside each value, and in messages about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Nobody said anything.
    Default,
    /// The configuration file.
    Document(PathBuf),
    /// This environment variable.
    Variable(String),
    /// A file of its own.
    File(PathBuf),
    /// What systemd hands over under this name.
    Credential(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::Document(file) => f.write_str(&shown_path(file)),
            Origin::Variable(name) => write!(f, "environment {name}"),
            Origin::File(file) => write!(f, "file {}", shown_path(file)),
            Origin::Credential(name) => write!(f, "credential {name}"),
        }
    }
}

/// A path on one line.
pub(super) fn shown_path(path: &Path) -> String {
    one_line(&path.display().to_string())
}
