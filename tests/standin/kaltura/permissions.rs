//! The role behind a session: which calls its permissions open.

use std::collections::BTreeSet;

use super::Kaltura;
use super::error::ApiError;
use super::session::Session;
use super::world::World;

/// A call, and the permissions of which one opens it: from Kaltura's own table of roles. A call that is not here is open
/// to every role of an administrator.
const NEEDS: &[(&str, &[&str])] = &[
    ("attachment_attachmentAsset.add", &["ATTACHMENT_MODIFY"]),
    ("attachment_attachmentAsset.setContent", &["ATTACHMENT_MODIFY"]),
    ("baseEntry.delete", &["CONTENT_MANAGE_DELETE"]),
    ("baseEntry.recycle", &["CONTENT_MANAGE_DELETE"]),
    ("baseEntry.update", &["CONTENT_MANAGE_BASE"]),
    ("caption_captionAsset.add", &["CAPTION_MODIFY"]),
    ("caption_captionAsset.setContent", &["CAPTION_MODIFY"]),
    ("categoryEntry.add", &["CONTENT_MANAGE_ASSIGN_CATEGORIES"]),
    ("media.add", &["CONTENT_INGEST_UPLOAD", "CONTENT_MANAGE_BASE"]),
    ("media.delete", &["CONTENT_MANAGE_DELETE"]),
    ("media.update", &["CONTENT_MANAGE_BASE"]),
    ("uploadToken.add", &["CONTENT_INGEST_UPLOAD", "ATTACHMENT_MODIFY", "CAPTION_MODIFY"]),
    ("uploadToken.delete", &["CONTENT_INGEST_UPLOAD"]),
    ("uploadToken.get", &["CONTENT_INGEST_UPLOAD"]),
    ("uploadToken.upload", &["CONTENT_INGEST_UPLOAD", "ATTACHMENT_MODIFY", "CAPTION_MODIFY"]),
    ("user.add", &["ADMIN_USER_ADD"]),
    ("user.list", &["ADMIN_BASE"]),
];

impl World {
    /// Turns a call away that the role of the session's user does not open.
    pub fn permit(&self, call: &str, session: &Session) -> Result<(), ApiError> {
        let Some(granted) = self.roles.get(&session.user_id) else {
            return Ok(());
        };
        let needed = NEEDS.iter().find(|(name, _)| *name == call).map(|(_, needed)| *needed);
        match needed {
            Some(needed) if !needed.iter().any(|permission| granted.contains(*permission)) => {
                Err(ApiError::forbidden(call))
            }
            _ => Ok(()),
        }
    }
}

impl Kaltura {
    /// Gives a user a role with these permissions and no other; until then the user may do everything.
    pub fn set_role(&self, user_id: &str, permissions: &[&str]) {
        let permissions: BTreeSet<String> = permissions.iter().map(|&permission| permission.to_owned()).collect();
        self.shared.world().roles.insert(user_id.to_owned(), permissions);
    }
}
