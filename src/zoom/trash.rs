//! Zoom's trash, from which files can be recovered for 30 days.

use super::client::Zoom;
use super::meeting::meeting_recordings_path;
use crate::http::meanings::calls;
use crate::http::{Meaning, RemoteError, RemoteKind, Service};
use crate::model::{FileId, Segment, SegmentKey};
use crate::proof::Proof;

/// What came of putting a file into the trash.
#[derive(Clone, Debug)]
pub enum Trashed {
    /// It is there.
    Done,
    /// Zoom still uses it itself: in a simulive webinar, in Zoom IQ.
    InUse,
    /// Zoom has it still, and this is why.
    Not(RemoteError),
}

impl Zoom {
    /// Puts a file into the trash. An answer that was lost, or that the file is not found, says nothing of where it is:
    /// what Zoom lists of the meeting then does. An error where that is not known.
    pub async fn trash(&self, key: &SegmentKey, proof: Proof<FileId>) -> Result<Trashed, RemoteError> {
        let file = proof.of();
        if file.as_str().contains(['/', '\\', '%']) {
            let message =
                "a file whose id may be read as a path is never put into the trash; do so in Zoom's web portal";
            return Ok(Trashed::Not(RemoteError::new(Service::Zoom, RemoteKind::Rejected, message)));
        }
        let path = meeting_recordings_path(&key.meeting_uuid);
        let path = ["meetings", &path, "recordings", file.as_str()];
        match self.put_into_trash(calls::TRASH, &path).await {
            Ok(()) => Ok(Trashed::Done),
            Err(error) if error.means(Meaning::FileInUse) => Ok(Trashed::InUse),
            Err(error) if error.ends_the_run() || matches!(error.kind, RemoteKind::RateLimited(_)) => {
                Ok(Trashed::Not(error))
            }
            Err(error) => match self.segment(key).await? {
                Some(segment) if segment.files.iter().any(|listed| listed.id == *file) => Ok(Trashed::Not(error)),
                _ => Ok(Trashed::Done),
            },
        }
    }

    /// What Zoom has of a segment now; `None` where it has nothing of it any more.
    pub async fn segment(&self, key: &SegmentKey) -> Result<Option<Segment>, RemoteError> {
        let segments = self.meeting(&key.meeting_uuid).await?.unwrap_or_default();
        Ok(segments.into_iter().find(|segment| segment.key().names_the_same(key)))
    }
}
