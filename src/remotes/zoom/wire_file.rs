//! One file of a meeting as Zoom sends it: what it is, and where to fetch it.

use chrono::TimeDelta;
use serde::de::MapAccess;

use super::fields::{Field, Record, RecordFields};
use crate::model::{
    FileId, FileKind, Interner, MeetingUuid, PARTICIPANT_AUDIO, RecordingFile, Segment, SideFile, each_once, one_line,
};

/// In characters; what is longer is no language.
const LONGEST_LANGUAGE: usize = 60;

/// A file of a meeting as Zoom lists it.
#[derive(Clone, Debug, Default)]
pub(super) struct WireFile<'a> {
    id: Field<'a>,
    file_type: Field<'a>,
    file_extension: Field<'a>,
    recording_type: Field<'a>,
    pub(super) recording_start: Field<'a>,
    pub(super) recording_end: Field<'a>,
    status: Field<'a>,
    file_size: Field<'a>,
    download_url: Field<'a>,
    file_name: Field<'a>,
}

impl<'de: 'a, 'a> RecordFields<'de> for WireFile<'a> {
    const NAMES: &'static [&'static str] = &[
        "id",
        "file_type",
        "file_extension",
        "recording_type",
        "recording_start",
        "recording_end",
        "status",
        "file_size",
        "download_url",
        "file_name",
    ];

    fn take<A: MapAccess<'de>>(&mut self, number: usize, object: &mut A) -> Result<(), A::Error> {
        let field = match number {
            0 => &mut self.id,
            1 => &mut self.file_type,
            2 => &mut self.file_extension,
            3 => &mut self.recording_type,
            4 => &mut self.recording_start,
            5 => &mut self.recording_end,
            6 => &mut self.status,
            7 => &mut self.file_size,
            8 => &mut self.download_url,
            _ => &mut self.file_name,
        };
        *field = object.next_value()?;
        Ok(())
    }
}

/// The separate sound of participants, with the segment that it was recorded in. Zoom names these files where it is asked for one
/// meeting; in a list it counts them only, and a meeting that has nothing else is listed without any file
/// (facts-zoom.md#z20).
pub(super) fn with_participant_audio(
    mut segments: Vec<Segment>,
    named: &[Record<WireFile<'_>>],
    is_counted: bool,
    texts: &mut Interner,
) -> Vec<Segment> {
    let has_files = segments.iter().any(|segment| !segment.files.is_empty());
    let unnamed = [Record(WireFile { file_type: Field::Text("M4A".into()), ..WireFile::default() })];
    let files = if named.is_empty() && is_counted && !has_files { &unnamed } else { named };
    for Record(file) in files {
        let started = file.recording_start.time().map(|(_, start)| start);
        let is_before = |segment: &Segment| started.is_some_and(|started| segment.started <= started);
        let place = segments.iter().rposition(is_before).unwrap_or_default();
        let Some(segment) = segments.get_mut(place) else {
            break;
        };
        let typed = WireFile { recording_type: Field::Text(PARTICIPANT_AUDIO.into()), ..file.clone() };
        let uuid = segment.meeting.uuid.clone();
        let file = read_file_object(&typed, &uuid, &segment.recording_start, None, texts);
        let files = segment.files.iter().cloned().chain([file]).collect();
        segment.files = each_once(files).into();
    }
    segments
}

/// A file, whatever of it can be read: nothing odd in it makes it vanish.
pub(super) fn read_file_object(
    wire: &WireFile<'_>,
    uuid: &MeetingUuid,
    recording_start: &str,
    lasted: Option<TimeDelta>,
    texts: &mut Interner,
) -> RecordingFile {
    let (file_type, recording_type) = (wire.file_type.text(), wire.recording_type.text());
    let (file_type, recording_type) = (file_type.unwrap_or_default(), recording_type.unwrap_or_default());
    let extension = wire.file_extension.text().unwrap_or_default();
    let id = match wire.id.text() {
        // CC and TIMELINE files have no id (facts-zoom.md#z19); these parts tell them apart within a meeting
        None => FileId::made_of(&[uuid.as_str(), recording_start, &file_type, &recording_type, &extension]),
        Some(id) => FileId::new(id),
    };
    let status = wire.status.text().unwrap_or_default();
    let kind = match file_kind(&file_type, &recording_type, &extension) {
        _ if recording_type == PARTICIPANT_AUDIO => FileKind::Other,
        kind => kind,
    };
    RecordingFile {
        id,
        kind,
        // CC and TIMELINE files have no status either: they appear when they are finished
        completed: (status.is_empty() || status == "completed") && !file_type.is_empty(),
        shares_id: false,
        bytes: wire.file_size.bytes(),
        download_url: wire.download_url.text().map(Into::into),
        file_type: texts.shared(&file_type),
        language: name_language(&recording_type, &wire.file_name).map(|language| texts.shared(&language)),
        recording_type: texts.shared(&recording_type),
        lasted,
    }
}

/// The language of an interpretation: Zoom has no field for it, and may say it in the name of the file
/// (facts-zoom.md#z20), behind what every file of the type is called.
fn name_language(recording_type: &str, file_name: &Field<'_>) -> Option<String> {
    let common = recording_type.strip_suffix("_interpretation")?;
    let name = one_line(&file_name.text()?);
    let name = name.rsplit_once('.').map_or(&*name, |(stem, _)| stem);
    let is_common = |word: &&str| {
        let words = [common, "language", "interpretation", "recording"];
        let is_stamp = word.trim_start_matches("GMT").chars().all(|c| c.is_ascii_digit());
        is_stamp || words.iter().any(|known| word.eq_ignore_ascii_case(known))
    };
    let parts = |c: char| c.is_whitespace() || matches!(c, '-' | '–' | '_' | ':' | ',');
    let words = name.split(parts).filter(|word| !word.is_empty()).skip_while(is_common);
    let language = words.collect::<Vec<_>>().join(" ");
    // what holds digits is a size or a date
    let is_plain = |c: char| c.is_alphabetic() || matches!(c, ' ' | '(' | ')');
    let is_language = !language.is_empty() && language.chars().count() <= LONGEST_LANGUAGE;
    (is_language && language.chars().all(is_plain)).then_some(language)
}

/// `file_type` is empty while the meeting is being recorded.
fn file_kind(file_type: &str, recording_type: &str, extension: &str) -> FileKind {
    let kinds = [
        ("MP4", FileKind::Video),
        ("M4A", FileKind::Audio),
        ("TRANSCRIPT", FileKind::Transcript),
        ("CC", FileKind::ClosedCaptions),
        ("", FileKind::Unknown),
    ];
    match kinds.into_iter().find(|(word, _)| file_type.eq_ignore_ascii_case(word)) {
        Some((_, kind)) => kind,
        _ if extension.eq_ignore_ascii_case("MP4") => FileKind::Video,
        _ => SideFile::of_types(file_type, recording_type).map_or(FileKind::Other, FileKind::Side),
    }
}

#[cfg(test)]
mod tests {
    use super::name_language;
    use crate::remotes::zoom::fields::Field;

    #[test]
    fn file_names_tell_interpretation_languages() {
        let cases = [
            ("audio_interpretation", "Audio Interpretation - French.m4a", Some("French")),
            ("audio_interpretation", "GMT20261120-090000_Recording_French.m4a", Some("French")),
            ("audio_interpretation", "Chinese (Simplified)", Some("Chinese (Simplified)")),
            ("audio_interpretation", "Français\u{200B}\n.m4a", Some("Français")),
            ("sign_interpretation", "Sign Language Interpretation: ASL", Some("ASL")),
            ("sign_interpretation", "sign_interpretation_American Sign Language.mp4", Some("American Sign Language")),
            ("sign_interpretation", "GMT20261120-090000_Recording_1920x1080.mp4", None),
            ("audio_interpretation", "GMT20261120-090000_Recording.m4a", None),
            ("audio_interpretation", "", None),
            ("gallery_view", "Gallery French.mp4", None),
        ];
        for (recording_type, name, expected) in cases {
            let found = name_language(recording_type, &Field::Text(name.into()));
            assert_eq!(found.as_deref(), expected, "{recording_type} {name:?}");
        }
        let long = "French ".repeat(20);
        assert_eq!(name_language("audio_interpretation", &Field::Text(long.into())), None);
    }
}
