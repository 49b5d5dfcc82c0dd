//! Cue points: chapters, slides and annotations on the time line of an entry.

use serde_json::{Value, json};

use super::error::ApiError;
use super::page::{Page, list};
use super::params::Params;
use super::session::Session;
use super::text::{first, stored};
use super::world::{World, now};

const READY: i32 = 1;
/// A slide whose picture has not come.
const PENDING: i32 = 4;
/// Of `subType`: a slide.
const SLIDE: i64 = 1;
/// The longest title, in characters.
const TITLE: usize = 255;

const THUMB: &str = "KalturaThumbCuePoint";
const ANNOTATION: &str = "KalturaAnnotation";

/// Filters of which one has to be there, as the error names them.
const NEEDED: [&str; 4] = ["idEqual", "idIn", "entryIdEqual", "entryIdIn"];

/// A cue point as it is. A deleted one is gone.
#[derive(Clone, Debug)]
pub struct CuePoint {
    pub id: String,
    pub entry_id: String,
    pub user_id: String,
    pub annotation: bool,
    /// In milliseconds.
    pub start_time: i64,
    pub end_time: Option<i64>,
    pub title: String,
    pub text: String,
    pub sub_type: i64,
    pub system_name: String,
    /// In the letter case that they came in.
    pub tags: String,
    description: String,
    parent_id: String,
    created_at: i64,
    serial: u64,
}

impl CuePoint {
    fn kind(&self) -> (&'static str, &'static str) {
        if self.annotation { (ANNOTATION, "annotation.Annotation") } else { (THUMB, "thumbCuePoint.Thumb") }
    }

    fn status(&self) -> i32 {
        if !self.annotation && self.sub_type == SLIDE { PENDING } else { READY }
    }

    fn wire(&self, partner: u32) -> Value {
        let (kind, point) = self.kind();
        let mut wire = json!({
            "id": self.id,
            "intId": self.serial,
            "cuePointType": point,
            "status": self.status(),
            "entryId": self.entry_id,
            "partnerId": partner,
            "createdAt": self.created_at,
            "updatedAt": self.created_at,
            "startTime": self.start_time,
            "userId": self.user_id,
            "isMomentary": false,
            "objectType": kind,
        });
        let filled = [("tags", &self.tags), ("systemName", &self.system_name), ("description", &self.description)];
        for (name, value) in filled.into_iter().filter(|(_, value)| !value.is_empty()) {
            wire[name] = json!(value);
        }
        if !self.annotation {
            wire["title"] = json!(self.title);
            wire["subType"] = json!(self.sub_type);
            return wire;
        }
        wire["text"] = json!(self.text);
        wire["parentId"] = json!(self.parent_id);
        if let Some(end) = self.end_time {
            wire["endTime"] = json!(end);
            wire["duration"] = json!(end - self.start_time);
        }
        wire
    }

    fn change(&mut self, asked: &Params) {
        let fields = [
            ("title", &mut self.title),
            ("text", &mut self.text),
            ("tags", &mut self.tags),
            ("systemName", &mut self.system_name),
            ("description", &mut self.description),
        ];
        for (name, field) in fields {
            if let Some(value) = asked.text(name) {
                *field = stored(&value);
            }
        }
        self.title = first(&self.title, TITLE).to_owned();
        self.start_time = milliseconds(asked, "startTime").unwrap_or(self.start_time);
        self.end_time = milliseconds(asked, "endTime").or(self.end_time);
        self.sub_type = asked.number("subType").unwrap_or(self.sub_type);
    }

    fn matches(&self, filter: &Params) -> bool {
        let (kind, point) = self.kind();
        let by_kind = filter.text("objectType").as_deref() != Some("KalturaThumbCuePointFilter") || kind == THUMB;
        let is = |name: &str, value: &str| filter.filled(name).is_none_or(|wanted| wanted == value);
        let among =
            |name: &str, value: &str| filter.filled(name).is_none_or(|list| list.split(',').any(|one| one == value));
        let tagged = |wanted: &str| self.tags.split(',').any(|tag| tag.trim().eq_ignore_ascii_case(wanted.trim()));
        by_kind
            && is("idEqual", &self.id)
            && among("idIn", &self.id)
            && is("entryIdEqual", &self.entry_id)
            && among("entryIdIn", &self.entry_id)
            && is("cuePointTypeEqual", point)
            && is("systemNameEqual", &self.system_name)
            && is("subTypeEqual", &self.sub_type.to_string())
            && is("statusEqual", &self.status().to_string())
            && filter.filled("tagsLike").is_none_or(|tag| tagged(&tag))
    }
}

/// A time in milliseconds; what is behind the point is cut off.
fn milliseconds(asked: &Params, name: &str) -> Option<i64> {
    let text = asked.filled(name)?;
    text.split('.').next()?.parse().ok()
}

impl World {
    /// `cuepoint_cuePoint.add`, `annotation_annotation.add`; `name` is that of the parameter.
    pub fn add_cue_point(&mut self, params: &Params, session: &Session, name: &str) -> Result<Value, ApiError> {
        let asked = params.required_object(name)?;
        let kind = asked.text("objectType").unwrap_or_default();
        if ![THUMB, ANNOTATION].contains(&kind.as_str()) {
            let message = format!("The object type \"{kind}\" is abstract, use one of the object implementations");
            return Err(ApiError::new("OBJECT_TYPE_ABSTRACT", message).arg("OBJ_TYPE", kind));
        }
        let entry_id = asked.text("entryId").unwrap_or_default();
        self.entry(&entry_id)?;
        let mut point = CuePoint {
            id: self.short_id(),
            entry_id,
            user_id: session.user_id.clone(),
            annotation: kind == ANNOTATION,
            start_time: 0,
            end_time: None,
            title: String::new(),
            text: String::new(),
            sub_type: SLIDE,
            system_name: String::new(),
            tags: String::new(),
            description: String::new(),
            parent_id: asked.filled("parentId").unwrap_or_else(|| "0".to_owned()),
            created_at: now(),
            serial: self.next(),
        };
        point.change(&asked);
        if point.parent_id != "0" {
            // as recorded: an answer to another one ends where it begins
            point.end_time = point.end_time.or(Some(point.start_time));
        }
        self.check_cue_point(&point)?;
        let wire = point.wire(self.settings.partner);
        self.cue_points.push(point);
        Ok(wire)
    }

    fn check_cue_point(&self, point: &CuePoint) -> Result<(), ApiError> {
        if point.start_time < 0 {
            return Err(ApiError::new("START_TIME_CANNOT_BE_LESS_THAN_0", "Start time cannot be less than 0"));
        }
        let twin = self.cue_points.iter().find(|other| {
            !point.system_name.is_empty() && other.system_name == point.system_name && other.entry_id == point.entry_id
        });
        match twin {
            Some(twin) if twin.id != point.id => {
                let (name, id) = (&point.system_name, &twin.id);
                let message = format!("Cue point system name already exists [{name}] with id [{id}]");
                Err(ApiError::new("CUE_POINT_SYSTEM_NAME_EXISTS", message).arg("NAME", name).arg("ID", id))
            }
            _ => Ok(()),
        }
    }

    fn cue_point(&self, params: &Params) -> Result<usize, ApiError> {
        let id = params.required("id")?;
        let place = self.cue_points.iter().position(|point| point.id == id && self.entry(&point.entry_id).is_ok());
        let message = format!("Invalid cue point id [{id}]");
        place.ok_or_else(|| ApiError::new("INVALID_CUE_POINT_ID", message).arg("ID", id))
    }

    /// `cuepoint_cuePoint.get`
    pub fn get_cue_point(&self, params: &Params) -> Result<Value, ApiError> {
        let place = self.cue_point(params)?;
        Ok(self.cue_points[place].wire(self.settings.partner))
    }

    /// `cuepoint_cuePoint.update`
    pub fn update_cue_point(&mut self, params: &Params) -> Result<Value, ApiError> {
        let place = self.cue_point(params)?;
        let asked = params.required_object("cuePoint")?;
        let mut point = self.cue_points[place].clone();
        point.change(&asked);
        self.check_cue_point(&point)?;
        let wire = point.wire(self.settings.partner);
        self.cue_points[place] = point;
        Ok(wire)
    }

    /// `cuepoint_cuePoint.delete`
    pub fn delete_cue_point(&mut self, params: &Params) -> Result<Value, ApiError> {
        let place = self.cue_point(params)?;
        self.cue_points.remove(place);
        Ok(Value::Null)
    }

    fn found_cue_points(&self, params: &Params) -> Result<Vec<&CuePoint>, ApiError> {
        let filter = params.object("filter").unwrap_or_default();
        if NEEDED.iter().all(|name| filter.filled(name).is_none()) {
            let kind = filter.text("objectType").unwrap_or_else(|| "KalturaCuePointFilter".to_owned());
            return Err(ApiError::null_property(&NEEDED.map(|name| format!("{kind}::{name}")).join("/")));
        }
        let alive = self.cue_points.iter().filter(|point| self.entry(&point.entry_id).is_ok());
        let mut found: Vec<_> = alive.filter(|point| point.matches(&filter)).collect();
        match filter.filled("orderBy").as_deref() {
            Some("+startTime") => found.sort_by_key(|point| point.start_time),
            Some("-startTime") => found.sort_by_key(|point| -point.start_time),
            _ => {}
        }
        Ok(found)
    }

    /// `cuepoint_cuePoint.list`
    pub fn list_cue_points(&self, params: &Params) -> Result<Value, ApiError> {
        self.need_index()?;
        let found = self.found_cue_points(params)?;
        let partner = self.settings.partner;
        Ok(list("KalturaCuePointListResponse", &found, Page::of(params)?, |point| point.wire(partner)))
    }

    /// `cuepoint_cuePoint.count`: a bare number.
    pub fn count_cue_points(&self, params: &Params) -> Result<Value, ApiError> {
        self.need_index()?;
        Ok(json!(self.found_cue_points(params)?.len()))
    }
}
