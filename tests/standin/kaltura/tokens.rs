//! Upload tokens: a name for bytes that come in chunks.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::assets::FlavorAsset;
use super::entry::status as entry_status;
use super::error::ApiError;
use super::page::{Page, list, ordered};
use super::params::Params;
use super::session::Session;
use super::store::Stored;
use super::text::{first, folded, stored};
use super::world::{World, now};

/// The states of an upload token.
pub mod status {
    pub const PENDING: i32 = 0;
    pub const PARTIAL: i32 = 1;
    pub const FULL: i32 = 2;
    pub const CLOSED: i32 = 3;
}

/// The longest file name, in characters; what is behind is cut off without a word.
const LONGEST_NAME: usize = 256;

/// A token as a test sees it.
#[derive(Clone, Debug)]
pub struct Token {
    pub id: String,
    pub user_id: String,
    pub file_name: Option<String>,
    pub file_size: Option<u64>,
    /// The contiguous bytes; none before the first chunk.
    pub uploaded: Option<u64>,
    /// 0 pending, 1 partial, 2 full, 3 closed.
    pub status: i32,
    /// The flavor asset that waits for the upload.
    pub attached_asset: Option<String>,
    /// How many chunks that came early lay beside the file at a time, at most.
    pub most_waiting: usize,
}

/// A token and its bytes. A deleted token is gone.
pub struct UploadToken {
    pub seen: Token,
    pub created_at: i64,
    pub updated_at: i64,
    pub attached_since: Instant,
    pub expired: bool,
    /// What has arrived without a gap.
    pub content: Option<Stored>,
    /// What arrived early, by its offset.
    pub waiting: BTreeMap<u64, Stored>,
}

/// One that was deleted, with the asset that waited for it.
pub struct DeletedToken {
    token: UploadToken,
    asset: Option<FlavorAsset>,
    at: Instant,
}

impl UploadToken {
    pub fn wire(&self, partner: u32, link_delay: Duration) -> Value {
        let seen = &self.seen;
        let mut wire = json!({
            "id": seen.id,
            "partnerId": partner,
            "userId": seen.user_id,
            "status": seen.status,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "autoFinalize": false,
            "objectType": "KalturaUploadToken",
        });
        if let Some(name) = &seen.file_name {
            wire["fileName"] = json!(name);
        }
        if let Some(size) = seen.file_size {
            wire["fileSize"] = json!(size.to_string());
        }
        if let Some(size) = seen.uploaded {
            wire["uploadedFileSize"] = json!(size.to_string());
        }
        let linked = self.attached_since.elapsed() >= link_delay;
        if let Some(asset) = seen.attached_asset.as_ref().filter(|_| linked) {
            wire["attachedObjectType"] = json!("flavorAsset");
            wire["attachedObjectId"] = json!(asset);
        }
        wire
    }

    /// Whether chunks are still taken.
    pub fn is_open(&self) -> bool {
        matches!(self.seen.status, status::PENDING | status::PARTIAL)
    }

    fn matches(&self, wanted: &TokenFilter) -> bool {
        let status = self.seen.status;
        let of_status = wanted.status.is_some() || wanted.statuses.is_some();
        let is_status = |wanted: &str| wanted == status.to_string();
        let is_named = |name: &String| self.seen.file_name.as_ref().is_some_and(|own| is_name(own, name));
        // recorded: a partial one that can no longer be resumed is left out, by this filter and no other
        let lost = self.expired && status == status::PARTIAL && wanted.file_name.is_some();
        (of_status || status != status::CLOSED)
            && wanted.ids.iter().all(|ids| ids.contains(&self.seen.id))
            && wanted.user_id.as_ref().is_none_or(|wanted| *wanted == folded(&self.seen.user_id))
            && wanted.status.as_ref().is_none_or(|wanted| is_status(wanted) && !lost)
            && wanted.statuses.as_ref().is_none_or(|list| list.split(',').any(is_status))
            && wanted.file_name.as_ref().is_none_or(is_named)
    }
}

/// What a list of tokens is narrowed to.
struct TokenFilter {
    /// One of each of these.
    ids: Vec<HashSet<String>>,
    /// As it is looked up.
    user_id: Option<String>,
    status: Option<String>,
    statuses: Option<String>,
    file_name: Option<String>,
}

impl TokenFilter {
    fn of(filter: &Params) -> TokenFilter {
        let one = filter.filled("idEqual").map(|id| HashSet::from([id]));
        let some = filter.filled("idIn").map(|ids| ids.split(',').map(str::to_owned).collect());
        TokenFilter {
            ids: one.into_iter().chain(some).collect(),
            user_id: filter.filled("userIdEqual").map(|id| folded(&id)),
            status: filter.filled("statusEqual"),
            statuses: filter.filled("statusIn"),
            file_name: filter.filled("fileNameEqual"),
        }
    }
}

/// The whole name, in any letter case and with any blanks behind.
fn is_name(own: &str, wanted: &str) -> bool {
    let (own, wanted) = (own.trim_end_matches(' '), wanted.trim_end_matches(' '));
    let are_ascii = own.is_ascii() && wanted.is_ascii();
    own.eq_ignore_ascii_case(wanted) || (!are_ascii && own.to_lowercase() == wanted.to_lowercase())
}

impl World {
    /// A token that this session may see.
    pub fn token(&mut self, id: &str, session: &Session) -> Result<&mut UploadToken, ApiError> {
        let token = self.tokens.get_mut(id).ok_or_else(ApiError::token_not_found)?;
        if !session.may_touch(&token.seen.user_id) {
            return Err(ApiError::token_not_found());
        }
        Ok(token)
    }

    pub fn token_wire(&self, id: &str) -> Value {
        self.tokens[id].wire(self.settings.partner, self.settings.link_delay)
    }

    /// `uploadToken.add`
    pub fn add_token(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let asked = params.object("uploadToken").unwrap_or_default();
        self.check_upload_token(&asked)?;
        let id = self.long_id();
        let seen = Token {
            id: id.clone(),
            user_id: session.user_id.clone(),
            file_name: asked.text("fileName").map(|name| stored(first(&name, LONGEST_NAME))),
            file_size: asked.filled("fileSize").and_then(|size| size.parse().ok()),
            uploaded: None,
            status: status::PENDING,
            attached_asset: None,
            most_waiting: 0,
        };
        let token = UploadToken {
            seen,
            created_at: now(),
            updated_at: now(),
            attached_since: Instant::now(),
            expired: false,
            content: None,
            waiting: BTreeMap::new(),
        };
        self.tokens.insert(id.clone(), token);
        Ok(self.token_wire(&id))
    }

    /// `uploadToken.get`
    pub fn get_token(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let id = params.required("uploadTokenId")?;
        self.token(&id, session)?;
        Ok(self.token_wire(&id))
    }

    /// `uploadToken.list`
    pub fn list_tokens(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let filter = params.object("filter").unwrap_or_default();
        let page = Page::of(params)?;
        let visible = self.tokens.values().filter(|token| session.may_touch(&token.seen.user_id));
        let wanted = TokenFilter::of(&filter);
        let mut found: Vec<_> = visible.filter(|token| token.matches(&wanted)).collect();
        let order = filter.filled("orderBy");
        ordered(&mut found, order.as_deref(), |token| token.created_at, |token| token.updated_at);
        let (partner, delay) = (self.settings.partner, self.settings.link_delay);
        Ok(list("KalturaUploadTokenListResponse", &found, page, |token| token.wire(partner, delay)))
    }

    /// `uploadToken.delete`: the entry that waits for it can be given other content.
    pub fn delete_token(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let id = params.required("uploadTokenId")?;
        let open = self.token(&id, session)?.is_open();
        if let Some((token, asset)) = self.drop_token(&id, open) {
            self.deleted_tokens.insert(id, DeletedToken { token, asset, at: Instant::now() });
        }
        Ok(Value::Null)
    }

    /// A final chunk that came in before its token was deleted undoes that (seen on a real server).
    pub fn undelete_token(&mut self, id: &str, arrived: Instant) {
        let Some(deleted) = self.deleted_tokens.remove(id).filter(|deleted| deleted.at > arrived) else {
            return;
        };
        if let Some(asset) = deleted.asset
            && let Some(entry) = self.entries.get_mut(&asset.entry_id)
            && entry.status == entry_status::NO_CONTENT
        {
            entry.status = entry_status::IMPORT;
            entry.source = Some(asset.id.clone());
            self.assets.insert(asset.id.clone(), asset);
        }
        self.tokens.insert(id.to_owned(), deleted.token);
    }

    /// Forgets a token and, if it was `open`, sets the entry free that waits for it.
    pub fn drop_token(&mut self, id: &str, open: bool) -> Option<(UploadToken, Option<FlavorAsset>)> {
        let token = self.tokens.remove(id)?;
        let asset_id = token.seen.attached_asset.as_ref().filter(|_| open);
        let asset = asset_id.filter(|id| self.assets.get(*id).is_some_and(|asset| !asset.deleted));
        let asset = asset.and_then(|id| self.assets.remove(id));
        if let Some(entry) = asset.as_ref().and_then(|asset| self.entries.get_mut(&asset.entry_id)) {
            entry.status = entry_status::NO_CONTENT;
            entry.source = None;
        }
        Some((token, asset))
    }
}
