//! Text from outside is shown as what it is: every report of every command against every character that hides, turns or
//! computes. The next character and the next report are a line each.

use std::fs;

use serde_json::Value;
use standin::fault::Fault;
use standin::media::Media;
use standin::receiver::Receiver;
use standin::zoom::{Meeting, User};

use crate::campus::{Campus, hours_ago};

/// What nobody sees, or sees only by what it does to others.
const HIDDEN: [(char, &str); 19] = [
    ('\u{202E}', "turns the direction"),
    ('\u{2066}', "isolates"),
    ('\u{200E}', "a mark of direction"),
    ('\u{061C}', "the Arabic one"),
    ('\u{200B}', "zero-width space"),
    ('\u{200D}', "joins"),
    ('\u{2060}', "word joiner"),
    ('\u{2064}', "invisible plus"),
    ('\u{206A}', "a deprecated format character"),
    ('\u{FEFF}', "byte order mark"),
    ('\u{00AD}', "soft hyphen"),
    ('\u{034F}', "grapheme joiner"),
    ('\u{180E}', "Mongolian vowel separator"),
    ('\u{3164}', "a filler"),
    ('\u{2028}', "line separator"),
    ('\u{E0041}', "a tag"),
    ('\u{E007F}', "the end of tags"),
    ('\u{E0101}', "a variation selector"),
    ('\u{9B}', "a control sequence in one character"),
];

/// What makes a spreadsheet compute.
const FORMULAS: [&str; 14] = [
    "=1+1",
    "+1",
    "-1",
    "@sum",
    "\u{FF1D}1",
    "\u{FF0B}1",
    "\u{FF0D}1",
    "\u{FF20}1",
    "\t=1",
    "\r=1",
    "  =1",
    "\"=1",
    "a;=1",
    "a; \u{FF1D}1",
];

/// The reports that are printed.
const REPORTS: [&[&str]; 24] = [
    &["sync", "--dry-run", "--format", "text"],
    &["sync", "--dry-run", "--format", "json"],
    &["sync", "--dry-run", "--format", "csv"],
    &["-vvv", "sync", "--format", "text"],
    &["-vvv", "--log-format", "json", "sync", "--format", "json"],
    &["sync", "--format", "csv"],
    &["backfill", "--from", "2026-01-01", "--to", "2026-01-02", "--format", "json"],
    &["purge", "--dry-run", "--older-than", "0s", "--format", "text"],
    &["purge", "--dry-run", "--older-than", "0s", "--format", "json"],
    &["purge", "--dry-run", "--older-than", "0s", "--format", "csv"],
    &["status"],
    &["status", "--format", "json"],
    &["status", "--format", "html"],
    &["explain", "Lecture"],
    &["verify", "--format", "text"],
    &["verify", "--format", "json"],
    &["verify", "--format", "csv"],
    &["retention", "--format", "json"],
    &["retention", "--format", "csv"],
    &["captions", "--format", "json"],
    &["captions", "--format", "csv"],
    &["reassign", "ada@uni.example", "eve@uni.example", "--dry-run", "--format", "csv"],
    &["check", "--format", "json"],
    &["retry", "--failed"],
];

const ODD_UUID: &str = "o\u{202E}d\u{E0041}d==";

/// Recordings whose every text is odd: two are copied, one for an orphan, one fails.
fn campus(oddity: &str) -> Campus {
    let campus = Campus::new();
    campus.kaltura.add_user("eve@uni.example", "eve@uni.example");
    campus.zoom.add_user(User::new("odd", &format!("o{oddity}dd@elsewhere.example")));
    for (number, (uuid, host)) in [("ada==", "ada"), ("odd==", "odd"), (ODD_UUID, "guest")].into_iter().enumerate() {
        let number = 81_000_000_001 + i64::try_from(number).expect("few");
        let topic = format!("{oddity} Lecture");
        let odd = Meeting::new(uuid, number, &topic).host(host).starts(&hours_ago(5));
        let media = Media::mp4().salted(number.unsigned_abs());
        campus.zoom.add_meeting(odd.video("shared_screen", media));
    }
    let error = serde_json::json!({
        "objectType": "KalturaAPIException", "code": "ODD", "message": format!("{oddity}it failed;{oddity}"), "args": {},
    });
    campus.kaltura.faults().queue("uploadToken.add", 1, Fault::json(200, &error.to_string()));
    campus
}

/// What every report, the metrics and the events say, with the name of each.
fn everything_told(campus: &Campus) -> Vec<(String, String)> {
    let receiver = Receiver::start();
    let metrics = campus.setup.path().join("metrics.prom");
    let (hook, metrics_file) = (receiver.hook_url(), metrics.display().to_string());
    let settings = [
        ("ZOOM2KALTURA_NOTIFY_WEBHOOK_URL", hook.as_str()),
        ("ZOOM2KALTURA_NOTIFY_RECORDINGS", "all"),
        ("ZOOM2KALTURA_NOTIFY_METRICS_FILE", &metrics_file),
        ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "1h"),
    ];
    let mut told = Vec::new();
    for args in REPORTS {
        let run = campus.run_with(&settings, args);
        assert!(matches!(run.exit, 0 | 3 | 7), "{args:?}: {} {}", run.exit, run.err);
        told.push((args.join(" "), run.out));
        told.push((format!("the log of {}", args.join(" ")), run.err));
    }
    told.push(("metrics".to_owned(), fs::read_to_string(metrics).expect("metrics")));
    let hooks = receiver.log().all().into_iter().filter(|logged| logged.call == "hook");
    let events: Vec<String> = hooks.map(|logged| logged.body).collect();
    assert!(!events.is_empty(), "nobody was told");
    told.extend(events.into_iter().map(|event| ("event".to_owned(), event)));
    told
}

#[test]
fn no_report_hides_a_character() {
    let all: String = HIDDEN.iter().map(|(c, _)| *c).collect();
    let campus = campus(&all);
    let mut ids = 0;
    for (name, text) in everything_told(&campus) {
        for (hidden, what) in HIDDEN {
            assert!(!text.contains(hidden), "{name} holds what {what}: {text:?}");
        }
        let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
        for (key, text) in strings("", &value) {
            // an id is what Zoom says it is, byte for byte: a program gives it back
            if text == ODD_UUID && key == "meeting_uuid" {
                ids += 1;
                continue;
            }
            assert!(HIDDEN.iter().all(|(hidden, _)| !text.contains(*hidden)), "{name}: {key} is {text:?}");
        }
    }
    // a run, its event and `verify`; `status` lists it once it is late
    assert!(ids >= 3, "the odd meeting is in {ids} places");
    let again = campus.run(&["sync", "--dry-run", "--format", "json"]);
    assert_eq!(again.exit, 0, "{}", again.err);
}

/// Every text in a value, with the key it stands under.
fn strings(key: &str, value: &Value) -> Vec<(String, String)> {
    match value {
        Value::String(text) => vec![(key.to_owned(), text.clone())],
        Value::Array(values) => values.iter().flat_map(|value| strings(key, value)).collect(),
        Value::Object(values) => values.iter().flat_map(|(key, value)| strings(key, value)).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn no_cell_is_a_formula() {
    let own = ["meeting_id", "age_seconds", "file_bytes", "plays"];
    let begins = |cell: &str| {
        let bare = cell.trim_start_matches(|c: char| c.is_whitespace() || "\"'".contains(c));
        !cell.starts_with('\'')
            && bare.starts_with(['=', '+', '-', '@', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'])
    };
    for formula in FORMULAS {
        let campus = campus(formula);
        let mut cells = 0;
        for args in REPORTS.iter().filter(|args| args.ends_with(&["csv"]) || **args == ["sync", "--format", "csv"]) {
            let run = campus.run(args);
            let mut reader = csv::Reader::from_reader(run.out.as_bytes());
            let header = reader.headers().expect("a header").clone();
            for row in reader.records() {
                let row = row.expect("a row");
                for (name, cell) in header.iter().zip(&row).filter(|(name, _)| !own.contains(name)) {
                    cells += 1;
                    for part in cell.split(';') {
                        assert!(!begins(part), "{formula:?} in {args:?}: {name} is {cell:?}");
                    }
                }
            }
        }
        assert!(cells > 30, "{formula:?}: {cells}");
    }
}
