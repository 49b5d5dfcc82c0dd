//! Addresses: which may be spoken to, and how they are shown.
//!
//! Which addresses may be spoken to.
//!
//! Foreign text made fit for a log: on one line, short, without anything that looks like a secret.

use url::{Host, Url};

use crate::model::one_line;

/// Whether nobody on the way can read along: https, or http that does not leave this machine.
#[must_use]
pub fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// Whether it is on this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Longer than any message worth reading.
const LIMIT: usize = 240;
/// Session strings, tokens and signatures are longer than this; words, UUIDs and entry ids are not.
const SECRET_FROM: usize = 32;

/// Replaces long runs without a break by `…`: Kaltura echoes a whole session in `INVALID_KS`, and upload token ids
/// are as good as secrets.
#[must_use]
pub fn redact_url(text: &str) -> String {
    let mut clean = String::new();
    let mut run = String::new();
    for c in one_line(text).chars() {
        if c.is_ascii_alphanumeric() || "-_+/=.%|".contains(c) {
            run.push(c);
        } else {
            closing_quote(&mut clean, &mut run);
            clean.push(c);
        }
    }
    closing_quote(&mut clean, &mut run);
    if clean.chars().count() > LIMIT {
        clean = clean.chars().take(LIMIT).collect::<String>() + "…";
    }
    clean
}

fn closing_quote(clean: &mut String, run: &mut String) {
    if run.len() < SECRET_FROM || is_uuid(run) {
        clean.push_str(run);
    } else {
        clean.push('…');
    }
    run.clear();
}

fn is_uuid(run: &str) -> bool {
    run.len() == 36 && run.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

#[cfg(test)]
mod tests {
    use super::redact_url;

    #[test]
    fn echoed_sessions_never_get_through() {
        let session = "djJ8MTAyfPZj2alI_Pp8EqB859DLxyOslWAZdVLAdJD61rX7-VkPYTAxEfz9OdWjCUd33yz3U0SZK3vM1XIE==";
        let text = redact_url(&format!("Invalid KS \"{session}\", Error \"-1,INVALID_STR\""));
        assert_eq!(text, "Invalid KS \"…\", Error \"-1,INVALID_STR\"");
    }

    #[test]
    fn ids_that_people_search_for_stay() {
        let text = "Entry id \"1_abcd1234\" of 0b5a3b3c-1c1c-4d4d-8e8e-9f9f9f9f9f9f not found";
        assert_eq!(redact_url(text), text);
    }
}
