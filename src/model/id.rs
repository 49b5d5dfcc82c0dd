//! Ids as types of their own, so that one cannot be taken for another. A copy of one shares its text: a list has tens of
//! thousands, and facts, plan and ledger each name them.

use std::fmt;
use std::sync::Arc;

use chrono::DateTime;

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
    pub fn is_zooms(&self) -> bool {
        !self.0.contains('#')
    }
}

impl ReferenceId {
    /// The segment that it names, where it is a mark of the form that this program writes for one.
    #[must_use]
    pub fn segment_key(&self) -> Option<SegmentKey> {
        let rest = self.0.strip_prefix("Zoom_")?;
        let (uuid, start) = rest.split_at_checked(rest.len().checked_sub(START)?)?;
        let is_start = DateTime::parse_from_rfc3339(start).is_ok() && start.ends_with('Z');
        (is_start && !uuid.is_empty())
            .then(|| SegmentKey { meeting_uuid: MeetingUuid::new(uuid), recording_start: start.into() })
    }
}

/// Letters of `recording_start` as Zoom gives it.
const START: usize = "2026-11-20T09:00:00Z".len();

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
    /// `recording_start` to the letter as Zoom gives it, as it becomes part of the reference id.
    pub recording_start: Arc<str>,
}

impl SegmentKey {
    /// The mark that Kaltura's own Zoom connector uses too, so that neither copies what the other has.
    #[must_use]
    pub fn reference_id(&self) -> ReferenceId {
        ReferenceId(format!("Zoom_{}{}", self.meeting_uuid, self.recording_start).into())
    }

    /// The mark of a child entry: that of its parent, and the file.
    #[must_use]
    pub fn child_reference_id(&self, file: &FileId) -> ReferenceId {
        ReferenceId(format!("{}#{file}", self.reference_id()).into())
    }

    /// The connector's older mark, which covers the whole meeting.
    #[must_use]
    pub fn meeting_reference_id(&self) -> ReferenceId {
        ReferenceId(format!("Zoom_{}", self.meeting_uuid).into())
    }
}

#[cfg(test)]
mod tests {
    use super::{MeetingUuid, ReferenceId, SegmentKey};

    #[test]
    fn a_mark_tells_its_segment_and_no_other_text_does() {
        let key =
            SegmentKey { meeting_uuid: MeetingUuid::new("/a+b=="), recording_start: "2026-11-20T09:00:00Z".into() };
        assert_eq!(key.reference_id().segment_key(), Some(key.clone()));
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
