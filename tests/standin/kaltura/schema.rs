//! What requests may hold, as far as the stand-in knows it: a small part of Kaltura's own description of its API, to
//! which a test holds these tables.
//!
//! A name may be followed by `:` and the type of the object it stands for (with `*` for a list of them), by `!` if it
//! can only be read, by `+` if it can be set only when the object is made.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What every call may hold besides its own parameters.
pub const COMMON: &str = "service action ks clientTag format responseProfile:KalturaDetachedResponseProfile";

/// Calls that Kaltura's description of its API leaves out.
pub const UNDESCRIBED: [&str; 6] = [
    "baseEntry.add",
    "document_documents.addFromUploadedFile",
    "group_group.add",
    "group_group.get",
    "groupUser.list",
    "userRole.get",
];

/// Types that it leaves out.
pub const UNDESCRIBED_TYPES: [&str; 4] =
    ["KalturaDataEntry", "KalturaDocumentEntry", "KalturaGroup", "KalturaGroupUserFilter"];

/// The calls and their parameters.
pub const ACTIONS: &[(&str, &str)] = &[
    ("annotation_annotation.add", "annotation:KalturaCuePoint"),
    ("appToken.add", "appToken:KalturaAppToken"),
    ("appToken.delete", "id"),
    ("appToken.startSession", "id tokenHash userId type expiry"),
    ("attachment_attachmentAsset.add", "entryId attachmentAsset:KalturaAttachmentAsset"),
    ("attachment_attachmentAsset.delete", "attachmentAssetId"),
    ("attachment_attachmentAsset.list", "filter:KalturaAssetFilter pager:KalturaFilterPager"),
    ("attachment_attachmentAsset.setContent", "id contentResource:KalturaContentResource"),
    ("baseEntry.add", "entry:KalturaBaseEntry"),
    ("baseEntry.delete", "entryId"),
    ("baseEntry.get", "entryId"),
    ("baseEntry.list", "filter:KalturaBaseEntryFilter pager:KalturaFilterPager"),
    ("baseEntry.listByReferenceId", "refId pager:KalturaFilterPager"),
    ("baseEntry.recycle", "entryId"),
    ("baseEntry.restoreRecycled", "entryId"),
    ("baseEntry.update", "entryId baseEntry:KalturaBaseEntry"),
    ("caption_captionAsset.add", "entryId captionAsset:KalturaCaptionAsset"),
    ("caption_captionAsset.delete", "captionAssetId"),
    ("caption_captionAsset.get", "captionAssetId"),
    ("caption_captionAsset.list", "filter:KalturaAssetFilter pager:KalturaFilterPager"),
    ("caption_captionAsset.setAsDefault", "captionAssetId"),
    ("caption_captionAsset.setContent", "id contentResource:KalturaContentResource"),
    ("caption_captionAsset.update", "id captionAsset:KalturaCaptionAsset"),
    ("category.add", "category:KalturaCategory"),
    ("category.get", "id"),
    ("category.list", "filter:KalturaCategoryFilter pager:KalturaFilterPager"),
    ("categoryEntry.add", "categoryEntry:KalturaCategoryEntry"),
    ("categoryEntry.list", "filter:KalturaCategoryEntryFilter pager:KalturaFilterPager"),
    ("conversionProfile.add", "conversionProfile:KalturaConversionProfile"),
    ("cuepoint_cuePoint.add", "cuePoint:KalturaCuePoint"),
    ("cuepoint_cuePoint.count", "filter:KalturaCuePointFilter"),
    ("cuepoint_cuePoint.delete", "id"),
    ("cuepoint_cuePoint.get", "id"),
    ("cuepoint_cuePoint.list", "filter:KalturaCuePointFilter pager:KalturaFilterPager"),
    ("cuepoint_cuePoint.update", "id cuePoint:KalturaCuePoint"),
    ("document_documents.addFromUploadedFile", "documentEntry:KalturaDocumentEntry uploadTokenId"),
    ("flavorAsset.get", "id"),
    ("flavorAsset.getByEntryId", "entryId"),
    ("flavorAsset.list", "filter:KalturaAssetFilter pager:KalturaFilterPager"),
    ("group_group.add", "group:KalturaGroup"),
    ("group_group.get", "groupId"),
    ("groupUser.list", "filter:KalturaGroupUserFilter pager:KalturaFilterPager"),
    ("media.add", "entry:KalturaMediaEntry"),
    ("media.addContent", "entryId resource:KalturaResource"),
    ("media.addFromUrl", "mediaEntry:KalturaMediaEntry url"),
    ("media.delete", "entryId"),
    ("media.get", "entryId"),
    ("media.list", "filter:KalturaMediaEntryFilter pager:KalturaFilterPager"),
    ("media.update", "entryId mediaEntry:KalturaMediaEntry"),
    ("media.updateContent", "entryId resource:KalturaResource"),
    ("permission.getCurrentPermissions", ""),
    ("session.start", "secret userId type partnerId expiry privileges"),
    ("session.startWidgetSession", "widgetId expiry"),
    ("uploadToken.add", "uploadToken:KalturaUploadToken"),
    ("uploadToken.delete", "uploadTokenId"),
    ("uploadToken.get", "uploadTokenId"),
    ("uploadToken.list", "filter:KalturaUploadTokenFilter pager:KalturaFilterPager"),
    ("uploadToken.upload", "uploadTokenId fileData resume finalChunk resumeAt"),
    ("user.add", "user:KalturaUser"),
    ("user.delete", "userId"),
    ("user.get", "userId"),
    ("user.list", "filter:KalturaUserFilter pager:KalturaFilterPager"),
    ("user.update", "userId user:KalturaUser"),
    ("userRole.add", "userRole:KalturaUserRole"),
    ("userRole.get", "userRoleId"),
];

/// The types of objects in requests, each with the next one above it that is here too, and its fields beside the
/// latter's.
pub const TYPES: &[(&str, &str, &str)] = &[
    ("KalturaAnnotation", "KalturaCuePoint", "parentId+ text endTime isPublic"),
    ("KalturaAppToken", "", "hashType sessionType sessionUserId sessionPrivileges sessionDuration"),
    ("KalturaAssetFilter", "KalturaFilter", "entryIdEqual entryIdIn"),
    ("KalturaAttachmentAsset", "", "title format filename"),
    ("KalturaAttachmentAssetFilter", "KalturaAssetFilter", ""),
    (
        "KalturaBaseEntry",
        "",
        "id! name description partnerId! userId creatorId+ tags adminTags status! moderationStatus! createdAt! updatedAt! \
         version! downloadUrl! referenceId conversionProfileId rootEntryId! parentEntryId categories categoriesIds \
         startDate endDate displayInSearch blockAutoTranscript entitledUsersView entitledUsersEdit entitledUsersPublish",
    ),
    (
        "KalturaBaseEntryFilter",
        "KalturaFilter",
        "idEqual idIn idNotIn nameEqual nameLike freeText entitledUsersEditMatchOr userIdEqual userIdIn creatorIdEqual statusEqual statusNotEqual statusIn \
         statusNotIn typeEqual typeIn moderationStatusIn referenceIdEqual referenceIdIn parentEntryIdEqual \
         rootEntryIdEqual displayInSearchEqual tagsLike tagsMultiLikeOr tagsMultiLikeAnd adminTagsLike \
         adminTagsMultiLikeOr adminTagsMultiLikeAnd createdAtGreaterThanOrEqual createdAtLessThanOrEqual \
         updatedAtGreaterThanOrEqual updatedAtLessThanOrEqual",
    ),
    ("KalturaCaptionAsset", "", "label format+ language source+ isDefault displayOnPlayer accuracy usage"),
    ("KalturaCaptionAssetFilter", "KalturaAssetFilter", ""),
    ("KalturaCategory", "", "name parentId"),
    ("KalturaCategoryEntry", "", "categoryId entryId"),
    ("KalturaCategoryEntryFilter", "KalturaFilter", "entryIdEqual"),
    ("KalturaCategoryFilter", "KalturaFilter", "fullNameEqual"),
    ("KalturaContentResource", "KalturaResource", ""),
    ("KalturaConversionProfile", "", "name description flavorParamsIds"),
    ("KalturaCuePoint", "", "entryId+ startTime tags systemName userId"),
    (
        "KalturaCuePointFilter",
        "KalturaFilter",
        "idEqual idIn entryIdEqual entryIdIn cuePointTypeEqual statusEqual systemNameEqual tagsLike",
    ),
    ("KalturaDataEntry", "KalturaBaseEntry", "dataContent"),
    ("KalturaDocumentEntry", "KalturaBaseEntry", "documentType"),
    ("KalturaDetachedResponseProfile", "", "type fields"),
    ("KalturaFilter", "", "orderBy"),
    ("KalturaFilterPager", "", "pageSize pageIndex"),
    ("KalturaFlavorAssetFilter", "KalturaAssetFilter", ""),
    ("KalturaGroup", "", "id screenName email"),
    (
        "KalturaGroupUserFilter",
        "KalturaFilter",
        "groupIdEqual groupIdIn userIdEqual userIdIn createdAtGreaterThanOrEqual",
    ),
    ("KalturaMediaEntry", "KalturaPlayableEntry", "mediaType+ dataUrl!"),
    ("KalturaMediaEntryFilter", "KalturaBaseEntryFilter", "mediaTypeEqual mediaTypeIn"),
    ("KalturaPlayableEntry", "KalturaBaseEntry", "plays! views! lastPlayedAt! duration!"),
    ("KalturaResource", "", ""),
    ("KalturaStringResource", "KalturaContentResource", "content"),
    ("KalturaThumbCuePoint", "KalturaCuePoint", "title description subType"),
    ("KalturaThumbCuePointFilter", "KalturaCuePointFilter", "subTypeEqual"),
    ("KalturaUploadToken", "", "fileName+ fileSize+ autoFinalize+"),
    ("KalturaUploadTokenFilter", "KalturaFilter", "idEqual idIn userIdEqual statusEqual statusIn fileNameEqual"),
    ("KalturaUploadedFileTokenResource", "KalturaContentResource", "token"),
    ("KalturaString", "", "value"),
    ("KalturaUrlResource", "KalturaContentResource", "url forceAsyncDownload urlHeaders:KalturaString* shouldRedirect"),
    ("KalturaUser", "", "id screenName firstName lastName email type isAdmin roleIds"),
    (
        "KalturaUserFilter",
        "KalturaFilter",
        "idEqual idIn emailStartsWith emailLike firstNameStartsWith screenNameStartsWith screenNameLike \
         idOrScreenNameStartsWith typeEqual statusEqual statusIn",
    ),
    ("KalturaUserRole", "", "name systemName description status permissionNames"),
];

/// When a field can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    ReadOnly,
    InsertOnly,
    Free,
}

/// A parameter of a call, or a field of an object.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    /// The type of the object it stands for; none for a plain value.
    pub kind: Option<&'static str>,
    /// Whether it stands for several.
    pub several: bool,
    pub access: Access,
}

/// The names in a line of a table.
pub fn parsed(line: &'static str) -> impl Iterator<Item = Field> {
    line.split_whitespace().map(|word| {
        let (name, kind) = word.split_once(':').map_or((word, None), |(name, kind)| (name, Some(kind)));
        let access = match name.chars().last() {
            Some('!') => Access::ReadOnly,
            Some('+') => Access::InsertOnly,
            _ => Access::Free,
        };
        let several = kind.is_some_and(|kind| kind.ends_with('*'));
        let kind = kind.map(|kind| kind.trim_end_matches('*'));
        Field { name: name.trim_end_matches(['!', '+']), kind, several, access }
    })
}

/// The parameters of a call; none for a call that is not known.
pub fn parameters(call: &str) -> Option<impl Iterator<Item = Field>> {
    let (_, line) = ACTIONS.iter().find(|(name, _)| *name == call)?;
    Some(parsed(line))
}

/// All fields of a type; none of a type that is not known.
pub fn fields(kind: &str) -> &'static [Field] {
    // every object of every request is looked up
    static KNOWN: LazyLock<HashMap<&str, Vec<Field>>> = LazyLock::new(|| {
        let all = |kind| line_of_descent(kind).flat_map(|(_, line)| parsed(line)).collect();
        TYPES.iter().map(|(kind, ..)| (*kind, all(kind))).collect()
    });
    KNOWN.get(kind).map_or(&[], Vec::as_slice)
}

/// Whether an object of type `kind` can be sent where one of type `declared` is asked for.
pub fn is_a(kind: &str, declared: &str) -> bool {
    line_of_descent(kind).any(|(name, _)| name == declared)
}

/// A type and those above it.
fn line_of_descent(kind: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let find = |kind: &str| TYPES.iter().find(|(name, ..)| *name == kind);
    std::iter::successors(find(kind), move |(_, base, _)| find(base)).map(|(name, _, line)| (*name, *line))
}
