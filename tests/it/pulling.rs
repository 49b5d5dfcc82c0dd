//! Kaltura's import workers fetch from Zoom: nothing is lost or doubled, and one token leaves, for one meeting.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use standin::fault::Fault;
use standin::kaltura::{IMPORTER, Importers, Kaltura};
use standin::media::Media;
use standin::zoom::{Meeting, Zoom};

use crate::arrived::{differences, expected, found};
use crate::campus::{Campus, lecture};

/// Pull mode, failures that are due again at once, and little patience.
const PULL: [(&str, &str); 4] = [
    ("ZOOM2KALTURA_SYNC_TRANSFER", "pull"),
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "200ms"),
    ("ZOOM2KALTURA_HTTP_RETRIES", "0"),
];

/// An importer that is patient for a moment only.
fn campus() -> Campus {
    of(Zoom::start())
}

fn of(zoom: Zoom) -> Campus {
    Campus::of(zoom, Kaltura::builder().import_again_after(Duration::from_millis(50)).start())
}

fn seminar(host: &str) -> Meeting {
    lecture("seminar==", 81_000_000_001, host, 5)
        .video("gallery_view", Media::mp4().salted(7).padded_to(8_000))
        .transcript(Media::vtt())
}

fn with_one_lecture() -> Campus {
    let campus = campus();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus
}

/// Runs until all is as it must be; what it said.
fn arrives(campus: &Campus) -> String {
    let mut said = String::new();
    for _ in 0..40 {
        let run = campus.run_with(&PULL, &["sync", "--format", "json"]);
        assert!([0, 3, 5].contains(&run.exit), "{} {}", run.exit, run.err);
        said += &run.err;
        if run.exit == 0 && !run.waits_for_kaltura() {
            break;
        }
        std::thread::sleep(Duration::from_millis(30));
    }
    let differences = differences(&expected(campus), &found(campus));
    assert!(differences.is_empty(), "{}\n{said}", differences.join("\n"));
    said
}

/// Until every entry is in this status.
fn wait_for(campus: &Campus, status: i32) {
    for _ in 0..400 {
        if campus.kaltura.alive().iter().all(|entry| entry.status == status) {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("{:?}", campus.kaltura.alive());
}

fn item(campus: &Campus) -> Value {
    campus.run_with(&PULL, &["sync", "--format", "json"]).report()["items"][0].clone()
}

/// How many downloads from the CDN were Kaltura's, and how many others there were.
fn downloads(campus: &Campus) -> (usize, usize) {
    let all = campus.zoom.cdn_log().all().into_iter().filter(|request| request.call == "CDN");
    let (theirs, ours): (Vec<_>, Vec<_>) = all.partition(|request| request.header("user-agent") == IMPORTER);
    (theirs.len(), ours.len())
}

#[test]
fn kaltura_fetches_each_view_once() {
    let campus = campus();
    campus.kaltura.set_importers(Importers::Busy);
    campus.zoom.add_meeting(seminar("ada"));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    let run = campus.run_with(&PULL, &["sync", "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    let files = &run.report()["items"][0]["files"];
    let results: Vec<_> = files.as_array().expect("files").iter().map(|file| file["result"].clone()).collect();
    assert_eq!(results, ["importing", "importing", "done"], "the captions wait for nothing");
    assert_eq!((item(&campus)["action"].clone(), item(&campus)["reason"].clone()), (json!("wait"), json!("importing")));
    campus.kaltura.set_importers(Importers::Work);
    arrives(&campus);
    assert_eq!(campus.kaltura.log().count("uploadToken.upload"), 0, "no byte was sent from here");
    // the fourth is the transcript
    assert_eq!(downloads(&campus), (3, 4), "each file was fetched once, and its first bytes looked at once");
    campus.kaltura.log().clear();
    campus.run_with(&PULL, &["sync"]);
    assert_eq!(campus.kaltura.log().count("media.get"), 0, "what is confirmed is not asked for again");
}

#[test]
fn each_recording_costs_seven_calls() {
    let cost = |recordings: i64| {
        let campus = campus();
        for number in 1..=recordings {
            campus.zoom.add_meeting(lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", 5));
        }
        campus.kaltura.set_importers(Importers::Busy);
        let one_by_one = [&PULL[..], &[("ZOOM2KALTURA_SYNC_PARALLEL", "1")]].concat();
        campus.run_with(&one_by_one, &["sync"]);
        let is_part = |target: &str, call: &str| target.contains("multirequest") && call != "multirequest";
        let calls = |campus: &Campus| {
            let kaltura = campus.kaltura.log().all();
            let kaltura = kaltura.iter().filter(|call| !is_part(&call.target, &call.call)).count();
            campus.zoom.log().len() + campus.zoom.cdn_log().len() + kaltura
        };
        let handed_over = calls(&campus);
        campus.kaltura.set_importers(Importers::Work);
        wait_for(&campus, 2);
        campus.kaltura.log().clear();
        campus.run_with(&one_by_one, &["sync"]);
        let confirmed = campus.kaltura.log().count("multirequest");
        arrives(&campus);
        (handed_over, confirmed)
    };
    let (one, three) = (cost(1), cost(3));
    // a token for its files, its first bytes from Zoom and from its CDN, the claim and its end, the entry, where its bytes are
    assert_eq!(three.0 - one.0, 2 * 7, "the owner, and who he is, is asked for once");
    assert_eq!((one.1, three.1), (1, 1));
}

/// It goes in a header, and lives as long as Kaltura has.
#[test]
fn token_opens_one_meeting_only() {
    let campus = with_one_lecture();
    campus.run_with(&PULL, &["sync"]);
    let asked = campus.zoom.log().all().into_iter().find(|call| call.target.contains("download_access_token"));
    assert!(asked.expect("a token was asked for").target.contains("ttl=7200"));
    let told: Vec<_> = campus.kaltura.log().all().into_iter().filter(|call| call.call == "media.addContent").collect();
    let params: Value = serde_json::from_str(&told[0].body).expect("JSON");
    let resource = &params["resource"];
    let header = resource["urlHeaders"][0]["value"].as_str().expect("a header");
    let token = header.strip_prefix("Authorization: Bearer ").expect("a token");
    let url = resource["url"].as_str().expect("a URL");
    assert!(told.len() == 1 && url.contains("/rec/download/") && !url.contains(token), "{url}");
    // the stand-in says so if the account's token goes there
    let others = campus.zoom.secrets().into_iter().filter(|secret| secret != token);
    for call in campus.kaltura.log().all() {
        assert!(!others.clone().any(|secret| call.body.contains(&secret)), "{}", call.call);
    }
    arrives(&campus);
}

#[test]
fn without_meeting_token_bytes_pass_here() {
    let campus = of(Zoom::builder().without_download_tokens().start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    let said = arrives(&campus);
    assert!(said.contains("must not get the account's"), "{said}");
    assert_eq!(downloads(&campus).0, 0);
}

#[test]
fn foreign_download_host_gets_no_import() {
    let campus = with_one_lecture();
    let elsewhere = [&PULL[..], &[("ZOOM2KALTURA_ZOOM_DOWNLOAD_HOSTS", "zoom.us")]].concat();
    assert_eq!(campus.run_with(&elsewhere, &["sync"]).exit, 4);
    // an entry made before the setting was changed
    campus.kaltura.faults().queue("media.addContent", 1, Fault::Reset);
    campus.kaltura.faults().queue("media.addContent", 2, Fault::Reset);
    campus.run_with(&PULL, &["sync"]);
    assert_eq!(campus.kaltura.entries().len(), 1);
    campus.kaltura.log().clear();
    assert_eq!(campus.run_with(&elsewhere, &["sync"]).exit, 4);
    assert_eq!(campus.kaltura.log().count("media.addContent"), 0);
    arrives(&campus);
}

#[test]
fn what_kaltura_cannot_fetch_is_streamed() {
    let campus = campus();
    campus.kaltura.set_importers(Importers::CutOff);
    campus.zoom.add_meeting(seminar("ada"));
    campus.run_with(&PULL, &["sync"]);
    wait_for(&campus, -2);
    campus.setup.age_imports(TimeDelta::minutes(11));
    let told = campus.run_with(&PULL, &["sync", "--format", "json"]);
    assert_eq!(told.exit, 0, "{}", told.err);
    assert!(
        told.err.contains("\"Lecture 81000000001\" of ") && told.err.contains("Kaltura did not fetch it from Zoom")
    );
    assert_eq!(told.report()["items"][0]["reason"], "import_refused");
    arrives(&campus);
    assert_eq!((campus.kaltura.log().count("uploadToken.upload"), downloads(&campus).0), (2, 0));
    let explained = campus.run(&["explain", "Lecture 81000000001"]).out;
    assert!(explained.contains("Kaltura did not fetch it, and it is streamed instead"), "{explained}");
}

#[test]
fn overdue_import_is_streamed() {
    let campus = with_one_lecture();
    campus.kaltura.set_importers(Importers::Busy);
    let impatient = [&PULL[..], &[("ZOOM2KALTURA_SYNC_PULL_WITHIN", "1s")]].concat();
    campus.run_with(&impatient, &["sync"]);
    let first = campus.kaltura.alive()[0].id.clone();
    assert_eq!(campus.run_with(&impatient, &["sync", "--format", "json"]).report()["items"][0]["reason"], "importing");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(
        campus.run_with(&impatient, &["sync", "--format", "json"]).report()["items"][0]["reason"],
        "import_failed"
    );
    campus.run_with(&impatient, &["sync"]);
    assert!(campus.kaltura.alive().len() == 1 && campus.kaltura.alive()[0].id != first, "{:?}", campus.kaltura.alive());
    campus.kaltura.set_importers(Importers::Work);
    arrives(&campus);
    assert_eq!(downloads(&campus).0, 0, "the import of a deleted entry does nothing any more");
}

#[test]
fn late_import_may_be_the_copy() {
    let campus = with_one_lecture();
    campus.zoom.faults().queue("CDN", 2, Fault::Halt { after: 3000, pause: Duration::from_secs(4) });
    let impatient = [&PULL[..], &[("ZOOM2KALTURA_SYNC_PULL_WITHIN", "1s")]].concat();
    campus.run_with(&impatient, &["sync"]);
    std::thread::sleep(Duration::from_millis(1100));
    let told = campus.run_with(&impatient, &["sync", "--format", "json"]).report();
    assert_eq!(told["items"][0]["reason"], "import_failed");
    wait_for(&campus, 2);
    arrives(&campus);
    assert_eq!((campus.kaltura.entries().len(), campus.kaltura.log().count("uploadToken.upload")), (1, 0));
}

#[test]
fn fetched_page_is_deleted_and_streamed() {
    for page in [Fault::html(), Fault::json(200, r#"{"status":false,"errorCode":124}"#)] {
        let campus = with_one_lecture();
        campus.zoom.faults().queue("CDN", 2, page);
        arrives(&campus);
        assert_eq!(campus.kaltura.entries().len(), 2, "the entry with the page was deleted");
    }
}

#[test]
fn view_fetched_as_page_is_streamed() {
    let campus = campus();
    campus.kaltura.set_importers(Importers::Busy);
    let views =
        lecture("ada==", 81_000_000_001, "ada", 5).video("gallery_view", Media::mp4().salted(7).padded_to(8_000));
    campus.zoom.add_meeting(views.clone());
    campus.run_with(&PULL, &["sync"]);
    campus
        .zoom
        .change_meeting("ada==", |meeting| meeting.always(Fault::json(200, r#"{"status":false,"errorCode":124}"#)));
    campus.kaltura.set_importers(Importers::Work);
    while campus.kaltura.alive().iter().any(|entry| entry.status != 2) {
        std::thread::sleep(Duration::from_millis(20));
    }
    campus.zoom.change_meeting("ada==", |_| views);
    arrives(&campus);
}

#[test]
fn reason_says_what_was_fetched() {
    let of_text = Fault::json(200, r#"{"status":false,"errorCode":124}"#);
    let cases = [(Fault::html(), -2, "import_got_page"), (of_text, 2, "import_got_page")];
    for (fault, status, reason) in cases {
        let campus = with_one_lecture();
        campus.zoom.faults().queue("CDN", 2, fault);
        campus.run_with(&PULL, &["sync"]);
        wait_for(&campus, status);
        assert_eq!(item(&campus)["reason"], reason);
        arrives(&campus);
    }
}

#[test]
fn kaltura_repeats_a_failed_import() {
    let campus = with_one_lecture();
    campus.zoom.faults().queue("CDN", 2, Fault::Cut(3_000));
    arrives(&campus);
    assert_eq!((campus.kaltura.entries().len(), downloads(&campus)), (1, (2, 1)));
}

#[test]
fn mangled_address_is_streamed() {
    let campus = campus();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).behind_two_slashes());
    arrives(&campus);
    assert_eq!(downloads(&campus).0, 0);
    assert_eq!(campus.kaltura.entries().len(), 1);
}

#[test]
fn refused_addresses_are_streamed_at_once() {
    let campus = with_one_lecture();
    campus.kaltura.set_importers(Importers::Refused);
    let run = campus.run_with(&PULL, &["-vvv", "sync", "--format", "json"]);
    assert_ne!(run.report()["items"][0]["result"], "importing", "{}", run.err);
    assert_eq!(campus.kaltura.log().count("uploadToken.upload"), 1);
    assert!(run.err.contains("Kaltura does not fetch from Zoom"), "{}", run.err);
    for secret in campus.secrets() {
        assert!(!run.err.contains(&secret), "{secret} shows in:\n{}", run.err);
    }
    arrives(&campus);
}

#[test]
fn unanswered_entry_is_found_by_mark() {
    let campus = with_one_lecture();
    campus.kaltura.delay_index(Duration::from_millis(100));
    campus.kaltura.faults().queue("media.add", 1, Fault::LostAnswer);
    assert_eq!(campus.run_with(&PULL, &["sync"]).exit, 0);
    arrives(&campus);
    assert_eq!(campus.kaltura.log().count("media.add"), 1);
}

#[test]
fn twin_of_hidden_entry_goes() {
    let campus = with_one_lecture();
    campus.kaltura.freeze_index(true);
    campus.kaltura.faults().queue("media.add", 1, Fault::LostAnswer);
    campus.run_with(&PULL, &["sync"]);
    let statuses: Vec<_> = campus.kaltura.entries().iter().map(|entry| entry.status == 7).collect();
    assert_eq!(statuses, [true, false], "the twin has no content");
    std::thread::sleep(Duration::from_millis(150));
    for _ in 0..3 {
        let item = item(&campus);
        assert!(["importing", "in_conversion"].contains(&item["reason"].as_str().expect("a reason")), "{item}");
    }
    campus.kaltura.freeze_index(false);
    arrives(&campus);
}

#[test]
fn told_address_is_not_told_twice() {
    let campus = with_one_lecture();
    campus.kaltura.faults().queue("media.addContent", 1, Fault::LostAnswer);
    campus.kaltura.freeze_index(true);
    assert_eq!(campus.run_with(&PULL, &["sync"]).exit, 0);
    campus.kaltura.freeze_index(false);
    arrives(&campus);
    let log = campus.kaltura.log();
    assert_eq!((log.count("media.add"), log.count("media.addContent")), (1, 1));
}

#[test]
fn late_requests_make_nothing_twice() {
    for call in ["media.add", "media.addContent"] {
        for late in [20, 100, 400] {
            let campus = with_one_lecture();
            campus.kaltura.faults().queue(call, 1, Fault::Late(Duration::from_millis(late)));
            campus.run_with(&PULL, &["sync"]);
            std::thread::sleep(Duration::from_millis(300));
            arrives(&campus);
        }
    }
}

#[test]
fn broken_index_delays_never_doubles() {
    type Mood = fn(&Kaltura, bool);
    let moods: [Mood; 2] = [Kaltura::freeze_index, Kaltura::break_index];
    for mood in moods {
        for (lost, hit) in
            [("", 0), ("media.add", 1), ("media.add", 2), ("media.addContent", 1), ("media.addContent", 2)]
        {
            let campus = campus();
            campus.zoom.add_meeting(seminar("ada"));
            if hit > 0 {
                campus.kaltura.faults().queue(lost, hit, Fault::LostAnswer);
                campus.run_with(&PULL, &["sync"]);
            }
            mood(&campus.kaltura, true);
            for _ in 0..2 {
                campus.run_with(&PULL, &["sync"]);
            }
            mood(&campus.kaltura, false);
            arrives(&campus);
        }
    }
}

#[test]
fn entry_deleted_while_fetched_stays_deleted() {
    let campus = with_one_lecture();
    campus.kaltura.set_importers(Importers::Busy);
    campus.run_with(&PULL, &["sync"]);
    campus.kaltura.delete_entry(&campus.kaltura.alive()[0].id);
    for _ in 0..2 {
        assert_eq!(item(&campus)["reason"], "deleted_in_kaltura");
    }
    assert!(campus.kaltura.alive().is_empty());
}

#[test]
fn ledger_lost_while_fetching_doubles_nothing() {
    let campus = campus();
    campus.kaltura.set_importers(Importers::Busy);
    campus.zoom.add_meeting(seminar("ada"));
    campus.run_with(&PULL, &["sync"]);
    campus.lose_ledger();
    campus.kaltura.set_importers(Importers::Work);
    arrives(&campus);
}

#[test]
fn either_way_finishes_the_other() {
    let stream = [&[("ZOOM2KALTURA_SYNC_TRANSFER", "stream")], &PULL[1..]].concat();
    let pulled = [
        ("media.add", Fault::LostAnswer),
        ("media.add", Fault::Reset),
        ("media.addContent", Fault::LostAnswer),
        ("media.addContent", Fault::Reset),
    ];
    let streamed = [
        ("multirequest of media.add", Fault::LostAnswer),
        ("multirequest of media.add", Fault::Reset),
        ("multirequest of uploadToken.add", Fault::LostAnswer),
        ("uploadToken.upload", Fault::Reset),
        ("uploadToken.upload", Fault::LostAnswer),
    ];
    let ways = [(&PULL[..], &stream[..], &pulled[..]), (&stream[..], &PULL[..], &streamed[..])];
    std::thread::scope(|scope| {
        for (first, then, faults) in ways {
            for (call, fault) in faults {
                for importers in [Importers::Work, Importers::CutOff] {
                    scope.spawn(move || finished_the_other_way((first, then), (call, fault), importers));
                }
            }
        }
    });
}

type Settings<'a> = &'a [(&'a str, &'a str)];

fn finished_the_other_way((first, then): (Settings, Settings), (call, fault): (&str, &Fault), importers: Importers) {
    let campus = campus();
    campus.zoom.add_meeting(seminar("ada"));
    campus.kaltura.set_importers(importers);
    // a claim whose answer was lost is repeated in the run
    let hits = if call == "multirequest of uploadToken.add" { 1 } else { 2 };
    for hit in 1..=hits {
        campus.kaltura.faults().queue(call, hit, fault.clone());
    }
    // what was made stays in doubt to the end of the run
    campus.kaltura.freeze_index(true);
    campus.run_with(first, &["sync"]);
    campus.kaltura.freeze_index(false);
    campus.kaltura.log().clear();
    campus.run_with(then, &["sync"]);
    let tokens = campus.kaltura.log().all().iter().filter(|call| call.body.contains("urlHeaders")).count();
    assert!(tokens == 0 || then[0].1 == "pull", "{call}: no token leaves once pull mode is off");
    campus.kaltura.set_importers(Importers::Work);
    for _ in 0..30 {
        let run = campus.run_with(then, &["sync", "--format", "json"]);
        if run.exit == 0 && !run.waits_for_kaltura() {
            break;
        }
        std::thread::sleep(Duration::from_millis(30));
    }
    let differences = differences(&expected(&campus), &found(&campus));
    assert!(differences.is_empty(), "{call} {fault:?} {importers:?}: {}", differences.join("\n"));
}
