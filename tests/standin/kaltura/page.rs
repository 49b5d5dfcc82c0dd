//! Lists: their order, their pages, the object they come in.

use serde_json::{Value, json};

use super::error::ApiError;
use super::params::Params;

/// The part of a list that is asked for.
#[derive(Clone, Copy)]
pub struct Page {
    size: usize,
    index: usize,
}

impl Page {
    /// What `pager` says: 30 a page, 500 at most, and nothing beyond the 10000th.
    pub fn of(params: &Params) -> Result<Page, ApiError> {
        let pager = params.object("pager").unwrap_or_default();
        let asked = |name| pager.number(name).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        let size = match asked("pageSize") {
            0 => 30,
            size => size.min(500),
        };
        let page = Page { size, index: asked("pageIndex").max(1) };
        if page.start() >= 10_000 {
            let message = "Query exceeded max matches allowed";
            return Err(ApiError::new("QUERY_EXCEEDED_MAX_MATCHES_ALLOWED", message));
        }
        Ok(page)
    }

    /// A first page of any list.
    pub fn first() -> Page {
        Page { size: 500, index: 1 }
    }

    /// Which page it is.
    pub fn number(self) -> usize {
        self.index
    }

    /// Whether a list of so many goes on behind it.
    pub fn leaves_more(self, count: usize) -> bool {
        self.start() + self.size < count
    }

    fn start(self) -> usize {
        (self.index - 1) * self.size
    }
}

/// The answer of a list action: `totalCount` is the whole number on every page.
pub fn list<T>(kind: &str, found: &[T], page: Page, wire: impl Fn(&T) -> Value) -> Value {
    let objects = found.iter().skip(page.start()).take(page.size).map(wire);
    json!({
        "totalCount": found.len(),
        "objects": objects.collect::<Vec<_>>(),
        "objectType": kind,
    })
}

/// Sorts by one of the two times that everything has; any other order is left as it was.
pub fn ordered<T>(found: &mut [T], order: Option<&str>, created: impl Fn(&T) -> i64, updated: impl Fn(&T) -> i64) {
    match order {
        Some("+createdAt") => found.sort_by_key(|one| created(one)),
        Some("-createdAt") => found.sort_by_key(|one| -created(one)),
        Some("+updatedAt") => found.sort_by_key(|one| updated(one)),
        Some("-updatedAt") => found.sort_by_key(|one| -updated(one)),
        _ => {}
    }
}
