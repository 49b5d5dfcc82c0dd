//! `GET /meetings/{}/recordings`

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use super::answer::{self, Answer, Refusal};
use super::meeting::Meeting;
use super::request::{Asked, decoded};
use super::state::State;
use super::token;

const MAX_TTL: u64 = 604_800;

/// The recordings of one meeting. `meeting` is a part of the path, freed of one layer of percent signs.
pub(super) fn of_meeting(state: &State, meeting: &str, asked: &Asked) -> Answer {
    token::authorize(state, asked, "cloud_recording:read:list_recording_files:admin")?;
    let ttl = ttl(asked)?;
    let meeting = find(state, meeting).filter(|found| !found.is_emptied()).ok_or_else(|| missing(meeting))?;
    let mut json = meeting.to_json(&state.settings.account, state.api());
    json["password"] = json!("");
    let apart = meeting.participant_audio_json(state.api());
    if !apart.is_empty() {
        json["participant_audio_files"] = json!(apart);
    }
    let mut fields = asked.query.get("include_fields").unwrap_or("").split(',');
    if fields.any(|field| field == "download_access_token") && state.settings.download_tokens {
        let token = state.secrets.token();
        state.tokens.admit(&token, ttl, Some(meeting.uuid()));
        json["download_access_token"] = json!(token);
    }
    Ok(answer::ok(json))
}

fn ttl(asked: &Asked) -> Result<Duration, Refusal> {
    let ttl = asked.query.get("ttl").map_or(Some(3600), |seconds| seconds.parse().ok());
    let ttl = ttl.filter(|seconds| *seconds <= MAX_TTL).ok_or_else(|| Refusal::invalid("ttl"))?;
    Ok(Duration::from_secs(ttl))
}

/// By a number that no meeting has, the meeting is missing; by a UUID, its recording.
pub(super) fn missing(meeting: &str) -> Refusal {
    if meeting.parse::<i64>().is_ok() {
        return Refusal::new(StatusCode::NOT_FOUND, 3001, "Meeting does not exist.");
    }
    Refusal::new(StatusCode::NOT_FOUND, 3301, "There is no recording for this meeting.")
}

/// By number only the latest instance; by UUID any.
pub(super) fn find(state: &State, meeting: &str) -> Option<Meeting> {
    // Zoom decodes once before it looks where the path leads, and once more afterwards: a UUID
    // whose slashes show after the first time is not found.
    if meeting.starts_with('/') || meeting.contains("//") {
        return None;
    }
    let world = state.world();
    let found = match meeting.parse() {
        Ok(number) => world.latest(number),
        Err(_) => world.meeting(&decoded(meeting)),
    };
    found.cloned()
}

/// Whose recordings they are; empty where there are none.
pub(super) fn host_of(state: &State, meeting: &str) -> String {
    find(state, meeting).map(|meeting| meeting.host_id().to_owned()).unwrap_or_default()
}
