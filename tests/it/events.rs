//! Events: told when they are news, once, to each receiver, and nothing of it changes the run.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::Value;
use standin::fault::Fault;
use standin::receiver::{HOOK_SECRET, Receiver};
use standin::schema::unlike_schema;

use crate::campus::{Campus, Run, lecture};
use crate::pages::{blocks, page};

/// For a receiver that says nothing.
const SHORT: (&str, &str) = ("ZOOM2KALTURA_NOTIFY_TIMEOUT", "1s");
/// A login that Zoom refuses.
const WRONG: (&str, &str) = ("ZOOM2KALTURA_ZOOM_CLIENT_SECRET", "wrong");

fn run_with(campus: &Campus, receiver: &Receiver, more: &[(&str, &str)], args: &[&str]) -> Run {
    let url = receiver.hook_url();
    let run = campus.run_with(&[&[("ZOOM2KALTURA_NOTIFY_WEBHOOK_URL", url.as_str())], more].concat(), args);
    assert_eq!(receiver.violations(), Vec::<String>::new());
    assert!(!run.err.contains(HOOK_SECRET) && !run.out.contains(HOOK_SECRET), "{}", run.err);
    run
}

fn refused(campus: &Campus, receiver: &Receiver) -> Run {
    run_with(campus, receiver, &[WRONG], &["sync"])
}

/// Lets so much time pass since anybody was told, or failed to be.
fn age(campus: &Campus, by: TimeDelta) {
    let ledger = campus.ledger();
    let by = format!("-{} seconds", by.num_seconds());
    ledger.execute("UPDATE told SET at = strftime('%Y-%m-%dT%H:%M:%SZ', at, ?1)", [&by]).expect("what was reported");
    let sql = "UPDATE meta SET value = strftime('%Y-%m-%dT%H:%M:%SZ', value, ?1) WHERE key LIKE 'rests_%'";
    ledger.execute(sql, [&by]).expect("who rests");
}

/// Alarm and state, of all alerts in order.
fn alarms(receiver: &Receiver) -> Vec<(String, String)> {
    let events = receiver.events().into_iter().filter(|event| event["event"] == "alert");
    let alarms = events.flat_map(|event| event["alarms"].as_array().cloned().unwrap_or_default());
    alarms.map(|alarm| (text(&alarm["alarm"]), text(&alarm["state"]))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn pair(alarm: &str, state: &str) -> (String, String) {
    (alarm.to_owned(), state.to_owned())
}

#[test]
fn events_shown_have_real_form() {
    let events: Vec<Value> = blocks(&page("notify"), "\n```json event\n")
        .into_iter()
        .map(|block| serde_json::from_str(block).unwrap_or_else(|error| panic!("{error}: {block}")))
        .collect();
    assert_eq!(events.len(), 2);
    for event in events {
        assert_eq!(unlike_schema("event", &event), None);
    }
    for word in zoom2kaltura::ALARM_WORDS {
        assert!(page("reference").contains(&format!("`{word}`")), "{word} is not explained");
    }
}

#[test]
fn good_run_tells_nobody() {
    let (campus, receiver) = (Campus::new(), Receiver::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 1));
    for _ in 0..3 {
        let run = run_with(&campus, &receiver, &[], &["sync"]);
        assert_eq!((run.exit, run.err.as_str()), (0, ""));
    }
    run_with(&campus, &receiver, &[], &["purge"]);
    assert_eq!(receiver.log().calls(), Vec::<String>::new());
}

#[test]
fn alarm_repeats_daily_until_resolved() {
    let (campus, receiver) = (Campus::new(), Receiver::start());
    run_with(&campus, &receiver, &[], &["sync"]);
    for _ in 0..3 {
        assert_eq!(refused(&campus, &receiver).exit, 4);
    }
    run_with(&campus, &receiver, &[], &["purge"]);
    assert_eq!(alarms(&receiver), [pair("sync_failed", "new")]);
    age(&campus, TimeDelta::hours(23));
    refused(&campus, &receiver);
    assert_eq!(alarms(&receiver).len(), 1);
    age(&campus, TimeDelta::hours(1));
    refused(&campus, &receiver);
    refused(&campus, &receiver);
    assert_eq!(alarms(&receiver)[1..], [pair("sync_failed", "still")]);
    for _ in 0..2 {
        run_with(&campus, &receiver, &[], &["sync"]);
    }
    assert_eq!(alarms(&receiver)[2..], [pair("sync_failed", "resolved")]);
}

#[test]
fn run_at_work_resolves_no_alarm() {
    let (campus, receiver) = (Campus::new(), Receiver::start());
    run_with(&campus, &receiver, &[], &["sync"]);
    refused(&campus, &receiver);
    let ledger = campus.ledger();
    let sql = "INSERT INTO runs (id, command, started) VALUES ('at work', 'sync', strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '1 hour'))";
    ledger.execute(sql, []).expect("a run at work");
    run_with(&campus, &receiver, &[], &["purge"]);
    assert_eq!(alarms(&receiver), [pair("sync_failed", "new")]);
}

/// Another one is news after an hour.
#[test]
fn given_up_recordings_are_named() {
    let (campus, receiver) = (Campus::new(), Receiver::start());
    let settings = [("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "1")];
    let give_up = |uuid: &str, number| {
        campus.zoom.add_meeting(lecture(uuid, number, "ada", 1));
        campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
        run_with(&campus, &receiver, &settings, &["sync"]);
    };
    give_up("one==", 81_000_000_001);
    assert_eq!(alarms(&receiver), [pair("given_up", "new")]);
    let alarm = &receiver.events()[0]["alarms"][0];
    assert_eq!(
        (alarm["count"].as_u64(), text(&alarm["items"][0]["topic"])),
        (Some(1), "Lecture 81000000001".to_owned())
    );
    assert!(text(&alarm["items"][0]["error"]).contains("404"), "{alarm}");
    give_up("two==", 81_000_000_002);
    assert_eq!(alarms(&receiver).len(), 1, "they were told of a moment ago");
    age(&campus, TimeDelta::hours(1));
    run_with(&campus, &receiver, &settings, &["sync"]);
    assert_eq!(alarms(&receiver)[1..], [pair("given_up", "new")]);
    assert_eq!(receiver.events()[1]["alarms"][0]["count"], 2);
}

#[test]
fn purge_that_deletes_is_reported_once() {
    let (campus, receiver) = (Campus::new(), Receiver::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    campus.sync_until_done();
    campus.setup.age_confirmations(TimeDelta::hours(25));
    let settings = [("ZOOM2KALTURA_PURGE_MAX_ORPHAN_PERCENT", "100")];
    for _ in 0..2 {
        run_with(&campus, &receiver, &settings, &["purge"]);
    }
    let events = receiver.events();
    assert_eq!(events.len(), 1, "{events:#?}");
    assert_eq!((text(&events[0]["event"]), events[0]["deleted"].as_u64()), ("purge".to_owned(), Some(1)));
    assert_eq!(text(&events[0]["items"][0]["host_email"]), "guest@elsewhere.example");
}

const ALL: (&str, &str) = ("ZOOM2KALTURA_NOTIFY_RECORDINGS", "all");

/// Runs `sync` until nothing is in conversion any more, and once more.
fn until_done(campus: &Campus, receiver: &Receiver, more: &[(&str, &str)]) {
    for _ in 0..3 {
        run_with(campus, receiver, more, &["sync"]);
        // Kaltura takes 50 ms, a run on an idle machine less
        std::thread::sleep(Duration::from_millis(80));
    }
}

/// Host and state of each event on a recording, sorted.
fn of_recordings(receiver: &Receiver) -> Vec<(String, String)> {
    let events = receiver.events().into_iter().filter(|event| event["event"] == "recording");
    let mut found: Vec<_> =
        events.map(|event| (text(&event["recording"]["host_email"]), text(&event["state"]))).collect();
    found.sort();
    found
}

#[test]
fn hosts_hear_each_state_once() {
    let (campus, receiver) = (Campus::with_two_recordings(), Receiver::start());
    let link = ("ZOOM2KALTURA_KALTURA_ENTRY_LINK", "https://video.example.edu/media/t/{entry_id}");
    until_done(&campus, &receiver, &[ALL, link]);
    let expected = [pair("ada@uni.example", "arrived"), pair("guest@elsewhere.example", "held")];
    assert_eq!(of_recordings(&receiver), expected);
    for event in receiver.events() {
        let entry = text(&event["recording"]["entry_id"]);
        assert_eq!(text(&event["link"]), format!("https://video.example.edu/media/t/{entry}"));
        assert_eq!(event["deleted_after"].is_string(), event["state"] == "held", "{event}");
    }
    let ledger = campus.ledger();
    let left: i64 = ledger.query_row("SELECT count(*) FROM news", [], |row| row.get(0)).expect("a number");
    assert_eq!(left, 0, "what was told is forgotten");
    campus.kaltura.add_user("guest@elsewhere.example", "guest@elsewhere.example");
    until_done(&campus, &receiver, &[ALL, link]);
    assert_eq!(of_recordings(&receiver)[2..], [pair("guest@elsewhere.example", "held")]);
    assert_eq!(of_recordings(&receiver)[1], pair("guest@elsewhere.example", "handed_over"));
}

/// And nothing of the past once it is asked for.
#[test]
fn hosts_hear_only_what_is_asked() {
    let (campus, receiver) = (Campus::with_two_recordings(), Receiver::start());
    until_done(&campus, &receiver, &[]);
    until_done(&campus, &receiver, &[ALL]);
    assert!(of_recordings(&receiver).is_empty());
    let (campus, receiver) = (Campus::with_two_recordings(), Receiver::start());
    until_done(&campus, &receiver, &[("ZOOM2KALTURA_NOTIFY_RECORDINGS", "orphans")]);
    assert_eq!(of_recordings(&receiver), [pair("guest@elsewhere.example", "held")]);
}

#[test]
fn lost_ledger_tells_nobody_twice() {
    let (campus, receiver) = (Campus::with_two_recordings(), Receiver::start());
    until_done(&campus, &receiver, &[ALL]);
    fs::remove_file(campus.setup.ledger_file()).expect("a ledger to lose");
    until_done(&campus, &receiver, &[ALL]);
    assert_eq!(of_recordings(&receiver).len(), 2);
}

/// What it refuses is not sent again.
#[test]
fn busy_webhook_is_told_later() {
    let (campus, receiver) = (Campus::with_two_recordings(), Receiver::start());
    receiver.faults().queue("hook", 1, Fault::answer(503, "busy"));
    until_done(&campus, &receiver, &[ALL]);
    assert_eq!(receiver.log().count("hook"), 1, "it is left alone for a while");
    age(&campus, TimeDelta::minutes(15));
    until_done(&campus, &receiver, &[ALL]);
    assert_eq!(receiver.log().count("hook"), 3);
    let (campus, receiver) = (Campus::with_two_recordings(), Receiver::start());
    receiver.faults().queue("hook", 1, Fault::answer(400, "no"));
    until_done(&campus, &receiver, &[ALL]);
    assert_eq!(receiver.log().count("hook"), 2);
}

/// The alarm is sent later.
#[test]
fn broken_webhook_is_one_warning() {
    let elsewhere = vec![("location", "http://127.0.0.1:9/".to_owned())];
    let faults = [
        (Fault::answer(500, "no"), "it answered 500"),
        (Fault::answer(404, "no"), "it answered 404"),
        (Fault::Reset, "the connection broke"),
        (Fault::Stall(Duration::from_secs(60)), "no answer within 1 s"),
        (Fault::Answer { status: 302, headers: elsewhere, body: String::new() }, "it answered 302; redirects are not"),
    ];
    let campus = Campus::new();
    run_with(&campus, &Receiver::start(), &[], &["sync"]);
    for (fault, said) in faults {
        let receiver = Receiver::start();
        receiver.faults().queue("hook", 1, fault.clone());
        let patience = if matches!(fault, Fault::Stall(_)) { &[WRONG, SHORT][..] } else { &[WRONG] };
        let run = run_with(&campus, &receiver, patience, &["sync"]);
        assert_eq!(run.exit, 4, "{fault:?}");
        assert!(
            run.err.contains(&format!("WARN notify.webhook_url: the notification was not delivered: {said}")),
            "{fault:?}: {}",
            run.err
        );
        let again = refused(&campus, &receiver);
        assert!(!again.err.contains("WARN") && receiver.log().count("hook") == 1, "{}", again.err);
        age(&campus, TimeDelta::minutes(15));
    }
    let receiver = Receiver::start();
    refused(&campus, &receiver);
    assert_eq!(alarms(&receiver), [pair("sync_failed", "new")]);
}

#[test]
fn dry_and_locked_runs_stay_silent() {
    let (campus, receiver) = (Campus::with_two_recordings(), Receiver::start());
    assert_eq!(run_with(&campus, &receiver, &[ALL, WRONG], &["sync", "--dry-run"]).exit, 4);
    let _lock = campus.hold_lock("run.lock");
    assert_eq!(run_with(&campus, &receiver, &[ALL], &["sync"]).exit, 75);
    assert_eq!(receiver.log().calls(), Vec::<String>::new());
}

/// Lets both recordings arrive while the webhook takes nothing, so that the next run has something to tell.
fn untold(campus: &Campus, receiver: &Receiver) {
    receiver.faults().queue("hook", 1, Fault::answer(503, "busy"));
    until_done(campus, receiver, &[ALL]);
    assert_eq!(receiver.log().count("hook"), 1);
    age(campus, TimeDelta::minutes(15));
}

#[test]
fn next_run_repeats_killed_delivery() {
    let (campus, receiver) = (Campus::with_two_recordings(), Receiver::start());
    untold(&campus, &receiver);
    receiver.faults().queue("hook", 1, Fault::Stall(Duration::from_secs(60)));
    receiver.log().clear();
    let mut run = campus
        .program()
        .arg("sync")
        .envs([ALL, ("ZOOM2KALTURA_NOTIFY_WEBHOOK_URL", &receiver.hook_url()), ("ZOOM2KALTURA_NOTIFY_TIMEOUT", "30s")])
        .spawn()
        .expect("the program starts");
    let began = Instant::now();
    while receiver.log().count("hook") == 0 {
        assert!(began.elapsed() < Duration::from_secs(30), "nobody was told");
        std::thread::sleep(Duration::from_millis(10));
    }
    run.kill().expect("a kill");
    run.wait().expect("its end");
    until_done(&campus, &receiver, &[ALL]);
    let ids: Vec<_> = receiver.events().iter().map(|event| text(&event["id"])).collect();
    assert_eq!((ids.len(), &ids[0]), (3, &ids[1]), "told again, under the same id: {ids:?}");
}

#[test]
fn signal_ends_delivery_at_once() {
    let (campus, receiver) = (Campus::with_two_recordings(), Receiver::start());
    untold(&campus, &receiver);
    for call in ["hook", "ping start", "ping"] {
        receiver.faults().queue(call, 1, Fault::Stall(Duration::from_secs(60)));
    }
    receiver.log().clear();
    let run = campus
        .program()
        .arg("sync")
        .envs([ALL, ("ZOOM2KALTURA_NOTIFY_WEBHOOK_URL", &receiver.hook_url()), ("ZOOM2KALTURA_NOTIFY_TIMEOUT", "1m")])
        .env("ZOOM2KALTURA_NOTIFY_PING_URL", receiver.ping_url())
        .spawn();
    let mut run = run.expect("the program starts");
    let began = Instant::now();
    while receiver.log().count("hook") == 0 {
        assert!(began.elapsed() < Duration::from_secs(30), "nobody was told");
        std::thread::sleep(Duration::from_millis(10));
    }
    let told = Instant::now();
    std::process::Command::new("kill").args(["-TERM", &run.id().to_string()]).status().expect("the signal is sent");
    assert_eq!(run.wait().expect("its end").code(), Some(143));
    assert!(told.elapsed() < Duration::from_secs(10), "it took {:?}", told.elapsed());
    until_done(&campus, &receiver, &[ALL]);
    assert_eq!(of_recordings(&receiver).len(), 3);
}

#[test]
fn runs_deliver_one_after_another() {
    let (campus, receiver) = (Campus::with_two_recordings(), Receiver::start());
    let lock = campus.hold_lock("tell.lock");
    until_done(&campus, &receiver, &[ALL, SHORT]);
    assert_eq!(receiver.log().count("hook"), 0, "somebody else is telling");
    drop(lock);
    until_done(&campus, &receiver, &[ALL]);
    assert_eq!(of_recordings(&receiver).len(), 2);
}

/// A shell script in the campus's folder, as a command to be told by.
fn script(campus: &Campus, body: &str) -> String {
    let path = campus.setup.path().join("told.sh");
    fs::write(&path, format!("#!/bin/sh\ncd '{}'\n{body}\n", campus.setup.path().display())).expect("a script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its rights");
    path.display().to_string()
}

/// A `sync` that is refused, with this command to be told, and how long it took.
fn told_by(campus: &Campus, command: &str, timeout: &str) -> (Run, Duration) {
    let settings = [WRONG, ("ZOOM2KALTURA_NOTIFY_COMMAND", command), ("ZOOM2KALTURA_NOTIFY_TIMEOUT", timeout)];
    let began = Instant::now();
    let run = campus.run_with(&settings, &["sync"]);
    assert_eq!(run.exit, 4, "{}", run.err);
    (run, began.elapsed())
}

/// Without a shell, and without secrets in its environment.
#[test]
fn command_gets_event_on_stdin() {
    let campus = Campus::new();
    let told = script(&campus, "cat > event; env > environment; printf '%s|' \"$@\" > arguments");
    let (run, _) = told_by(&campus, &format!("{told} --to 'physics team' '$HOME;`x`'"), "30s");
    assert!(!run.err.contains("WARN"), "{}", run.err);
    let read = |name: &str| fs::read_to_string(campus.setup.path().join(name)).expect("what it was given");
    let event: Value = serde_json::from_str(&read("event")).expect("JSON");
    assert_eq!(unlike_schema("event", &event), None);
    assert_eq!(event["event"], "alert");
    assert_eq!(read("arguments"), "--to|physics team|$HOME;`x`|");
    assert!(!read("environment").contains("ZOOM2KALTURA_") && read("environment").contains("PATH="));
}

#[test]
fn failing_command_warns_with_last_words() {
    let campus = Campus::new();
    let told = script(&campus, "echo first >&2; echo 'no such list: physics' >&2; exit 3");
    let (run, _) = told_by(&campus, &told, "30s");
    let warning =
        "WARN notify.command: the notification was not delivered: it ended with exit code 3: no such list: physics";
    assert!(run.err.contains(warning), "{}", run.err);
    age(&campus, TimeDelta::minutes(15));
    let (run, _) = told_by(&campus, "/nowhere/at/all", "30s");
    assert!(
        run.err.contains("WARN notify.command: the notification was not delivered: it cannot be started: No such file"),
        "{}",
        run.err
    );
}

#[test]
fn deaf_or_noisy_command_is_harmless() {
    let campus = Campus::new();
    let told = script(
        &campus,
        "exec <&-; i=0; while [ $i -lt 20000 ]; do echo 0123456789012345678901234567890; echo 01234567890123456789 >&2; i=$((i+1)); done; exit 0",
    );
    let (run, _) = told_by(&campus, &told, "30s");
    assert!(!run.err.contains("WARN") && !run.out.contains("0123"), "{}", run.err);
}

#[test]
fn hanging_command_is_killed_with_children() {
    let campus = Campus::new();
    let told = script(&campus, "sleep 60 & echo $! > child; wait; echo survived > survived");
    let (run, took) = told_by(&campus, &told, "2s");
    assert!(run.err.contains("it took longer than 2 s and was killed"), "{}", run.err);
    assert!(took < Duration::from_secs(30), "{took:?}");
    let child = fs::read_to_string(campus.setup.path().join("child")).expect("a child");
    // the signal is on its way: it ends once it has a processor
    let is_over = || {
        let state = fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
        state.is_empty() || state.contains(") Z ")
    };
    let began = Instant::now();
    while !is_over() {
        assert!(began.elapsed() < Duration::from_secs(50), "it still runs, nearly as long as it would by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!campus.setup.path().join("survived").exists());
}
