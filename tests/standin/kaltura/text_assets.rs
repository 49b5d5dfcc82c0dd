//! Captions and attachments: text that hangs on an entry.

use serde_json::{Value, json};

use super::Kaltura;
use super::caption_form::{is_of_form, is_secure};
use super::content::extension;
use super::entry::status;
use super::error::ApiError;
use super::page::{Page, list, ordered};
use super::params::Params;
use super::session::Session;
use super::tokens::status as token_status;
use super::world::{World, now};

const ERROR: i32 = -1;
const QUEUED: i32 = 0;
const READY: i32 = 2;

/// The languages that the stand-in knows, by the English names that Kaltura wants.
const LANGUAGES: &[(&str, &str)] = &[
    ("Arabic", "ar"),
    ("Chinese", "zh"),
    ("Czech", "cs"),
    ("Danish", "da"),
    ("Dutch", "nl"),
    ("English", "en"),
    ("French", "fr"),
    ("German", "de"),
    ("Hebrew", "he"),
    ("Italian", "it"),
    ("Japanese", "ja"),
    ("Polish", "pl"),
    ("Portuguese", "pt"),
    ("Russian", "ru"),
    ("Spanish", "es"),
    ("Swedish", "sv"),
    ("Turkish", "tr"),
    ("Ukrainian", "uk"),
];

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Caption,
    Attachment,
}

impl Sort {
    fn object_type(self) -> &'static str {
        match self {
            Sort::Caption => "KalturaCaptionAsset",
            Sort::Attachment => "KalturaAttachmentAsset",
        }
    }

    fn parameter(self) -> &'static str {
        match self {
            Sort::Caption => "captionAsset",
            Sort::Attachment => "attachmentAsset",
        }
    }

    /// What can be set, under the names of the wire.
    fn fields(self) -> &'static [&'static str] {
        match self {
            Sort::Caption => &["label", "format", "language", "source"],
            Sort::Attachment => &["title", "format", "filename"],
        }
    }

    fn not_found(self, id: &str) -> ApiError {
        let code = match self {
            Sort::Caption => "CAPTION_ASSET_ID_NOT_FOUND",
            Sort::Attachment => "ATTACHMENT_ASSET_ID_NOT_FOUND",
        };
        ApiError::not_found(code, "Asset id", "ASSET_ID", id)
    }
}

/// A caption or an attachment as it is.
#[derive(Clone, Debug)]
pub struct TextAsset {
    pub sort: Sort,
    pub id: String,
    pub entry_id: String,
    /// `label`, `language`, `title`, `filename`, `format`: what was set.
    pub fields: Vec<(&'static str, String)>,
    pub is_default: bool,
    pub content: Option<String>,
    pub created_at: i64,
    file_ext: String,
    version: u32,
    serial: u64,
}

impl TextAsset {
    /// A field that was set, or "".
    pub fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(field, _)| *field == name);
        found.map_or("", |(_, value)| value)
    }

    /// Content of another form than the asset's gives an asset that is none, and no error (recorded traffic).
    pub fn status(&self) -> i32 {
        match &self.content {
            None => QUEUED,
            Some(content) if self.sort == Sort::Caption && !is_of_form(self.field("format"), content) => ERROR,
            Some(_) => READY,
        }
    }

    pub fn wire(&self, partner: u32) -> Value {
        let size = self.content.as_ref().map_or(0, String::len);
        let mut wire = json!({
            "id": self.id,
            "entryId": self.entry_id,
            "partnerId": partner,
            "size": size,
            "tags": "",
            "createdAt": self.created_at,
            "updatedAt": self.created_at,
            "sizeInBytes": if size == 0 { json!(0) } else { json!(size.to_string()) },
            "status": self.status(),
            "objectType": self.sort.object_type(),
        });
        for (name, value) in &self.fields {
            wire[*name] = json!(value);
        }
        if let Some((_, code)) = LANGUAGES.iter().find(|(name, _)| *name == self.field("language")) {
            wire["languageCode"] = json!(code);
        }
        if self.is_default {
            wire["isDefault"] = json!(true);
        }
        if self.content.is_some() {
            wire["version"] = json!(self.version.to_string());
        }
        if !self.file_ext.is_empty() {
            wire["fileExt"] = json!(self.file_ext);
        }
        wire
    }
}

impl Kaltura {
    /// Puts `WebVTT` captions on an entry as an earlier version, or people, did; returns their id.
    pub fn seed_caption(&self, entry_id: &str, label: &str, language: &str, content: &str) -> String {
        let mut world = self.shared.world();
        let (id, serial) = (world.short_id(), world.next());
        let fields = [("label", label), ("language", language), ("format", "3")];
        let asset = TextAsset {
            sort: Sort::Caption,
            id: id.clone(),
            entry_id: entry_id.to_owned(),
            fields: fields.map(|(name, value)| (name, value.to_owned())).to_vec(),
            is_default: false,
            content: Some(content.to_owned()),
            created_at: now(),
            file_ext: "vtt".to_owned(),
            version: 2,
            serial,
        };
        world.text_assets.insert(id.clone(), asset);
        id
    }
}

impl World {
    /// `caption_captionAsset.add`, `attachment_attachmentAsset.add`
    pub fn add_text(&mut self, params: &Params, sort: Sort) -> Result<Value, ApiError> {
        let entry_id = params.required("entryId")?;
        let asked = params.required_object(sort.parameter())?;
        self.entry(&entry_id)?;
        let known = |language: &str| LANGUAGES.iter().any(|(name, _)| *name == language);
        if let Some(language) = asked.filled("language").filter(|one| !known(one)) {
            return Err(ApiError::invalid_enum(&language, "language", "KalturaLanguage"));
        }
        let fields = sort.fields().iter().filter_map(|name| Some((*name, asked.filled(name)?)));
        let asset = TextAsset {
            sort,
            id: self.short_id(),
            entry_id,
            fields: fields.collect(),
            is_default: asked.flag("isDefault", false),
            content: None,
            created_at: now(),
            file_ext: String::new(),
            version: 0,
            serial: self.next(),
        };
        let wire = asset.wire(self.settings.partner);
        self.text_assets.insert(asset.id.clone(), asset);
        Ok(wire)
    }

    /// `caption_captionAsset.delete`, `attachment_attachmentAsset.delete`
    pub fn delete_text(&mut self, params: &Params, sort: Sort) -> Result<Value, ApiError> {
        let id = params.required(&format!("{}Id", sort.parameter()))?;
        if self.text_assets.get(&id).is_none_or(|asset| asset.sort != sort) {
            return Err(sort.not_found(&id));
        }
        self.text_assets.remove(&id);
        Ok(Value::Null)
    }

    /// `caption_captionAsset.setContent`, `attachment_attachmentAsset.setContent`
    pub fn set_text(&mut self, params: &Params, session: &Session, sort: Sort) -> Result<Value, ApiError> {
        let id = params.required("id")?;
        let resource = params.required_object("contentResource")?;
        if self.text_assets.get(&id).is_none_or(|asset| asset.sort != sort) {
            return Err(sort.not_found(&id));
        }
        let (content, mut file_ext) = match resource.text("objectType").as_deref() {
            Some("KalturaStringResource") => (resource.required("content")?, String::new()),
            Some("KalturaUploadedFileTokenResource") => self.text_of_token(&resource.required("token")?, session)?,
            kind => return Err(self.refuse(&format!("setContent with a {kind:?}"))),
        };
        if !is_secure(&content) {
            return Err(ApiError::not_secure());
        }
        let partner = self.settings.partner;
        let asset = self.text_assets.get_mut(&id).expect("looked up above");
        if sort == Sort::Caption && file_ext.is_empty() {
            file_ext.push_str(match asset.field("format") {
                "3" => "vtt",
                "2" => "dfxp",
                _ => "srt",
            });
        }
        asset.version = if asset.version == 0 { 2 } else { asset.version + 10 };
        asset.file_ext = file_ext;
        asset.content = Some(content);
        Ok(asset.wire(partner))
    }

    fn text_of_token(&mut self, id: &str, session: &Session) -> Result<(String, String), ApiError> {
        let token = self.token(id, session)?;
        if token.seen.status != token_status::FULL {
            return Err(self.refuse("setContent with a token that is not full: would hang for ever"));
        }
        token.seen.status = token_status::CLOSED;
        let content = token.content.take().expect("a token that is full");
        let bytes = content.read_at(0, content.length());
        let file_ext = extension(token.seen.file_name.as_deref().unwrap_or_default());
        Ok((String::from_utf8_lossy(&bytes).into_owned(), file_ext))
    }

    /// `caption_captionAsset.list`, `attachment_attachmentAsset.list`: those without content first, then the older before
    /// the newer.
    pub fn list_texts(&self, params: &Params, sort: Sort) -> Result<Value, ApiError> {
        let filter = params.object("filter").unwrap_or_default();
        let wanted = filter.filled("entryIdEqual").or_else(|| filter.filled("entryIdIn"));
        let wanted = wanted.ok_or_else(|| ApiError::missing("filter:entryIdEqual"))?;
        let alive = |id: &str| self.entries.get(id).is_some_and(|entry| entry.status != status::DELETED);
        let wanted: Vec<_> = wanted.split(',').filter(|id| alive(id)).collect();
        let all = self.text_assets.values().filter(|asset| asset.sort == sort);
        let mut found: Vec<_> = all.filter(|asset| wanted.contains(&&*asset.entry_id)).collect();
        found.sort_by_key(|asset| (asset.content.is_some(), asset.serial));
        let order = filter.filled("orderBy");
        ordered(&mut found, order.as_deref(), |asset| asset.created_at, |asset| asset.created_at);
        let kind = format!("{}ListResponse", sort.object_type());
        let partner = self.settings.partner;
        Ok(list(&kind, &found, Page::of(params)?, |asset| asset.wire(partner)))
    }
}
