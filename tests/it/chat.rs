//! The chat of a recording: an attachment of its entry where it is wanted, once, and only what is one.

use std::time::Duration;

use serde_json::{Value, json};
use standin::fault::Fault;
use standin::media::Media;

use crate::campus::{Campus, Run, lecture};

const ON: [(&str, &str); 2] = [("ZOOM2KALTURA_COPY_ATTACHMENTS", "chat"), ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")];

/// A lecture of Ada's with a chat.
fn campus() -> Campus {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("talk==", 81_000_000_001, "ada", 5).chat(Media::chat()));
    campus
}

/// The one chat that is there, with its content.
fn chat(campus: &Campus) -> (String, String) {
    let texts = campus.texts();
    assert_eq!(texts.len(), 1, "{texts:?}");
    let name = texts[0].field("filename");
    assert_eq!((texts[0].field("title"), name, texts[0].field("format")), ("Chat (Zoom)", "Chat.txt", "1"));
    (name.to_owned(), texts[0].content.clone().unwrap_or_default())
}

fn fate(run: &Run) -> Value {
    let report = run.report();
    let file = &report["items"][0]["files"][1];
    json!([file["type"], file["action"], file["reason"], file["result"]])
}

const SAID: &str = include_str!("../fixtures/chat.txt");

#[test]
fn copied_only_where_switched_on() {
    let campus = campus();
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!(fate(&run), json!(["CHAT", "skip", "chat_off", null]));
    assert!(campus.texts().is_empty());
    // switched on later, it is added to what is there already
    let dry = campus.run_with(&ON, &["sync", "--dry-run"]);
    assert!(dry.out.contains("  attachment") && dry.exit == 0, "{}", dry.out);
    let run = campus.run_with(&ON, &["sync", "--format", "json"]);
    assert_eq!(fate(&run), json!(["CHAT", "copy", null, "done"]));
    assert_eq!(chat(&campus).1, SAID);
    assert!(campus.run(&["explain", "talk=="]).out.contains("the chat: added to the entry"));
    campus.sync_until_done_with(&ON);
    campus.kaltura.log().clear();
    assert_eq!(campus.run_with(&ON, &["sync"]).exit, 0);
    assert!(campus.kaltura.log().calls().is_empty());
    assert_eq!(campus.run_with(&ON, &["verify", "--days", "2"]).exit, 0);
}

#[test]
fn late_chat_follows_its_recording() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("talk==", 81_000_000_001, "guest", 30));
    campus.sync_until_done_with(&ON);
    campus.setup.age_lookback();
    campus.zoom.change_meeting("talk==", |meeting| meeting.chat(Media::chat()));
    campus.sync_until_done_with(&ON);
    assert_eq!(chat(&campus).1, SAID);
    campus.kaltura.add_user("guest@elsewhere.example", "");
    campus.sync_until_done_with(&ON);
    assert_eq!(campus.kaltura.entries()[0].user_id, "guest@elsewhere.example");
    assert_eq!(chat(&campus).1, SAID);
}

#[test]
fn purged_chat_returns_with_its_lecture() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("talk==", 81_000_000_001, "guest", 30).chat(Media::chat()));
    campus.sync_until_done_with(&ON);
    assert_eq!(campus.run_with(&ON, &["purge", "--older-than", "0s"]).exit, 0);
    campus.kaltura.log().clear();
    assert_eq!(campus.run_with(&ON, &["sync"]).exit, 0);
    assert_eq!(campus.kaltura.log().count("attachment_attachmentAsset.add"), 0);
    let day = &crate::campus::hours_ago(30)[..10];
    let args = ["backfill", "--from", day, "--to", day, "--recopy-purged"];
    assert_eq!(campus.run_with(&ON, &args).exit, 0);
    let alive = campus.kaltura.alive().into_iter().next().expect("a new copy");
    assert_eq!(campus.kaltura.texts_of(&alive.id).len(), 1);
}

#[test]
fn recognized_after_a_lost_ledger() {
    let campus = campus();
    campus.sync_until_done_with(&ON);
    campus.lose_ledger();
    campus.kaltura.log().clear();
    campus.sync_until_done_with(&ON);
    let log = campus.kaltura.log();
    assert_eq!(
        (log.count("attachment_attachmentAsset.add"), log.count("attachment_attachmentAsset.setContent")),
        (0, 0)
    );
    assert_eq!(chat(&campus).1, SAID);
}

#[test]
fn no_fault_doubles_or_loses_it() {
    let calls = ["attachment_attachmentAsset.add", "attachment_attachmentAsset.setContent"];
    for call in calls {
        for fault in [Fault::LostAnswer, Fault::Reset, Fault::answer(503, "busy"), Fault::html()] {
            for hits in [1, 3] {
                let campus = campus();
                for hit in 1..=hits {
                    campus.kaltura.faults().queue(call, hit, fault.clone());
                }
                let settings = [&ON[..], &[("ZOOM2KALTURA_HTTP_SETTLE", "100ms")]].concat();
                for _ in 0..hits {
                    let run = campus.run_with(&settings, &["sync"]);
                    assert!([0, 3, 5].contains(&run.exit), "{call} {fault:?}: {} {}", run.exit, run.err);
                }
                campus.sync_until_done_with(&ON);
                assert_eq!(chat(&campus).1, SAID, "{call} {fault:?}");
            }
        }
    }
}

#[test]
fn late_answer_leaves_one_chat() {
    let campus = campus();
    campus.kaltura.faults().queue("attachment_attachmentAsset.add", 1, Fault::Late(Duration::from_millis(500)));
    let settings = [&ON[..], &[("ZOOM2KALTURA_HTTP_SETTLE", "50ms")]].concat();
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(campus.texts().len(), 2, "the first one came late");
    // the twin can only be told from it as long as it is deleted, and that may go wrong too
    campus.kaltura.faults().queue("attachment_attachmentAsset.delete", 1, Fault::LostAnswer);
    campus.sync_until_done_with(&ON);
    assert_eq!(chat(&campus).1, SAID);
}

/// Control characters are left out.
#[test]
fn only_real_chats_are_attached() {
    let short = Fault::answer(200, "09:00:00 From Ada to Everyone: hello");
    let error = Fault::json(200, r#"{"status":false,"errorCode":124}"#);
    for (fault, hits) in [(Fault::html(), 2..=3), (error, 2..=3), (short, 2..=2)] {
        let campus = campus();
        for hit in hits {
            campus.zoom.faults().queue("GET /rec/download", hit, fault.clone());
        }
        let run = campus.run_with(&ON, &["sync", "--format", "json"]);
        assert_eq!((run.exit, fate(&run)), (3, json!(["CHAT", "copy", null, "failed"])), "{}", run.err);
        assert!(campus.texts().is_empty());
        // a page is asked for twice; a text of another size is none before a second one agrees
        campus.run_with(&ON, &["sync"]);
        campus.sync_until_done_with(&ON);
        assert_eq!(chat(&campus).1, SAID);
    }
    let campus = campus();
    let odd = SAID.replace("cycle", "cy\u{7}le");
    campus.zoom.faults().queue("GET /rec/download", 2, Fault::answer(200, &odd));
    campus.sync_until_done_with(&ON);
    assert_eq!(chat(&campus).1, odd.replace('\u{7}', ""));
}
