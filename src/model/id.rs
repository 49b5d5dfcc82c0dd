//! Ids as types of their own, so that one cannot be taken for another. A copy of one shares its text: a list has tens of
//! thousands, and facts, plan and ledger each name them.
//!
//! When a recording began: how that is spelt, and how far it is believed.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the id as the remote side gave it.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The id as the remote side gave it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// Zoom's id of one meeting instance: base64, may hold `/`, `+` and `=`.
    MeetingUuid
);
text_id!(
    /// Zoom's id of one recording file, or a stable hash where Zoom gives none.
    FileId
);
text_id!(
    /// Zoom's id of the user who hosted a meeting.
    HostId
);
text_id!(
    /// A Kaltura entry.
    EntryId
);
text_id!(
    /// A Kaltura user id, in the spelling Kaltura itself gave.
    KalturaUserId
);

impl KalturaUserId {
    /// Whether Kaltura takes `id` for the same: it looks neither at letter case nor at blanks around
    /// (facts-kaltura.md#k10, facts-kaltura.md#k32).
    #[must_use]
    pub fn is_also(&self, id: &str) -> bool {
        self.0.trim().to_lowercase() == id.trim().to_lowercase()
    }
}
text_id!(
    /// The mark on a Kaltura entry that names the segment it is a copy of.
    ReferenceId
);

impl FileId {
    /// A stable id for a file to which Zoom gives none.
    #[must_use]
    pub fn made_of(parts: &[&str]) -> FileId {
        FileId(parts.join("#").into())
    }

    /// Whether Zoom knows the file by this id.
    #[must_use]
    pub fn is_given_by_zoom(&self) -> bool {
        !self.0.contains('#')
    }
}

impl ReferenceId {
    /// A mark as it is written: what is not ASCII is percent-encoded, as Kaltura garbles some of it
    /// (facts-kaltura.md#k30), and the rest of it freezes the entry (facts-kaltura.md#k41). What is ASCII, as all that
    /// Zoom is known to give, stays byte for byte what it is.
    fn written(text: &str) -> ReferenceId {
        if text.is_ascii() {
            return ReferenceId::new(text);
        }
        let mut mark = String::with_capacity(text.len() * 3);
        for c in text.chars() {
            if c.is_ascii() && c != '%' {
                mark.push(c);
            } else {
                let mut bytes = [0; 4];
                mark.extend(c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")));
            }
        }
        ReferenceId(mark.into())
    }

    /// The segment that it names, where it is a mark of the form that this program writes for one.
    #[must_use]
    pub fn segment_key(&self) -> Option<SegmentKey> {
        let rest = self.0.strip_prefix("Zoom_")?;
        let key = |ending: &str| {
            let (uuid, start) = rest.split_at_checked(rest.len().checked_sub(START - 1 + ending.len())?)?;
            let is_start = DateTime::parse_from_rfc3339(start).is_ok() && start.ends_with(ending);
            (is_start && !uuid.is_empty()).then(|| SegmentKey {
                meeting_uuid: MeetingUuid::new(unescape_mark(uuid)),
                recording_start: start.into(),
            })
        };
        key("Z").or_else(|| OTHER_ENDINGS.into_iter().find_map(key))
    }
}

/// What was percent-encoded for a mark, where it was: else the text itself.
fn unescape_mark(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    let is_encoded = |decoded: &String| !decoded.is_ascii() && ReferenceId::written(decoded).as_str() == text;
    String::from_utf8(bytes).ok().filter(is_encoded).unwrap_or_else(|| text.to_owned())
}

/// Letters of `recording_start` as Zoom gives it.
const START: usize = "2026-11-20T09:00:00Z".len();
/// How an instant may end that is spelt otherwise: with thousandths, with the offset as a number.
const OTHER_ENDINGS: [&str; 2] = [".000Z", "+00:00"];

/// A Kaltura upload token. Whoever knows it can upload, so it never shows in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadTokenId(String);

impl UploadTokenId {
    /// Takes the id as Kaltura gave it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id itself, for Kaltura and the ledger only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UploadTokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UploadTokenId(…)")
    }
}

/// What identifies a recording segment: the meeting instance and when this stretch of recording began.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentKey {
    /// The meeting instance.
    pub meeting_uuid: MeetingUuid,
    /// `recording_start` as it becomes part of the reference id: as Zoom usually spells it, or as it was spelt when its
    /// copy was made.
    pub recording_start: Arc<str>,
}

impl SegmentKey {
    /// Whether both name the same segment, however its start is spelt.
    #[must_use]
    pub fn names_the_same(&self, other: &SegmentKey) -> bool {
        self.meeting_uuid == other.meeting_uuid
            && (self.recording_start == other.recording_start
                || self.usual_start().is_some_and(|start| other.usual_start() == Some(start)))
    }

    /// Whether its start is spelt as Zoom usually does.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        is_usual_start(&self.recording_start)
    }

    /// Its start as Zoom usually spells it, where it is an instant.
    #[must_use]
    pub fn usual_start(&self) -> Option<String> {
        Some(parse_zoom_time(DateTime::parse_from_rfc3339(&self.recording_start).ok()?.to_utc()))
    }

    /// The marks that it may have been given when Zoom, or the one who copied it, spelt its start otherwise.
    #[must_use]
    pub fn spelt_otherwise(&self) -> Vec<SegmentKey> {
        let usual = self.usual_start();
        let plain = usual.as_deref().and_then(|usual| usual.strip_suffix('Z'));
        let endings = std::iter::once("Z").chain(OTHER_ENDINGS);
        let starts = plain.into_iter().flat_map(|plain| endings.clone().map(move |ending| format!("{plain}{ending}")));
        let keys = starts.map(|start| SegmentKey { recording_start: start.into(), ..self.clone() });
        keys.filter(|key| key != self).collect()
    }

    /// The mark that Kaltura's own Zoom connector uses too, so that neither copies what the other has.
    #[must_use]
    pub fn reference_id(&self) -> ReferenceId {
        ReferenceId::written(&format!("Zoom_{}{}", self.meeting_uuid, self.recording_start))
    }

    /// The mark of a child entry: that of its parent, and the file.
    #[must_use]
    pub fn child_reference_id(&self, file: &FileId) -> ReferenceId {
        ReferenceId::written(&format!("Zoom_{}{}#{file}", self.meeting_uuid, self.recording_start))
    }

    /// The connector's older mark, which covers the whole meeting.
    #[must_use]
    pub fn meeting_reference_id(&self) -> ReferenceId {
        ReferenceId::written(&format!("Zoom_{}", self.meeting_uuid))
    }
}

/// Whether the start of a recording is spelt as Zoom usually does.
#[must_use]
pub fn is_usual_start(start: &str) -> bool {
    let start = start.as_bytes();
    start.len() == START && start.ends_with(b"Z") && start.get(10) == Some(&b'T')
}

/// A recording that is said to have begun so long before or after its meeting began with it: one of the two is wrong.
const FARTHEST: TimeDelta = TimeDelta::days(31);

/// An instant as Zoom spells it, in UTC to the second: what marks and the ledger go by.
#[must_use]
pub fn parse_zoom_time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// When a recording began, as far as its meeting's start lets it be believed.
#[must_use]
pub fn believed_start(recording: DateTime<Utc>, meeting: DateTime<Utc>) -> DateTime<Utc> {
    if (recording - meeting).abs() > FARTHEST { meeting } else { recording }
}

#[cfg(test)]
mod tests {
    use super::{FileId, MeetingUuid, ReferenceId, SegmentKey};

    /// Another instant names another one.
    #[test]
    fn spelling_does_not_change_the_segment() {
        let key = |start: &str| SegmentKey { meeting_uuid: MeetingUuid::new("u=="), recording_start: start.into() };
        let usual = key("2026-11-20T09:00:00Z");
        for start in ["2026-11-20T09:00:00.000Z", "2026-11-20T10:00:00+01:00", "2026-11-20t09:00:00z"] {
            assert!(usual.names_the_same(&key(start)) && key(start).names_the_same(&usual), "{start}");
        }
        for start in ["2026-11-20T09:00:01Z", "", "soon"] {
            assert!(!usual.names_the_same(&key(start)), "{start}");
        }
        assert!(key("soon").names_the_same(&key("soon")));
        assert!(usual.spelt_otherwise().iter().all(|other| usual.names_the_same(other) && *other != usual));
        assert_eq!(usual.spelt_otherwise().len(), 2);
        assert!(key("2026-11-20T09:00:00.000Z").spelt_otherwise().contains(&usual));
        assert_eq!(key("soon").spelt_otherwise(), []);
    }

    /// What is ASCII stays byte for byte.
    #[test]
    fn marks_are_ascii_and_keep_it() {
        let start = "2026-11-20T09:00:00Z";
        let cases = [
            ("a/b+c==", "Zoom_a/b+c==2026-11-20T09:00:00Z#f"),
            ("50%", "Zoom_50%2026-11-20T09:00:00Z#f"),
            ("a%2Fb", "Zoom_a%2Fb2026-11-20T09:00:00Z#f"),
            ("{1:result:id}", "Zoom_{1:result:id}2026-11-20T09:00:00Z#f"),
            ("ü", "Zoom_%C3%BC2026-11-20T09:00:00Z#f"),
            ("ü 5%😀", "Zoom_%C3%BC 5%25%F0%9F%98%802026-11-20T09:00:00Z#f"),
        ];
        for (uuid, child) in cases {
            let key = SegmentKey { meeting_uuid: MeetingUuid::new(uuid), recording_start: start.into() };
            assert_eq!(key.child_reference_id(&FileId::new("f")).as_str(), child);
            assert_eq!(key.reference_id().as_str(), child.trim_end_matches("#f"));
            assert_eq!(key.reference_id().segment_key(), Some(key), "{uuid}");
        }
        let key = SegmentKey { meeting_uuid: MeetingUuid::new("u"), recording_start: start.into() };
        assert!(key.child_reference_id(&FileId::new("dät")).as_str().ends_with("#d%C3%A4t"));
    }

    #[test]
    fn only_a_mark_names_its_segment() {
        let key =
            SegmentKey { meeting_uuid: MeetingUuid::new("/a+b=="), recording_start: "2026-11-20T09:00:00Z".into() };
        for key in key.spelt_otherwise().iter().chain([&key]) {
            assert_eq!(key.reference_id().segment_key().as_ref(), Some(key));
        }
        assert_eq!(key.meeting_reference_id().segment_key(), None);
        for text in [
            "",
            "Zoom_",
            "Zoom_2026-11-20T09:00:00Z",
            "Zoom_u==2026-11-20T09:00:00+",
            "Zoom_ü-11-20T09:00:00Z",
            "u==2026-11-20T09:00:00Z",
        ] {
            assert_eq!(ReferenceId::new(text).segment_key(), None, "{text}");
        }
    }
}
