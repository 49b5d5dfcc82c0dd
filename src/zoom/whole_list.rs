//! A list of users or groups: all pages, or an error.

use std::collections::HashSet;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::client::Zoom;
use super::wire::{next_page_token, total_records};
use crate::http::{RemoteError, RemoteKind, Service, redacted};

/// The most that Zoom gives in a page.
const PAGE_SIZE: &str = "300";

impl Zoom {
    /// Everything under `field` in the pages of a list. What falls short of the number that Zoom counts is no list.
    pub(super) async fn whole_list<T: DeserializeOwned>(
        &self,
        call: &str,
        path: &[&str],
        narrowed: &[(&str, String)],
        field: &str,
    ) -> Result<Vec<T>, RemoteError> {
        let unsound = |what: String| {
            let message = format!("{call} is not complete: {what}");
            RemoteError::new(Service::Zoom, RemoteKind::Garbled, message)
        };
        let (mut all, mut tokens, mut token) = (Vec::new(), HashSet::new(), String::new());
        loop {
            let mut query = narrowed.to_vec();
            query.push(("page_size", PAGE_SIZE.to_owned()));
            if !token.is_empty() {
                query.push(("next_page_token", token));
            }
            let mut page: Value = self.get(call, path, &query).await?;
            let records = page.get_mut(field).map(Value::take).unwrap_or_default();
            let records: Vec<T> =
                serde_json::from_value(records).map_err(|error| unsound(redacted(&error.to_string())))?;
            all.extend(records);
            token = next_page_token(&page);
            if token.is_empty() {
                return match total_records(&page) {
                    Some(total) if (all.len() as u64) < total => {
                        Err(unsound(format!("Zoom counts {total} and sent {}", all.len())))
                    }
                    _ => Ok(all),
                };
            }
            if !tokens.insert(token.clone()) {
                return Err(unsound("the same page came twice".to_owned()));
            }
        }
    }
}
