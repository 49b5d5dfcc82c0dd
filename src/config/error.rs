//! Why there is no usable configuration.
//!
//! Where a value comes from.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use crate::model::one_line;

/// One line each, for the person who reads cron's mail: which file, which key, what is wrong, what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No file was named and none lies where one usually does.
    #[error("no configuration found: looked for {0}; name one with --config or ZOOM2KALTURA_CONFIG")]
    Nowhere(String),
    /// The only one that was found is somebody else's.
    #[error("{0}")]
    Strange(String),
    /// The file cannot be read.
    #[error("the configuration {} cannot be read: {why}", shown_path(file))]
    File {
        /// The file.
        file: PathBuf,
        /// What the system says.
        why: String,
    },
    /// Somebody else could have written it.
    #[error("the configuration {} is not used because it {why}", shown_path(file))]
    Untrusted {
        /// The file.
        file: PathBuf,
        /// Whose it is or who can change it, and what to do.
        why: String,
    },
    /// The file is no TOML.
    #[error("the configuration {} is malformed: line {line}, column {column}: {message}", shown_path(file))]
    Syntax {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
        /// What the parser expected.
        message: String,
    },
    /// A key, section or environment variable that does not exist.
    #[error("unknown {what}; {hint}")]
    Unknown {
        /// Which one, and where it stands.
        what: String,
        /// What may have been meant.
        hint: String,
    },
    /// Keys without which nothing can be done.
    #[error("{} lacks {keys}; `zoom2kaltura config sample` explains every key", shown_path(file))]
    Missing {
        /// The file.
        file: PathBuf,
        /// All of them, with how to give those that are secrets.
        keys: String,
    },
    /// A value that cannot be used.
    #[error("{key} in {origin} {why}")]
    Value {
        /// The key.
        key: String,
        /// Where the value comes from.
        origin: String,
        /// What is wrong and what would be right.
        why: String,
    },
}

impl ConfigError {
    pub(super) fn file(file: &Path, error: &io::Error) -> ConfigError {
        let advice = match error.kind() {
            io::ErrorKind::NotFound => "; correct --config or ZOOM2KALTURA_CONFIG, whichever names it",
            _ => "",
        };
        ConfigError::File { file: file.to_owned(), why: io_reason(error) + advice }
    }

    pub(super) fn value(key: &str, origin: &Origin, why: impl Into<String>) -> ConfigError {
        ConfigError::Value { key: key.to_owned(), origin: origin.to_string(), why: why.into() }
    }
}

/// What the system says, without its number, and what usually helps.
pub(super) fn io_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder, not a file".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "permission denied; make it readable for the user who runs this program".to_owned()
        }
        _ => error.to_string(),
    }
}

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

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};
    use std::path::Path;

    use super::ConfigError;

    #[test]
    fn an_unreadable_configuration_says_the_remedy() {
        let fault =
            ConfigError::file(Path::new("/etc/a\nb.toml"), &Error::from(ErrorKind::PermissionDenied)).to_string();
        let said = "permission denied; make it readable for the user who runs this program";
        assert_eq!(fault, format!("the configuration /etc/a b.toml cannot be read: {said}"));
    }
}
