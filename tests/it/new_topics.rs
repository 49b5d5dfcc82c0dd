//! Recordings that are renamed in Zoom: where that is switched on, the titles follow that nobody changed in Kaltura.

use std::time::Duration;

use serde_json::Value;
use standin::fault::Fault;
use standin::kaltura::{Kaltura, NameCut};
use standin::media::Media;
use standin::zoom::{Segment, Zoom};

use crate::campus::{Campus, Run, lecture};

const ON: [(&str, &str); 3] = [
    ("ZOOM2KALTURA_COPY_FOLLOW_RENAMES", "true"),
    ("ZOOM2KALTURA_HTTP_RETRIES", "0"),
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
];

const UPDATE: &str = "multirequest of baseEntry.update";

/// A lecture of Ada's with a gallery, and the sound of an interpreter.
fn campus() -> Campus {
    let campus = Campus::new();
    let talk =
        lecture("talk==", 81_000_000_001, "ada", 30).topic("Optics").video("gallery_view", Media::mp4().salted(7));
    campus.zoom.add_meeting(talk.sound("audio_interpretation", Media::m4a()));
    campus.sync_until_done_with(&[("ZOOM2KALTURA_COPY_INTERPRETATION", "true")]);
    campus
}

fn rename(campus: &Campus, uuid: &str, topic: &str) {
    campus.zoom.change_meeting(uuid, |meeting| meeting.topic(topic));
    campus.setup.age_lookback();
}

fn sync(campus: &Campus) -> Run {
    campus.run_with(&ON, &["sync"])
}

fn family(topic: &str) -> Vec<String> {
    ["", " (audio interpretation)", " (gallery view)"].map(|view| format!("{topic}{view}")).to_vec()
}

fn renamed_from(run: &Run) -> Vec<Value> {
    run.items().iter().map(|item| item["renamed_from"].clone()).collect()
}

/// One recording of several of the same meeting is renamed alone.
#[test]
fn untouched_titles_follow_new_topics() {
    let campus = campus();
    campus.zoom.add_meeting(lecture("next==", 81_000_000_001, "ada", 29).topic("Optics II"));
    let part = |hours, salt| {
        Segment::starting(&crate::campus::hours_ago(hours)).video("shared_screen", Media::mp4().salted(salt))
    };
    campus.zoom.add_meeting(lecture("parts==", 81_000_000_002, "guest", 28).topic("Break").segment(part(27, 8)));
    campus.sync_until_done();
    // by default nothing follows
    rename(&campus, "talk==", "Waves");
    assert_eq!(campus.run(&["sync"]).err, "");
    let others = ["Break (1)", "Break (2)", "Optics II"].map(str::to_owned);
    let left = |family: Vec<String>, others: &[String]| {
        let mut names = [family, others.to_vec()].concat();
        names.sort();
        names
    };
    assert_eq!(campus.left(), left(family("Optics"), &others));
    // switched on, the next new topic counts
    rename(&campus, "talk==", "Light 🎉 &\u{200B} waves");
    rename(&campus, "parts==", "Pause");
    // handed over in the same run
    campus.kaltura.add_user("guest@elsewhere.example", "");
    campus.kaltura.log().clear();
    let dry = campus.run_with(&ON, &["sync", "--dry-run"]);
    assert!(dry.exit == 0 && dry.out.contains("renamed in Zoom, it was Waves"), "{} {}", dry.out, dry.err);
    assert_eq!(campus.kaltura.log().count("baseEntry.update"), 0);
    let run = campus.run_with(&ON, &["sync", "--format", "json"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    assert_eq!(renamed_from(&run).iter().filter(|from| !from.is_null()).count(), 3, "{}", run.out);
    let others = ["Optics II", "Pause (1)", "Pause (2)"].map(str::to_owned);
    assert_eq!(campus.left(), left(family("Light & waves"), &others));
    let story = campus.run(&["explain", "talk=="]).out;
    assert!(story.contains("\"Light") && story.contains("its title follows the new topic in Zoom"), "{story}");
}

/// And who has the entry now decides.
#[test]
fn titles_that_people_gave_stay() {
    let campus = campus();
    let child =
        campus.kaltura.entries().into_iter().find(|entry| entry.name.ends_with("(gallery view)")).expect("a child");
    campus.kaltura.rename_entry(&child.id, "The audience");
    rename(&campus, "talk==", "Waves");
    let said = "\"Waves\" was renamed in Zoom, it was \"Optics\"";
    let dry = campus.run_with(&ON, &["sync", "--dry-run"]);
    let run = sync(&campus);
    for told in [&dry, &run] {
        assert!(told.exit == 0 && told.err.contains(said) && told.err.contains("The audience"), "{}", told.err);
    }
    let expected = ["The audience", "Waves", "Waves (audio interpretation)"];
    assert_eq!(campus.left(), expected);
    assert!(campus.run(&["explain", "talk=="]).out.contains("but its title stays"));
    campus.setup.age_lookback();
    campus.kaltura.log().clear();
    assert_eq!(sync(&campus).err, "", "reported once");
    assert_eq!(campus.kaltura.log().calls(), Vec::<String>::new(), "an idle run asks nothing");
    campus.kaltura.add_user("eve", "");
    campus.kaltura.set_owner(&campus.parent().id, "eve");
    rename(&campus, "talk==", "Sound");
    assert!(sync(&campus).err.contains("another account"));
    assert_eq!(campus.left(), ["Sound (audio interpretation)", "The audience", "Waves"]);
}

/// However long a sibling is on its way, for which the titles are looked at again.
#[test]
fn kept_titles_are_told_once() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("talk==", 81_000_000_001, "ada", 30).topic("Optics"));
    campus.sync_until_done();
    campus.kaltura.rename_entry(&campus.parent().id, "By hand");
    campus.kaltura.process_for(Duration::MAX);
    campus.zoom.change_meeting("talk==", |meeting| meeting.video("gallery_view", Media::mp4().salted(7)));
    let told = || {
        let sql = "SELECT count(*) FROM events WHERE event = 'title_kept'";
        campus.ledger().query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count")
    };
    // what looks like a secret is noted masked
    for (number, topic) in (1..).zip(["Waves", "Sound, password=Optics9x"]) {
        rename(&campus, "talk==", topic);
        for said in [1, 0, 0] {
            let dry = campus.run_with(&ON, &["sync", "--dry-run"]);
            let run = sync(&campus);
            for run in [&dry, &run] {
                assert_eq!(run.err.matches("keeps its title").count(), said, "{topic} {}", run.err);
            }
            assert_eq!(told(), number, "{topic}");
            campus.setup.age_lookback();
        }
    }
    let story = campus.run(&["explain", "talk=="]).out;
    assert!(story.contains("Zoom calls the recording \"Sound, ") && !story.contains("Optics9x"), "{story}");
    assert_eq!(campus.left(), ["By hand", "Waves (gallery view)"]);
}

/// A title that follows is no change by people, and one that is gone follows nothing.
#[test]
fn renamed_orphans_are_still_purged() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("talk==", 81_000_000_001, "guest", 30).topic("Optics"));
    campus.sync_until_done();
    rename(&campus, "talk==", "Waves");
    sync(&campus);
    assert_eq!(campus.left(), ["Waves"]);
    assert_eq!(campus.run(&["purge", "--older-than", "0s"]).exit, 0);
    assert!(campus.left().is_empty());
    rename(&campus, "talk==", "Sound");
    for _ in 0..2 {
        let run = sync(&campus);
        assert_eq!((run.exit, run.err.as_str()), (0, ""));
    }
    assert!(campus.left().is_empty());
}

/// What Kaltura makes of one title is that entry's: the others follow, and it is not sent again.
#[test]
fn altered_titles_stop_no_others() {
    for is_shown in [false, true] {
        let campus = Campus::of(Zoom::start(), Kaltura::start());
        for (number, uuid) in (1..).zip(["long==", "short=="]) {
            campus.zoom.add_meeting(lecture(uuid, 81_000_000_000 + number, "ada", 30 - number).topic("Optics"));
        }
        campus.sync_until_done();
        campus.kaltura.cut_names(NameCut { characters: 10, is_shown });
        campus.zoom.change_meeting("long==", |meeting| meeting.topic("Wavelengths of light"));
        rename(&campus, "short==", "Waves");
        let run = sync(&campus);
        assert!(run.exit == 0 && run.err.matches("keeps its title").count() == 1, "{} {}", run.exit, run.err);
        assert_eq!(campus.left(), ["Wavelength", "Waves"], "{}", run.err);
        campus.setup.age_lookback();
        campus.kaltura.log().clear();
        assert_eq!(sync(&campus).err, "");
        assert_eq!(campus.kaltura.log().count("baseEntry.update"), 0);
    }
}

/// Whatever goes wrong, and whatever the recording is called by the time of the next run.
#[test]
fn interrupted_renames_are_finished() {
    let faults =
        [Fault::LostAnswer, Fault::Reset, Fault::answer(503, "busy"), Fault::exception("INTERNAL_SERVERL_ERROR")];
    let campus = campus();
    for (number, fault) in faults.into_iter().enumerate() {
        // the entry, or its last child
        for (hit, next) in [(1, "Waves"), (1, "Sound"), (3, "Light")] {
            let [first, next] = [format!("Waves {number} {hit} {next}"), format!("{next} {number}")];
            let next = if next.starts_with("Waves") { first.clone() } else { next };
            rename(&campus, "talk==", &first);
            campus.kaltura.faults().queue(UPDATE, hit, fault.clone());
            let broken = sync(&campus);
            assert_ne!(broken.exit, 0, "{fault:?}");
            rename(&campus, "talk==", &next);
            let run = sync(&campus);
            assert!(run.exit == 0 && !run.err.contains("keeps its title"), "{fault:?} {next}: {}", run.err);
            assert_eq!(campus.left(), family(&next), "{fault:?}");
        }
    }
}

#[test]
fn killed_renames_are_finished() {
    let campus = campus();
    rename(&campus, "talk==", "Waves");
    campus.kaltura.log().clear();
    // the last child of three: it has its title, and the run never hears of it
    campus.kaltura.faults().queue(UPDATE, 3, Fault::Halt { after: 1, pause: Duration::from_secs(10) });
    let mut run = campus.program().arg("sync").envs(ON).spawn().expect("the program runs");
    campus.wait_for_call("baseEntry.update", 3);
    while campus.left() != family("Waves") {
        assert_eq!(run.try_wait().expect("a process").map(|end| end.code()), None, "it waits for the answer");
        std::thread::sleep(Duration::from_millis(10));
    }
    run.kill().expect("the program is killed");
    run.wait().expect("it is over");
    rename(&campus, "talk==", "Sound");
    let run = sync(&campus);
    assert!(run.exit == 0 && !run.err.contains("keeps its title"), "{}", run.err);
    assert_eq!(campus.left(), family("Sound"));
}

/// By what the topic before gives.
#[test]
fn lost_ledgers_follow_later_renames() {
    let campus = campus();
    campus.lose_ledger();
    campus.sync_until_done_with(&[("ZOOM2KALTURA_COPY_INTERPRETATION", "true")]);
    rename(&campus, "talk==", &"汉".repeat(200));
    assert_eq!(sync(&campus).err, "");
    assert!(campus.left().iter().all(|name| name.starts_with("汉汉") && name.len() <= 256), "{:?}", campus.left());
    rename(&campus, "talk==", "Waves");
    assert_eq!(sync(&campus).err, "");
    assert_eq!(campus.left(), family("Waves"));
    // what is renamed while there is no ledger is not known to be this program's
    campus.lose_ledger();
    campus.zoom.change_meeting("talk==", |meeting| meeting.topic("Sound"));
    campus.sync_until_done_with(&ON);
    assert_eq!(campus.left(), family("Waves"));
    rename(&campus, "talk==", "Noise");
    let run = sync(&campus);
    assert!(run.exit == 0 && run.err.matches("keeps its title").count() == 2, "{}", run.err);
    assert_eq!(campus.left(), family("Waves"));
}

#[test]
fn roles_without_titles_change_none() {
    let role: Vec<String> = crate::permissions::without("CONTENT_MANAGE_METADATA");
    let campus = Campus::of(Zoom::start(), Kaltura::builder().role(&role).start());
    campus.zoom.add_meeting(lecture("talk==", 81_000_000_001, "ada", 30).topic("Optics"));
    campus.sync_until_done();
    rename(&campus, "talk==", "Waves");
    for _ in 0..2 {
        campus.setup.age_lookback();
        let run = sync(&campus);
        assert!(run.exit == 4 && run.err.contains("CONTENT_MANAGE_METADATA"), "{} {}", run.exit, run.err);
    }
    assert_eq!(campus.left(), ["Optics"]);
}
