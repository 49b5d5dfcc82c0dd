//! Texts that hang on an entry as assets.

use super::FileKind;

/// A text that hangs on an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextAsset {
    /// Its id.
    pub id: String,
    /// What Kaltura made of its content.
    pub state: TextState,
    /// The size of its content.
    pub bytes: u64,
    /// Whether it carries what this program writes of a text that it adds.
    pub ours: bool,
}

/// What Kaltura made of the content of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextState {
    /// It can be shown.
    Ready,
    /// Nothing: it is in another form than it should be.
    Refused,
    /// Nothing yet, or it has none.
    Pending,
}

/// How many texts of this program hang on an entry, by the kind of file that they were made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnTexts {
    transcripts: Hanging,
    closed_captions: Hanging,
    chats: Hanging,
}

/// How many of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hanging {
    /// With content.
    pub filled: usize,
    /// Begun, and without content yet.
    pub bare: usize,
}

impl OwnTexts {
    /// Those that were made of files of this kind.
    #[must_use]
    pub fn of(&self, kind: FileKind) -> Hanging {
        match kind {
            FileKind::Transcript => self.transcripts,
            FileKind::ClosedCaptions => self.closed_captions,
            FileKind::Chat => self.chats,
            FileKind::Video | FileKind::Audio | FileKind::Other | FileKind::Unknown => Hanging::default(),
        }
    }

    /// Counts one more.
    pub fn add(&mut self, kind: FileKind, has_content: bool) {
        let hanging = match kind {
            FileKind::Transcript => &mut self.transcripts,
            FileKind::ClosedCaptions => &mut self.closed_captions,
            FileKind::Chat => &mut self.chats,
            FileKind::Video | FileKind::Audio | FileKind::Other | FileKind::Unknown => return,
        };
        *(if has_content { &mut hanging.filled } else { &mut hanging.bare }) += 1;
    }
}
