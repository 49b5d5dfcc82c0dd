//! What a meeting was scheduled with. Zoom forgets it some time after the meeting; its recordings stay.

use serde::Deserialize;

use super::client::Zoom;
use crate::http::{RemoteError, RemoteKind};
use crate::model::{Meeting, MeetingKind};

/// Zoom's codes for a meeting that is not found or has expired, and for one whose host is gone.
const FORGOTTEN: [&str; 2] = ["3001", "1001"];

/// What a meeting was scheduled with.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct MeetingDetails {
    #[serde(default)]
    settings: MeetingSettings,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct MeetingSettings {
    alternative_hosts: Option<String>,
}

impl MeetingDetails {
    /// Those who may host it beside its host, by address or Zoom user id.
    #[must_use]
    pub fn alternative_hosts(&self) -> Vec<String> {
        let text = self.settings.alternative_hosts.as_deref().unwrap_or_default();
        // documented with semicolons; the web portal shows commas
        let hosts = text.split([';', ',']).map(str::trim).filter(|host| !host.is_empty());
        hosts.map(str::to_owned).collect()
    }
}

impl Zoom {
    /// What the meeting or webinar was scheduled with; `None` where Zoom does not know any more. All instances of one
    /// number have it in common.
    pub async fn meeting_details(&self, meeting: &Meeting) -> Result<Option<MeetingDetails>, RemoteError> {
        let (call, kind) = match meeting.kind {
            MeetingKind::Meeting => ("the details of a meeting", "meetings"),
            MeetingKind::Webinar => ("the details of a webinar", "webinars"),
        };
        match self.get(call, &[kind, &meeting.number.to_string()], &[]).await {
            Ok(details) => Ok(Some(details)),
            Err(error) if is_forgotten(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Zoom knows the meeting no more.
pub(super) fn is_forgotten(error: &RemoteError) -> bool {
    error.kind == RemoteKind::NotFound && FORGOTTEN.iter().any(|code| error.has_code(code))
}
