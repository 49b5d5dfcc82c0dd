//! Lists of entries, page by page, to their end: all that a list has, or an error.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Kaltura;
use super::wire::{MOST, Number, WireList};
use crate::model::format_count;
use crate::remotes::http::{RemoteError, RemoteKind, Service};

/// The most that Kaltura gives in one page.
const PAGE: u64 = 500;
/// `EntryDisplayInSearchType::SYSTEM`: children are in no list but one that asks for this.
pub(super) const CHILDREN: i64 = -1;
/// Kaltura shows no more than 10000 of a list, and answers an error beyond (facts-kaltura.md#s6).
const PAGES: u64 = 20;
/// So many of a list may come or go while it is read, and a part of it beside.
const CAME: u64 = 1000;
const WENT: u64 = 10;
/// Clocks differ.
const AHEAD: TimeDelta = TimeDelta::days(1);

/// What has come of a list.
#[derive(Debug, Default)]
pub(super) struct Pages {
    known: HashSet<String>,
    announced: Option<u64>,
    /// Of the list as it is asked for now, which may begin in the middle.
    shown: u64,
    page: u64,
    from: Option<i64>,
}

/// What a page brought.
pub(super) struct EntryPage {
    /// What did not come before.
    pub(super) new: Vec<Value>,
    /// Whether the list is at its end.
    pub(super) is_last: bool,
    newest: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PagePosition {
    id: String,
    #[serde(default)]
    created_at: Number,
}

impl Pages {
    /// Takes the next page. One that brings nothing new and is not the last one leads nowhere.
    pub(super) fn take(&mut self, list: WireList<Value>, latest: DateTime<Utc>) -> Result<EntryPage, RemoteError> {
        let (total, came) = (list.total(), list.len());
        let announced = *self.announced.get_or_insert(total.unwrap_or_default());
        self.page += 1;
        self.shown += came;
        let (mut new, mut newest) = (Vec::new(), self.from);
        for object in list.objects {
            let Ok(PagePosition { id, created_at }) = PagePosition::deserialize(&object) else {
                tracing::warn!("media.list showed an entry without an id; it is left alone");
                continue;
            };
            newest = newest.max(created_at.time(latest).map(|time| time.timestamp()));
            if self.known.insert(id) {
                new.push(object);
            }
        }
        if self.known.len() as u64 > announced.saturating_add(announced / 10 + CAME).min(MOST) {
            return Err(unsound_page(&format!(
                "it announced {}, and more and more come",
                format_count(announced, "entry")
            )));
        }
        let is_last = self.is_past(total, came);
        let begins_again = self.page == 1 && self.from.is_some();
        if !is_last && new.is_empty() && !begins_again {
            return Err(unsound_page("more entries exist, but a page brought nothing new"));
        }
        Ok(EntryPage { new, is_last, newest })
    }

    /// Whether the list is at its end. The index may count what the database no longer has; where the number that is counted
    /// can be none, only an empty page is an end.
    fn is_past(&self, total: Option<u64>, came: u64) -> bool {
        let is_over = came == 0 && self.shown > 0;
        total.map_or(is_over, |total| self.shown >= total || (is_over && self.page * PAGE >= total))
    }

    /// Whether so many are missing at the end that the list was cut.
    fn is_cut(&self) -> bool {
        let announced = self.announced.unwrap_or_default();
        (self.known.len() as u64) < announced.saturating_sub(announced / 100 + WENT)
    }
}

impl Kaltura {
    /// Everything in the list of entries that `filter` makes, each entry once, the oldest first. It goes on from the time of
    /// the last one of a page: no list is too long then, and what is deleted meanwhile shifts nothing out of sight.
    pub(super) async fn each_entry(&self, filter: Value, mut take: impl FnMut(Value)) -> Result<(), RemoteError> {
        let mut pages = Pages::default();
        loop {
            let list = self.call("media", "list", page_items(filter.clone(), pages.from, pages.page + 1)).await?;
            let EntryPage { new, is_last, newest } = pages.take(list, self.latest())?;
            new.into_iter().for_each(&mut take);
            if is_last && pages.is_cut() {
                return Err(unsound_page("fewer entries came than were announced"));
            }
            if is_last {
                return Ok(());
            }
            if newest > pages.from {
                (pages.from, pages.page, pages.shown) = (newest, 0, 0);
            } else if pages.page >= PAGES {
                return Err(unsound_page("more entries exist, but Kaltura does not show them"));
            }
        }
    }

    /// A moment from now, by Kaltura's clock where it tells: no time of an entry is later.
    pub(super) fn latest(&self) -> DateTime<Utc> {
        self.now().unwrap_or_else(Utc::now) + AHEAD
    }
}

/// One page of a list, the oldest first.
fn page_items(mut filter: Value, from: Option<i64>, page: u64) -> Value {
    filter["objectType"] = "KalturaMediaEntryFilter".into();
    filter["orderBy"] = "+createdAt".into();
    if let Some(from) = from {
        filter["createdAtGreaterThanOrEqual"] = from.into();
    }
    json!({ "filter": filter, "pager": pager_value(page) })
}

/// The page of a list.
pub(super) fn pager_value(page: u64) -> Value {
    json!({ "objectType": "KalturaFilterPager", "pageSize": PAGE, "pageIndex": page })
}

/// A list that does not add up: it is no list.
fn unsound_page(what: &str) -> RemoteError {
    let message = format!("media.list is not complete: {what}; try again later");
    RemoteError::new(Service::Kaltura, RemoteKind::Garbled, message)
}
