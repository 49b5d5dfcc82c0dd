//! What is wrong with a file of lines that names people or categories.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::{is_invisible, one_line};

/// So many bad lines are named.
const NAMED: usize = 5;
/// So much of a bad line is shown.
const SHOWN: usize = 60;

/// Why a list cannot be used as it is: somebody may be meant by what cannot be read.
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
    /// Somebody else could have written it.
    #[error("{key}: {} is not used, as it {why}; nothing was copied", one_line(&file.display().to_string()))]
    Untrusted {
        /// The key that names it.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// Whose it is or who can change it, and what to do.
        why: String,
    },
    /// Lines of it make no sense.
    #[error("{key}: {} has lines that make no sense: {}; correct them", one_line(&file.display().to_string()), first_faults(bad))]
    Lines {
        /// The key that names it.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// Which lines, and what is wrong with each.
        bad: Vec<BadLine>,
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

    pub(crate) fn lines(key: &'static str, file: &Path, bad: Vec<BadLine>) -> ListFault {
        ListFault::Lines { key, file: file.to_owned(), bad }
    }

    /// The fault, or each bad line as one of its own.
    #[must_use]
    pub fn each(self) -> Vec<ListFault> {
        match self {
            ListFault::Lines { key, file, bad } => {
                bad.into_iter().map(|bad| ListFault::Lines { key, file: file.clone(), bad: vec![bad] }).collect()
            }
            fault @ (ListFault::File { .. } | ListFault::Untrusted { .. }) => vec![fault],
        }
    }
}

fn first_faults(bad: &[BadLine]) -> String {
    let mut named: Vec<String> = bad.iter().take(NAMED).map(|(line, why)| format!("line {line} {why}")).collect();
    if bad.len() > NAMED {
        named.push(format!("{} more", bad.len() - NAMED));
    }
    named.join(", ")
}

/// A text of a bad line, fit to be shown: what nobody would see, and what only looks like Latin, is written as `\u{…}`.
pub(crate) fn show_hidden(text: &str) -> String {
    let is_plain = |c: char| c == ' ' || (c <= '\u{24F}' && !c.is_control() && !c.is_whitespace() && !is_invisible(c));
    let is_mark = |c: char| ('\u{2010}'..='\u{2027}').contains(&c) && !is_invisible(c);
    let trimmed = text.trim();
    let mut visible = String::new();
    for c in trimmed.chars().take(SHOWN) {
        if is_plain(c) || is_mark(c) { visible.push(c) } else { visible.extend(c.escape_unicode()) }
    }
    let rest = if trimmed.chars().nth(SHOWN).is_some() { "…" } else { "" };
    format!("\"{}{rest}\"", one_line(&visible))
}
