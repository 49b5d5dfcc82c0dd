//! Nothing leaks: the token stays with Zoom's API, secrets stay out of everything that is printed or kept.

use std::fs;
use std::time::Duration;

use standin::fault::Fault;
use standin::kaltura::Importers;
use standin::receiver::{HOOK_SECRET, PING_SECRET, Receiver};

use crate::campus::{Campus, lecture};

#[test]
fn bearer_token_never_reaches_cdn() {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    let requests = campus.zoom.cdn_log().all();
    assert!(!requests.is_empty(), "the recording came from the CDN");
    for request in requests {
        assert_eq!(request.header("authorization"), "", "{}", request.call);
        assert!(!campus.zoom.secrets().iter().any(|secret| request.header("cookie").contains(secret)));
    }
}

#[test]
fn bearer_token_stays_with_download_hosts() {
    let campus = Campus::with_lecture();
    let settings = [("ZOOM2KALTURA_ZOOM_DOWNLOAD_HOSTS", "zoom.us")];
    let run = campus.run_with(&settings, &["sync"]);
    assert_eq!(run.exit, 4);
    assert!(run.err.contains("127.0.0.1, which is not among zoom.download_hosts"), "{}", run.err);
    assert_eq!(campus.zoom.log().count("GET /rec/download"), 0);
    assert!(campus.kaltura.entries().is_empty());
}

#[test]
fn nothing_printed_or_kept_holds_secrets() {
    let campus = Campus::with_lecture();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    campus.kaltura.faults().queue("uploadToken.add", 1, Fault::answer(503, "busy"));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::Reset);
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::LostAnswer);
    let mut told = String::new();
    for format in ["text", "json"] {
        let run = campus.run(&["-vv", "--log-format", format, "sync", "--format", format]);
        told += &(run.out + &run.err);
        campus.kaltura.expire_sessions();
        campus.zoom.revoke_tokens();
    }
    let shown = campus.run(&["config", "show"]);
    told += &(shown.out + &shown.err);
    campus.sync_until_done();
    for (_, bytes) in campus.state() {
        told += &String::from_utf8_lossy(&bytes);
    }
    assert!(told.contains("ada@uni.example"), "what is looked through is not empty");
    for secret in campus.secrets() {
        assert!(!told.contains(&secret), "{secret} shows in:\n{told}");
    }
}

#[test]
fn echoed_import_token_shows_nowhere() {
    let pull = [("ZOOM2KALTURA_SYNC_TRANSFER", "pull"), ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")];
    let campus = Campus::with_lecture();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    let mut told = String::new();
    for importers in [Importers::Refused, Importers::CutOff, Importers::Work] {
        campus.zoom.add_meeting(lecture(&format!("{importers:?}=="), 81_000_000_010, "ada", 3));
        campus.kaltura.set_importers(importers);
        campus.kaltura.faults().queue("media.addContent", 1, Fault::LostAnswer);
        for format in ["text", "json"] {
            let run = campus.run_with(&pull, &["-vvv", "--log-format", format, "sync", "--format", format]);
            told += &(run.out + &run.err);
        }
    }
    for (_, bytes) in campus.state() {
        told += &String::from_utf8_lossy(&bytes);
    }
    let explained = campus.run(&["-vvv", "explain", "Lecture"]);
    told += &(explained.out + &explained.err);
    assert!(told.contains("Authorization: Bearer …"), "Kaltura said it back:\n{told}");
    for secret in campus.secrets().into_iter().filter(|secret| !campus.kaltura.tokens().iter().any(|t| t.id == *secret))
    {
        assert!(!told.contains(&secret), "{secret} shows in:\n{told}");
    }
}

/// Every command that speaks to anybody or reads the ledger.
const COMMANDS: [&[&str]; 12] = [
    &["sync", "--dry-run"],
    &["sync"],
    &["backfill", "--from", "2026-01-01", "--to", "2026-01-02"],
    &["purge", "--dry-run", "--older-than", "0s"],
    &["purge", "--older-than", "0s"],
    &["status"],
    &["explain", "Lecture"],
    &["verify"],
    &["check"],
    &["retry", "--failed"],
    &["config", "show"],
    &["config", "validate"],
];

#[test]
fn no_failing_command_shows_a_secret() {
    let echo = |campus: &Campus| {
        let session = campus.kaltura.sessions().pop().unwrap_or_default();
        format!(
            r#"{{"code":"INVALID_KS","message":"Invalid KS \"{session}\", Error \"-1,INVALID_STR\"","objectType":"KalturaAPIException","args":{{"KSID":"{session}","ERR_CODE":"-1"}}}}"#
        )
    };
    for args in COMMANDS {
        let (campus, receiver) = (Campus::new(), Receiver::start());
        campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
        campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
        campus.run(&["sync"]);
        let (ping, hook) = (receiver.ping_url(), receiver.hook_url());
        let called = [
            ("ZOOM2KALTURA_NOTIFY_PING_URL", ping.as_str()),
            ("ZOOM2KALTURA_NOTIFY_PURGE_PING_URL", &ping),
            ("ZOOM2KALTURA_NOTIFY_WEBHOOK_URL", &hook),
            ("ZOOM2KALTURA_NOTIFY_RECORDINGS", "all"),
            ("ZOOM2KALTURA_NOTIFY_TIMEOUT", "1s"),
        ];
        let mut told = String::new();
        for fault in 0..4 {
            for call in ["ping start", "ping", "ping fail", "hook"] {
                receiver.faults().queue(call, 1, if fault == 1 { Fault::Reset } else { Fault::answer(404, "no") });
            }
            match fault {
                1 => campus.zoom.faults().queue("POST /oauth/token", 1, Fault::answer(401, "no")),
                2 => campus.kaltura.faults().queue("multirequest", 1, Fault::json(200, &echo(&campus))),
                3 => campus.zoom.faults().queue("GET /accounts/me/recordings", 1, Fault::answer(400, "no")),
                _ => {}
            }
            for format in ["text", "json"] {
                let run = campus.run_with(&called, &[&["-vvv", "--log-format", format], args].concat());
                told += &(run.out + &run.err);
            }
        }
        // upload tokens are kept until a copy is confirmed; a fault may be left that this command never met
        for _ in 0..4 {
            campus.run(&["sync"]);
        }
        campus.sync_until_done();
        for (_, bytes) in campus.state() {
            told += &String::from_utf8_lossy(&bytes);
        }
        for secret in campus.secrets().into_iter().chain([PING_SECRET, HOOK_SECRET].map(str::to_owned)) {
            assert!(!told.contains(&secret), "{args:?}: {secret} shows in:\n{told}");
        }
    }
}

/// Secrets that the program never held, as somebody's error message may quote them: the text, and what must not be seen.
const QUOTED: [(&str, &[&str]); 14] = [
    ("ks djJ8MTAyfPZj2alI_Pp8EqB859DLxyOslWAZdVLAdJD61rX7-Vk1", &["djJ8MTA", "WAZdVLA"]),
    ("ks djJ8MTAyfPZj2alI%2BPp8EqB859%3D%3D", &["djJ8MTA", "Pp8EqB"]),
    ("ks%3DdjJ8MTAyfPZj2alI%252BPp8EqB859%253D", &["djJ8MTA", "Pp8EqB"]),
    ("ks djJ8MTAyfPZj2alI Pp8EqB859DLxyOslWAZ dVLAdJD61rX7", &["djJ8MTA", "Pp8EqB", "dVLAdJD"]),
    ("ks djJ8MTAyfPZj2alI\nPp8EqB859DLxyOslWAZ\ndVLAdJD61rX7", &["djJ8MTA", "Pp8EqB", "dVLAdJD"]),
    ("ks djJ8MTAyfPZ", &["djJ8MTA"]),
    ("eyJhbGciOiJIUzI1.eyJzdWIiOiIx.SflKxwRJSMeK was refused", &["eyJhbG", "eyJzdW", "SflKxw"]),
    ("eyJhbGciOiJIUzI1", &["eyJhbG"]),
    ("Authorization: Bearer s3cr3tOpaque", &["s3cr3tOpaque"]),
    ("GET /rec?access_token=s3cr3tOpaque&x=1", &["s3cr3tOpaque"]),
    ("f.mp4?Policy=s3cr3tA&Signature=s3cr3tB&Key-Pair-Id=s3cr3tC", &["s3cr3tA", "s3cr3tB", "s3cr3tC"]),
    ("{\"client_secret\":\"s3cr3tOpaque\"}", &["s3cr3tOpaque"]),
    ("token 1_0123456789abcdef0123456789abcdef", &["0123456789abcdef"]),
    ("token 0_0123456789abcdef", &["0123456789abcdef"]),
];

/// Every place in which an error is told or kept.
fn everything_told(campus: &Campus, receiver: &Receiver) -> String {
    let (metrics, hook) = (campus.setup.path().join("metrics.prom"), receiver.hook_url());
    let settings = [
        ("ZOOM2KALTURA_NOTIFY_WEBHOOK_URL", hook.as_str()),
        ("ZOOM2KALTURA_NOTIFY_RECORDINGS", "all"),
        ("ZOOM2KALTURA_NOTIFY_METRICS_FILE", &metrics.display().to_string()),
    ];
    let sinks: [&[&str]; 11] = [
        &["-vvv", "--log-format", "text", "sync", "--format", "text"],
        &["-vvv", "--log-format", "json", "sync", "--format", "json"],
        &["sync", "--format", "csv"],
        &["sync", "--dry-run"],
        &["status"],
        &["status", "--format", "json"],
        &["status", "--format", "html"],
        &["explain", "Lecture"],
        &["verify", "--format", "json"],
        &["verify", "--format", "csv"],
        &["retry", "--failed"],
    ];
    let mut told = String::new();
    for args in sinks {
        let run = campus.run_with(&settings, args);
        told += &(run.out + &run.err);
    }
    for (_, bytes) in campus.state() {
        told += &String::from_utf8_lossy(&bytes);
    }
    told += &fs::read_to_string(metrics).expect("metrics");
    told.extend(receiver.log().all().into_iter().map(|logged| logged.body));
    told
}

#[test]
fn quoted_foreign_secrets_are_masked() {
    for (quoted, secrets) in QUOTED {
        let (campus, receiver) = (Campus::new(), Receiver::start());
        campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
        let refused = |message: &str| serde_json::json!({ "objectType": "KalturaAPIException", "code": "ODD", "message": message, "args": {} });
        campus.kaltura.faults().queue("uploadToken.add", 1, Fault::json(200, &refused(quoted).to_string()));
        let mut told = everything_told(&campus, &receiver);
        assert!(told.contains("uploadToken.add answered ODD") && told.contains('…'), "{told}");
        // the same from Zoom, in an answer that ends a run
        for call in ["POST /oauth/token", "GET /accounts/me/recordings"] {
            let body = serde_json::json!({ "code": 300, "message": quoted, "reason": quoted });
            campus.zoom.faults().queue(call, 1, Fault::json(400, &body.to_string()));
            told += &everything_told(&campus, &receiver);
        }
        for secret in secrets {
            assert!(!told.contains(secret), "{secret} of {quoted:?} shows in:\n{told}");
        }
        campus.sync_until_done();
    }
}

#[test]
fn command_line_shows_no_secret() {
    let campus = Campus::with_lecture();
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Stall(Duration::from_millis(400)));
    let mut run = campus.program().arg("sync").spawn().expect("the program runs");
    campus.wait_for_call("uploadToken.upload", 1);
    let command_line = fs::read_to_string(format!("/proc/{}/cmdline", run.id())).expect("a command line");
    assert!(run.wait().expect("it ends").success());
    assert!(command_line.ends_with("sync\0"), "{command_line:?}");
    assert!(campus.secrets().len() > 4);
    assert!(campus.secrets().iter().all(|secret| !command_line.contains(secret)), "{command_line:?}");
}
