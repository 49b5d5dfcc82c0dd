//! Titles that follow the topic that a recording has in Zoom by now, as long as nobody gave the entry another one in Kaltura:
//! what this program wrote last is in the ledger, or is what the topic before gives.

use std::sync::Arc;

use chrono::Utc;
use tokio_util::sync::CancellationToken;

use super::plan::Item;
use super::transfer::{TransferContext, Wording};
use crate::ledger::{GivenTitle, Ledger, LedgerError, TitleEnd};
use crate::model::{
    CopyState, EntryId, EntryStatus, FileCopy, KalturaUserId, Meeting, PartNumber, ReferenceId, Role, Segment, Tracked,
    one_line,
};
use crate::remotes::http::{Meaning, RemoteError, RemoteKind};
use crate::remotes::kaltura::{Kaltura, TitledEntry};

/// What is to become of the title of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
enum TitleFate {
    /// It becomes `title`, and is `before` now.
    Follows { before: String, title: String },
    /// It is this one already.
    IsThere(String),
    /// It stays as it is, and why.
    Stays(String),
    /// It stays as it is, which was noted already under this topic.
    Told,
    /// There is no such entry any more.
    Gone,
}

/// The copies of a recording whose titles are to follow, and what is to become of each.
struct Review {
    row: i64,
    copies: Vec<(Arc<FileCopy>, TitleFate)>,
    /// Whether others have no entry yet that is confirmed: their titles follow later.
    is_open: bool,
}

/// Lets the titles follow of all copies that Zoom calls otherwise by now. What stays is reported once; what failed comes back, and
/// is due again.
pub async fn follow_renames(
    items: impl Iterator<Item = &Item>,
    context: TransferContext<'_>,
    cancel: &CancellationToken,
) -> Result<Vec<RemoteError>, LedgerError> {
    let mut trouble = Vec::new();
    for item in items.filter(|item| item.renamed_from.is_some()) {
        let Some(end) = cancel.run_until_cancelled(follow_one(item, context)).await else {
            // what was given is found so by the next run
            break;
        };
        match end? {
            Ok(()) => {}
            Err(error) if is_for_all(&error) => {
                trouble.push(error);
                break;
            }
            Err(error) => trouble.push(name_renamed(item, error)),
        }
    }
    Ok(trouble)
}

/// Reports which titles a run would leave as they are. Changes nothing anywhere.
pub async fn preview_titles(
    items: impl Iterator<Item = &Item>,
    kaltura: &Kaltura,
    ledger: &Ledger,
    wording: &Wording,
) -> Result<Vec<RemoteError>, LedgerError> {
    let mut trouble = Vec::new();
    for item in items.filter(|item| item.renamed_from.is_some()) {
        let review = match review_titles(item, kaltura, ledger, wording).await? {
            Ok(review) => review,
            Err(error) if is_for_all(&error) => {
                trouble.push(error);
                break;
            }
            Err(error) => {
                trouble.push(name_renamed(item, error));
                continue;
            }
        };
        for (copy, fate) in review.iter().flat_map(|review| &review.copies) {
            if let TitleFate::Stays(why) = fate {
                report_kept_title(item, copy, why);
            }
        }
    }
    Ok(trouble)
}

async fn follow_one(item: &Item, context: TransferContext<'_>) -> Result<Result<(), RemoteError>, LedgerError> {
    let (kaltura, ledger) = (context.systems.kaltura, context.systems.ledger);
    let Review { row, copies, is_open } = match review_titles(item, kaltura, ledger, &context.tuning.wording).await? {
        Ok(Some(review)) => review,
        Ok(None) => return Ok(Ok(())),
        Err(error) => return Ok(Err(error)),
    };
    let mut failed = None;
    for (copy, fate) in &copies {
        match give_title(item, copy, fate, context).await? {
            Ok(Some(why)) => report_kept_title(item, copy, &why),
            Ok(None) => {}
            Err(error) if is_for_all(&error) => return Ok(Err(error)),
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) => return Ok(Err(error)),
        None if !is_open => ledger.settle_rename(row, &item.segment.meeting.topic)?,
        None => {}
    }
    Ok(Ok(()))
}

/// Whether the others would meet it, too: a role that opens no titles opens none of them.
fn is_for_all(error: &RemoteError) -> bool {
    let is_of_one = error.may_be_about_one() && !error.means(Meaning::FieldDropped);
    error.is_outage() || (error.ends_the_run() && !is_of_one)
}

/// Whether every run would try it in vain.
fn is_final(error: &RemoteError) -> bool {
    matches!(error.kind, RemoteKind::Rejected | RemoteKind::Refused) && !is_for_all(error)
}

/// Carries out what is to become of one title; why it stays, where it does.
async fn give_title(
    item: &Item,
    copy: &FileCopy,
    fate: &TitleFate,
    context: TransferContext<'_>,
) -> Result<Result<Option<String>, RemoteError>, LedgerError> {
    let (ledger, run) = (context.systems.ledger, context.run);
    let kept = |why: &str| -> Result<Result<Option<String>, RemoteError>, LedgerError> {
        let topic = &item.segment.meeting.topic;
        ledger.settle_title(run, copy, TitleEnd::Kept { topic, why }, Utc::now())?;
        Ok(Ok(Some(why.to_owned())))
    };
    match (fate, &copy.entry_id) {
        (TitleFate::Follows { before, title }, Some(entry)) => {
            // so that whoever finds it knows that nobody else gave it
            ledger.ask_for_title(copy, title)?;
            match context.systems.kaltura.retitle(entry, before, title).await {
                Ok(()) => ledger.settle_title(run, copy, TitleEnd::Given(title), Utc::now())?,
                Err(error) if is_final(&error) => return kept(&error.to_string()),
                Err(error) => return Ok(Err(error)),
            }
        }
        (TitleFate::IsThere(title), _) => ledger.settle_title(run, copy, TitleEnd::Given(title), Utc::now())?,
        (TitleFate::Stays(why), _) => return kept(why),
        (TitleFate::Told | TitleFate::Gone | TitleFate::Follows { .. }, _) => {}
    }
    Ok(Ok(None))
}

/// What is to become of each title of a recording, by what the ledger and Kaltura say of it now. `None` where nothing can be
/// said yet: it is being handed over, or the ledger does not know it.
async fn review_titles(
    item: &Item,
    kaltura: &Kaltura,
    ledger: &Ledger,
    wording: &Wording,
) -> Result<Result<Option<Review>, RemoteError>, LedgerError> {
    let Some(tracked) = ledger.read_segment(&item.segment.key())? else {
        return Ok(Ok(None));
    };
    if tracked.orphan && item.orphan.is_some() {
        return Ok(Ok(None));
    }
    let entries = tracked.copies.iter().filter(|copy| copy.role.is_entry());
    let is_open = entries.clone().any(|copy| copy.state.is_on_its_way());
    let done: Vec<&Arc<FileCopy>> =
        entries.filter(|copy| copy.state == CopyState::Done && copy.entry_id.is_some()).collect();
    let ids: Vec<EntryId> = done.iter().filter_map(|copy| copy.entry_id.clone()).collect();
    let given = ledger.given_titles(tracked.row)?;
    let answers = match kaltura.titles(&ids).await {
        Ok(answers) => answers,
        Err(error) => return Ok(Err(error)),
    };
    let mut copies = Vec::new();
    for (copy, answer) in done.into_iter().zip(answers) {
        let there = match answer {
            Ok(there) => there,
            Err(error) => return Ok(Err(error)),
        };
        let given = given.get(&copy.row).cloned().unwrap_or_default();
        let titles = Titles::of(item, &tracked, copy, given, wording);
        let fate = match titles.decide_fate(there.as_ref(), &tracked, copy) {
            // once for each topic, and what Kaltura does not keep is not sent again in every run
            TitleFate::Stays(_) | TitleFate::Follows { .. }
                if ledger.is_title_kept(copy, &item.segment.meeting.topic)? =>
            {
                TitleFate::Told
            }
            fate => fate,
        };
        copies.push((Arc::clone(copy), fate));
    }
    Ok(Ok(Some(Review { row: tracked.row, copies, is_open })))
}

/// The titles of an entry: that which it is to have, and those that this program may have given it.
struct Titles {
    /// `None` where Zoom no longer lists the file, so that its view is not known.
    wanted: Option<String>,
    given: Vec<String>,
}

impl Titles {
    fn of(item: &Item, tracked: &Tracked, copy: &FileCopy, given: GivenTitle, wording: &Wording) -> Titles {
        let plan = item.files.iter().find(|plan| plan.file.id == copy.file_id);
        let is_listed = item.segment.files.iter().any(|file| file.id == copy.file_id);
        let name = |segment: &Segment| {
            let plan = plan.filter(|_| is_listed || copy.role == Role::Parent)?;
            Some(wording.name_entry(segment, &plan.file, copy.role, item.count_alike_before(plan)))
        };
        let GivenTitle { given, asked } = given;
        let known = given.into_iter().chain(asked).collect::<Vec<_>>();
        let given = if known.is_empty() {
            let topic = item.renamed_from.as_deref().unwrap_or(&tracked.segment.meeting.topic).to_owned();
            let meeting = Arc::new(Meeting { topic, ..Meeting::clone(&item.segment.meeting) });
            let before = Segment { meeting, ..item.segment.clone() };
            // there may have been no other segment yet
            let alone = Segment { part: PartNumber::ONLY, ..before.clone() };
            [name(&before), name(&alone)].into_iter().flatten().collect()
        } else {
            known
        };
        Titles { wanted: name(&item.segment), given }
    }

    fn decide_fate(self, there: Option<&TitledEntry>, tracked: &Tracked, copy: &FileCopy) -> TitleFate {
        let stays = |why: &str| TitleFate::Stays(why.to_owned());
        let Some(TitledEntry { entry, title }) =
            there.filter(|there| there.entry.status != EntryStatus::Deleted && !there.entry.recycled)
        else {
            return TitleFate::Gone;
        };
        let Some(wanted) = self.wanted else {
            return stays("Zoom no longer lists its file, so its view is not known");
        };
        if *title == wanted {
            return TitleFate::IsThere(wanted);
        }
        if !entry.ours || entry.reference_id != mark_of(tracked, copy) {
            return stays("the entry no longer carries the tags and the mark of this program");
        }
        let owner = tracked.owner.as_ref().map_or("", KalturaUserId::as_str);
        if !entry.owner.eq_ignore_ascii_case(owner) {
            return stays("someone gave the entry to another account");
        }
        if !self.given.contains(title) {
            return TitleFate::Stays(format!("this program did not give it the title {:?}", one_line(title)));
        }
        TitleFate::Follows { before: title.clone(), title: wanted }
    }
}

fn mark_of(tracked: &Tracked, copy: &FileCopy) -> ReferenceId {
    let key = tracked.segment.key();
    if copy.role == Role::Child { key.child_reference_id(&copy.file_id) } else { key.reference_id() }
}

fn report_kept_title(item: &Item, copy: &FileCopy, why: &str) {
    let entry = copy.entry_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let before = item.renamed_from.as_deref().unwrap_or_default();
    tracing::warn!(
        entry_id = %entry,
        "{:?} was renamed in Zoom, it was {:?}: entry {entry} keeps its title: {why}; change it in the KMC if it is to follow",
        one_line(&item.segment.meeting.topic),
        one_line(before)
    );
}

/// The error with the recording that it is about.
fn name_renamed(item: &Item, error: RemoteError) -> RemoteError {
    let topic = one_line(&item.segment.meeting.topic);
    let message = format!(
        "the titles of {topic:?} of {} do not follow its new topic yet: {}",
        item.segment.recording_start, error.message
    );
    RemoteError { message, ..error }.of_one_if_refused()
}

#[cfg(test)]
mod tests {
    use super::{TitleFate, Titles};
    use crate::copying::plan::samples::{
        sample_copy, sample_entry, sample_item, sample_policy, sample_segment, sample_tracked, sample_video,
    };
    use crate::copying::plan::{FilePlan, Item, Step};
    use crate::copying::transfer::Wording;
    use crate::ledger::GivenTitle;
    use crate::model::{Action, CopyState, Entry, EntryStatus, PartNumber, ReferenceId, Template};
    use crate::remotes::kaltura::TitledEntry;

    /// The second of two segments, called "Waves" by now.
    fn renamed() -> Item {
        let mut segment = sample_segment(vec![sample_video("v", "shared_screen")]);
        std::sync::Arc::make_mut(&mut segment.meeting).topic = "Waves".to_owned();
        segment.part = PartNumber { number: 2, of: 2 };
        let file = segment.files[0].clone();
        let plan =
            FilePlan { file, action: Action::Done, reason: None, entry_id: None, copy: None, step: Step::Nothing };
        Item { renamed_from: Some("Optics".into()), ..sample_item(segment, vec![plan]) }
    }

    fn fate(entry: Option<Entry>, title: &str, given: Option<&str>, asked: Option<&str>) -> String {
        let title_of = Template::new("{topic}").expect("a template");
        let wording = Wording {
            title: title_of,
            description: None,
            tags: Vec::new(),
            time_zone: chrono_tz::Tz::UTC,
            caption_language: String::new(),
        };
        let (copy, tracked) = (sample_copy(CopyState::Done), sample_tracked(Action::Done, None, Vec::new()));
        let given = GivenTitle { given: given.map(str::to_owned), asked: asked.map(str::to_owned) };
        let titles = Titles::of(&renamed(), &tracked, &copy, given, &wording);
        let there = entry.map(|entry| TitledEntry { entry, title: title.to_owned() });
        match titles.decide_fate(there.as_ref(), &tracked, &copy) {
            TitleFate::Follows { before, title: wanted } => {
                assert_eq!(before, title);
                format!("follows {wanted}")
            }
            TitleFate::IsThere(title) => format!("is {title}"),
            TitleFate::Stays(why) => why.split_whitespace().last().unwrap_or_default().to_owned(),
            TitleFate::Told | TitleFate::Gone => "gone".to_owned(),
        }
    }

    #[test]
    fn only_own_titles_of_own_entries_follow() {
        assert!(!sample_policy().follow_renames, "off unless switched on");
        let ours = || sample_entry("0_a", "ada@uni.example");
        let cases = [
            (ours(), "Optics (2)", Some("Optics (2)"), None, "follows Waves (2)"),
            (ours(), "Heat", Some("Heat"), None, "follows Waves (2)"),
            (ours(), "Heat", Some("Optics (2)"), Some("Heat"), "follows Waves (2)"),
            (ours(), "Optics (2)", Some("Optics (2)"), Some("Heat"), "follows Waves (2)"),
            (ours(), "Optics (2)", Some("Heat"), None, "\"Optics (2)\""),
            // what the topic before gives, also where there was no other segment yet
            (ours(), "Optics (2)", None, None, "follows Waves (2)"),
            (ours(), "Optics", None, None, "follows Waves (2)"),
            (ours(), "Optics (1)", None, None, "\"Optics (1)\""),
            (ours(), "Waves (2)", Some("Optics (2)"), None, "is Waves (2)"),
            (ours(), "optics (2)", Some("Optics (2)"), None, "\"optics (2)\""),
            (Entry { owner: "ADA@uni.example".to_owned(), ..ours() }, "Optics", None, None, "follows Waves (2)"),
            (Entry { owner: "eve".to_owned(), ..ours() }, "Optics", None, None, "account"),
            (Entry { ours: false, ..ours() }, "Optics", None, None, "program"),
            (Entry { reference_id: ReferenceId::new("x"), ..ours() }, "Optics", None, None, "program"),
            (Entry { recycled: true, ..ours() }, "Optics", None, None, "gone"),
            (Entry { status: EntryStatus::Deleted, ..ours() }, "Optics", None, None, "gone"),
        ];
        for (entry, title, given, asked, expected) in cases {
            let expected = expected.split_whitespace().last().filter(|_| expected.starts_with('"')).unwrap_or(expected);
            assert_eq!(fate(Some(entry), title, given, asked), expected, "{title} {given:?} {asked:?}");
        }
        assert_eq!(fate(None, "Optics", None, None), "gone");
    }
}
