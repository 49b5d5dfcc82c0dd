//! An entry, what time does to it, and how it goes over the wire.

use std::time::Instant;

use serde_json::{Value, json};

use super::moods::Conversion;
use super::params::Params;
use super::text::{self, folded};
use super::world::{Settings, now};

/// The states of an entry.
pub mod status {
    pub const ERROR_IMPORTING: i32 = -2;
    pub const ERROR_CONVERTING: i32 = -1;
    pub const IMPORT: i32 = 0;
    pub const PRECONVERT: i32 = 1;
    pub const READY: i32 = 2;
    pub const DELETED: i32 = 3;
    pub const NO_CONTENT: i32 = 7;
}

/// The sorts of entries.
pub const MEDIA: i32 = 1;
pub const DATA: i32 = 6;
pub const DOCUMENT: i32 = 10;

/// An entry as a caller sees it now.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: String,
    pub name: String,
    pub description: String,
    /// Separated by a comma and a blank.
    pub tags: String,
    /// Separated by a comma.
    pub admin_tags: String,
    /// Empty for an entry without owner.
    pub user_id: String,
    pub creator_id: String,
    /// Empty where there is none.
    pub reference_id: String,
    /// Empty for an entry that is no child.
    pub parent_entry_id: String,
    pub status: i32,
    /// 1 video, 2 image, 5 audio.
    pub media_type: i32,
    pub created_at: i64,
    pub updated_at: i64,
    /// The size of the source.
    pub bytes: u64,
    /// 0 until READY.
    pub ms_duration: u64,
    pub categories: Vec<u64>,
    pub plays: u64,
    /// None where nobody has played it, or where that was before Kaltura kept the time.
    pub last_played_at: Option<i64>,
    /// Who may see, edit and publish it beside its owner, separated by commas.
    pub entitled: [String; 3],
    /// Lies in the recycle bin.
    pub recycled: bool,
    /// Shows in no list, as a child does.
    pub hidden: bool,
    pub block_auto_transcript: bool,
    /// 1 media, 6 data, 10 a document.
    pub entry_type: i32,
    pub start_date: Option<i64>,
    pub end_date: Option<i64>,
    /// Where one was asked for.
    pub conversion_profile_id: Option<i64>,
    pub(super) serial: u64,
    pub(super) owner: Option<usize>,
    pub(super) source: Option<String>,
    pub(super) progress: Progress,
    /// What becomes of its content, if that is not left to the rule for all.
    pub(super) conversion: Option<Conversion>,
    pub(super) born: Instant,
    /// Entitled users who were deleted and over whom an update stumbled already.
    pub(super) stumbled: Vec<String>,
}

/// What goes on by itself as time passes.
#[derive(Clone, Debug)]
pub(super) enum Progress {
    Still,
    Processing { since: Instant, ms_duration: u64 },
}

impl Entry {
    /// A video of nobody, made just now.
    pub(super) fn blank() -> Entry {
        Entry {
            id: String::new(),
            name: String::new(),
            description: String::new(),
            tags: String::new(),
            admin_tags: String::new(),
            user_id: String::new(),
            creator_id: String::new(),
            reference_id: String::new(),
            parent_entry_id: String::new(),
            status: status::NO_CONTENT,
            media_type: 1,
            created_at: now(),
            updated_at: now(),
            bytes: 0,
            ms_duration: 0,
            categories: Vec::new(),
            plays: 0,
            last_played_at: None,
            entitled: Default::default(),
            recycled: false,
            hidden: false,
            block_auto_transcript: false,
            entry_type: MEDIA,
            start_date: None,
            end_date: None,
            conversion_profile_id: None,
            serial: 0,
            owner: None,
            source: None,
            progress: Progress::Still,
            conversion: None,
            born: Instant::now(),
            stumbled: Vec::new(),
        }
    }

    /// Whether somebody else than the owner may change it.
    pub(super) fn is_edited_by(&self, user_id: &str) -> bool {
        self.entitled[1].split(',').any(|id| !id.is_empty() && folded(id) == folded(user_id))
    }

    /// The entry with what the passing of time has done to it.
    pub(super) fn seen(&self, settings: &Settings) -> Entry {
        let mut seen = self.clone();
        match self.progress {
            Progress::Processing { since, ms_duration }
                if self.status == status::PRECONVERT && since.elapsed() >= settings.ready_after =>
            {
                match self.conversion.unwrap_or(settings.conversion) {
                    Conversion::Succeeds => {
                        seen.status = status::READY;
                        seen.ms_duration = if self.is_frozen() { 0 } else { ms_duration };
                    }
                    Conversion::Fails => seen.status = status::ERROR_CONVERTING,
                    Conversion::NeverEnds => {}
                }
            }
            _ => {}
        }
        seen
    }

    /// What the entry answers to, as a `KalturaMediaEntry` or a `KalturaBaseEntry`.
    pub(super) fn wire(&self, kind: &str, settings: &Settings, categories: &str) -> Value {
        let partner = settings.partner;
        let place = format!("{}/p/{partner}/sp/{partner}00/playManifest", settings.service);
        let ids: Vec<_> = self.categories.iter().map(u64::to_string).collect();
        let mut wire = json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "partnerId": partner,
            "userId": self.user_id,
            "creatorId": self.creator_id,
            "tags": self.tags,
            "categories": categories,
            "categoriesIds": ids.join(","),
            "status": self.status,
            "moderationStatus": 6,
            "moderationCount": 0,
            "type": self.entry_type,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "rank": 0,
            "totalRank": 0,
            "votes": 0,
            "downloadUrl": format!("{place}/entryId/{}/format/download", self.id),
            "licenseType": -1,
            "version": 0,
            "replacementStatus": 0,
            "partnerSortValue": 0,
            "rootEntryId": self.id,
            "operationAttributes": [],
            "entitledUsersView": self.entitled[0],
            "entitledUsersEdit": self.entitled[1],
            "entitledUsersPublish": self.entitled[2],
            "capabilities": "",
            "displayInSearch": self.display_in_search(),
            "blockAutoTranscript": self.block_auto_transcript,
            "objectType": kind,
        });
        let optional = [
            ("adminTags", &self.admin_tags),
            ("referenceId", &self.reference_id),
            ("parentEntryId", &self.parent_entry_id),
        ];
        for (name, value) in optional.into_iter().filter(|(_, value)| !value.is_empty()) {
            wire[name] = json!(value);
        }
        if let Some(profile) = self.conversion_profile_id {
            wire["conversionProfileId"] = json!(profile);
        }
        for (name, date) in [("startDate", self.start_date), ("endDate", self.end_date)] {
            if let Some(date) = date {
                wire[name] = json!(date);
            }
        }
        if kind == "KalturaMediaEntry" {
            wire["plays"] = json!(self.plays);
            wire["views"] = json!(self.plays);
            if let Some(at) = self.last_played_at {
                wire["lastPlayedAt"] = json!(at);
            }
            wire["duration"] = json!(self.ms_duration.div_ceil(1000));
            wire["msDuration"] = json!(self.ms_duration);
            wire["mediaType"] = json!(self.media_type);
            wire["dataUrl"] = json!(format!("{place}/entryId/{}/format/url", self.id));
        }
        wire
    }

    /// Children show in no list, and what lies in the recycle bin does not either.
    pub(super) fn display_in_search(&self) -> i32 {
        match (self.recycled, self.hidden) {
            (true, _) => -2,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    /// The type that an entry of another sort than media is; what is asked for otherwise.
    pub(super) fn kind<'a>(&self, asked: &'a str) -> &'a str {
        match self.entry_type {
            DATA => "KalturaDataEntry",
            DOCUMENT => "KalturaDocumentEntry",
            _ => asked,
        }
    }

    /// Takes over what is asked for, each text as `keep` leaves it.
    pub(super) fn change(&mut self, asked: &Params, keep: fn(&str) -> String) {
        let fields = [
            ("name", &mut self.name),
            ("referenceId", &mut self.reference_id),
            ("parentEntryId", &mut self.parent_entry_id),
        ];
        for (name, field) in fields {
            if let Some(value) = asked.text(name) {
                *field = keep(&value);
            }
        }
        if let Some(value) = asked.text("description") {
            text::description(&keep(&value)).clone_into(&mut self.description);
        }
        for (name, date) in [("startDate", &mut self.start_date), ("endDate", &mut self.end_date)] {
            *date = asked.number(name).or(*date);
        }
        self.block_auto_transcript = asked.flag("blockAutoTranscript", self.block_auto_transcript);
        if let Some(profile) = asked.number("conversionProfileId") {
            self.conversion_profile_id = Some(profile);
        }
        if let Some(tags) = asked.text("tags") {
            self.tags = text::tags(&keep(&tags));
        }
        if let Some(tags) = asked.text("adminTags") {
            self.admin_tags = text::admin_tags(&keep(&tags));
        }
    }
}
