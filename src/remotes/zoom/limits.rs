//! Zoom's rate limits: kept to from this side, and understood when they are met all the same.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::header::HeaderMap;
use tokio::time::Instant;

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

/// Within this time there are never more calls than Zoom allows in a second, however it counts seconds, and though a call may
/// take a little less long to arrive than one before it: to be turned away costs a second or two.
const WINDOW: Duration = Duration::from_millis(1100);

/// When the last calls of a category were made, or are to be made: as many as may be in one window.
#[derive(Debug)]
struct CallWindow {
    most: usize,
    made: Mutex<VecDeque<Instant>>,
}

impl CallWindow {
    fn new(calls: NonZeroU32) -> CallWindow {
        CallWindow { most: usize::try_from(calls.get()).unwrap_or(usize::MAX), made: Mutex::default() }
    }

    /// When a call may be made that is ready at `now`; it counts from then on. Who asks first is first.
    fn reserve(&self, now: Instant) -> Instant {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let first = if made.len() < self.most { None } else { made.pop_front() };
        let at = first.map_or(now, |first| now.max(first + WINDOW));
        made.push_back(at);
        at
    }

    async fn wait(&self) {
        tokio::time::sleep_until(self.reserve(Instant::now())).await;
    }
}

/// Holds calls back that would be too many.
#[derive(Debug)]
pub(super) struct Limiter {
    light: CallWindow,
    medium: CallWindow,
    /// What is left of the day's calls, by category, as Zoom last told.
    daily: Mutex<BTreeMap<&'static str, i64>>,
}

impl Limiter {
    pub(super) fn new(calls: CallsPerSecond) -> Limiter {
        Limiter { light: CallWindow::new(calls.light), medium: CallWindow::new(calls.medium), daily: Mutex::default() }
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
            Category::Light => self.light.wait().await,
            Category::Medium => self.medium.wait().await,
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
    use std::num::NonZeroU32;
    use std::time::Duration;

    use chrono::{DateTime, Utc};
    use reqwest::header::{HeaderMap, HeaderValue};
    use tokio::time::Instant;

    use super::{CallWindow, CallsPerSecond, Category, Limiter, WINDOW, over_at, pause_of};

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

    /// However many are wanted at whatever time; what may be made at once is.
    #[test]
    fn no_second_has_more_calls() {
        let began = Instant::now();
        for most in [1, 2, 60, 10_000] {
            let window = CallWindow::new(NonZeroU32::new(most).expect("a number of calls"));
            let most = usize::try_from(most).expect("a small number");
            let ready = |number: usize| began + Duration::from_millis(if number < 3 * most { 0 } else { 4000 });
            let made: Vec<Instant> = (0..5 * most).map(|number| window.reserve(ready(number))).collect();
            assert!(made.is_sorted() && made.windows(most + 1).all(|calls| calls[most] - calls[0] >= WINDOW), "{most}");
            let at = |number: usize| made[number] - began;
            assert_eq!((at(0), at(most - 1), at(3 * most - 1)), (Duration::ZERO, Duration::ZERO, 2 * WINDOW), "{most}");
            assert_eq!(at(4 * most - 1), Duration::from_secs(4), "{most}");
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
