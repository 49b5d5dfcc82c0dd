//! Why a command ended before it could report: an exit code and one line.

use std::io;

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
    pub(super) message: Option<String>,
}

impl Failure {
    pub(super) fn unexpected(message: String) -> Failure {
        Failure { exit: Exit::Unexpected, message: Some(message) }
    }

    /// Where no more files could be opened, whatever was tried, that is what a person must know.
    pub(super) fn or_of_this_machine(self) -> Failure {
        let words = [io::Error::from(rustix::io::Errno::MFILE), io::Error::from(rustix::io::Errno::NFILE)];
        match self.message {
            Some(message) if message.contains(RAISE_HANDLES) => {
                Failure { exit: Exit::Configuration, message: Some(message) }
            }
            Some(message) if words.iter().any(|word| message.contains(&word.to_string())) => {
                Failure { exit: Exit::Configuration, message: Some(format!("{message}; {RAISE_HANDLES}")) }
            }
            message => Failure { message, ..self },
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Failure {
        Failure { exit: Exit::Configuration, message: Some(error.to_string()) }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Failure {
        let exit = exit_for(&error);
        if exit == Exit::Locked {
            tracing::info!("{error}: nothing to do");
            return Failure { exit, message: None };
        }
        Failure { exit, message: Some(error.to_string()) }
    }
}

/// How a command ends whose ledger cannot be used.
pub(super) fn exit_for(error: &LedgerError) -> Exit {
    match error {
        LedgerError::Locked(_) => Exit::Locked,
        LedgerError::Folder { .. } | LedgerError::Identity { .. } | LedgerError::NothingSuch(_) => Exit::Configuration,
        lack if lack.is_lack_of_handles() => Exit::Configuration,
        LedgerError::Newer { .. }
        | LedgerError::Older
        | LedgerError::Sqlite { .. }
        | LedgerError::Damaged(_)
        | LedgerError::Replaced
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
        Failure { exit, message: Some(error.to_string()) }
    }
}

impl From<SetupFault> for Failure {
    fn from(fault: SetupFault) -> Failure {
        Failure { exit: Exit::Configuration, message: Some(fault.to_string()) }
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
        Failure { exit: Exit::Configuration, message: Some(fault.to_string()) }
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
        let message = (error.kind() != io::ErrorKind::BrokenPipe).then(|| format!("stdout cannot be written: {error}"));
        Failure { exit: Exit::Unexpected, message }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Failure {
        Failure::unexpected(format!("the report cannot be written as JSON: {error}"))
    }
}

impl From<csv::Error> for Failure {
    fn from(error: csv::Error) -> Failure {
        Failure::unexpected(format!("the report cannot be written as CSV: {error}"))
    }
}
