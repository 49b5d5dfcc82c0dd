//! One meeting's recordings: whether they are still there, and a token for their files.
//!
//! Zoom's trash, from which files can be recovered for 30 days.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use super::client::Zoom;
use super::wire::{WireMeeting, read_segments};
use crate::model::proof::Proof;
use crate::model::{FileId, Interner, MeetingUuid, Segment, SegmentKey};
use crate::remotes::http::meanings::calls;
use crate::remotes::http::{Meaning, RemoteError, RemoteKind, Service};

/// Zoom's longest `ttl` of a download token.
const LONGEST_LIFE: Duration = Duration::from_secs(604_800);

#[derive(Deserialize)]
struct WithToken {
    download_access_token: Option<String>,
}

impl Zoom {
    /// The segments of one meeting, or `None` where Zoom has no recording of it any more.
    pub async fn meeting(&self, uuid: &MeetingUuid) -> Result<Option<Vec<Segment>>, RemoteError> {
        let path = meeting_recordings_path(uuid);
        let answer = self.get::<Value>(calls::RECORDINGS, &["meetings", &path, "recordings"], &[]).await;
        match answer {
            Ok(meeting) => match read_segments(&WireMeeting::of(&meeting), None, &mut Interner::default()) {
                // what is said of another meeting says nothing of this one
                Ok(found) if found.iter().any(|segment| segment.meeting.uuid != *uuid) => {
                    Err(odd_meeting("Zoom answered for another meeting"))
                }
                Ok(found) => Ok(Some(found)),
                Err(what) => Err(odd_meeting(&what)),
            },
            Err(error) if error.means(Meaning::NoRecording) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether there are recordings of a meeting, told by its UUID, or by its number as people write it.
    pub async fn has_recordings(&self, meeting: &str) -> Result<bool, RemoteError> {
        let number = meeting.replace([' ', '-'], "");
        let is_number = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
        let path = if is_number { number } else { meeting_recordings_path(&MeetingUuid::new(meeting)) };
        match self.get::<Value>(calls::RECORDINGS, &["meetings", &path, "recordings"], &[]).await {
            Ok(_) => Ok(true),
            Err(error) if error.means(Meaning::NoRecording) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A token that opens the files of one meeting alone, where Zoom gives one.
    pub(super) async fn download_token(
        &self,
        uuid: &MeetingUuid,
        life: Duration,
    ) -> Result<Option<SecretString>, RemoteError> {
        let life = life.min(LONGEST_LIFE).as_secs().max(1);
        let query = [("include_fields", "download_access_token".to_owned()), ("ttl", life.to_string())];
        let path = meeting_recordings_path(uuid);
        let answer = self.get::<WithToken>(calls::PASS, &["meetings", &path, "recordings"], &query).await;
        Ok(answer?.download_access_token.map(SecretString::from))
    }
}

fn odd_meeting(what: &str) -> RemoteError {
    RemoteError::new(Service::Zoom, RemoteKind::Rejected, format!("the recordings of a meeting: {what}"))
}

/// A UUID that begins with a slash or holds two is to be encoded twice (facts-zoom.md#z16); a part of a path is encoded
/// once where it is sent. One with a percent sign would be another one where it is decoded twice.
pub(super) fn meeting_recordings_path(uuid: &MeetingUuid) -> String {
    let text = uuid.as_str();
    if text.starts_with('/') || text.contains("//") || text.contains('%') {
        return url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    }
    text.to_owned()
}

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

#[cfg(test)]
mod tests {
    use super::meeting_recordings_path;
    use crate::model::MeetingUuid;

    #[test]
    fn uuids_with_slashes_are_encoded_twice() {
        assert_eq!(meeting_recordings_path(&MeetingUuid::new("abc/d+e==")), "abc/d+e==");
        assert_eq!(meeting_recordings_path(&MeetingUuid::new("/abc==")), "%2Fabc%3D%3D");
        assert_eq!(meeting_recordings_path(&MeetingUuid::new("a//b")), "a%2F%2Fb");
        assert_eq!(meeting_recordings_path(&MeetingUuid::new("a%2Fb")), "a%252Fb");
    }
}
