//! Why a transfer did not get to its end.

use crate::copying::categories::Unfiled;
use crate::ledger::LedgerError;
use crate::remotes::http::{RemoteError, RemoteKind, Service};
use crate::remotes::zoom::SourceError;

/// One line each, without a secret.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// Zoom or Kaltura failed, or the way to them.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// All bytes are in Kaltura, and the category in which they are to be shown is owed.
    #[error("all bytes are in Kaltura, but the entry is not in its category yet: {0}")]
    CategoryOwed(RemoteError),
    /// The recording itself cannot be copied as it is.
    #[error("{0}")]
    Recording(String),
    /// The recording has another size than Zoom's list, or than an earlier download: `announced` is what this one says.
    #[error("{why}")]
    OtherSize {
        /// The size that this download announces, or came to.
        announced: u64,
        /// Whether it may only have been cut off.
        may_be_cut: bool,
        /// One line.
        why: String,
    },
    /// Zoom replaced the recording while it was copied, and did so again.
    #[error("Zoom: the recording was replaced in Zoom while it was copied; the next try begins again")]
    OtherContent,
    /// Zoom gave a page or an error in place of the recording.
    #[error("{0}")]
    NotServed(String),
    /// The entry was deleted in Kaltura while its bytes were on their way.
    #[error("the entry was deleted in Kaltura before all bytes were sent")]
    Deleted,
    /// The entry that the file belongs to was deleted in Kaltura.
    #[error("the entry it belongs to was deleted in Kaltura")]
    ParentDeleted,
    /// The entry that the file belongs to was replaced or trimmed by people.
    #[error("the entry it belongs to was changed in Kaltura")]
    ParentEdited,
    /// A purge beside this run is at work on the segment.
    #[error("a purge is working on it")]
    BeingPurged,
    /// Another installation copies it, or has copied it, by what Kaltura knows of uploads.
    #[error("another installation is copying it")]
    ClaimedElsewhere,
    /// The ledger could not be written: nothing may go on without it, unless it refuses this one change.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The run was told to end.
    #[error("interrupted; the next run resumes")]
    Interrupted,
}

impl From<Unfiled> for TransferError {
    fn from(error: Unfiled) -> TransferError {
        match error {
            Unfiled::Remote(error) => TransferError::CategoryOwed(error),
            Unfiled::Ledger(error) => TransferError::Ledger(error),
        }
    }
}

impl From<SourceError> for TransferError {
    fn from(error: SourceError) -> TransferError {
        match error {
            SourceError::Remote(error) => TransferError::Remote(error),
            SourceError::OtherSize { announced, .. } => {
                TransferError::OtherSize { announced, may_be_cut: false, why: error.to_string() }
            }
            SourceError::EndedEarly { at, .. } => {
                TransferError::OtherSize { announced: at, may_be_cut: true, why: error.to_string() }
            }
            SourceError::OtherContent => TransferError::OtherContent,
            SourceError::Page(_) => TransferError::NotServed(error.to_string()),
            SourceError::NotTheRecording(why) => TransferError::Recording(format!("Zoom: {why}")),
        }
    }
}

impl TransferError {
    /// Whether nothing can be added to the entry any more.
    #[must_use]
    pub fn is_about_the_parent(&self) -> bool {
        matches!(self, TransferError::ParentDeleted | TransferError::ParentEdited)
    }

    /// The refusal that may be about this one recording or about all, where it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&RemoteError> {
        match self {
            TransferError::Remote(error) if error.may_be_about_one() => Some(error),
            _ => None,
        }
    }

    /// What Zoom or Kaltura said, where it was one of them.
    #[must_use]
    pub fn remote(&self) -> Option<&RemoteError> {
        match self {
            TransferError::Remote(error) | TransferError::CategoryOwed(error) => Some(error),
            _ => None,
        }
    }

    /// Whether Zoom does not give this one download now, and may a little later: it can wait until others had their turn.
    #[must_use]
    pub fn can_wait(&self) -> bool {
        matches!(self, TransferError::Remote(error) if error.service == Service::Zoom && error.is_passing())
    }

    /// Whether going on with other recordings is pointless.
    #[must_use]
    pub fn ends_the_run(&self) -> bool {
        match self {
            TransferError::Remote(error) | TransferError::CategoryOwed(error) => match error.service {
                // what may be refused to this recording alone is for the next one to tell
                Service::Kaltura => {
                    (error.ends_the_run() && !error.may_be_about_one()) || error.kind == RemoteKind::Unreachable
                }
                // the listing went well: what Zoom refuses or does not reach now may be about this one download
                Service::Zoom => matches!(error.kind, RemoteKind::DailyLimit | RemoteKind::Setup),
            },
            TransferError::Ledger(error) => !error.is_of_one(),
            TransferError::Interrupted => true,
            TransferError::Recording(_)
            | TransferError::OtherSize { .. }
            | TransferError::OtherContent
            | TransferError::NotServed(_)
            | TransferError::Deleted
            | TransferError::BeingPurged
            | TransferError::ClaimedElsewhere
            | TransferError::ParentDeleted
            | TransferError::ParentEdited => false,
        }
    }
}
