//! What kind of content a file holds and how long it plays, as Kaltura finds out for itself.

use super::store::Stored;

/// The kinds that matter here; everything else is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Video,
    Audio,
    Text,
}

/// What was found in a file.
#[derive(Clone, Copy, Debug)]
pub struct Probe {
    pub kind: Kind,
    /// 0 for content without a length of time.
    pub ms_duration: u64,
}

/// Looks at the first bytes and, in an MP4, at the movie header; none for content of unknown type.
pub fn probe(content: &Stored) -> Option<Probe> {
    let head = content.read_at(0, 512);
    if head.get(4..8) == Some(b"ftyp") {
        let audio = head.get(8..11) == Some(b"M4A");
        let kind = if audio { Kind::Audio } else { Kind::Video };
        let ms_duration = movie_header(content).unwrap_or(0);
        return Some(Probe { kind, ms_duration });
    }
    is_text(&head).then_some(Probe { kind: Kind::Text, ms_duration: 0 })
}

fn is_text(head: &[u8]) -> bool {
    let whole = match std::str::from_utf8(head) {
        Ok(text) => text,
        // the last character may be cut in two
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !whole.is_empty() && whole.chars().all(|c| c >= ' ' || "\t\n\r\u{c}".contains(c))
}

/// The play time in milliseconds that `moov/mvhd` gives.
fn movie_header(content: &Stored) -> Option<u64> {
    let moov = find_box(content, *b"moov", 0, content.length())?;
    let mvhd = find_box(content, *b"mvhd", moov.start, moov.end)?;
    let fields = content.read_at(mvhd.start, 32);
    let (scale, duration) = if *fields.first()? == 1 {
        (number(&fields, 20, 4)?, number(&fields, 24, 8)?)
    } else {
        (number(&fields, 12, 4)?, number(&fields, 16, 4)?)
    };
    duration.checked_mul(1000)?.checked_div(scale)
}

/// The inside of the first box of that name between two offsets.
fn find_box(content: &Stored, name: [u8; 4], from: u64, to: u64) -> Option<std::ops::Range<u64>> {
    let mut at = from;
    while at + 8 <= to {
        let header = content.read_at(at, 16);
        let (head, size) = match number(&header, 0, 4)? {
            0 => (8, to - at),
            1 => (16, number(&header, 8, 8)?),
            size => (8, size),
        };
        if size < head {
            return None;
        }
        let end = at.checked_add(size)?;
        if header.get(4..8) == Some(&name) {
            return Some(at + head..end.min(to));
        }
        at = end;
    }
    None
}

/// A big-endian number inside a header.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let digits = bytes.get(at..at + width)?;
    Some(digits.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}
