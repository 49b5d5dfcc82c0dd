//! `GET /meetings/{}` and `GET /webinars/{}`

use axum::http::StatusCode;

use super::answer::{self, Answer, Refusal};
use super::request::Asked;
use super::state::State;
use super::token;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Meeting,
    Webinar,
}

impl Kind {
    /// By the word in a path.
    pub(super) fn of(word: &str) -> Kind {
        if word == "webinars" { Kind::Webinar } else { Kind::Meeting }
    }
}

/// What the meeting or webinar of this number was scheduled with; Zoom forgets it, whatever was recorded.
pub(super) fn one(state: &State, kind: Kind, number: &str, asked: &Asked) -> Answer {
    token::authorize(
        state,
        asked,
        match kind {
            Kind::Meeting => "meeting:read:meeting:admin",
            Kind::Webinar => "webinar:read:webinar:admin",
        },
    )?;
    let known = number.parse().map_err(|_| Refusal::invalid("meetingId"))?;
    let found = state.world().latest(known).filter(|meeting| !meeting.is_forgotten()).cloned();
    let Some(meeting) = found else {
        let message = format!("Meeting does not exist: {number}.");
        return Err(Refusal::new(StatusCode::NOT_FOUND, 3001, &message));
    };
    match (kind, meeting.is_webinar()) {
        (Kind::Meeting, true) => Err(Refusal::new(StatusCode::BAD_REQUEST, 3000, "Cannot access webinar info.")),
        (Kind::Webinar, false) => {
            let message = format!("Webinar does not exist: {number}.");
            Err(Refusal::new(StatusCode::NOT_FOUND, 3001, &message))
        }
        _ => Ok(answer::ok(meeting.as_scheduled())),
    }
}
