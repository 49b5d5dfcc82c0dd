//! What people write and read in their own way: a meeting's number, and the time of day.

use chrono::{DateTime, TimeDelta, Utc};

use crate::campus::{Campus, day, lecture};

/// A case is a line: how a meeting's number may stand in front of somebody.
#[test]
fn meeting_numbers_are_taken_as_shown() {
    let campus = Campus::with_two_recordings();
    let (from, to) = (day(1), day(0));
    for meeting in [
        "81000000001",
        "810 0000 0001",
        "810-0000-0001",
        "810\u{a0}0000\u{a0}0001",
        "Meeting ID: 810 0000 0001",
        "https://uni.zoom.us/j/81000000001?pwd=abc",
        "ada==",
    ] {
        let args = ["backfill", "--from", &from, "--to", &to, "--meeting", meeting, "--dry-run", "--format", "json"];
        let items = campus.run(&args).items();
        assert_eq!(items.len(), 1, "{meeting}");
        assert_eq!(items[0]["meeting_uuid"], "ada==", "{meeting}");
    }
}

/// Where the institution says which zone that is; programs read UTC.
#[test]
fn reports_show_the_institutions_time() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    let zone = [("ZOOM2KALTURA_COPY_TIME_ZONE", "Asia/Kolkata")];
    let start = campus.run(&["sync", "--dry-run", "--format", "json"]).items()[0]["recording_start"].clone();
    let start: DateTime<Utc> = start.as_str().and_then(|text| text.parse().ok()).expect("a time");
    let format = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M").to_string();
    let (utc, local) = (format(start), format(start + TimeDelta::minutes(330)));
    for args in [&["sync", "--dry-run"][..], &["verify", "--days", "3"]] {
        let shown = campus.run_with(&zone, args).out;
        assert!(shown.contains(&local) && shown.contains("all times Asia/Kolkata"), "{args:?}: {shown}");
        assert!(!shown.contains(&utc), "{args:?}: {shown}");
        let shown = campus.run(args).out;
        assert!(shown.contains(&utc) && !shown.contains("all times"), "{args:?}: {shown}");
        let csv = [args, &["--format", "csv"]].concat();
        assert!(campus.run_with(&zone, &csv).out.contains(&utc.replace(' ', "T")), "{args:?}");
    }
}
