//! Texts that hang on an entry as assets.

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
