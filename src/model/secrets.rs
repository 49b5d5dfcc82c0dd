//! Secrets recognised by their shape, no matter who wrote them: a text that quotes one holds `…` in its place.
//!
//! Meeting UUIDs, entry ids, file ids and reference ids are of none of these shapes.

use std::ops::Range;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use regex::Regex;

/// A kind of secret.
struct SecretShape {
    /// What it looks like; the group `secret` is masked.
    pattern: &'static str,
    /// Whether a text, given in small letters, can hold one at all: most cannot, and to make a pattern from its text takes as
    /// long as the rest of a program's start.
    may_be_in: fn(&str) -> bool,
    /// Whether what was found is one indeed.
    is_one: fn(&str) -> bool,
    /// Whether it may have been cut into parts, each of which is as good as a secret.
    parted: bool,
}

/// A session or token begins where a word does, or behind an escaped character.
macro_rules! begin {
    () => {
        r"(?:^|[^A-Za-z0-9]|%(?:25)*[0-9A-Fa-f]{2}|\\[a-z]|\\u[0-9A-Fa-f]{4})"
    };
}

/// A character of base64 in either alphabet, of what parts a JWT, or an escaped one of them.
macro_rules! body {
    () => {
        r"(?:[A-Za-z0-9+/_=.-]|%(?:25)*(?:2[BbDdEeFf]|3[Dd]|5[Ff])|\\/|\\u00(?:2[BbFf]|3[Dd]))"
    };
}

/// Names of secrets in queries, headers, forms and JSON: OAuth, Kaltura's parameters, signed addresses
/// of Amazon's.
macro_rules! named {
    () => {
        r"(?:access_?token|refresh_?token|id_?token|download_?token|client_?secret|admin_?secret|user_?secret|secret|token|token_?hash|upload_?token_?id|ks|zak|pass_?code|password|passwd|pwd|recording_play_passcode|signature|policy|key-pair-id|x-amz-signature|x-amz-security-token|x-amz-credential)"
    };
}

/// The next shape is a line here, with one in the table of `tests/it/secrecy.rs`.
const SHAPES: [SecretShape; 9] = [
    // a Kaltura session: base64 of "v2|"
    SecretShape {
        pattern: concat!(begin!(), "(?P<secret>djJ8", body!(), "{4,})"),
        may_be_in: |text| text.contains("djj8"),
        is_one: is_no_uuid,
        parted: true,
    },
    // an older one: base64 of a SHA-1 in hex and "|"
    SecretShape {
        pattern: r"(?P<secret>[A-Za-z0-9+/_-]{56,}=*)",
        may_be_in: has_long_word,
        is_one: is_old_session,
        parted: true,
    },
    // a JWT: base64 of `{"`
    SecretShape {
        pattern: concat!(begin!(), "(?P<secret>eyJ", body!(), "{4,})"),
        may_be_in: |text| text.contains("eyj"),
        is_one: is_no_uuid,
        parted: true,
    },
    SecretShape {
        pattern: r#"(?i)authorization[\s"'\\:=]+(?:bearer|basic)[\s:=+"'\\]+(?P<secret>[^\s"'&,;<>\\]+)"#,
        may_be_in: |text| text.contains("authorization"),
        is_one: holds_any,
        parted: false,
    },
    SecretShape {
        pattern: r#"(?i)\b(?:bearer|basic)(?:[\s:=+"'\\]|%20|%3A)+(?P<secret>[^\s"'&,;<>\\)]+)"#,
        may_be_in: |text| text.contains("bearer") || text.contains("basic"),
        is_one: is_no_word,
        parted: false,
    },
    // in a query or a form
    SecretShape {
        pattern: concat!(
            r"(?i)(?:^|[^a-z0-9_.]|%(?:25)*[0-9a-f]{2}|\\[a-z])",
            named!(),
            r#"(?:=|%(?:25)*3D)["'\\]*(?P<secret>[^\s"'&,;<>()\\]+)"#
        ),
        may_be_in: |text| text.contains(['=', '%']) && has_name(text),
        is_one: holds_any,
        parted: false,
    },
    // in JSON, also in JSON within JSON
    SecretShape {
        pattern: concat!(r"(?i)", named!(), r#"\\*["']\s*:\s*\\*["'](?P<secret>[^\s"'&,;<>()\\]+)"#),
        may_be_in: |text| text.contains(':') && text.contains(['"', '\'']) && has_name(text),
        is_one: holds_any,
        parted: false,
    },
    // in words
    SecretShape {
        pattern: concat!(
            r"(?i)(?:^|[^a-z0-9_.]|%(?:25)*[0-9a-f]{2}|\\[a-z])",
            named!(),
            r#"\s*[:=]\s*["']?(?P<secret>[^\s"'&,;<>()\\]+)"#
        ),
        may_be_in: |text| text.contains([':', '=']) && has_name(text),
        is_one: is_no_word,
        parted: false,
    },
    // the id of an upload token, which is as good as a secret
    SecretShape {
        pattern: r"\b(?P<secret>[0-9]{1,3}_[0-9a-f]{12,32})\b",
        may_be_in: has_hex_after_underscore,
        is_one: holds_any,
        parted: false,
    },
];

/// The patterns, each from when a text came that can hold it.
static PATTERNS: [OnceLock<Option<Regex>>; SHAPES.len()] = [const { OnceLock::new() }; SHAPES.len()];

fn secret_pattern(number: usize) -> Option<&'static Regex> {
    // a test makes sure that each is a pattern
    PATTERNS[number].get_or_init(|| Regex::new(SHAPES[number].pattern).ok()).as_ref()
}

/// Whether a text in small letters has a part of every name of a secret that it holds.
fn has_name(text: &str) -> bool {
    let parts = ["token", "secret", "ks", "zak", "pass", "pwd", "signature", "policy", "key-pair-id", "credential"];
    parts.iter().any(|part| text.contains(part))
}

fn has_long_word(text: &str) -> bool {
    text.split(|c: char| !is_of_body(c)).any(|word| word.len() >= 56)
}

fn has_hex_after_underscore(text: &str) -> bool {
    let begins_so = |rest: &str| rest.bytes().take_while(u8::is_ascii_hexdigit).count() >= 12;
    text.split('_').skip(1).any(begins_so)
}

/// In the small letters that `(?i)` takes for the same: two letters beyond ASCII are among them.
fn in_small_letters(text: &str) -> String {
    text.to_lowercase().replace('ſ', "s")
}

/// The text with `…` in place of what has the shape of a secret.
#[must_use]
pub fn masked(text: &str) -> String {
    mask_secrets(text, true)
}

/// The same where a text holds several values: what stands behind a secret is none of its parts.
#[must_use]
pub fn masked_values(text: &str) -> String {
    mask_secrets(text, false)
}

fn mask_secrets(text: &str, parts: bool) -> String {
    let mut masked = text.to_owned();
    let small = in_small_letters(text);
    for (number, shape) in SHAPES.iter().enumerate().filter(|(_, shape)| (shape.may_be_in)(&small)) {
        let Some(pattern) = secret_pattern(number) else { continue };
        let mut found = secrets(&masked, pattern, shape, parts && shape.parted);
        while let Some(place) = found.pop() {
            masked.replace_range(place, "…");
        }
    }
    masked
}

/// Where they are, from left to right.
fn secrets(text: &str, pattern: &Regex, shape: &SecretShape, parts: bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let places = pattern.captures_iter(text).filter_map(|captures| captures.name("secret"));
    for place in places.filter(|place| (shape.is_one)(place.as_str())) {
        // a full stop ends a sentence, not a secret
        let length = place.as_str().trim_end_matches('.').len();
        let end = place.start() + length;
        let place = place.start()..if parts { end_of_parts(text, end, length) } else { end };
        match found.last_mut() {
            Some(last) if place.start < last.end => last.end = last.end.max(place.end),
            _ => found.push(place),
        }
    }
    found
}

/// More characters between two parts of a secret are none that somebody cut it with.
const WIDEST_GAP: usize = 4;

/// Where a secret ends whose first part, of `length`, ends at `end`: what follows is a part too where it looks like base64,
/// or is as long as the first and parted by the same.
fn end_of_parts(text: &str, mut end: usize, length: usize) -> usize {
    let mut gap_before = None;
    loop {
        let rest = &text[end..];
        let gap = rest.find(is_of_body).unwrap_or(rest.len());
        let part = &rest[gap..];
        let part = &part[..part.find(|c| !is_of_body(c)).unwrap_or(part.len())];
        // a further pair of a query
        let is_pair = part.trim_end_matches('=').contains('=');
        if is_pair || gap == 0 || rest[..gap].chars().count() > WIDEST_GAP || part.is_empty() {
            return end;
        }
        let is_alike = gap_before.is_none_or(|before| before == &rest[..gap]);
        let is_last = gap_before.is_some() && part.len() < length && ends_here(&rest[gap + part.len()..]);
        if !(is_base64(part) || (is_alike && (part.len() == length || is_last))) {
            return end;
        }
        gap_before = Some(&rest[..gap]);
        end += gap + part.len();
    }
}

fn is_of_body(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/_=.-%".contains(c)
}

/// Whether no word of the same sentence follows.
fn ends_here(rest: &str) -> bool {
    !rest.trim_start_matches(['"', '\'', ')', ']', '}', '.']).starts_with(|c: char| c == ' ' || c.is_alphanumeric())
}

/// Whether a part looks like base64, and not like a word, an instant or an id that people search for.
fn is_base64(part: &str) -> bool {
    let (mut chars, has) = (part.chars(), |is: fn(&char) -> bool| part.chars().any(|c| is(&c)));
    let capitals = chars.by_ref().skip(1).any(|c| c.is_ascii_uppercase());
    let mixed = has(char::is_ascii_lowercase) && (capitals || has(char::is_ascii_digit));
    let is_entry = part.split_once('_').is_some_and(|(center, id)| {
        center.chars().all(|c| c.is_ascii_digit()) && id.len() == 8 && !id.contains(|c: char| c.is_ascii_uppercase())
    });
    part.len() >= 4 && mixed && !is_entry && is_no_uuid(part) && part.matches('-').count() != 4
}

fn holds_any(_: &str) -> bool {
    true
}

/// Whether it is longer than a meeting's UUID, or otherwise formed: 16 bytes in base64.
fn is_no_uuid(found: &str) -> bool {
    found.get(22..24) != Some("==") || found.find('=') != Some(22)
}

/// Whether it is nothing that people write in a sentence.
fn is_no_word(found: &str) -> bool {
    let letters = found.trim_end_matches(['.', ':', '!', '?', ')']);
    let word =
        letters.char_indices().all(|(at, c)| c.is_ascii_lowercase() || (at == 0 && c.is_alphabetic()) || c == '-');
    letters.len() >= 6 && !word && letters != "…"
}

fn is_old_session(found: &str) -> bool {
    let begin = &found[..56];
    let alphabet = if begin.contains(['-', '_']) { URL_SAFE } else { STANDARD };
    GeneralPurpose::new(&alphabet, NO_PAD)
        .decode(begin)
        .is_ok_and(|bytes| bytes[..40].iter().all(u8::is_ascii_hexdigit) && bytes[40] == b'|')
}

#[cfg(test)]
mod tests {
    use super::{SHAPES, in_small_letters, masked, secret_pattern};

    const SESSION: &str = "djJ8MTAyfPZj2alI_Pp8EqB859DLxyOslWAZdVLAdJD61rX7-VkPYTAxEfz9OdWjCUd33yz3U0SZK3vM1XIE==";
    const JWT: &str =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV";

    #[test]
    fn every_shape_is_a_pattern() {
        assert!((0..SHAPES.len()).all(|number| secret_pattern(number).is_some()));
    }

    /// A pattern finds nothing in a text that its quick check rules out.
    #[test]
    fn quick_checks_miss_no_pattern() {
        let names = named!().trim_start_matches("(?:").trim_end_matches(')').split('|');
        let names = names.flat_map(|name| [name.replace("_?", "_"), name.replace("_?", "")]);
        let names = names.chain(["authorization: bearer", "basic"].map(str::to_owned));
        let old = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2N3wxMDI7";
        let values = ["abc123", SESSION, JWT, old, "102_0123456789abcdef", "a"];
        let capitals = |name: &str| name.to_uppercase();
        let beyond_ascii = |name: &str| name.replace('k', "\u{212a}").replace('s', "ſ");
        let mut found = [0; SHAPES.len()];
        for name in names.flat_map(|name| [capitals(&name), beyond_ascii(&name), name]) {
            for between in ["=", "%3D", "%253d", ": ", "\": \"", "\\\":\\\"", " ", "+"] {
                for text in values.map(|value| format!("?{name}{between}{value}")) {
                    let small = in_small_letters(&text);
                    for (number, shape) in SHAPES.iter().enumerate() {
                        if secret_pattern(number).is_some_and(|pattern| pattern.is_match(&text)) {
                            assert!((shape.may_be_in)(&small), "{text} holds {}", shape.pattern);
                            found[number] += 1;
                        }
                    }
                }
            }
        }
        assert!(found.iter().all(|found| *found > 0), "{found:?}");
    }

    /// Every one in which somebody may quote them.
    #[test]
    fn secrets_are_masked_in_every_form() {
        let cases = [
            (
                format!("Invalid KS \"{SESSION}\", Error \"-1,INVALID_STR\""),
                "Invalid KS \"…\", Error \"-1,INVALID_STR\"",
            ),
            (format!("ks={SESSION}&format=1"), "ks=…&format=1"),
            (format!("/p/102/ks/{SESSION}"), "/p/102/ks/…"),
            ("https://k/?x=%22djJ8MTAyfPZj2alI%2Bp8Eq%3D%3D%22 failed".to_owned(), "https://k/?x=%22…%22 failed"),
            ("q=%2522djJ8MTAyfPZj2alI%252Bp8Eq%253D%253D".to_owned(), "q=%2522…"),
            ("Invalid KS djJ8MTAyfPZ".to_owned(), "Invalid KS …"),
            ("Invalid KS djJ8MTAyfPZj2alI.".to_owned(), "Invalid KS …."),
            (r#"{\"ks\":\"djJ8MTAyfPZj2a\/lI\"}"#.to_owned(), r#"{\"ks\":\"…\"}"#),
            (format!("token {JWT} expired"), "token … expired"),
            ("cut eyJhbGciOiJIUzI".to_owned(), "cut …"),
            ("Authorization: Bearer abc".to_owned(), "Authorization: Bearer …"),
            ("authorization: Basic Y2xpZW50OnNlY3JldA== refused".to_owned(), "authorization: Basic … refused"),
            ("header 'Bearer s3cr3t'".to_owned(), "header 'Bearer …'"),
            ("GET /rec?access_token=abc&x=1".to_owned(), "GET /rec?access_token=…&x=1"),
            ("GET /rec%3Faccess_token%3Dabc".to_owned(), "GET /rec%3Faccess_token%3D…"),
            ("f.mp4?Policy=a1&Signature=b2&Key-Pair-Id=c3".to_owned(), "f.mp4?Policy=…&Signature=…&Key-Pair-Id=…"),
            (r#"{"access_token":"abc","scope":"x"}"#.to_owned(), r#"{"access_token":"…","scope":"x"}"#),
            ("password: hunter2".to_owned(), "password: …"),
            ("token \"1_0123456789abcdef0123456789abcdef\" is closed".to_owned(), "token \"…\" is closed"),
            ("cut 1_0123456789abcdef".to_owned(), "cut …"),
        ];
        for (text, shown) in cases {
            assert_eq!(masked(&text), shown);
            assert_eq!(masked(shown), shown, "a second time");
        }
    }

    #[test]
    fn parts_of_secrets_are_masked() {
        for secret in [SESSION, JWT] {
            for gap in [" ", "  ", "\n", ", ", ": ", "\" \"", "|", "\\n", "*"] {
                for length in [12, 19, 20, 31] {
                    let parts: Vec<_> =
                        secret.as_bytes().chunks(length).map(|part| String::from_utf8_lossy(part)).collect();
                    let text = format!("Invalid KS \"{}\"", parts.join(gap));
                    let shown = masked(&text);
                    assert!(parts.iter().all(|part| !shown.contains(&**part)), "{text} became {shown}");
                }
            }
        }
    }

    #[test]
    fn old_sessions_show_by_their_beginning() {
        use base64::prelude::{BASE64_STANDARD, Engine as _};
        let session = BASE64_STANDARD.encode("0123456789abcdef0123456789abcdef01234567|102;102;1777777777;2;0.5;user;");
        assert_eq!(masked(&format!("Invalid KS {session}")), "Invalid KS …");
    }

    #[test]
    fn ordinary_text_and_ids_stay() {
        for text in [
            "Entry id \"1_abcd1234\" of 0b5a3b3c-1c1c-4d4d-8e8e-9f9f9f9f9f9f not found",
            "the meeting djJ8AAAAAAAAAAAAAAAAAA== of 2026-11-28T01:02:03Z",
            "Zoom_eyJAAAAAAAAAAAAAAAAAAA==2026-11-28T01:02:03Z#0b5a3b3c-1c1c-4d4d-8e8e-9f9f9f9f9f9f",
            "a bearer token is missing, the basic rule, bearer: none",
            "check zoom.account_id, zoom.client_id and the client secret: it must not be empty",
            "zoom.client_secret: the file zoom-secret cannot be read",
            "sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef differs",
            "/var/lib/zoom2kaltura/a-folder-whose-name-is-longer-than-anybody-would-believe-it-to-be/ledger.db",
            "cloud_recording:read:list_account_recordings:admin",
            "token: missing",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn text_behind_a_secret_stays() {
        let text = format!("Invalid KS {SESSION} for entry 1_abcd1234 of abcdefghijklmnopqrstuv==, look at 0_zzzz9999");
        assert_eq!(masked(&text), text.replace(SESSION, "…"));
        let text = format!("{SESSION} 1_abcd1234 was refused");
        assert_eq!(masked(&text), "… 1_abcd1234 was refused");
    }
}
