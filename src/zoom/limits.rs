//! Zoom's rate limits: kept to from this side, and understood when they are met all the same.

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::header::HeaderMap;

use crate::http::RemoteKind;

/// What a call counts as. Limits are those of the whole account, all its apps together (Zoom's reference).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    /// One user, the recordings of one meeting.
    Light,
    /// Lists.
    Medium,
}

impl Category {
    /// By the path of a call: what ends in a list of a whole account or user is Medium. Reports and the dashboard are
    /// Heavy for Zoom; they are asked for one after another, far below what that allows.
    pub(super) fn of(path: &[&str]) -> Category {
        match path {
            ["users", _] | ["meetings", ..] => Category::Light,
            _ => Category::Medium,
        }
    }
}

/// Calls a second, by category.
#[derive(Clone, Copy, Debug)]
pub struct CallsPerSecond {
    /// See the categories of Zoom's reference.
    pub light: NonZeroU32,
    /// See the categories of Zoom's reference.
    pub medium: NonZeroU32,
}

/// Holds calls back that would be too many.
#[derive(Debug)]
pub(super) struct Limiter {
    light: DefaultDirectRateLimiter,
    medium: DefaultDirectRateLimiter,
}

impl Limiter {
    pub(super) fn new(calls: CallsPerSecond) -> Limiter {
        // a burst of a whole second's calls would meet the limit with whatever other apps do
        let limiter = |calls: NonZeroU32| {
            let burst = NonZeroU32::new(calls.get() / 4).unwrap_or(NonZeroU32::MIN);
            RateLimiter::direct(Quota::per_second(calls).allow_burst(burst))
        };
        Limiter { light: limiter(calls.light), medium: limiter(calls.medium) }
    }

    /// Waits until a call of the category may be made.
    pub(super) async fn wait(&self, category: Category) {
        match category {
            Category::Light => self.light.until_ready().await,
            Category::Medium => self.medium.until_ready().await,
        }
    }
}

/// How much is left, for the log.
pub(super) fn tell_quota(call: &str, headers: &HeaderMap) {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let remaining = value("x-ratelimit-remaining");
    if !remaining.is_empty() {
        let (category, limit) = (value("x-ratelimit-category"), value("x-ratelimit-limit"));
        tracing::debug!(call, category, remaining, limit, "quota");
    }
}

/// What a 429 means: turned away for a moment, or for today, and until when.
pub(super) fn turned_away(headers: &HeaderMap, said: &str, now: DateTime<Utc>) -> (RemoteKind, String) {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let until = until(value("retry-after"), now);
    let is_daily = value("x-ratelimit-type").to_ascii_lowercase().contains("daily")
        || said.to_ascii_lowercase().contains("daily")
        // only a daily limit comes with a date (Zoom's reference)
        || value("retry-after").contains([':', 'T']);
    if is_daily {
        let when = until.map_or("it is reset at midnight UTC".to_owned(), |until| {
            format!("come back after {}", until.to_rfc3339_opts(SecondsFormat::Secs, true))
        });
        return (RemoteKind::DailyLimit, format!("; the account's daily limit is reached, {when}"));
    }
    let pause = until.and_then(|until| (until - now).to_std().ok());
    (RemoteKind::RateLimited(pause), String::new())
}

/// How long a `Retry-After` asks to be waited for, in whatever form; one that has passed asks for nothing.
pub(super) fn pause_until(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    (until(text, now)? - now).to_std().ok()
}

/// `Retry-After` in each of its forms: ISO 8601, a date of HTTP, seconds.
fn until(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(now + Duration::from_secs(seconds.into()));
    }
    let date = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text));
    date.ok().map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{DateTime, Utc};
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{Category, turned_away};
    use crate::http::RemoteKind;

    fn now() -> DateTime<Utc> {
        "2026-11-24T10:00:00Z".parse().expect("an instant")
    }

    fn told(headers: &[(&'static str, &'static str)], said: &str) -> (RemoteKind, String) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        turned_away(&headers, said, now())
    }

    #[test]
    fn a_daily_limit_is_told_from_one_by_the_second_in_every_form() {
        let daily = "You have reached the maximum daily rate limit for this API.";
        let second = "You have reached the maximum per-second rate limit for this API. Try again later.";
        let after = "; the account's daily limit is reached, come back after 2026-11-25T00:00:00Z";
        let unknown = "; the account's daily limit is reached, it is reset at midnight UTC";
        let cases = [
            (vec![("retry-after", "2026-11-25T00:00:00Z")], daily, RemoteKind::DailyLimit, after),
            (vec![("retry-after", "Wed, 25 Nov 2026 00:00:00 GMT")], "", RemoteKind::DailyLimit, after),
            (vec![("retry-after", "50400"), ("x-ratelimit-type", "Daily-limit")], "", RemoteKind::DailyLimit, after),
            (vec![], daily, RemoteKind::DailyLimit, unknown),
            (vec![("retry-after", "soon")], daily, RemoteKind::DailyLimit, unknown),
            (vec![("x-ratelimit-type", "QPS")], second, RemoteKind::RateLimited(None), ""),
            (vec![("retry-after", "2")], second, RemoteKind::RateLimited(Some(Duration::from_secs(2))), ""),
            (vec![], "", RemoteKind::RateLimited(None), ""),
        ];
        for (headers, said, kind, advice) in cases {
            assert_eq!(told(&headers, said), (kind, advice.to_owned()), "{headers:?} {said}");
        }
    }

    #[test]
    fn calls_are_sorted_as_zoom_sorts_them() {
        assert_eq!(Category::of(&["users", "u1"]), Category::Light);
        assert_eq!(Category::of(&["meetings", "m", "recordings"]), Category::Light);
        assert_eq!(Category::of(&["users"]), Category::Medium);
        assert_eq!(Category::of(&["groups", "g", "members"]), Category::Medium);
        assert_eq!(Category::of(&["users", "u1", "recordings"]), Category::Medium);
        assert_eq!(Category::of(&["accounts", "me", "recordings"]), Category::Medium);
    }
}
