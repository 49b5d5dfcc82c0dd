//! What the permissions of a session open: calls, and fields of entries.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::error::ApiError;
use super::params::Params;
use super::session::{Role, Session};
use super::world::World;

/// A call, and the permissions of which one opens it: as recorded where it was recorded, else from Kaltura's own table of
/// roles. A call that is not here is open to every role.
const CALLS: &[(&str, &[&str])] = &[
    ("annotation_annotation.add", &["annotation.MANAGE"]),
    ("appToken.add", &["ADMIN_BASE"]),
    ("appToken.delete", &["ADMIN_BASE"]),
    ("attachment_attachmentAsset.add", &["ATTACHMENT_MODIFY"]),
    ("attachment_attachmentAsset.delete", &["ATTACHMENT_MODIFY"]),
    ("attachment_attachmentAsset.list", &["CONTENT_MANAGE_BASE"]),
    ("attachment_attachmentAsset.setContent", &["ATTACHMENT_MODIFY"]),
    ("baseEntry.add", &["CONTENT_INGEST_UPLOAD", "CONTENT_MANAGE_BASE"]),
    ("baseEntry.delete", &["CONTENT_MANAGE_DELETE"]),
    ("baseEntry.get", &["CONTENT_MANAGE_BASE"]),
    ("baseEntry.list", &["CONTENT_MANAGE_BASE"]),
    ("baseEntry.listByReferenceId", &["CONTENT_MANAGE_BASE"]),
    ("baseEntry.recycle", &["CONTENT_MANAGE_DELETE"]),
    ("baseEntry.restoreRecycled", &["CONTENT_MANAGE_DELETE"]),
    ("baseEntry.update", &["CONTENT_INGEST_UPLOAD"]),
    ("caption_captionAsset.add", &["CAPTION_MODIFY"]),
    ("caption_captionAsset.delete", &["CAPTION_MODIFY"]),
    ("caption_captionAsset.get", &["CONTENT_MANAGE_BASE"]),
    ("caption_captionAsset.list", &["CONTENT_MANAGE_BASE"]),
    ("caption_captionAsset.setAsDefault", &["CAPTION_MODIFY"]),
    ("caption_captionAsset.setContent", &["CAPTION_MODIFY"]),
    ("caption_captionAsset.update", &["CAPTION_MODIFY"]),
    ("category.add", &["CONTENT_MANAGE_EDIT_CATEGORIES"]),
    ("category.get", &["CONTENT_MANAGE_BASE"]),
    ("category.list", &["CONTENT_MANAGE_BASE"]),
    ("categoryEntry.add", &["CONTENT_MANAGE_ASSIGN_CATEGORIES"]),
    ("categoryEntry.list", &["CONTENT_MANAGE_BASE"]),
    ("cuepoint_cuePoint.add", &["cuePoint.MANAGE"]),
    ("cuepoint_cuePoint.delete", &["cuePoint.MANAGE"]),
    ("cuepoint_cuePoint.update", &["cuePoint.MANAGE"]),
    ("flavorAsset.get", &["CONTENT_MANAGE_BASE"]),
    ("flavorAsset.getByEntryId", &["CONTENT_MANAGE_BASE"]),
    ("flavorAsset.list", &["CONTENT_MANAGE_BASE"]),
    ("groupUser.list", &["CONTENT_MANAGE_ASSIGN_USER_GROUP"]),
    ("media.add", &["CONTENT_INGEST_UPLOAD", "CONTENT_MANAGE_BASE"]),
    ("media.addContent", &["CONTENT_INGEST_UPLOAD"]),
    ("media.addFromUrl", &["CONTENT_INGEST_UPLOAD"]),
    ("media.delete", &["CONTENT_MANAGE_DELETE"]),
    ("media.get", &["CONTENT_MANAGE_BASE"]),
    ("media.list", &["CONTENT_MANAGE_BASE"]),
    ("media.update", &["CONTENT_INGEST_UPLOAD"]),
    ("media.updateContent", &["CONTENT_INGEST_UPLOAD"]),
    ("uploadToken.add", &["CONTENT_INGEST_UPLOAD", "ATTACHMENT_MODIFY", "CAPTION_MODIFY"]),
    ("uploadToken.delete", &["CONTENT_INGEST_UPLOAD"]),
    ("uploadToken.get", &["CONTENT_INGEST_UPLOAD"]),
    ("uploadToken.list", &["CONTENT_INGEST_UPLOAD"]),
    ("uploadToken.upload", &["CONTENT_INGEST_UPLOAD", "ATTACHMENT_MODIFY", "CAPTION_MODIFY"]),
    ("user.add", &["ADMIN_USER_ADD"]),
    ("user.get", &["ADMIN_BASE"]),
    ("user.list", &["ADMIN_BASE"]),
    ("userRole.add", &["ADMIN_ROLE_ADD"]),
];

/// When a field of an entry is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Add,
    Update,
}

/// Fields of an entry that are dropped without a word, when, and for want of which permission (recorded traffic).
const FIELDS: &[(&[Moment], &[&str], &str)] = &[
    (&[Moment::Add, Moment::Update], &["referenceId"], "CONTENT_INGEST_REFERENCE_MODIFY"),
    (&[Moment::Update], &["name", "description", "tags"], "CONTENT_MANAGE_METADATA"),
    (&[Moment::Add, Moment::Update], &["startDate", "endDate"], "CONTENT_MANAGE_SCHEDULE"),
];

/// What everybody may do, under the names that Kaltura gives it.
const ALWAYS: [&str; 2] = ["ALWAYS_ALLOWED_ACTIONS", "ALWAYS_ALLOWED_FROM_INTERNAL_IP_ACTIONS"];

impl World {
    /// Turns a call away that the session's role does not open.
    pub fn permit(&self, call: &str, session: &Session) -> Result<(), ApiError> {
        let Some(granted) = self.granted(session) else {
            return Ok(());
        };
        let needed = CALLS.iter().find(|(name, _)| *name == call).map(|(_, needed)| *needed);
        match needed {
            Some(needed) if !needed.iter().any(|permission| granted.contains(*permission)) => {
                Err(ApiError::forbidden(call))
            }
            _ => Ok(()),
        }
    }

    /// Drops the fields that the session's role does not open, as Kaltura does: without a word.
    pub fn drop_fields(&mut self, asked: &mut Params, session: &Session, moment: Moment) {
        let is_child = asked.filled("parentEntryId").is_some();
        for drop in self.dropped.iter_mut().filter(|drop| is_child || !drop.of_children) {
            if drop.times > 0 && asked.text(drop.field).is_some() {
                drop.times -= 1;
                asked.remove(drop.field);
            }
        }
        let Some(granted) = self.granted(session) else {
            return;
        };
        let closed =
            FIELDS.iter().filter(|(moments, _, needed)| moments.contains(&moment) && !granted.contains(*needed));
        for field in closed.flat_map(|(_, fields, _)| *fields) {
            asked.remove(field);
        }
    }

    /// `permission.getCurrentPermissions`: the names in the order of the alphabet, then what is open to everybody.
    pub fn current_permissions(&self, session: &Session) -> Value {
        let mut names: Vec<String> = match (self.granted(session), session.role) {
            (Some(granted), _) => granted.into_iter().collect(),
            (None, Role::Admin) => all().into_iter().map(str::to_owned).collect(),
            (None, _) => Vec::new(),
        };
        names.extend(ALWAYS.map(str::to_owned));
        json!(names.join(","))
    }
}

/// Every permission that anything here asks for.
fn all() -> BTreeSet<&'static str> {
    let calls = CALLS.iter().flat_map(|(_, needed)| needed.iter().copied());
    calls.chain(FIELDS.iter().map(|(.., needed)| *needed)).collect()
}
