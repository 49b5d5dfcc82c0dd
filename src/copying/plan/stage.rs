//! How far the file that stands for a segment has come, before anybody asks whose it is: what tells which look-ups are
//! worth making.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::Policy;
use super::rules::{choose_main_file, is_excluded, usable_files};
use crate::copying::copy_table::{Next, next_step};
use crate::copying::observed::{InZoom, count_tries, seen_in_zoom};
use crate::model::{Action, CopyState, Decision, FileCopy, FileId, Reason, RecordingFile, Segment, Tracked};

/// So long a meeting without any file is waited for, or one of which Zoom only counts files: it may not list them yet.
const PATIENCE_WITH_NOTHING: TimeDelta = TimeDelta::days(7);

/// What comes next for a file.
#[derive(Debug, PartialEq)]
pub enum Stage<'a> {
    /// Nothing now.
    Rest(Decision),
    /// The copy of this file begins; nothing of it exists in Kaltura that the ledger knows.
    Begin(&'a RecordingFile),
    /// The copy of this file goes on, under the owner once chosen.
    GoOn(&'a RecordingFile, &'a FileCopy),
    /// The rest is up to Kaltura, which is asked what became of it.
    Confirm(&'a FileCopy),
    /// It is given up, for this reason; what was begun in Kaltura is taken back.
    TakeBack(&'a FileCopy, Reason),
}

impl Stage<'_> {
    /// Whether it failed as often as it may.
    fn is_given_up(&self) -> bool {
        matches!(
            self,
            Stage::TakeBack(_, Reason::GivenUp) | Stage::Rest(Decision { reason: Some(Reason::GivenUp), .. })
        )
    }
}

/// What Zoom has of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It lists it.
    Listed,
    /// It does not list it just now; only the ledger remembers it.
    Unlisted,
    /// It was asked, and has it no more.
    Gone,
}

/// The stage of the file that stands for a segment. Where it failed too often, or Zoom took it out of the recording, another one
/// stands for the segment, and what was begun of the first is taken back.
#[must_use]
pub fn find_stage<'a>(
    segment: &'a Segment,
    presence: Presence,
    tracked: Option<&'a Tracked>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Stage<'a> {
    if tracked.is_some_and(|tracked| tracked.unreadable.is_some()) {
        let is_over = now - segment.started > policy.zoom_retention;
        let action = if is_over { Action::Skip } else { Action::Wait };
        return Stage::Rest(Decision::because(action, Reason::LedgerUnreadable));
    }
    let parents = tracked.map(Tracked::parents).unwrap_or_default();
    let is_out = |copy: &&&Arc<FileCopy>| beyond_transfer(copy, policy, now).is_some_and(|stage| stage.is_given_up());
    let (out, left): (Vec<_>, Vec<_>) = parents.into_iter().partition(|copy| is_out(&copy));
    let copy: Option<&'a FileCopy> = left.first().map(|copy| &***copy);
    match copy.and_then(|copy| beyond_transfer(copy, policy, now)) {
        // what was found out of a copy is not forgotten
        Some(Stage::Rest(Decision { action: Action::Done, reason: None })) => {
            let known = tracked.and_then(|tracked| tracked.reason).filter(|reason| reason.is_about_a_copy());
            return Stage::Rest(Decision { action: Action::Done, reason: known });
        }
        Some(stage) => return stage,
        None => {}
    }
    let given_up = || out.first().and_then(|copy| beyond_transfer(copy, policy, now));
    if let Some(tracked) = tracked.filter(|tracked| stay_out(tracked, policy)) {
        return Stage::Rest(tracked.decision());
    }
    let out: Vec<&FileId> = out.iter().map(|copy| &copy.file_id).collect();
    match (presence, copy) {
        (Presence::Listed, None) => match begin_stage(segment, policy, now, &out) {
            stage @ Stage::Begin(_) => stage,
            stage => given_up().unwrap_or(stage),
        },
        (Presence::Listed, Some(copy)) => stage_of_listed(segment, tracked, copy, policy, now, &out),
        (Presence::Unlisted, None) => given_up().unwrap_or(wait_until(Reason::NotListed)),
        (Presence::Gone, None) => given_up().unwrap_or(Stage::Rest(Decision::skip(Reason::GoneFromZoom))),
        (Presence::Unlisted, Some(copy)) => stage_by_table(copy, None, InZoom::Unlisted, policy, now),
        (Presence::Gone, Some(copy)) => stage_by_table(copy, None, InZoom::Lost, policy, now),
    }
}

/// The stage of a copy of a recording that Zoom lists, by what it says of its file and of the others.
fn stage_of_listed<'a>(
    segment: &'a Segment,
    tracked: Option<&'a Tracked>,
    copy: &'a FileCopy,
    policy: &Policy,
    now: DateTime<Utc>,
    out: &[&FileId],
) -> Stage<'a> {
    let others = begin_stage(segment, policy, now, out);
    let file = segment.files.iter().find(|file| file.id == copy.file_id);
    match (copy.state, file) {
        // what was begun of a file that cannot be fetched now gives way to one that can
        (CopyState::Attaching | CopyState::Attached, Some(file))
            if usable_files(file).is_ok() || !matches!(others, Stage::Begin(_)) =>
        {
            under_way(segment, file, copy, policy, now)
        }
        (CopyState::Attaching | CopyState::Attached, _) => match others {
            // nobody knows what the other machine is at
            Stage::Begin(_) if policy.moved => wait_until(Reason::AnotherInstallation),
            others @ Stage::Begin(_) => others,
            _ if now - segment.started > policy.zoom_retention => stage_by_table(copy, None, InZoom::Lost, policy, now),
            _ => stage_by_table(copy, None, InZoom::Unlisted, policy, now),
        },
        _ if next_stage(&others, tracked, copy).is_some_and(|copy| is_not_due(copy, now)) => {
            wait_until(Reason::RetryLater)
        }
        // made again from the same file, as long as Zoom lists it
        (CopyState::Broken | CopyState::Unfetched, file) => match (others, file) {
            (Stage::Rest(Decision { action: Action::Skip, reason: Some(reason) }), _)
                if leaves_something(copy.state) =>
            {
                Stage::TakeBack(copy, reason)
            }
            (others @ Stage::Begin(_), Some(file)) => match usable_files(file) {
                Ok(file) => stage_by_table(copy, Some(file), InZoom::Listed, policy, now),
                Err(_) => others,
            },
            (others, _) => others,
        },
        _ => others,
    }
}

/// The copy of the file that is about to begin: where that is another one, the failures of `copy` are none of its.
fn next_stage<'a>(others: &Stage<'_>, tracked: Option<&'a Tracked>, copy: &'a FileCopy) -> Option<&'a FileCopy> {
    match others {
        Stage::Begin(file) => tracked.and_then(|tracked| tracked.copy_of(&file.id)).map(|copy| &**copy),
        _ => Some(copy),
    }
}

/// What the table says of a copy, of the file that Zoom lists where it lists it.
pub(super) fn stage_by_table<'a>(
    copy: &'a FileCopy,
    file: Option<&'a RecordingFile>,
    zoom: InZoom,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Stage<'a> {
    match (next_step(copy.state, count_tries(copy, policy.max_attempts, now), zoom, policy.recopy_deleted), file) {
        (Next::Rest(decision), _) => Stage::Rest(decision),
        (Next::Confirm, _) => Stage::Confirm(copy),
        (Next::TakeBack(reason), _) => Stage::TakeBack(copy, reason),
        (Next::Begin, Some(file)) => Stage::Begin(file),
        (Next::GoOn, Some(file)) => Stage::GoOn(file, copy),
        (Next::AskZoom | Next::Begin | Next::GoOn, _) => wait_until(Reason::NotListed),
    }
}

/// The stage of a copy that needs nothing from Zoom any more.
pub(super) fn beyond_transfer<'a>(copy: &'a FileCopy, policy: &Policy, now: DateTime<Utc>) -> Option<Stage<'a>> {
    let next =
        next_step(copy.state, count_tries(copy, policy.max_attempts, now), InZoom::NotAsked, policy.recopy_deleted);
    (next != Next::AskZoom).then(|| stage_by_table(copy, None, InZoom::NotAsked, policy, now))
}

/// What was found in Kaltura stays, and so does what was left out because its host did not agree; what another rule
/// decided is decided again, as rules may change.
fn stay_out(tracked: &Tracked, policy: &Policy) -> bool {
    match tracked.reason {
        _ if tracked.action == Action::Done => true,
        Some(Reason::DeletedInKaltura) => !policy.recopy_deleted,
        reason => reason.is_some_and(Reason::is_hosts_choice) && !policy.consent.over_past,
    }
}

pub(super) fn is_in_kaltura(state: CopyState) -> bool {
    matches!(state, CopyState::Attaching | CopyState::Attached)
}

/// Whether an entry of it may be left in Kaltura that nobody can use: one that an importer may yet fill, too.
pub(super) fn leaves_something(state: CopyState) -> bool {
    is_in_kaltura(state) || state == CopyState::Unfetched
}

/// Whether it failed and its next try lies ahead.
pub(super) fn is_not_due(copy: &FileCopy, now: DateTime<Utc>) -> bool {
    copy.next_try.is_some_and(|time| time > now)
}

fn begin_stage<'a>(segment: &'a Segment, policy: &Policy, now: DateTime<Utc>, out: &[&FileId]) -> Stage<'a> {
    if let Some(decision) = is_excluded(segment, policy) {
        return Stage::Rest(decision);
    }
    match choose_main_file(segment, policy, now, out) {
        Ok(file) => Stage::Begin(file),
        Err(decision) => patience_left(segment, decision, policy, now),
    }
}

/// Why nothing begins, where that has an end: what Zoom does not finish is waited for as long as it keeps recordings; a
/// meeting without any file, which is what becomes of one that was too short, for a week.
pub(super) fn patience_left(
    segment: &Segment,
    decision: Decision,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Stage<'static> {
    let age = now - segment.started;
    Stage::Rest(match decision {
        Decision { action: Action::Wait, reason: Some(Reason::NoFiles) } if age > PATIENCE_WITH_NOTHING => {
            Decision::skip(if segment.files.is_empty() { Reason::NoFiles } else { Reason::ParticipantAudio })
        }
        Decision { action: Action::Wait, reason: Some(reason) }
            if reason.is_unfinished_in_zoom() && age > policy.zoom_retention =>
        {
            Decision::skip(Reason::NeverFinished)
        }
        _ => decision,
    })
}

/// A copy that is under way is resumed with its file, unless the host opted out meanwhile.
pub(super) fn under_way<'a>(
    segment: &Segment,
    file: &'a RecordingFile,
    copy: &'a FileCopy,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Stage<'a> {
    match policy.consent.verdict(segment) {
        _ if is_not_due(copy, now) => return wait_until(Reason::RetryLater),
        Some(Decision { action: Action::Skip, reason: Some(reason) }) => return Stage::TakeBack(copy, reason),
        Some(decision) => return Stage::Rest(decision),
        None => {}
    }
    let zoom = seen_in_zoom(file, Some(copy), now - segment.started, policy.zoom_retention);
    stage_by_table(copy, Some(file), zoom, policy, now)
}

pub(super) fn wait_until(reason: Reason) -> Stage<'static> {
    Stage::Rest(Decision::wait(reason))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;

    use super::{Presence, Stage, find_stage, stage_by_table};
    use crate::copying::observed::InZoom;
    use crate::copying::plan::Policy;
    use crate::copying::plan::samples::{
        sample_copy, sample_file, sample_now, sample_policy, sample_segment, sample_tracked, sample_video,
    };
    use crate::model::{
        Action, CopyState, Decision, FileCopy, FileId, FileKind, PARTICIPANT_AUDIO, Reason, RecordingFile, Segment,
        Tracked,
    };
    use crate::owners::people::Consent;

    fn listed() -> Segment {
        sample_segment(vec![sample_video("v", "shared_screen")])
    }

    /// The stage in words, so that a table can hold it.
    fn word(segment: &Segment, is_listed: bool, tracked: Option<&Tracked>) -> String {
        word_under(&sample_policy(), segment, is_listed, tracked)
    }

    fn word_under(policy: &Policy, segment: &Segment, is_listed: bool, tracked: Option<&Tracked>) -> String {
        let presence = if is_listed { Presence::Listed } else { Presence::Unlisted };
        in_words(&find_stage(segment, presence, tracked, policy, sample_now()))
    }

    fn in_words(stage: &Stage<'_>) -> String {
        match stage {
            Stage::Rest(Decision { action, reason }) => format!("{action} {}", reason.map_or("", Reason::word)),
            Stage::Begin(file) => format!("begin {}", file.id),
            Stage::GoOn(file, _) => format!("go on {}", file.id),
            Stage::Confirm(copy) => format!("confirm {}", copy.file_id),
            Stage::TakeBack(copy, reason) => format!("take back {} {reason}", copy.file_id),
        }
    }

    #[test]
    fn unknown_files_begin_or_are_excluded() {
        assert_eq!(word(&listed(), true, None), "begin v");
        let mut early = listed();
        early.started = sample_policy().go_live - TimeDelta::seconds(1);
        assert_eq!(word(&early, true, None), "skip before_go_live");
    }

    #[test]
    fn a_copy_resumes_from_any_state() {
        let cases = [
            (CopyState::New, "begin v", "wait not_listed"),
            (CopyState::Reserved, "begin v", "wait not_listed"),
            (CopyState::Attaching, "go on v", "wait not_listed"),
            (CopyState::Attached, "go on v", "wait not_listed"),
            (CopyState::Importing, "confirm v", "confirm v"),
            (CopyState::Sent, "confirm v", "confirm v"),
            (CopyState::Done, "done ", "done "),
            (CopyState::Broken, "begin v", "wait not_listed"),
            (CopyState::Unfetched, "begin v", "wait not_listed"),
            (CopyState::Deleted, "skip deleted_in_kaltura", "skip deleted_in_kaltura"),
            (CopyState::Purged, "skip purged", "skip purged"),
        ];
        for (state, when_listed, when_not) in cases {
            let known = sample_tracked(Action::Copy, None, vec![sample_copy(state)]);
            assert_eq!(word(&listed(), true, Some(&known)), when_listed, "{state:?}");
            assert_eq!(word(&known.segment, false, Some(&known)), when_not, "{state:?}");
        }
    }

    #[test]
    fn failing_copies_retry_then_end() {
        let cases = [
            (CopyState::New, "wait retry_later", "begin v", "skip given_up"),
            (CopyState::Attached, "wait retry_later", "go on v", "take back v given_up"),
            (CopyState::Broken, "wait conversion_failed", "begin v", "skip given_up"),
            (CopyState::Unfetched, "wait retry_later", "begin v", "take back v given_up"),
        ];
        for (state, early, due, spent) in cases {
            let stage_of = |attempts, minutes| {
                let next_try = Some(sample_now() + TimeDelta::minutes(minutes));
                let copy = FileCopy { attempts, next_try, ..sample_copy(state) };
                word(&listed(), true, Some(&sample_tracked(Action::Copy, None, vec![copy])))
            };
            assert_eq!(stage_of(1, 1), early, "{state:?}");
            assert_eq!(stage_of(2, 0), due, "{state:?}");
            assert_eq!(stage_of(3, 0), spent, "{state:?}");
        }
    }

    /// What Kaltura said of them stays.
    #[test]
    fn rules_apply_again_to_known_copies() {
        let skipped = sample_tracked(Action::Skip, Some(Reason::TooShort), vec![]);
        assert_eq!(word(&listed(), true, Some(&skipped)), "begin v");
        let deleted = sample_tracked(Action::Skip, Some(Reason::DeletedInKaltura), vec![]);
        assert_eq!(word(&listed(), true, Some(&deleted)), "skip deleted_in_kaltura");
        let copied = sample_tracked(Action::Done, Some(Reason::CopiedByAnotherTool), vec![]);
        assert_eq!(word(&listed(), true, Some(&copied)), "done copied_by_another_tool");
        let recopied = Policy { recopy_deleted: true, ..sample_policy() };
        assert_eq!(word_under(&recopied, &listed(), true, Some(&deleted)), "begin v");
        let over_past = Policy { consent: Consent::default().over_past(true), ..sample_policy() };
        for reason in [Reason::OptedOut, Reason::NotOptedIn] {
            let opted = sample_tracked(Action::Skip, Some(reason), vec![]);
            assert_eq!(word(&listed(), true, Some(&opted)), format!("skip {reason}"));
            assert_eq!(word_under(&over_past, &listed(), true, Some(&opted)), "begin v", "{reason}");
        }
    }

    /// Only what is about the copy itself is remembered.
    #[test]
    fn done_copies_keep_only_own_findings() {
        for (reason, is_remembered) in [
            (Reason::Frozen, true),
            (Reason::EditedInKaltura, true),
            (Reason::DurationDiffers, true),
            (Reason::CopiedByAnotherTool, false),
            (Reason::RetryLater, false),
        ] {
            let done = sample_tracked(Action::Done, Some(reason), vec![sample_copy(CopyState::Done)]);
            let expected = format!("done {}", if is_remembered { reason.word() } else { "" });
            assert_eq!(word(&listed(), true, Some(&done)), expected);
        }
    }

    #[test]
    fn unreadable_ledger_rows_are_left_alone() {
        let mut segment = listed();
        let unreadable =
            |copies| Tracked { unreadable: Some("why".to_owned()), ..sample_tracked(Action::Copy, None, copies) };
        for (seconds, action) in [(-1, "wait"), (0, "wait"), (1, "skip")] {
            segment.started = sample_now() - TimeDelta::days(30) - TimeDelta::seconds(seconds);
            for known in [unreadable(vec![]), unreadable(vec![sample_copy(CopyState::Attached)])] {
                let expected = format!("{action} {}", Reason::LedgerUnreadable);
                assert_eq!(word(&segment, true, Some(&known)), expected, "{seconds} s");
            }
        }
    }

    #[test]
    fn meetings_without_files_wait_a_week() {
        let theirs = RecordingFile { recording_type: PARTICIPANT_AUDIO.into(), ..sample_file("p", FileKind::Other) };
        for (files, reason) in [(Vec::new(), "no_files"), (vec![theirs], "participant_audio")] {
            let mut empty = sample_segment(files);
            for (seconds, expected) in [(-1, "wait no_files"), (0, "wait no_files"), (1, &*format!("skip {reason}"))] {
                empty.started = sample_now() - TimeDelta::days(7) - TimeDelta::seconds(seconds);
                let policy = Policy { go_live: empty.started, ..sample_policy() };
                assert_eq!(word_under(&policy, &empty, true, None), expected, "{reason}: {seconds} s");
            }
        }
    }

    /// Once that is due.
    #[test]
    fn opted_out_copies_are_taken_back() {
        let policy = Policy { consent: Consent::opted_out("h"), ..sample_policy() };
        let next_try = Some(sample_now() + TimeDelta::minutes(1));
        for state in [CopyState::Attaching, CopyState::Attached] {
            let due = sample_tracked(Action::Copy, None, vec![sample_copy(state)]);
            let later =
                sample_tracked(Action::Copy, None, vec![FileCopy { attempts: 1, next_try, ..sample_copy(state) }]);
            assert_eq!(word_under(&policy, &listed(), true, Some(&due)), "take back v opted_out", "{state:?}");
            assert_eq!(word_under(&policy, &listed(), true, Some(&later)), "wait retry_later", "{state:?}");
        }
    }

    /// Zoom lists none.
    #[test]
    fn work_awaits_its_missing_file() {
        for state in [CopyState::New, CopyState::Attached] {
            let copy = sample_copy(state);
            let stage = stage_by_table(&copy, None, InZoom::Listed, &sample_policy(), sample_now());
            assert_eq!(in_words(&stage), "wait not_listed", "{state:?}");
        }
    }

    /// Until Zoom takes it out of the recording.
    #[test]
    fn copies_keep_their_file_while_listed() {
        let mut other = listed();
        Arc::make_mut(&mut other.files)[0].id = FileId::new("w");
        let known = sample_tracked(Action::Copy, None, vec![sample_copy(CopyState::Attached)]);
        assert_eq!(word(&other, true, Some(&known)), "begin w");
        let moved = Policy { moved: true, ..sample_policy() };
        assert_eq!(word_under(&moved, &other, true, Some(&known)), "wait another_installation");
        Arc::make_mut(&mut other.files)[0].completed = false;
        for (days, expected) in [(0, "wait not_listed"), (30, "wait not_listed"), (31, "take back v gone_from_zoom")] {
            other.started = sample_now() - TimeDelta::days(days);
            assert_eq!(word(&other, true, Some(&known)), expected, "{days} days");
        }
        Arc::make_mut(&mut other.files)[0].completed = true;
        other.started = sample_now();
        let fresh = sample_tracked(Action::Copy, None, vec![sample_copy(CopyState::Reserved)]);
        assert_eq!(word(&other, true, Some(&fresh)), "begin w", "nothing ties it to its file yet");
    }

    /// They failed too often or never get finished.
    #[test]
    fn hopeless_files_yield_to_the_next() {
        let mut two = listed();
        Arc::make_mut(&mut two.files).push(sample_video("s", "speaker_view"));
        for state in [CopyState::New, CopyState::Attached, CopyState::Broken, CopyState::Unfetched] {
            let spent = FileCopy { attempts: 3, ..sample_copy(state) };
            let known = sample_tracked(Action::Copy, None, vec![spent.clone()]);
            assert_eq!(word(&two, true, Some(&known)), "begin s", "{state:?}");
            let beside = FileCopy { file_id: FileId::new("s"), ..sample_copy(CopyState::Done) };
            let known = sample_tracked(Action::Done, None, vec![spent.clone(), beside]);
            assert_eq!(word(&two, true, Some(&known)), "done ", "{state:?}");
            let both = FileCopy { file_id: FileId::new("s"), ..spent.clone() };
            let known = sample_tracked(Action::Copy, None, vec![spent, both]);
            assert!(word(&two, true, Some(&known)).ends_with("given_up"), "{state:?}");
        }
        two.started = sample_now() - TimeDelta::days(31);
        Arc::make_mut(&mut two.files)[0].completed = false;
        let known = sample_tracked(Action::Copy, None, vec![sample_copy(CopyState::Attached)]);
        assert_eq!(word(&two, true, Some(&known)), "take back v never_finished");
    }

    /// They are made again.
    #[test]
    fn unprocessable_copies_use_the_same_file() {
        let mut better = listed();
        Arc::make_mut(&mut better.files).insert(0, sample_video("w", "shared_screen_with_speaker_view"));
        let broken = sample_tracked(Action::Wait, None, vec![sample_copy(CopyState::Broken)]);
        assert_eq!(word(&better, true, Some(&broken)), "begin v");
        let files = Arc::make_mut(&mut better.files);
        files[1].download_url = None;
        assert_eq!(word(&better, true, Some(&broken)), "begin w", "nothing of its own file can be fetched");
    }

    /// They begin nothing and take nothing back.
    #[test]
    fn later_type_exclusions_spare_begun_copies() {
        let mut without = sample_policy();
        without.filter.excluded_types = vec!["shared_screen".to_owned()];
        let mut two = listed();
        Arc::make_mut(&mut two.files).push(sample_video("s", "speaker_view"));
        let cases = [
            (CopyState::New, "skip recording_type_excluded", "begin s"),
            (CopyState::Reserved, "skip recording_type_excluded", "begin s"),
            (CopyState::Attaching, "go on v", "go on v"),
            (CopyState::Attached, "go on v", "go on v"),
            (CopyState::Sent, "confirm v", "confirm v"),
            (CopyState::Done, "done ", "done "),
            // its entry stands for the segment already
            (CopyState::Broken, "skip recording_type_excluded", "begin v"),
            (CopyState::Unfetched, "take back v recording_type_excluded", "begin v"),
            (CopyState::Deleted, "skip deleted_in_kaltura", "skip deleted_in_kaltura"),
        ];
        for (state, alone, beside_another) in cases {
            let known = sample_tracked(Action::Copy, None, vec![sample_copy(state)]);
            let word = |segment: &Segment| word_under(&without, segment, true, Some(&known));
            assert_eq!(word(&listed()), alone, "{state:?}");
            assert_eq!(word(&two), beside_another, "{state:?}");
        }
    }

    /// What was begun of them is taken back.
    #[test]
    fn files_gone_from_zoom_are_settled() {
        let lost = |copies, presence| {
            let known = sample_tracked(Action::Copy, None, copies);
            in_words(&find_stage(&known.segment, presence, Some(&known), &sample_policy(), sample_now()))
        };
        let gone = |state| lost(vec![sample_copy(state)], Presence::Gone);
        assert_eq!(gone(CopyState::New), "skip gone_from_zoom");
        assert_eq!(gone(CopyState::Attached), "take back v gone_from_zoom");
        assert_eq!(gone(CopyState::Unfetched), "take back v gone_from_zoom");
        assert_eq!(gone(CopyState::Done), "done ");
        assert_eq!(lost(Vec::new(), Presence::Gone), "skip gone_from_zoom");
        assert_eq!(lost(Vec::new(), Presence::Unlisted), "wait not_listed");
        let spent = |state| vec![FileCopy { attempts: 3, ..sample_copy(state) }];
        for presence in [Presence::Gone, Presence::Unlisted] {
            assert_eq!(lost(spent(CopyState::New), presence), "skip given_up", "{presence:?}");
            assert_eq!(lost(spent(CopyState::Attached), presence), "take back v given_up", "{presence:?}");
        }
    }

    #[test]
    fn unfinished_files_wait_through_zooms_keeping() {
        let mut endless = listed();
        Arc::make_mut(&mut endless.files)[0].completed = false;
        for (days, expected) in [(30, "wait processing"), (31, "skip never_finished")] {
            endless.started = sample_now() - TimeDelta::days(days);
            let policy = Policy { go_live: endless.started, ..sample_policy() };
            let found = match find_stage(&endless, Presence::Listed, None, &policy, sample_now()) {
                Stage::Rest(Decision { action, reason }) => format!("{action} {}", reason.map_or("", Reason::word)),
                other => format!("{other:?}"),
            };
            assert_eq!(found, expected, "{days} days");
        }
    }
}
