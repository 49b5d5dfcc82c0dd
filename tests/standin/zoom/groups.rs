//! `GET /groups` and `GET /groups/{}/members`

use axum::http::StatusCode;
use serde_json::json;

use super::answer::{self, Answer, Refusal};
use super::group::Group;
use super::page::page;
use super::request::Asked;
use super::state::State;
use super::token;

/// The account's groups.
pub(super) fn list(state: &State, asked: &Asked) -> Answer {
    token::authorize(state, asked, "group:read:list_groups:admin")?;
    let groups = state.world().groups().to_vec();
    let page = page(state, asked, groups)?;
    Ok(answer::ok(json!({
        "total_records": page.total,
        "next_page_token": page.next,
        "groups": page.records.iter().map(Group::to_json).collect::<Vec<_>>(),
    })))
}

/// The members of one.
pub(super) fn members(state: &State, id: &str, asked: &Asked) -> Answer {
    token::authorize(state, asked, "group:read:list_members:admin")?;
    let group = state.world().groups().iter().find(|group| group.id() == id).cloned();
    let group = group
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, 4130, &format!("A group with this {id} does not exist.")))?;
    let page = page(state, asked, group.members())?;
    Ok(answer::ok(json!({
        "page_count": page.count,
        "page_number": 1,
        "page_size": page.size,
        "total_records": page.total,
        "next_page_token": page.next,
        "members": page.records,
    })))
}
