//! What tells one content of an address from another.

use std::sync::Arc;

/// Longer ones are nonsense.
const LONGEST: usize = 256;

/// What a server says of the content that it sends: its `ETag`, else its `Last-Modified` (RFC 9110, section 8.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator(Arc<str>);

impl Validator {
    /// The one that was written down.
    #[must_use]
    pub fn new(text: &str) -> Validator {
        Validator(text.into())
    }

    /// The one of an answer with these headers; `None` where they say nothing that can be compared.
    #[must_use]
    pub fn of(etag: Option<&str>, last_modified: Option<&str>) -> Option<Validator> {
        let is_bounded = |text: &&str| !text.is_empty() && text.len() <= LONGEST;
        let etag = etag.map(str::trim).filter(is_bounded).filter(|text| is_tag(text));
        let date = || last_modified.map(str::trim).filter(is_bounded).filter(|text| !is_tag(text));
        etag.or_else(date).map(Validator::new)
    }

    /// As it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `If-Range` may carry it: no weak tag may (RFC 9110, section 13.1.5).
    #[must_use]
    pub fn may_be_a_condition(&self) -> bool {
        !self.0.starts_with("W/")
    }

    /// Whether both are of one kind, so that they can be compared.
    #[must_use]
    pub fn is_comparable(&self, other: &Validator) -> bool {
        is_tag(&self.0) == is_tag(&other.0)
    }

    /// Whether the other one is of the same content. A tag that became a weak one is still the same.
    #[must_use]
    pub fn is_same(&self, other: &Validator) -> bool {
        opaque_tag(&self.0) == opaque_tag(&other.0)
    }
}

fn opaque_tag(text: &str) -> &str {
    text.strip_prefix("W/").unwrap_or(text)
}

fn is_tag(text: &str) -> bool {
    let text = opaque_tag(text);
    text.len() > 2 && text.starts_with('"') && text.ends_with('"')
}

#[cfg(test)]
mod tests {
    use super::Validator;

    const DATE: &str = "Fri, 20 Nov 2026 09:00:00 GMT";

    /// What is neither says nothing.
    #[test]
    fn tags_come_before_dates() {
        let long = format!("\"{}\"", "x".repeat(300));
        let cases = [
            (Some("\"a\""), Some(DATE), Some("\"a\"")),
            (Some("W/\"a\""), Some(DATE), Some("W/\"a\"")),
            (None, Some(DATE), Some(DATE)),
            (Some(""), Some(DATE), Some(DATE)),
            (Some("\"\""), Some(DATE), Some(DATE)),
            (Some("a"), Some(DATE), Some(DATE)),
            (Some(&long), Some(DATE), Some(DATE)),
            (Some(""), Some(""), None),
            (None, Some("\"a\""), None),
            (None, None, None),
        ];
        for (etag, date, expected) in cases {
            let found = Validator::of(etag, date);
            assert_eq!(found.as_ref().map(Validator::as_str), expected, "{etag:?} {date:?}");
        }
    }

    #[test]
    fn only_validators_alike_are_compared() {
        let cases = [
            ("\"a\"", "\"a\"", true, true),
            ("\"a\"", "W/\"a\"", true, true),
            ("\"a\"", "\"b\"", true, false),
            (DATE, DATE, true, true),
            (DATE, "Fri, 20 Nov 2026 09:00:01 GMT", true, false),
            (DATE, "\"a\"", false, false),
        ];
        for (one, other, comparable, same) in cases {
            let (one, other) = (Validator::new(one), Validator::new(other));
            assert_eq!((one.is_comparable(&other), one.is_same(&other)), (comparable, same), "{one:?} {other:?}");
        }
        assert!(Validator::new("\"a\"").may_be_a_condition() && !Validator::new("W/\"a\"").may_be_a_condition());
    }
}
