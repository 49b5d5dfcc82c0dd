//! `retention` tells which copies nobody seems to need, and changes nothing anywhere.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::Utc;
use serde_json::{Value, json};
use standin::fault::Fault;
use standin::kaltura::Seed;

use crate::campus::{Campus, Run};

const DAY: Duration = Duration::from_secs(86_400);

fn years(years: u32) -> Duration {
    DAY * 366 * years
}

/// An entry of ours that belongs to Ada.
fn ours() -> Seed {
    let (admin_tags, user_id) = ("zoom2kaltura".to_owned(), "ada@uni.example".to_owned());
    Seed { admin_tags, user_id, bytes: 0, ..Seed::default() }
}

fn retention(campus: &Campus, args: &[&str]) -> Run {
    let before = (campus.zoom.fingerprint(), campus.kaltura.fingerprint());
    let run = campus.run(&[&["retention"], args].concat());
    assert_eq!((campus.zoom.fingerprint(), campus.kaltura.fingerprint()), before);
    assert!(campus.state().is_empty() && campus.zoom.log().calls().is_empty(), "Kaltura alone is asked");
    run
}

/// Entry and reasons of each finding.
fn findings(campus: &Campus, args: &[&str]) -> Vec<(Value, Value)> {
    let run = retention(campus, &[&["--format", "json"], args].concat());
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let report = run.report();
    let items = report["items"].as_array().expect("items").iter();
    items.map(|item| (item["entry_id"].clone(), item["reasons"].clone())).collect()
}

#[test]
fn unplayed_old_and_ownerless_are_listed() {
    let campus = Campus::new();
    campus.kaltura.add_user("gone@uni.example", "");
    let add = |seed: Seed| campus.kaltura.add_entry(&seed);
    let old = add(Seed { age: years(7), plays: 3, played: Some(DAY), ..ours() });
    let unplayed = add(Seed { age: years(5), ..ours() });
    let child = add(Seed { parent_entry_id: unplayed.clone(), age: years(5), ..ours() });
    let watched = add(Seed { age: years(5), ..ours() });
    add(Seed { parent_entry_id: watched, age: years(5), plays: 1, played: Some(DAY), ..ours() });
    let gone = add(Seed { user_id: "gone@uni.example".to_owned(), age: DAY, ..ours() });
    let unowned = add(Seed { user_id: String::new(), age: DAY / 2, ..ours() });
    add(Seed { age: DAY, ..ours() });
    add(Seed { admin_tags: "zoom2kaltura-other".to_owned(), age: years(9), ..ours() });
    campus.kaltura.delete_entry(&add(Seed { age: years(9), ..ours() }));
    campus.kaltura.delete_user("gone@uni.example");
    campus.kaltura.block_user("ada@uni.example");
    let expected = [(old, json!(["old"])), (unplayed.clone(), json!(["not_played"]))];
    let expected = expected.into_iter().chain([(gone, json!(["owner_gone"])), (unowned, json!(["owner_gone"]))]);
    let expected: Vec<_> = expected.map(|(id, why)| (json!(id), why)).collect();
    assert_eq!(findings(&campus, &[]), expected);
    let report = retention(&campus, &["--format", "json"]).report();
    assert_eq!(report["reasons"], json!({ "not_played": 1, "old": 1, "owner_gone": 2 }));
    assert_eq!((&report["recordings"], &report["items"][1]["child_entry_ids"]), (&json!(6), &json!([child])));
    assert_eq!(report["items"][1]["last_played"], Value::Null);
    let csv = retention(&campus, &["--format", "csv"]).out;
    assert!(csv.contains(&format!("{unplayed},not_played,")) && csv.lines().count() == 5, "{csv}");
    let text = retention(&campus, &[]).out;
    assert!(text.starts_with("4 of 6 recordings to look at\n"), "{text}");
}

#[test]
fn years_come_from_line_or_configuration() {
    let campus = Campus::new();
    let entry = campus.kaltura.add_entry(&Seed { age: years(3), ..ours() });
    assert_eq!(findings(&campus, &[]), []);
    assert_eq!(findings(&campus, &["--unplayed-years", "2"]), [(json!(entry), json!(["not_played"]))]);
    assert_eq!(findings(&campus, &["--max-age-years", "2"]), [(json!(entry), json!(["old"]))]);
    let run = campus.run_with(&[("ZOOM2KALTURA_RETENTION_MAX_AGE_YEARS", "3")], &["retention"]);
    assert!(run.out.contains("1 of 1 recording to look at"), "{}{}", run.out, run.err);
    assert_eq!(campus.run(&["retention", "--unplayed-years", "0"]).exit, 2);
}

/// Kaltura shows no more than 10000 of a list: it is gone on with from the time of the last one seen, not from its place.
#[test]
fn thousands_are_read_in_shallow_pages() {
    let campus = Campus::new();
    let began = Utc::now().timestamp();
    for number in 0..2000 {
        // most of a page is of the same second, however long it takes to make them
        let since = u64::try_from(Utc::now().timestamp() - began).expect("a clock that goes on");
        let age = years(7) + Duration::from_secs(number / 450 + since);
        campus.kaltura.add_entry(&Seed { age, ..ours() });
    }
    let report = retention(&campus, &["--format", "json"]).report();
    assert_eq!((&report["recordings"], &report["reasons"]["old"]), (&json!(2000), &json!(2000)));
    let ids = report["items"].as_array().expect("items").iter().map(|item| item["entry_id"].as_str());
    assert_eq!(ids.collect::<BTreeSet<_>>().len(), 2000);
    let lists = campus.kaltura.log().all().into_iter().filter(|logged| logged.call == "media.list");
    let pages: Vec<Value> = lists.map(|logged| serde_json::from_str::<Value>(&logged.body).expect("JSON")).collect();
    let deepest =
        pages.iter().filter_map(|list| list["pager"]["pageIndex"].to_string().trim_matches('"').parse().ok()).max();
    assert_eq!(deepest, Some(1), "{} lists", pages.len());
}

/// More of the same second than fit a page.
#[test]
fn one_seconds_entries_are_read_whole() {
    let campus = Campus::new();
    let mut made: Vec<Value> = (0..700)
        .map(|number| {
            json!({ "id": format!("0_{number}"), "status": 2, "createdAt": 1_400_000_000, "adminTags": "zoom2kaltura",
                    "userId": "ada@uni.example", "objectType": "KalturaMediaEntry" })
        })
        .collect();
    // the index of another server may be less exact
    made[699]["adminTags"] = json!("zoom2kaltura-other");
    let page = |entries: &[Value]| Fault::json(200, &json!({ "totalCount": 700, "objects": entries }).to_string());
    campus.kaltura.faults().queue("media.list", 1, page(&made[..500]));
    campus.kaltura.faults().queue("media.list", 2, page(&made[..500]));
    campus.kaltura.faults().queue("media.list", 3, page(&made[500..]));
    assert_eq!(findings(&campus, &[]).len(), 699);
}

#[test]
fn unreadable_answers_are_errors() {
    let campus = Campus::new();
    campus.kaltura.add_entry(&Seed { age: years(7), ..ours() });
    let cases = [
        ("media.list", Fault::exception("SERVICE_FORBIDDEN"), 4),
        ("media.list", Fault::exception("QUERY_EXCEEDED_MAX_MATCHES_ALLOWED"), 1),
        ("media.list", Fault::json(200, &json!({ "totalCount": 900, "objects": [] }).to_string()), 5),
        ("media.list", Fault::json(200, "<html>"), 5),
        ("user.get", Fault::exception("SERVICE_FORBIDDEN"), 4),
        ("user.get", Fault::json(200, "{}"), 5),
    ];
    for (call, fault, exit) in cases {
        campus.kaltura.faults().queue(call, 1, fault);
        let run = campus.run_with(&[("ZOOM2KALTURA_HTTP_RETRIES", "0")], &["retention", "--format", "json"]);
        assert_eq!((run.exit, run.out.as_str()), (exit, ""), "{call}: {}", run.err);
        assert!(!run.err.is_empty());
    }
    campus.kaltura.faults().queue("media.list", 1, Fault::answer(503, "down"));
    assert_eq!(findings(&campus, &[]).len(), 1, "what passes is asked again");
}
