//! The language of captions by host: an address, a group in Zoom, or the default.

use standin::fault::Fault;
use standin::media::Media;
use standin::zoom::{Group, User};

use crate::campus::{Campus, lecture};

const VTT: &str = "WEBVTT\n\n00:00.000 --> 00:02.000\nx\n";

fn labels(campus: &Campus) -> Vec<String> {
    let mut labels: Vec<String> = campus.texts().iter().map(|text| text.field("label").to_owned()).collect();
    labels.sort();
    labels
}

/// A group that cannot be read keeps the captions of its possible members waiting, and nothing else.
#[test]
fn captions_follow_their_hosts_language() {
    let campus = Campus::new();
    for host in ["eve", "bob"] {
        let address = format!("{host}@uni.example");
        campus.zoom.add_user(User::new(host, &address));
        campus.kaltura.add_user(&address, &address);
    }
    campus.zoom.set_group(Group::new("g1", "Romance").member("eve", "eve@uni.example"));
    for (number, host) in [(1, "ada"), (2, "eve"), (3, "bob")] {
        let talk = lecture(&format!("{host}=="), 81_000_000_000 + number, host, 5);
        campus.zoom.add_meeting(if host == "bob" { talk } else { talk.transcript(Media::text(VTT)) });
    }
    let file = campus.setup.path().join("languages.csv");
    std::fs::write(&file, "Ada@uni.example,German\n@Romance,French\n").expect("a file");
    let file = file.display().to_string();
    let settings = [
        ("ZOOM2KALTURA_COPY_CAPTION_LANGUAGES_FILE", file.as_str()),
        ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
        ("ZOOM2KALTURA_HTTP_SETTLE", "200ms"),
    ];
    campus.zoom.faults().queue("GET /groups", 1, Fault::zoom_error(404, 4130, "no such group"));
    let run = campus.run_with(&settings, &["sync"]);
    assert_eq!((run.exit, labels(&campus)), (3, vec!["German (transcript)".to_owned()]), "{}", run.err);
    assert!(run.err.contains("the Zoom group \"Romance\" could not be read"), "{}", run.err);
    assert_eq!(campus.kaltura.entries().len(), 3, "only captions wait");
    campus.zoom.change_meeting("bob==", |talk| talk.transcript(Media::text(VTT)));
    let expected = ["English (transcript)", "French (transcript)", "German (transcript)"];
    for lost in [false, true] {
        if lost {
            campus.lose_ledger();
        }
        campus.sync_until_done_with(&settings);
        assert_eq!(labels(&campus), expected, "ledger lost: {lost}");
    }
    let french = campus.texts().into_iter().find(|text| text.field("label").starts_with("French"));
    assert_eq!(french.map(|text| text.field("language").to_owned()).as_deref(), Some("French"));
}

#[test]
fn bad_language_files_stop_before_copying() {
    let campus = Campus::with_lecture();
    let file = campus.setup.path().join("languages.csv");
    std::fs::write(&file, "ada@uni.example,German\neve@uni.example,de\n").expect("a file");
    let file = file.display().to_string();
    let settings = [("ZOOM2KALTURA_COPY_CAPTION_LANGUAGES_FILE", file.as_str())];
    for command in [&["config", "validate"][..], &["sync"]] {
        let run = campus.run_with(&settings, command);
        assert_eq!(run.exit, 2, "{}", run.err);
        assert!(run.err.contains("line 2") && run.err.contains("did you mean \"German\"?"), "{}", run.err);
    }
    assert_eq!(campus.run_with(&settings, &["check"]).exit, 7);
    assert!(campus.kaltura.entries().is_empty());
}
