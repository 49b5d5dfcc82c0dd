//! An outage is reported when it begins, once a day, and when it ends: on stderr, which cron mails, and by events, in the same
//! words as `status --alert` has.

use chrono::TimeDelta;
use serde_json::Value;
use standin::fault::Fault;
use standin::receiver::Receiver;

use crate::campus::{Campus, Run, lecture};

/// Nobody listens there.
const ZOOM_DOWN: (&str, &str) = ("ZOOM2KALTURA_ZOOM_OAUTH_URL", "http://127.0.0.1:1/oauth/token");

fn sync(campus: &Campus, receiver: &Receiver, more: &[(&str, &str)]) -> Run {
    let url = receiver.hook_url();
    let run = campus.run_with(&[&[("ZOOM2KALTURA_NOTIFY_WEBHOOK_URL", url.as_str())], more].concat(), &["sync"]);
    assert_eq!(receiver.violations(), Vec::<String>::new());
    run
}

/// Lets so much time pass since the last report.
fn age(campus: &Campus, by: TimeDelta) {
    let by = format!("-{} seconds", by.num_seconds());
    let sql = "UPDATE told SET at = strftime('%Y-%m-%dT%H:%M:%SZ', at, ?1)";
    campus.ledger().execute(sql, [&by]).expect("what was reported");
}

/// Alarm and state, of all alerts in order.
fn told(receiver: &Receiver) -> Vec<String> {
    let alarms =
        receiver.events().into_iter().flat_map(|event| event["alarms"].as_array().cloned().unwrap_or_default());
    alarms.map(|alarm| format!("{} {}", word(&alarm["alarm"]), word(&alarm["state"]))).collect()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn last_text(receiver: &Receiver) -> String {
    receiver.events().last().map(|event| word(&event["text"])).unwrap_or_default()
}

#[test]
fn outages_are_mailed_three_times() {
    let (campus, receiver) = (Campus::with_lecture(), Receiver::start());
    campus.sync_until_done();
    let mut expected = Vec::new();
    let mut down = |hushed: bool, news: &[&str]| {
        let run = sync(&campus, &receiver, &[ZOOM_DOWN]);
        assert_eq!((run.exit, run.err.is_empty()), (5, hushed), "{}", run.err);
        expected.extend(news.iter().map(|news| (*news).to_owned()));
        assert_eq!(told(&receiver), expected);
    };
    down(false, &["zoom_down new"]);
    down(true, &[]);
    down(true, &[]);
    let alarm = campus.run(&["status", "--alert"]);
    assert_eq!(alarm.exit, 7);
    assert!(alarm.out.contains(&format!("- {}", last_text(&receiver))), "{}{}", last_text(&receiver), alarm.out);
    age(&campus, TimeDelta::days(1));
    down(false, &["zoom_down still"]);
    down(true, &[]);
    age(&campus, TimeDelta::hours(2));
    campus.zoom.add_meeting(lecture("later==", 81_000_000_002, "ada", 4));
    let run = sync(&campus, &receiver, &[]);
    assert_eq!((run.exit, run.err.lines().count()), (0, 1), "{}", run.err);
    assert!(run.err.contains(&last_text(&receiver)) && run.err.contains("Zoom answers again: "), "{}", run.err);
    assert_eq!(told(&receiver).last().map(String::as_str), Some("zoom_down resolved"));
    let run = sync(&campus, &receiver, &[]);
    assert_eq!((run.exit, run.err.as_str(), told(&receiver).len()), (0, "", 3));
    assert_eq!(campus.run(&["status", "--alert"]).exit, 0);
    // the other side, which a dry run hears of each time
    campus.zoom.add_meeting(lecture("third==", 81_000_000_003, "ada", 4));
    for hit in 1..200 {
        campus.kaltura.faults().queue("session.start", hit, Fault::answer(503, "busy"));
    }
    let runs = [0, 1].map(|_| sync(&campus, &receiver, &[]));
    assert_eq!(runs.each_ref().map(|run| (run.exit, run.err.is_empty())), [(5, false), (5, true)], "{}", runs[0].err);
    assert_eq!(told(&receiver)[3..], ["kaltura_down new"]);
    let dry = campus.run(&["sync", "--dry-run"]);
    assert!(dry.exit == 5 && !dry.err.is_empty(), "{}", dry.err);
    let verbose = campus.run(&["-v", "sync"]);
    assert!(verbose.err.contains("503"), "{}", verbose.err);
}
