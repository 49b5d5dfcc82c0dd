//! Texts that hang on an entry as assets, sent inline: captions, and attachments.

use serde_json::{Value, json};

use super::client::{Kaltura, read_part};
use super::pages::pager;
use super::wire::{Number, WireList, WireText};
use crate::http::{Meaning, RemoteError, RemoteKind, Service};
use crate::model::EntryId;

/// `KalturaCaptionType::WEBVTT`
const WEBVTT: &str = "3";
/// `KalturaCaptionSource::ZOOM`
const ZOOM: &str = "1";
/// `KalturaAttachmentType::TEXT`
const PLAIN: &str = "1";
/// `KalturaCaptionAssetStatus::READY`, `KalturaAttachmentAssetStatus::READY`
const READY: i64 = 2;
/// `KalturaCaptionAssetStatus::ERROR`, which comes with status 200 and the size of the content (recorded traffic)
const ERROR: i64 = -1;

/// What a text goes by. Kaltura accepts a second one that goes by the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextName {
    /// Captions, shown while the entry plays.
    Captions {
        /// What viewers choose it by.
        label: String,
        /// Its language, by its English name.
        language: String,
    },
    /// An attachment, listed beside the entry.
    Attachment {
        /// What viewers see.
        title: String,
        /// The name under which they download it.
        file_name: String,
    },
}

/// A text that hangs on an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextAsset {
    /// Its id.
    pub id: String,
    /// What Kaltura made of its content.
    pub state: TextState,
    /// The size of its content.
    pub bytes: u64,
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

impl TextName {
    pub(super) fn service(&self) -> &'static str {
        match self {
            TextName::Captions { .. } => "caption_captionAsset",
            TextName::Attachment { .. } => "attachment_attachmentAsset",
        }
    }

    fn parameter(&self) -> &'static str {
        match self {
            TextName::Captions { .. } => "captionAsset",
            TextName::Attachment { .. } => "attachmentAsset",
        }
    }

    fn object(&self) -> Value {
        match self {
            TextName::Captions { label, language } => json!({
                "objectType": "KalturaCaptionAsset", "label": label, "language": language, "format": WEBVTT,
                "source": ZOOM,
            }),
            TextName::Attachment { title, file_name } => json!({
                "objectType": "KalturaAttachmentAsset", "title": title, "filename": file_name, "format": PLAIN,
            }),
        }
    }

    fn is_of(&self, found: &WireText) -> bool {
        match self {
            TextName::Captions { label, language } => found.label == *label && found.language == *language,
            TextName::Attachment { file_name, .. } => found.filename == *file_name,
        }
    }
}

impl Kaltura {
    /// Adds a text without content. Sent once: a second one would be accepted.
    pub async fn add_text(&self, entry_id: &EntryId, name: &TextName) -> Result<TextAsset, RemoteError> {
        let params = json!({ "entryId": entry_id.as_str(), name.parameter(): name.object() });
        match (self.call_once::<WireText>(name.service(), "add", params).await, name) {
            // Kaltura has its languages as an enumeration of English names
            (Err(error), TextName::Captions { language, .. }) if error.means(Meaning::UnknownValue) => {
                let message = format!(
                    "copy.caption_language: {language:?} is no language that Kaltura knows; use its English name, such as \"German\""
                );
                Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message))
            }
            (answer, _) => answer.map(TextAsset::from),
        }
    }

    /// Gives a text its content, and tells what Kaltura made of it. Harmless when repeated: it replaces the content before.
    pub async fn set_text(&self, name: &TextName, id: &str, text: &str) -> Result<TextState, RemoteError> {
        let resource = json!({ "objectType": "KalturaStringResource", "content": text });
        let params = json!({ "id": id, "contentResource": resource });
        match self.call::<WireText>(name.service(), "setContent", params).await {
            Err(error) if error.means(Meaning::ContentRefused) => Ok(TextState::Refused),
            answer => answer.map(|wire| TextAsset::from(wire).state),
        }
    }

    /// Deletes a text. One that does not exist any more is no error.
    pub async fn delete_text(&self, name: &TextName, id: &str) -> Result<(), RemoteError> {
        let params = json!({ format!("{}Id", name.parameter()): id });
        match self.call::<Value>(name.service(), "delete", params).await {
            Err(error) if error.kind != RemoteKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// What to list the texts of an entry by. They are read from Kaltura's database.
pub(super) fn texts_on(id: &EntryId) -> Value {
    let filter = json!({ "objectType": "KalturaAssetFilter", "entryIdEqual": id.as_str(), "orderBy": "+createdAt" });
    json!({ "filter": filter, "pager": pager(1) })
}

/// Those of a list that go by `name`.
pub(super) fn texts(name: &TextName, answer: Value) -> Result<Vec<TextAsset>, RemoteError> {
    let list: WireList<WireText> = read_part(name.service(), answer)?;
    if !list.is_whole() {
        let message = format!("{}.list showed only some of the texts of an entry", name.service());
        return Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message));
    }
    Ok(list.objects.into_iter().filter(|text| name.is_of(text)).map(TextAsset::from).collect())
}

impl From<WireText> for TextAsset {
    fn from(wire: WireText) -> TextAsset {
        let state = match wire.status.whole() {
            Some(READY) => TextState::Ready,
            Some(ERROR) => TextState::Refused,
            _ => TextState::Pending,
        };
        // where its name is not ASCII, sizeInBytes stays 0 (recorded traffic)
        let sizes = [wire.size_in_bytes, wire.size].into_iter().filter_map(Number::size);
        TextAsset { id: wire.id, state, bytes: sizes.into_iter().find(|size| *size > 0).unwrap_or(0) }
    }
}
