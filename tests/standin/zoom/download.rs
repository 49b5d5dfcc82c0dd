//! `GET /rec/download/{}`

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::super::kaltura::IMPORTER;
use super::request::Asked;
use super::state::State;
use super::{answer, link};

/// Sends a client with a token on to the CDN, one without to a page for people.
pub(super) fn download(state: &State, key: &str, asked: &Asked) -> Response {
    let Some(token) = asked.bearer() else {
        return answer::page("Sign In - Zoom");
    };
    if asked.header("user-agent") == IMPORTER && state.tokens.opens_everything(token) {
        state.violation("the account's token was handed to Kaltura".to_owned());
    }
    let found = state.world().ready_file(key).map(|(meeting, file)| (meeting.uuid().to_owned(), file));
    let Some((uuid, file)) = found else {
        return answer::page("Error - This recording does not exist");
    };
    if !state.tokens.opens_files_of(&uuid, token, state.settings.own_tokens) {
        let body = json!({ "status": false, "errorCode": 401, "errorMessage": "Forbidden", "result": null });
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    }
    (StatusCode::FOUND, [(LOCATION, link::sign(state, &file))]).into_response()
}
