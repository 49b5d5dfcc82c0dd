//! Flavor assets: the source file of an entry. The stand-in converts nothing, so there is no other.

use std::sync::Arc;

use serde_json::{Value, json};

use super::entry::status;
use super::error::ApiError;
use super::page::{Page, list};
use super::params::Params;
use super::store::Stored;
use super::world::{World, now};

const ERROR: i32 = -1;
const QUEUED: i32 = 0;
const READY: i32 = 2;
const IMPORTING: i32 = 7;

/// A source and its bytes.
pub struct FlavorAsset {
    pub id: String,
    pub entry_id: String,
    pub file_ext: String,
    pub version: u32,
    /// Text under the name of a video ends READY, with a source in error.
    pub playable: bool,
    pub deleted: bool,
    pub created_at: i64,
    pub content: Option<Arc<Stored>>,
}

impl FlavorAsset {
    /// A source that waits for its bytes.
    pub fn waiting(id: String, entry_id: &str) -> FlavorAsset {
        FlavorAsset {
            id,
            entry_id: entry_id.to_owned(),
            file_ext: String::new(),
            version: 2,
            playable: true,
            deleted: false,
            created_at: now(),
            content: None,
        }
    }

    pub fn bytes(&self) -> u64 {
        self.content.as_ref().map_or(0, |content| content.length())
    }

    /// What the fingerprint is made of.
    pub fn line(&self) -> String {
        format!("{} {} {} {} {}", self.id, self.entry_id, self.version, self.bytes(), self.deleted)
    }

    fn wire(&self, partner: u32, entry_status: i32) -> Value {
        let ready = entry_status == status::READY;
        let status = match (&self.content, entry_status) {
            (None, _) => IMPORTING,
            (Some(_), status::READY) if self.playable => READY,
            (Some(_), status::READY | status::ERROR_CONVERTING) => ERROR,
            (Some(_), _) => QUEUED,
        };
        let bytes = self.bytes();
        let mut wire = json!({
            "id": self.id,
            "entryId": self.entry_id,
            "partnerId": partner,
            "version": self.version.to_string(),
            // bytes while it is new, kilobytes later: not a bug of the stand-in
            "size": if ready { bytes / 1024 } else { bytes },
            "sizeInBytes": if bytes == 0 { json!(0) } else { json!(bytes.to_string()) },
            "tags": "source",
            "flavorParamsId": 0,
            "isOriginal": true,
            "isDefault": false,
            "createdAt": self.created_at,
            "updatedAt": self.created_at,
            "status": status,
            "objectType": "KalturaFlavorAsset",
        });
        if !self.file_ext.is_empty() {
            wire["fileExt"] = json!(self.file_ext);
        }
        wire
    }
}

impl World {
    fn asset_wire(&self, asset: &FlavorAsset) -> Value {
        let entry = &self.entries[&asset.entry_id];
        let entry_status = entry.seen(&self.settings).status;
        asset.wire(self.settings.partner, entry_status)
    }

    /// The source of an entry, unless it was deleted with it.
    pub fn source(&self, entry_id: &str) -> Option<&FlavorAsset> {
        let id = self.entries.get(entry_id)?.source.as_ref()?;
        self.assets.get(id).filter(|asset| !asset.deleted)
    }

    /// `flavorAsset.get`
    pub fn get_asset(&self, params: &Params) -> Result<Value, ApiError> {
        let id = params.required("id")?;
        let asset = self.assets.get(&id).filter(|asset| !asset.deleted);
        let what = "Flavor asset id";
        let not_found = || ApiError::not_found("FLAVOR_ASSET_ID_NOT_FOUND", what, "ID", &id);
        asset.map(|asset| self.asset_wire(asset)).ok_or_else(not_found)
    }

    /// `flavorAsset.getByEntryId`
    pub fn get_assets_of_entry(&self, params: &Params) -> Result<Value, ApiError> {
        let id = params.required("entryId")?;
        self.entry(&id)?;
        let assets = self.source(&id).map(|asset| self.asset_wire(asset));
        Ok(Value::Array(assets.into_iter().collect()))
    }

    /// `flavorAsset.list`
    pub fn list_assets(&self, params: &Params) -> Result<Value, ApiError> {
        let filter = params.object("filter").unwrap_or_default();
        let wanted = filter.filled("entryIdEqual").or_else(|| filter.filled("entryIdIn"));
        let wanted = wanted.ok_or_else(|| ApiError::missing("filter:entryIdEqual"))?;
        let found: Vec<_> = wanted.split(',').filter_map(|id| self.source(id)).collect();
        let page = Page::of(params)?;
        Ok(list("KalturaFlavorAssetListResponse", &found, page, |asset| self.asset_wire(asset)))
    }
}
