//! The recycle bin: an entry keeps its status and shows in no list.

use serde_json::Value;

use super::entry::Entry;
use super::error::ApiError;
use super::params::Params;
use super::session::Session;
use super::world::{World, now};

impl World {
    /// `baseEntry.recycle`: a deleted entry is taken as well, and children stay as they are.
    pub fn recycle_entry(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let id = params.required("entryId")?;
        if !self.settings.recycle_bin {
            let message = "Feature recycle bin is disabled for partner";
            return Err(ApiError::new("FEATURE_RECYCLE_BIN_DISABLED", message));
        }
        let entry = self.binned(&id, session)?;
        if entry.recycled {
            let message = "The entry displayInStatus is invalid for recycle";
            return Err(ApiError::new("INVALID_ENTRY_STATUS_FOR_RECYCLE", message));
        }
        Ok(self.put_into_bin(&id, true))
    }

    /// `baseEntry.restoreRecycled`, for which the feature need not be switched on.
    pub fn restore_entry(&mut self, params: &Params, session: &Session) -> Result<Value, ApiError> {
        let id = params.required("entryId")?;
        let entry = self.binned(&id, session)?;
        if !entry.recycled {
            let message = "Only entry in displayInStatus RECYCLED can be restored";
            return Err(ApiError::new("INVALID_ENTRY_STATUS_FOR_RESTORE", message));
        }
        Ok(self.put_into_bin(&id, false))
    }

    /// An entry as both calls see it, be it deleted.
    fn binned(&self, id: &str, session: &Session) -> Result<&Entry, ApiError> {
        let entry = self.entries.get(id).ok_or_else(|| ApiError::entry_not_found(id))?;
        if session.may_touch(&entry.user_id) { Ok(entry) } else { Err(ApiError::not_yours()) }
    }

    fn put_into_bin(&mut self, id: &str, recycled: bool) -> Value {
        let entry = self.entries.get_mut(id).expect("looked up by the caller");
        entry.recycled = recycled;
        entry.updated_at = now();
        // as recorded, and not the base type that the call declares
        self.entry_wire(id, "KalturaMediaEntry")
    }
}
