//! A meeting and what was recorded of it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::fault::Fault;
use super::super::media::Media;
use super::file::{RecordingFile, timestamp};
use super::secret::derived;
use super::segment::{Segment, instant};

/// The size of the sound of one participant.
const PARTICIPANT_BYTES: u64 = 4000;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Progress {
    Recording,
    Processing,
    Finished,
    /// Too short to be kept: Zoom lists the meeting without the key `recording_files`.
    NothingKept,
}

/// What somebody is in a meeting beside its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    AlternativeHost,
    CoHost,
    Panelist,
    Participant,
}

/// A meeting; unless said otherwise a scheduled one of 50 minutes, on 2026-11-20 at 9:00 UTC, all ready.
#[derive(Clone, Debug)]
#[must_use]
pub struct Meeting {
    uuid: String,
    number: i64,
    topic: String,
    kind: u32,
    host: String,
    start: DateTime<Utc>,
    minutes: u32,
    timezone: String,
    delete_on: Option<String>,
    progress: Progress,
    segments: Vec<Segment>,
    /// Labels and values of what the institution tells its meetings apart by.
    tracking: Vec<(String, String)>,
    /// Whose sound was recorded apart.
    apart: Vec<String>,
    /// Who was there beside the host.
    people: Vec<(Part, String)>,
    /// Zoom knows no more what it was scheduled with, nor who was there.
    forgotten: bool,
    /// Fields that are left out where it is listed, or are other than documented.
    odd: Vec<(String, Value)>,
    two_slashes: bool,
}

impl Meeting {
    /// A meeting of which nothing was recorded yet. One `number` may have many instances, each with its own `uuid`.
    pub fn new(uuid: &str, number: i64, topic: &str) -> Meeting {
        Meeting {
            uuid: uuid.to_owned(),
            number,
            topic: topic.to_owned(),
            kind: 2,
            host: "host-1".to_owned(),
            start: instant("2026-11-20T09:00:00Z"),
            minutes: 50,
            timezone: String::new(),
            delete_on: None,
            progress: Progress::Finished,
            segments: Vec::new(),
            tracking: Vec::new(),
            apart: Vec::new(),
            people: Vec::new(),
            forgotten: false,
            odd: Vec::new(),
            two_slashes: false,
        }
    }

    /// Somebody else's part in it, by address.
    pub fn with(mut self, part: Part, email: &str) -> Meeting {
        self.people.push((part, email.to_owned()));
        self
    }

    /// The addresses of those who had this part.
    pub(super) fn people(&self, part: Part) -> impl Iterator<Item = &str> {
        self.people.iter().filter(move |(known, _)| *known == part).map(|(_, email)| email.as_str())
    }

    /// The host's user id; `host-1` unless said otherwise.
    pub fn host(mut self, id: &str) -> Meeting {
        id.clone_into(&mut self.host);
        self
    }

    /// Another topic.
    pub fn topic(mut self, topic: &str) -> Meeting {
        topic.clone_into(&mut self.topic);
        self
    }

    /// When it starts, as in `2026-11-20T09:00:00Z`.
    pub fn starts(mut self, time: &str) -> Meeting {
        self.start = instant(time);
        self
    }

    /// How long it lasts.
    pub fn lasting_minutes(mut self, minutes: u32) -> Meeting {
        self.minutes = minutes;
        self
    }

    /// Its time zone; Zoom often leaves it empty.
    pub fn timezone(mut self, name: &str) -> Meeting {
        name.clone_into(&mut self.timezone);
        self
    }

    /// A webinar, `type` 5.
    pub fn webinar(self) -> Meeting {
        self.kind(5)
    }

    /// Zoom's `type`: 1 instant, 2 scheduled, 5 webinar, 8 recurring, 99 uploaded …
    pub fn kind(mut self, kind: u32) -> Meeting {
        self.kind = kind;
        self
    }

    /// Scheduled with this value in a tracking field.
    pub fn tracking_field(mut self, label: &str, value: &str) -> Meeting {
        self.tracking.push((label.to_owned(), value.to_owned()));
        self
    }

    /// Zoom no longer knows what it was scheduled with; its recordings stay.
    pub fn forgotten(mut self) -> Meeting {
        self.forgotten = true;
        self
    }

    /// Zoom will delete it on this day, as in `2026-12-20`.
    pub fn deleted_on(mut self, day: &str) -> Meeting {
        self.delete_on = Some(day.to_owned());
        self
    }

    /// The recording is still running: one file without a type, a size or an end.
    pub fn in_progress(mut self) -> Meeting {
        self.progress = Progress::Recording;
        self
    }

    /// The recording has ended and is not ready yet.
    pub fn processing(mut self) -> Meeting {
        self.progress = Progress::Processing;
        self
    }

    /// Nothing was kept: there is not even the key `recording_files`.
    pub fn without_files(mut self) -> Meeting {
        self.progress = Progress::NothingKept;
        self
    }

    /// Lets the file added last to the first segment be in processing, whatever the others are.
    pub fn still_processing(self) -> Meeting {
        self.in_first(Segment::still_processing)
    }

    /// Lists the file added last to the first segment with a size that is not its own.
    pub fn listed_as(self, bytes: u64) -> Meeting {
        self.in_first(|segment| segment.listed_as(bytes))
    }

    /// Lists its files at addresses with two slashes in a row; behind a single one there is nothing.
    pub fn behind_two_slashes(mut self) -> Meeting {
        self.two_slashes = true;
        self
    }

    /// Lists it with a field that is not as documented.
    pub fn listed_with(mut self, field: &str, value: Value) -> Meeting {
        self.odd.push((field.to_owned(), value));
        self
    }

    /// All is ready.
    pub fn finished(mut self) -> Meeting {
        let files = self.segments.iter_mut().flat_map(|segment| &mut segment.files);
        files.for_each(|file| file.late = false);
        self.progress = Progress::Finished;
        self
    }

    /// Adds a segment.
    pub fn segment(mut self, segment: Segment) -> Meeting {
        self.segments.push(segment);
        self
    }

    /// Adds a video to the first segment, which starts with the meeting unless it was given another start.
    pub fn video(self, view: &str, media: Media) -> Meeting {
        self.in_first(|segment| segment.video(view, media))
    }

    /// Adds the sound alone to the first segment.
    pub fn audio(self, media: Media) -> Meeting {
        self.in_first(|segment| segment.audio(media))
    }

    /// Adds other sound to the first segment; `recording_type` says what it is.
    pub fn sound(self, recording_type: &str, media: Media) -> Meeting {
        self.in_first(|segment| segment.sound(recording_type, media))
    }

    /// Names the file added last to the first segment.
    pub fn named(self, name: &str) -> Meeting {
        self.in_first(|segment| segment.named(name))
    }

    /// Records the sound of a participant apart: Zoom counts such files in every answer, and names them only where it is asked
    /// for this one meeting.
    pub fn participant_audio(mut self, name: &str) -> Meeting {
        self.apart.push(name.to_owned());
        self
    }

    /// Adds a transcript to the first segment.
    pub fn transcript(self, media: Media) -> Meeting {
        self.in_first(|segment| segment.transcript(media))
    }

    /// Adds a chat to the first segment.
    pub fn chat(self, media: Media) -> Meeting {
        self.in_first(|segment| segment.chat(media))
    }

    /// Adds captions to the first segment.
    pub fn closed_caption(self, media: Media) -> Meeting {
        self.in_first(|segment| segment.closed_caption(media))
    }

    /// Adds a timeline to the first segment.
    pub fn timeline(self) -> Meeting {
        self.in_first(Segment::timeline)
    }

    /// Adds a summary to the first segment.
    pub fn summary(self, part: &str, media: Media) -> Meeting {
        self.in_first(|segment| segment.summary(part, media))
    }

    /// Adds the answers to polls to the first segment.
    pub fn poll(self, media: Media) -> Meeting {
        self.in_first(|segment| segment.poll(media))
    }

    /// Gives the file added last to the first segment an id of one's choice.
    pub fn with_id(self, id: &str) -> Meeting {
        self.in_first(|segment| segment.with_id(id))
    }

    /// Serves the file added last to the first segment as this content type.
    pub fn served_as(self, content_type: &'static str) -> Meeting {
        self.in_first(|segment| segment.served_as(content_type))
    }

    /// Lets every download of the file added last to the first segment go wrong.
    pub fn always(self, fault: Fault) -> Meeting {
        self.in_first(|segment| segment.always(fault))
    }

    fn in_first(mut self, change: impl FnOnce(Segment) -> Segment) -> Meeting {
        if self.segments.is_empty() {
            self.segments.push(Segment::default());
        }
        let first = std::mem::take(&mut self.segments[0]);
        self.segments[0] = change(first);
        self
    }

    /// Its UUID.
    pub fn uuid(&self) -> &str {
        &self.uuid
    }

    /// The passcode for watching it, a secret.
    pub fn passcode(&self) -> String {
        derived(format!("passcode of {}", self.uuid))
    }

    /// All its files, whether ready or not, but for those in the trash.
    pub fn files(&self) -> Vec<RecordingFile> {
        self.all_files().into_iter().filter(|(_, trashed)| !trashed).map(|(file, _)| file).collect()
    }

    /// The ids of those in the trash.
    pub(super) fn in_trash(&self) -> Vec<String> {
        self.all_files().into_iter().filter(|(_, trashed)| *trashed).map(|(file, _)| file.id).collect()
    }

    /// Whether everything of it is in the trash: it is listed no more.
    pub(super) fn is_emptied(&self) -> bool {
        let mut files = self.segments.iter().flat_map(|segment| &segment.files).peekable();
        files.peek().is_some() && files.all(|seed| seed.trashed)
    }

    pub(super) fn is_finished(&self) -> bool {
        self.progress == Progress::Finished
    }

    /// Moves the file of this key to the trash.
    pub(super) fn trashed(mut self, key: &str) -> Meeting {
        let uuid = self.uuid.clone();
        for (segment_number, segment) in self.segments.iter_mut().enumerate() {
            for (file_number, seed) in segment.files.iter_mut().enumerate() {
                seed.trashed |= file_key(&uuid, segment_number, file_number) == key;
            }
        }
        self
    }

    /// With everything out of the trash again.
    pub(super) fn recovered(mut self) -> Meeting {
        self.segments.iter_mut().flat_map(|segment| &mut segment.files).for_each(|seed| seed.trashed = false);
        self
    }

    /// Each with whether it is in the trash.
    fn all_files(&self) -> Vec<(RecordingFile, bool)> {
        let mut files = Vec::new();
        for (segment_number, segment) in self.segments.iter().enumerate() {
            let start = segment.start.unwrap_or(self.start);
            let minutes = segment.minutes.unwrap_or(self.minutes);
            let end = start + TimeDelta::minutes(minutes.into());
            let seconds = minutes * 60;
            for (file_number, seed) in segment.files.iter().enumerate() {
                let key = file_key(&self.uuid, segment_number, file_number);
                let file = RecordingFile {
                    id: seed.id.clone().unwrap_or_else(|| like_a_uuid(&key)),
                    kind: seed.kind.clone(),
                    media: seed.media.clone().lasting_unless_said(seconds),
                    start,
                    end,
                    key: self.in_address(key),
                    late: seed.late,
                    listed: seed.listed,
                    file_name: seed.file_name.clone(),
                    content_type: seed.content_type,
                    fault: seed.fault.clone(),
                };
                files.push((file, seed.trashed));
            }
        }
        files
    }

    /// What the download addresses of all its files end in.
    pub(super) fn keys(&self) -> impl Iterator<Item = String> + '_ {
        let places = |(number, segment): (usize, &Segment)| (0..segment.files.len()).map(move |file| (number, file));
        let places = self.segments.iter().enumerate().flat_map(places);
        places.map(|(segment, file)| self.in_address(file_key(&self.uuid, segment, file)))
    }

    fn in_address(&self, key: String) -> String {
        if self.two_slashes { format!("/{key}") } else { key }
    }

    /// The file that can be downloaded under `key` now.
    pub(super) fn ready_file(&self, key: &str) -> Option<RecordingFile> {
        let ready = self.progress == Progress::Finished;
        self.files().into_iter().find(|file| ready && !file.late && file.key == key)
    }

    pub(super) fn number(&self) -> i64 {
        self.number
    }

    pub fn host_id(&self) -> &str {
        &self.host
    }

    pub(super) fn is_forgotten(&self) -> bool {
        self.forgotten
    }

    pub(super) fn is_webinar(&self) -> bool {
        matches!(self.kind, 5 | 6 | 9)
    }

    /// As it is planned, whatever was recorded of it.
    pub(super) fn as_scheduled(&self) -> Value {
        let alternative_hosts = self.people(Part::AlternativeHost).collect::<Vec<_>>().join(";");
        let tracking = self.tracking.iter().map(|(field, value)| json!({ "field": field, "value": value }));
        json!({
            "uuid": self.uuid,
            "id": self.number,
            "host_id": self.host,
            "topic": self.topic,
            "type": self.kind,
            "status": "waiting",
            "start_time": timestamp(self.start),
            "duration": self.minutes,
            "timezone": self.timezone,
            "agenda": "",
            "settings": { "alternative_hosts": alternative_hosts },
            "tracking_fields": tracking.collect::<Vec<_>>(),
        })
    }

    pub(super) fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// As in a user's listing; the account's adds `host_email`.
    pub(super) fn to_json(&self, account: &str, api: &str) -> Value {
        let files = self.files_json(api);
        let ready = matches!(self.progress, Progress::Finished | Progress::Processing);
        let apart = PARTICIPANT_BYTES * self.apart.len() as u64;
        let total_size: u64 = if ready { apart + self.files().iter().map(RecordingFile::size).sum::<u64>() } else { 0 };
        let mut meeting = json!({
            "account_id": account,
            "uuid": self.uuid,
            "id": self.number,
            "host_id": self.host,
            "topic": self.topic,
            "type": self.kind,
            "start_time": timestamp(self.start),
            "timezone": self.timezone,
            "duration": if self.progress == Progress::Recording { 0 } else { self.minutes },
            "total_size": total_size,
            "recording_count": if ready { files.len() + self.apart.len() } else { 0 },
            "share_url": format!("{api}/rec/share/{}", derived(format!("share of {}", self.uuid))),
            "recording_play_passcode": self.passcode(),
            "auto_delete": self.delete_on.is_some(),
        });
        if let Some(day) = &self.delete_on {
            meeting["auto_delete_date"] = json!(day);
        }
        if self.progress != Progress::NothingKept {
            meeting["recording_files"] = Value::Array(files);
        }
        for (field, value) in &self.odd {
            meeting[field] = value.clone();
        }
        meeting
    }

    /// `participant_audio_files`: without `recording_type` and `file_extension`.
    pub(super) fn participant_audio_json(&self, api: &str) -> Vec<Value> {
        let file = |(number, name): (usize, &String)| {
            let key = derived(format!("sound {number} of {}", self.uuid));
            json!({
                "id": like_a_uuid(&key),
                "recording_start": timestamp(self.start),
                "recording_end": timestamp(self.start + TimeDelta::minutes(self.minutes.into())),
                "file_type": "M4A",
                "file_name": format!("Audio only - {name}"),
                "file_size": PARTICIPANT_BYTES,
                "play_url": format!("{api}/rec/play/{key}"),
                "download_url": format!("{api}/rec/download/{key}"),
                "status": "completed",
            })
        };
        self.apart.iter().enumerate().map(file).collect()
    }

    fn files_json(&self, api: &str) -> Vec<Value> {
        let status = match self.progress {
            Progress::NothingKept => return Vec::new(),
            Progress::Recording => return vec![self.running_file()],
            Progress::Processing => "processing",
            Progress::Finished => "completed",
        };
        self.files().iter().map(|file| file.to_json(&self.uuid, status, api)).collect()
    }

    fn running_file(&self) -> Value {
        json!({
            "id": like_a_uuid(&derived(format!("running file of {}", self.uuid))),
            "meeting_id": self.uuid,
            "recording_start": timestamp(self.start),
            "recording_end": "",
            "file_type": "",
            "file_extension": "",
            "file_size": 0,
            "status": "processing",
        })
    }
}

/// The last part of a file's download address.
fn file_key(uuid: &str, segment: usize, file: usize) -> String {
    derived(format!("file {file} of segment {segment} of {uuid}"))
}

fn like_a_uuid(digits: &str) -> String {
    let part = |from, to| &digits[from..to];
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
