//! How far a list has been read: each page is to bring something new, so that none goes on for ever.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

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
    seen: HashSet<u64>,
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

    /// Counts the records of a page. A record is known by its field `name`, or as a whole where it has none.
    pub(super) fn count(&mut self, records: &[Value], name: Option<&str>) {
        let known = self.seen.len();
        for record in records {
            let key = name.and_then(|name| record.get(name)).filter(|value| value.is_string()).unwrap_or(record);
            let mut hasher = DefaultHasher::new();
            key.to_string().hash(&mut hasher);
            self.seen.insert(hasher.finish());
        }
        self.received += records.len() as u64;
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
    use serde_json::{Value, json};

    use super::{Endless, Paging};

    /// How many pages are read before it is given up, at most 2000.
    fn pages(total: Option<u64>, page: impl Fn(usize) -> Vec<Value>) -> usize {
        let mut paging = Paging::default();
        let more = |number: &usize| {
            paging.count(&page(*number), Some("uuid"));
            paging.go_on(&format!("token {number}"), total).is_ok()
        };
        (0..2000).take_while(more).count()
    }

    #[test]
    fn pages_without_end_are_given_up_as_soon_as_they_bring_nothing_new_or_too_much() {
        let same = |_| vec![json!({"uuid": "a", "topic": "x"})];
        let other = |number: usize| vec![json!({"uuid": "a", "url": number})];
        let new = |number: usize| vec![json!({"uuid": number.to_string()})];
        let large = |number: usize| (0..300).map(|one| json!({"uuid": format!("{number} {one}")})).collect();
        let cases = [
            ("the same page", pages(Some(1), same), 1),
            ("the same page, uncounted", pages(None, same), 1),
            ("the same recording", pages(Some(1), other), 1),
            ("the same page, of many", pages(Some(u64::MAX), same), 20),
            ("without a name", pages(Some(1), |_| vec![json!({"topic": "x"})]), 1),
            ("empty ones", pages(Some(0), |_| Vec::new()), 0),
            ("empty ones, uncounted", pages(None, |_| Vec::new()), 0),
            ("always new", pages(Some(5), new), 305),
            ("large and always new", pages(None, large), 1667),
        ];
        for (what, read, expected) in cases {
            assert_eq!(read, expected, "{what}");
        }
    }

    #[test]
    fn a_page_that_brings_nothing_new_is_no_end_where_more_is_counted() {
        let mut paging = Paging::default();
        for token in ["a", "b"] {
            paging.count(&[json!({"uuid": "a"})], Some("uuid"));
            assert_eq!(paging.go_on(token, Some(3)), Ok(()));
        }
        assert_eq!(paging.go_on("b", Some(3)), Err(Endless::Circle));
        assert_eq!(paging.received(), 2);
    }
}
