//! Zoom's answers.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A result in JSON.
pub(super) fn ok(result: Value) -> Response {
    Json(result).into_response()
}

/// What a call of the API comes to.
pub(super) type Answer = Result<Response, Refusal>;

/// An error in the form of the API.
pub(super) struct Refusal {
    status: StatusCode,
    code: u32,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: u32, message: &str) -> Refusal {
        Refusal { status, code, message: message.to_owned() }
    }

    /// A parameter that cannot be read.
    pub(super) fn invalid(parameter: &str) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, 300, &format!("Invalid field: {parameter}."))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "code": self.code, "message": self.message }))).into_response()
    }
}

/// A page for people, which Zoom sends with status 200.
pub(super) fn page(title: &str) -> Response {
    let page = format!("<!DOCTYPE html><html><head><title>{title}</title></head><body>{title}</body></html>");
    ([(CONTENT_TYPE, "text/html;charset=UTF-8")], page).into_response()
}
