//! Pages of a list, and the tokens that lead from one to the next.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Instant;

use axum::http::StatusCode;

use super::answer::Refusal;
use super::request::Asked;
use super::secret::random;
use super::state::{State, held};

const DEFAULT_SIZE: usize = 30;
const MAX_SIZE: usize = 300;

/// Where a page begins, and in which list.
struct Place {
    list: String,
    offset: usize,
    expires: Instant,
}

#[derive(Default)]
pub(super) struct PageTokens(Mutex<HashMap<String, Place>>);

/// A part of a list.
pub(super) struct Page<T> {
    pub(super) records: Vec<T>,
    pub(super) size: usize,
    pub(super) count: usize,
    pub(super) total: usize,
    /// Empty on the last page.
    pub(super) next: String,
}

impl<T: Clone> Page<&T> {
    /// The same with records of its own.
    pub(super) fn cloned(self) -> Page<T> {
        let records = self.records.into_iter().cloned().collect();
        Page { records, size: self.size, count: self.count, total: self.total, next: self.next }
    }
}

/// Cuts out the page that was asked for.
pub(super) fn page<T>(state: &State, asked: &Asked, all: Vec<T>) -> Result<Page<T>, Refusal> {
    let size = size(state, asked)?;
    // a token is good for the query it came from and for no other
    let list = format!("{} {:?}", asked.path, asked.query.without("next_page_token"));
    let offset = match asked.query.get("next_page_token") {
        None => 0,
        Some(token) => offset(state, token, &list).ok_or_else(expired)?,
    };
    let total = all.len();
    let next = if offset + size < total { new_token(state, list, offset + size) } else { String::new() };
    let records = all.into_iter().skip(offset).take(size).collect();
    Ok(Page { records, size, count: total.div_ceil(size), total, next })
}

fn size(state: &State, asked: &Asked) -> Result<usize, Refusal> {
    let size = asked.query.get("page_size").map_or(Some(DEFAULT_SIZE), |size| size.parse().ok());
    let size = size.filter(|size| (1..=MAX_SIZE).contains(size)).ok_or_else(|| Refusal::invalid("page_size"))?;
    Ok(size.min(state.settings.page_size_cap))
}

fn offset(state: &State, token: &str, list: &str) -> Option<usize> {
    let places = held(&state.page_tokens.0);
    let place = places.get(token).filter(|place| place.expires > Instant::now())?;
    (place.list == list).then_some(place.offset)
}

fn new_token(state: &State, list: String, offset: usize) -> String {
    let token = random();
    let expires = Instant::now() + state.settings.page_token_lifetime;
    held(&state.page_tokens.0).insert(token.clone(), Place { list, offset, expires });
    token
}

fn expired() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, 300, "The next page token is invalid or expired.")
}
