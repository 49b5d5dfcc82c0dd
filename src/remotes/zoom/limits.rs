//! Zoom's rate limits: kept to from this side, and understood when they are met all the same.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::header::HeaderMap;

/// What a call counts as. Limits are those of the whole account, all its apps together (facts-zoom.md#z41).
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

/// The words of Zoom's categories, of those that it may tell a daily limit of.
pub const CALL_CATEGORIES: [&str; 4] = ["light", "medium", "heavy", "resource-intensive"];

/// Holds calls back that would be too many.
#[derive(Debug)]
pub(super) struct Limiter {
    light: DefaultDirectRateLimiter,
    medium: DefaultDirectRateLimiter,
    /// What is left of the day's calls, by category, as Zoom last told.
    daily: Mutex<BTreeMap<&'static str, i64>>,
}

impl Limiter {
    pub(super) fn new(calls: CallsPerSecond) -> Limiter {
        let limiter = |calls: NonZeroU32| RateLimiter::direct(quota_of(calls));
        Limiter { light: limiter(calls.light), medium: limiter(calls.medium), daily: Mutex::default() }
    }

    /// Takes note of what an answer says about the day's calls; most say something of the second's only
    /// (facts-zoom.md#z41).
    pub(super) fn note_daily(&self, headers: &HeaderMap) {
        let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let category = value("x-ratelimit-category");
        let known = CALL_CATEGORIES.into_iter().find(|known| known.eq_ignore_ascii_case(category));
        if let (Some(category), Ok(left)) = (known, value("x-ratelimit-remaining").parse::<u32>())
            && limit_type(headers).to_ascii_lowercase().contains("daily")
        {
            self.daily.lock().unwrap_or_else(PoisonError::into_inner).insert(category, left.into());
        }
    }

    /// What is left of them, where Zoom told.
    pub(super) fn daily_left(&self) -> BTreeMap<&'static str, i64> {
        self.daily.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until a call of the category may be made.
    pub(super) async fn wait(&self, category: Category) {
        match category {
            Category::Light => self.light.until_ready().await,
            Category::Medium => self.medium.until_ready().await,
        }
    }
}

/// A tenth of the calls at once, and the others spread over the second: never more in any second, however Zoom counts seconds.
/// To be turned away costs a second or two, and a burst of all of them would keep other apps of the account waiting.
fn quota_of(calls: NonZeroU32) -> Quota {
    let at_once = NonZeroU32::new(calls.get() / 10).unwrap_or(NonZeroU32::MIN);
    let spread = NonZeroU32::new(calls.get() - at_once.get()).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(spread).allow_burst(at_once)
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

/// What a 429 says beside its message: whether it is about the second or the day.
pub(super) fn limit_type(headers: &HeaderMap) -> &str {
    headers.get("x-ratelimit-type").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// For how long one is turned away, in whatever form the answer says so.
pub(super) fn pause_of(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    until_reset(headers, now).and_then(|until| (until - now).to_std().ok())
}

/// When a daily limit is over.
pub(super) fn over_at(headers: &HeaderMap, now: DateTime<Utc>) -> String {
    let when = until_reset(headers, now).map_or("it is reset at midnight UTC".to_owned(), |until| {
        format!("try again after {}", until.to_rfc3339_opts(SecondsFormat::Secs, true))
    });
    format!("; the account's daily limit is reached, {when}")
}

/// `Retry-After` in each of its forms: ISO 8601, a date of HTTP, seconds.
fn until_reset(headers: &HeaderMap, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = headers.get("retry-after").and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(now + Duration::from_secs(seconds.into()));
    }
    let date = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text));
    date.ok().map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::num::NonZeroU32;
    use std::time::Duration;

    use chrono::{DateTime, Utc};
    use governor::RateLimiter;
    use governor::clock::FakeRelativeClock;
    use reqwest::header::{HeaderMap, HeaderValue};

    use super::{CallsPerSecond, Category, Limiter, over_at, pause_of, quota_of};

    /// A case is a line: type, category and remaining as Zoom may send them. Most answers are about the second.
    #[test]
    fn only_daily_limits_are_kept() {
        for (kind, category, remaining, expected) in [
            ("Daily-limit", "Heavy", "59999", Some(("heavy", 59_999))),
            ("daily-limit", "HEAVY", "0", Some(("heavy", 0))),
            ("QPS", "Medium", "59", None),
            ("", "Medium", "59", None),
            ("Daily-limit", "Another", "1", None),
            ("Daily-limit", "Light", "-1", None),
            ("Daily-limit", "Light", "many", None),
        ] {
            let one = NonZeroU32::MIN;
            let limiter = Limiter::new(CallsPerSecond { light: one, medium: one });
            let mut headers = HeaderMap::new();
            let named =
                [("x-ratelimit-type", kind), ("x-ratelimit-category", category), ("x-ratelimit-remaining", remaining)];
            for (name, value) in named {
                headers.insert(name, HeaderValue::from_static(value));
            }
            limiter.note_daily(&headers);
            assert_eq!(limiter.daily_left().into_iter().next(), expected, "{kind} {category} {remaining}");
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-11-24T10:00:00Z".parse().expect("an instant")
    }

    fn retry_after(value: &'static str) -> HeaderMap {
        [("retry-after", value)]
            .into_iter()
            .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn waiting_times_have_every_form() {
        let cases = [
            ("2", Some(2)),
            (" 3 ", Some(3)),
            ("2026-11-24T10:00:03Z", Some(3)),
            ("2026-11-24T11:00:03+01:00", Some(3)),
            ("2026-11-24T10:00:03.000Z", Some(3)),
            ("Tue, 24 Nov 2026 10:00:03 GMT", Some(3)),
            ("2026-11-24T09:59:00Z", None),
            ("soon", None),
            ("-1", None),
            ("1e300", None),
            ("4294967295", Some(u32::MAX.into())),
            ("99999999999999", None),
            ("18446744073709551616", None),
            ("99999999999999999999", None),
            ("", None),
        ];
        for (value, seconds) in cases {
            assert_eq!(pause_of(&retry_after(value), now()), seconds.map(Duration::from_secs), "{value}");
        }
        assert_eq!(pause_of(&HeaderMap::new(), now()), None);
    }

    #[test]
    fn daily_limits_end_in_every_form() {
        for value in ["2026-11-25T00:00:00Z", "Wed, 25 Nov 2026 00:00:00 GMT", "50400"] {
            assert!(over_at(&retry_after(value), now()).ends_with("try again after 2026-11-25T00:00:00Z"), "{value}");
        }
        assert!(over_at(&HeaderMap::new(), now()).ends_with("it is reset at midnight UTC"));
    }

    /// However many are wanted, and whenever the second begins.
    #[test]
    fn no_second_has_more_calls() {
        for calls in [2, 3, 9, 20, 60, 80, 10_000] {
            let clock = FakeRelativeClock::default();
            let quota = quota_of(NonZeroU32::new(calls).expect("a number of calls"));
            let limiter = RateLimiter::direct_with_clock(quota, clock.clone());
            let tick = Duration::from_micros(50);
            let mut made: VecDeque<u32> = VecDeque::new();
            for now in 0..60_000 {
                while limiter.check().is_ok() {
                    made.push_back(now);
                }
                made.retain(|then| now - then < 20_000);
                assert!(made.len() <= calls as usize, "{calls}: {} in a second", made.len());
                clock.advance(tick);
            }
        }
    }

    #[test]
    fn calls_sort_as_in_zoom() {
        assert_eq!(Category::of(&["users", "u1"]), Category::Light);
        assert_eq!(Category::of(&["meetings", "m", "recordings"]), Category::Light);
        assert_eq!(Category::of(&["users"]), Category::Medium);
        assert_eq!(Category::of(&["groups", "g", "members"]), Category::Medium);
        assert_eq!(Category::of(&["users", "u1", "recordings"]), Category::Medium);
        assert_eq!(Category::of(&["accounts", "me", "recordings"]), Category::Medium);
    }
}
