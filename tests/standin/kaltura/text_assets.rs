//! Captions and attachments: text that hangs on an entry.

use serde_json::{Value, json};

use super::Kaltura;
use super::caption_form::{self, FORMATS, is_a_risk, is_of_form};
use super::content::extension;
use super::entry::status;
use super::error::ApiError;
use super::page::{Page, list, ordered};
use super::params::Params;
use super::session::Session;
use super::text::stored;
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
    ("Multilingual", "mu"),
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
        let (code, what) = match self {
            Sort::Caption => ("CAPTION_ASSET_ID_NOT_FOUND", "Caption asset id"),
            Sort::Attachment => ("ATTACHMENT_ASSET_ID_NOT_FOUND", "Attachment asset id"),
        };
        ApiError::not_found(code, what, "ASSET_ID", id)
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
    /// Whether players offer it.
    pub on_player: bool,
    /// In percent, and not checked.
    pub accuracy: Option<i64>,
    pub content: Option<String>,
    /// Whether the content has another form than it was announced with.
    pub malformed: bool,
    pub created_at: i64,
    /// When its content or a field was changed last.
    pub updated_at: i64,
    /// Whether somebody ever said which is the default.
    told: bool,
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

    /// Whether what it is called can never be changed again, and how large it is does not show.
    fn is_frozen(&self) -> bool {
        ["label", "title", "filename"].iter().any(|name| !self.field(name).is_ascii())
    }

    pub fn status(&self) -> i32 {
        match (&self.content, self.malformed) {
            (None, _) => QUEUED,
            (Some(_), false) => READY,
            (Some(_), true) => ERROR,
        }
    }

    fn set(&mut self, asked: &Params, keep: fn(&str) -> String) {
        for name in self.sort.fields() {
            let Some(value) = asked.text(name) else {
                continue;
            };
            let value = if *name == "filename" { value.trim().replace(['\r', '\n'], " ") } else { value };
            self.fields.retain(|(field, _)| field != name);
            self.fields.push((*name, keep(&value)));
        }
        self.on_player = asked.flag("displayOnPlayer", self.on_player);
        self.accuracy = asked.number("accuracy").or(self.accuracy);
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
            "updatedAt": self.updated_at,
            "sizeInBytes": if size == 0 || self.is_frozen() { json!(0) } else { json!(size.to_string()) },
            "status": self.status(),
            "objectType": self.sort.object_type(),
        });
        for (name, value) in &self.fields {
            wire[*name] = json!(value);
        }
        if let Some((_, code)) = LANGUAGES.iter().find(|(name, _)| *name == self.field("language")) {
            wire["languageCode"] = json!(code);
        }
        if self.sort == Sort::Caption {
            wire["displayOnPlayer"] = json!(self.on_player);
            wire["usage"] = json!(0);
        }
        if let Some(accuracy) = self.accuracy {
            wire["accuracy"] = json!(accuracy);
        }
        if self.is_default || self.told {
            wire["isDefault"] = json!(self.is_default);
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
            on_player: true,
            accuracy: None,
            content: Some(content.to_owned()),
            malformed: !is_of_form(content, "3"),
            told: false,
            created_at: now(),
            updated_at: now(),
            file_ext: "vtt".to_owned(),
            version: 2,
            serial,
        };
        world.text_assets.insert(id.clone(), asset);
        id
    }
}

impl Kaltura {
    /// Lets attachments go by what an earlier version, or people, called them.
    pub fn rename_attachments(&self, entry_id: &str, title: &str, file_name: &str) {
        let mut world = self.shared.world();
        let of_entry = |asset: &&mut TextAsset| asset.entry_id == entry_id && asset.sort == Sort::Attachment;
        for asset in world.text_assets.values_mut().filter(of_entry) {
            let format = asset.field("format").to_owned();
            asset.fields = vec![("title", title.to_owned()), ("format", format), ("filename", file_name.to_owned())];
        }
    }
}

impl World {
    /// `caption_captionAsset.add`, `attachment_attachmentAsset.add`
    pub fn add_text(&mut self, params: &Params, sort: Sort) -> Result<Value, ApiError> {
        let entry_id = params.required("entryId")?;
        let asked = params.required_object(sort.parameter())?;
        self.entry(&entry_id)?;
        check(&asked, sort)?;
        let is_default = asked.flag("isDefault", false);
        let mut asset = TextAsset {
            sort,
            id: self.short_id(),
            entry_id,
            fields: Vec::new(),
            is_default,
            on_player: true,
            accuracy: None,
            content: None,
            malformed: false,
            created_at: now(),
            updated_at: now(),
            told: is_default,
            file_ext: String::new(),
            version: 0,
            serial: self.next(),
        };
        // the answer shows what was asked for, not what is kept
        asset.set(&asked, str::to_owned);
        let wire = asset.wire(self.settings.partner);
        asset.set(&asked, stored);
        self.text_assets.insert(asset.id.clone(), asset);
        Ok(wire)
    }

    /// A caption or an attachment of an entry that is there.
    fn text(&self, id: &str, sort: Sort) -> Result<&TextAsset, ApiError> {
        let asset = self.text_assets.get(id).filter(|asset| asset.sort == sort && self.entry(&asset.entry_id).is_ok());
        asset.ok_or_else(|| sort.not_found(id))
    }

    /// `caption_captionAsset.get`
    pub fn get_text(&self, params: &Params, sort: Sort) -> Result<Value, ApiError> {
        let id = params.required(&format!("{}Id", sort.parameter()))?;
        Ok(self.text(&id, sort)?.wire(self.settings.partner))
    }

    /// `caption_captionAsset.setAsDefault`
    pub fn set_default_caption(&mut self, params: &Params) -> Result<Value, ApiError> {
        let id = params.required("captionAssetId")?;
        self.text(&id, Sort::Caption)?;
        self.make_default(&id);
        Ok(Value::Null)
    }

    /// Makes a caption the default one of its entry, and no other.
    fn make_default(&mut self, id: &str) {
        let entry_id = self.text_assets[id].entry_id.clone();
        for asset in self.text_assets.values_mut() {
            if asset.entry_id == entry_id && asset.sort == Sort::Caption {
                (asset.is_default, asset.told, asset.updated_at) = (asset.id == id, true, now());
            }
        }
    }

    /// `caption_captionAsset.update`: of one whose name is not ASCII a new name is answered and not kept.
    pub fn update_text(&mut self, params: &Params, sort: Sort) -> Result<Value, ApiError> {
        let id = params.required("id")?;
        let asked = params.required_object(sort.parameter())?;
        let asset = self.text(&id, sort)?;
        let kind = sort.object_type();
        if let Some(name) = ["format", "source"].iter().find(|name| asked.text(name).is_some()) {
            return Err(ApiError::not_updatable(&format!("{kind}::{name}")));
        }
        check_language(&asked)?;
        let lost = asset.is_frozen() && asked.text("label").is_some();
        let (mut answered, mut after) = (asset.clone(), asset.clone());
        if lost {
            answered.set(&asked, str::to_owned);
            let mut wire = answered.wire(self.settings.partner);
            wire["sizeInBytes"] = json!(0);
            return Ok(wire);
        }
        after.set(&asked, stored);
        after.updated_at = now();
        self.text_assets.insert(id.clone(), after);
        if asked.flag("isDefault", false) {
            self.make_default(&id);
        }
        Ok(self.text_assets[&id].wire(self.settings.partner))
    }

    /// `caption_captionAsset.delete`, `attachment_attachmentAsset.delete`
    pub fn delete_text(&mut self, params: &Params, sort: Sort) -> Result<Value, ApiError> {
        let id = params.required(&format!("{}Id", sort.parameter()))?;
        self.text(&id, sort)?;
        self.text_assets.remove(&id);
        Ok(Value::Null)
    }

    /// `caption_captionAsset.setContent`, `attachment_attachmentAsset.setContent`
    pub fn set_text(&mut self, params: &Params, session: &Session, sort: Sort) -> Result<Value, ApiError> {
        let id = params.required("id")?;
        let resource = params.required_object("contentResource")?;
        self.text(&id, sort)?;
        let (content, mut file_ext) = match resource.text("objectType").as_deref() {
            Some("KalturaStringResource") => (resource.required("content")?, String::new()),
            Some("KalturaUploadedFileTokenResource") => self.text_of_token(&resource.required("token")?, session)?,
            kind => return Err(self.refuse(&format!("setContent with a {kind:?}"))),
        };
        if is_a_risk(&content) {
            return Err(ApiError::not_secure());
        }
        let partner = self.settings.partner;
        let asset = self.text_assets.get_mut(&id).expect("looked up above");
        if sort == Sort::Caption {
            asset.malformed = !is_of_form(&content, asset.field("format"));
            if file_ext.is_empty() {
                file_ext.push_str(caption_form::extension(asset.field("format")));
            }
        }
        asset.updated_at = now();
        asset.version = if asset.version == 0 { 2 } else { asset.version + 10 };
        asset.file_ext = file_ext;
        let size = content.len();
        asset.content = Some(content);
        let mut wire = asset.wire(partner);
        wire["sizeInBytes"] = json!(size.to_string());
        Ok(wire)
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

    /// `caption_captionAsset.list`, `attachment_attachmentAsset.list`: by their status, and of one status the older before
    /// the newer.
    pub fn list_texts(&self, params: &Params, sort: Sort) -> Result<Value, ApiError> {
        let filter = params.object("filter").unwrap_or_default();
        let wanted = filter.filled("entryIdEqual").or_else(|| filter.filled("entryIdIn"));
        let wanted = wanted.ok_or_else(|| ApiError::missing("filter:entryIdEqual"))?;
        let alive = |id: &str| self.entries.get(id).is_some_and(|entry| entry.status != status::DELETED);
        let wanted: Vec<_> = wanted.split(',').filter(|id| alive(id)).collect();
        let all = self.text_assets.values().filter(|asset| asset.sort == sort);
        let mut found: Vec<_> = all.filter(|asset| wanted.contains(&&*asset.entry_id)).collect();
        found.sort_by_key(|asset| (asset.status(), asset.serial));
        let order = filter.filled("orderBy");
        ordered(&mut found, order.as_deref(), |asset| asset.created_at, |asset| asset.updated_at);
        let kind = format!("{}ListResponse", sort.object_type());
        let partner = self.settings.partner;
        Ok(list(&kind, &found, Page::of(params)?, |asset| asset.wire(partner)))
    }
}

/// Refuses languages and forms that Kaltura does not know, among them the empty ones.
fn check(asked: &Params, sort: Sort) -> Result<(), ApiError> {
    if sort == Sort::Attachment {
        return Ok(());
    }
    check_language(asked)?;
    match asked.text("format").filter(|format| !FORMATS.contains(&format.as_str())) {
        Some(format) => Err(ApiError::invalid_enum(&format, "format", "KalturaCaptionType")),
        None => Ok(()),
    }
}

fn check_language(asked: &Params) -> Result<(), ApiError> {
    let known = |language: &str| LANGUAGES.iter().any(|(name, _)| *name == language);
    match asked.text("language").filter(|language| !known(language)) {
        Some(language) => Err(ApiError::invalid_enum(&language, "language", "KalturaLanguage")),
        None => Ok(()),
    }
}
