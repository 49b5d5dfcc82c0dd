//! Values nobody can guess, and the list of those that nobody else may see.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Mutex;

use sha2::{Digest, Sha256};

use super::super::media::hex;
use super::state::held;

/// The secrets that were handed out so far.
#[derive(Default)]
pub(super) struct Secrets(Mutex<Vec<String>>);

impl Secrets {
    /// A new one, looking like a signed web token.
    pub(super) fn token(&self) -> String {
        self.keep(format!("eyJhbGciOiJIUzUxMiJ9.{}.{}", random(), random()))
    }

    /// A new one of hexadecimal digits.
    pub(super) fn digits(&self) -> String {
        self.keep(random())
    }

    pub(super) fn all(&self) -> Vec<String> {
        held(&self.0).clone()
    }

    fn keep(&self, secret: String) -> String {
        held(&self.0).push(secret.clone());
        secret
    }
}

/// 64 digits that nobody can guess: every `RandomState` has keys of its own, seeded by the system.
pub(super) fn random() -> String {
    let words = [(); 4].map(|()| RandomState::new().hash_one("zoom").to_le_bytes());
    derived(words.concat())
}

/// Looks random, but follows from `seed`: the same in every run.
pub(super) fn derived(seed: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(seed))
}
