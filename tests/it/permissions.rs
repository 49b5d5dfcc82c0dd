//! The mark of an entry is never lost in silence: the role, `check`, what comes back of an entry that is made, and entries
//! that were made without a mark.

use std::collections::BTreeSet;

use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::setup::documented_role;
use standin::zoom::{User, Zoom};
use zoom2kaltura::{PERMISSIONS_NEEDED, ROLE};

use crate::campus::{Campus, lecture};
use crate::pages::page;

const MARK: &str = "CONTENT_INGEST_REFERENCE_MODIFY";
const AGAIN: (&str, &str) = ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s");
const IN_TURN: (&str, &str) = ("ZOOM2KALTURA_SYNC_PARALLEL", "1");
const GROUPS: (&str, &str) = ("ZOOM2KALTURA_FILTER_OPT_OUT_KALTURA_GROUPS", "staff");
const PULL: (&str, &str) = ("ZOOM2KALTURA_SYNC_TRANSFER", "pull");
/// What login needs, and `permission` itself.
const OPEN: [&str; 5] = [
    "session.start",
    "session.startWidgetSession",
    "appToken.startSession",
    "permission.getCurrentPermissions",
    "multirequest",
];

pub(crate) fn without(left_out: &str) -> Vec<String> {
    documented_role().into_iter().filter(|permission| permission != left_out).collect()
}

fn campus_with(role: &[String]) -> Campus {
    Campus::of(
        Zoom::builder().without_scope("group:read:list_groups:admin").start(),
        Kaltura::builder().role(role).start(),
    )
}

/// Each line of `check` that is not `ok`: its word, and the rest.
fn lines_of_check(campus: &Campus, settings: &[(&str, &str)]) -> (i32, Vec<String>) {
    let run = campus.run_with(settings, &["check"]);
    let lines = run.out.lines().filter(|line| line.contains(": ") && !line.starts_with("ok ")).map(str::to_owned);
    (run.exit, lines.collect())
}

#[test]
fn documented_table_matches_the_program() {
    let rows: Vec<String> = ROLE.iter().map(|one| format!("| `{}` | {} |\n", one.name, one.used_for)).collect();
    let table = format!("| Kaltura permission | for |\n|---|---|\n{}\n", rows.concat());
    assert!(page("install").contains(&table), "install.md is to have this table:\n{table}");
}

#[test]
fn documented_role_allows_every_command() {
    let campus = campus_with(&documented_role());
    campus.kaltura.add_category("Zoom");
    campus.kaltura.add_user("bert@uni.example", "");
    campus.zoom.add_meeting(
        lecture("ada==", 81_000_000_001, "ada", 5)
            .video("gallery_view", Media::mp4().salted(7))
            .transcript(Media::vtt())
            .chat(Media::chat()),
    );
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    let settings = [("ZOOM2KALTURA_COPY_CATEGORY", "Zoom"), ("ZOOM2KALTURA_COPY_CHAT", "true"), GROUPS];
    campus.kaltura.add_group("staff", "");
    let commands: [&[&str]; 12] = [
        &["check"],
        &["sync", "--dry-run"],
        &["sync"],
        &["backfill", "--from", "2026-01-01", "--to", "2026-01-02"],
        &["verify"],
        &["status"],
        &["explain", "ada@uni.example"],
        &["retention"],
        &["reassign", "ada@uni.example", "bert@uni.example", "--dry-run"],
        &["reassign", "ada@uni.example", "bert@uni.example"],
        &["purge", "--older-than", "0s", "--dry-run"],
        &["purge", "--older-than", "0s"],
    ];
    for command in commands {
        if command == ["verify"] {
            campus.sync_until_done_with(&settings);
        }
        let run = campus.run_with(&settings, command);
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{command:?}: {}", run.out);
    }
    let marks: Vec<String> = campus.kaltura.entries().into_iter().map(|entry| entry.reference_id).collect();
    assert_eq!(marks.len(), 3);
    assert!(marks.iter().all(|mark| mark.starts_with("Zoom_")), "{marks:?}");
    let known: BTreeSet<&str> = PERMISSIONS_NEEDED.iter().map(|need| need.what).chain(OPEN).collect();
    let calls: BTreeSet<String> = campus.kaltura.log().calls().into_iter().collect();
    let unknown: Vec<&String> = calls.iter().filter(|call| !known.contains(call.as_str())).collect();
    assert!(unknown.is_empty(), "not in the table of permissions: {unknown:?}");
}

#[test]
fn check_names_each_missing_permission() {
    for permission in ROLE {
        let campus = campus_with(&without(permission.name));
        campus.kaltura.add_category("Zoom");
        let all = [
            ("ZOOM2KALTURA_COPY_CATEGORY", "Zoom"),
            ("ZOOM2KALTURA_COPY_CHAT", "true"),
            ("ZOOM2KALTURA_COPY_FOLLOW_RENAMES", "true"),
            GROUPS,
        ];
        let (exit, told) = lines_of_check(&campus, &all);
        // without the right to look for users, not even the login can be tried
        let expected = match permission.name {
            "ADMIN_BASE" => "user.get answered SERVICE_FORBIDDEN".to_owned(),
            name => format!("FAIL Kaltura permission {name}: is missing: without it {}", permission.without),
        };
        assert!(exit == 7 && told.iter().any(|line| line.contains(&expected)), "{expected}: {told:?}");
    }
    let campus = campus_with(&without("ATTACHMENT_MODIFY"));
    assert_eq!(lines_of_check(&campus, &[]), (0, vec![]), "chats are not copied");
}

/// What cannot be tried is unknown.
#[test]
fn untold_permissions_are_tried() {
    let no_service = r#"{"code":"SERVICE_DOES_NOT_EXISTS","message":"Service \"permission\" does not exists","objectType":"KalturaAPIException","args":[]}"#;
    let call = "permission.getCurrentPermissions";
    for fault in [Fault::json(200, no_service), Fault::json(200, "\"\""), Fault::json(200, "null")] {
        let campus = campus_with(&documented_role());
        for hit in 1..=9 {
            campus.kaltura.faults().queue(call, hit, fault.clone());
        }
        let before = campus.kaltura.fingerprint();
        let (exit, told) = lines_of_check(&campus, &[]);
        assert_eq!(exit, 0, "{told:?}");
        assert!(told.len() > 4 && told.iter().all(|line| line.starts_with("unknown ")), "{told:?}");
        assert!(told.iter().any(|line| line.contains(MARK)), "{told:?}");
        assert!(campus.kaltura.log().count("uploadToken.get") == 1 && campus.kaltura.fingerprint() == before);
    }
    // what can be tried and is refused fails all the same
    let campus = campus_with(&without("CONTENT_INGEST_UPLOAD"));
    campus.kaltura.faults().queue(call, 1, Fault::json(200, no_service));
    let (exit, told) = lines_of_check(&campus, &[]);
    assert!(exit == 7 && told.iter().any(|line| line.starts_with("FAIL right to look at uploads: ")), "{told:?}");
}

/// Whatever is dropped of an entry, no byte is sent to it and it is gone again; a second recording ends the run, but for those
/// under way.
#[test]
fn altered_entry_is_taken_back() {
    for way in [vec![IN_TURN, AGAIN], vec![IN_TURN, AGAIN, PULL]] {
        for (field, times, exit) in
            [("referenceId", 1, 3), ("referenceId", 99, 4), ("adminTags", 1, 3), ("adminTags", 99, 4), ("userId", 1, 3)]
        {
            let campus = Campus::new();
            for number in 1..=8 {
                campus.zoom.add_meeting(lecture(&format!("ada{number}=="), 81_000_000_000 + number, "ada", 5));
            }
            campus.kaltura.drop_field(field, times);
            let run = campus.run_with(&way, &["sync"]);
            let what = format!("{way:?} {field} {times} times: {}", run.err);
            assert_eq!(run.exit, exit, "{what}");
            assert!(run.err.contains(&format!("dropped the field {field}")), "{what}");
            assert!(field != "referenceId" || run.err.contains(MARK), "{what}");
            assert_eq!(campus.kaltura.alive().len(), if times == 1 { 7 } else { 0 }, "{what}");
            let made = campus.kaltura.entries().len();
            assert!(made <= if times == 1 { 8 } else { 4 }, "{made} entries were made; {what}");
            campus.kaltura.keep_fields();
            campus.run_with(&way, &["retry", "--failed"]);
            campus.sync_until_done_with(&way);
            assert_eq!(campus.kaltura.alive().len(), 8, "{what}");
        }
    }
}

#[test]
fn altered_child_is_taken_back() {
    for field in ["parentEntryId", "referenceId", "adminTags"] {
        let campus = Campus::new();
        campus
            .zoom
            .add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).video("gallery_view", Media::mp4().salted(7)));
        // the entry is made first, and has no parent
        campus.kaltura.drop_field_of_children(field);
        let run = campus.run_with(&[IN_TURN], &["sync"]);
        assert!(run.exit == 3 && run.err.contains(&format!("dropped the field {field}")), "{field}: {}", run.err);
        assert_eq!(campus.kaltura.alive().len(), 1, "{field}");
        campus.run(&["retry", "--failed"]);
        campus.sync_until_done();
        campus.kaltura.alive().iter().for_each(|entry| {
            assert!(entry.reference_id.starts_with("Zoom_"), "{field}: {entry:?}");
        });
        assert_eq!(campus.kaltura.alive().len(), 2, "{field}");
    }
}

#[test]
fn unanswered_altered_entry_is_taken_back() {
    let campus = Campus::with_lecture();
    campus.kaltura.drop_field("referenceId", 1);
    campus.kaltura.faults().queue("multirequest of media.add", 1, Fault::LostAnswer);
    let run = campus.run(&["sync"]);
    assert!(run.exit == 3 && run.err.contains(MARK), "{}", run.err);
    assert_eq!((campus.kaltura.alive().len(), campus.kaltura.log().count("uploadToken.upload")), (0, 0));
    campus.run(&["retry", "--failed"]);
    campus.sync_until_done();
    assert_eq!((campus.kaltura.alive().len(), marks(&campus).iter().all(|mark| mark.starts_with("Zoom_"))), (1, true));
}

/// A lecture with a view, copied when nobody looked whether the marks were kept.
fn unmarked(role: &[String]) -> Campus {
    let campus = Campus::of(Zoom::start(), Kaltura::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).video("gallery_view", Media::mp4().salted(7)));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 5));
    campus.sync_until_done();
    campus.kaltura.set_role("zoom2kaltura", role);
    for entry in campus.kaltura.entries() {
        campus.kaltura.set_mark(&entry.id, "");
    }
    let ledger = campus.ledger();
    ledger.execute("UPDATE files SET unmarked = 1", []).expect("copies");
    campus
}

fn marks(campus: &Campus) -> BTreeSet<String> {
    campus.kaltura.alive().into_iter().map(|entry| entry.reference_id).collect()
}

#[test]
fn unmarked_entries_get_marks_once() {
    let campus = unmarked(&documented_role());
    let verify = |campus: &Campus| {
        let report = campus.run(&["verify", "--format", "json"]).report();
        let found = report["differences"].as_array().cloned().unwrap_or_default();
        found.iter().filter(|one| one["difference"] == "unmarked").count()
    };
    assert_eq!(verify(&campus), 3);
    let (before, ledger) = (campus.kaltura.fingerprint(), campus.state());
    let dry = campus.run(&["sync", "--dry-run"]);
    assert!(dry.exit == 0 && dry.err.contains("3 entries in Kaltura without a mark"), "{}", dry.err);
    assert_eq!((campus.kaltura.fingerprint(), campus.state()), (before, ledger));
    assert_eq!(campus.run(&["sync"]).exit, 0);
    let found = marks(&campus);
    assert_eq!(found.len(), 3);
    assert!(found.iter().any(|mark| mark.contains('#')) && found.iter().all(|mark| mark.starts_with("Zoom_")));
    assert_eq!(verify(&campus), 0);
    campus.kaltura.log().clear();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    // the orphan's host is looked for, and nothing else
    assert_eq!(["media.get", "baseEntry.update"].map(|call| campus.kaltura.log().count(call)), [0, 0]);
    // and a lost ledger is rebuilt from them
    campus.lose_ledger();
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn marking_needs_permission_and_unfrozen_entries() {
    let campus = unmarked(&without(MARK));
    let run = campus.run(&["sync"]);
    assert!(run.exit == 4 && run.err.contains(MARK), "{}", run.err);
    assert_eq!(marks(&campus).len(), 1);
    campus.kaltura.set_role("zoom2kaltura", &documented_role());
    for entry in campus.kaltura.alive().iter().filter(|entry| entry.user_id == "ada@uni.example") {
        campus.kaltura.rename_entry(&entry.id, &"ü".repeat(129));
    }
    let run = campus.run(&["sync"]);
    assert!(
        run.exit == 3 && run.err.contains("Kaltura reported success, but did not change referenceId"),
        "{}",
        run.err
    );
    assert_eq!(marks(&campus).iter().filter(|mark| mark.starts_with("Zoom_")).count(), 1);
    let again = campus.run(&["sync"]);
    assert_eq!((again.exit, again.err.as_str()), (0, ""));
}

#[test]
fn unmarked_entries_stop_a_first_run() {
    let campus = unmarked(&documented_role());
    campus.lose_ledger();
    for args in [&["sync", "--dry-run"][..], &["sync"]] {
        let run = campus.run(args);
        assert!(run.exit == 6 && run.err.contains("entries of this program without a mark"), "{args:?} {}", run.err);
    }
    assert_eq!(campus.kaltura.alive().len(), 3);
    assert_eq!(campus.run(&["sync", "--first-run"]).exit, 0);
    // their uploads tell that they are there, whatever mark they carry
    assert_eq!(campus.kaltura.alive().len(), 3);
}

#[test]
fn ineffective_deletion_is_no_purge() {
    let campus = Campus::new();
    campus.zoom.add_user(User::new("eve", "eve@elsewhere.example"));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 5));
    campus.zoom.add_meeting(lecture("eve==", 81_000_000_002, "eve", 5));
    campus.sync_until_done();
    campus.kaltura.faults().queue("media.delete", 1, Fault::json(200, "null"));
    let purge = ["purge", "--older-than", "0s", "--format", "json"];
    let run = campus.run(&purge);
    assert!(run.exit == 3 && run.err.contains("Kaltura reported success, but the entry is still there"), "{}", run.err);
    assert_eq!(campus.kaltura.alive().len(), 1);
    campus.kaltura.log().clear();
    let again = campus.run(&purge);
    let item = again.report()["items"][0].clone();
    assert_eq!((again.exit, &item["action"], &item["reason"]), (0, &"keep".into(), &"not_deletable".into()));
    assert_eq!(campus.kaltura.log().count("media.delete"), 0);
}
