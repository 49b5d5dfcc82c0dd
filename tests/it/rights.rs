//! Rights of others on a copy: off by default, for people whom Kaltura knows, once, and never anybody made.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::setup::HOLDING_USER;
use standin::zoom::{Meeting, Part, Zoom};

use crate::campus::{Campus, lecture};

const SCOPES: [&str; 7] = [
    "meeting:read:meeting:admin",
    "webinar:read:webinar:admin",
    "dashboard:read:list_meeting_participants:admin",
    "dashboard:read:list_webinar_participants:admin",
    "webinar:read:list_panelists:admin",
    "report:read:list_meeting_participants:admin",
    "report:read:list_webinar_participants:admin",
];
const ON: [(&str, &str); 4] = [
    ("ZOOM2KALTURA_RIGHTS_ALTERNATIVE_HOSTS", "editor+publisher"),
    ("ZOOM2KALTURA_RIGHTS_CO_HOSTS", "editor"),
    ("ZOOM2KALTURA_RIGHTS_PANELISTS", "publisher"),
    ("ZOOM2KALTURA_RIGHTS_PARTICIPANTS", "viewer"),
];
/// The calls that tell who was there, for a meeting.
const CALLS: [&str; 3] = ["GET /meetings/{}", "GET /metrics/{}/participants", "GET /report/{}/participants"];

/// Bert, Cara, Dora and Emil have accounts; Fred's is blocked, Gina has none.
fn campus() -> Campus {
    let zoom = SCOPES.iter().fold(Zoom::builder(), |zoom, scope| zoom.with_scope(scope)).page_size_cap(2);
    let campus = Campus::of(zoom.start(), Kaltura::start());
    for name in ["bert", "cara", "dora", "emil", "fred"] {
        campus.kaltura.add_user(&address(name), "");
    }
    campus.kaltura.block_user(&address("fred"));
    campus
}

fn address(name: &str) -> String {
    format!("{name}@uni.example")
}

fn attended(meeting: Meeting) -> Meeting {
    meeting
        .with(Part::AlternativeHost, &address("bert"))
        .with(Part::AlternativeHost, &address("ada"))
        .with(Part::CoHost, &address("cara"))
        .with(Part::Panelist, &address("emil"))
        .with(Part::Participant, &address("fred"))
        .with(Part::Participant, &address("gina"))
        .with(Part::Participant, &address("dora"))
        .with(Part::Participant, &address("dora"))
}

/// Who may see, edit and publish it, each in order.
fn entitled(campus: &Campus) -> [String; 3] {
    campus.parent().entitled.map(|list| {
        let names: BTreeSet<&str> = list.split(',').map(|id| id.trim_end_matches("@uni.example")).collect();
        names.into_iter().collect::<Vec<_>>().join(" ")
    })
}

fn nobody_was_made(campus: &Campus) {
    let known = ["ada", "bert", "cara", "dora", "emil", "fred"].map(address);
    let is_known = |id: &str| known.iter().any(|known| known == id) || [HOLDING_USER, "zoom2kaltura"].contains(&id);
    let made: Vec<String> = campus.kaltura.users().into_iter().map(|user| user.id).filter(|id| !is_known(id)).collect();
    assert!(made.is_empty(), "{made:?}");
}

#[test]
fn nobody_gets_rights_by_default() {
    let campus = campus();
    campus.zoom.add_meeting(attended(lecture("u==", 81_000_000_001, "ada", 5)));
    campus.sync_until_done();
    // nor is anything given later on what was copied before
    campus.sync_until_done_with(&ON);
    assert_eq!(entitled(&campus), ["", "", ""]);
    assert!(CALLS.iter().all(|call| campus.zoom.log().count(call) == 0));
}

#[test]
fn known_people_get_what_is_configured() {
    let campus = campus();
    campus.zoom.add_meeting(attended(lecture("u==", 81_000_000_001, "ada", 5)));
    campus.sync_until_done_with(&ON);
    // the report names all who were there, on several pages; the host needs no right
    assert_eq!(entitled(&campus), ["cara dora emil", "bert cara", "bert"]);
    nobody_was_made(&campus);
    let run = campus.run_with(&ON, &["-v", "sync"]);
    assert!(!run.err.contains("uni.example"), "{}", run.err);
}

#[test]
fn webinars_have_panelists_too() {
    for uuid in ["w==", "/w==", "a//w=="] {
        let campus = campus();
        campus.zoom.add_meeting(attended(lecture(uuid, 81_000_000_001, "ada", 5).webinar()));
        campus.sync_until_done_with(&ON);
        assert_eq!(entitled(&campus), ["cara dora emil", "bert cara", "bert emil"], "{uuid}");
        nobody_was_made(&campus);
    }
}

#[test]
fn rights_are_given_once() {
    let campus = campus();
    campus.zoom.add_meeting(attended(lecture("u==", 81_000_000_001, "ada", 5)));
    campus.sync_until_done_with(&ON);
    campus.kaltura.entitle(&campus.parent().id, ["", "emil@uni.example", ""]);
    for _ in 0..2 {
        assert_eq!(campus.run_with(&ON, &["sync"]).exit, 0);
    }
    assert_eq!(entitled(&campus), ["", "emil", ""]);
}

#[test]
fn orphan_is_unowned_until_handed_over() {
    let campus = campus();
    campus.zoom.add_meeting(attended(lecture("u==", 81_000_000_001, "guest", 5)));
    campus.sync_until_done_with(&ON);
    assert_eq!(entitled(&campus), ["", "", ""]);
    assert!(CALLS.iter().all(|call| campus.zoom.log().count(call) == 0));
    campus.kaltura.add_user("guest@elsewhere.example", "");
    campus.sync_until_done_with(&ON);
    assert_eq!(entitled(&campus)[1], "ada bert cara");
}

#[test]
fn forgotten_meeting_gives_nothing() {
    let campus = campus();
    campus.zoom.add_meeting(attended(lecture("u==", 81_000_000_001, "ada", 5)).forgotten());
    campus.sync_until_done_with(&ON);
    assert_eq!(entitled(&campus), ["", "", ""]);
    let looked = campus.zoom.log().count(CALLS[0]);
    assert_eq!((campus.run_with(&ON, &["sync"]).exit, campus.zoom.log().count(CALLS[0])), (0, looked));
}

#[test]
fn given_away_copy_is_left_alone() {
    for given_away in [true, false] {
        let campus = campus();
        campus.zoom.add_meeting(attended(lecture("u==", 81_000_000_001, "ada", 5)));
        campus.zoom.faults().queue(CALLS[0], 1, Fault::answer(503, "busy"));
        let settings = [&ON[..], &[("ZOOM2KALTURA_HTTP_RETRIES", "0")]].concat();
        while campus.zoom.log().count(CALLS[0]) == 0 {
            campus.run_with(&settings, &["sync"]);
        }
        campus.setup.age_rights(TimeDelta::hours(1));
        let id = campus.parent().id;
        if given_away {
            campus.kaltura.set_owner(&id, &address("emil"));
        } else {
            campus.kaltura.delete_entry(&id);
        }
        assert_eq!(campus.run_with(&ON, &["sync"]).exit, 0);
        assert_eq!(entitled(&campus), ["", "", ""]);
    }
}

#[test]
fn failing_meeting_stops_no_other() {
    let campus = campus();
    for (uuid, number) in [("u==", 81_000_000_001), ("v==", 81_000_000_002)] {
        campus.zoom.add_meeting(attended(lecture(uuid, number, "ada", 5)));
    }
    campus.zoom.faults().queue(CALLS[0], 1, Fault::answer(503, "busy"));
    let settings = [&ON[..], &[("ZOOM2KALTURA_HTTP_RETRIES", "0")]].concat();
    let given = || campus.kaltura.entries().iter().filter(|entry| !entry.entitled[1].is_empty()).count();
    for _ in 0..40 {
        campus.run_with(&settings, &["sync"]);
        if given() == 1 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("nobody got any right");
}

#[test]
fn failed_calls_are_made_up_later() {
    let settings = [&ON[..], &[("ZOOM2KALTURA_HTTP_RETRIES", "0")]].concat();
    let odd = r#"{"code":300,"message":"Request data failed."}"#;
    let zoom: Vec<(&str, Fault)> = CALLS
        .iter()
        .flat_map(|call| [(*call, Fault::answer(503, "busy")), (*call, Fault::json(400, odd))])
        .chain([(CALLS[2], Fault::garbage()), (CALLS[1], Fault::Reset)])
        .collect();
    let kaltura = [
        ("media.get", Fault::answer(503, "busy")),
        ("baseEntry.update", Fault::Reset),
        ("baseEntry.update", Fault::LostAnswer),
        ("baseEntry.update", Fault::exception("SOMETHING_ODD")),
    ];
    for (in_zoom, (call, fault)) in zoom.into_iter().map(|it| (true, it)).chain(kaltura.map(|it| (false, it))) {
        let campus = campus();
        campus.zoom.add_meeting(attended(lecture("u==", 81_000_000_001, "ada", 5)));
        let (faults, log) = if in_zoom {
            (campus.zoom.faults(), campus.zoom.log())
        } else {
            (campus.kaltura.faults(), campus.kaltura.log())
        };
        faults.queue(call, 1, fault.clone());
        let mut failed = false;
        for _ in 0..20 {
            let before = log.count(call);
            let run = campus.run_with(&settings, &["sync"]);
            failed |= before == 0 && log.count(call) > 0 && run.exit != 0;
            assert!([0, 3, 5].contains(&run.exit), "{call} {fault:?}: {} {}", run.exit, run.err);
            if log.count(call) > 0 && campus.parent().status == 2 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert!(failed || matches!(fault, Fault::LostAnswer), "{call} {fault:?} was not told");
        campus.setup.age_rights(TimeDelta::days(1));
        campus.sync_until_done_with(&ON);
        assert_eq!(entitled(&campus), ["cara dora emil", "bert cara", "bert"], "{call} {fault:?}");
        nobody_was_made(&campus);
    }
}

#[test]
fn missing_scope_stops_no_copy() {
    let campus = Campus::new();
    campus.zoom.add_meeting(attended(lecture("u==", 81_000_000_001, "ada", 5)));
    let mut run = campus.run_with(&ON, &["sync"]);
    for _ in 0..20 {
        if run.exit != 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        run = campus.run_with(&ON, &["sync"]);
    }
    assert_eq!((run.exit, run.err.lines().count()), (4, 1), "{}", run.err);
    assert!(run.err.contains(SCOPES[0]), "{}", run.err);
    assert_eq!(campus.parent().status, 2);
    let check = campus.run_with(&ON, &["check"]);
    assert!(check.exit == 7 && SCOPES.iter().all(|scope| check.out.contains(scope)), "{}", check.out);
}
