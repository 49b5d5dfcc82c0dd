//! A name that nobody knows is reported, with the one that may have been meant; it is never "nothing to do".

use chrono::{Days, Utc};
use serde_json::json;
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::zoom::Zoom;

use crate::campus::{Campus, hours_ago, lecture};

/// A backfill of the last days with these options.
fn backfill(campus: &Campus, options: &[&str]) -> (i32, String) {
    let today = Utc::now().date_naive();
    let (from, to) = ((today - Days::new(2)).to_string(), today.to_string());
    let run = campus.run(&[&["backfill", "--from", &from, "--to", &to], options].concat());
    (run.exit, run.err)
}

#[test]
fn unknown_names_are_reported_others_copied() {
    let campus = Campus::with_lecture();
    campus.zoom.add_meeting(lecture("old==", 81_000_000_002, "ada", 24 * 20));
    let typo = "--user adda@uni.example: Zoom knows no such user; did you mean ada@uni.example?";
    let cases = [
        (&["--user", "adda@uni.example"][..], 3, typo),
        (&["--user", "nobody.at.all@elsewhere.org"], 3, "nobody.at.all@elsewhere.org: Zoom knows no such user run="),
        (&["--user", "no-such-id"], 3, "--user no-such-id: Zoom knows no such user"),
        (&["--meeting", "123"], 3, "--meeting 123: Zoom has no recordings of such a meeting"),
        (&["--meeting", "none=="], 3, "--meeting none==: Zoom has no recordings"),
        (&["--user", "guest@elsewhere.example"], 0, ""),
        (&["--user", "guest"], 0, ""),
        (&["--meeting", "810 0000 0002"], 0, ""),
        (&["--meeting", "old=="], 0, ""),
        (&["--dry-run", "--user", "adda@uni.example"], 3, typo),
        (&["--user", "adda@uni.example", "--user", "ada@uni.example"], 3, typo),
    ];
    for (options, exit, said) in cases {
        let (found, err) = backfill(&campus, options);
        assert_eq!(found, exit, "{options:?}: {err}");
        assert!(err.contains(said) && err.lines().count() == usize::from(exit > 0), "{options:?}: {err}");
    }
    assert_eq!(campus.kaltura.entries().len(), 1, "the one who is known was copied");
}

#[test]
fn explain_and_retry_suggest_known_names() {
    let campus = Campus::with_lecture();
    let without_a_ledger = campus.run(&["retry", "ada=="]);
    assert_eq!((without_a_ledger.exit, without_a_ledger.err.lines().count()), (2, 1), "{}", without_a_ledger.err);
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    assert_eq!(campus.run(&["sync"]).exit, 3);
    let nothing = "no recording matches";
    let cases = [
        (["explain", "adda@uni.example"], format!("{nothing} \"adda@uni.example\"; did you mean ada@uni.example?")),
        (["explain", "81000000091"], format!("{nothing} \"81000000091\"; did you mean 81000000001?")),
        (["explain", "Zoology"], format!("{nothing} \"Zoology\": give an e-mail address")),
        (["retry", "adda=="], "or --failed; did you mean ada==?".to_owned()),
        (["retry", "81000000011"], "or --failed; did you mean 81000000001?".to_owned()),
        (["retry", "nothing-like-it"], "or --failed run=".to_owned()),
    ];
    for (args, said) in cases {
        let run = campus.run(&args);
        assert_eq!((run.exit, run.err.lines().count()), (2, 1), "{args:?}: {}", run.err);
        assert!(run.err.contains(&said), "{args:?}: {}", run.err);
    }
}

#[test]
fn hosts_without_listed_address_are_known() {
    let campus = Campus::of(Zoom::builder().without_host_emails().start(), Kaltura::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    assert_eq!(backfill(&campus, &["--user", "ada@uni.example"]), (0, String::new()));
    assert_eq!(campus.kaltura.entries().len(), 1);
}

#[test]
fn own_address_beats_listed_one() {
    let campus = Campus::new();
    let late = lecture("ada==", 81_000_000_001, "ada", 5).listed_with("host_email", json!("old@uni.example"));
    campus.zoom.add_meeting(late);
    assert_eq!(backfill(&campus, &["--user", "ada@uni.example"]), (0, String::new()));
    assert_eq!(campus.kaltura.entries().len(), 1);
}

#[test]
fn zoom_me_names_no_user() {
    let campus = Campus::new();
    let owner = json!({ "id": "owner", "email": "owner@uni.example", "status": "active" }).to_string();
    campus.zoom.faults().queue("GET /users/{}", 1, Fault::json(200, &owner));
    let (exit, err) = backfill(&campus, &["--user", "me"]);
    assert!(exit == 3 && err.contains("--user me: Zoom knows no such user"), "{exit} {err}");
}

#[test]
fn future_go_live_is_announced() {
    let campus = Campus::with_lecture();
    let ahead = hours_ago(-48);
    let settings = [("ZOOM2KALTURA_SYNC_GO_LIVE", ahead.as_str())];
    let day = &ahead[..10];
    for args in [&["sync"][..], &["sync", "--dry-run"], &["sync", "--dry-run", "--format", "json"]] {
        let run = campus.run_with(&settings, args);
        assert!(run.exit == 0 && run.err.contains("copying begins at") && run.err.contains(day), "{}", run.err);
    }
    assert!(campus.kaltura.entries().is_empty());
    for command in ["check", "status"] {
        let run = campus.run_with(&settings, &[command]);
        assert!(run.out.contains("copying begins") && run.out.contains(day), "{command}: {}", run.out);
        let run = campus.run_with(&settings, &[command, "--format", "json"]);
        assert!(run.out.contains("begins") && run.out.contains(day), "{command}: {}", run.out);
    }
    assert!(!campus.run(&["status"]).out.contains("copying begins"));
}
