//! The rules on what is copied at all, and which file stands for a segment.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Audio, Policy};
use crate::model::{Decision, FileId, FileKind, Reason, RecordingFile, Segment};

/// So long a view that is still processing is waited for, so that the best one stands for the segment.
const PATIENCE_WITH_VIEWS: TimeDelta = TimeDelta::days(1);
/// So long after its end a recording of which Zoom lists the sound alone is waited for its picture.
const PATIENCE_WITH_SOUND: TimeDelta = TimeDelta::hours(3);

/// Why the segment is not to be copied, at all or for now.
pub(super) fn is_excluded(segment: &Segment, policy: &Policy) -> Option<Decision> {
    find_rule(segment, policy).map(Decision::skip).or_else(|| policy.consent.verdict(segment))
}

/// The rule that leaves the segment out, whoever hosted it.
pub(super) fn find_rule(segment: &Segment, policy: &Policy) -> Option<Reason> {
    let is_early = segment.started < policy.go_live;
    if is_early { Some(Reason::BeforeGoLive) } else { policy.filter.leaves_out(segment) }
}

/// The file that stands for the segment, or why there is none. Files that are `out` failed as often as they may: another one
/// stands for the segment then, so that one bad file withholds nothing but itself.
pub(super) fn choose_main_file<'a>(
    segment: &'a Segment,
    policy: &Policy,
    now: DateTime<Utc>,
    out: &[&FileId],
) -> Result<&'a RecordingFile, Decision> {
    // the separate sound of participants is none that could be waited for
    if segment.files.iter().all(RecordingFile::is_participant_audio) {
        return Err(Decision::wait(Reason::NoFiles));
    }
    let since_end = now - (segment.started + segment.lasted.unwrap_or_default());
    let patient = since_end < PATIENCE_WITH_VIEWS;
    let candidates: Vec<_> = keep_wanted_types(segment, policy).filter(|file| !out.contains(&&file.id)).collect();
    let candidates = without_interpretation(candidates, policy, patient)?;
    let may_become_video = |file: &&&RecordingFile| matches!(file.kind, FileKind::Video | FileKind::Unknown);
    let processing = candidates.iter().filter(may_become_video).any(|file| !file.completed);
    if processing && patient {
        return Err(Decision::wait(Reason::Processing));
    }
    let mut videos: Vec<_> =
        candidates.iter().copied().filter(|file| file.kind == FileKind::Video && file.completed).collect();
    videos.sort_by_key(|file| policy.wanted.view_rank(file));
    let first = videos.first().map(|file| usable_files(file));
    match (first, patient) {
        (Some(Ok(file)), _) => return Ok(file),
        (Some(Err(reason)), true) => return Err(Decision::wait(reason)),
        (Some(Err(_)) | None, _) => {}
    }
    if let Some(file) = videos.iter().find_map(|file| usable_files(file).ok()) {
        return Ok(file);
    }
    match (sound_file(segment, &candidates, policy, since_end), first) {
        (Ok(file), _) => Ok(file),
        (Err(_), Some(Err(reason))) => Err(Decision::wait(reason)),
        (Err(_), _) if processing => Err(Decision::wait(Reason::Processing)),
        (Err(error), _) => Err(error),
    }
}

/// What may stand for a segment. Interpretation stands beside what it interprets, and for the segment only where nothing else is
/// to be had; Zoom may finish it first.
fn without_interpretation<'a>(
    candidates: Vec<&'a RecordingFile>,
    policy: &Policy,
    patient: bool,
) -> Result<Vec<&'a RecordingFile>, Decision> {
    let (beside, own): (Vec<_>, Vec<_>) = candidates.iter().partition(|file| policy.wanted.is_beside(file));
    let may_stand = |file: &&RecordingFile| file.is_media() || file.kind == FileKind::Unknown;
    match own.iter().any(may_stand) {
        true => Ok(own),
        false if patient && !beside.is_empty() => Err(Decision::wait(Reason::Processing)),
        false => Ok(candidates),
    }
}

/// The file that a segment is told by of which nothing is to be copied now.
pub(super) fn foremost_file<'a>(segment: &'a Segment, policy: &Policy) -> Option<&'a RecordingFile> {
    let first = || segment.files.iter().min_by_key(|file| (!file.is_media(), policy.filter.excludes_file(file)));
    best_view(segment, policy).or_else(first)
}

fn keep_wanted_types<'a>(segment: &'a Segment, policy: &Policy) -> impl Iterator<Item = &'a RecordingFile> + Clone {
    segment.files.iter().filter(|file| !policy.filter.excludes_file(file))
}

/// The best of the finished videos, the first of several alike.
fn best_view<'a>(segment: &'a Segment, policy: &Policy) -> Option<&'a RecordingFile> {
    let videos = keep_wanted_types(segment, policy).filter(|file| file.kind == FileKind::Video && file.completed);
    videos.min_by_key(|file| policy.wanted.view_rank(file))
}

/// What stands for a segment without any video. Where no picture is listed at all one may come yet: Zoom may finish the sound
/// first.
fn sound_file<'a>(
    segment: &Segment,
    candidates: &[&'a RecordingFile],
    policy: &Policy,
    since_end: TimeDelta,
) -> Result<&'a RecordingFile, Decision> {
    let mut audio = candidates.iter().copied().filter(|file| file.kind == FileKind::Audio);
    // beside the sound of the meeting there may be that of its interpreters
    let is_whole = |file: &&RecordingFile| &*file.recording_type == "audio_only";
    let is_excluded =
        |file: &RecordingFile| (file.is_media() || file.kind == FileKind::Unknown) && policy.filter.excludes_file(file);
    let has_picture = segment.files.iter().any(|file| file.kind == FileKind::Video);
    match audio.clone().find(is_whole).or_else(|| audio.next()) {
        Some(_) if policy.wanted.audio == Audio::Never => Err(Decision::skip(Reason::AudioOff)),
        Some(_) if !has_picture && since_end < PATIENCE_WITH_SOUND => Err(Decision::wait(Reason::Processing)),
        Some(file) => usable_files(file).map_err(Decision::wait),
        None if segment.files.iter().any(is_excluded) => Err(Decision::skip(Reason::RecordingTypeExcluded)),
        None if since_end < PATIENCE_WITH_VIEWS => Err(Decision::wait(Reason::Processing)),
        None if segment.files.iter().any(RecordingFile::is_participant_audio) => {
            Err(Decision::skip(Reason::ParticipantAudio))
        }
        None => Err(Decision::skip(Reason::NoMedia)),
    }
}

/// Whether there is anything to fetch. A size that Zoom does not list is what the download says it is.
pub(super) fn usable_files(file: &RecordingFile) -> Result<&RecordingFile, Reason> {
    match (file.completed, &file.download_url) {
        (false, _) => Err(Reason::Processing),
        (true, None) => Err(Reason::Incomplete),
        (true, Some(_)) => Ok(file),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;

    use super::{choose_main_file, foremost_file, is_excluded};
    use crate::copying::plan::Audio;
    use crate::copying::plan::samples::{
        sample_file, sample_now, sample_policy, sample_segment, sample_time, sample_video, without_some_types,
    };
    use crate::model::{Decision, FileKind, MeetingKind, PARTICIPANT_AUDIO, Reason, RecordingFile, Segment, SideFile};

    fn unfinished(file: RecordingFile) -> RecordingFile {
        RecordingFile { completed: false, ..file }
    }

    fn changed(change: impl FnOnce(&mut Segment)) -> Segment {
        let mut segment = sample_segment(vec![sample_video("v", "shared_screen")]);
        change(&mut segment);
        segment
    }

    #[test]
    fn each_rule_excludes_what_it_names() {
        let mut policy = sample_policy();
        policy.filter.min_duration = TimeDelta::minutes(10);
        policy.filter.webinars = false;
        let webinar = |segment: &mut Segment| Arc::make_mut(&mut segment.meeting).kind = MeetingKind::Webinar;
        let private = |segment: &mut Segment| Arc::make_mut(&mut segment.meeting).topic = "PRIVATE talk".to_owned();
        let cases = [
            (changed(|_| {}), None),
            (changed(|segment| segment.started = sample_time("2026-11-19T23:59:59Z")), Some(Reason::BeforeGoLive)),
            (changed(|segment| segment.started = policy.go_live), None),
            (changed(|segment| segment.lasted = Some(TimeDelta::minutes(9))), Some(Reason::TooShort)),
            (changed(|segment| segment.lasted = Some(TimeDelta::minutes(10))), None),
            (changed(|segment| segment.lasted = None), None),
            (changed(webinar), Some(Reason::WebinarsOff)),
            (changed(private), Some(Reason::TopicExcluded)),
        ];
        for (segment, expected) in cases {
            assert_eq!(is_excluded(&segment, &policy), expected.map(Decision::skip), "{segment:?}");
        }
        (policy.filter.meetings, policy.filter.webinars) = (false, true);
        assert_eq!(is_excluded(&changed(|_| {}), &policy), Some(Decision::skip(Reason::MeetingsOff)));
        assert_eq!(is_excluded(&changed(webinar), &policy), None);
    }

    fn word(found: Result<&RecordingFile, Decision>) -> String {
        match found {
            Ok(file) => file.id.to_string(),
            Err(decision) => decision.to_string(),
        }
    }

    /// Or sound, where there is no view.
    #[test]
    fn the_best_finished_view_represents_segments() {
        let speaker = || sample_video("s", "speaker_view");
        let screen = || sample_video("v", "shared_screen_with_speaker_view");
        let unknown = || sample_video("h", "hologram");
        let sound = || RecordingFile { recording_type: "audio_only".into(), ..sample_file("a", FileKind::Audio) };
        let interpreted = || sample_file("i", FileKind::Audio);
        let unsized_screen = || RecordingFile { bytes: None, ..screen() };
        let nowhere = || RecordingFile { download_url: None, ..screen() };
        let cases = [
            (vec![speaker(), screen(), sound()], "v"),
            (vec![unknown(), speaker(), sound()], "s"),
            (vec![unknown(), sound()], "h"),
            (vec![speaker(), unfinished(screen())], "wait processing"),
            (vec![speaker(), unfinished(sound())], "s"),
            (vec![unfinished(sample_file("", FileKind::Unknown))], "wait processing"),
            (vec![unsized_screen()], "v"),
            (vec![unsized_screen(), speaker()], "v"),
            (vec![nowhere()], "wait incomplete_listing"),
            (vec![sample_file("c", FileKind::Side(SideFile::Chat)), interpreted(), sound()], "a"),
            (vec![interpreted()], "i"),
            (vec![unfinished(sound())], "wait processing"),
            (vec![sample_file("c", FileKind::Side(SideFile::Chat))], "wait processing"),
            (vec![], "wait no_files"),
        ];
        for (files, expected) in cases {
            let mut segment = sample_segment(files);
            segment.started = sample_now() - TimeDelta::hours(5);
            assert_eq!(
                word(choose_main_file(&segment, &sample_policy(), sample_now(), &[])),
                expected,
                "{:?}",
                segment.files
            );
        }
    }

    fn interpreted(view: &str) -> RecordingFile {
        let kind = if view == "sign_interpretation" { FileKind::Video } else { FileKind::Audio };
        RecordingFile { recording_type: view.into(), ..sample_file("i", kind) }
    }

    /// Unless nothing else ever comes.
    #[test]
    fn interpretation_stands_beside_its_recording() {
        let (screen, sound) = (|| sample_video("v", "shared_screen"), || sample_file("a", FileKind::Audio));
        let (spoken, signed) = (|| interpreted("audio_interpretation"), || interpreted("sign_interpretation"));
        let cases = [
            (vec![signed(), screen()], 5, "i", "v"),
            (vec![signed(), unfinished(screen())], 5, "wait processing", "wait processing"),
            (vec![signed(), sound()], 5, "i", "a"),
            (vec![spoken(), sound()], 5, "i", "a"),
            (vec![signed()], 5, "i", "wait processing"),
            (vec![spoken()], 5, "i", "wait processing"),
            (vec![signed()], 25, "i", "i"),
            (vec![spoken(), sample_file("c", FileKind::Side(SideFile::Chat))], 25, "i", "i"),
        ];
        for (files, hours, off, on) in cases {
            let mut segment = sample_segment(files);
            segment.started = sample_now() - TimeDelta::hours(hours);
            let mut policy = sample_policy();
            // so that the view that is named stands first
            policy.wanted.view_order = vec!["sign_interpretation".to_owned()];
            for (interpretation, expected) in [(false, off), (true, on)] {
                policy.wanted.interpretation = interpretation;
                let found = word(choose_main_file(&segment, &policy, sample_now(), &[]));
                assert_eq!(found, expected, "{interpretation}, {hours} h, {:?}", segment.files);
            }
        }
    }

    /// They are never copied.
    #[test]
    fn participants_sound_never_represents_segments() {
        let theirs = || RecordingFile { recording_type: PARTICIPANT_AUDIO.into(), ..sample_file("p", FileKind::Other) };
        let cases = [
            (vec![theirs()], 5, "wait no_files"),
            (vec![theirs()], 25, "wait no_files"),
            (vec![theirs(), sample_file("c", FileKind::Side(SideFile::Chat))], 5, "wait processing"),
            (vec![theirs(), sample_file("c", FileKind::Side(SideFile::Chat))], 25, "skip participant_audio"),
            (vec![theirs(), sample_video("v", "shared_screen")], 5, "v"),
        ];
        for (files, hours, expected) in cases {
            let mut segment = sample_segment(files);
            segment.started = sample_now() - TimeDelta::hours(hours);
            let found = word(choose_main_file(&segment, &sample_policy(), sample_now(), &[]));
            assert_eq!(found, expected, "{hours} h, {:?}", segment.files);
        }
    }

    #[test]
    fn the_institution_sets_the_view_order() {
        let mut policy = sample_policy();
        policy.wanted.view_order = vec!["gallery_view".to_owned()];
        let segment = sample_segment(vec![sample_video("v", "shared_screen"), sample_video("g", "gallery_view")]);
        assert_eq!(word(choose_main_file(&segment, &policy, sample_now(), &[])), "g");
    }

    #[test]
    fn unfinished_views_are_awaited_a_day() {
        let mut segment =
            sample_segment(vec![sample_video("s", "speaker_view"), unfinished(sample_video("v", "shared_screen"))]);
        for (seconds, expected) in [(-1, "wait processing"), (0, "s"), (1, "s")] {
            segment.started = ended(&segment, TimeDelta::days(1) + TimeDelta::seconds(seconds));
            assert_eq!(word(choose_main_file(&segment, &sample_policy(), sample_now(), &[])), expected, "{seconds} s");
        }
    }

    /// When a segment began that ended so long ago.
    fn ended(segment: &Segment, ago: TimeDelta) -> chrono::DateTime<chrono::Utc> {
        sample_now() - ago - segment.lasted.unwrap_or_default()
    }

    /// Longer where Zoom lists a picture.
    #[test]
    fn sound_awaits_pictures_three_hours() {
        let mut segment = sample_segment(vec![sample_file("a", FileKind::Audio)]);
        for (seconds, expected) in [(-1, "wait processing"), (0, "a"), (1, "a")] {
            segment.started = ended(&segment, TimeDelta::hours(3) + TimeDelta::seconds(seconds));
            assert_eq!(word(choose_main_file(&segment, &sample_policy(), sample_now(), &[])), expected, "{seconds} s");
        }
        segment.started = ended(&segment, TimeDelta::minutes(1));
        Arc::make_mut(&mut segment.files).push(sample_video("g", "gallery_view"));
        assert_eq!(word(choose_main_file(&segment, &without_some_types(), sample_now(), &[])), "a");
    }

    /// All that could stand for the segment is out.
    #[test]
    fn segments_without_candidates_are_not_excluded() {
        let mut segment = sample_segment(vec![sample_video("v", "shared_screen"), sample_file("a", FileKind::Audio)]);
        let ids = segment.files.iter().map(|file| file.id.clone()).collect::<Vec<_>>();
        for (seconds, expected) in [(-1, "wait processing"), (0, "skip no_media"), (1, "skip no_media")] {
            segment.started = ended(&segment, TimeDelta::days(1) + TimeDelta::seconds(seconds));
            let out = ids.iter().collect::<Vec<_>>();
            assert_eq!(word(choose_main_file(&segment, &sample_policy(), sample_now(), &out)), expected, "{seconds} s");
        }
    }

    /// They have neither picture nor sound.
    #[test]
    fn empty_segments_end_after_a_day() {
        let mut segment = sample_segment(vec![sample_file("c", FileKind::Side(SideFile::Chat))]);
        segment.started = sample_now() - TimeDelta::hours(25);
        assert_eq!(word(choose_main_file(&segment, &sample_policy(), sample_now(), &[])), "skip no_media");
        Arc::make_mut(&mut segment.files).push(sample_file("a", FileKind::Audio));
        let mut never = sample_policy();
        never.wanted.audio = Audio::Never;
        assert_eq!(word(choose_main_file(&segment, &never, sample_now(), &[])), "skip audio_off");
    }

    #[test]
    fn excluded_types_represent_and_delay_nothing() {
        let (gallery, speaker) = (|| sample_video("g", "gallery_view"), || sample_video("s", "speaker_view"));
        let typed = |kind, recording_type: &str| RecordingFile {
            recording_type: recording_type.into(),
            ..sample_file("x", kind)
        };
        let sound = || typed(FileKind::Audio, "audio_only");
        let interpreted = || typed(FileKind::Audio, "audio_interpretation");
        let transcript = || typed(FileKind::Transcript, "audio_transcript");
        let untold = || unfinished(sample_file("u", FileKind::Unknown));
        let cases = [
            (vec![gallery(), speaker()], "s"),
            (vec![unfinished(gallery()), speaker()], "s"),
            (vec![unfinished(typed(FileKind::Unknown, "gallery_view")), speaker()], "s"),
            (vec![gallery(), unfinished(speaker())], "wait processing"),
            (vec![gallery(), untold()], "wait processing"),
            (vec![gallery(), interpreted()], "x"),
            (vec![gallery(), unfinished(interpreted())], "wait processing"),
            (vec![gallery()], "skip recording_type_excluded"),
            (vec![unfinished(gallery())], "skip recording_type_excluded"),
            (vec![unfinished(typed(FileKind::Unknown, "gallery_view"))], "skip recording_type_excluded"),
            (
                vec![sample_file("c", FileKind::Side(SideFile::Chat)), gallery(), sound()],
                "skip recording_type_excluded",
            ),
            (vec![sound()], "skip recording_type_excluded"),
            (vec![transcript()], "wait processing"),
        ];
        for (files, expected) in cases {
            let mut segment = sample_segment(files);
            segment.started = sample_now() - TimeDelta::hours(5);
            assert_eq!(
                word(choose_main_file(&segment, &without_some_types(), sample_now(), &[])),
                expected,
                "{:?}",
                segment.files
            );
        }
    }

    /// Their picture or sound.
    #[test]
    fn uncopied_segments_name_their_main_file() {
        let (chat, sound) = (|| sample_file("c", FileKind::Side(SideFile::Chat)), || sample_file("a", FileKind::Audio));
        let gallery = || sample_video("g", "gallery_view");
        let cases = [
            (vec![chat(), gallery(), sample_video("s", "speaker_view")], Some("s")),
            (vec![chat(), gallery(), sound()], Some("a")),
            (vec![chat(), gallery()], Some("g")),
            (vec![chat(), unfinished(sample_video("s", "speaker_view"))], Some("s")),
            (vec![chat(), sample_video("s", "speaker_view"), sample_video("v", "shared_screen")], Some("v")),
            (vec![unfinished(sample_video("v", "shared_screen")), sample_video("s", "speaker_view")], Some("s")),
            (vec![chat()], Some("c")),
            (vec![], None),
        ];
        for (files, expected) in cases {
            let segment = sample_segment(files);
            let found = foremost_file(&segment, &without_some_types()).map(|file| file.id.as_str());
            assert_eq!(found, expected, "{:?}", segment.files);
        }
    }
}
