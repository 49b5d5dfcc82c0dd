//! A segment and its files become a line of the plan.

use std::borrow::Cow;
use std::sync::Arc;

use super::confirm::{UNSEEN, look_at_copy};
use super::further::{Parent, plan_further, remembered};
use super::inputs::PlanInputs;
use super::item::FileDecision;
use super::main_file::{Main, decide_main_file, under_the_owner_chosen};
use super::trash::{ClockTimes, mark_trash_due};
use super::{FilePlan, Item, Policy, Presence, Stage, Step, find_stage, summed_up};
use crate::model::{Action, CopyState, Decision, FileCopy, FileKind, Reason, RecordingFile, Role, Segment, Tracked};

impl PlanInputs<'_> {
    /// The line of the plan.
    pub(super) fn plan_item(self, segment: Segment, presence: Presence) -> Item {
        let tracked = self.facts.tracked.get(&segment.key());
        let stage = find_stage(&segment, presence, tracked, self.policy, self.now);
        let anew = matches!(stage, Stage::Begin(_));
        let main = decide_main_file(&segment, tracked, &stage, self);
        let mut files = self.plan_files(&segment, presence, tracked, &main, anew);
        if main.decision.reason == Some(Reason::LedgerUnreadable) {
            for file in &mut files {
                Decision { action: file.action, reason: file.reason } = main.decision;
                file.step = Step::Nothing;
            }
        }
        let decisions: Vec<_> = files.iter().map(FilePlan::decision).collect();
        let decision = summed_up(main.decision, &decisions);
        let mut item = Item {
            main: files.iter().position(|file| Some(&file.file.id) == main.file.as_ref()),
            action: decision.action,
            reason: decision.reason,
            loss: find_loss(&segment, decision, tracked),
            detail: main.detail,
            renamed_from: None,
            age: None,
            owner: main.owner,
            rule: main.rule,
            entry_id: main.entry_id,
            files,
            remains: main.remains,
            orphan: main.orphan.map(Box::new),
            segment,
        };
        if presence == Presence::Listed {
            item.renamed_from = tracked.and_then(|tracked| find_rename(&item.segment, tracked, self.policy));
            let clocks = ClockTimes { in_kaltura: self.facts.in_kaltura, in_zoom: self.now };
            mark_trash_due(&mut item, tracked, self.policy, clocks);
        }
        item
    }

    /// Every file that Zoom lists, and every copy whose file it no longer lists.
    fn plan_files(
        self,
        segment: &Segment,
        presence: Presence,
        tracked: Option<&Tracked>,
        main: &Main,
        anew: bool,
    ) -> Vec<FilePlan> {
        let parent = parent_of_main(main);
        let copies = tracked.map(|tracked| tracked.copies.as_slice()).unwrap_or_default();
        let lost = |copy: &&Arc<FileCopy>| !segment.files.iter().any(|file| file.id == copy.file_id);
        let whole = with_its_video(segment, main);
        let listed = segment.files.iter().map(|file| {
            let copy = copies.iter().find(|copy| copy.file_id == file.id);
            // beside an entry that is made again nothing counts that was beside the old one
            let is_beside = |copy: &FileCopy| anew && copy.role != Role::Parent;
            let copy = copy.map(|copy| if is_beside(copy) { Arc::new(begun_anew(copy)) } else { Arc::clone(copy) });
            if main.file.as_ref() == Some(&file.id) {
                return main_plan(file.clone(), main);
            }
            let (stage, role) =
                plan_further(&whole, main.file.as_ref(), file, copy.as_deref(), parent, self.policy, self.now);
            match self.keep_as_people_left_it(segment, file, role, &stage, main) {
                Some(plan) => FilePlan { copy, ..plan },
                None => self.file_plan(file, copy.as_ref(), &stage, role, main, tracked),
            }
        });
        let lost = copies.iter().filter(lost).map(|copy| {
            let file = copy.as_remembered();
            if main.file.as_ref() == Some(&file.id) {
                return main_plan(file, main);
            }
            self.file_plan(
                &file,
                Some(copy),
                &remembered(copy, presence, self.policy, self.now),
                copy.role,
                main,
                tracked,
            )
        });
        // there are as many lists as recordings, and most have one file: what is cut off a longer one is of no use
        let mut files = Vec::with_capacity(segment.files.len());
        files.extend(listed.chain(lost));
        files
    }

    /// A text that Zoom listed already when the whole entry was recognised that an earlier ledger knew: whether it is there or
    /// not is for people to say. Only one that was begun is finished, and one that Zoom lists later is added.
    fn keep_as_people_left_it(
        self,
        segment: &Segment,
        file: &RecordingFile,
        role: Role,
        stage: &Stage<'_>,
        main: &Main,
    ) -> Option<FilePlan> {
        let is_whole = matches!(main.step, Step::Recognise { state: CopyState::Done, .. });
        if !is_whole || role.is_entry() || !matches!(stage, Stage::Begin(_)) || self.policy.recopy_deleted {
            return None;
        }
        let texts = main.entry_id.as_ref().and_then(|entry| self.facts.texts.get(entry)).cloned().unwrap_or_default();
        let hanging = texts.of(file.kind);
        if hanging.bare > 0 {
            return None;
        }
        let before = segment.files.iter().filter(|other| other.kind == file.kind && other.id < file.id).count();
        let (action, reason, left, entry_id) = if before < hanging.filled {
            (Action::Done, Reason::CopiedBefore, CopyState::Done, main.entry_id.clone())
        } else {
            (Action::Skip, Reason::DeletedInKaltura, CopyState::Deleted, None)
        };
        let step = Step::Keep { role, state: left };
        Some(FilePlan { file: file.clone(), action, reason: Some(reason), entry_id, copy: None, step })
    }

    fn file_plan(
        self,
        file: &RecordingFile,
        copy: Option<&Arc<FileCopy>>,
        stage: &Stage<'_>,
        role: Role,
        main: &Main,
        tracked: Option<&Tracked>,
    ) -> FilePlan {
        let copied = || FileDecision { decision: copied_beside(main, tracked), step: Step::Copy(role) };
        let FileDecision { decision: Decision { action, reason }, step } = match stage {
            Stage::Rest(decision) => FileDecision::at_rest(*decision),
            Stage::Confirm(copy) => look_at_copy(copy, self.facts, self.policy).unwrap_or(UNSEEN),
            Stage::TakeBack(copy, reason) => match look_at_copy(copy, self.facts, self.policy) {
                Some(seen) => seen,
                None if self.policy.moved => FileDecision::at_rest(Decision::wait(Reason::AnotherInstallation)),
                None => FileDecision { decision: after_taking_back(*reason), step: Step::TakeBack },
            },
            Stage::Begin(_) => copied(),
            Stage::GoOn(_, copy) => look_at_copy(copy, self.facts, self.policy).unwrap_or_else(copied),
        };
        let entry_id = copy.and_then(|copy| copy.entry_id.clone());
        FilePlan { file: file.clone(), action, reason, entry_id, copy: copy.cloned(), step }
    }
}

/// What was taken back because another file stands for the segment by now is added to that as soon as it can be.
fn after_taking_back(reason: Reason) -> Decision {
    let is_owed = reason.is_unfinished_in_zoom() || reason == Reason::AfterParent;
    if is_owed { Decision::wait(reason) } else { Decision::skip(reason) }
}

/// By which topic the titles of the copies were given, where they are to follow another one. A rule that keeps the recording out
/// today lets nothing of it follow, and no topic at all is none to follow.
fn find_rename(segment: &Segment, tracked: &Tracked, policy: &Policy) -> Option<Box<str>> {
    let topic = &*segment.meeting.topic;
    let has_entry =
        |copy: &Arc<FileCopy>| copy.role.is_entry() && (copy.entry_id.is_some() || copy.state == CopyState::Attaching);
    if !policy.follow_renames || topic.trim().is_empty() || !tracked.copies.iter().any(has_entry) {
        return None;
    }
    // what a backfill copied from before go-live is this program's to name all the same
    let is_left_out = policy.filter.leaves_out(segment).is_some() || policy.consent.verdict(segment).is_some();
    if tracked.unreadable.is_some() || is_left_out {
        return None;
    }
    let known = &*tracked.segment.meeting.topic;
    tracked.topic_before.clone().or_else(|| (known != topic).then(|| known.into()))
}

/// What is reported, once: a recording that was not copied and will not be.
fn find_loss(segment: &Segment, decision: Decision, tracked: Option<&Tracked>) -> Option<String> {
    if tracked.is_some_and(|tracked| tracked.decision() == decision) {
        return None;
    }
    match decision.reason? {
        Reason::GoneFromZoom => Some(
            "Zoom no longer has it, and it was not copied; if it is in Zoom's trash, recover it there, and the next run copies it"
                .to_owned(),
        ),
        Reason::ConversionFailed if decision.action == Action::Skip => Some(
            "Kaltura could not process the copy, and Zoom no longer has the recording; look at the entry in the KMC: it has the bytes that were sent"
                .to_owned(),
        ),
        Reason::NeverFinished => Some(format!(
            "Zoom has not finished it since {}, and no run waits for it any longer; look at it in Zoom's web portal",
            segment.started.date_naive()
        )),
        _ => None,
    }
}

/// The segment with the video that stands for it, of which Zoom may have the sound alone by now.
fn with_its_video<'a>(segment: &'a Segment, main: &Main) -> Cow<'a, Segment> {
    let is_listed = segment.files.iter().any(|file| Some(&file.id) == main.file.as_ref());
    match main.copy.as_ref().filter(|copy| !is_listed && copy.file_type.eq_ignore_ascii_case("MP4")) {
        Some(copy) => {
            let video = RecordingFile { kind: FileKind::Video, ..copy.as_remembered() };
            let files = segment.files.iter().cloned().chain([video]).collect::<Vec<_>>().into();
            Cow::Owned(Segment { files, ..segment.clone() })
        }
        None => Cow::Borrowed(segment),
    }
}

/// What the decision on the main file means for the others.
fn parent_of_main(main: &Main) -> Parent {
    let has_entry = main.copy.as_ref().is_some_and(|copy| copy.entry_id.is_some());
    let Decision { action, reason } = main.decision;
    match (action, main.step) {
        (_, Step::Copy(_)) => Parent::There,
        (Action::Done | Action::Wait, Step::Recognise { state: CopyState::Done | CopyState::Sent, .. })
            if reason != Some(Reason::EditedInKaltura) =>
        {
            Parent::There
        }
        (Action::Done, _) if reason == Some(Reason::EditedInKaltura) => {
            Parent::Closed(Decision::skip(Reason::EditedInKaltura))
        }
        (Action::Done, _) if has_entry => Parent::There,
        (Action::Wait, _) if reason.is_some_and(Reason::waits_for_kaltura) => Parent::There,
        (Action::Done | Action::Skip, _) => Parent::Closed(main.decision),
        _ => Parent::Awaited,
    }
}

/// Whose a further file is said to become: with its segment.
fn copied_beside(main: &Main, tracked: Option<&Tracked>) -> Decision {
    if main.decision.action.is_copy() {
        return main.decision;
    }
    under_the_owner_chosen(tracked)
}

fn main_plan(file: RecordingFile, main: &Main) -> FilePlan {
    FilePlan {
        file,
        action: main.decision.action,
        reason: main.decision.reason,
        entry_id: main.entry_id.clone(),
        copy: main.copy.clone(),
        step: main.step,
    }
}

fn begun_anew(copy: &FileCopy) -> FileCopy {
    FileCopy { state: CopyState::New, token: None, entry_id: None, ..copy.clone() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::find_rename;
    use crate::copying::plan::samples::{sample_copy, sample_policy, sample_segment, sample_time, sample_tracked};
    use crate::model::{Action, CopyState, FileCopy, Role, Segment, Tracked};
    use crate::owners::people::Consent;

    fn called(topic: &str) -> Segment {
        let mut segment = sample_segment(Vec::new());
        Arc::make_mut(&mut segment.meeting).topic = topic.to_owned();
        segment
    }

    fn known(copy: FileCopy) -> Tracked {
        sample_tracked(Action::Done, None, vec![copy])
    }

    #[test]
    fn only_new_topics_of_entries_count() {
        let mut on = sample_policy();
        on.follow_renames = true;
        let mut opted_out = on.clone();
        opted_out.consent = Consent::opted_out("h");
        let mut later = on.clone();
        later.go_live = sample_time("2026-12-01T00:00:00Z");
        let done = || sample_copy(CopyState::Done);
        let asked = |state| FileCopy { entry_id: None, ..sample_copy(state) };
        let pending = |topic: &str| {
            let mut tracked = known(done());
            tracked.segment = called(topic);
            Tracked { topic_before: Some("Heat".into()), ..tracked }
        };
        let cases = [
            (&sample_policy(), "Waves", known(done()), None),
            (&on, "Waves", known(done()), Some("Optics")),
            (&on, "Optics", known(done()), None),
            (&on, "optics", known(done()), Some("Optics")),
            (&on, " \n", known(done()), None),
            (&on, "Private waves", known(done()), None),
            (&opted_out, "Waves", known(done()), None),
            (&later, "Waves", known(done()), Some("Optics")),
            (&on, "Waves", known(asked(CopyState::Attaching)), Some("Optics")),
            (&on, "Waves", known(asked(CopyState::Reserved)), None),
            (&on, "Waves", known(FileCopy { role: Role::Caption, ..done() }), None),
            (&on, "Waves", sample_tracked(Action::Skip, None, vec![]), None),
            (&on, "Waves", pending("Waves"), Some("Heat")),
            (&on, "Waves", pending("Sound"), Some("Heat")),
            (&on, "Heat", pending("Waves"), Some("Heat")),
        ];
        for (policy, topic, tracked, expected) in cases {
            let found = find_rename(&called(topic), &tracked, policy);
            assert_eq!(found.as_deref(), expected, "{topic:?} {tracked:?}");
        }
    }
}
