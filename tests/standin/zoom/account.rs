//! `GET /accounts/{}/settings`

use serde_json::json;

use super::answer::{self, Answer};
use super::request::Asked;
use super::state::State;
use super::token;

/// The settings of the account, as far as anybody asks for them.
pub(super) fn settings(state: &State, account: &str, asked: &Asked) -> Answer {
    token::authorize(state, asked, "account:read:settings:admin")?;
    if account != "me" {
        // an account named by its id is taken for a sub account
        return Err(token::missing("account:read:settings:master"));
    }
    let (is_on, days) = state.settings.auto_delete.map_or((false, 30), |days| (true, days));
    Ok(answer::ok(json!({
        "schedule_meeting": { "host_video": true },
        "recording": {
            "local_recording": true,
            "cloud_recording": true,
            "auto_recording": "none",
            "auto_delete_cmr": is_on,
            "auto_delete_cmr_days": days,
        },
    })))
}
