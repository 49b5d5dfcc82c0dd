//! Which call a request is, by its path as sent.

use std::sync::Arc;

use axum::Router;
use axum::extract::{self, ConnectInfo, Request};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::super::fault;
use super::super::server::Peer;
use super::answer::Refusal;
use super::limits::Category;
use super::meeting_details::Kind;
use super::request::{Asked, decoded};
use super::state::{State, held};
use super::{account, attendance, download, groups, listing, meeting_details, recording, token, trash, users};

const MAX_BODY: usize = 64 * 1024;

/// A call of the API, with the variable part of its path freed of one layer of percent signs.
enum Call {
    Token,
    AccountRecordings(String),
    AccountSettings(String),
    Users,
    User(String),
    UserRecordings(String),
    MeetingRecordings(String),
    /// The meeting, and the file.
    DeleteFile(String, String),
    /// All that a meeting has.
    DeleteAll(String),
    MeetingDetails(Kind, String),
    Panelists(String),
    Report(Kind, String),
    Metrics(Kind, String),
    Groups,
    GroupMembers(String),
    Download(String),
    /// A download of which only the head is asked for.
    Probe(String),
    Unknown,
}

impl Call {
    fn of(method: &Method, path: &str) -> Call {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match (method, parts.as_slice()) {
            (&Method::POST, ["oauth", "token"]) => Call::Token,
            (&Method::GET, ["v2", "accounts", id, "recordings"]) => Call::AccountRecordings(decoded(id)),
            (&Method::GET, ["v2", "accounts", id, "settings"]) => Call::AccountSettings(decoded(id)),
            (&Method::GET, ["v2", "users"]) => Call::Users,
            (&Method::GET, ["v2", "users", id]) => Call::User(decoded(id)),
            (&Method::GET, ["v2", "users", id, "recordings"]) => Call::UserRecordings(decoded(id)),
            (&Method::GET, ["v2", "meetings", id, "recordings"]) => Call::MeetingRecordings(decoded(id)),
            // with an empty segment at its end it is the same call
            (&Method::DELETE, ["v2", "meetings", id, "recordings"] | ["v2", "meetings", id, "recordings", ""]) => {
                Call::DeleteAll(decoded(id))
            }
            (&Method::DELETE, ["v2", "meetings", id, "recordings", file]) => {
                Call::DeleteFile(decoded(id), decoded(file))
            }
            (&Method::GET, ["v2", kind @ ("meetings" | "webinars"), id]) => {
                Call::MeetingDetails(Kind::of(kind), decoded(id))
            }
            (&Method::GET, ["v2", "webinars", id, "panelists"]) => Call::Panelists(decoded(id)),
            (&Method::GET, ["v2", "report", kind @ ("meetings" | "webinars"), id, "participants"]) => {
                Call::Report(Kind::of(kind), decoded(id))
            }
            (&Method::GET, ["v2", "metrics", kind @ ("meetings" | "webinars"), id, "participants"]) => {
                Call::Metrics(Kind::of(kind), decoded(id))
            }
            (&Method::GET, ["v2", "groups"]) => Call::Groups,
            (&Method::GET, ["v2", "groups", id, "members"]) => Call::GroupMembers(decoded(id)),
            (&Method::GET, ["rec", "download", key]) => Call::Download(decoded(key)),
            (&Method::GET, ["rec", "download", "", key]) => Call::Download(format!("/{}", decoded(key))),
            (&Method::HEAD, ["rec", "download", key]) => Call::Probe(decoded(key)),
            _ => Call::Unknown,
        }
    }

    /// As in the log and in the queue of faults.
    fn name(&self, asked: &Asked) -> String {
        let name = match self {
            Call::Token => "POST /oauth/token",
            Call::AccountRecordings(_) => "GET /accounts/me/recordings",
            Call::AccountSettings(_) => "GET /accounts/{}/settings",
            Call::Users => "GET /users",
            Call::User(_) => "GET /users/{}",
            Call::UserRecordings(_) => "GET /users/{}/recordings",
            Call::MeetingRecordings(_) => "GET /meetings/{}/recordings",
            Call::DeleteFile(..) => "DELETE /meetings/{}/recordings/{}",
            Call::DeleteAll(_) => "DELETE /meetings/{}/recordings",
            Call::MeetingDetails(Kind::Meeting, _) => "GET /meetings/{}",
            Call::MeetingDetails(Kind::Webinar, _) => "GET /webinars/{}",
            Call::Panelists(_) => "GET /webinars/{}/panelists",
            Call::Report(..) => "GET /report/{}/participants",
            Call::Metrics(..) => "GET /metrics/{}/participants",
            Call::Groups => "GET /groups",
            Call::GroupMembers(_) => "GET /groups/{}/members",
            Call::Download(_) => "GET /rec/download",
            Call::Probe(_) => "HEAD /rec/download",
            Call::Unknown => return format!("{} {}", asked.method, asked.path),
        };
        name.to_owned()
    }

    /// The parameters that this stand-in carries out; Zoom ignores a misspelt one, which hides the mistake.
    fn parameters(&self) -> &'static [&'static str] {
        match self {
            Call::AccountRecordings(_) | Call::UserRecordings(_) => &["page_size", "next_page_token", "from", "to"],
            Call::Users => &["page_size", "next_page_token", "status"],
            Call::Groups | Call::GroupMembers(_) => &["page_size", "next_page_token"],
            Call::MeetingRecordings(_) => &["include_fields", "ttl"],
            Call::DeleteFile(..) | Call::DeleteAll(_) => &["action"],
            Call::Report(..) => &["page_size", "next_page_token"],
            Call::Metrics(..) => &["page_size", "next_page_token", "type"],
            Call::Panelists(_) => &["page_size"],
            Call::Token
            | Call::AccountSettings(_)
            | Call::User(_)
            | Call::MeetingDetails(..)
            | Call::Download(_)
            | Call::Probe(_)
            | Call::Unknown => &[],
        }
    }

    /// What it counts as; logins and downloads are not limited that way.
    fn category(&self) -> Option<Category> {
        match self {
            Call::AccountRecordings(_)
            | Call::AccountSettings(_)
            | Call::UserRecordings(_)
            | Call::Users
            | Call::Groups
            | Call::GroupMembers(_)
            | Call::Panelists(_) => Some(Category::Medium),
            Call::Report(..) | Call::Metrics(..) => Some(Category::Heavy),
            Call::User(_)
            | Call::MeetingDetails(..)
            | Call::MeetingRecordings(_)
            | Call::DeleteFile(..)
            | Call::DeleteAll(_) => Some(Category::Light),
            Call::Token | Call::Download(_) | Call::Probe(_) | Call::Unknown => None,
        }
    }

    fn answer(&self, state: &State, asked: &Asked) -> Response {
        let Some(category) = self.category() else {
            return self.carried_out(state, asked);
        };
        match state.limits.count(category) {
            (headers, None) => (headers, self.carried_out(state, asked)).into_response(),
            (headers, Some(why)) => (headers, Refusal::new(StatusCode::TOO_MANY_REQUESTS, 429, why)).into_response(),
        }
    }

    fn carried_out(&self, state: &State, asked: &Asked) -> Response {
        let answer = match self {
            Call::Token => Ok(token::grant(state, asked)),
            Call::AccountRecordings(account) => listing::of_account(state, account, asked),
            Call::AccountSettings(account) => account::settings(state, account, asked),
            Call::Users => users::list(state, asked),
            Call::User(id) => users::one(state, id, asked),
            Call::UserRecordings(id) => listing::of_user(state, id, asked),
            Call::MeetingRecordings(id) => recording::of_meeting(state, id, asked),
            Call::DeleteFile(meeting, file) => trash::delete_file(state, meeting, file, asked),
            Call::DeleteAll(meeting) => trash::delete_all(state, meeting, asked),
            Call::MeetingDetails(kind, number) => meeting_details::one(state, *kind, number, asked),
            Call::Panelists(number) => attendance::panelists(state, number, asked),
            Call::Report(kind, meeting) => attendance::report(state, *kind, meeting, asked),
            Call::Metrics(kind, meeting) => attendance::metrics(state, *kind, meeting, asked),
            Call::Groups => groups::list(state, asked),
            Call::GroupMembers(id) => groups::members(state, id, asked),
            Call::Download(key) | Call::Probe(key) => Ok(download::download(state, key, asked)),
            Call::Unknown => Err(unknown(state, asked)),
        };
        answer.unwrap_or_else(IntoResponse::into_response)
    }
}

pub(super) fn router(state: Arc<State>) -> Router {
    // a router of axum's decodes the path, which would hide how a UUID was encoded
    Router::new().fallback(handle).with_state(state)
}

async fn handle(
    extract::State(state): extract::State<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let asked = Asked::new(parts, String::from_utf8_lossy(&body).into_owned());
    let call = Call::of(&asked.method, &asked.path);
    let name = call.name(&asked);
    state.log.push(asked.logged(&name));
    state.inspect(&name, &asked);
    for parameter in asked.query.names().filter(|parameter| !call.parameters().contains(parameter)) {
        state.violation(format!("{name}: unknown parameter {parameter}"));
    }
    if asked.method != Method::GET && !matches!(call, Call::Token | Call::Probe(_)) {
        held(&state.writes).push(name.clone());
    }
    let fault = state.faults.take(&name);
    let act = async {
        let Call::DeleteFile(meeting, _) = &call else {
            let right = call.answer(&state, &asked);
            return state.rewrites.applied(&name, asked.target(), right).await;
        };
        match state.deletions.begin(recording::host_of(&state, meeting)) {
            Some(_lock) => {
                tokio::time::sleep(trash::TAKES).await;
                call.answer(&state, &asked)
            }
            None => trash::busy().into_response(),
        }
    };
    fault::under(fault, &peer, act).await
}

fn unknown(state: &State, asked: &Asked) -> Refusal {
    state.violation(format!("{} {}: no call that the program needs", asked.method, asked.path));
    Refusal::new(StatusCode::NOT_FOUND, 2300, "This API endpoint is not recognized.")
}
