//! Which files of a recording are copied, and what those become that do not stand for it.

use super::Filter;
use crate::model::{Decision, FileId, FileKind, Reason, RecordingFile, Role, Segment, SideFile};

/// Which files of a recording are copied.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a key of its own, independent of the others")]
pub struct WantedFiles {
    /// Whether further views become child entries.
    pub all_views: bool,
    /// The views by Zoom's names, best first: the best one there is stands for its segment.
    pub view_order: Vec<String>,
    /// When sound alone is copied.
    pub audio: Audio,
    /// Whether the sound and picture of interpreters become child entries, whatever is said of views and sound.
    pub interpretation: bool,
    /// Whether transcripts and closed captions are copied.
    pub captions: bool,
    /// The side files that are copied, by the words of `copy.attachments`.
    pub attachments: Vec<&'static str>,
}

/// When sound alone is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audio {
    /// Beside a video too, as a child entry.
    Always,
    /// Where the segment has no video.
    IfNoVideo,
    /// Never.
    Never,
}

impl WantedFiles {
    /// All views, as they are by default.
    #[cfg(test)]
    pub(crate) fn sample() -> WantedFiles {
        WantedFiles {
            all_views: true,
            view_order: ["shared_screen_with_speaker_view", "shared_screen", "speaker_view"]
                .map(str::to_owned)
                .to_vec(),
            audio: Audio::IfNoVideo,
            interpretation: false,
            captions: true,
            attachments: Vec::new(),
        }
    }

    /// The place of a video in the order of views; one that is not named there comes last.
    #[must_use]
    pub fn view_rank(&self, file: &RecordingFile) -> usize {
        let is_it = |name: &String| **name == *file.recording_type;
        self.view_order.iter().position(is_it).unwrap_or(self.view_order.len())
    }

    /// Whether a file stands beside what it interprets, and never for it.
    #[must_use]
    pub fn is_beside(&self, file: &RecordingFile) -> bool {
        self.interpretation && file.is_interpretation()
    }

    /// What a file becomes that does not stand for its segment, as `main` does, or why it is left out.
    pub(super) fn find_role(
        &self,
        file: &RecordingFile,
        segment: &Segment,
        main: Option<&FileId>,
        filter: &Filter,
    ) -> Result<Role, Decision> {
        // all fields are named, so that a key that is judged nowhere does not compile
        let WantedFiles { all_views, view_order: _, audio, interpretation: _, captions, attachments } = self;
        // a video that was copied before its type was excluded is there all the same
        let is_there = |file: &RecordingFile| main == Some(&file.id) || !filter.excludes_file(file);
        let shows_it = |file: &RecordingFile| file.kind == FileKind::Video && !self.is_beside(file) && is_there(file);
        let has_video = || segment.files.iter().any(shows_it);
        let left_out = |reason| Err(Decision::skip(reason));
        // a key of its own would let it in
        let by_another_key =
            |reason| left_out(if file.is_interpretation() { Reason::InterpretationOff } else { reason });
        match file.kind {
            _ if file.is_participant_audio() => left_out(Reason::ParticipantAudio),
            _ if filter.excludes_file(file) => left_out(Reason::RecordingTypeExcluded),
            _ if self.is_beside(file) => Ok(Role::Child),
            FileKind::Video if *all_views => Ok(Role::Child),
            FileKind::Video => by_another_key(Reason::FurtherView),
            FileKind::Audio if *audio == Audio::Never => by_another_key(Reason::AudioOff),
            FileKind::Audio if *audio == Audio::IfNoVideo && has_video() => by_another_key(Reason::AudioBesideVideo),
            FileKind::Audio => Ok(Role::Child),
            FileKind::Transcript | FileKind::ClosedCaptions if *captions => Ok(Role::Caption),
            FileKind::Transcript | FileKind::ClosedCaptions => left_out(Reason::CaptionsOff),
            FileKind::Side(side) if attachments.contains(&side.word()) => Ok(Role::Attachment),
            FileKind::Side(SideFile::Chat) => left_out(Reason::ChatOff),
            FileKind::Side(_) => left_out(Reason::AttachmentOff),
            FileKind::Other => left_out(Reason::FileType),
            FileKind::Unknown => Err(Decision::wait(Reason::Processing)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Audio, WantedFiles};
    use crate::copying::plan::Policy;
    use crate::copying::plan::samples::{sample_file, sample_policy, sample_segment, sample_video, without_some_types};
    use crate::model::{Decision, FileKind, PARTICIPANT_AUDIO, Reason, RecordingFile, Role, Segment, SideFile};

    /// What a file becomes where `main` stands for the segment.
    fn role_of(policy: &Policy, segment: &Segment, file: usize, main: Option<usize>) -> Result<Role, Decision> {
        let main = main.map(|main| &segment.files[main].id);
        policy.wanted.find_role(&segment.files[file], segment, main, &policy.filter)
    }

    /// Unless the video was copied before.
    #[test]
    fn sound_stands_beside_excluded_videos() {
        let segment = sample_segment(vec![
            sample_video("g", "gallery_view"),
            sample_file("a", FileKind::Audio),
            sample_file("b", FileKind::Audio),
        ]);
        let of = |main: usize| role_of(&without_some_types(), &segment, 2, Some(main));
        assert_eq!(of(1), Ok(Role::Child), "the second sound of a recording without any video that counts");
        assert_eq!(of(0), Err(Decision::skip(Reason::AudioBesideVideo)));
        let beside = role_of(&sample_policy(), &segment, 2, None);
        assert_eq!(beside, Err(Decision::skip(Reason::AudioBesideVideo)), "whatever stands for the segment");
    }

    /// They become children, captions or nothing.
    #[test]
    fn other_files_have_three_roles() {
        let (view, sound) = (|| sample_video("g", "gallery_view"), || sample_file("a", FileKind::Audio));
        let (said, shown) = (|| sample_file("t", FileKind::Transcript), || sample_file("c", FileKind::ClosedCaptions));
        let (mut little, mut much) = (sample_policy(), sample_policy());
        little.wanted = WantedFiles { all_views: false, audio: Audio::Never, captions: false, ..little.wanted };
        much.wanted.audio = Audio::Always;
        let typed = |kind, name: &str| RecordingFile { recording_type: name.into(), ..sample_file("x", kind) };
        let transcript = || typed(FileKind::Transcript, "audio_transcript");
        let typed_chat = || typed(FileKind::Side(SideFile::Chat), "chat_file");
        let mut chatless = sample_policy();
        chatless.wanted.attachments = vec!["chat"];
        chatless.filter.excluded_types = vec!["chat_file".to_owned()];
        let cases = [
            (view(), sample_policy(), "child"),
            (view(), little.clone(), "skip further_view_left_out"),
            (sound(), sample_policy(), "skip audio_beside_video"),
            (sound(), little.clone(), "skip audio_off"),
            (sound(), much, "child"),
            (said(), sample_policy(), "caption"),
            (shown(), sample_policy(), "caption"),
            (said(), little.clone(), "skip captions_off"),
            (sample_file("x", FileKind::Other), sample_policy(), "skip file_type_not_copied"),
            (sample_file("x", FileKind::Unknown), sample_policy(), "wait processing"),
            (view(), without_some_types(), "skip recording_type_excluded"),
            (sample_video("s", "speaker_view"), without_some_types(), "child"),
            (said(), without_some_types(), "caption"),
            (transcript(), without_some_types(), "skip recording_type_excluded"),
            (typed_chat(), chatless, "skip recording_type_excluded"),
        ];
        for (file, policy, expected) in cases {
            assert_eq!(word_beside_video(&policy, file.clone()), expected, "{file:?}");
        }
    }

    /// What a file becomes beside a video that stands for the segment.
    fn word_beside_video(policy: &Policy, file: RecordingFile) -> String {
        let segment = sample_segment(vec![sample_video("v", "shared_screen"), file]);
        match role_of(policy, &segment, 1, Some(0)) {
            Ok(role) => role.word().to_owned(),
            Err(decision) => decision.to_string(),
        }
    }

    /// Or the keys of views and sound, and nothing lets in what participants said alone.
    #[test]
    fn interpretation_follows_its_own_key() {
        let typed = |kind, name: &str| RecordingFile { recording_type: name.into(), ..sample_file("x", kind) };
        let spoken = || typed(FileKind::Audio, "audio_interpretation");
        let signed = || typed(FileKind::Video, "sign_interpretation");
        let alone = || typed(FileKind::Other, PARTICIPANT_AUDIO);
        let sound = || typed(FileKind::Audio, "audio_only");
        let (mut little, mut much) = (sample_policy(), sample_policy());
        little.wanted = WantedFiles { all_views: false, audio: Audio::Never, ..little.wanted };
        much.wanted.audio = Audio::Always;
        let mut on = little.clone();
        on.wanted.interpretation = true;
        let mut excluded = on.clone();
        excluded.filter.excluded_types = vec!["sign_interpretation".to_owned()];
        let cases = [
            (&sample_policy(), spoken(), "skip interpretation_off"),
            (&much, spoken(), "child"),
            (&little, spoken(), "skip interpretation_off"),
            (&on, spoken(), "child"),
            (&sample_policy(), signed(), "child"),
            (&little, signed(), "skip interpretation_off"),
            (&on, signed(), "child"),
            (&excluded, signed(), "skip recording_type_excluded"),
            (&on, sound(), "skip audio_off"),
            (&much, alone(), "skip participant_audio"),
            (&on, alone(), "skip participant_audio"),
        ];
        for (policy, file, expected) in cases {
            assert_eq!(word_beside_video(policy, file.clone()), expected, "{file:?}");
        }
    }

    /// Summary, next steps and chapters go by one word.
    #[test]
    fn side_files_follow_their_words() {
        let cases = [
            (SideFile::Chat, &[][..], "skip chat_off"),
            (SideFile::Summary, &[], "skip attachment_off"),
            (SideFile::Chat, &["chat", "summary"], "attachment"),
            (SideFile::Summary, &["chat", "summary"], "attachment"),
            (SideFile::NextSteps, &["summary"], "attachment"),
            (SideFile::SmartChapters, &["summary"], "attachment"),
            (SideFile::Poll, &["chat", "summary"], "skip attachment_off"),
            (SideFile::Poll, &["poll"], "attachment"),
            (SideFile::Timeline, &["poll"], "skip attachment_off"),
            (SideFile::Timeline, &["timeline"], "attachment"),
        ];
        for (side, attachments, expected) in cases {
            let mut policy = sample_policy();
            policy.wanted.attachments = attachments.to_vec();
            let beside = sample_file("x", FileKind::Side(side));
            let segment = sample_segment(vec![sample_video("v", "shared_screen"), beside]);
            let found = match role_of(&policy, &segment, 1, Some(0)) {
                Ok(role) => role.word().to_owned(),
                Err(decision) => decision.to_string(),
            };
            assert_eq!(found, expected, "{side:?} {attachments:?}");
        }
    }
}
