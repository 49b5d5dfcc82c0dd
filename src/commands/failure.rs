//! Why a command ended before it could report: an exit code and one line.

use std::io;
use std::io::IsTerminal;

use crate::config::ConfigError;
use crate::copying::directory::DirectoryError;
use crate::copying::gather::GatherError;
use crate::exit::Exit;
use crate::ledger::LedgerError;
use crate::machine::RAISE_HANDLES;
use crate::owners::people::ListFault;
use crate::remotes::http::{RemoteError, RemoteKind, SetupFault};

/// How the command ends, and the line that says why; none where the caller is to stay quiet.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) error: Option<anyhow::Error>,
}

impl Failure {
    /// A command that ends so, for this reason.
    pub(super) fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Failure {
        Failure { exit, error: Some(error.into()) }
    }

    /// The same, where the reason is a line of its own.
    pub(super) fn with_message(exit: Exit, line: String) -> Failure {
        Failure::new(exit, anyhow::Error::msg(line))
    }

    /// A command that ends without a word.
    pub(super) fn silent(exit: Exit) -> Failure {
        Failure { exit, error: None }
    }

    /// The same, where it need not be reported again.
    pub(super) fn hush(self) -> Failure {
        if let Some(error) = &self.error {
            tracing::info!("{error:#}");
        }
        Failure::silent(self.exit)
    }

    /// Where no more files could be opened, whatever was tried, that is what a person must know.
    pub(super) fn or_of_this_machine(self) -> Failure {
        let words = [io::Error::from(rustix::io::Errno::MFILE), io::Error::from(rustix::io::Errno::NFILE)];
        let Some(error) = self.error else { return self };
        let line = format!("{error:#}");
        if line.contains(RAISE_HANDLES) {
            Failure { exit: Exit::Configuration, error: Some(error) }
        } else if words.iter().any(|word| line.contains(&word.to_string())) {
            Failure::with_message(Exit::Configuration, format!("{line}; {RAISE_HANDLES}"))
        } else {
            Failure { error: Some(error), ..self }
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Failure {
        Failure::new(Exit::Configuration, error)
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Failure {
        let exit = exit_for(&error);
        if exit == Exit::Locked {
            // cron need not know; a person who typed the command does
            if io::stderr().is_terminal() {
                return Failure::new(exit, error);
            }
            tracing::info!("{error}");
            return Failure::silent(exit);
        }
        Failure::new(exit, error)
    }
}

/// How a command ends whose ledger cannot be used.
pub(super) fn exit_for(error: &LedgerError) -> Exit {
    match error {
        LedgerError::Locked(_) => Exit::Locked,
        LedgerError::Folder { .. }
        | LedgerError::Identity { .. }
        | LedgerError::NothingSuch(_)
        | LedgerError::Backup { .. } => Exit::Configuration,
        lack if lack.is_lack_of_handles() => Exit::Configuration,
        LedgerError::Newer { .. }
        | LedgerError::Older
        | LedgerError::Sqlite { .. }
        | LedgerError::Damaged(_)
        | LedgerError::Replaced
        | LedgerError::ForeignLog(_)
        | LedgerError::Unfinished(_)
        | LedgerError::Unreadable(_)
        | LedgerError::Refused(_)
        | LedgerError::Moved(_) => Exit::Unexpected,
    }
}

impl From<RemoteError> for Failure {
    fn from(error: RemoteError) -> Failure {
        let exit = match error.kind {
            RemoteKind::Refused | RemoteKind::Expired => Exit::Refused,
            RemoteKind::Setup => Exit::Configuration,
            _ if error.is_outage() => Exit::Outage,
            _ => Exit::Unexpected,
        };
        Failure::new(exit, error)
    }
}

impl From<SetupFault> for Failure {
    fn from(fault: SetupFault) -> Failure {
        Failure::new(Exit::Configuration, fault)
    }
}

impl From<GatherError> for Failure {
    fn from(error: GatherError) -> Failure {
        match error {
            GatherError::Remote(error) => error.into(),
            GatherError::Ledger(error) => error.into(),
            GatherError::Directory(error) => error.into(),
        }
    }
}

impl From<ListFault> for Failure {
    fn from(fault: ListFault) -> Failure {
        Failure::new(Exit::Configuration, fault)
    }
}

impl From<DirectoryError> for Failure {
    fn from(error: DirectoryError) -> Failure {
        match error {
            DirectoryError::Ledger(error) => error.into(),
            DirectoryError::List(fault) => fault.into(),
        }
    }
}

/// A report that nobody reads to its end is no failure worth words.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure::silent(Exit::Unexpected);
        }
        Failure::new(Exit::Unexpected, anyhow::Error::new(error).context("stdout cannot be written"))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Failure {
        Failure::new(Exit::Unexpected, anyhow::Error::new(error).context("the report cannot be written as JSON"))
    }
}

impl From<csv::Error> for Failure {
    fn from(error: csv::Error) -> Failure {
        Failure::new(Exit::Unexpected, anyhow::Error::new(error).context("the report cannot be written as CSV"))
    }
}
