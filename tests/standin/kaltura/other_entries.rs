//! Entries that are no media: data and documents. They hang on an entry like other children and hide from whoever asks for
//! media.

use serde_json::{Value, json};

use super::entry::{DATA, DOCUMENT, status};
use super::error::ApiError;
use super::params::Params;
use super::permissions::Moment;
use super::session::Session;
use super::tokens::status as token_status;
use super::world::World;

impl World {
    /// `baseEntry.add`, here for data alone.
    pub fn add_data_entry(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let asked = params.required_object("entry")?;
        let kind = asked.text("objectType").unwrap_or_default();
        if kind != "KalturaDataEntry" {
            return Err(self.refuse(&format!("baseEntry.add of a {kind:?}")));
        }
        let id = self.add_other(asked, session, DATA)?;
        let mut wire = self.entry_wire(&id, &kind);
        wire["dataContent"] = json!(params.object("entry").and_then(|entry| entry.text("dataContent")));
        Ok(wire)
    }

    /// `document_documents.addFromUploadedFile`
    pub fn add_document(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let asked = params.required_object("documentEntry")?;
        let token = self.token(&params.required("uploadTokenId")?, session)?;
        if token.seen.status != token_status::FULL {
            return Err(ApiError::token_not_found());
        }
        token.seen.status = token_status::CLOSED;
        let id = self.add_other(asked, session, DOCUMENT)?;
        self.entries.get_mut(&id).expect("just made").status = status::READY;
        Ok(self.entry_wire(&id, "KalturaDocumentEntry"))
    }

    fn add_other(&mut self, mut asked: Params, session: &Session, sort: i32) -> Result<String, ApiError> {
        self.drop_fields(&mut asked, session, Moment::Add);
        if let Some(parent) = asked.filled("parentEntryId") {
            self.entry(&parent).map_err(|_| ApiError::internal())?;
        }
        let entry = self.new_entry(&asked, session, sort)?;
        let id = entry.id.clone();
        self.entries.insert(id.clone(), entry);
        Ok(id)
    }
}
