//! What the content network says of the content of a file.

use axum::http::header::{ETAG, HeaderName, LAST_MODIFIED};
use chrono::DateTime;

use super::super::media::Media;
use super::secret::derived;

/// What it says of every file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validators {
    /// An ETag.
    Tags,
    /// A weak ETag, which no `If-Range` may carry.
    WeakTags,
    /// When it was last modified.
    Dates,
    /// Nothing.
    Nothing,
}

/// What it says of one file.
pub(super) enum Validator {
    Tag(String),
    Date(String),
    Nothing,
}

impl Validators {
    pub(super) fn of(self, media: &Media) -> Validator {
        let digits = &derived(format!("{media:?}"))[..32];
        match self {
            Validators::Tags => Validator::Tag(format!("\"{digits}\"")),
            Validators::WeakTags => Validator::Tag(format!("W/\"{digits}\"")),
            Validators::Dates => {
                let seconds = i64::from_str_radix(&digits[..6], 16).expect("six digits");
                let time = DateTime::from_timestamp(1_780_000_000 + seconds, 0).expect("a time");
                Validator::Date(time.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
            }
            Validators::Nothing => Validator::Nothing,
        }
    }
}

impl Validator {
    pub(super) fn header(&self) -> Option<(HeaderName, &str)> {
        match self {
            Validator::Tag(tag) => Some((ETAG, tag)),
            Validator::Date(date) => Some((LAST_MODIFIED, date)),
            Validator::Nothing => None,
        }
    }

    /// Whether `If-Range` is true of it: no weak tag is (RFC 9110, section 13.1.5).
    pub(super) fn is_met_by(&self, condition: &str) -> bool {
        match self {
            Validator::Tag(tag) => !tag.starts_with("W/") && tag == condition,
            Validator::Date(date) => date == condition,
            Validator::Nothing => false,
        }
    }
}
