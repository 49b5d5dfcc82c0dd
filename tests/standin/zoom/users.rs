//! `GET /users` and `GET /users/{}`

use axum::http::StatusCode;
use serde_json::json;

use super::answer::{self, Answer, Refusal};
use super::page::page;
use super::request::Asked;
use super::state::State;
use super::token;
use super::user::User;

/// The users of one status, the active ones unless another is asked for.
pub(super) fn list(state: &State, asked: &Asked) -> Answer {
    token::authorize(state, asked, "user:read:list_users:admin")?;
    let status = asked.query.get("status").unwrap_or("active");
    if !["active", "inactive", "pending"].contains(&status) {
        return Err(Refusal::invalid("status"));
    }
    let mut users = state.world().users().to_vec();
    users.retain(|user| user.status() == status);
    let page = page(state, asked, users)?;
    Ok(answer::ok(json!({
        "page_count": page.count,
        "page_number": 1,
        "page_size": page.size,
        "total_records": page.total,
        "next_page_token": page.next,
        "users": page.records.iter().map(User::to_json).collect::<Vec<_>>(),
    })))
}

/// One user by id or address, whatever the status.
pub(super) fn one(state: &State, user: &str, asked: &Asked) -> Answer {
    token::authorize(state, asked, "user:read:user:admin")?;
    let known = state.world().user(user).cloned().ok_or_else(|| unknown(user))?;
    let mut json = known.in_full(state.settings.attributes_as_list);
    json["account_id"] = json!(state.settings.account);
    Ok(answer::ok(json))
}

pub(super) fn unknown(user: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, 1001, &format!("User does not exist: {user}."))
}
