//! Zoom's JSON as sent, read leniently: a field may be missing, empty or of another type than documented, and no
//! video is dropped for it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::MapAccess;
use serde_json::Value;

use super::fields::{Field, Record, RecordFields, Records};
use super::lenient::{as_code, as_text, lenient_records, lenient_text_value, whole_number};
use super::segments::order_segments;
use super::wire_file::{WireFile, read_file_object, with_participant_audio};
use crate::model::{
    HostId, Interner, Meeting, MeetingKind, MeetingUuid, PartNumber, RecordingFile, Segment, Window, believed_start,
    each_once, one_line, parse_zoom_time,
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
pub(super) struct ListingPage<'a> {
    #[serde(default, borrow)]
    from: Field<'a>,
    #[serde(default, borrow)]
    to: Field<'a>,
    #[serde(default, borrow)]
    next_page_token: Field<'a>,
    #[serde(default, borrow)]
    total_records: Field<'a>,
    #[serde(borrow, bound(deserialize = "'de: 'a"))]
    pub(super) meetings: Vec<Record<WireMeeting<'a>>>,
}

impl<'a> ListingPage<'a> {
    /// Reads a page. Bytes that are no text may stand in a field that is of no use here.
    pub(super) fn read(body: &'a [u8]) -> serde_json::Result<ListingPage<'a>> {
        str::from_utf8(body).map_or_else(|_| serde_json::from_slice(body), serde_json::from_str)
    }

    /// The days that Zoom says it answers for.
    pub(super) fn days(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let day = |field: &Field<'_>| field.text()?.parse().ok();
        (day(&self.from), day(&self.to))
    }

    /// Empty on the last page.
    pub(super) fn next(&self) -> String {
        self.next_page_token.text().unwrap_or_default().into_owned()
    }

    /// How many meetings the whole list has.
    pub(super) fn total(&self) -> Option<u64> {
        self.total_records.records()
    }

    /// How many pages like this one the whole list has; 0 where Zoom does not count its meetings.
    pub(super) fn count_pages(&self) -> u64 {
        self.total().unwrap_or(0).div_ceil(self.meetings.len().max(1) as u64)
    }
}

/// A meeting as Zoom lists it.
#[derive(Debug, Default)]
pub(super) struct WireMeeting<'a> {
    uuid: Field<'a>,
    id: Field<'a>,
    topic: Field<'a>,
    kind: Field<'a>,
    start_time: Field<'a>,
    host_id: Field<'a>,
    host_email: Field<'a>,
    auto_delete: Field<'a>,
    auto_delete_date: Field<'a>,
    recording_files: Records<WireFile<'a>>,
    participant_audio_files: Records<WireFile<'a>>,
    recording_count: Field<'a>,
}

impl<'de: 'a, 'a> RecordFields<'de> for WireMeeting<'a> {
    const NAMES: &'static [&'static str] = &[
        "uuid",
        "id",
        "topic",
        "type",
        "start_time",
        "host_id",
        "host_email",
        "auto_delete",
        "auto_delete_date",
        "recording_files",
        "participant_audio_files",
        "recording_count",
    ];

    fn take<A: MapAccess<'de>>(&mut self, number: usize, object: &mut A) -> Result<(), A::Error> {
        let field = match number {
            0 => &mut self.uuid,
            1 => &mut self.id,
            2 => &mut self.topic,
            3 => &mut self.kind,
            4 => &mut self.start_time,
            5 => &mut self.host_id,
            6 => &mut self.host_email,
            7 => &mut self.auto_delete,
            8 => &mut self.auto_delete_date,
            9 => {
                self.recording_files = object.next_value()?;
                return Ok(());
            }
            10 => {
                self.participant_audio_files = object.next_value()?;
                return Ok(());
            }
            _ => &mut self.recording_count,
        };
        *field = object.next_value()?;
        Ok(())
    }
}

impl WireMeeting<'_> {
    /// The meeting that an answer is about.
    pub(super) fn of(answer: &Value) -> WireMeeting<'_> {
        Record::deserialize(answer).map(|Record(meeting)| meeting).unwrap_or_default()
    }

    /// What it is known by in a list that is read page by page: its UUID, or all that is read of it.
    pub(super) fn name(&self) -> Cow<'_, str> {
        self.uuid.text().unwrap_or_else(|| format!("{self:?}").into())
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
    wire: &WireMeeting<'_>,
    listed: Option<Window>,
    texts: &mut Interner,
) -> Result<Vec<Segment>, String> {
    let topic = wire.topic.text().unwrap_or_default();
    let named = |what: &str| format!("the meeting {:?} ({}) {what}", one_line(&topic), one_line(&wire.id.as_sent()));
    let uuid = MeetingUuid::new(wire.uuid.text().ok_or_else(|| named("has no uuid"))?);
    let files = &wire.recording_files.0;
    let earliest = || files.iter().filter_map(|Record(file)| file.recording_start.time()).map(|(_, start)| start).min();
    // Zoom lists by the day of the start: one of another day is wrong, and a recording may tell better
    let fits = |start: &DateTime<Utc>| listed.is_none_or(|days| is_near(start.date_naive(), days));
    let told = wire.start_time.time().map(|(_, start)| start);
    let start = told.filter(fits).or_else(|| earliest().filter(fits)).or(told).or_else(earliest);
    let meeting = Arc::new(Meeting {
        uuid,
        number: wire.id.whole().and_then(|number| i64::try_from(number).ok()).unwrap_or_default(),
        kind: meeting_kind(&wire.kind),
        start: start.ok_or_else(|| named("has no start"))?,
        host_id: HostId::new(texts.shared(&wire.host_id.text().unwrap_or_default())),
        host_email: wire.host_email.text().map(Cow::into_owned),
        deleted_on: deleted_on(&wire.auto_delete, &wire.auto_delete_date),
        topic: topic.into_owned(),
    });
    let segments = by_start(&meeting, files, texts);
    let is_counted = wire.recording_count.whole().is_some_and(|count| count > 0);
    Ok(with_participant_audio(segments, &wire.participant_audio_files.0, is_counted, texts))
}

fn is_near(day: NaiveDate, days: Window) -> bool {
    let from = days.from.checked_sub_days(MARGIN).unwrap_or(NaiveDate::MIN);
    let to = days.to.checked_add_days(MARGIN).unwrap_or(NaiveDate::MAX);
    (from..=to).contains(&day)
}

/// The day of `auto_delete_date`, which means something only with `auto_delete`.
fn deleted_on(auto_delete: &Field<'_>, date: &Field<'_>) -> Option<NaiveDate> {
    let is_set = match auto_delete {
        Field::Flag(flag) => *flag,
        Field::Text(text) => text == "true",
        Field::Number(_) | Field::Nothing => false,
    };
    date.text().filter(|_| is_set)?.get(..10)?.parse().ok()
}

fn by_start(meeting: &Arc<Meeting>, files: &[Record<WireFile<'_>>], texts: &mut Interner) -> Vec<Segment> {
    let of_meeting = || (parse_zoom_time(meeting.start).into(), meeting.start);
    let empty = |(text, started): (Cow<'_, str>, DateTime<Utc>)| Segment {
        meeting: Arc::clone(meeting),
        recording_start: text.into(),
        started: believed_start(started, meeting.start),
        part: PartNumber::ONLY,
        lasted: None,
        files: Arc::default(),
    };
    let mut found: Vec<(Segment, Vec<RecordingFile>)> = Vec::with_capacity(1);
    for Record(wire) in files {
        let (text, started) = wire.recording_start.time().unwrap_or_else(of_meeting);
        let lasted = wire.recording_end.time().map(|(_, end)| end - started);
        let lasted = lasted.filter(|lasted| (TimeDelta::zero()..=LONGEST).contains(lasted));
        let file = read_file_object(wire, &meeting.uuid, &text, lasted, texts);
        let place = found.iter().position(|(segment, _)| *segment.recording_start == *text).unwrap_or_else(|| {
            found.push((empty((text, started)), Vec::with_capacity(files.len())));
            found.len() - 1
        });
        let (segment, of_segment) = &mut found[place];
        segment.lasted = segment.lasted.max(lasted);
        of_segment.push(file);
    }
    if found.is_empty() {
        found.push((empty(of_meeting()), Vec::new()));
    }
    order_segments(
        found.into_iter().map(|(segment, files)| Segment { files: each_once(files).into(), ..segment }).collect(),
    )
}

/// Documented as text, sent as a number.
fn meeting_kind(kind: &Field<'_>) -> MeetingKind {
    let number = match kind {
        Field::Text(text) => text.parse().ok(),
        Field::Number(number) => number.as_i64(),
        Field::Flag(_) | Field::Nothing => None,
    };
    match number {
        Some(5 | 6 | 9) => MeetingKind::Webinar,
        _ => MeetingKind::Meeting,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ListingPage, Record, WireMeeting, read_segments};
    use crate::model::{FileKind, Interner, MeetingKind, Segment};

    fn meeting(kind: &serde_json::Value, files: &serde_json::Value) -> Vec<Segment> {
        let body = json!({"uuid": "abc==", "id": 81_234_567_890_i64, "host_id": "h", "topic": "Optics", "type": kind,
            "start_time": "2026-11-20T09:00:00Z", "recording_files": files});
        read_segments(&WireMeeting::of(&body), None, &mut Interner::default()).expect("a meeting")
    }

    /// A field that is of no use here may hold what is no text.
    #[test]
    fn bytes_hide_no_meeting() {
        let page = |agenda: &[u8]| [br#"{"meetings": [{"agenda": ""#, agenda, br#"", "uuid": "abc=="}]}"#].concat();
        for agenda in [&b"Optics"[..], "Optik f\u{fc}r alle".as_bytes(), b"Optik f\xfcr alle"] {
            let body = page(agenda);
            let page = ListingPage::read(&body).expect("a page");
            let names: Vec<_> = page.meetings.iter().map(|Record(meeting)| meeting.name()).collect();
            assert_eq!(names, ["abc=="], "{agenda:?}");
        }
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

    /// And makes no segment of its own.
    #[test]
    fn participants_sound_joins_its_segment() {
        let video = |start: &str| json!({"id": start, "file_type": "MP4", "recording_start": start});
        let sound = |id: &str, start: &str| json!({"id": id, "file_type": "M4A", "recording_start": start});
        let (early, late) = ("2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z");
        let cases = [
            (
                json!([video(early), video(late)]),
                json!([sound("p", "2026-11-20T10:00:05Z")]),
                vec![vec![early], vec![late, "p"]],
            ),
            (json!([video(late)]), json!([sound("p", early), sound("p", early)]), vec![vec![late, "p"]]),
            (json!([]), json!([sound("p", early), sound("q", late)]), vec![vec!["p", "q"]]),
            (json!([video(early)]), json!([]), vec![vec![early]]),
        ];
        for (files, apart, expected) in cases {
            let body = json!({"uuid": "abc==", "start_time": early, "recording_files": files,
                "participant_audio_files": apart, "recording_count": 2});
            let found = read_segments(&WireMeeting::of(&body), None, &mut Interner::default()).expect("a meeting");
            let ids = |segment: &Segment| segment.files.iter().map(|file| file.id.to_string()).collect::<Vec<_>>();
            assert_eq!(found.iter().map(ids).collect::<Vec<_>>(), expected, "{body}");
            let mut theirs =
                found.iter().flat_map(|segment| segment.files.iter()).filter(|file| file.kind != FileKind::Video);
            assert!(theirs.all(|file| file.is_participant_audio() && file.kind == FileKind::Other), "{body}");
        }
        // in a list they are counted only
        for (count, expected) in [(json!(2), 1), (json!(0), 0), (json!("x"), 0)] {
            let body = json!({"uuid": "abc==", "start_time": early, "recording_files": [], "recording_count": count});
            let found = read_segments(&WireMeeting::of(&body), None, &mut Interner::default()).expect("a meeting");
            let theirs = found[0].files.iter().filter(|file| file.is_participant_audio()).count();
            assert_eq!((found[0].files.len(), theirs), (expected, expected), "{body}");
        }
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
        let found = read_segments(&WireMeeting::of(&lenient), None, &mut Interner::default()).expect("a meeting");
        assert_eq!(found[0].meeting.number, 81_000_000_001);
        assert_eq!(found[0].meeting.start.to_rfc3339(), "2026-11-20T09:05:00+00:00");
        let nameless = json!({"id": 5, "topic": "Optics\u{7}", "start_time": "2026-11-20T09:00:00Z"});
        assert_eq!(
            read_segments(&WireMeeting::of(&nameless), None, &mut Interner::default()).err(),
            Some("the meeting \"Optics\" (5) has no uuid".to_owned())
        );
        let timeless = json!({"uuid": "u==", "id": 5, "topic": "Optics"});
        assert_eq!(
            read_segments(&WireMeeting::of(&timeless), None, &mut Interner::default()).err(),
            Some("the meeting \"Optics\" (5) has no start".to_owned())
        );
        assert!(read_segments(&WireMeeting::of(&json!("nonsense")), None, &mut Interner::default()).is_err());
    }
}
