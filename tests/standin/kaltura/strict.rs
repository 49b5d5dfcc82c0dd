//! The mistakes that the real server swallows and the stand-in does not let pass.

use super::error::ApiError;
use super::params::Params;
use super::world::World;

/// What every filter may hold besides its own fields.
const COMMON: &[&str] = &["objectType", "orderBy"];

impl World {
    /// Looks at a request as a whole, before it is carried out.
    pub fn check_request(&mut self, call: &str, params: &Params) -> Result<(), ApiError> {
        let missing = ["clientTag", "format"].into_iter().find(|name| params.filled(name).is_none());
        match missing {
            Some(name) => self.complain(&format!("{call} without {name}")),
            None => Ok(()),
        }
    }

    /// Looks at the header of a request: a JSON body is read only if its type is exactly this.
    pub fn check_content_type(&mut self, content_type: &str) -> Result<(), ApiError> {
        if content_type.contains("json") && content_type != "application/json" {
            return self.complain(&format!("content type {content_type:?}: would not be read"));
        }
        Ok(())
    }

    /// Looks at the flags of a chunk.
    pub fn check_upload(&mut self, resume: bool, resume_at: i64) -> Result<(), ApiError> {
        if resume && resume_at < 0 {
            return self.complain("uploadToken.upload with resumeAt=-1: a re-sent chunk is stored twice");
        }
        Ok(())
    }

    /// Looks at a new upload token.
    pub fn check_upload_token(&mut self, token: &Params) -> Result<(), ApiError> {
        if token.flag("autoFinalize", false) {
            return self.complain("uploadToken.add with autoFinalize: counts re-sent chunks twice");
        }
        Ok(())
    }

    /// Looks for filter fields that would be ignored, by name or because they are empty.
    pub fn check_filter(&mut self, filter: &Params, known: &[&str]) -> Result<(), ApiError> {
        let unknown = filter.names().find(|name| !known.contains(name) && !COMMON.contains(name));
        if let Some(name) = unknown.map(str::to_owned) {
            return self.complain(&format!("filter field {name} is not known here"));
        }
        let empty = known.iter().find(|name| filter.text(name).is_some_and(|value| value.is_empty()));
        if let Some(name) = empty {
            return self.complain(&format!("empty filter field {name}: everything would be listed"));
        }
        Ok(())
    }

    /// Looks for a search by referenceId that shows READY entries only.
    pub fn check_reference_search(&mut self, filter: &Params) -> Result<(), ApiError> {
        let by_reference = ["referenceIdEqual", "referenceIdIn"];
        let by_status = ["statusIn", "statusEqual", "statusNotIn", "statusNotEqual"];
        let named = |names: &[&str]| names.iter().any(|name| filter.filled(name).is_some());
        if named(&by_reference) && !named(&by_status) {
            return self.complain("a search by referenceId without statusIn shows READY entries only");
        }
        Ok(())
    }

    /// Refuses in strict mode, lets pass otherwise.
    pub fn complain(&mut self, why: &str) -> Result<(), ApiError> {
        if self.settings.strict { Err(self.refuse(why)) } else { Ok(()) }
    }
}
