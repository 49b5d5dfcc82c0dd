//! How an app token is shown to Kaltura without being sent.

use std::fmt::Write;

use md5::Md5;
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// `KalturaAppTokenHashType`: chosen when the token is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenHash {
    /// Kaltura's default.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
    /// MD5.
    Md5,
}

impl TokenHash {
    /// The hash of a session and the token, in small hexadecimal letters (facts from Kaltura's server code).
    pub(super) fn of(self, session: &str, token: &SecretString) -> String {
        let text = format!("{session}{}", token.expose_secret());
        match self {
            TokenHash::Sha1 => hex(&Sha1::digest(text)),
            TokenHash::Sha256 => hex(&Sha256::digest(text)),
            TokenHash::Sha512 => hex(&Sha512::digest(text)),
            TokenHash::Md5 => hex(&Md5::digest(text)),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::TokenHash;

    #[test]
    fn a_token_is_hashed_as_kaltura_does() {
        let token = SecretString::from("fedcba9876543210fedcba9876543210");
        let cases = [
            (TokenHash::Sha1, "66dd7a3f7b3482c52c52b0f891e70d80a0c12d78"),
            (TokenHash::Sha256, "173342ae906c15daa70fd2aa9f00a7a81ca022dbfa926b809e325457a5d0cea3"),
            (TokenHash::Md5, "30d945cf75279edf31f0a5d53b06cd7d"),
        ];
        for (hash, expected) in cases {
            assert_eq!(hash.of("WIDGETKS", &token), expected, "{hash:?}");
        }
        assert_eq!(TokenHash::Sha512.of("WIDGETKS", &token).len(), 128);
    }
}
