//! Bytes on disk, where there are many: an upload can be larger than the memory of a test machine.

use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

use super::super::media::hex;

/// More bytes than these are on disk.
const IN_MEMORY: usize = 1 << 20;
/// So many bytes are read at a time.
const PIECE: u64 = 1 << 20;

/// A nameless file that goes away with its owner.
pub struct Stored {
    file: Mutex<SpooledTempFile>,
    length: u64,
    /// What lies beyond is counted, not kept.
    kept: u64,
    /// Its hash, once somebody asked for it, until more bytes come.
    hash: OnceLock<String>,
}

impl Stored {
    /// A file without a byte.
    pub fn empty() -> Stored {
        Stored::keeping(u64::MAX)
    }

    /// The same; of what comes it keeps so many bytes from the beginning on, and counts the others.
    pub fn keeping(kept: u64) -> Stored {
        let file = Mutex::new(SpooledTempFile::new(IN_MEMORY));
        Stored { file, length: 0, kept, hash: OnceLock::new() }
    }

    /// A file of `length` zeros that takes no room.
    pub fn sparse(length: u64) -> Stored {
        let stored = Stored::empty();
        stored.file().set_len(length).expect("a file system that knows sparse files");
        Stored { length, ..stored }
    }

    /// How many bytes it holds.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Adds bytes at the end.
    pub fn push(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).expect("a length that fits");
        let kept = length.min(self.kept.saturating_sub(self.length));
        if kept > 0 {
            self.write(self.length, &bytes[..kept as usize]);
        }
        self.length += length;
        self.hash = OnceLock::new();
    }

    /// Writes all of `part` from `offset` on; what is there is overwritten, the rest stays.
    pub fn write_at(&mut self, offset: u64, part: &Stored) {
        if offset < self.kept {
            let mut at = 0;
            while at < part.length {
                let bytes = part.read_at(at, PIECE);
                if bytes.is_empty() {
                    break;
                }
                self.write(offset + at, &bytes);
                at += bytes.len() as u64;
            }
        }
        self.length = self.length.max(offset + part.length);
        self.hash = OnceLock::new();
    }

    /// Up to `wanted` bytes from `offset` on, fewer at the end.
    pub fn read_at(&self, offset: u64, wanted: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut file = self.file();
        file.seek(SeekFrom::Start(offset)).expect("a file to seek in");
        (&mut *file).take(wanted).read_to_end(&mut bytes).expect("a file that can be read");
        bytes
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        let mut file = self.file();
        file.seek(SeekFrom::Start(offset)).expect("a file to seek in");
        file.write_all(bytes).expect("room for what is uploaded");
    }

    fn file(&self) -> MutexGuard<'_, SpooledTempFile> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The hash of the whole, in hex.
    pub fn sha256(&self) -> String {
        self.hash.get_or_init(|| self.hashed()).clone()
    }

    fn hashed(&self) -> String {
        let mut hash = Sha256::new();
        let mut at = 0;
        while at < self.length {
            let bytes = self.read_at(at, PIECE);
            hash.update(&bytes);
            at += u64::try_from(bytes.len()).expect("a length that fits");
        }
        hex(&hash.finalize())
    }
}

/// The hash of a text, in hex.
pub fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}
