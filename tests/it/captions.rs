//! `captions` reports which copies lack captions that people can rely on, and changes nothing anywhere.

use serde_json::json;
use standin::fault::Fault;
use standin::kaltura::Seed;

use crate::campus::{Campus, Run};

const VTT: &str = "WEBVTT\n\n00:00.000 --> 00:02.000\nx\n";

fn captions(campus: &Campus, format: &str) -> Run {
    let before = (campus.zoom.fingerprint(), campus.kaltura.fingerprint());
    let run = campus.run(&["captions", "--format", format]);
    assert_eq!((campus.zoom.fingerprint(), campus.kaltura.fingerprint()), before);
    assert!(campus.state().is_empty() && campus.zoom.log().calls().is_empty(), "Kaltura alone is asked");
    run
}

/// As this program does.
fn add_transcript(campus: &Campus, entry_id: &str) {
    let asset = json!({
        "objectType": "KalturaCaptionAsset", "label": "English (transcript)", "language": "English", "format": "3",
        "source": "1",
    });
    let params = json!({ "entryId": entry_id, "captionAsset": asset });
    let id = campus.in_kmc("caption_captionAsset", "add", params)["id"].clone();
    let resource = json!({ "objectType": "KalturaStringResource", "content": VTT });
    campus.in_kmc("caption_captionAsset", "setContent", json!({ "id": id, "contentResource": resource }));
}

#[test]
fn lacking_captions_are_reported_by_host() {
    let campus = Campus::new();
    let add = |owner: &str| {
        let (admin_tags, user_id) = ("zoom2kaltura".to_owned(), owner.to_owned());
        campus.kaltura.add_entry(&Seed { admin_tags, user_id, bytes: 0, ..Seed::default() })
    };
    let [bare, said, good, broken] = ["ada@uni.example", "ada@uni.example", "ada@uni.example", ""].map(add);
    let child = Seed { parent_entry_id: good.clone(), admin_tags: "zoom2kaltura".to_owned(), ..Seed::default() };
    campus.kaltura.add_entry(&child);
    campus.kaltura.add_entry(&Seed::default());
    for id in [&said, &good] {
        add_transcript(&campus, id);
    }
    campus.kaltura.seed_caption(&good, "English, corrected", "English", VTT);
    campus.kaltura.seed_caption(&broken, "English, uploaded", "English", "WEBVTT\n\nx --> y\nz\n");
    let run = captions(&campus, "json");
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let report = run.report();
    assert_eq!(report["recordings"], 4);
    assert_eq!(report["reasons"], json!({ "no_captions": 2, "machine_made": 1, "unreadable": 1 }));
    let items = report["items"].as_array().expect("items").iter();
    let found: Vec<_> = items.map(|item| (item["entry_id"].clone(), item["reasons"].clone())).collect();
    for (id, reasons) in [
        (&bare, json!(["no_captions"])),
        (&said, json!(["machine_made"])),
        (&broken, json!(["no_captions", "unreadable"])),
    ] {
        assert!(found.contains(&(json!(id), reasons)), "{found:?}");
    }
    assert_eq!(found.len(), 3);
    let groups = report["groups"].as_array().expect("groups");
    let of_ada = groups.iter().find(|group| group["owner"] == "ada@uni.example").expect("ada's");
    assert_eq!((&of_ada["recordings"], &of_ada["reasons"]["machine_made"]), (&json!(2), &json!(1)));
    let csv = captions(&campus, "csv").out;
    assert!(csv.contains(&format!("{said},machine_made,ada@uni.example,")) && csv.lines().count() == 4, "{csv}");
    let text = captions(&campus, "text").out;
    assert!(text.starts_with("3 of 4 recordings to look at\n"), "{text}");
    campus.kaltura.faults().queue(
        "multirequest of caption_captionAsset.list",
        1,
        Fault::exception("SERVICE_FORBIDDEN"),
    );
    let run = captions(&campus, "json");
    assert!(run.exit != 0 && run.out.is_empty(), "what cannot be read is not reported as missing: {}", run.out);
}

/// Without a request of their own; nothing before the first time.
#[test]
fn counts_appear_in_the_status() {
    let campus = Campus::with_lecture();
    let status = || campus.run(&["status", "--format", "json"]).report()["captions"].clone();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    assert_eq!(status(), json!(null));
    assert_eq!(campus.run(&["captions"]).err, "");
    campus.kaltura.log().clear();
    let shown = status();
    assert_eq!((&shown["recordings"], shown["counted"].is_string()), (&json!(1), true), "{shown}");
    assert_eq!(shown["reasons"], json!({ "no_captions": 1, "machine_made": 0, "unreadable": 0 }));
    let said = "none for 1 of 1 recording, only machine-made for 0, unreadable for 0; counted ";
    for format in ["text", "html"] {
        let out = campus.run(&["status", "--format", format]).out;
        assert!(out.contains(said), "{format}: {out}");
    }
    assert!(campus.kaltura.log().calls().is_empty());
    campus.kaltura.faults().queue(
        "multirequest of caption_captionAsset.list",
        1,
        Fault::exception("SERVICE_FORBIDDEN"),
    );
    assert_ne!(campus.run(&["captions"]).exit, 0);
    assert_eq!(status(), shown, "what could not be counted takes nothing from what was");
}
