//! The account's recordings, window by window, page by page.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::client::Zoom;
use super::wire::ListingPage;
use crate::http::{RemoteError, RemoteKind, Service};
use crate::model::{Segment, Window};

/// The most that Zoom gives in one page.
const PAGE_SIZE: &str = "300";
/// Zoom clamps a longer range without a word ("the maximum range can be a month").
const LONGEST_WINDOW_DAYS: u64 = 30;

impl Zoom {
    /// Every recording of the account whose meeting began in `window`, each once. All pages are read before anything
    /// is returned, as page tokens live 15 minutes; anything that does not add up is an error, never a shorter list.
    pub async fn recordings(&self, window: Window) -> Result<Vec<Segment>, RemoteError> {
        let mut segments = Vec::new();
        let mut seen = HashSet::new();
        for request in window.spans(LONGEST_WINDOW_DAYS) {
            self.read_pages(request, &mut seen, &mut segments).await?;
        }
        Ok(segments)
    }

    async fn read_pages(
        &self,
        window: Window,
        seen: &mut HashSet<String>,
        segments: &mut Vec<Segment>,
    ) -> Result<(), RemoteError> {
        let mut token = String::new();
        let mut tokens = HashSet::new();
        let mut received = 0_u64;
        loop {
            let page = self.page(window, &token).await?;
            compare_days(window, &page)?;
            received += page.meetings.len() as u64;
            for meeting in page.meetings {
                if seen.insert(meeting.uuid().to_owned()) {
                    segments.extend(meeting.into_segments());
                }
            }
            if page.next_page_token.is_empty() {
                return compare_count(window, page.total_records, received);
            }
            token = page.next_page_token;
            if !tokens.insert(token.clone()) {
                return Err(unsound(window, "the same page came twice"));
            }
        }
    }

    async fn page(&self, window: Window, token: &str) -> Result<ListingPage, RemoteError> {
        let mut query =
            vec![("from", window.from.to_string()), ("to", window.to.to_string()), ("page_size", PAGE_SIZE.to_owned())];
        if !token.is_empty() {
            query.push(("next_page_token", token.to_owned()));
        }
        // `me` is the account of the app itself; its literal id asks for a scope of master accounts
        self.get("the list of recordings", &["accounts", "me", "recordings"], &query).await
    }
}

/// Zoom echoes the days it used, which shows a silent clamp.
fn compare_days(asked: Window, page: &ListingPage) -> Result<(), RemoteError> {
    let differs = |echoed: Option<NaiveDate>, asked| echoed.is_some_and(|day| day != asked);
    if differs(page.from, asked.from) || differs(page.to, asked.to) {
        return Err(unsound(asked, "Zoom answered for other days"));
    }
    Ok(())
}

fn compare_count(window: Window, total: Option<u64>, received: u64) -> Result<(), RemoteError> {
    match total {
        Some(total) if received < total => {
            Err(unsound(window, &format!("Zoom counts {total} meetings and sent {received}")))
        }
        _ => Ok(()),
    }
}

fn unsound(window: Window, what: &str) -> RemoteError {
    let message = format!("the list of recordings from {} to {} is not complete: {what}", window.from, window.to);
    RemoteError::new(Service::Zoom, RemoteKind::Garbled, message)
}
