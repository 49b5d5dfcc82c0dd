//! What a meeting was scheduled with. Zoom forgets it some time after the meeting; its recordings stay.

use serde_json::Value;

use super::client::Zoom;
use super::lenient::lenient_text_value;
use crate::http::meanings::calls;
use crate::http::{Meaning, RemoteError};
use crate::model::{Meeting, MeetingKind};

/// What a meeting was scheduled with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeetingDetails {
    /// What an institution tells its meetings apart by.
    pub tracking_fields: Vec<TrackingField>,
    alternative_hosts: Option<String>,
}

/// A field of an institution's own making.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrackingField {
    /// Its label.
    pub field: Option<String>,
    /// What the host chose or wrote: untrusted text.
    pub value: Option<String>,
}

impl MeetingDetails {
    /// Whatever of it can be read.
    fn of(answer: &Value) -> MeetingDetails {
        let fields = answer["tracking_fields"].as_array().map(Vec::as_slice).unwrap_or_default();
        let field = |field: &Value| TrackingField {
            field: lenient_text_value(&field["field"]),
            value: lenient_text_value(&field["value"]),
        };
        let alternative_hosts = lenient_text_value(&answer["settings"]["alternative_hosts"]);
        MeetingDetails { tracking_fields: fields.iter().map(field).collect(), alternative_hosts }
    }

    /// The value of the field of this label, in any case, where it says anything.
    #[must_use]
    pub fn tracking_field(&self, label: &str) -> Option<String> {
        let wanted = label.trim().to_lowercase();
        let is_it = |field: &&TrackingField| field.field.as_deref().unwrap_or_default().trim().to_lowercase() == wanted;
        let fields = self.tracking_fields.iter().filter(is_it);
        let mut values = fields.filter_map(|field| field.value.as_deref()).map(str::trim);
        values.find(|value| !value.is_empty()).map(str::to_owned)
    }

    /// Those who may host it beside its host, by address or Zoom user id.
    #[must_use]
    pub fn alternative_hosts(&self) -> Vec<String> {
        let text = self.alternative_hosts.as_deref().unwrap_or_default();
        // documented with semicolons; the web portal shows commas
        let hosts = text.split([';', ',']).map(str::trim).filter(|host| !host.is_empty());
        hosts.map(str::to_owned).collect()
    }
}

impl Zoom {
    /// What the meeting or webinar was scheduled with; `None` where Zoom does not tell any more. All instances of one
    /// number have it in common.
    pub async fn meeting_details(&self, meeting: &Meeting) -> Result<Option<MeetingDetails>, RemoteError> {
        let (call, kind) = match meeting.kind {
            MeetingKind::Meeting => (calls::MEETING, "meetings"),
            MeetingKind::Webinar => (calls::WEBINAR, "webinars"),
        };
        match self.get::<Value>(call, &[kind, &meeting.number.to_string()], &[]).await {
            Ok(details) => Ok(Some(MeetingDetails::of(&details))),
            Err(error) if is_unknown(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Zoom knows the meeting no more, or the host's plan has no such meetings any more.
pub(super) fn is_unknown(error: &RemoteError) -> bool {
    error.means(Meaning::MeetingForgotten) || error.means(Meaning::NotInPlan)
}
