//! The calls that the stand-in knows, and who carries them out.

use serde_json::Value;

use super::entries::Service;
use super::error::ApiError;
use super::params::Params;
use super::schema::ACTIONS;
use super::session::Session;
use super::text_assets::Sort;
use super::world::World;

/// The one call that is not carried out here: it has a file and may have to wait.
pub const UPLOAD: &str = "uploadToken.upload";

/// The call that is meant, in whatever letter case it is asked for.
pub fn resolve(service: &str, action: &str) -> Result<&'static str, ApiError> {
    let mut of_service = ACTIONS.iter().filter_map(|(call, _)| {
        let (name, rest) = call.split_once('.')?;
        name.eq_ignore_ascii_case(service).then_some((*call, rest))
    });
    if let Some((call, _)) = of_service.clone().find(|(_, name)| name.eq_ignore_ascii_case(action)) {
        return Ok(call);
    }
    if of_service.next().is_some() {
        return Err(ApiError::no_action(service, action));
    }
    Err(ApiError::no_service(&service.to_lowercase()))
}

impl World {
    /// Carries out a call; a request with several parts comes here once for each.
    pub fn perform(&mut self, call: &str, params: &Params, session: &Session) -> Result<Value, ApiError> {
        match call {
            "annotation_annotation.add" => self.add_cue_point(params, session, "annotation"),
            "appToken.add" => self.add_app_token(params),
            "appToken.delete" => self.delete_app_token(params),
            "appToken.startSession" => self.start_app_session(params),
            "attachment_attachmentAsset.add" => self.add_text(params, Sort::Attachment),
            "attachment_attachmentAsset.delete" => self.delete_text(params, Sort::Attachment),
            "attachment_attachmentAsset.list" => self.list_texts(params, Sort::Attachment),
            "attachment_attachmentAsset.setContent" => self.set_text(params, session, Sort::Attachment),
            "baseEntry.add" => self.add_data_entry(params, session),
            "baseEntry.delete" => self.delete_entry(params, session, Service::Base),
            "baseEntry.get" => self.get_entry(params, session, Service::Base),
            "baseEntry.list" => self.list_entries(params, "KalturaBaseEntryListResponse"),
            "baseEntry.listByReferenceId" => self.list_by_reference(params),
            "baseEntry.recycle" => self.recycle_entry(params, session),
            "baseEntry.restoreRecycled" => self.restore_entry(params, session),
            "baseEntry.update" => self.update_entry(params, session, "baseEntry"),
            "caption_captionAsset.add" => self.add_text(params, Sort::Caption),
            "caption_captionAsset.delete" => self.delete_text(params, Sort::Caption),
            "caption_captionAsset.get" => self.get_text(params, Sort::Caption),
            "caption_captionAsset.list" => self.list_texts(params, Sort::Caption),
            "caption_captionAsset.setAsDefault" => self.set_default_caption(params),
            "caption_captionAsset.setContent" => self.set_text(params, session, Sort::Caption),
            "caption_captionAsset.update" => self.update_text(params, Sort::Caption),
            "category.add" => self.add_category(params),
            "category.get" => self.get_category(params),
            "category.list" => self.list_categories(params),
            "categoryEntry.add" => self.add_category_entry(params, session),
            "categoryEntry.list" => self.list_category_entries(params, session),
            "conversionProfile.add" => self.add_conversion_profile(params),
            "cuepoint_cuePoint.add" => self.add_cue_point(params, session, "cuePoint"),
            "cuepoint_cuePoint.count" => self.count_cue_points(params),
            "cuepoint_cuePoint.delete" => self.delete_cue_point(params),
            "cuepoint_cuePoint.get" => self.get_cue_point(params),
            "cuepoint_cuePoint.list" => self.list_cue_points(params),
            "cuepoint_cuePoint.update" => self.update_cue_point(params),
            "document_documents.addFromUploadedFile" => self.add_document(params, session),
            "flavorAsset.get" => self.get_asset(params),
            "flavorAsset.getByEntryId" => self.get_assets_of_entry(params),
            "flavorAsset.list" => self.list_assets(params),
            "group_group.add" => self.add_group(params),
            "group_group.get" => self.get_group(params),
            "groupUser.list" => self.list_group_users(params),
            "media.add" => self.add_entry(params, session, "entry"),
            "media.addContent" => self.add_content(params, session),
            "media.addFromUrl" => self.add_from_url(params, session),
            "media.delete" => self.delete_entry(params, session, Service::Media),
            "media.get" => self.get_entry(params, session, Service::Media),
            "media.list" => self.list_entries(params, "KalturaMediaListResponse"),
            "media.update" => self.update_entry(params, session, "mediaEntry"),
            "media.updateContent" => self.update_content(params, session),
            "permission.getCurrentPermissions" => Ok(self.current_permissions(session)),
            "session.start" => self.start_session(params),
            "session.startWidgetSession" => self.start_widget_session(params),
            "uploadToken.add" => self.add_token(params, session),
            "uploadToken.delete" => self.delete_token(params, session),
            "uploadToken.get" => self.get_token(params, session),
            "uploadToken.list" => self.list_tokens(params, session),
            "user.add" => self.add_user(params),
            "user.delete" => self.delete_user(params),
            "user.get" => self.get_user(params, session),
            "user.list" => self.list_users(params),
            "user.update" => self.update_user(params),
            "userRole.add" => self.add_role(params),
            "userRole.get" => self.get_role(params),
            _ => Err(self.refuse(&format!("{call} cannot be a part of a multirequest"))),
        }
    }
}
