//! Answers of the API as a test wants them: lists with doubles, with numbers that are none, without an end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::body::to_bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::state::held;

/// What becomes of an answer: called with the target that was asked for and the right answer, which may be an error.
type Rewrite = Arc<dyn Fn(&str, Value) -> Value + Send + Sync>;

#[derive(Default)]
pub(super) struct Rewrites(Mutex<HashMap<String, Rewrite>>);

impl Rewrites {
    /// From now on every answer to `call` is what `rewrite` makes of it.
    pub(super) fn set(&self, call: &str, rewrite: Rewrite) {
        held(&self.0).insert(call.to_owned(), rewrite);
    }

    /// The answers to `call` are right again.
    pub(super) fn clear(&self, call: &str) {
        held(&self.0).remove(call);
    }

    /// What is answered in place of `right`. An error that was made another answer is none any more.
    pub(super) async fn applied(&self, call: &str, target: &str, right: Response) -> Response {
        let Some(rewrite) = held(&self.0).get(call).cloned() else {
            return right;
        };
        let (mut head, body) = right.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body of the stand-in's own");
        let before: Value = serde_json::from_slice(&body).expect("an answer in JSON");
        let after = rewrite(target, before.clone());
        if after != before {
            head.status = StatusCode::OK;
        }
        let mut answer = Json(after).into_response();
        *answer.status_mut() = head.status;
        answer
    }
}
