//! Rate limits: counted by category for the whole account, by the second and by the day.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderValue};
use chrono::{Days, Utc};

use super::state::held;

const PER_SECOND: &str = "You have reached the maximum per-second rate limit for this API. Try again later.";
const PER_DAY: &str = "You have reached the maximum daily rate limit for this API. Refer to the response header for details on when you can make another request.";

/// What a call counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// One user, the recordings of one meeting.
    Light,
    /// Lists.
    Medium,
    /// Reports and the dashboard.
    Heavy,
}

impl Category {
    fn name(self) -> &'static str {
        match self {
            Category::Light => "Light",
            Category::Medium => "Medium",
            Category::Heavy => "Heavy",
        }
    }
}

/// The most calls of a category; those of a Business account unless said otherwise.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub(super) per_second: u32,
    pub(super) per_day: u32,
}

#[derive(Default)]
pub(super) struct Limits {
    set: HashMap<Category, Limit>,
    made: Mutex<HashMap<Category, Made>>,
}

/// The calls made in the second that began then, and in all.
struct Made {
    second: Instant,
    in_second: u32,
    in_all: u32,
}

impl Limits {
    pub(super) fn new(set: HashMap<Category, Limit>) -> Limits {
        Limits { set, made: Mutex::default() }
    }

    fn of(&self, category: Category) -> Limit {
        let business = match category {
            Category::Light => Limit { per_second: 80, per_day: u32::MAX },
            Category::Medium => Limit { per_second: 60, per_day: u32::MAX },
            Category::Heavy => Limit { per_second: 40, per_day: 60_000 },
        };
        self.set.get(&category).copied().unwrap_or(business)
    }

    /// Counts a call: the headers of its answer, and why it is turned away, if it is.
    pub(super) fn count(&self, category: Category) -> (HeaderMap, Option<&'static str>) {
        let limit = self.of(category);
        let mut made = held(&self.made);
        let made = made.entry(category).or_insert_with(|| Made { second: Instant::now(), in_second: 0, in_all: 0 });
        if made.second.elapsed() >= Duration::from_secs(1) {
            (made.second, made.in_second) = (Instant::now(), 0);
        }
        if made.in_all >= limit.per_day {
            let mut headers = headers(category, "Daily-limit", limit.per_day, 0);
            let tomorrow = format!("{}T00:00:00Z", Utc::now().date_naive() + Days::new(1));
            headers.insert("retry-after", HeaderValue::from_str(&tomorrow).expect("a date"));
            return (headers, Some(PER_DAY));
        }
        if made.in_second >= limit.per_second {
            return (headers(category, "QPS", limit.per_second, 0), Some(PER_SECOND));
        }
        made.in_second += 1;
        made.in_all += 1;
        (headers(category, "QPS", limit.per_second, limit.per_second - made.in_second), None)
    }
}

fn headers(category: Category, kind: &'static str, limit: u32, remaining: u32) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-ratelimit-category", HeaderValue::from_static(category.name()));
    headers.insert("x-ratelimit-type", HeaderValue::from_static(kind));
    headers.insert("x-ratelimit-limit", limit.into());
    headers.insert("x-ratelimit-remaining", remaining.into());
    headers
}
