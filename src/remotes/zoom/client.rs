//! The client: one authorised GET, renewed once when the token turns out to be stale; and the one change that Zoom is
//! ever asked for.
//!
//! A list of users, groups or people: all pages, or an error.
//!
//! How far a list has been read: each page is to bring something new, so that none goes on for ever.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::auth::{DownloadHosts, Login, ZoomAccess};
use super::limits::{Category, Limiter, limit_type, over_at, pause_of, tell_quota};
use super::path::path_of_segments;
use super::wire::{ErrorBody, next_page_token, total_records};
use crate::model::{TextHash, TextHashes};
use crate::remotes::http::meanings::{Refusal, find_meaning};
use crate::remotes::http::{
    Answer, Call, Clients, Meaning, Patience, RemoteError, RemoteKind, Retry, Service, redact_url,
};

/// A client for one Zoom account. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Zoom {
    pub(super) clients: Clients,
    pub(super) login: Arc<Login>,
    api_url: Arc<Url>,
    pub(super) retry: Retry,
    limiter: Arc<Limiter>,
    pub(super) download_hosts: Arc<DownloadHosts>,
}

impl Zoom {
    /// How many calls Zoom still allows the account today, by category, where it told this run.
    #[must_use]
    pub fn daily_calls_left(&self) -> BTreeMap<&'static str, i64> {
        self.limiter.daily_left()
    }

    /// No request is made before the first call.
    #[must_use]
    pub fn new(access: ZoomAccess, clients: Clients, retry: Retry) -> Zoom {
        let api_url = Arc::new(access.api_url.clone());
        let download_hosts = Arc::new(access.download_hosts.clone());
        let limiter = Arc::new(Limiter::new(access.calls_per_second));
        let login = Arc::new(Login::new(access, clients.clone()));
        Zoom { clients, login, api_url, retry, limiter, download_hosts }
    }

    /// What the app may do, as the login tells it.
    pub async fn scopes(&self) -> Result<Vec<String>, RemoteError> {
        self.retry.run(|| self.login.scopes()).await
    }

    /// What time it is by its own clock, where it ever told.
    #[must_use]
    pub fn now(&self) -> Option<DateTime<Utc>> {
        self.clients.clocks.now_by(Service::Zoom)
    }

    /// The same, asked of its login where it did not tell yet.
    pub async fn ask_time(&self) -> Result<Option<DateTime<Utc>>, RemoteError> {
        if self.now().is_none() {
            self.retry.run(|| self.login.token()).await?;
        }
        Ok(self.now())
    }

    /// GET of `path` (segments, encoded here) with `query`, as JSON.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        call: &str,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T, RemoteError> {
        self.get_by(call, path, query, &|body| serde_json::from_slice(body)).await
    }

    /// The same, read from the bytes of the answer by `read`: once more where they could not be, or did not come.
    pub(super) async fn get_by<T>(
        &self,
        call: &str,
        path: &[&str],
        query: &[(&str, String)],
        read: &(dyn Fn(&[u8]) -> serde_json::Result<T> + Sync),
    ) -> Result<T, RemoteError> {
        let url = self.address(call, path, query)?;
        let category = Category::of(path);
        self.authorised(|token| async {
            self.limiter.wait(category).await;
            let answer = async {
                let (_, body) = self.answer(call, self.clients.control.get(url.clone()), token).await?;
                read(&body).map_err(|error| garbled_page(call, &error.to_string()))
            };
            self.clients.calls.counted(Service::Zoom, answer).await
        })
        .await
    }

    /// Puts a recording file into Zoom's trash. No other change of anything can be asked for: the action stands here.
    pub(super) async fn put_into_trash(&self, call: &str, path: &[&str; 4]) -> Result<(), RemoteError> {
        let url = self.address(call, path, &[("action", "trash".to_owned())])?;
        let category = Category::of(path);
        self.authorised(|token| async {
            self.limiter.wait(category).await;
            let answer = self.answer(call, self.clients.control.delete(url.clone()), token);
            let (status, body) = self.clients.calls.counted(Service::Zoom, answer).await?;
            match status {
                StatusCode::NO_CONTENT => Ok(()),
                // described with status 200: the right is missing
                other => match read_refusal(call, other, &HeaderMap::new(), &body) {
                    error if error.means(Meaning::MissingScope) => Err(error),
                    _ => Err(garbled_page(call, &format!("status {other}"))),
                },
            }
        })
        .await
    }

    fn address(&self, call: &str, path: &[&str], query: &[(&str, String)]) -> Result<Url, RemoteError> {
        let path = path_of_segments(path).map_err(|what| {
            let message = format!("{call} was not sent: {what} would change the path of the call");
            RemoteError::new(Service::Zoom, RemoteKind::Rejected, message)
        })?;
        let mut url = (*self.api_url).clone();
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
        url.query_pairs_mut().extend_pairs(query);
        Ok(url)
    }

    /// Runs `call` with a token, and once more with a new one if Zoom says that it is no longer good.
    pub(super) async fn authorised<T, F>(&self, call: impl Fn(SecretString) -> F) -> Result<T, RemoteError>
    where
        F: Future<Output = Result<T, RemoteError>>,
    {
        self.authorised_with(Patience::Whole, call).await
    }

    /// The same with as much patience as the call may have.
    pub(super) async fn authorised_with<T, F>(
        &self,
        patience: Patience,
        call: impl Fn(SecretString) -> F,
    ) -> Result<T, RemoteError>
    where
        F: Future<Output = Result<T, RemoteError>>,
    {
        let token = self.retry.run(|| self.login.token()).await?;
        let answer = self.retry.run_with(patience, || call(token.clone())).await;
        match answer {
            Err(error) if error.kind == RemoteKind::Expired => {
                self.login.forget(&token).await;
                let token = self.retry.run(|| self.login.token()).await?;
                self.retry.run_with(patience, || call(token.clone())).await
            }
            answer => answer,
        }
    }

    /// The answer to a request that is sent once, with its status; what Zoom refuses is an error.
    async fn answer(
        &self,
        call: &str,
        request: RequestBuilder,
        token: SecretString,
    ) -> Result<(StatusCode, Bytes), RemoteError> {
        let host = self.api_url.host_str().unwrap_or_default();
        let asked = Call { service: Service::Zoom, name: call, host, key: "zoom.api_url" };
        let Answer { status, headers, body } =
            self.clients.ask(asked, request.bearer_auth(token.expose_secret())).await?;
        self.clients.clocks.note(Service::Zoom, &headers);
        tell_quota(call, &headers);
        self.limiter.note_daily(&headers);
        if !status.is_success() {
            return Err(read_refusal(call, status, &headers, &body));
        }
        Ok((status, body))
    }
}

fn garbled_page(call: &str, why: &str) -> RemoteError {
    let message = format!("the answer to {call} cannot be understood: {}", redact_url(why));
    RemoteError::new(Service::Zoom, RemoteKind::Garbled, message)
}

/// What an answer that is no success means, by the one table of meanings.
fn read_refusal(call: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> RemoteError {
    let said: ErrorBody = serde_json::from_slice(body).unwrap_or_default();
    let text = redact_url(&said.message.unwrap_or_default());
    let code = said.code.unwrap_or_default().to_string();
    let says = format!("{text} {}", limit_type(headers));
    let answer = Refusal { service: Service::Zoom, call, status: status.as_u16(), code: &code, says: &says };
    let meaning = find_meaning(&answer);
    let advice = match meaning {
        Meaning::DailyLimit => over_at(headers, Utc::now()),
        _ => meaning.advice(Service::Zoom).to_owned(),
    };
    let error =
        RemoteError::meant(Service::Zoom, meaning, format!("{call} answered {status}, code {code}: {text}{advice}"));
    match meaning {
        Meaning::TooMany => RemoteError { kind: RemoteKind::RateLimited(pause_of(headers, Utc::now())), ..error },
        _ => error,
    }
}

/// The most that Zoom gives in a page.
const PAGE_SIZE: &str = "300";

/// A list that was read to its end.
#[derive(Debug)]
pub(super) struct List<T> {
    /// What could be read, in Zoom's order.
    pub(super) records: Vec<T>,
    /// The records that could not.
    pub(super) odd: Vec<RemoteError>,
    /// By how much it falls short of what Zoom counts.
    pub(super) short: Option<String>,
}

impl Zoom {
    /// Everything under `field` in the pages of a list. What falls short of the number that Zoom counts is no list, nor is
    /// one of which something cannot be read: a caller that relied on it would take those left out for people who are on no list.
    pub(super) async fn whole_list<T: DeserializeOwned>(
        &self,
        call: &str,
        path: &[&str],
        narrowed: &[(&str, String)],
        field: &str,
    ) -> Result<Vec<T>, RemoteError> {
        let List { records, odd, short } = self.list(call, path, narrowed, field).await?;
        match (odd.into_iter().next(), short) {
            (Some(odd), _) => Err(odd),
            (None, Some(short)) => Err(garbled_list(short)),
            (None, None) => Ok(records),
        }
    }

    /// The same as far as it can be read, with what is wrong with it.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        call: &str,
        path: &[&str],
        narrowed: &[(&str, String)],
        field: &str,
    ) -> Result<List<T>, RemoteError> {
        let unsound = |what: &str| format!("{call} is not complete: {what}");
        let mut list = List { records: Vec::new(), odd: Vec::new(), short: None };
        let (mut paging, mut token) = (Paging::default(), String::new());
        loop {
            let mut query = narrowed.to_vec();
            query.push(("page_size", PAGE_SIZE.to_owned()));
            if !token.is_empty() {
                query.push(("next_page_token", token));
            }
            let mut page: Value = self.get(call, path, &query).await?;
            let Some(Value::Array(records)) = page.get_mut(field).map(Value::take) else {
                return Err(garbled_list(unsound(&format!("there are no {field} in it"))));
            };
            paging.count(records.iter().map(|record| TextHash::of(&record.to_string())));
            for record in records {
                match serde_json::from_value(record) {
                    Ok(record) => list.records.push(record),
                    Err(error) => {
                        list.odd.push(reject_list(unsound(&redact_url(&error.to_string()))));
                    }
                }
            }
            token = next_page_token(&page);
            let total = total_records(&page);
            if token.is_empty() {
                let received = paging.received();
                let short = total.filter(|total| received < *total);
                list.short = short.map(|total| unsound(&format!("Zoom counts {total}, but sent {received}")));
                // where nothing came it is no list
                return list.short.take_if(|_| received == 0).map_or(Ok(list), |short| Err(garbled_list(short)));
            }
            paging.go_on(&token, total).map_err(|why| match why {
                Endless::Circle => reject_list(unsound("the same page came twice")),
                Endless::NothingNew(what) => reject_list(unsound(&what)),
            })?;
        }
    }
}

/// What is wrong with this one list, and says nothing of Zoom as a whole.
fn reject_list(message: String) -> RemoteError {
    RemoteError::new(Service::Zoom, RemoteKind::Rejected, message)
}

fn garbled_list(message: String) -> RemoteError {
    RemoteError::new(Service::Zoom, RemoteKind::Garbled, message)
}

/// What may have been added to a list, or have moved in it, while it is read: as much as a page.
const MEANWHILE: u64 = 300;
/// More records than a list has, whatever Zoom counts.
const MOST: u64 = 500_000;
/// So many pages in a row that bring nothing new, as far as the number of records allows for any.
const IDLE: usize = 20;

/// What has come of a list so far.
#[derive(Debug, Default)]
pub(super) struct Paging {
    tokens: HashSet<String>,
    /// A hash of each record, or of what it goes by.
    seen: TextHashes,
    received: u64,
    idle: usize,
}

/// Why there is no use in asking for the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Endless {
    /// Its token was used before: from the beginning it may go well.
    Circle,
    /// There is no end to it.
    NothingNew(String),
}

impl Paging {
    /// How many records have come, each as often as it came.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Counts the records of a page, by the hash of what each is known by.
    pub(super) fn count(&mut self, names: impl Iterator<Item = TextHash>) {
        let known = self.seen.len();
        for name in names {
            self.seen.insert(name);
            self.received += 1;
        }
        self.idle = if self.seen.len() == known { self.idle + 1 } else { 0 };
    }

    /// Whether there is any use in the page to which `token` leads; `total` is how many records Zoom counts.
    pub(super) fn go_on(&mut self, token: &str, total: Option<u64>) -> Result<(), Endless> {
        if !self.tokens.insert(token.to_owned()) {
            return Err(Endless::Circle);
        }
        let counted = total.map_or(String::new(), |total| format!(", and Zoom counts {total}"));
        let is_beyond = total.is_none_or(|total| self.received >= total);
        if self.idle >= IDLE || (self.idle > 0 && is_beyond) {
            let what =
                format!("after {} records a page brings nothing new and leads to another{counted}", self.received);
            return Err(Endless::NothingNew(what));
        }
        if self.received > total.unwrap_or(MOST).min(MOST) + MEANWHILE {
            return Err(Endless::NothingNew(format!("{} records came and there is no end{counted}", self.received)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Endless, Paging, TextHash};

    /// How many pages are read before it is given up, at most 2000.
    fn pages(total: Option<u64>, page: impl Fn(usize) -> Vec<String>) -> usize {
        let mut paging = Paging::default();
        let more = |number: &usize| {
            paging.count(page(*number).iter().map(|name| TextHash::of(name)));
            paging.go_on(&format!("token {number}"), total).is_ok()
        };
        (0..2000).take_while(more).count()
    }

    /// As soon as they bring nothing new or too much.
    #[test]
    fn endless_pages_are_given_up() {
        let same = |_| vec!["a".to_owned()];
        let new = |number: usize| vec![number.to_string()];
        let large = |number: usize| (0..300).map(|one| format!("{number} {one}")).collect();
        let cases = [
            ("the same page", pages(Some(1), same), 1),
            ("the same page, uncounted", pages(None, same), 1),
            ("the same page, of many", pages(Some(u64::MAX), same), 20),
            ("empty ones", pages(Some(0), |_| Vec::new()), 0),
            ("empty ones, uncounted", pages(None, |_| Vec::new()), 0),
            ("always new", pages(Some(5), new), 305),
            ("large and always new", pages(None, large), 1667),
        ];
        for (what, read, expected) in cases {
            assert_eq!(read, expected, "{what}");
        }
    }

    /// Where more is counted.
    #[test]
    fn repeated_pages_may_have_successors() {
        let mut paging = Paging::default();
        for token in ["a", "b"] {
            paging.count([TextHash::of("a")].into_iter());
            assert_eq!(paging.go_on(token, Some(3)), Ok(()));
        }
        assert_eq!(paging.go_on("b", Some(3)), Err(Endless::Circle));
        assert_eq!(paging.received(), 2);
    }
}
