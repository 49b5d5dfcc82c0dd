//! Pings of the form that healthchecks.io understands (its documentation, "Pinging API"): `URL/start` when a run begins,
//! `URL` when it ended with 0, `URL/fail` when it did not. `rid`, a UUID, tells which start belongs to which end.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::remotes::http::{Clients, SecretUrl};

/// Where one run pings.
#[derive(Clone, Debug)]
pub struct Pings {
    /// The address, as configured.
    pub url: SecretUrl,
    /// What speaks.
    pub clients: Clients,
    /// The run.
    pub run: String,
    /// So long a ping may take.
    pub limit: Duration,
}

/// What a ping says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A run begins.
    Start,
    /// It ended well.
    Good,
    /// It did not.
    Fail,
}

impl Pings {
    /// Pings once; `text` is shown where pings are looked at. `Err` says why it did not arrive.
    pub async fn ping(&self, signal: Signal, text: String) -> Result<(), String> {
        let below = match signal {
            Signal::Start => Some("start"),
            Signal::Good => None,
            Signal::Fail => Some("fail"),
        };
        let url = self.url.with(below, "rid", &run_uuid(&self.run));
        match self.clients.post(&url, "text/plain; charset=utf-8", text, self.limit).await? {
            200..=299 => Ok(()),
            status => Err(format!("it answered {status}")),
        }
    }
}

/// A UUID of version 8 (RFC 9562) made from the name of a run.
fn run_uuid(run: &str) -> String {
    let hash = Sha256::digest(run.as_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&hash[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let number = u128::from_be_bytes(bytes);
    let text = format!("{number:032x}");
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::run_uuid;

    #[test]
    fn run_names_become_canonical_uuids() {
        let id = run_uuid("20261124T011238764Z-28655");
        assert!(id.split('-').map(str::len).eq([8, 4, 4, 4, 12]), "{id}");
        assert!(id.starts_with(|c: char| c.is_ascii_hexdigit()) && &id[14..15] == "8", "{id}");
        assert!("89ab".contains(&id[19..20]), "{id}");
        assert_eq!(id, run_uuid("20261124T011238764Z-28655"));
        assert_ne!(id, run_uuid("20261124T011238764Z-28656"));
    }
}
