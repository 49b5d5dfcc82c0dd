//! Nothing holds the checkpoint for longer than Zoom keeps recordings.

use chrono::{Days, NaiveDate, TimeDelta, Utc};
use standin::fault::Fault;
use standin::kaltura::{Conversion, Kaltura};
use standin::zoom::Zoom;

use crate::campus::{Campus, hours_ago, lecture};

/// More often than anything is asked in these tests.
const ALWAYS: usize = 60;
const RETENTION: &str = "ZOOM2KALTURA_SYNC_ZOOM_RETENTION";

fn always(faults: &standin::fault::Faults, call: &str, fault: &Fault) {
    for hit in 1..=ALWAYS {
        faults.queue(call, hit, fault.clone());
    }
}

fn checkpoint(campus: &Campus) -> Option<NaiveDate> {
    let ledger = campus.ledger();
    let sql = "SELECT (SELECT value FROM meta WHERE key = 'checkpoint')";
    let text: Option<String> = ledger.query_row(sql, [], |row| row.get(0)).expect("a row");
    text.map(|text| text.parse().expect("a day"))
}

/// A recording that is owed, and the world in which it stays so.
struct Owed {
    what: &'static str,
    campus: Campus,
}

fn processing(what: &'static str, then: impl Fn(&Campus)) -> Owed {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("owed==", 81_000_000_001, "ada", 40).processing());
    campus.run(&["sync"]);
    then(&campus);
    Owed { what, campus }
}

/// It leaves Zoom's list, and this is what Zoom answers for its meeting from then on.
fn unlisted(what: &'static str, fault: &Fault) -> Owed {
    processing(what, |campus| {
        campus.zoom.remove_meeting("owed==");
        always(campus.zoom.faults(), "GET /meetings/{}/recordings", fault);
    })
}

fn begun(what: &'static str, campus: Campus, host: &str, then: impl Fn(&Campus)) -> Owed {
    campus.zoom.add_meeting(lecture("owed==", 81_000_000_001, host, 40));
    then(&campus);
    campus.run(&["sync"]);
    Owed { what, campus }
}

fn cases() -> Vec<Owed> {
    let never = || Campus::of(Zoom::start(), Kaltura::builder().conversion(Conversion::NeverEnds).start());
    vec![
        unlisted("an unlinked host", &Fault::zoom_error(400, 1010, "User not found on this account")),
        unlisted("an absent meeting", &Fault::zoom_error(404, 3301, "There is no recording for this meeting.")),
        unlisted("a host who does not exist", &Fault::zoom_error(404, 1001, "User does not exist")),
        unlisted("a refusal", &Fault::zoom_error(400, 200, "No permission.")),
        unlisted("a server error", &Fault::answer(500, "")),
        unlisted("a page", &Fault::html()),
        unlisted("no answer", &Fault::Reset),
        unlisted("garbage", &Fault::garbage()),
        processing("listed, and never finished", |_| {}),
        begun("never converted", never(), "ada", |_| {}),
        begun("never served", Campus::new(), "ada", |campus| {
            always(campus.zoom.faults(), "CDN", &Fault::answer(503, ""));
        }),
        begun("nobody to keep it", Campus::new(), "guest", |campus| {
            campus.kaltura.delete_user(standin::setup::HOLDING_USER);
        }),
        processing("a row that cannot be read", |campus| {
            let ledger = campus.ledger();
            ledger.execute("UPDATE recordings SET action = 'juggle'", []).expect("a row");
        }),
    ]
}

#[test]
fn owed_recordings_hold_it_until_retention() {
    for Owed { what, campus } in cases() {
        let today = Utc::now().date_naive();
        let run = campus.run_with(&[(RETENTION, "1d")], &["sync"]);
        let held = checkpoint(&campus).unwrap_or_else(|| panic!("{what}: no checkpoint: {}", run.err));
        assert!(held >= today - Days::new(1), "{what}: {held} {}", run.err);
        // what is owed is not forgotten for that: the next run asks again, or has told of it
        let run = campus.run_with(&[(RETENTION, "1d"), ("ZOOM2KALTURA_SYNC_LOOKBACK", "1d")], &["sync"]);
        assert!(checkpoint(&campus).is_some_and(|day| day >= held), "{what}: it never goes back: {}", run.err);
    }
}

#[test]
fn recording_before_it_is_still_copied() {
    // whatever the hour, these hours ago is before yesterday, from where Zoom still has everything
    let (campus, start) = (Campus::new(), hours_ago(49));
    let owed = || lecture("owed==", 81_000_000_001, "ada", 49).starts(&start);
    campus.zoom.add_meeting(owed().processing());
    campus.run(&["sync"]);
    campus.zoom.remove_meeting("owed==");
    always(campus.zoom.faults(), "GET /meetings/{}/recordings", &Fault::Reset);
    campus.run_with(&[(RETENTION, "1d")], &["sync"]);
    assert!(checkpoint(&campus) > Some((Utc::now() - TimeDelta::hours(49)).date_naive()));
    campus.zoom.faults().clear();
    campus.zoom.add_meeting(owed());
    let run = campus.run_with(&[(RETENTION, "1d"), ("ZOOM2KALTURA_SYNC_LOOKBACK", "1d")], &["sync"]);
    assert_eq!(campus.kaltura.entries().len(), 1, "{}", run.err);
}
