//! Zoom's JSON as sent, read leniently: a field may be missing, empty or of another type than documented, and no
//! video is dropped for it.
//!
//! The segments of one meeting, also where Zoom lists it more than once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::lenient::{
    as_code, as_text, lenient_bytes, lenient_records, lenient_text_value, lenient_time, whole_number,
};
use crate::model::{
    FileId, FileKind, HostId, Interner, Meeting, MeetingKind, MeetingUuid, PartNumber, RecordingFile, Segment, Window,
    believed_start, each_once, one_line, parse_zoom_time,
};

/// So many days before and after those that a list was asked for a meeting may have begun that it shows.
const MARGIN: Days = Days::new(2);
/// Longer than any recording.
const LONGEST: TimeDelta = TimeDelta::days(31);

#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    pub(super) access_token: String,
    #[serde(default)]
    expires_in: Value,
    #[serde(default, deserialize_with = "as_text")]
    scope: Option<String>,
}

impl TokenAnswer {
    /// How many seconds it is good for, where Zoom says so.
    pub(super) fn seconds(&self) -> Option<u64> {
        whole_number(&self.expires_in).filter(|seconds| *seconds > 0)
    }

    /// What it may be used for.
    pub(super) fn scopes(&self) -> Vec<String> {
        self.scope.as_deref().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    }
}

#[derive(Default, Deserialize)]
pub(super) struct TokenRefusal {
    #[serde(default, deserialize_with = "as_text")]
    pub(super) reason: Option<String>,
}

#[derive(Default, Deserialize)]
pub(super) struct ErrorBody {
    #[serde(default, deserialize_with = "as_code")]
    pub(super) code: Option<i64>,
    #[serde(default, deserialize_with = "as_text")]
    pub(super) message: Option<String>,
}

/// `meetings` has no default: an answer without it is no answer, never an empty list.
#[derive(Deserialize)]
pub(super) struct ListingPage {
    #[serde(default)]
    from: Value,
    #[serde(default)]
    to: Value,
    #[serde(default)]
    next_page_token: Value,
    #[serde(default)]
    total_records: Value,
    pub(super) meetings: Vec<Value>,
}

impl ListingPage {
    /// The days that Zoom says it answers for.
    pub(super) fn days(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let day = |value: &Value| lenient_text_value(value)?.parse().ok();
        (day(&self.from), day(&self.to))
    }

    /// Empty on the last page.
    pub(super) fn next(&self) -> String {
        lenient_text_value(&self.next_page_token).unwrap_or_default()
    }

    /// How many meetings the whole list has.
    pub(super) fn total(&self) -> Option<u64> {
        lenient_records(&self.total_records)
    }
}

/// Empty on the last page of a list.
pub(super) fn next_page_token(page: &Value) -> String {
    lenient_text_value(&page["next_page_token"]).unwrap_or_default()
}

/// How many a whole list has.
pub(super) fn total_records(page: &Value) -> Option<u64> {
    lenient_records(&page["total_records"])
}

#[derive(Deserialize)]
pub(super) struct WireGroup {
    #[serde(default, deserialize_with = "as_text")]
    pub(super) id: Option<String>,
    #[serde(default, deserialize_with = "as_text")]
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WireZoomUser {
    #[serde(default, deserialize_with = "as_text")]
    pub(super) id: Option<String>,
    #[serde(default, deserialize_with = "as_text")]
    pub(super) email: Option<String>,
    #[serde(default)]
    employee_unique_id: Value,
    #[serde(default)]
    cms_user_id: Value,
    /// Described as one object where a user is asked for, and as a list of them in the list of users.
    #[serde(default)]
    custom_attributes: Value,
}

impl WireZoomUser {
    /// What an institution may tell people apart by, by the names that `owner.candidates` uses.
    pub(super) fn attributes(&self) -> BTreeMap<String, String> {
        let own = [("employee_unique_id", &self.employee_unique_id), ("cms_user_id", &self.cms_user_id)];
        let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), lenient_text_value(value)?)));
        let custom = match &self.custom_attributes {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let custom = custom.iter().filter_map(|attribute| {
            Some((
                format!("custom:{}", lenient_text_value(&attribute["name"])?),
                lenient_text_value(&attribute["value"])?,
            ))
        });
        own.chain(custom).collect()
    }
}

/// The segments of a meeting as Zoom lists it, or what it lacks. Its files are grouped by `recording_start`: stop and
/// start make further segments under one UUID. A meeting without files becomes one segment without files, so that it is
/// waited for and reported. Of a list it is known for which days it was asked.
pub(super) fn read_segments(
    meeting: &Value,
    listed: Option<Window>,
    texts: &mut Interner,
) -> Result<Vec<Segment>, String> {
    let field = |name: &str| meeting.get(name).unwrap_or(&Value::Null);
    let topic = lenient_text_value(field("topic")).unwrap_or_default();
    let named =
        |what: &str| format!("the meeting {:?} ({}) {what}", one_line(&topic), one_line(&field("id").to_string()));
    let uuid = MeetingUuid::new(lenient_text_value(field("uuid")).ok_or_else(|| named("has no uuid"))?);
    let files = field("recording_files").as_array().map(Vec::as_slice).unwrap_or_default();
    let earliest =
        || files.iter().filter_map(|file| lenient_time(file.get("recording_start")?)).map(|(_, start)| start).min();
    // Zoom lists by the day of the start: one of another day is wrong, and a recording may tell better
    let fits = |start: &DateTime<Utc>| listed.is_none_or(|days| is_near(start.date_naive(), days));
    let told = lenient_time(field("start_time")).map(|(_, start)| start);
    let start = told.filter(fits).or_else(|| earliest().filter(fits)).or(told).or_else(earliest);
    let meeting = Arc::new(Meeting {
        uuid,
        number: whole_number(field("id")).and_then(|number| i64::try_from(number).ok()).unwrap_or_default(),
        kind: meeting_kind(field("type")),
        start: start.ok_or_else(|| named("has no start"))?,
        host_id: HostId::new(texts.shared(&lenient_text_value(field("host_id")).unwrap_or_default())),
        host_email: lenient_text_value(field("host_email")),
        deleted_on: deleted_on(field("auto_delete"), field("auto_delete_date")),
        topic,
    });
    Ok(by_start(&meeting, files, texts))
}

fn is_near(day: NaiveDate, days: Window) -> bool {
    let from = days.from.checked_sub_days(MARGIN).unwrap_or(NaiveDate::MIN);
    let to = days.to.checked_add_days(MARGIN).unwrap_or(NaiveDate::MAX);
    (from..=to).contains(&day)
}

/// The day of `auto_delete_date`, which means something only with `auto_delete`.
fn deleted_on(auto_delete: &Value, date: &Value) -> Option<NaiveDate> {
    let is_set =
        auto_delete.as_bool() == Some(true) || lenient_text_value(auto_delete).is_some_and(|text| text == "true");
    lenient_text_value(date).filter(|_| is_set)?.get(..10)?.parse().ok()
}

fn by_start(meeting: &Arc<Meeting>, files: &[Value], texts: &mut Interner) -> Vec<Segment> {
    let of_meeting = || (parse_zoom_time(meeting.start), meeting.start);
    let empty = |(text, started): (String, DateTime<Utc>)| Segment {
        meeting: Arc::clone(meeting),
        recording_start: text.into(),
        started: believed_start(started, meeting.start),
        part: PartNumber::ONLY,
        lasted: None,
        files: Arc::default(),
    };
    let mut segments: Vec<Segment> = Vec::new();
    for wire in files {
        let field = |name: &str| wire.get(name).unwrap_or(&Value::Null);
        let (text, started) = lenient_time(field("recording_start")).unwrap_or_else(of_meeting);
        let lasted = lenient_time(field("recording_end")).map(|(_, end)| end - started);
        let lasted = lasted.filter(|lasted| (TimeDelta::zero()..=LONGEST).contains(lasted));
        let file = read_file_object(wire, &meeting.uuid, &text, lasted, texts);
        let place = segments.iter().position(|segment| *segment.recording_start == *text).unwrap_or_else(|| {
            segments.push(empty((text, started)));
            segments.len() - 1
        });
        segments[place].lasted = segments[place].lasted.max(lasted);
        Arc::make_mut(&mut segments[place].files).push(file);
    }
    if segments.is_empty() {
        segments.push(empty(of_meeting()));
    }
    for segment in &mut segments {
        let files = std::mem::take(Arc::make_mut(&mut segment.files));
        segment.files = each_once(files).into();
    }
    order_segments(segments)
}

/// A file, whatever of it can be read: nothing odd in it makes it vanish.
fn read_file_object(
    wire: &Value,
    uuid: &MeetingUuid,
    recording_start: &str,
    lasted: Option<TimeDelta>,
    texts: &mut Interner,
) -> RecordingFile {
    let field = |name: &str| lenient_text_value(wire.get(name).unwrap_or(&Value::Null)).unwrap_or_default();
    let (file_type, recording_type, extension) = (field("file_type"), field("recording_type"), field("file_extension"));
    let id = match field("id") {
        // CC and TIMELINE files have no id (facts-zoom.md#z19); these parts tell them apart within a meeting
        none if none.is_empty() => {
            FileId::made_of(&[uuid.as_str(), recording_start, &file_type, &recording_type, &extension])
        }
        id => FileId::new(id),
    };
    let status = field("status");
    RecordingFile {
        id,
        kind: file_kind(&file_type, &extension),
        // CC and TIMELINE files have no status either: they appear when they are finished
        completed: (status.is_empty() || status == "completed") && !file_type.is_empty(),
        shares_id: false,
        bytes: wire.get("file_size").and_then(lenient_bytes),
        download_url: Some(field("download_url")).filter(|url| !url.is_empty()).map(Into::into),
        file_type: texts.shared(&file_type),
        recording_type: texts.shared(&recording_type),
        lasted,
    }
}

/// Documented as text, sent as a number.
fn meeting_kind(kind: &Value) -> MeetingKind {
    let number = kind.as_i64().or_else(|| kind.as_str().and_then(|text| text.parse().ok()));
    match number {
        Some(5 | 6 | 9) => MeetingKind::Webinar,
        _ => MeetingKind::Meeting,
    }
}

/// `file_type` is empty while the meeting is being recorded.
fn file_kind(file_type: &str, extension: &str) -> FileKind {
    match file_type.to_ascii_uppercase().as_str() {
        "MP4" => FileKind::Video,
        "M4A" => FileKind::Audio,
        "TRANSCRIPT" => FileKind::Transcript,
        "CC" => FileKind::ClosedCaptions,
        "CHAT" | "CHAT_MESSAGE" => FileKind::Chat,
        "" => FileKind::Unknown,
        _ if extension.eq_ignore_ascii_case("MP4") => FileKind::Video,
        _ => FileKind::Other,
    }
}

/// The segments of a meeting by time, numbered. A file whose id another segment has too cannot be told from it by that.
pub(super) fn order_segments(mut segments: Vec<Segment>) -> Vec<Segment> {
    segments.sort_by(|one, other| (one.started, &one.recording_start).cmp(&(other.started, &other.recording_start)));
    let of = segments.len();
    let mut seen: HashMap<FileId, usize> = HashMap::new();
    for (number, segment) in (1..).zip(&mut segments) {
        segment.part = PartNumber { number, of };
        Arc::make_mut(&mut segment.files).shrink_to_fit();
        for file in segment.files.iter().filter(|_| of > 1) {
            *seen.entry(file.id.clone()).or_default() += 1;
        }
    }
    let is_shared = |id: &FileId| seen.get(id).is_some_and(|times| *times > 1);
    for segment in &mut segments {
        if segment.files.iter().any(|file| is_shared(&file.id)) {
            for file in Arc::make_mut(&mut segment.files) {
                file.shares_id |= is_shared(&file.id);
            }
        }
    }
    segments
}

/// The segments of a meeting that was listed more than once: what any of the lists has of it, once. `listed` has the
/// segments of each time in turn.
pub(super) fn merge_segments(listed: Vec<Segment>) -> Vec<Segment> {
    let Some(meeting) = listed.iter().map(|segment| Meeting::clone(&segment.meeting)).reduce(merge_two) else {
        return listed;
    };
    let meeting = Arc::new(meeting);
    let has_files = listed.iter().any(|segment| !segment.files.is_empty());
    let mut segments: BTreeMap<Arc<str>, Segment> = BTreeMap::new();
    // a meeting without files tells nothing of one that has some
    for segment in listed.into_iter().filter(|segment| !has_files || !segment.files.is_empty()) {
        match segments.get_mut(&segment.recording_start) {
            Some(known) => {
                known.lasted = known.lasted.max(segment.lasted);
                Arc::make_mut(&mut known.files).extend(segment.files.iter().cloned());
            }
            None => {
                segments.insert(Arc::clone(&segment.recording_start), Segment { meeting: meeting.clone(), ..segment });
            }
        }
    }
    let once = |segment: Segment| Segment { files: each_once(segment.files.to_vec()).into(), ..segment };
    order_segments(segments.into_values().map(once).collect())
}

/// What two looks at a meeting say of it, in whatever order they come. A host on whom they do not agree is nobody whom a
/// copy could be given to.
fn merge_two(one: Meeting, other: Meeting) -> Meeting {
    let mut hosts = [one.host_id, other.host_id].into_iter().filter(|id| !id.as_str().is_empty());
    let (host_id, host_email) = match (hosts.next(), hosts.next()) {
        (Some(one), Some(other)) if one != other => (HostId::new(""), None),
        (host, _) => (host.unwrap_or_else(|| HostId::new("")), agreed_value(one.host_email, other.host_email)),
    };
    let topics = [one.topic, other.topic].into_iter().filter(|topic| !topic.trim().is_empty());
    Meeting {
        number: one.number.max(other.number),
        kind: if one.kind == other.kind { one.kind } else { MeetingKind::Meeting },
        topic: topics.min().unwrap_or_default(),
        start: one.start.min(other.start),
        deleted_on: [one.deleted_on, other.deleted_on].into_iter().flatten().min(),
        uuid: one.uuid,
        host_id,
        host_email,
    }
}

fn agreed_value(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(&other).then(|| one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::{merge_segments, order_segments, read_segments};
    use crate::copying::plan::samples::{sample_segment, sample_time, sample_video};
    use crate::model::{FileKind, HostId, Interner, Meeting, MeetingKind, RecordingFile, Segment};

    fn meeting(kind: &serde_json::Value, files: &serde_json::Value) -> Vec<Segment> {
        let body = json!({"uuid": "abc==", "id": 81_234_567_890_i64, "host_id": "h", "topic": "Optics", "type": kind,
            "start_time": "2026-11-20T09:00:00Z", "recording_files": files});
        read_segments(&body, None, &mut Interner::default()).expect("a meeting")
    }

    #[test]
    fn recording_starts_group_a_meetings_files() {
        let files = json!([
            {"id": "1", "file_type": "MP4", "recording_start": "2026-11-20T09:01:00Z", "recording_end": "2026-11-20T09:31:00Z"},
            {"id": "2", "file_type": "MP4", "recording_start": "2026-11-20T09:40:00Z", "recording_end": "2026-11-20T09:50:00Z"},
            {"id": "3", "file_type": "M4A", "recording_start": "2026-11-20T09:01:00Z", "recording_end": "2026-11-20T09:31:00Z"},
        ]);
        let segments = meeting(&json!(2), &files);
        assert_eq!(segments.len(), 2);
        assert_eq!(segments[0].files.len(), 2);
        assert_eq!(segments[0].lasted.map(|time| time.num_minutes()), Some(30));
        assert_eq!(segments[1].key().reference_id().as_str(), "Zoom_abc==2026-11-20T09:40:00Z");
    }

    #[test]
    fn types_are_numbers_or_texts() {
        assert_eq!(meeting(&json!(5), &json!([]))[0].meeting.kind, MeetingKind::Webinar);
        assert_eq!(meeting(&json!("9"), &json!([]))[0].meeting.kind, MeetingKind::Webinar);
        assert_eq!(meeting(&json!(null), &json!([]))[0].meeting.kind, MeetingKind::Meeting);
    }

    #[test]
    fn unknown_mp4_views_are_videos() {
        let files = json!([{"id": "1", "file_type": "MP4", "recording_type": "hologram", "status": "completed"}]);
        let segments = meeting(&json!(2), &files);
        assert_eq!(segments[0].files[0].kind, FileKind::Video);
    }

    #[test]
    fn unfinished_or_empty_meetings_stay_visible() {
        let recording = json!([{"file_type": "", "file_extension": "", "file_size": 0, "recording_end": "",
            "recording_start": "2026-11-20T09:00:10Z"}]);
        let segments = meeting(&json!(2), &recording);
        assert_eq!(segments[0].files[0].kind, FileKind::Unknown);
        assert!(!segments[0].files[0].completed);
        assert_eq!(meeting(&json!(2), &json!(null)).len(), 1);
    }

    #[test]
    fn files_without_id_get_stable_ids() {
        let files = || json!([{"file_type": "CC", "file_extension": "VTT", "recording_start": "2026-11-20T09:01:00Z"}]);
        let id = |files| meeting(&json!(2), &files)[0].files[0].id.clone();
        assert_eq!(id(files()), id(files()));
    }

    #[test]
    fn odd_fields_hide_no_video() {
        let files = json!([
            {"id": 17, "file_type": "MP4", "file_size": "6000", "recording_start": 5, "status": null, "download_url": "u"},
            {"id": "2", "file_type": "MP4", "file_size": 6000.0, "recording_start": "2026-11-20T09:00:00Z", "recording_end": []},
            "what is this",
            null,
            {"file_type": 3, "file_extension": {}},
        ]);
        let found = meeting(&json!({}), &files);
        assert_eq!(found.len(), 1, "what tells no start of its own began with the meeting");
        let videos: Vec<_> =
            found[0].files.iter().filter(|file| file.kind == FileKind::Video && file.completed).collect();
        assert_eq!(videos.len(), 2);
        assert!(videos.iter().all(|file| file.bytes == Some(6000)));
        assert_eq!(videos[0].id.as_str(), "17");
        assert_eq!(found[0].files.len(), 4, "what says nothing at all differs from nothing else");
    }

    /// Where they are not, the fault has a name.
    #[test]
    fn meetings_are_read_where_readable() {
        let files = json!([{"file_type": "MP4", "recording_start": "2026-11-20T09:05:00Z"}]);
        let lenient =
            json!({"uuid": "u==", "id": "81000000001", "host_id": null, "topic": null, "recording_files": files});
        let found = read_segments(&lenient, None, &mut Interner::default()).expect("a meeting");
        assert_eq!(found[0].meeting.number, 81_000_000_001);
        assert_eq!(found[0].meeting.start.to_rfc3339(), "2026-11-20T09:05:00+00:00");
        let nameless = json!({"id": 5, "topic": "Optics\u{7}", "start_time": "2026-11-20T09:00:00Z"});
        assert_eq!(
            read_segments(&nameless, None, &mut Interner::default()).err(),
            Some("the meeting \"Optics\" (5) has no uuid".to_owned())
        );
        let timeless = json!({"uuid": "u==", "id": 5, "topic": "Optics"});
        assert_eq!(
            read_segments(&timeless, None, &mut Interner::default()).err(),
            Some("the meeting \"Optics\" (5) has no start".to_owned())
        );
        assert!(read_segments(&json!("nonsense"), None, &mut Interner::default()).is_err());
    }

    fn at(start: &str, files: Vec<RecordingFile>) -> Segment {
        Segment { recording_start: start.into(), started: sample_time(start), ..sample_segment(files) }
    }

    fn hosted(id: &str, email: Option<&str>) -> Segment {
        let mut segment = sample_segment(vec![sample_video("v", "x")]);
        let (host_id, host_email) = (HostId::new(id), email.map(str::to_owned));
        segment.meeting = Arc::new(Meeting { host_id, host_email, ..(*segment.meeting).clone() });
        segment
    }

    /// They have what either list has.
    #[test]
    fn meetings_listed_twice_merge_once() {
        let (early, late) = ("2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z");
        let listed = vec![
            at(late, vec![sample_video("w", "x")]),
            at(early, vec![sample_video("v", "x")]),
            at(early, vec![sample_video("v", "x"), sample_video("g", "y")]),
            at(early, Vec::new()),
        ];
        let found = merge_segments(listed);
        let told: Vec<_> = found.iter().map(|one| (one.part.number, one.part.of, one.files.len())).collect();
        assert_eq!(told, [(1, 2, 2), (2, 2, 1)]);
        assert_eq!(merge_segments(vec![at(early, Vec::new()), at(early, Vec::new())]).len(), 1);
    }

    #[test]
    fn lists_disagreeing_on_hosts_are_disbelieved() {
        let cases = [
            (("h", Some("A@x")), ("h", Some("a@x")), ("h", Some("A@x"))),
            (("h", Some("a@x")), ("h", None), ("h", Some("a@x"))),
            (("h", Some("a@x")), ("", None), ("h", Some("a@x"))),
            (("h", Some("a@x")), ("h", Some("b@x")), ("h", None)),
            (("h", Some("a@x")), ("i", Some("b@x")), ("", None)),
            (("", Some("a@x")), ("", Some("b@x")), ("", None)),
        ];
        for (one, other, expected) in cases {
            for pair in [[one, other], [other, one]] {
                let found = merge_segments(pair.map(|(id, email)| hosted(id, email)).to_vec()).remove(0).meeting;
                assert_eq!((found.host_id.as_str(), found.host_email.as_deref()), expected, "{pair:?}");
            }
        }
    }

    /// An id in two segments of a meeting names neither file to Zoom.
    #[test]
    fn shared_file_ids_are_not_used() {
        let (early, late) = ("2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z");
        let found = order_segments(vec![
            at(late, vec![sample_video("v", "x")]),
            at(early, vec![sample_video("v", "x"), sample_video("w", "x")]),
        ]);
        let shared: Vec<_> = found.iter().flat_map(|one| one.files.iter().map(|file| file.shares_id)).collect();
        assert_eq!(shared, [true, false, true]);
    }
}
