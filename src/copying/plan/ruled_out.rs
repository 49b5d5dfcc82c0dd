//! Recordings that a rule of the institution leaves out and of which nothing else is known, packed: a big account has
//! tens of thousands. Each is a line of the plan like any other, and is unpacked where that line is needed.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::packed::{Numbered, Reader, Writer};
use super::{FilePlan, Item, Step};
use crate::model::{
    Action, Decision, FileId, FileKind, HostId, Meeting, MeetingKind, MeetingUuid, PartNumber, Reason, RecordingFile,
    Segment, SegmentKey, SegmentOutline,
};

/// So many bytes are taken at a time. A recording that needs more is held as it is.
const BLOCK: usize = 1 << 18;

/// The recordings that are left out, in the order in which they were listed, then in that of the plan.
#[derive(Clone, Default)]
pub struct RuledOut {
    blocks: Vec<Vec<u8>>,
    places: Vec<Place>,
    hosts: Numbered<(HostId, Option<String>)>,
    types: Numbered<FileType>,
    /// Those that came to be more than left out, by their number: lines of their own.
    replaced: BTreeMap<usize, usize>,
}

/// Where one lies.
#[derive(Clone, Copy)]
struct Place {
    /// The second at which it began: the most of their order.
    started: i64,
    /// Counted over all blocks.
    at: usize,
}

/// What files have in common.
#[derive(Clone, PartialEq, Eq, Hash)]
struct FileType {
    kind: FileKind,
    word: Arc<str>,
    recording_type: Arc<str>,
    completed: bool,
    shares_id: bool,
    language: Option<Arc<str>>,
}

/// How many recordings are left out for a reason, and their files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuledOutSum {
    /// Recordings.
    pub recordings: u64,
    /// All their files.
    pub files: u64,
    /// Those of them that do not stand for their recording.
    pub other_files: u64,
    /// Bytes, as far as Zoom tells.
    pub bytes: u64,
}

/// What is packed first, and is enough for sums.
struct Head<'a> {
    started: DateTime<Utc>,
    uuid: &'a str,
    recording_start: &'a str,
    reason: Reason,
    main: Option<usize>,
    files: usize,
    bytes: u64,
}

impl RuledOut {
    /// Gives those of some meetings back, without the addresses of their files.
    pub fn give_back(&mut self, wanted: impl Fn(&MeetingUuid) -> bool) -> Vec<Segment> {
        let is_wanted = |place: &Place| wanted(&MeetingUuid::new(self.head_at(*place).0.uuid));
        let (given, left) = self.places.iter().copied().partition::<Vec<Place>, _>(is_wanted);
        self.places = left;
        given.into_iter().map(|place| self.segment_at(place).0).collect()
    }

    /// Fills in the addresses of hosts beside whom none is listed.
    pub fn name_hosts<'a>(&mut self, address_of: impl Fn(&HostId) -> Option<&'a String>) {
        for (host, email) in self.hosts.change_all().filter(|(_, email)| email.is_none()) {
            *email = address_of(host).cloned();
        }
    }

    /// Whether there is a host beside whom no address is listed.
    #[must_use]
    pub fn has_nameless(&self) -> bool {
        (0..).map_while(|number| self.hosts.get(number)).any(|(_, email)| email.is_none())
    }

    /// Brings them into the order of the plan.
    pub(super) fn sort(&mut self) {
        let mut places = std::mem::take(&mut self.places);
        places.shrink_to_fit();
        places.sort_unstable_by(|one, other| one.started.cmp(&other.started).then_with(|| self.compare(*one, *other)));
        self.places = places;
        self.blocks.last_mut().into_iter().for_each(Vec::shrink_to_fit);
    }

    fn compare(&self, one: Place, other: Place) -> Ordering {
        let (one, other) = (self.head_at(one).0, self.head_at(other).0);
        (one.started, one.uuid, one.recording_start).cmp(&(other.started, other.uuid, other.recording_start))
    }

    /// How many there are, replaced ones too.
    #[must_use]
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// The line of the plan.
    #[must_use]
    pub fn item(&self, number: usize) -> Item {
        let (segment, reason, main) = self.segment_at(self.places[number]);
        leave_out(segment, reason, main)
    }

    /// The recording without its files, whether it has any, and why it is left out.
    #[must_use]
    pub fn outline(&self, number: usize) -> (SegmentOutline<'_>, bool, Reason) {
        let (head, mut packed) = self.head_at(self.places[number]);
        let (outline, _) = self.read_outline(&head, &mut packed);
        (outline, head.files > 0, head.reason)
    }

    /// The numbers of all by reason, those side by side whose names are alike.
    #[must_use]
    pub fn by_reason_and_name(&self) -> Vec<usize> {
        let begin = |place: &Place| {
            let head = self.head_at(*place).0;
            let mut begin = [0; 8];
            begin.iter_mut().zip(head.uuid.bytes()).for_each(|(to, byte)| *to = byte);
            (head.reason, u64::from_be_bytes(begin))
        };
        let mut names: Vec<((Reason, u64), usize)> = self.places.iter().map(begin).zip(0..).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, number)| number).collect()
    }

    /// All lines of the plan.
    pub fn items(&self) -> impl Iterator<Item = Item> {
        (0..self.count()).filter(|number| !self.replaced.contains_key(number)).map(|number| self.item(number))
    }

    /// Which line has taken the place of this one.
    #[must_use]
    pub fn replaced(&self, number: usize) -> Option<usize> {
        self.replaced.get(&number).copied()
    }

    /// The lines that have taken a place here.
    pub fn replacing(&self) -> impl Iterator<Item = usize> {
        self.replaced.values().copied()
    }

    /// Has a line take the place of this one.
    pub fn replace(&mut self, number: usize, line: usize) {
        self.replaced.insert(number, line);
    }

    /// The number of a recording.
    #[must_use]
    pub fn find(&self, key: &SegmentKey) -> Option<usize> {
        let is_it = |place: &Place| {
            let head = self.head_at(*place).0;
            head.uuid == key.meeting_uuid.as_str() && head.recording_start == &*key.recording_start
        };
        self.places.iter().position(is_it)
    }

    /// Where a recording stands in the order of the plan: before those that come later.
    #[must_use]
    pub fn is_before(&self, number: usize, segment: &Segment) -> bool {
        let head = self.head_at(self.places[number]).0;
        let other = (segment.started, segment.meeting.uuid.as_str(), &*segment.recording_start);
        (head.started, head.uuid, head.recording_start) < other
    }

    /// What they come to, by reason.
    #[must_use]
    pub fn sums(&self) -> BTreeMap<Reason, RuledOutSum> {
        let mut sums: BTreeMap<Reason, RuledOutSum> = BTreeMap::new();
        for (number, place) in self.places.iter().enumerate() {
            if self.replaced.contains_key(&number) {
                continue;
            }
            let head = self.head_at(*place).0;
            let sum = sums.entry(head.reason).or_default();
            sum.recordings += 1;
            sum.files += head.files as u64;
            sum.other_files += (head.files - usize::from(head.main.is_some())) as u64;
            sum.bytes = sum.bytes.saturating_add(head.bytes);
        }
        sums
    }

    /// Packs a recording for which the file of the number `main` stands; whether it could be.
    pub(super) fn pack(&mut self, segment: &Segment, reason: Reason, main: Option<usize>) -> bool {
        let mut writer = Writer::new();
        let meeting = &segment.meeting;
        writer.time(segment.started);
        writer.text(meeting.uuid.as_str());
        writer.text(&segment.recording_start);
        writer.number(reason as u64);
        writer.number(main.map_or(0, |main| main as u64 + 1));
        writer.number(segment.files.len() as u64);
        writer.number(segment.files.iter().filter_map(|file| file.bytes).fold(0, u64::saturating_add));
        writer.time(meeting.start);
        writer.signed(meeting.number);
        writer.number(u64::from(meeting.kind == MeetingKind::Webinar));
        writer.text(&meeting.topic);
        writer.number(self.hosts.number_of(&(meeting.host_id.clone(), meeting.host_email.clone())) as u64);
        write_option(&mut writer, meeting.deleted_on, |writer, day| writer.signed(day.num_days_from_ce().into()));
        writer.number(segment.part.number as u64);
        writer.number(segment.part.of as u64);
        write_option(&mut writer, segment.lasted, Writer::span);
        for file in segment.files.iter() {
            writer.text(file.id.as_str());
            writer.number(self.types.number_of(&FileType::of(file)) as u64);
            write_option(&mut writer, file.bytes, Writer::number);
            write_option(&mut writer, file.lasted, Writer::span);
        }
        self.keep(segment.started.timestamp(), &writer.0)
    }

    fn keep(&mut self, started: i64, packed: &[u8]) -> bool {
        if packed.len() > BLOCK {
            return false;
        }
        if self.blocks.last().is_none_or(|block| block.len() + packed.len() > BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        let number = self.blocks.len() - 1;
        let block = &mut self.blocks[number];
        self.places.push(Place { started, at: number * BLOCK + block.len() });
        block.extend_from_slice(packed);
        true
    }

    fn head_at(&self, place: Place) -> (Head<'_>, Reader<'_>) {
        let mut packed = Reader(&self.blocks[place.at / BLOCK][place.at % BLOCK..]);
        let head = Head {
            started: packed.time(),
            uuid: packed.text(),
            recording_start: packed.text(),
            reason: Reason::ALL[packed.count()],
            main: packed.count().checked_sub(1),
            files: packed.count(),
            bytes: packed.number(),
        };
        (head, packed)
    }

    fn segment_at(&self, place: Place) -> (Segment, Reason, Option<usize>) {
        let (head, mut packed) = self.head_at(place);
        let mut segment = self.read_segment(&head, &mut packed);
        let mut files = Vec::with_capacity(head.files);
        files.extend((0..head.files).filter_map(|_| self.read_file(&mut packed)));
        segment.files = Arc::new(files);
        (segment, head.reason, head.main)
    }

    fn read_segment<'a>(&'a self, head: &Head<'a>, packed: &mut Reader<'a>) -> Segment {
        let (outline, part) = self.read_outline(head, packed);
        let meeting = Meeting {
            uuid: MeetingUuid::new(outline.uuid),
            number: outline.number,
            kind: outline.kind,
            topic: outline.topic.to_owned(),
            start: outline.meeting_start,
            host_id: HostId::new(outline.host_id),
            host_email: outline.host_email.map(str::to_owned),
            deleted_on: outline.deleted_on,
        };
        Segment { part, lasted: outline.lasted, ..Segment::bare(meeting, head.recording_start.into(), head.started) }
    }

    fn read_outline<'a>(&'a self, head: &Head<'a>, packed: &mut Reader<'a>) -> (SegmentOutline<'a>, PartNumber) {
        let (meeting_start, number) = (packed.time(), packed.signed());
        let kind = if packed.number() == 1 { MeetingKind::Webinar } else { MeetingKind::Meeting };
        let topic = packed.text();
        let host = self.hosts.get(packed.count());
        let day = |packed: &mut Reader<'_>| i32::try_from(packed.signed()).ok();
        let deleted_on = read_option(packed, day).flatten().and_then(NaiveDate::from_num_days_from_ce_opt);
        let part = PartNumber { number: packed.count(), of: packed.count() };
        let lasted = read_option(packed, Reader::span);
        let outline = SegmentOutline {
            uuid: head.uuid,
            recording_start: head.recording_start,
            started: head.started,
            lasted,
            number,
            kind,
            topic,
            meeting_start,
            host_id: host.map_or("", |(id, _)| id.as_str()),
            host_email: host.and_then(|(_, email)| email.as_deref()),
            deleted_on,
        };
        (outline, part)
    }

    fn read_file(&self, packed: &mut Reader<'_>) -> Option<RecordingFile> {
        let id = FileId::new(packed.text());
        let FileType { kind, word: file_type, recording_type, completed, shares_id, language } =
            self.types.get(packed.count())?.clone();
        let (bytes, lasted) = (read_option(packed, Reader::number), read_option(packed, Reader::span));
        let download_url = None;
        Some(RecordingFile {
            id,
            kind,
            file_type,
            recording_type,
            bytes,
            lasted,
            completed,
            shares_id,
            download_url,
            language,
        })
    }
}

impl FileType {
    fn of(file: &RecordingFile) -> FileType {
        FileType {
            kind: file.kind,
            word: Arc::clone(&file.file_type),
            recording_type: Arc::clone(&file.recording_type),
            completed: file.completed,
            shares_id: file.shares_id,
            language: file.language.clone(),
        }
    }
}

impl fmt::Debug for RuledOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuledOut").field("recordings", &self.count()).finish_non_exhaustive()
    }
}

fn write_option<T>(writer: &mut Writer, value: Option<T>, write: impl FnOnce(&mut Writer, T)) {
    writer.number(u64::from(value.is_some()));
    if let Some(value) = value {
        write(writer, value);
    }
}

fn read_option<'a, T>(packed: &mut Reader<'a>, read: impl FnOnce(&mut Reader<'a>) -> T) -> Option<T> {
    (packed.number() == 1).then(|| read(packed))
}

/// The line of a recording of which nothing is known but that a rule leaves it out.
fn leave_out(segment: Segment, reason: Reason, main: Option<usize>) -> Item {
    let plan = |file: &RecordingFile| FilePlan {
        file: file.clone(),
        action: Action::Skip,
        reason: Some(reason),
        entry_id: None,
        copy: None,
        step: Step::Nothing,
    };
    let files = segment.files.iter().map(plan).collect();
    Item::plain(segment, Decision::skip(reason), files, main)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{NaiveDate, TimeDelta};

    use super::RuledOut;
    use crate::copying::plan::samples::{sample_file, sample_policy, sample_segment, sample_time, sample_video};
    use crate::copying::plan::{Policy, Presence, samples::sample_plan_inputs, take_ruled_out};
    use crate::model::{
        FileKind, HostId, Meeting, MeetingKind, MeetingUuid, PARTICIPANT_AUDIO, PartNumber, Reason, RecordingFile,
        Segment, SideFile,
    };

    /// Private, as the sample policy leaves out what is.
    fn private(uuid: &str, files: Vec<RecordingFile>, change: impl FnOnce(&mut Meeting)) -> Segment {
        let mut segment = sample_segment(files);
        let meeting = Arc::make_mut(&mut segment.meeting);
        (meeting.uuid, meeting.topic) = (MeetingUuid::new(uuid), "private".to_owned());
        change(meeting);
        segment
    }

    /// With everything that can be odd.
    fn odd_segments() -> Vec<Segment> {
        let sound = RecordingFile { recording_type: PARTICIPANT_AUDIO.into(), ..sample_file("p", FileKind::Other) };
        let interpreted = RecordingFile {
            recording_type: "audio_interpretation".into(),
            language: Some("Français".into()),
            shares_id: true,
            ..sample_file("x#M4A#", FileKind::Audio)
        };
        let bare = RecordingFile { bytes: None, lasted: None, completed: false, ..sample_file("", FileKind::Unknown) };
        let chat = RecordingFile { file_type: "CHAT".into(), ..sample_file("c", FileKind::Side(SideFile::Chat)) };
        let none = Segment { lasted: None, ..private("none==", Vec::new(), |meeting| meeting.number = -1) };
        let nameless = private("a/b+c==", vec![sound, bare.clone()], |meeting| {
            (meeting.host_id, meeting.host_email) = (HostId::new(""), None);
        });
        let several = vec![interpreted, sample_video("v", "gallery_view"), sample_video("s", "shared_screen"), chat];
        let late = Segment {
            started: sample_time("2026-11-22T09:00:00.25Z"),
            recording_start: "2026-11-22T09:00:00Z".into(),
            part: PartNumber { number: 2, of: 3 },
            lasted: Some(TimeDelta::milliseconds(1_799_999)),
            ..private("several==", several, |meeting| {
                meeting.kind = MeetingKind::Webinar;
                meeting.topic = "Private – 録画 🎓\n\u{200B}".to_owned();
                meeting.deleted_on = NaiveDate::from_ymd_opt(2026, 12, 22);
                meeting.start = sample_time("2026-11-21T23:59:59Z");
            })
        };
        let early = Segment { started: sample_time("2026-11-01T09:00:00Z"), ..private("early==", vec![bare], |_| ()) };
        vec![none, nameless, late, early, private("plain==", vec![sample_video("v", "shared_screen")], |_| ())]
    }

    /// Where files are to be had is not kept.
    fn without_addresses(mut segments: Vec<Segment>) -> Vec<Segment> {
        for file in segments.iter_mut().flat_map(|segment| Arc::make_mut(&mut segment.files)) {
            file.download_url = None;
        }
        segments
    }

    fn taken(segments: &[Segment], policy: &Policy) -> (RuledOut, Vec<Segment>) {
        let (mut ruled_out, mut listed) = (RuledOut::default(), segments.to_vec());
        take_ruled_out(&mut listed, &mut ruled_out, policy, |_| false);
        (ruled_out, listed)
    }

    #[test]
    fn packed_recordings_come_back_whole() {
        let segments = odd_segments();
        let (mut ruled_out, left) = taken(&segments, &sample_policy());
        assert!(left.is_empty(), "{left:?}");
        let given = ruled_out.give_back(|_| true);
        assert_eq!(format!("{given:?}"), format!("{:?}", without_addresses(segments)));
        assert_eq!(ruled_out.count(), 0);
    }

    /// Whatever file stands for it.
    #[test]
    fn packed_lines_are_those_planned() {
        let mut by_sound = sample_policy();
        by_sound.filter.excluded_types = vec!["gallery_view".to_owned(), "shared_screen".to_owned()];
        for policy in [sample_policy(), by_sound] {
            let segments = odd_segments();
            let (ruled_out, _) = taken(&segments, &policy);
            for (number, segment) in without_addresses(segments).into_iter().enumerate() {
                let item = ruled_out.item(number);
                let planned = sample_plan_inputs(&policy, |inputs| inputs.plan_item(segment, Presence::Listed));
                assert_eq!(format!("{item:?}"), format!("{planned:?}"));
                let (outline, has_files, reason) = ruled_out.outline(number);
                assert_eq!((outline, has_files), (planned.segment.outline(), !planned.files.is_empty()));
                assert_eq!(Some(reason), planned.reason);
            }
        }
    }

    #[test]
    fn only_what_rules_decide_is_packed() {
        let policy = sample_policy();
        let plain = private("plain==", Vec::new(), |_| ());
        let wanted = private("wanted==", Vec::new(), |meeting| meeting.topic = "Optics".to_owned());
        let known = private("known==", Vec::new(), |_| ());
        // one of its recordings is before go-live, the other is to be copied
        let both = private("both==", Vec::new(), |meeting| meeting.topic = "Optics".to_owned());
        let early = Segment { started: sample_time("2026-11-01T09:00:00Z"), ..both.clone() };
        let mut listed = vec![plain, wanted, known, both, early];
        let mut ruled_out = RuledOut::default();
        take_ruled_out(&mut listed, &mut ruled_out, &policy, |uuid| uuid.as_str() == "known==");
        let names: Vec<_> = listed.iter().map(|segment| segment.meeting.uuid.to_string()).collect();
        assert_eq!(names, ["wanted==", "known==", "both==", "both=="]);
        assert_eq!((ruled_out.count(), ruled_out.item(0).reason), (1, Some(Reason::TopicExcluded)));
    }

    #[test]
    fn nameless_hosts_get_their_address() {
        let (mut ruled_out, _) = taken(&odd_segments(), &sample_policy());
        assert!(ruled_out.has_nameless());
        let known = "bert@uni.example".to_owned();
        ruled_out.name_hosts(|host| host.as_str().is_empty().then_some(&known));
        let emails: Vec<_> = ruled_out.items().map(|item| item.segment.meeting.host_email.clone()).collect();
        assert_eq!(emails.iter().filter(|email| email.as_ref() == Some(&known)).count(), 1, "{emails:?}");
        assert!(!ruled_out.has_nameless());
    }

    /// More than a block holds, in the order of the plan.
    #[test]
    fn tens_of_thousands_keep_their_order() {
        let start = sample_time("2026-11-22T09:00:00Z");
        let segment = |number: i64| Segment {
            // some of them before go-live
            started: start + TimeDelta::seconds(number * 7919 % 500) - TimeDelta::days(number % 3 * 200),
            ..private(&format!("{:05}==", number * 7919 % 10_007), vec![sample_video("v", "shared_screen")], |_| ())
        };
        let segments: Vec<Segment> = (0..5000).map(segment).collect();
        let (mut ruled_out, _) = taken(&segments, &sample_policy());
        assert!(ruled_out.blocks.len() > 1);
        ruled_out.sort();
        let place = |segment: &Segment| (segment.started, segment.meeting.uuid.to_string());
        let mut expected: Vec<_> = segments.iter().map(place).collect();
        expected.sort();
        assert_eq!(ruled_out.items().map(|item| place(&item.segment)).collect::<Vec<_>>(), expected);
        let key = segments[1234].key();
        let number = ruled_out.find(&key).expect("a known one");
        assert_eq!(ruled_out.item(number).segment.key(), key);
        let ordered = ruled_out.by_reason_and_name().into_iter().map(|number| ruled_out.item(number));
        let names: Vec<_> = ordered.map(|item| (item.reason, item.segment.meeting.uuid.clone())).collect();
        assert!(names.is_sorted());
        assert_ne!(names.first().map(|(reason, _)| reason), names.last().map(|(reason, _)| reason));
    }

    #[test]
    fn replaced_ones_count_no_more() {
        let (mut ruled_out, _) = taken(&odd_segments(), &sample_policy());
        ruled_out.sort();
        let before = ruled_out.sums()[&Reason::TopicExcluded];
        let number = ruled_out.find(&odd_segments()[2].key()).expect("a known one");
        ruled_out.replace(number, 17);
        let after = ruled_out.sums()[&Reason::TopicExcluded];
        assert_eq!((before.recordings - after.recordings, before.files - after.files), (1, 4));
        assert_eq!((before.other_files - after.other_files, before.bytes - after.bytes), (3, 24_000));
        assert_eq!((ruled_out.items().count(), ruled_out.replaced(number)), (4, Some(17)));
    }
}
