//! What a meeting was scheduled with. Zoom forgets it some time after the meeting; its recordings stay.
//!
//! Who took part in a meeting beside its host. Addresses of people outside the account are mostly left out by Zoom.

use serde::Deserialize;
use serde_json::Value;

use super::client::{List, Zoom};
use super::lenient::{as_text, lenient_text_value};
use super::meeting::meeting_recordings_path;
use crate::model::{Meeting, MeetingKind};
use crate::remotes::http::meanings::calls;
use crate::remotes::http::{Meaning, RemoteError};

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

#[derive(Deserialize)]
struct Person {
    /// Of a panelist and in the dashboard.
    #[serde(default, deserialize_with = "as_text")]
    email: Option<String>,
    /// In the report.
    #[serde(default, deserialize_with = "as_text")]
    user_email: Option<String>,
    #[serde(default, deserialize_with = "as_text")]
    role: Option<String>,
}

impl Zoom {
    /// The addresses of all who took part; from Zoom's report, which is there half an hour after the meeting.
    pub async fn participants(&self, meeting: &Meeting) -> Result<Vec<String>, RemoteError> {
        let path = ["report", meeting_path(meeting), &meeting_recordings_path(&meeting.uuid), "participants"];
        self.people(calls::PARTICIPANTS, &path, &[], "participants", |_| true).await
    }

    /// The addresses of those who were co-hosts, from Zoom's dashboard (Business accounts and above).
    pub async fn co_hosts(&self, meeting: &Meeting) -> Result<Vec<String>, RemoteError> {
        let path = ["metrics", meeting_path(meeting), &meeting_recordings_path(&meeting.uuid), "participants"];
        let past = [("type", "past".to_owned())];
        let is_co_host = |person: &Person| {
            let role = person.role.as_deref().unwrap_or_default();
            role.replace(['-', '_', ' '], "").eq_ignore_ascii_case("cohost")
        };
        self.people(calls::CO_HOSTS, &path, &past, "participants", is_co_host).await
    }

    /// The addresses of a webinar's panelists; a meeting has none.
    pub async fn panelists(&self, meeting: &Meeting) -> Result<Vec<String>, RemoteError> {
        if meeting.kind == MeetingKind::Meeting {
            return Ok(Vec::new());
        }
        let path = ["webinars", &meeting.number.to_string(), "panelists"];
        self.people(calls::PANELISTS, &path, &[], "panelists", |_| true).await
    }

    async fn people(
        &self,
        call: &str,
        path: &[&str],
        query: &[(&str, String)],
        field: &str,
        matters: impl Fn(&Person) -> bool,
    ) -> Result<Vec<String>, RemoteError> {
        // people left out get no right, and nobody gets one that is not theirs
        let people: Vec<Person> = match self.list(call, path, query, field).await {
            Ok(List { records, odd, short }) => {
                for what in odd.iter().map(|error| &error.message).chain(&short) {
                    tracing::warn!("{what}; the others get their rights");
                }
                records
            }
            // what Zoom knows nothing of any more, and what the host's plan does not have, nobody took part in
            Err(error) if is_unknown(&error) || error.means(Meaning::TooLate) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let address = |person: Person| person.email.or(person.user_email).filter(|address| address.contains('@'));
        Ok(people.into_iter().filter(matters).filter_map(address).collect())
    }
}

fn meeting_path(meeting: &Meeting) -> &'static str {
    match meeting.kind {
        MeetingKind::Meeting => "meetings",
        MeetingKind::Webinar => "webinars",
    }
}
