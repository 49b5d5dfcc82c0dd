//! Caption assets: text on an entry, sent inline.

use serde_json::{Value, json};

use super::client::{Kaltura, read_part};
use super::wire::{WireCaption, WireList};
use crate::http::{RemoteError, RemoteKind, Service};
use crate::model::EntryId;

/// `KalturaCaptionType::WEBVTT`
const WEBVTT: &str = "3";
/// `KalturaCaptionSource::ZOOM`
const ZOOM: &str = "1";
/// `KalturaCaptionAssetStatus::READY`
const READY: i64 = 2;
/// Kaltura has its languages as an enumeration of English names.
const NO_SUCH_LANGUAGE: &str = "INVALID_ENUM_VALUE";

/// A caption asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptionAsset {
    /// Its id.
    pub id: String,
    /// What viewers choose it by. A second one of the same label is accepted by Kaltura.
    pub label: String,
    /// Its language, by its English name.
    pub language: String,
    /// Whether it has content.
    pub is_ready: bool,
    /// The size of its content.
    pub bytes: u64,
}

impl Kaltura {
    /// Adds an asset without content. Sent once: a second one would be accepted.
    pub async fn add_captions(
        &self,
        entry_id: &EntryId,
        label: &str,
        language: &str,
    ) -> Result<CaptionAsset, RemoteError> {
        let asset = json!({
            "objectType": "KalturaCaptionAsset", "label": label, "language": language, "format": WEBVTT, "source": ZOOM,
        });
        let params = json!({ "entryId": entry_id.as_str(), "captionAsset": asset });
        match self.call_once::<WireCaption>("caption_captionAsset", "add", params).await {
            Err(error) if error.has_code(NO_SUCH_LANGUAGE) => {
                let message = format!(
                    "copy.caption_language: {language:?} is no language that Kaltura knows; use its English name, such as \"German\""
                );
                Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message))
            }
            answer => answer.map(CaptionAsset::from),
        }
    }

    /// Gives an asset its content. Harmless when repeated: a text replaces the one before.
    pub async fn set_captions(&self, id: &str, text: &str) -> Result<CaptionAsset, RemoteError> {
        let resource = json!({ "objectType": "KalturaStringResource", "content": text });
        let params = json!({ "id": id, "contentResource": resource });
        self.call::<WireCaption>("caption_captionAsset", "setContent", params).await.map(CaptionAsset::from)
    }

    /// Deletes an asset. One that does not exist any more is no error.
    pub async fn delete_captions(&self, id: &str) -> Result<(), RemoteError> {
        let params = json!({ "captionAssetId": id });
        match self.call::<Value>("caption_captionAsset", "delete", params).await {
            Err(error) if error.kind != RemoteKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// What to list the caption assets of an entry by. They are read from Kaltura's database.
pub(super) fn captions_on(id: &EntryId) -> Value {
    let filter = json!({ "objectType": "KalturaAssetFilter", "entryIdEqual": id.as_str(), "orderBy": "+createdAt" });
    json!({ "filter": filter, "pager": { "objectType": "KalturaFilterPager", "pageSize": 500 } })
}

pub(super) fn captions(answer: Value) -> Result<Vec<CaptionAsset>, RemoteError> {
    let list: WireList<WireCaption> = read_part("captionAsset.list", answer)?;
    Ok(list.objects.into_iter().map(CaptionAsset::from).collect())
}

impl From<WireCaption> for CaptionAsset {
    fn from(wire: WireCaption) -> CaptionAsset {
        CaptionAsset {
            id: wire.id,
            label: wire.label,
            language: wire.language,
            is_ready: wire.status == READY,
            bytes: wire.size_in_bytes,
        }
    }
}
