//! A list of users, groups or people: all pages, or an error.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::client::Zoom;
use super::paging::{Endless, Paging};
use super::wire::{next_page_token, total_records};
use crate::http::{RemoteError, RemoteKind, Service, redact_url};

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
    /// one of which something cannot be read: whoever goes by it would take those left out for people who are on no list.
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
            paging.count(&records, None);
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
                list.short = short.map(|total| unsound(&format!("Zoom counts {total} and sent {received}")));
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
