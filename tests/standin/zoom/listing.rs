//! `GET /accounts/me/recordings` and `GET /users/{}/recordings`

use chrono::{Days, Months, NaiveDate, TimeDelta};
use serde_json::{Value, json};

use super::answer::{self, Answer, Refusal};
use super::meeting::Meeting;
use super::page::page;
use super::request::Asked;
use super::state::State;
use super::{token, users};

/// The account's recordings.
pub(super) fn of_account(state: &State, account: &str, asked: &Asked) -> Answer {
    token::authorize(state, asked, "cloud_recording:read:list_account_recordings:admin")?;
    if account != "me" {
        // an account named by its id is taken for a sub account
        return Err(token::missing("cloud_recording:read:list_account_recordings:master"));
    }
    let emails = state.settings.host_emails;
    listing(state, asked, |_| true, |meeting| if emails { with_email(state, meeting) } else { to_json(state, meeting) })
}

/// One user's recordings.
pub(super) fn of_user(state: &State, user: &str, asked: &Asked) -> Answer {
    token::authorize(state, asked, "cloud_recording:read:list_user_recordings:admin")?;
    let user = state.world().user(user).cloned().ok_or_else(|| users::unknown(user))?;
    listing(state, asked, |meeting| meeting.host_id() == user.id(), |meeting| to_json(state, meeting))
}

fn listing(
    state: &State,
    asked: &Asked,
    wanted: impl Fn(&Meeting) -> bool,
    shown: impl Fn(&Meeting) -> Value,
) -> Answer {
    let (from, to) = days(state, asked)?;
    let page = {
        let world = state.world();
        let meetings: Vec<_> = world.listed(from, to).filter(|meeting| wanted(meeting)).collect();
        page(state, asked, meetings)?.cloned()
    };
    Ok(answer::ok(json!({
        "from": from.to_string(),
        "to": to.to_string(),
        "page_count": page.count,
        "page_size": page.size,
        "total_records": page.total,
        "next_page_token": page.next,
        "meetings": page.records.iter().map(shown).collect::<Vec<_>>(),
    })))
}

fn to_json(state: &State, meeting: &Meeting) -> Value {
    meeting.to_json(&state.settings.account, state.api())
}

fn with_email(state: &State, meeting: &Meeting) -> Value {
    let mut json = to_json(state, meeting);
    // what a test lists otherwise stays so: lists are late
    if let Some(host) = state.world().user(meeting.host_id()).filter(|_| json.get("host_email").is_none()) {
        json["host_email"] = json!(host.address());
    }
    json
}

/// The first and last day of the listing: UTC days, both included.
fn days(state: &State, asked: &Asked) -> Result<(NaiveDate, NaiveDate), Refusal> {
    let today = state.clock.now().date_naive();
    let from = day(asked, "from", today)?;
    let to = day(asked, "to", today + TimeDelta::days(1))?;
    if from > to {
        return Err(Refusal::invalid("from"));
    }
    // A wider range is not refused but cut to a month, and it is the older days that are lost:
    // asked for 2017-08-02 to 2018-04-09, Zoom began at 2018-03-09 (github.com/zoom/api/issues/36).
    let month = to - Months::new(1);
    let earliest = state.settings.longest_range.map_or(month, |days| to - Days::new(days - 1));
    Ok((from.max(earliest), to))
}

fn day(asked: &Asked, name: &str, default: NaiveDate) -> Result<NaiveDate, Refusal> {
    let day = asked.query.get(name).map_or(Ok(default), |day| NaiveDate::parse_from_str(day, "%Y-%m-%d"));
    day.map_err(|_| Refusal::invalid(name))
}
