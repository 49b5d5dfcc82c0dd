//! `media.addContent`: how bytes come to an entry.

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::assets::FlavorAsset;
use super::entry::{MEDIA, Progress, status};
use super::error::ApiError;
use super::imports::Import;
use super::params::Params;
use super::probe::{Kind, Probe, probe};
use super::session::Session;
use super::store::Stored;
use super::tokens::status as token_status;
use super::world::{World, now};

impl World {
    /// `media.addContent`
    pub fn add_content(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let id = params.required("entryId")?;
        let entry = self.entry(&id)?;
        if entry.entry_type != MEDIA {
            return Err(ApiError::entry_not_found(&id));
        }
        if entry.status != status::NO_CONTENT {
            let message = "Entry already associated with content";
            return Err(ApiError::new("ENTRY_ALREADY_WITH_CONTENT", message));
        }
        if let Some(resource) = params.object("resource") {
            match resource.text("objectType").as_deref() {
                Some("KalturaUploadedFileTokenResource") => {
                    self.attach(&id, &resource.required("token")?, session)?;
                }
                Some("KalturaUrlResource") => {
                    self.check_url_resource(&resource)?;
                    self.check_importers(&resource)?;
                    self.fetch(&id, &resource)?;
                }
                kind => return Err(self.refuse(&format!("addContent with a {kind:?}"))),
            }
        }
        Ok(self.entry_wire(&id, "KalturaMediaEntry"))
    }

    /// Gives a token to an entry: its bytes if they are all there, else the entry waits for them. A closed token is
    /// taken as well, and the entry waits for ever.
    fn attach(&mut self, entry_id: &str, token_id: &str, session: &Session) -> Result<(), ApiError> {
        let token = self.token(token_id, session)?;
        let empty = token.content.as_ref().is_none_or(|content| content.length() == 0);
        let full = token.seen.status == token_status::FULL;
        if full && empty {
            return Err(ApiError::not_secure());
        }
        let asset_id = self.add_source(entry_id);
        if full {
            self.import(token_id, &asset_id);
            return Ok(());
        }
        let token = self.tokens.get_mut(token_id).expect("looked up above");
        token.seen.attached_asset = Some(asset_id);
        token.attached_since = Instant::now();
        token.updated_at = now();
        Ok(())
    }

    /// A URL is taken unseen, and fetched by a worker later. There is no source before the file has come.
    fn fetch(&mut self, entry_id: &str, resource: &Params) -> Result<(), ApiError> {
        let url = resource.required("url")?;
        self.imports.push(Import::new(entry_id, &url, resource));
        let entry = self.entries.get_mut(entry_id).expect("looked up by the caller");
        entry.status = status::IMPORT;
        entry.updated_at = now();
        Ok(())
    }

    /// `media.addFromUrl`
    pub fn add_from_url(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let added = self.add_entry(params, session, "mediaEntry")?;
        let id = added["id"].as_str().expect("an entry with an id").to_owned();
        self.fetch(&id, params)?;
        Ok(self.entry_wire(&id, "KalturaMediaEntry"))
    }

    /// `media.updateContent`, while the first content is on its way: nothing happens. Of a replacement nothing is recorded.
    pub fn update_content(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let id = params.required("entryId")?;
        let entry = self.entry(&id)?;
        if !session.may_touch(&entry.user_id) {
            return Err(ApiError::not_yours());
        }
        if entry.status != status::IMPORT {
            return Err(self.refuse("media.updateContent of an entry that has content"));
        }
        Ok(self.entry_wire(&id, "KalturaMediaEntry"))
    }

    /// An empty source for an entry, which then waits for content.
    pub fn add_source(&mut self, entry_id: &str) -> String {
        let asset = FlavorAsset::waiting(self.short_id(), entry_id);
        let asset_id = asset.id.clone();
        self.assets.insert(asset_id.clone(), asset);
        let entry = self.entries.get_mut(entry_id).expect("looked up by the caller");
        entry.status = status::IMPORT;
        entry.source = Some(asset_id.clone());
        entry.updated_at = now();
        asset_id
    }

    /// Moves the bytes of a token into a source and starts to process them.
    pub fn import(&mut self, token_id: &str, asset_id: &str) {
        let token = self.tokens.get_mut(token_id).expect("looked up by the caller");
        token.seen.status = token_status::CLOSED;
        token.updated_at = now();
        let content = token.content.take().expect("a token that is full");
        let file_ext = extension(token.seen.file_name.as_deref().unwrap_or_default());
        self.fill(asset_id, content, &file_ext);
    }

    /// Puts bytes into a source and starts to process them.
    pub fn fill(&mut self, asset_id: &str, content: Stored, file_ext: &str) {
        let found = probe(&content).unwrap_or(Probe { kind: Kind::Text, ms_duration: 0 });
        let asset = self.assets.get_mut(asset_id).expect("looked up by the caller");
        file_ext.clone_into(&mut asset.file_ext);
        asset.playable = found.kind != Kind::Text;
        asset.content = Some(Arc::new(content));
        let entry = self.entries.get_mut(&asset.entry_id).expect("an entry for every source");
        entry.status = status::PRECONVERT;
        entry.updated_at = now();
        let ms_duration = found.ms_duration;
        entry.progress = Progress::Processing { since: Instant::now(), ms_duration };
    }
}

/// What follows the last dot of a file's name.
pub fn extension(file_name: &str) -> String {
    file_name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default()
}
