//! Real media of any size, of which only the first few kilobytes are held in memory.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{LazyLock, Mutex, PoisonError};

use axum::body::Bytes;
use futures_util::{Stream, stream};
use sha2::{Digest, Sha256};

const MP4: &[u8] = include_bytes!("../fixtures/lecture.mp4");
const M4A: &[u8] = include_bytes!("../fixtures/lecture.m4a");
const TRANSCRIPT: &[u8] = include_bytes!("../fixtures/transcript.vtt");
const CHAT: &[u8] = include_bytes!("../fixtures/chat.txt");
const TIMELINE: &[u8] = br#"{"timeline":[{"ts":"00:00:01.000","users":[]}]}"#;

const SUMMARY: &[u8] = br#"{"overview":"Optics","items":[{"label":"Lenses","text":"How they bend light"}]}"#;
const POLL: &[u8] = b"#,User Name,Question,Answer\r\n1,Ada,Is light a wave?,Yes\r\n";

const PIECE: u64 = 64 * 1024;
/// The padding comes in pages, each of which begins with its number.
const PAGE: u64 = 512;

/// A file: a few real bytes, and behind them as much padding as wanted, made up while it is read.
#[derive(Clone)]
pub struct Media {
    head: Bytes,
    padding: u64,
    salt: u64,
    /// Whether its length of time was chosen.
    timed: bool,
}

impl Media {
    /// Ten seconds of H.264 and AAC, its `moov` box in front.
    pub fn mp4() -> Media {
        Media::of(MP4)
    }

    /// Ten seconds of AAC.
    pub fn m4a() -> Media {
        Media::of(M4A)
    }

    /// A `WebVTT` transcript.
    pub fn vtt() -> Media {
        Media::of(TRANSCRIPT)
    }

    /// A chat as Zoom saves it.
    pub fn chat() -> Media {
        Media::of(CHAT)
    }

    /// A timeline as Zoom saves it, JSON.
    pub fn timeline() -> Media {
        Media::of(TIMELINE)
    }

    /// A summary by Zoom's AI, JSON.
    pub fn summary() -> Media {
        Media::of(SUMMARY)
    }

    /// Answers to polls, CSV.
    pub fn poll() -> Media {
        Media::of(POLL)
    }

    /// What somebody else made of a text.
    pub fn text(text: &str) -> Media {
        Media::with_head(Bytes::copy_from_slice(text.as_bytes()))
    }

    fn of(bytes: &'static [u8]) -> Media {
        Media::with_head(Bytes::from_static(bytes))
    }

    fn with_head(head: Bytes) -> Media {
        Media { head, padding: 0, salt: 0, timed: false }
    }

    /// Makes an MP4 or M4A `total` bytes long by a `free` box at its end, which players skip.
    #[must_use]
    pub fn padded_to(mut self, total: u64) -> Media {
        assert!(self.padding == 0, "padded once already");
        assert!(self.head.get(4..8) == Some(b"ftyp"), "only a file made of boxes can be padded");
        let size = total.checked_sub(self.len()).expect("a size beyond that of the file itself");
        let mut head = self.head.to_vec();
        if let Ok(size) = u32::try_from(size) {
            head.extend_from_slice(&size.to_be_bytes());
            head.extend_from_slice(b"free");
        } else {
            // a size of 1 says that the true one follows, in 64 bits
            head.extend_from_slice(&1_u32.to_be_bytes());
            head.extend_from_slice(b"free");
            head.extend_from_slice(&size.to_be_bytes());
        }
        self.head = Bytes::from(head);
        self.padding = total.checked_sub(length(&self.head)).expect("room for the header of a box");
        self
    }

    /// Mixes `salt` into the padding, so that files of one size differ. Without padding it changes nothing.
    #[must_use]
    pub fn salted(mut self, salt: u64) -> Media {
        self.salt = salt;
        self
    }

    /// Says in the header of an MP4 or M4A that it lasts so long; there is no more to see than before.
    #[must_use]
    pub fn lasting(mut self, seconds: u32) -> Media {
        let mut head = self.head.to_vec();
        let name = head.windows(4).position(|four| four == b"mvhd").expect("a file with an mvhd box");
        assert!(head[name + 4] == 0, "an mvhd box of version 0, whose fields have 32 bits");
        // version and flags, creation, modification, time scale, duration: four bytes each
        let (scale_at, duration_at) = (name + 16, name + 20);
        let scale = u32::from_be_bytes(head[scale_at..duration_at].try_into().expect("four bytes"));
        let duration = scale.checked_mul(seconds).expect("a duration that fits into 32 bits");
        head[duration_at..duration_at + 4].copy_from_slice(&duration.to_be_bytes());
        self.head = Bytes::from(head);
        self.timed = true;
        self
    }

    /// The same for an MP4 or M4A of which nothing else was said.
    #[must_use]
    pub fn lasting_unless_said(self, seconds: u32) -> Media {
        if self.timed || self.head.get(4..8) != Some(b"ftyp") { self } else { self.lasting(seconds) }
    }

    /// Its size in bytes.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> u64 {
        length(&self.head) + self.padding
    }

    /// The bytes from `offset` on, at most `len` of them, fewer at the end.
    pub fn read(&self, offset: u64, len: u64) -> Bytes {
        let end = offset.saturating_add(len).min(self.len());
        if offset >= end {
            return Bytes::new();
        }
        let in_head = |at: u64| usize::try_from(at.min(length(&self.head))).expect("an offset that fits");
        let head = self.head.slice(in_head(offset)..in_head(end));
        if length(&head) == end - offset {
            return head;
        }
        let mut bytes = Vec::with_capacity(usize::try_from(end - offset).expect("a piece that fits into memory"));
        bytes.extend_from_slice(&head);
        let mut at = offset + length(&head);
        while at < end {
            let page = self.page(at / PAGE);
            let first = at % PAGE;
            let last = PAGE.min(first + end - at);
            let part = |at: u64| usize::try_from(at).expect("at most a page");
            bytes.extend_from_slice(&page[part(first)..part(last)]);
            at += last - first;
        }
        Bytes::from(bytes)
    }

    /// The padding's page at a place in the file: it differs from all others, and each of its words from its neighbours, so
    /// that bytes which were lost, shifted or repeated on their way show in the hash.
    fn page(&self, place: u64) -> [u8; PAGE as usize] {
        static WORDS: LazyLock<[u8; PAGE as usize]> = LazyLock::new(|| {
            let word = |at: usize| (at as u64 / 8 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes()[at % 8];
            std::array::from_fn(word)
        });
        let mut page = *WORDS;
        let number = (place + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ self.salt.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        page[..8].copy_from_slice(&number.to_le_bytes());
        page
    }

    /// The bytes from `from` up to but without `to`, in pieces of 64 KiB.
    pub fn stream(&self, from: u64, to: u64) -> impl Stream<Item = Result<Bytes, io::Error>> + use<> {
        let (media, end) = (self.clone(), to.min(self.len()));
        stream::unfold(from, move |at| {
            let piece = media.read(at, PIECE.min(end.saturating_sub(at)));
            async move { (!piece.is_empty()).then(|| (Ok(piece.clone()), at + length(&piece))) }
        })
    }

    /// The SHA-256 of all its bytes, in hexadecimal digits.
    pub fn sha256(&self) -> String {
        // by what determines the bytes: tests look at the same few files again and again
        type Hashes = HashMap<([u8; 32], u64, u64), String>;
        static KNOWN: LazyLock<Mutex<Hashes>> = LazyLock::new(Mutex::default);
        let head: [u8; 32] = Sha256::digest(&self.head).into();
        if self.padding == 0 {
            return hex(&head);
        }
        let key = (head, self.padding, self.salt);
        let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hash) = known().get(&key) {
            return hash.clone();
        }
        let mut hash = Sha256::new();
        let mut at = 0;
        while at < self.len() {
            let piece = self.read(at, PIECE);
            hash.update(&piece);
            at += length(&piece);
        }
        let hash = hex(&hash.finalize());
        known().insert(key, hash.clone());
        hash
    }
}

/// What determines the bytes, not the bytes.
impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media")
            .field("head", &hex(&Sha256::digest(&self.head)))
            .field("padding", &self.padding)
            .field("salt", &self.salt)
            .finish()
    }
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).expect("a length that fits")
}
