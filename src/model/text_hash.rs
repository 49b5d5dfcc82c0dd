//! Texts that were seen, by their hashes: a list has tens of thousands, and most of them need not be kept.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

/// A hash of a text, for as long as the program runs. Two texts may share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextHash(u64);

/// Hashes of texts.
pub type TextHashes = HashSet<TextHash, BuildHasherDefault<KeptHash>>;

impl TextHash {
    /// The hash of `text`.
    #[must_use]
    pub fn of(text: &str) -> TextHash {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        TextHash(hasher.finish())
    }
}

/// Takes a hash as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeptHash(u64);

impl Hasher for KeptHash {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }
}
