//! Moving over from Kaltura's own connector: its settings become a configuration, and while both run each leaves alone what
//! the other has.

use serde_json::json;
use standin::kaltura::{Entry, Seed};
use standin::media::Media;
use standin::setup::HOLDING_USER;
use standin::zoom::{Meeting, Segment};

use crate::campus::{Campus, hours_ago};

/// What must not be shown.
const SECRET: &str = "j-w-t-s3cret";

/// `KalturaEntryStatus`
const ERROR_IMPORTING: i32 = -2;
const IMPORT: i32 = 0;
const READY: i32 = 2;
const NO_CONTENT: i32 = 7;

#[test]
fn proposed_configuration_is_sound() {
    let campus = Campus::new();
    let answer = json!({
        "objects": [{
            "id": 7, "status": 2, "accountId": "AbCdEf", "partnerId": 102, "createdAt": "2024-08-01 09:00:00",
            "zoomAccountDescription": "Example University", "enableRecordingUpload": 1, "conversionProfileId": 0,
            "defaultUserId": "media-team", "createUserIfNotExist": 1, "zoomUserMatchingMode": 2,
            "zoomUserPostfix": "@uni.example", "userSearchMethod": 0, "enableMeetingUpload": 1,
            "enableWebinarUploads": 1, "groupParticipationType": 2, "optOutGroupNames": "no-zoom\r\nHR\r\n",
            "optInGroupNames": "", "enableZoomTranscription": 1, "enableMeetingChat": 1,
            "zoomCategory": "Zoom>Lectures,Archive", "zoomWebinarCategory": "Webinars", "handleParticipantsMode": 2,
            "handleCohostsMode": 3, "handleAlternativeHostsMode": 0, "deletionPolicy": 1, "jwtToken": SECRET,
            "zoomNewThing": SECRET, "objectType": "KalturaZoomIntegrationSetting",
        }],
        "totalCount": 1, "objectType": "KalturaZoomIntegrationSettingResponse",
    });
    let file = campus.setup.path().join("connector.json");
    let import = |content: &str| {
        std::fs::write(&file, content).expect("a file");
        campus.run(&["config", "import-connector", file.to_str().expect("a path")])
    };
    let refused = import("s3cret");
    assert!(refused.exit == 2 && refused.out.is_empty(), "{} {}", refused.exit, refused.out);
    assert!(
        refused.err.contains("connector.json: it is not JSON") && !refused.err.contains("s3cret"),
        "{}",
        refused.err
    );
    let run = import(&answer.to_string());
    assert!(run.exit == 0 && run.err.contains("not followed: zoomNewThing"), "{}", run.err);
    assert!(!run.out.contains(SECRET) && !run.err.contains(SECRET), "{} {}", run.out, run.err);
    std::fs::write(campus.setup.config(), &run.out).expect("a configuration");
    let filled_in =
        ["ZOOM2KALTURA_ZOOM_CLIENT_SECRET", "ZOOM2KALTURA_KALTURA_ADMIN_SECRET"].map(|name| (name, "secret"));
    let sound = campus.run_with(&filled_in, &["config", "validate"]);
    assert!(sound.exit == 0 && sound.out.contains("is sound"), "{} {}\n{}", sound.exit, sound.err, run.out);
}

/// The connector's entry for a meeting, as it marks them.
struct Theirs {
    id: String,
    uuid: &'static str,
}

const MEETINGS: [&str; 6] = ["ready==", "importing==", "begun==", "failed==", "old==", "two=="];

/// Meetings, and what the connector has of each: READY, still importing, not yet with content, failed; the whole meeting by
/// an old mark; the first of two segments.
fn campus_with_theirs() -> (Campus, Vec<Theirs>) {
    let campus = Campus::new();
    for (number, uuid) in (1..).zip(MEETINGS) {
        let (first, second) = (hours_ago(5), hours_ago(4));
        let meeting = Meeting::new(uuid, 81_000_000_000 + number, uuid).host("ada").starts(&first);
        let meeting = meeting.video("shared_screen", Media::mp4().salted(u64::try_from(number).expect("a number")));
        let segment = || Segment::starting(&second).video("shared_screen", Media::mp4().salted(99));
        campus.zoom.add_meeting(if uuid == "two==" { meeting.segment(segment()) } else { meeting });
    }
    let dry = campus.run(&["sync", "--dry-run", "--format", "json"]).items();
    let start_of = |uuid: &str| {
        let item = dry.iter().find(|item| item["meeting_uuid"] == uuid).expect("a recording");
        item["recording_start"].as_str().expect("a start").to_owned()
    };
    let mut theirs = Vec::new();
    for (uuid, status) in MEETINGS.into_iter().zip([READY, IMPORT, NO_CONTENT, ERROR_IMPORTING, READY, READY]) {
        let start = if uuid == "old==" { String::new() } else { start_of(uuid) };
        let seed = Seed {
            reference_id: format!("Zoom_{uuid}{start}"),
            user_id: "ada@uni.example".to_owned(),
            admin_tags: "zoomentry".to_owned(),
            status,
            ..Seed::default()
        };
        let id = campus.kaltura.add_entry(&seed);
        // their further views carry the mark of the whole meeting
        let view = Seed { parent_entry_id: id.clone(), reference_id: format!("Zoom_{uuid}"), ..seed };
        campus.kaltura.add_entry(&view);
        theirs.push(Theirs { id, uuid });
    }
    (campus, theirs)
}

/// The names of the program's own entries.
fn own_copies(campus: &Campus) -> Vec<String> {
    let own = |entry: &Entry| entry.admin_tags.contains("zoom2kaltura");
    let mut names: Vec<String> = campus.kaltura.alive().into_iter().filter(own).map(|entry| entry.name).collect();
    names.sort();
    names
}

fn states_of(campus: &Campus, theirs: &[Theirs]) -> Vec<(i64, i32)> {
    let state = |one: &Theirs| campus.kaltura.entry(&one.id).map(|entry| (entry.updated_at, entry.status));
    theirs.iter().filter_map(state).collect()
}

#[test]
fn both_tools_leave_each_other_alone() {
    let (campus, theirs) = campus_with_theirs();
    let before = states_of(&campus, &theirs);
    let run = campus.run(&["sync", "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    let fates: Vec<String> = run
        .items()
        .iter()
        .map(|item| format!("{} {} {}", item["meeting_uuid"], item["action"], item["reason"]).replace('"', ""))
        .collect();
    let expected = [
        ("ready== done copied_by_another_tool", 1),
        ("importing== wait copied_by_another_tool", 1),
        ("begun== copy null", 1),
        ("failed== copy null", 1),
        ("old== done copied_by_another_tool", 1),
        ("two== done copied_by_another_tool", 1),
        ("two== copy null", 1),
    ];
    for (fate, times) in expected {
        assert_eq!(fates.iter().filter(|found| *found == fate).count(), times, "{fate}: {fates:?}");
    }
    // what the connector had only begun is there twice once it is done; nobody deletes either
    let importing = theirs.iter().find(|one| one.uuid == "importing==").expect("theirs");
    campus.kaltura.set_status(&importing.id, READY);
    let begun = theirs.iter().find(|one| one.uuid == "begun==").expect("theirs");
    campus.kaltura.set_status(&begun.id, READY);
    let before: Vec<_> = before.into_iter().map(|(updated, _)| updated).collect();
    campus.sync_until_done();
    let copies = ["begun==", "failed==", "two== (2)"];
    assert_eq!(own_copies(&campus), copies);
    assert_eq!(campus.run(&["purge", "--older-than", "0s"]).exit, 0);
    campus.lose_ledger();
    campus.sync_until_done();
    assert_eq!(own_copies(&campus), copies, "with a lost ledger too");
    let after: Vec<_> = states_of(&campus, &theirs).into_iter().map(|(updated, _)| updated).collect();
    assert!(before.iter().zip(&after).filter(|(before, after)| before != after).count() <= 2, "{before:?} {after:?}");
    assert!(campus.owners().iter().all(|owner| owner != HOLDING_USER));
    // the mark of each own entry is the connector's, by which it finds what is there
    let marks = campus.kaltura.alive().into_iter().filter(|entry| copies.contains(&entry.name.as_str()));
    assert!(marks.map(|entry| entry.reference_id).all(|mark| mark.starts_with("Zoom_") && !mark.contains('#')));
}
