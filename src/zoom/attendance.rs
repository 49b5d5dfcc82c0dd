//! Who took part in a meeting beside its host. Addresses of people outside the account are mostly left out by Zoom.

use serde::Deserialize;

use super::client::Zoom;
use super::lenient::as_text;
use super::meeting::meeting_recordings_path;
use super::meeting_details::is_unknown;
use super::whole_list::List;
use crate::http::meanings::calls;
use crate::http::{Meaning, RemoteError};
use crate::model::{Meeting, MeetingKind};

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
        // whoever is left out gets no right, and nobody gets one that is not theirs
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
