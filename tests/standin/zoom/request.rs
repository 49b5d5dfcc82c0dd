//! A request, taken apart but not decoded further than needed.

use std::time::Instant;

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use url::form_urlencoded;

use super::super::request_log::Logged;

pub(super) struct Asked {
    pub(super) method: Method,
    /// As sent, percent signs and all.
    pub(super) path: String,
    pub(super) query: Query,
    pub(super) body: String,
    target: String,
    headers: HeaderMap,
}

impl Asked {
    pub(super) fn new(parts: Parts, body: String) -> Asked {
        Asked {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: Query::parse(parts.uri.query().unwrap_or("")),
            body,
            target: parts.uri.to_string(),
            headers: parts.headers,
        }
    }

    /// A header's value, or "" where it is absent.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// What was asked for, with its query.
    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// The token of an `Authorization: Bearer` header.
    pub(super) fn bearer(&self) -> Option<&str> {
        self.header("authorization").strip_prefix("Bearer ")
    }

    pub(super) fn logged(&self, call: &str) -> Logged {
        Logged {
            call: call.to_owned(),
            target: self.target.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            arrived: Instant::now(),
        }
    }
}

/// The parameters of a query or a form.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: &str) -> Query {
        Query(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// A parameter's value; an empty one counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// All but `name`, in an order that does not depend on how it was sent.
    pub(super) fn without(&self, name: &str) -> Vec<(&str, &str)> {
        let others = self.0.iter().filter(|(key, _)| key != name);
        let mut others: Vec<_> = others.map(|(key, value)| (key.as_str(), value.as_str())).collect();
        others.sort_unstable();
        others
    }
}

/// Takes one layer of percent signs off.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        if let (b'%', Some(byte)) = (first, byte) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
