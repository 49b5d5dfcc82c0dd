//! `GET /webinars/{}/panelists`, `GET /report/…/{}/participants` and `GET /metrics/…/{}/participants`

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::{self, Answer, Refusal};
use super::meeting::{Meeting, Part};
use super::meeting_details::Kind;
use super::page::page;
use super::recording::find;
use super::request::Asked;
use super::state::State;
use super::token;

/// The panelists of a webinar, by its number.
pub(super) fn panelists(state: &State, number: &str, asked: &Asked) -> Answer {
    token::authorize(state, asked, "webinar:read:list_panelists:admin")?;
    let known = number.parse().map_err(|_| Refusal::invalid("webinarId"))?;
    let found = state.world().latest(known).cloned().filter(|meeting| meeting.is_webinar());
    let meeting = known_still(found)?;
    let people: Vec<Value> =
        meeting.people(Part::Panelist).map(|email| json!({ "email": email, "name": "x" })).collect();
    Ok(answer::ok(json!({ "total_records": people.len(), "panelists": people })))
}

/// The report: all who took part, without their roles.
pub(super) fn report(state: &State, kind: Kind, meeting: &str, asked: &Asked) -> Answer {
    let scope = match kind {
        Kind::Meeting => "report:read:list_meeting_participants:admin",
        Kind::Webinar => "report:read:list_webinar_participants:admin",
    };
    let person = |_: Part, email: &str| json!({ "user_email": email, "name": "x", "duration": 259 });
    participants(state, (kind, scope), meeting, asked, person)
}

/// The dashboard: the same, with their roles.
pub(super) fn metrics(state: &State, kind: Kind, meeting: &str, asked: &Asked) -> Answer {
    let scope = match kind {
        Kind::Meeting => "dashboard:read:list_meeting_participants:admin",
        Kind::Webinar => "dashboard:read:list_webinar_participants:admin",
    };
    // without it only a meeting that goes on is found
    if asked.query.get("type") != Some("past") {
        return Err(Refusal::new(StatusCode::NOT_FOUND, 3001, "Meeting does not exist."));
    }
    let role = |part| if part == Part::CoHost { "cohost" } else { "attendee" };
    let person = |part, email: &str| json!({ "email": email, "user_name": "x", "role": role(part) });
    participants(state, (kind, scope), meeting, asked, person)
}

fn participants(
    state: &State,
    (kind, scope): (Kind, &str),
    meeting: &str,
    asked: &Asked,
    person: impl Fn(Part, &str) -> Value,
) -> Answer {
    token::authorize(state, asked, scope)?;
    let found = find(state, meeting).filter(|found| found.is_webinar() == (kind == Kind::Webinar));
    let meeting = known_still(found)?;
    let was_there = [Part::CoHost, Part::Panelist, Part::Participant];
    let people = was_there.into_iter().flat_map(|part| meeting.people(part).map(move |email| (part, email)));
    // who is outside the account is mostly without an address
    let mut people: Vec<Value> = people.map(|(part, email)| person(part, email)).collect();
    people.push(person(Part::Participant, ""));
    let page = page(state, asked, people)?;
    Ok(answer::ok(json!({
        "page_count": page.count,
        "page_size": page.size,
        "total_records": page.total,
        "next_page_token": page.next,
        "participants": page.records,
    })))
}

fn known_still(found: Option<Meeting>) -> Result<Meeting, Refusal> {
    let gone = || Refusal::new(StatusCode::NOT_FOUND, 3001, "Meeting does not exist or has expired.");
    found.filter(|meeting| !meeting.is_forgotten()).ok_or_else(gone)
}
