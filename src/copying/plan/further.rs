//! How far the files have come that do not stand for their segment, and what comes next for them.

use chrono::{DateTime, Utc};

use super::Policy;
use super::rules::{is_excluded, usable_files};
use super::stage::{
    Presence, Stage, beyond_transfer, is_in_kaltura, is_not_due, leaves_something, patience_left, stage_by_table,
    under_way, wait_until,
};
use crate::copying::observed::InZoom;
use crate::model::{Action, CopyState, Decision, FileCopy, FileId, Reason, RecordingFile, Role, Segment};

/// The entry that a further file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parent {
    /// It exists, or is made in this run before the further files.
    There,
    /// It is not available in this run.
    Awaited,
    /// Nothing is added to it any more.
    Closed(Decision),
}

/// The stage of a file that Zoom lists, and what it becomes; `main` stands for the segment.
pub(super) fn plan_further<'a>(
    segment: &Segment,
    main: Option<&FileId>,
    file: &'a RecordingFile,
    copy: Option<&'a FileCopy>,
    parent: Parent,
    policy: &Policy,
    now: DateTime<Utc>,
) -> (Stage<'a>, Role) {
    // a text that was left out is looked at again when Zoom has changed it, and so is an attachment
    let is_as_it_was = |copy: &&FileCopy| match copy.state {
        CopyState::Done => {
            let is_wanted = || policy.wanted.find_role(file, segment, main, &policy.filter).is_ok();
            let begins = || matches!(begin_further(segment, file, policy, now), Stage::Begin(_));
            !(parent == Parent::There && is_update_owed(copy, file) && is_wanted() && begins())
        }
        state => state.left_out().is_none() || copy.left_out(file).is_some(),
    };
    let seen = copy.filter(is_as_it_was);
    if let Some((copy, stage)) = seen.and_then(|copy| Some((copy, beyond_transfer(copy, policy, now)?))) {
        return (stage, copy.role);
    }
    // another file stands for the segment by now: what was begun of this one goes before it is added to that
    if let Some(copy) = copy.filter(|copy| copy.role == Role::Parent && leaves_something(copy.state)) {
        return (Stage::TakeBack(copy, usable_files(file).err().unwrap_or(Reason::AfterParent)), Role::Child);
    }
    // what was begun in Kaltura is finished, whatever the rules say by now
    let begun = copy.filter(|copy| is_in_kaltura(copy.state) && copy.role != Role::Parent);
    let role = begun.map_or_else(|| policy.wanted.find_role(file, segment, main, &policy.filter), |copy| Ok(copy.role));
    let role = match (parent, role) {
        (Parent::Closed(decision), _) if decision.action == Action::Skip => {
            return (Stage::Rest(decision), Role::Child);
        }
        (_, Err(decision)) => return (patience_left(segment, decision, policy, now), Role::Child),
        (_, Ok(role)) => role,
    };
    let stage = match (parent, copy) {
        (Parent::Closed(decision), _) => Stage::Rest(decision),
        (Parent::Awaited, _) => wait_until(Reason::AfterParent),
        (Parent::There, Some(copy)) if is_not_due(copy, now) => wait_until(Reason::RetryLater),
        (Parent::There, Some(copy)) if copy.state == CopyState::Done && copy.attempts >= policy.max_attempts => {
            Stage::Rest(Decision::skip(Reason::GivenUp))
        }
        (Parent::There, Some(copy)) if is_in_kaltura(copy.state) && copy.role == Role::Child => {
            under_way(segment, file, copy, policy, now)
        }
        (Parent::There, _) => begin_further(segment, file, policy, now),
    };
    (stage, role)
}

/// Whether Zoom replaced what an attachment was made of. Where it gives no size nothing shows that.
fn is_update_owed(copy: &FileCopy, file: &RecordingFile) -> bool {
    let is_replaced = copy.listed > 0 && file.bytes.is_some_and(|bytes| bytes > 0 && bytes != copy.listed);
    is_replaced && copy.role == Role::Attachment
}

/// The stage of a copy whose file Zoom does not list.
pub(super) fn remembered<'a>(copy: &'a FileCopy, presence: Presence, policy: &Policy, now: DateTime<Utc>) -> Stage<'a> {
    let zoom = match presence {
        // Zoom lists the segment: the file was taken out of it
        Presence::Listed => InZoom::TakenOut,
        Presence::Gone => InZoom::Lost,
        Presence::Unlisted => InZoom::Unlisted,
    };
    stage_by_table(copy, None, zoom, policy, now)
}

/// A rule that keeps the segment out today lets nothing be added to what was copied before.
fn begin_further<'a>(segment: &Segment, file: &'a RecordingFile, policy: &Policy, now: DateTime<Utc>) -> Stage<'a> {
    if let Some(decision) = is_excluded(segment, policy) {
        return Stage::Rest(decision);
    }
    match usable_files(file) {
        Ok(file) => Stage::Begin(file),
        Err(reason) => patience_left(segment, Decision::wait(reason), policy, now),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;

    use super::{Parent, plan_further, remembered};
    use crate::copying::plan::samples::{
        sample_copy, sample_file, sample_now, sample_policy, sample_segment, sample_video,
    };
    use crate::copying::plan::{Policy, Presence, Stage};
    use crate::model::{
        Action, CopyState, Decision, FileCopy, FileKind, Reason, RecordingFile, Role, Segment, SideFile,
    };

    fn lecture(further: RecordingFile) -> Segment {
        sample_segment(vec![sample_video("v", "shared_screen"), further])
    }

    fn gallery(state: CopyState) -> FileCopy {
        FileCopy { role: Role::Child, ..sample_copy(state) }
    }

    fn word(segment: &Segment, copy: Option<&FileCopy>, parent: Parent) -> String {
        word_under(&sample_policy(), segment, copy, parent)
    }

    fn word_under(policy: &Policy, segment: &Segment, copy: Option<&FileCopy>, parent: Parent) -> String {
        let main = Some(&segment.files[0].id);
        in_words(&plan_further(segment, main, &segment.files[1], copy, parent, policy, sample_now()).0)
    }

    fn in_words(stage: &Stage<'_>) -> String {
        match stage {
            Stage::Rest(Decision { action, reason }) => format!("{action} {}", reason.map_or("", Reason::word)),
            Stage::Begin(_) => "begin".to_owned(),
            Stage::GoOn(..) => "go on".to_owned(),
            Stage::Confirm(_) => "confirm".to_owned(),
            Stage::TakeBack(..) => "take back".to_owned(),
        }
    }

    #[test]
    fn further_files_follow_their_entry() {
        let view = lecture(sample_video("g", "gallery_view"));
        assert_eq!(word(&view, None, Parent::There), "begin");
        assert_eq!(word(&view, None, Parent::Awaited), "wait after_its_entry");
        let gone = Parent::Closed(Decision::skip(Reason::Purged));
        assert_eq!(word(&view, None, gone), "skip purged");
        let theirs = Parent::Closed(Decision::because(Action::Done, Reason::CopiedByAnotherTool));
        assert_eq!(word(&view, None, theirs), "done copied_by_another_tool");
        let timeline = lecture(sample_file("x", FileKind::Other));
        assert_eq!(word(&timeline, None, theirs), "skip file_type_not_copied");
    }

    #[test]
    fn further_views_resume_from_any_state() {
        let view = lecture(sample_video("v2", "gallery_view"));
        let cases = [
            (CopyState::New, "begin"),
            (CopyState::Reserved, "begin"),
            (CopyState::Attaching, "go on"),
            (CopyState::Attached, "go on"),
            (CopyState::Importing, "confirm"),
            (CopyState::Sent, "confirm"),
            (CopyState::Done, "done "),
            (CopyState::Broken, "begin"),
            (CopyState::Unfetched, "begin"),
            (CopyState::Deleted, "skip deleted_in_kaltura"),
        ];
        for (state, expected) in cases {
            assert_eq!(word(&view, Some(&gallery(state)), Parent::There), expected, "{state:?}");
        }
    }

    /// They begin nothing, take nothing back and let finish what was begun.
    #[test]
    fn later_rules_affect_only_new_views() {
        let mut typed = sample_policy();
        typed.filter.excluded_types = vec!["gallery_view".to_owned()];
        let mut best = sample_policy();
        best.wanted.all_views = false;
        let view = lecture(sample_video("v2", "gallery_view"));
        for (policy, reason) in [(typed, "recording_type_excluded"), (best, "further_view_left_out")] {
            let left_out = format!("skip {reason}");
            assert_eq!(word_under(&policy, &view, None, Parent::There), left_out);
            let theirs = Parent::Closed(Decision::because(Action::Done, Reason::CopiedByAnotherTool));
            assert_eq!(word_under(&policy, &view, None, theirs), left_out);
            let cases = [
                (CopyState::New, left_out.as_str()),
                (CopyState::Reserved, &left_out),
                (CopyState::Attaching, "go on"),
                (CopyState::Attached, "go on"),
                (CopyState::Sent, "confirm"),
                (CopyState::Done, "done "),
                (CopyState::Broken, &left_out),
                (CopyState::Deleted, "skip deleted_in_kaltura"),
            ];
            for (state, expected) in cases {
                assert_eq!(word_under(&policy, &view, Some(&gallery(state)), Parent::There), expected, "{state:?}");
            }
            let begun = gallery(CopyState::Attached);
            assert_eq!(word_under(&policy, &view, Some(&begun), Parent::Awaited), "wait after_its_entry");
        }
    }

    /// Of the text in Zoom.
    #[test]
    fn left_out_texts_wait_for_changes() {
        let known = |state, listed| FileCopy { role: Role::Caption, state, listed, ..sample_copy(CopyState::New) };
        let (none, sized) = (|| None, |bytes| Some(bytes));
        let cases = [
            (CopyState::NotACaption, 20, sized(20), "skip not_a_caption"),
            (CopyState::NotACaption, 20, sized(21), "begin"),
            (CopyState::NotACaption, 20, none(), "begin"),
            (CopyState::NotAText, 20, sized(20), "skip not_a_text"),
            (CopyState::Empty, 0, none(), "skip empty"),
            (CopyState::Empty, 0, sized(300), "begin"),
        ];
        for (state, listed, bytes, expected) in cases {
            let said = lecture(RecordingFile { bytes, ..sample_file("t", FileKind::Transcript) });
            assert_eq!(
                word(&said, Some(&known(state, listed)), Parent::There),
                expected,
                "{state:?} {listed} {bytes:?}"
            );
        }
    }

    /// As long as it is wanted, and no rule keeps the recording out.
    #[test]
    fn replaced_attachments_are_updated_once() {
        let known =
            |listed, attempts| FileCopy { role: Role::Attachment, listed, attempts, ..sample_copy(CopyState::Done) };
        let next_try = Some(sample_now() + TimeDelta::seconds(1));
        let file = |bytes| RecordingFile { bytes, ..sample_file("s", FileKind::Side(SideFile::Summary)) };
        let mut wanted = sample_policy();
        wanted.wanted.attachments = vec!["summary"];
        let late = Policy { go_live: sample_now(), ..wanted.clone() };
        let cases = [
            (known(20, 0), Some(21), &wanted, Parent::There, "begin"),
            (known(20, 0), Some(20), &wanted, Parent::There, "done "),
            (known(20, 0), Some(0), &wanted, Parent::There, "done "),
            (known(20, 0), None, &wanted, Parent::There, "done "),
            (known(0, 0), Some(21), &wanted, Parent::There, "done "),
            (known(20, 9), Some(21), &wanted, Parent::There, "skip given_up"),
            (known(20, 9), Some(20), &wanted, Parent::There, "done "),
            (FileCopy { next_try, ..known(20, 1) }, Some(21), &wanted, Parent::There, "wait retry_later"),
            (known(20, 0), Some(21), &sample_policy(), Parent::There, "done "),
            (known(20, 0), Some(21), &late, Parent::There, "done "),
            (known(20, 0), Some(21), &wanted, Parent::Awaited, "done "),
        ];
        for (copy, bytes, policy, parent, expected) in cases {
            let found = word_under(policy, &lecture(file(bytes)), Some(&copy), parent);
            assert_eq!(found, expected, "{} {bytes:?} {parent:?}", copy.listed);
        }
        let said = lecture(RecordingFile { bytes: Some(21), ..sample_file("t", FileKind::Transcript) });
        let caption = FileCopy { role: Role::Caption, ..known(20, 0) };
        assert_eq!(word_under(&wanted, &said, Some(&caption), Parent::There), "done ", "captions stay");
    }

    #[test]
    fn further_files_never_duplicate_their_entry() {
        let view = lecture(sample_video("v2", "gallery_view"));
        let main = Some(&view.files[0].id);
        let begun_as_entry = sample_copy(CopyState::Attached);
        let (_, role) = plan_further(
            &view,
            main,
            &view.files[1],
            Some(&begun_as_entry),
            Parent::There,
            &sample_policy(),
            sample_now(),
        );
        assert_eq!(role, Role::Child);
        assert_eq!(word(&view, Some(&begun_as_entry), Parent::There), "take back", "an entry of its own");
    }

    /// One that was not begun is kept out by a rule made later.
    #[test]
    fn failed_views_wait_for_their_time() {
        let view = lecture(sample_video("v2", "gallery_view"));
        let next_try = Some(sample_now() + TimeDelta::seconds(1));
        let mut early = view.clone();
        early.started = sample_policy().go_live - TimeDelta::seconds(1);
        let cases = [
            (CopyState::New, "wait retry_later", "skip before_go_live"),
            (CopyState::Reserved, "wait retry_later", "skip before_go_live"),
            (CopyState::Attached, "wait retry_later", "go on"),
            (CopyState::Unfetched, "wait retry_later", "skip before_go_live"),
        ];
        for (state, later, kept_out) in cases {
            let failed = FileCopy { attempts: 1, next_try, ..gallery(state) };
            assert_eq!(word(&view, Some(&failed), Parent::There), later, "{state:?}");
            assert_eq!(word(&early, Some(&gallery(state)), Parent::There), kept_out, "{state:?}");
        }
    }

    /// They are gone, or waited for.
    #[test]
    fn unlisted_further_files_are_settled() {
        let cases = [
            (CopyState::New, "skip gone_from_zoom", "skip gone_from_zoom", "wait not_listed"),
            (CopyState::Attached, "take back", "take back", "wait not_listed"),
            (CopyState::Sent, "confirm", "confirm", "confirm"),
            (CopyState::Done, "done ", "done ", "done "),
        ];
        for (state, taken_out, gone, unlisted) in cases {
            let copy = gallery(state);
            let word = |presence| in_words(&remembered(&copy, presence, &sample_policy(), sample_now()));
            let found = [Presence::Listed, Presence::Gone, Presence::Unlisted].map(word);
            assert_eq!(found, [taken_out, gone, unlisted], "{state:?}");
        }
    }

    /// A rule made later keeps them out.
    #[test]
    fn captions_need_no_size() {
        let said = lecture(RecordingFile { bytes: None, ..sample_file("t", FileKind::Transcript) });
        assert_eq!(word(&said, None, Parent::There), "begin");
        let mut early = said.clone();
        early.started = sample_policy().go_live - TimeDelta::seconds(1);
        assert_eq!(word(&early, None, Parent::There), "skip before_go_live");
        let mut unfinished = said;
        Arc::make_mut(&mut unfinished.files)[1].completed = false;
        assert_eq!(word(&unfinished, None, Parent::There), "wait processing");
    }
}
