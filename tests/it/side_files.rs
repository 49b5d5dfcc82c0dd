//! Chat, summaries, poll results and timeline: attachments of their entry where `copy.attachments` names them, each once,
//! under names that people would give them.

use serde_json::{Value, json};
use standin::fault::Fault;
use standin::media::Media;
use standin::zoom::Meeting;

use crate::campus::{Campus, Run, hours_ago, lecture};

const ON: [(&str, &str); 2] =
    [("ZOOM2KALTURA_COPY_ATTACHMENTS", "chat, summary, poll, timeline"), ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")];
const ADD: &str = "attachment_attachmentAsset.add";
const FILL: &str = "attachment_attachmentAsset.setContent";

/// What people see of each attachment, in order.
fn attachments(campus: &Campus) -> Vec<String> {
    let shown = |text: &standin::kaltura::TextAsset| {
        format!("{} | {} | {}", text.field("title"), text.field("filename"), text.content.as_deref().unwrap_or("none"))
    };
    let mut shown: Vec<String> = campus.texts().iter().map(shown).collect();
    shown.sort();
    shown
}

/// Type, action and reason of each file but the first of each recording.
fn fates(run: &Run) -> Vec<String> {
    let report = run.report();
    let items = report["items"].as_array().expect("items").clone();
    let files = items.iter().flat_map(|item| item["files"].as_array().expect("files").iter().skip(1).cloned());
    let fate = |file: Value| {
        let word = |field: &str| file[field].as_str().unwrap_or("-").to_owned();
        format!("{} {} {} {}", word("type"), word("action"), word("reason"), word("result"))
    };
    files.map(fate).collect()
}

#[test]
fn each_side_file_becomes_one_attachment() {
    let campus = Campus::new();
    let text = |text: &str| Media::text(text);
    campus.zoom.add_meeting(
        lecture("talk==", 81_000_000_001, "ada", 5)
            .chat(text("hello"))
            .summary("summary", text("{\"overview\":1}"))
            .summary("summary_next_steps", text("{\"steps\":1}"))
            .summary("summary_smart_chapters", text("{\"chapters\":1}"))
            .summary("summary", text("{\"overview\":2}"))
            .poll(text("#,User"))
            .timeline(),
    );
    let run = campus.run(&["sync", "--format", "json"]);
    let off = |kind: &str, reason: &str| format!("{kind} skip {reason} -");
    let summary = || off("SUMMARY", "attachment_off");
    let (chat, poll, timeline) =
        (off("CHAT", "chat_off"), off("CSV", "attachment_off"), off("TIMELINE", "attachment_off"));
    assert_eq!(fates(&run), [chat, summary(), summary(), summary(), summary(), poll, timeline], "none by default");
    campus.sync_until_done();
    assert!(campus.texts().is_empty());
    // switched on later, they are added to what is there already
    let dry = campus.run_with(&ON, &["sync", "--dry-run"]);
    assert!(dry.out.contains("7 × attachment") && dry.exit == 0, "{}", dry.out);
    campus.sync_until_done_with(&ON);
    let expected = [
        "Chat (Zoom) | Chat.txt | hello",
        "Next steps (Zoom) | Next steps.json | {\"steps\":1}",
        "Poll results (Zoom) | Poll results.csv | #,User",
        "Smart chapters (Zoom) | Smart chapters.json | {\"chapters\":1}",
        "Summary (Zoom) | Summary.json | {\"overview\":1}",
        "Summary 2 (Zoom) | Summary 2.json | {\"overview\":2}",
        "Timeline (Zoom) | Timeline.json | {\"timeline\":[{\"ts\":\"00:00:01.000\",\"users\":[]}]}",
    ];
    assert_eq!(attachments(&campus), expected);
    assert!(campus.run(&["explain", "talk=="]).out.contains("the poll results"));
    campus.kaltura.log().clear();
    assert_eq!(campus.run_with(&ON, &["sync"]).exit, 0);
    assert!(campus.kaltura.log().calls().is_empty());
    assert_eq!(campus.run_with(&ON, &["verify", "--days", "2"]).exit, 0);
    campus.lose_ledger();
    campus.kaltura.log().clear();
    campus.sync_until_done_with(&ON);
    assert_eq!((campus.kaltura.log().count(ADD), campus.kaltura.log().count(FILL)), (0, 0));
    assert_eq!(attachments(&campus), expected);
    let sql = "SELECT count(*) FROM files WHERE role = 'attachment' AND state = 'done'";
    assert_eq!(campus.ledger().query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count"), 7, "recognised");
}

/// How a file of such content is added to a meeting.
type Add = fn(Meeting, Media) -> Meeting;

/// Empty ones and those that are no text are settled.
#[test]
fn side_files_take_their_form() {
    let cases: [(Add, &str, &str, &str); 6] = [
        (|to, file| to.summary("summary", file), "Lenses bend light.", "done", "Summary.txt"),
        (Meeting::chat, "[{\"from\":\"Ada\"}]", "done", "Chat.json"),
        (Meeting::poll, "[{\"answer\":\"yes\"}]", "done", "Poll results.json"),
        (Meeting::poll, "", "empty", ""),
        (|to, file| to.summary("summary", file), "{\"overview\":\"\",\"items\":[]}", "empty", ""),
        (|to, file| to.summary("summary", file), "%PDF-1.7\0\0", "not_a_text", ""),
    ];
    let campus = Campus::new();
    for (number, (add, content, ..)) in (1..).zip(&cases) {
        let talk = lecture(&format!("talk{number}=="), 81_000_000_000 + number, "ada", 20 - number);
        campus.zoom.add_meeting(add(talk, Media::text(content)));
    }
    let run = campus.run_with(&ON, &["sync", "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    let report = run.report();
    for (number, (_, content, expected, file_name)) in (1..).zip(&cases) {
        let uuid = format!("talk{number}==");
        let items = report["items"].as_array().expect("items");
        let item = items.iter().find(|item| item["meeting_uuid"] == uuid.as_str()).expect("a line");
        let file = &item["files"][1];
        let fate = file["reason"].as_str().or(file["result"].as_str());
        assert_eq!(fate, Some(*expected), "{content}");
        let texts = campus.kaltura.texts_of(item["entry_id"].as_str().expect("an entry"));
        let names: Vec<&str> = texts.iter().map(|text| text.field("filename")).collect();
        let expected: &[&str] = if file_name.is_empty() { &[] } else { &[*file_name] };
        assert_eq!(names, expected, "{content}");
    }
    campus.zoom.log().clear();
    assert_eq!(campus.run_with(&ON, &["sync"]).exit, 0);
    assert_eq!(campus.zoom.log().count("GET /rec/download"), 0, "what is settled is not asked for again");
}

/// A talk whose summary has this id and content.
fn talk(start: &str, id: &str, content: &str) -> Meeting {
    let talk = lecture("talk==", 81_000_000_001, "ada", 5).starts(start).with_id("video");
    talk.summary("summary", Media::text(content)).with_id(id)
}

fn replaced(campus: &Campus, start: &str, id: &str, content: &str) -> Run {
    campus.zoom.change_meeting("talk==", |_| talk(start, id, content));
    let dry = campus.run_with(&ON, &["sync", "--dry-run", "--format", "json"]);
    assert_eq!(fates(&dry)[0], "SUMMARY copy - -", "{}", dry.out);
    let run = campus.run_with(&ON, &["sync", "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    // once
    campus.zoom.log().clear();
    assert_eq!(campus.run_with(&ON, &["sync"]).exit, 0);
    assert_eq!(campus.zoom.log().count("GET /rec/download"), 0, "{content}");
    run
}

/// Whatever is lost on the way.
#[test]
fn replaced_files_update_their_attachment() {
    let (campus, start) = (Campus::new(), hours_ago(5));
    campus.zoom.add_meeting(talk(&start, "s", "first"));
    campus.sync_until_done_with(&ON);
    let is_shown = |content: &str| {
        assert_eq!(attachments(&campus), [format!("Summary (Zoom) | Summary.txt | {content}")]);
        assert_eq!(campus.run_with(&ON, &["verify", "--days", "2"]).exit, 0);
    };
    is_shown("first");
    for content in ["the second", "the third one"] {
        let run = replaced(&campus, &start, "s", content);
        assert_eq!(fates(&run), ["SUMMARY copy - done"]);
        is_shown(content);
    }
    // another file in its place, and no answer to the change
    campus.kaltura.faults().queue(FILL, 1, Fault::LostAnswer);
    replaced(&campus, &start, "t", "regenerated by Zoom");
    is_shown("regenerated by Zoom");
    // the run ends before it knows that it was heard
    campus.zoom.change_meeting("talk==", |_| talk(&start, "t", "regenerated once more"));
    for hit in 1..=20 {
        campus.kaltura.faults().queue(FILL, hit, Fault::LostAnswer);
    }
    let settings = [&ON[..], &[("ZOOM2KALTURA_HTTP_RETRIES", "1"), ("ZOOM2KALTURA_HTTP_RETRY_WAIT", "1ms")]].concat();
    assert_ne!(campus.run_with(&settings, &["sync"]).exit, 0);
    campus.kaltura.faults().clear();
    campus.sync_until_done_with(&ON);
    is_shown("regenerated once more");
    // what is there is better than nothing
    replaced(&campus, &start, "t", " ");
    is_shown("regenerated once more");
    replaced(&campus, &start, "t", "written in the end");
    is_shown("written in the end");
}

/// Whichever of several Zoom makes anew.
#[test]
fn replaced_files_keep_their_number() {
    let (campus, start) = (Campus::new(), hours_ago(5));
    // of two of one size and second nobody knows which is which: neither is written over
    campus.zoom.add_meeting(talk(&start, "a", "one").summary("summary", Media::text("two")).with_id("b"));
    campus.sync_until_done_with(&ON);
    campus
        .zoom
        .change_meeting("talk==", |_| talk(&start, "c", "three").summary("summary", Media::text("two")).with_id("b"));
    assert_eq!(campus.run_with(&ON, &["sync"]).exit, 0);
    assert!(attachments(&campus).iter().any(|shown| shown.ends_with("| two")), "{:?}", attachments(&campus));
    assert!(attachments(&campus).iter().any(|shown| shown.ends_with("| three")), "{:?}", attachments(&campus));
    let campus = Campus::new();
    let two = |first: [&str; 2], second: [&str; 2]| {
        talk(&start, first[0], first[1]).summary("summary", Media::text(second[1])).with_id(second[0])
    };
    campus.zoom.add_meeting(two(["a", "one"], ["b", "the other"]));
    campus.sync_until_done_with(&ON);
    let steps = [
        (["c", "one anew"], ["b", "the other"]),
        (["c", "one anew"], ["b", "the other in other words"]),
        (["c", "one, once more"], ["a2", "the other, by yet another id"]),
    ];
    for (first, second) in steps {
        campus.zoom.change_meeting("talk==", |_| two(first, second));
        let run = campus.run_with(&ON, &["sync"]);
        assert_eq!(run.exit, 0, "{}", run.err);
        let shown = [
            format!("Summary (Zoom) | Summary.txt | {}", first[1]),
            format!("Summary 2 (Zoom) | Summary 2.txt | {}", second[1]),
        ];
        let mut expected = shown.to_vec();
        expected.sort();
        assert_eq!(attachments(&campus), expected, "{} {}", run.out, run.err);
        assert_eq!(campus.run_with(&ON, &["verify", "--days", "2"]).exit, 0);
    }
}

/// What people do to the first text in the KMC, so much later that its time shows it.
fn write_over(campus: &Campus, content: &str) {
    // Kaltura's times are whole seconds
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let resource = json!({ "objectType": "KalturaStringResource", "content": content });
    let asset = json!({ "id": campus.texts()[0].id, "contentResource": resource });
    campus.in_kmc("attachment_attachmentAsset", "setContent", asset);
}

#[test]
fn attachments_people_changed_stay_theirs() {
    let (campus, start) = (Campus::new(), hours_ago(5));
    campus.zoom.add_meeting(talk(&start, "s", "first"));
    campus.sync_until_done_with(&ON);
    write_over(&campus, "FIRST");
    for content in ["the second", "the third one"] {
        let run = replaced(&campus, &start, "s", content);
        assert_eq!(fates(&run), ["SUMMARY done edited_in_kaltura -"]);
        assert_eq!(attachments(&campus), ["Summary (Zoom) | Summary.txt | FIRST"]);
    }
    let run = campus.run_with(&ON, &["retry", "talk=="]);
    assert_eq!(attachments(&campus), ["Summary (Zoom) | Summary.txt | FIRST"], "{}", run.err);
    // another file in its place
    replaced(&campus, &start, "t", "the fourth one");
    assert_eq!(attachments(&campus), ["Summary (Zoom) | Summary.txt | FIRST"]);
    assert_eq!(campus.run_with(&ON, &["verify", "--days", "2"]).exit, 0);
    campus.kaltura.delete_texts(&campus.kaltura.entries()[0].id, standin::kaltura::Sort::Attachment);
    replaced(&campus, &start, "t", "the fifth one, too");
    assert!(campus.texts().is_empty(), "what people deleted stays deleted");
}

/// Of the same name and size as what Zoom has by now, too.
#[test]
fn alike_attachments_of_people_stay_theirs() {
    let (campus, start) = (Campus::new(), hours_ago(5));
    campus.zoom.add_meeting(talk(&start, "s", "original"));
    campus.sync_until_done_with(&ON);
    write_over(&campus, "THEIR");
    for content in ["fresh", "the third one"] {
        let run = replaced(&campus, &start, "s", content);
        assert_eq!(attachments(&campus), ["Summary (Zoom) | Summary.txt | THEIR"], "{content}");
        assert_eq!(fates(&run), ["SUMMARY done edited_in_kaltura -"], "{content}");
    }
}

#[test]
fn failing_updates_are_given_up() {
    let (campus, start) = (Campus::new(), hours_ago(5));
    campus.zoom.add_meeting(talk(&start, "s", "first"));
    campus.sync_until_done_with(&ON);
    campus.zoom.change_meeting("talk==", |_| talk(&start, "s", "the second"));
    let settings = [&ON[..], &[("ZOOM2KALTURA_HTTP_RETRIES", "0"), ("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "2")]].concat();
    for hit in 1..=20 {
        campus.kaltura.faults().queue(FILL, hit, Fault::exception("INTERNAL_SERVERL_ERROR"));
    }
    for _ in 0..2 {
        assert_ne!(campus.run_with(&settings, &["sync"]).exit, 0);
    }
    campus.kaltura.log().clear();
    let run = campus.run_with(&settings, &["sync", "--format", "json"]);
    assert_eq!((run.exit, fates(&run)), (0, vec!["SUMMARY skip given_up -".to_owned()]), "{}", run.err);
    assert_eq!(campus.kaltura.log().count(FILL), 0);
    assert!(campus.run(&["explain", "talk=="]).out.contains("gave up after sync.max_attempts tries"));
    let status = campus.run(&["status", "--format", "json"]);
    assert_eq!(status.report()["given_up"].as_array().map(Vec::len), Some(1), "{}", status.out);
    campus.kaltura.faults().clear();
    assert_eq!(campus.run(&["retry", "--failed"]).exit, 0);
    campus.sync_until_done_with(&settings);
    assert_eq!(attachments(&campus), ["Summary (Zoom) | Summary.txt | the second"]);
    let status = campus.run(&["status", "--format", "json"]);
    assert_eq!(status.report()["given_up"].as_array().map(Vec::len), Some(0), "{}", status.out);
}

/// By its ledger, by Kaltura alone, and where its version ended in the middle.
#[test]
fn chats_of_earlier_versions_stay_single() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("talk==", 81_000_000_001, "ada", 5).chat(Media::chat()));
    let old_key = [("ZOOM2KALTURA_COPY_CHAT", "true")];
    campus.sync_until_done_with(&old_key);
    let entry = campus.kaltura.entries()[0].id.clone();
    let start = campus.zoom.meetings()[0].files()[0].start.format("%Y%m%dT%H%M%SZ chat.txt").to_string();
    campus.kaltura.rename_attachments(&entry, "Chat", &start);
    let forget = "UPDATE files SET by_kaltura = 0 WHERE role = 'attachment'";
    assert_eq!(campus.ledger().execute(forget, []).expect("a row"), 1);
    let is_single = |what: &str, settings: &[(&str, &str)]| {
        campus.kaltura.log().clear();
        campus.sync_until_done_with(settings);
        assert_eq!(campus.kaltura.log().count(ADD), 0, "{what}");
        let texts = campus.texts();
        assert_eq!((texts.len(), texts[0].field("filename")), (1, start.as_str()), "{what}");
    };
    is_single("its ledger", &ON);
    let reopen = "UPDATE files SET state = 'attaching', asked = 1, confirmed = NULL WHERE role = 'attachment'";
    assert_eq!(campus.ledger().execute(reopen, []).expect("a row"), 1);
    let decide = "UPDATE recordings SET action = 'wait', reason = 'retry_later'";
    assert_eq!(campus.ledger().execute(decide, []).expect("a row"), 1);
    is_single("under way", &old_key);
    campus.lose_ledger();
    is_single("no ledger", &ON);
}
