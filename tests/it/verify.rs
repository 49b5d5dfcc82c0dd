//! `verify` finds every difference, says nothing where there is none, and changes nothing.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use standin::fault::Fault;
use standin::kaltura::{Kaltura, Seed, Sort};
use standin::media::Media;
use standin::setup::HOLDING_USER;
use standin::zoom::Meeting;

use crate::campus::{Campus, hours_ago, lecture, walked};

/// A lecture with a second view and an orphan, both done.
fn campus() -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).video("gallery_view", Media::mp4().salted(7)));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    campus.sync_until_done();
    campus
}

/// The entry that stands for Ada's lecture, and its child.
fn entries(campus: &Campus) -> (String, String) {
    entries_of(campus, "Lecture 81000000001")
}

fn entries_of(campus: &Campus, name: &str) -> (String, String) {
    let named = campus.kaltura.entries().into_iter().filter(|entry| entry.name.starts_with(name));
    let (parents, children): (Vec<_>, Vec<_>) = named.partition(|entry| entry.parent_entry_id.is_empty());
    (parents[0].id.clone(), children[0].id.clone())
}

/// The exit code, and each difference with its entry.
fn verify(campus: &Campus) -> (i32, Vec<(String, String)>) {
    let before = (campus.state(), campus.zoom.fingerprint(), campus.kaltura.fingerprint());
    let run = campus.run(&["verify", "--format", "json"]);
    assert_eq!(run.err, "");
    let report = run.report();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let found = report["differences"].as_array().expect("differences").iter();
    let found = found.map(|difference| (text(&difference["difference"]), text(&difference["entry_id"]))).collect();
    assert_eq!((campus.state(), campus.zoom.fingerprint(), campus.kaltura.fingerprint()), before);
    (run.exit, found)
}

#[test]
fn agreement_of_all_three_is_reported() {
    let campus = campus();
    assert_eq!(verify(&campus), (0, vec![]));
    let run = campus.run(&["verify"]);
    assert!(
        run.out.contains("2 recordings from ") && run.out.contains("Zoom, the ledger and Kaltura agree"),
        "{}",
        run.out
    );
}

/// A change behind the program's back, and all that `verify` finds then: each kind, with `p` of the parent and `c` of the
/// child.
type Case = (&'static str, fn(&Campus, &str, &str), &'static [&'static str]);

/// The next case is a line more.
const CASES: &[Case] = &[
    ("nothing", |_, _, _| {}, &[]),
    ("unmarked", |campus, parent, _| campus.kaltura.set_mark(parent, ""), &["unmarked p"]),
    (
        "deleted",
        |campus, parent, _| campus.kaltura.delete_entry(parent),
        &["deleted_in_kaltura c", "deleted_in_kaltura p"],
    ),
    ("binned", |campus, parent, _| campus.kaltura.recycle_entry(parent), &["deleted_in_kaltura p"]),
    ("forgotten", |campus, parent, _| campus.kaltura.forget_entry(parent), &["ledger_ahead p"]),
    ("failed", |campus, parent, _| campus.kaltura.set_status(parent, -1), &["not_ready p"]),
    ("given away", |campus, parent, _| campus.kaltura.set_owner(parent, HOLDING_USER), &["wrong_owner p"]),
    ("child given away", |campus, _, child| campus.kaltura.set_owner(child, HOLDING_USER), &["wrong_owner c"]),
    ("owner blocked", |campus, _, _| campus.kaltura.block_user(ADA), &["owner_blocked c", "owner_blocked p"]),
    ("owner deleted", |campus, _, _| campus.kaltura.delete_user(ADA), &["owner_gone c", "owner_gone p"]),
    ("text", |campus, parent, _| campus.kaltura.replace_source(parent, b"x"), &["no_duration p", "wrong_size p"]),
    ("child text", |campus, _, child| campus.kaltura.replace_source(child, b"x"), &["no_duration c", "wrong_size c"]),
    ("as long", |campus, parent, _| replace(campus, parent, LENGTH), &["wrong_size p"]),
    ("far longer", |campus, parent, _| replace(campus, parent, 4 * LENGTH), &["wrong_duration p", "wrong_size p"]),
    ("trimmed", |campus, parent, _| replace(campus, parent, LENGTH - 90), &[]),
    ("trimmed to a minute", |campus, parent, _| replace(campus, parent, 60), &[]),
    ("child trimmed", |campus, _, child| replace(campus, child, LENGTH / 2), &[]),
    ("0 s", |campus, parent, _| campus.kaltura.set_duration(parent, 0), &["no_duration p"]),
    ("child 0 s", |campus, _, child| campus.kaltura.set_duration(child, 0), &["no_duration c"]),
    ("plays for hours", |campus, parent, _| campus.kaltura.set_duration(parent, 36_000_000), &["wrong_duration p"]),
    ("plays for a second", |campus, _, child| campus.kaltura.set_duration(child, 1000), &["wrong_duration c"]),
    ("pauses", |campus, parent, _| campus.kaltura.set_duration(parent, 1_800_000), &[]),
    ("source deleted", |campus, parent, _| campus.kaltura.let_source_go(parent), &[]),
    ("child's source deleted", |campus, _, child| campus.kaltura.let_source_go(child), &[]),
    ("source deleted, 0 s", |campus, parent, _| without_source(campus, parent, 0), &["no_duration p"]),
    ("source deleted, hours", |campus, parent, _| without_source(campus, parent, 36_000_000), &["wrong_duration p"]),
    ("source deleted, trimmed", |campus, parent, _| without_source(campus, parent, 60_000), &[]),
    ("captions gone", |campus, parent, _| campus.kaltura.delete_texts(parent, Sort::Caption), &["captions_gone p"]),
    ("captions corrected", |campus, parent, _| correct_captions(campus, parent, VTT), &[]),
    ("captions broken", |campus, parent, _| correct_captions(campus, parent, "none"), &["captions_gone p"]),
    (
        "attachments gone",
        |campus, parent, _| campus.kaltura.delete_texts(parent, Sort::Attachment),
        &["attachments_gone p"],
    ),
];

const ADA: &str = "ada@uni.example";
/// How long the lecture lasted.
const LENGTH: u32 = 50 * 60;
const VTT: &str = "WEBVTT\n\n00:00.000 --> 00:02.000\nx\n";

/// Another source that plays for so many seconds.
fn replace(campus: &Campus, entry: &str, seconds: u32) {
    let media = Media::mp4().padded_to(50_000).lasting(seconds);
    campus.kaltura.replace_source(entry, &media.read(0, media.len()));
}

fn without_source(campus: &Campus, entry: &str, milliseconds: u64) {
    campus.kaltura.let_source_go(entry);
    campus.kaltura.set_duration(entry, milliseconds);
}

/// The captions make way for those of a person.
fn correct_captions(campus: &Campus, entry: &str, text: &str) {
    campus.kaltura.delete_texts(entry, Sort::Caption);
    campus.kaltura.seed_caption(entry, "By hand", "English", text);
}

#[test]
fn each_difference_has_its_name() {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(case) = CASES.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = found_after(case.1);
                    let exit = if case.2.is_empty() { 0 } else { 7 };
                    if found != (exit, case.2.iter().map(|text| (*text).to_owned()).collect()) {
                        wrong.lock().expect("a list").push((case.0, found));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("a list");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What `verify` finds of a lecture with a second view, captions and a chat after such a change.
fn found_after(change: fn(&Campus, &str, &str)) -> (i32, Vec<String>) {
    let campus = Campus::new();
    let view = lecture("ada==", 81_000_000_001, "ada", 5).video("gallery_view", Media::mp4().salted(7));
    campus.zoom.add_meeting(view.transcript(Media::vtt()).chat(Media::chat()));
    campus.kaltura.process_for(Duration::ZERO);
    campus.sync_until_done_with(&[("ZOOM2KALTURA_COPY_CHAT", "true")]);
    let (parent, child) = entries(&campus);
    change(&campus, &parent, &child);
    let (exit, found) = verify(&campus);
    let whose = |id: &str| if id == parent { "p" } else { "c" };
    let mut found: Vec<_> = found.iter().map(|(kind, entry)| format!("{kind} {}", whose(entry))).collect();
    found.sort();
    (exit, found)
}

#[test]
fn long_conversion_becomes_a_difference() {
    let campus = Campus::new();
    campus.kaltura.process_for(Duration::MAX);
    let view = lecture("ada==", 81_000_000_001, "ada", 30).video("gallery_view", Media::mp4().salted(7));
    campus.zoom.add_meeting(view.transcript(Media::vtt()));
    campus.zoom.add_meeting(lecture("second==", 81_000_000_002, "ada", 29));
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(verify(&campus), (0, vec![]), "recorded long ago, and sent just now");
    let long_ago = hours_ago(30);
    let sent = "UPDATE events SET at = ?1 WHERE event = 'sent'
                AND recording = (SELECT id FROM recordings WHERE meeting_uuid = 'ada==')";
    let ledger = campus.ledger();
    assert_eq!(ledger.execute(sent, [&long_ago]).expect("a change"), 2);
    drop(ledger);
    let (parent, _) = entries_of(&campus, "Lecture 81000000001");
    assert_eq!(verify(&campus), (7, vec![("in_conversion".to_owned(), parent.clone())]));
    // what Zoom lists no more lies there all the same
    campus.zoom.remove_meeting("ada==");
    assert_eq!(verify(&campus), (7, vec![("in_conversion".to_owned(), parent)]));
}

#[test]
fn deleted_is_found_purged_is_not() {
    let campus = campus();
    let (parent, child) = entries(&campus);
    campus.kaltura.delete_entry(&parent);
    let mut before = vec![("deleted_in_kaltura".to_owned(), parent.clone()), ("deleted_in_kaltura".to_owned(), child)];
    before.sort();
    let (exit, mut found) = verify(&campus);
    found.sort();
    assert_eq!((exit, found), (7, before));
    assert_eq!(campus.run(&["purge", "--older-than", "0s"]).exit, 0);
    campus.lose_ledger();
    let after = (7, vec![("deleted_in_kaltura".to_owned(), parent)]);
    assert_eq!(verify(&campus), after, "without a ledger");
    campus.sync_until_done();
    assert_eq!(verify(&campus), after, "with the ledger that was made anew");
}

#[test]
fn doubled_and_bare_entries_are_found() {
    let campus = campus();
    let reference_id =
        |id: &str| campus.kaltura.entries().into_iter().find(|entry| entry.id == id).expect("an entry").reference_id;
    let (parent, child) = entries(&campus);
    let twin = |of: &str, status| Seed {
        reference_id: reference_id(of),
        admin_tags: "zoom2kaltura".to_owned(),
        user_id: "ada@uni.example".to_owned(),
        status,
        ..Seed::default()
    };
    let doubled = campus.kaltura.add_entry(&twin(&parent, 2));
    let bare = campus.kaltura.add_entry(&twin(&parent, 7));
    let view = campus.kaltura.add_entry(&Seed { parent_entry_id: parent, ..twin(&child, 2) });
    let (exit, mut found) = verify(&campus);
    found.sort();
    let mut expected =
        vec![("bare_left_over".to_owned(), bare), ("doubled".to_owned(), doubled), ("doubled".to_owned(), view)];
    expected.sort();
    assert_eq!((exit, found), (7, expected));
}

#[test]
fn uncopied_is_missing_once_late() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 2));
    assert_eq!(verify(&campus), (0, vec![]));
    campus.zoom.add_meeting(lecture("late==", 81_000_000_002, "ada", 8));
    assert_eq!(verify(&campus), (7, vec![("missing".to_owned(), String::new())]));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    campus.run(&["sync", "--limit", "1"]);
    assert_eq!(verify(&campus), (0, vec![]), "a run has listed it just now");
    campus.setup.age_events(chrono::TimeDelta::hours(4));
    assert_eq!(verify(&campus).0, 7);
    campus.run(&["retry", "--failed"]);
    campus.sync_until_done();
    assert_eq!(verify(&campus), (0, vec![]));
}

#[test]
fn rules_and_edits_make_no_difference() {
    let campus = campus();
    campus.zoom.add_meeting(lecture("private==", 81_000_000_003, "ada", 6).topic("Private tutorial"));
    let (parent, _) = entries(&campus);
    campus.kaltura.rename_entry(&parent, "Optics, the good one");
    campus.run(&["sync"]);
    assert_eq!(verify(&campus), (0, vec![]));
}

#[test]
fn unreadable_is_no_agreement() {
    let campus = campus();
    campus.zoom.faults().queue("GET /accounts/me/recordings", 1, Fault::answer(500, "down"));
    let run = campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], &["verify"]);
    assert_eq!(run.exit, 5, "{}", run.err);
    campus.kaltura.faults().queue("multirequest of media.get", 1, Fault::Stall(Duration::from_millis(10)));
    let run = campus.run(&["verify", "--format", "csv", "--days", "3"]);
    assert_eq!((run.exit, run.out.lines().count()), (0, 1), "{}", run.err);
    assert_eq!(campus.run(&["verify", "--from", "2026-11-20", "--to", "2026-11-19"]).exit, 2);
}

#[test]
fn empty_meetings_and_edits_are_fine() {
    let campus = Campus::new();
    let empty = Meeting::new("empty==", 81_000_000_004, "Nothing").host("ada").starts(&hours_ago(20)).without_files();
    campus.zoom.add_meeting(empty);
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.kaltura.process_for(Duration::MAX);
    assert_eq!(campus.run(&["sync"]).exit, 0);
    let cut = Media::mp4().padded_to(50_000).lasting(50 * 60);
    campus.kaltura.replace_source(&campus.kaltura.entries()[0].id, &cut.read(0, cut.len()));
    campus.kaltura.process_for(Duration::ZERO);
    campus.sync_until_done();
    let story = campus.run(&["explain", "ada=="]).out;
    assert!(story.contains("replaced or trimmed the copy in Kaltura"), "{story}");
    assert_eq!(verify(&campus), (0, vec![]));
}

#[test]
fn single_entry_is_never_doubled() {
    let campus = campus();
    let (parent, _) = entries(&campus);
    let entry = campus.kaltura.entries().into_iter().find(|entry| entry.id == parent).expect("an entry");
    campus.kaltura.forget_entry(&parent);
    campus.kaltura.add_entry(&Seed {
        reference_id: entry.reference_id,
        admin_tags: "zoom2kaltura".to_owned(),
        user_id: "ada@uni.example".to_owned(),
        ..Seed::default()
    });
    let (exit, found) = verify(&campus);
    assert!(exit == 7 && found.contains(&("ledger_ahead".to_owned(), parent)), "{found:?}");
    assert!(found.iter().all(|(kind, _)| kind != "doubled"), "{found:?}");
}

#[test]
fn another_tools_finished_copy_is_doubled() {
    let campus = campus();
    let (parent, _) = entries(&campus);
    let entry = campus.kaltura.entries().into_iter().find(|entry| entry.id == parent).expect("an entry");
    let theirs = |status| Seed { reference_id: entry.reference_id.clone(), status, ..Seed::default() };
    campus.kaltura.add_entry(&theirs(7));
    assert_eq!(verify(&campus), (0, vec![]));
    let doubled = campus.kaltura.add_entry(&theirs(2));
    assert_eq!(verify(&campus), (7, vec![("doubled".to_owned(), doubled)]));
}

#[test]
fn only_the_asked_days_count() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 60));
    campus.sync_until_done();
    campus.kaltura.set_status(&campus.kaltura.entries()[0].id, -1);
    assert_eq!(verify(&campus).0, 7);
    let run = campus.run(&["verify", "--days", "1"]);
    assert_eq!(run.exit, 0, "{}", run.out);
}

#[test]
fn one_unreadable_user_is_no_agreement() {
    let zoom = walked();
    let campus = Campus::of(zoom, Kaltura::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.sync_until_done();
    assert_eq!(verify(&campus), (0, vec![]));
    // one that is owed is not taken for one that Zoom has lost
    campus.zoom.add_meeting(lecture("owed==", 81_000_000_002, "ada", 8));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    assert_eq!(campus.run(&["sync"]).exit, 3);
    let refused = Fault::zoom_error(400, 4711, "Invalid access token, does not contain scopes:[a].");
    campus.zoom.faults().queue("GET /users/{}/recordings", 1, refused);
    let run = campus.run(&["verify"]);
    assert!(
        run.exit == 7
            && run.out.starts_with("no difference in what could be read: ")
            && run.out.contains("; 1 part could not be read")
            && run.err.lines().count() == 1,
        "{} {}",
        run.out,
        run.err
    );
}
