//! What is wrong with a file of lines that names people or categories.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::one_line;

/// So many bad lines are named.
const NAMED: usize = 5;
/// So much of a bad line is shown.
const SHOWN: usize = 60;

/// Why a list cannot be gone by. Nothing is copied then: somebody on it may be meant by what cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ListFault {
    /// The file cannot be had.
    #[error("{key}: {} cannot be read: {why}; nothing was copied", one_line(&file.display().to_string()))]
    File {
        /// The key that names it.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// What the system says.
        why: String,
    },
    /// Lines of it make no sense.
    #[error("{key}: {} has lines that make no sense: {lines}; correct them, nothing was copied", one_line(&file.display().to_string()))]
    Lines {
        /// The key that names it.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// Which lines, and what is wrong with each.
        lines: String,
    },
}

/// A line that makes no sense: its number from 1, and what is wrong.
pub(crate) type BadLine = (u64, String);

impl ListFault {
    pub(crate) fn file(key: &'static str, file: &Path, error: &io::Error) -> ListFault {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "it does not exist".to_owned(),
            io::ErrorKind::InvalidData => "it is not UTF-8; save it as UTF-8".to_owned(),
            io::ErrorKind::PermissionDenied => {
                "permission denied; make it readable for the user who runs this program".to_owned()
            }
            _ => error.to_string(),
        };
        ListFault::File { key, file: file.to_owned(), why }
    }

    pub(crate) fn lines(key: &'static str, file: &Path, bad: &[BadLine]) -> ListFault {
        let mut named: Vec<String> = bad.iter().take(NAMED).map(|(line, why)| format!("line {line} {why}")).collect();
        if bad.len() > NAMED {
            named.push(format!("{} more", bad.len() - NAMED));
        }
        ListFault::Lines { key, file: file.to_owned(), lines: named.join(", ") }
    }
}

/// A text of a bad line, fit to be shown.
pub(crate) fn shown(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("\"{}…\"", &line[..end]),
        None => format!("\"{line}\""),
    }
}
