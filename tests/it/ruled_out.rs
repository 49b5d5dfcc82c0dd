//! What a rule of the institution leaves out, beside what is copied: in the report, in the ledger, and when the rule is another
//! one by now.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::zoom::Zoom;

use crate::campus::{Campus, Run, lecture, walked};
use crate::doubles::{LIST, OF_USER};

const PRIVATE: (&str, &str) = ("ZOOM2KALTURA_FILTER_EXCLUDE_TOPICS", "['^Private']");
const NOTHING: (&str, &str) = ("ZOOM2KALTURA_FILTER_EXCLUDE_TOPICS", "[]");

/// Two lectures of Ada's, and a private meeting between them.
fn campus(zoom: Zoom) -> Campus {
    let campus = Campus::of(zoom, Kaltura::start());
    campus.zoom.add_meeting(lecture("first==", 81_000_000_001, "ada", 9));
    let private = lecture("private==", 81_000_000_002, "ada", 8).topic("Private: Müller\u{200B}");
    campus.zoom.add_meeting(private.video("gallery_view", Media::mp4().salted(7)).transcript(Media::vtt()));
    campus.zoom.add_meeting(lecture("last==", 81_000_000_003, "ada", 7));
    campus
}

fn sync(campus: &Campus, rule: (&str, &str)) -> Run {
    campus.run_with(&[rule], &["sync", "--full", "--format", "json"])
}

/// Name, action and reason of each recording, in their order.
fn fates(run: &Run) -> Value {
    let fate = |item: &Value| json!([item["meeting_uuid"], item["action"], item["reason"]]);
    run.items().iter().map(fate).collect()
}

/// The same by the ledger, with how often it tells of each.
fn remembered(campus: &Campus) -> Vec<String> {
    let ledger = campus.ledger();
    let sql = "
        SELECT concat_ws(' ', meeting_uuid, action, reason, (SELECT count(*) FROM events WHERE recording = recordings.id
            AND file_id IS NULL AND event IN ('copy', 'skip')))
        FROM recordings ORDER BY meeting_uuid";
    let mut rows = ledger.prepare(sql).expect("a query");
    let rows = rows.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("texts")
}

/// Of both forms of Zoom's list.
#[test]
fn ruled_out_stand_beside_copied() {
    for zoom in [Zoom::start(), walked()] {
        let campus = campus(zoom);
        let expected =
            json!([["first==", "copy", null], ["private==", "skip", "topic_excluded"], ["last==", "copy", null],]);
        let dry = campus.run_with(&[PRIVATE], &["sync", "--full", "--dry-run", "--format", "json"]);
        assert_eq!(fates(&dry), expected);
        let run = sync(&campus, PRIVATE);
        assert_eq!((run.exit, fates(&run)), (0, expected), "{}", run.err);
        let report = run.report();
        let skipped = json!({"recordings": 1, "files": 3, "bytes": report["items"][1]["files"].as_array()
            .map(|files| files.iter().filter_map(|file| file["bytes"].as_u64()).sum::<u64>())});
        assert_eq!(report["totals"]["skip"], skipped);
        assert_eq!(report["reasons"]["topic_excluded"]["files"], 3);
        assert_eq!(report["items"][1]["topic"], "Private: Müller");
        campus.sync_until_done_with(&[PRIVATE]);
        assert_eq!(remembered(&campus), ["first== done 1", "last== done 1", "private== skip topic_excluded 1"]);
        let told = campus.run(&["explain", "private=="]).out;
        assert!(told.contains("`filter.exclude_topics`"), "{told}");
    }
}

#[test]
fn another_rule_copies_what_was_left_out() {
    let campus = campus(Zoom::start());
    campus.sync_until_done_with(&[PRIVATE]);
    assert_eq!(campus.kaltura.entries().len(), 2);
    campus.sync_until_done_with(&[NOTHING]);
    assert!(campus.kaltura.entries().iter().any(|entry| entry.reference_id.contains("private==")));
    // and what was copied stays what it is under whatever rule
    let run = sync(&campus, PRIVATE);
    assert_eq!(fates(&run)[1], json!(["private==", "done", null]), "{}", run.err);
}

/// The same list has the meeting in two pages, once under the topic that it had before.
#[test]
fn meetings_in_two_pages_count_once() {
    let in_pages: fn() -> Zoom = || Zoom::builder().page_size_cap(2).start();
    for (zoom, call) in [(in_pages, LIST), (walked, OF_USER)] {
        for renamed in [false, true] {
            let campus = campus(zoom());
            campus.zoom.answer_with(call, move |_, mut answer| {
                let list = answer["meetings"].as_array_mut().expect("a list");
                if let Some(private) = list.iter().find(|meeting| meeting["uuid"] == "private==").cloned() {
                    let mut again = private;
                    if renamed {
                        again["topic"] = json!("Another topic");
                    }
                    list.push(again);
                    answer["total_records"] = json!(answer["total_records"].as_u64().map(|total| total + 1));
                }
                answer
            });
            let run = sync(&campus, PRIVATE);
            let private: Vec<Value> =
                run.items().into_iter().filter(|item| item["meeting_uuid"] == "private==").collect();
            let action = if renamed { "copy" } else { "skip" };
            assert_eq!(private.iter().map(|item| &item["action"]).collect::<Vec<_>>(), [action], "{call} {}", run.err);
            assert_eq!(run.items().len(), 3, "{call}");
        }
    }
}

/// As its topic is another one by now.
#[test]
fn long_run_takes_up_ruled_out() {
    let campus = campus(Zoom::start());
    for number in 0..60 {
        let old = lecture(&format!("old{number}=="), 81_000_001_000 + number, "ada", 70 - number / 3);
        campus.zoom.add_meeting(old);
        let hit = usize::try_from(number).expect("a small number") + 1;
        campus.kaltura.faults().queue("uploadToken.upload", hit, Fault::Stall(Duration::from_millis(150)));
    }
    let run = campus
        .program()
        .args(["sync", "--full", "--format", "json"])
        .envs([PRIVATE, ("ZOOM2KALTURA_SYNC_RELIST_EVERY", "1s"), ("ZOOM2KALTURA_SYNC_PARALLEL", "2")])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    campus.wait_for_call("uploadToken.upload", 5);
    campus.zoom.change_meeting("private==", |meeting| meeting.topic("Optics"));
    let run = Run::of(&run.wait_with_output().expect("it ends"));
    let fates = fates(&run);
    let fates = fates.as_array().expect("a list");
    let place = fates.iter().position(|fate| fate[0] == "private==").expect("it is listed");
    assert_eq!((fates.len(), &fates[place][1]), (63, &json!("copy")));
    assert_eq!(fates.iter().filter(|fate| fate[0] == "private==").count(), 1);
    assert_eq!(fates[place - 1][0], "first==", "it has its place in the order of the recordings");
    campus.sync_until_done();
}
