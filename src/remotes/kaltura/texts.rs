//! Texts that hang on an entry as assets, sent inline: captions, and attachments.
//!
//! Which texts of this program hang on entries that an earlier ledger knew.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::client::{Kaltura, read_part};
use super::listing::pager_value;
use super::users::{UserAnswer, answer_each};
use super::wire::{Number, WireList, WireText};
use crate::model::proof::Proof;
use crate::model::{AttachmentName, EntryId, FileKind, OwnTexts, SideFile, TextAsset, TextState};
use crate::remotes::http::{Meaning, RemoteError, RemoteKind, Service};

/// `KalturaCaptionType::WEBVTT`
const WEBVTT: &str = "3";
/// `KalturaCaptionSource::ZOOM`
const ZOOM: &str = "1";
/// `KalturaAttachmentType::TEXT`
const PLAIN: &str = "1";
/// `KalturaCaptionAssetStatus::READY`, `KalturaAttachmentAssetStatus::READY`
const READY: i64 = 2;
/// `KalturaCaptionAssetStatus::ERROR`, which comes with status 200 and the size of the content (facts-kaltura.md#k39)
const ERROR: i64 = -1;

/// What the labels of captions say of the file that they were.
const CAPTIONS: [&str; 2] = ["(transcript", "(closed captions"];
/// Where texts lie.
pub(super) const SERVICES: [&str; 2] = ["caption_captionAsset", "attachment_attachmentAsset"];
/// Entries asked for in one request.
pub(super) const BATCH: usize = 25;

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
        /// What it is called.
        name: AttachmentName,
        /// What an earlier run may have called it.
        earlier: Vec<AttachmentName>,
    },
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
            TextName::Attachment { name: AttachmentName { title, file_name }, .. } => json!({
                "objectType": "KalturaAttachmentAsset", "title": title, "filename": file_name, "format": PLAIN,
            }),
        }
    }

    fn is_of(&self, found: &WireText) -> bool {
        match self {
            TextName::Captions { label, language } => found.label == *label && found.language == *language,
            TextName::Attachment { name, earlier } => [name].into_iter().chain(earlier).any(|name| found.goes_by(name)),
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
            (answer, _) => answer.map(WireText::asset),
        }
    }

    /// Gives a text its content, and returns what Kaltura made of it. Harmless when repeated: it replaces the content before.
    pub async fn set_text(&self, name: &TextName, asset: &TextAsset, text: &str) -> Result<TextAsset, RemoteError> {
        let resource = json!({ "objectType": "KalturaStringResource", "content": text });
        let params = json!({ "id": asset.id, "contentResource": resource });
        match self.call::<WireText>(name.service(), "setContent", params).await {
            Err(error) if error.means(Meaning::ContentRefused) => {
                Ok(TextAsset { state: TextState::Refused, ..asset.clone() })
            }
            answer => answer.map(WireText::asset),
        }
    }

    /// Deletes a text. One that does not exist any more is no error.
    pub async fn delete_text(&self, name: &TextName, proof: Proof<TextAsset>) -> Result<(), RemoteError> {
        let params = json!({ format!("{}Id", name.parameter()): proof.of().id });
        match self.call::<Value>(name.service(), "delete", params).await {
            Err(error) if error.kind != RemoteKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Kaltura {
    /// The captions and attachments of an entry by what they go by, each oldest first; none where the entry no longer exists.
    pub async fn texts_by_name(&self, id: &EntryId) -> Result<Vec<(TextName, Vec<TextAsset>)>, RemoteError> {
        let answers = self.look(SERVICES.map(|service| (service, "list", texts_on(id))).to_vec()).await?;
        let mut found: Vec<(TextName, Vec<TextAsset>)> = Vec::new();
        for (service, answer) in SERVICES.into_iter().zip(answers) {
            let list = match list_all_texts(service, answer) {
                Err(error) if error.kind == RemoteKind::NotFound => continue,
                list => list?,
            };
            for text in list {
                match found.iter_mut().find(|(name, _)| name.service() == service && name.is_of(&text)) {
                    Some((_, alike)) => alike.push(text.asset()),
                    None => found.push((text.name(service), vec![text.asset()])),
                }
            }
        }
        Ok(found)
    }

    /// For each of `ids`, in order: whether captions or attachments hang on it that this program did not add.
    pub async fn have_additions(&self, ids: &[EntryId]) -> Result<Vec<UserAnswer<bool>>, RemoteError> {
        self.of_texts(ids, |captions, attachments| {
            Ok(is_added(SERVICES[0], captions, WireText::is_our_caption)?
                || is_added(SERVICES[1], attachments, WireText::is_our_attachment)?)
        })
        .await
    }
}

/// How many texts players can show beside an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextCounts {
    /// Captions.
    pub captions: usize,
    /// Attachments.
    pub attachments: usize,
}

impl Kaltura {
    /// For each of `ids`, in order: how many captions and attachments hang on it, no matter who added them.
    pub async fn count_texts(&self, ids: &[EntryId]) -> Result<Vec<UserAnswer<TextCounts>>, RemoteError> {
        self.of_texts(ids, |captions, attachments| {
            Ok(TextCounts {
                captions: read_count(SERVICES[0], captions)?,
                attachments: read_count(SERVICES[1], attachments)?,
            })
        })
        .await
    }

    /// For each of `ids`, in order: what follows from the answers to the lists of its captions and of its attachments.
    async fn of_texts<T>(
        &self,
        ids: &[EntryId],
        follows: impl Fn(Value, Value) -> Result<T, RemoteError>,
    ) -> Result<Vec<UserAnswer<T>>, RemoteError> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let parts = batch.iter().flat_map(|id| SERVICES.map(|service| (service, "list", texts_on(id))));
            let mut answers = self.look(parts.collect()).await?.into_iter();
            let mut next = || answers.next().unwrap_or_default();
            let each = batch.iter().map(|_| {
                let (captions, attachments) = (next(), next());
                follows(captions, attachments)
            });
            found.append(&mut answer_each(each.collect())?);
        }
        Ok(found)
    }
}

/// What Kaltura could not read is none.
fn read_count(service: &str, answer: Value) -> Result<usize, RemoteError> {
    let list: WireList<WireText> = match read_part(service, answer) {
        Err(error) if error.kind == RemoteKind::NotFound => return Ok(0),
        list => list?,
    };
    if !list.is_whole() {
        let message = format!("{service}.list showed only some of the texts of an entry");
        return Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message));
    }
    Ok(list.objects.iter().filter(|text| text.status.whole() != Some(ERROR)).count())
}

fn is_added(service: &str, answer: Value, is_ours: fn(&WireText) -> bool) -> Result<bool, RemoteError> {
    let list: WireList<WireText> = match read_part(service, answer) {
        Err(error) if error.kind == RemoteKind::NotFound => return Ok(false),
        list => list?,
    };
    Ok(!list.is_whole() || !list.objects.iter().all(is_ours))
}

/// What to list the texts of an entry by. They are read from Kaltura's database.
pub(super) fn texts_on(id: &EntryId) -> Value {
    let filter = json!({ "objectType": "KalturaAssetFilter", "entryIdEqual": id.as_str(), "orderBy": "+createdAt" });
    json!({ "filter": filter, "pager": pager_value(1) })
}

/// Those of a list that go by `name`.
pub(super) fn read_text_list(name: &TextName, answer: Value) -> Result<Vec<TextAsset>, RemoteError> {
    let list = list_all_texts(name.service(), answer)?;
    Ok(list.into_iter().filter(|text| name.is_of(text)).map(WireText::asset).collect())
}

fn list_all_texts(service: &str, answer: Value) -> Result<Vec<WireText>, RemoteError> {
    let list: WireList<WireText> = read_part(service, answer)?;
    if !list.is_whole() {
        let message = format!("{service}.list showed only some of the texts of an entry");
        return Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message));
    }
    Ok(list.objects)
}

impl WireText {
    /// Captions of this program say where they come from, and of which file.
    pub(super) fn is_our_caption(&self) -> bool {
        let is_named = CAPTIONS.iter().any(|what| self.label.contains(what));
        is_named && self.source.whole().is_some_and(|source| source.to_string() == ZOOM)
    }

    /// An attachment of this program has a name that tells it from what people attach.
    pub(super) fn is_our_attachment(&self) -> bool {
        SideFile::of_name(&self.title, &self.filename).is_some()
    }

    fn goes_by(&self, name: &AttachmentName) -> bool {
        (&self.title, &self.filename) == (&name.title, &name.file_name)
    }

    fn name(&self, service: &str) -> TextName {
        if service == SERVICES[0] {
            TextName::Captions { label: self.label.clone(), language: self.language.clone() }
        } else {
            let name = AttachmentName { title: self.title.clone(), file_name: self.filename.clone() };
            TextName::Attachment { name, earlier: Vec::new() }
        }
    }

    pub(super) fn asset(self) -> TextAsset {
        let (ours, wire) = (self.is_our_caption() || self.is_our_attachment(), self);
        let state = match wire.status.whole() {
            Some(READY) => TextState::Ready,
            Some(ERROR) => TextState::Refused,
            _ => TextState::Pending,
        };
        // where its name is not ASCII, sizeInBytes stays 0 (facts-kaltura.md#k41)
        let sizes = [wire.size_in_bytes, wire.size].into_iter().filter_map(Number::size);
        let bytes = sizes.into_iter().find(|size| *size > 0).unwrap_or(0);
        let changed = wire.updated_at.time(DateTime::<Utc>::MAX_UTC);
        TextAsset { id: wire.id, state, bytes, ours, changed }
    }
}

impl Kaltura {
    /// For each of `ids`, in order: the texts of this program on it, by Kaltura's database.
    pub async fn own_texts(&self, ids: &[EntryId]) -> Result<Vec<UserAnswer<OwnTexts>>, RemoteError> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let parts = batch.iter().flat_map(|id| SERVICES.map(|service| (service, "list", texts_on(id))));
            let mut answers = self.look(parts.collect()).await?.into_iter();
            let each = batch.iter().map(|_| {
                let mut texts = OwnTexts::default();
                for service in SERVICES {
                    count_own_texts(&mut texts, service, answers.next().unwrap_or_default())?;
                }
                Ok(texts)
            });
            found.append(&mut answer_each(each.collect())?);
        }
        Ok(found)
    }
}

fn count_own_texts(texts: &mut OwnTexts, service: &str, answer: Value) -> Result<(), RemoteError> {
    let list: WireList<WireText> = match read_part(service, answer) {
        Err(error) if error.kind == RemoteKind::NotFound => return Ok(()),
        list => list?,
    };
    for text in list.objects {
        if let Some(kind) = own_text_kind(&text) {
            texts.add(kind, text.asset().bytes > 0);
        }
    }
    Ok(())
}

/// Of which kind of file it was made, where it is this program's.
pub(super) fn own_text_kind(text: &WireText) -> Option<FileKind> {
    if let Some(side) = SideFile::of_name(&text.title, &text.filename) {
        return Some(FileKind::Side(side));
    }
    let is_transcript = text.label.contains("(transcript");
    text.is_our_caption().then_some(if is_transcript { FileKind::Transcript } else { FileKind::ClosedCaptions })
}
