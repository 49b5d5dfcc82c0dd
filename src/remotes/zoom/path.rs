//! The path of a call, of segments of which none can vanish: with `..` for a file id, a call about one file would be one about
//! all files of the meeting.

use std::fmt::Write as _;

/// Longer than any id of Zoom's; a server answers a longer path with an error of its own.
const LONGEST: usize = 512;
/// Zoom decodes a path once, and some ids twice.
const DECODINGS: usize = 3;

/// Why an id cannot be part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoSegment {
    #[error("an empty id")]
    Empty,
    #[error("an id of more than {LONGEST} characters")]
    TooLong,
    #[error("an id with a control character")]
    Control,
    #[error("an id that is a path")]
    Dots,
}

/// The segments, each after a slash, percent-encoded so that each stays one.
pub(super) fn path_of_segments(segments: &[&str]) -> Result<String, NoSegment> {
    let mut path = String::new();
    for segment in segments {
        check_segment(segment)?;
        path.push('/');
        for byte in segment.bytes() {
            // what RFC 3986 lets stand in a segment
            if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte) {
                path.push(byte.into());
            } else {
                let _ = write!(path, "%{byte:02X}");
            }
        }
    }
    Ok(path)
}

/// Whether an id is a path's segment, in whatever way a server between here and there may read it.
fn check_segment(segment: &str) -> Result<(), NoSegment> {
    if segment.is_empty() {
        return Err(NoSegment::Empty);
    }
    if segment.chars().count() > LONGEST {
        return Err(NoSegment::TooLong);
    }
    let mut read = segment.to_owned();
    for _ in 0..DECODINGS {
        if read.chars().any(char::is_control) {
            return Err(NoSegment::Control);
        }
        if read.split(['/', '\\', ';']).any(|part| matches!(part, "." | "..")) {
            return Err(NoSegment::Dots);
        }
        read = percent_decode(&read);
    }
    Ok(())
}

/// One layer of percent signs less.
fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let byte = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{NoSegment, path_of_segments};

    /// What a server splits the path into, each part decoded once.
    fn as_received(file: &str) -> Result<Vec<String>, NoSegment> {
        let mut url = Url::parse("https://api.zoom.example/v2").expect("an address");
        url.set_path(&format!("/v2{}", path_of_segments(&["meetings", "u==", "recordings", file])?));
        assert!(url.query().is_none() && url.fragment().is_none(), "{url}");
        Ok(url.path().split('/').skip(1).map(super::percent_decode).collect())
    }

    /// Or are refused.
    #[test]
    fn ids_stay_one_segment() {
        let long = "x".repeat(10_000);
        let refused = [
            ("", NoSegment::Empty),
            (".", NoSegment::Dots),
            ("..", NoSegment::Dots),
            ("%2E%2e", NoSegment::Dots),
            ("%252E%252E", NoSegment::Dots),
            (".%2e", NoSegment::Dots),
            ("a/..", NoSegment::Dots),
            ("../../users/me", NoSegment::Dots),
            ("a%2F..", NoSegment::Dots),
            ("..\\x", NoSegment::Dots),
            ("..;x", NoSegment::Dots),
            (".\t.", NoSegment::Control),
            ("a\nb", NoSegment::Control),
            ("a%0Ab", NoSegment::Control),
            ("\u{85}", NoSegment::Control),
            (long.as_str(), NoSegment::TooLong),
        ];
        for (id, why) in refused {
            assert_eq!(as_received(id), Err(why), "{id:?}");
        }
        let whole = [
            "35497738-9fef-4f8a-97db-0ec34caef065",
            "abc/d+e==",
            "//a==",
            "...",
            "a..b",
            "a?b#c",
            "a%2Fb",
            "100%",
            "a b",
            "a\\b",
            "ü\u{202e}😀",
            "\"'<>{}|^`",
            "?action=trash",
        ];
        for id in whole {
            assert_eq!(as_received(id), Ok(["v2", "meetings", "u==", "recordings", id].map(str::to_owned).into()));
        }
    }
}
