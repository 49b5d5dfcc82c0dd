//! The sound and picture of interpreters beside what they interpret, and the separate sound of participants, which is never
//! copied.

use serde_json::{Value, json};
use standin::fault::Fault;
use standin::media::Media;
use standin::zoom::Meeting;

use crate::campus::{Campus, Run, lecture};

const ON: [(&str, &str); 2] = [("ZOOM2KALTURA_COPY_INTERPRETATION", "true"), ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s")];

/// A lecture of Ada's with its sound alone, and that of an interpreter.
fn interpreted() -> Meeting {
    let spoken = "audio_interpretation";
    lecture("talk==", 81_000_000_001, "ada", 30)
        .audio(Media::m4a())
        .sound(spoken, Media::m4a().salted(1))
        .named("Audio Interpretation - French.m4a")
        .sound(spoken, Media::m4a().salted(2))
}

fn fates(run: &Run) -> Value {
    let report = run.report();
    let files = report["items"][0]["files"].as_array().cloned().unwrap_or_default();
    let fate = |file: &Value| format!("{} {}", file["action"].as_str().unwrap_or("-"), file["reason"]);
    json!(files.iter().map(fate).collect::<Vec<_>>())
}

/// Once, whenever they come and whatever goes wrong.
#[test]
fn interpretations_become_children_by_language() {
    let campus = Campus::new();
    campus.zoom.add_meeting(interpreted());
    let run = campus.run(&["sync", "--format", "json"]);
    let off = "skip \"interpretation_off\"";
    assert_eq!(fates(&run), json!(["copy null", "skip \"audio_beside_video\"", off, off]), "{}", run.err);
    campus.sync_until_done();
    assert_eq!(campus.copied(), ["Lecture 81000000001"]);
    // switched on later, they are added to what is there; the answer to the first is lost
    campus.setup.age_lookback();
    campus.kaltura.faults().queue("multirequest of media.add", 1, Fault::LostAnswer);
    campus.sync_until_done_with(&ON);
    campus.setup.age_lookback();
    campus.zoom.change_meeting("talk==", |meeting| {
        let late = meeting.sound("audio_interpretation", Media::m4a().salted(3)).with_id("0");
        late.video("sign_interpretation", Media::mp4().salted(4))
    });
    campus.sync_until_done_with(&ON);
    let expected = [
        "",
        " (audio interpretation 2)",
        " (audio interpretation)",
        " (audio interpretation, French)",
        " (sign interpretation)",
    ]
    .map(|view| format!("Lecture 81000000001{view}"));
    assert_eq!(campus.copied(), expected);
    let parent = campus.parent();
    let is_child = |entry: &&standin::kaltura::Entry| entry.parent_entry_id == parent.id;
    assert_eq!(campus.kaltura.entries().iter().filter(is_child).count(), 4);
    assert!(campus.run(&["explain", "talk=="]).out.contains("a further view"));
    campus.lose_ledger();
    campus.sync_until_done_with(&ON);
    campus.kaltura.log().clear();
    // switched off again, what is there stays
    assert_eq!(campus.run(&["sync", "--full"]).exit, 0);
    assert!(!campus.kaltura.log().calls().iter().any(|call| call.contains("add") || call.contains("delete")));
    assert_eq!(campus.left(), expected);
    assert_eq!(campus.run_with(&ON, &["verify", "--days", "3"]).exit, 0);
}

/// Which Zoom tells only where it is asked for the meeting.
#[test]
fn participants_sound_alone_is_reported() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("both==", 81_000_000_001, "ada", 30).participant_audio("Bert"));
    campus.zoom.add_meeting(
        Meeting::new("alone==", 81_000_000_002, "Apart")
            .host("ada")
            .starts(&crate::campus::hours_ago(24 * 8))
            .participant_audio("Bert"),
    );
    let listed = lecture("odd==", 81_000_000_003, "ada", 30).sound("audio_only_each_participant", Media::m4a());
    campus.zoom.add_meeting(listed);
    let go_live = crate::campus::hours_ago(24 * 20);
    let always = [("ZOOM2KALTURA_COPY_AUDIO", "always"), ("ZOOM2KALTURA_SYNC_GO_LIVE", &*go_live), ON[0]];
    let dry = campus.run_with(&always, &["sync", "--dry-run"]);
    assert!(dry.exit == 0 && dry.out.contains("participant_audio"), "{} {}", dry.out, dry.err);
    campus.sync_until_done_with(&always);
    let run = campus.run_with(&always, &["sync", "--full", "--format", "json"]);
    let told: Vec<String> = run.items().iter().map(|item| format!("{} {}", item["action"], item["reason"])).collect();
    assert_eq!(told.iter().filter(|told| *told == "\"skip\" \"participant_audio\"").count(), 1, "{told:?}");
    assert_eq!(campus.copied(), ["Lecture 81000000001", "Lecture 81000000003"]);
    let said = campus.run(&["explain", "alone=="]).out;
    assert!(said.contains("not copied") && said.contains("separate sound"), "{said}");
    // asked for by name, Zoom lists them beside the others
    campus.zoom.change_meeting("alone==", |meeting| meeting.video("shared_screen", Media::mp4().salted(9)));
    campus.setup.forget_rescan();
    campus.sync_until_done_with(&always);
    assert_eq!(campus.copied(), ["Apart", "Lecture 81000000001", "Lecture 81000000003"]);
}
