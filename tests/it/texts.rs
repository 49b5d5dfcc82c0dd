//! Captions and chats: what is one is copied, what is none is left out at once by its reason, and what Zoom shows in its
//! place is asked for again.

use std::sync::LazyLock;

use standin::fault::Fault;
use standin::kaltura::TextAsset;
use standin::media::Media;
use standin::zoom::Meeting;

use crate::at_once::check_each;
use crate::campus::{Campus, Run, hours_ago, lecture};

const SETTINGS: [(&str, &str); 3] = [
    ("ZOOM2KALTURA_COPY_CHAT", "true"),
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "200ms"),
];
const VTT: &str = "WEBVTT\n\n00:00.000 --> 00:02.000\nx\n";
const SAID: &str = "09:00:00\t From Ada to Everyone: hello\n";
const ZOOM_ERROR: &str = r#"{"status":false,"errorCode":124,"errorMessage":"Forbidden","result":null}"#;
const PAGE: &str = "<!DOCTYPE html><html><body>Sign in</body></html>";

/// Zoom changes files, not when they were recorded.
static START: LazyLock<String> = LazyLock::new(|| hours_ago(5));

/// What a text is in Zoom's list.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Transcript,
    ClosedCaption,
    Chat,
}
use Kind::{Chat, ClosedCaption, Transcript};

fn silent_talk() -> Meeting {
    lecture("talk==", 81_000_000_001, "ada", 5).starts(&START)
}

fn talk(kind: Kind, text: &str) -> Meeting {
    let (talk, media) = (silent_talk(), Media::text(text));
    match kind {
        Transcript => talk.transcript(media),
        ClosedCaption => talk.closed_caption(media),
        Chat => talk.chat(media),
    }
}

fn campus(talk: Meeting) -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(talk);
    campus
}

fn sync(campus: &Campus) -> Run {
    campus.run_with(&SETTINGS, &["sync", "--format", "json"])
}

/// What became of the text, in words: its reason, or what came of it.
fn fate(run: &Run) -> String {
    let report = run.report();
    let file = &report["items"][0]["files"][1];
    let word = |field: &str| file[field].as_str().map(str::to_owned);
    word("reason").or_else(|| word("result")).or_else(|| word("action")).unwrap_or_default()
}

#[test]
fn each_text_has_its_fate() {
    let big = |text: &str| format!("WEBVTT{text}\n\n00:00.000 --> 00:02.000\nx\n");
    let (title, tab, glued, crlf) = (big(" - Lecture 1"), big("\tx"), big("1"), VTT.replace('\n', "\r\n"));
    let bom = format!("\u{FEFF}{VTT}");
    let cases: [(Kind, &str, &str, &str); 34] = [
        (Transcript, "text/vtt", VTT, "done"),
        (Transcript, "application/json", VTT, "done"),
        (Transcript, "text/html; charset=utf-8", VTT, "done"),
        (Transcript, "binary/octet-stream", VTT, "done"),
        (Transcript, "text/vtt", &bom, "done"),
        (Transcript, "text/vtt", &crlf, "done"),
        (Transcript, "text/vtt", &title, "done"),
        (Transcript, "text/vtt", &tab, "done"),
        (ClosedCaption, "text/plain", VTT, "done"),
        (Transcript, "text/vtt", &glued, "not_a_caption"),
        (Transcript, "text/vtt", "1\n00:00:00,000 --> 00:00:02,000\nx\n", "not_a_caption"),
        (Transcript, "application/json", "{\"x\":1}", "not_a_caption"),
        (Transcript, "text/vtt", "{\"x\":1}", "not_a_caption"),
        (Transcript, "application/json", "[]", "not_a_caption"),
        (ClosedCaption, "text/vtt", "Here is a caption 1\n", "not_a_caption"),
        // what only Kaltura finds out
        (Transcript, "text/vtt", "WEBVTT\n\nx --> y\nz\n", "not_a_caption"),
        (Transcript, "text/vtt", "", "empty"),
        (ClosedCaption, "text/vtt", "", "empty"),
        (Transcript, "application/json", "", "empty"),
        (Transcript, "text/vtt", " \r\n\n", "empty"),
        (Transcript, "text/vtt", "WEBVTT\n\n", "empty"),
        (Transcript, "text/vtt", PAGE, "failed"),
        (Transcript, "text/html", PAGE, "failed"),
        (Transcript, "text/html", "Please sign in", "failed"),
        (Transcript, "application/json", ZOOM_ERROR, "failed"),
        (Transcript, "text/vtt", ZOOM_ERROR, "failed"),
        (Transcript, "text/vtt", r#"{"code":124,"message":"Invalid access token."}"#, "failed"),
        (Chat, "text/plain", SAID, "done"),
        (Chat, "application/json", SAID, "done"),
        (Chat, "text/plain", "", "empty"),
        (Chat, "text/plain", "\n\n", "empty"),
        (Chat, "application/json", r#"[{"from":"Ada"}]"#, "done"),
        (Chat, "text/plain", PAGE, "failed"),
        (Chat, "text/plain", ZOOM_ERROR, "failed"),
    ];
    check_each(cases, |(kind, content_type, body, expected)| {
        let campus = campus(talk(kind, body).served_as(content_type));
        let run = sync(&campus);
        let case = format!("{kind:?} {content_type} {body:?}: {}", run.err);
        assert_eq!(fate(&run), expected, "{case}");
        let (exit, there) = match expected {
            "failed" => (3, 0),
            "done" => (0, 1),
            _ => (0, 0),
        };
        assert_eq!((run.exit, campus.texts().len()), (exit, there), "{case}");
        assert!(expected == "failed" || !run.err.contains("scope"), "{case}");
        campus.zoom.log().clear();
        let again = sync(&campus);
        assert_eq!(again.exit, exit, "{case}");
        let asked = campus.zoom.log().count("GET /rec/download");
        assert_eq!(asked > 0, expected == "failed", "{case}: asked for {asked} times more");
    });
}

/// Or when somebody says so; it holds nothing up.
#[test]
fn left_out_text_follows_zoom_changes() {
    let campus = campus(talk(Transcript, "{\"x\":1}"));
    campus.sync_until_done_with(&SETTINGS);
    let run = sync(&campus);
    assert_eq!((run.exit, fate(&run).as_str()), (0, "not_a_caption"));
    assert_eq!(run.report()["items"][0]["action"], "done");
    assert_eq!(run.report()["reasons"]["not_a_caption"]["files"], 1);
    assert_eq!(campus.run_with(&SETTINGS, &["status", "--alert"]).exit, 0);
    let status = campus.run_with(&SETTINGS, &["status"]).out;
    assert!(status.contains("texts left out        1"), "{status}");
    let told = campus.run(&["explain", "talk=="]).out;
    assert!(told.contains("captions: not copied: Zoom's file holds no captions"), "{told}");
    // nothing failed, so that nothing is due again unless it is named
    assert!(campus.run(&["retry", "--failed"]).out.contains("nothing has failed"));
    let due = campus.run(&["retry", "talk=="]);
    assert!(due.exit == 0 && due.out.contains("due again"), "{}{}", due.out, due.err);
    campus.zoom.log().clear();
    assert_eq!(fate(&sync(&campus)), "not_a_caption");
    assert_eq!(campus.zoom.log().count("GET /rec/download"), 1);
    // Zoom made it anew, with another size
    let id = campus.zoom.meetings()[0].files()[1].id.clone();
    campus.zoom.change_meeting("talk==", |_| talk(Transcript, VTT).with_id(&id));
    let dry = campus.run_with(&SETTINGS, &["sync", "--dry-run", "--format", "json"]);
    assert_eq!(fate(&dry), "copy");
    assert_eq!(fate(&sync(&campus)), "done");
    assert_eq!(campus.texts()[0].content.as_deref(), Some(VTT));
}

#[test]
fn another_id_is_looked_at_anew() {
    let campus = campus(talk(Transcript, "{\"x\":1}").with_id("A"));
    assert_eq!(fate(&sync(&campus)), "not_a_caption");
    campus.zoom.change_meeting("talk==", |_| talk(Transcript, VTT).with_id("B"));
    assert_eq!(fate(&sync(&campus)), "done");
}

#[test]
fn unreadable_captions_are_removed_again() {
    let broken = "WEBVTT\n\nx --> y\nz\n";
    let calls = ["caption_captionAsset.add", "caption_captionAsset.setContent", "caption_captionAsset.delete"];
    for call in calls {
        for fault in [Fault::LostAnswer, Fault::Reset, Fault::answer(503, "busy")] {
            for hits in [1, 12] {
                let campus = campus(talk(Transcript, broken));
                for hit in 1..=hits {
                    campus.kaltura.faults().queue(call, hit, fault.clone());
                }
                let mut fates = Vec::new();
                for _ in 0..5 {
                    fates.push(fate(&sync(&campus)));
                }
                campus.kaltura.faults().clear();
                for _ in 0..3 {
                    fates.push(fate(&sync(&campus)));
                }
                assert_eq!(
                    fates.last().map(String::as_str),
                    Some("not_a_caption"),
                    "{call} {fault:?} {hits}: {fates:?}"
                );
                assert!(campus.texts().is_empty(), "{call} {fault:?} {hits}: {:?}", campus.texts());
            }
        }
    }
}

#[test]
fn two_agreeing_tries_correct_size() {
    for (kind, text) in [(Transcript, VTT), (Chat, SAID)] {
        let campus = campus(talk(kind, text).listed_as(5_000));
        let first = sync(&campus);
        assert_eq!((first.exit, fate(&first).as_str()), (3, "failed"), "{}", first.err);
        assert!(first.err.contains("Zoom's list has 5000"), "{}", first.err);
        let second = sync(&campus);
        assert_eq!((second.exit, fate(&second).as_str()), (0, "done"), "{}", second.err);
        assert_eq!(campus.texts()[0].content.as_deref(), Some(text));
    }
    // one that was cut once is not taken for it
    let campus = campus(talk(Transcript, VTT));
    campus.zoom.faults().queue("CDN", 2, Fault::answer(200, "WEBVTT\n\n00:00.000 --> 00:01.000\n"));
    assert_eq!(fate(&sync(&campus)), "failed");
    assert_eq!(fate(&sync(&campus)), "done");
    assert_eq!(campus.texts()[0].content.as_deref(), Some(VTT));
}

#[test]
fn unreadable_captions_from_before_stay() {
    let campus = campus(silent_talk());
    campus.sync_until_done_with(&SETTINGS);
    let entry = campus.kaltura.entries()[0].id.clone();
    let broken = "WEBVTT\n\nx --> y\nz\n";
    campus.zoom.change_meeting("talk==", |_| talk(Transcript, broken));
    let id = campus.kaltura.seed_caption(&entry, "English (transcript)", "English", broken);
    let run = sync(&campus);
    assert_eq!((run.exit, fate(&run).as_str()), (0, "not_a_caption"), "{}", run.err);
    assert!(run.err.contains("Kaltura cannot read a text that was there before"), "{}", run.err);
    assert_eq!(campus.texts().iter().map(|text| text.id.clone()).collect::<Vec<_>>(), [id]);
    assert_eq!(campus.texts()[0].status(), -1);
}

#[test]
fn second_text_stands_beside_first() {
    let with = |talk: Meeting, number: u8, id: &str| {
        let captions = Media::text(&format!("WEBVTT\n\n00:00.000 --> 00:01.000\nnumber {number}\n"));
        let chat = Media::text(&format!("09:00:00\tAda:\tnumber {number}\n"));
        talk.transcript(captions).with_id(&format!("{id}1")).chat(chat).with_id(&format!("{id}2"))
    };
    for [first, second] in [["m", "a"], ["m", "z"]] {
        let campus = campus(with(silent_talk(), 1, first));
        let settings = [&SETTINGS[..], &[("ZOOM2KALTURA_COPY_CHAT", "true")]].concat();
        campus.run_with(&settings, &["sync"]);
        campus.zoom.change_meeting("talk==", |talk| with(talk, 2, second));
        for _ in 0..2 {
            assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
        }
        let shown = |text: TextAsset| {
            let content = text.content.clone().unwrap_or_default();
            let number = content.trim_end().chars().next_back().unwrap_or_default();
            format!("{}{} {number}", text.field("label"), text.field("title"))
        };
        let mut names: Vec<String> = campus.texts().into_iter().map(shown).collect();
        names.sort();
        let expected = ["Chat (Zoom) 1", "Chat 2 (Zoom) 2", "English (transcript 2) 2", "English (transcript) 1"];
        assert_eq!(names, expected, "{first} {second}");
    }
}
