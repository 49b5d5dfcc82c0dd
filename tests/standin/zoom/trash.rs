//! `DELETE /meetings/{}/recordings/{}`, as far as it moves a file to the trash.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::answer::{Answer, Refusal};
use super::recording::{find, missing};
use super::request::Asked;
use super::state::{State, held};
use super::token;

/// So long a deletion takes: time for another one of the same user to meet it.
pub(super) const TAKES: Duration = Duration::from_millis(5);

/// The users of whom a recording is being deleted: one at a time.
#[derive(Default)]
pub(super) struct Deletions(Mutex<HashSet<String>>);

/// Held as long as the deletion takes.
pub(super) struct Deletion<'a>(&'a Deletions, String);

impl Deletions {
    pub(super) fn begin(&self, host: String) -> Option<Deletion<'_>> {
        held(&self.0).insert(host.clone()).then(|| Deletion(self, host))
    }
}

impl Drop for Deletion<'_> {
    fn drop(&mut self) {
        held(&self.0.0).remove(&self.1);
    }
}

/// Another deletion of the same user is not finished yet.
pub(super) fn busy() -> Refusal {
    Refusal::new(
        StatusCode::TOO_MANY_REQUESTS,
        429,
        "Too many concurrent requests. A request to this API is in progress.",
    )
}

/// `action=trash` is all that may ever be asked for.
pub(super) fn delete_file(state: &State, meeting: &str, file: &str, asked: &Asked) -> Answer {
    token::authorize(state, asked, "cloud_recording:delete:recording_file:admin")?;
    if asked.query.get("action") != Some("trash") {
        state.violation(format!("DELETE of recording file {file} without action=trash"));
        return Err(Refusal::invalid("action"));
    }
    let found = find(state, meeting).filter(|found| !found.is_emptied()).ok_or_else(|| missing(meeting))?;
    let is_it = |known: &&super::RecordingFile| known.id == file && known.kind.recording_type().is_some();
    let Some(known) = found.files().iter().find(is_it).cloned() else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, 3301, "This recording does not exist."));
    };
    if !found.is_finished() || known.late {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, 3303, "You can not delete an uncompleted meeting."));
    }
    state.world().change_meeting(found.uuid(), |meeting| meeting.trashed(&known.key));
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `DELETE /meetings/{}/recordings`: everything of the meeting goes to the trash. The program never means that.
pub(super) fn delete_all(state: &State, meeting: &str, asked: &Asked) -> Answer {
    state.violation(format!("{} {}: all recordings of a meeting are deleted", asked.method, asked.path));
    token::authorize(state, asked, "cloud_recording:delete:recording_file:admin")?;
    let found = find(state, meeting).filter(|found| !found.is_emptied()).ok_or_else(|| missing(meeting))?;
    let keys: Vec<_> = found.files().iter().map(|file| file.key.clone()).collect();
    for key in keys {
        state.world().change_meeting(found.uuid(), |meeting| meeting.trashed(&key));
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
