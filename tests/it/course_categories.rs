//! Categories by topic and by tracking field: the particular before the general, existing ones only, asked for once.

use std::fs;

use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::zoom::Zoom;

use crate::campus::{Campus, Run, lecture};

const FIELD: [(&str, &str); 3] = [
    ("ZOOM2KALTURA_COPY_CATEGORY", "General"),
    ("ZOOM2KALTURA_COPY_CATEGORY_FIELD", "course"),
    ("ZOOM2KALTURA_COPY_CATEGORY_BY_FIELD", "Courses > {value}"),
];

/// A lecture of a course in two segments, one of a course without category, one that Zoom has forgotten, a webinar of the
/// course, and what a guest held.
fn campus() -> Campus {
    let zoom = Zoom::builder().with_scope("meeting:read:meeting:admin").with_scope("webinar:read:webinar:admin");
    let campus = Campus::of(zoom.start(), Kaltura::start());
    for name in ["General", "Courses>PHYS 101", "Courses>HIST 7"] {
        campus.kaltura.add_category(name);
    }
    let of = |uuid: &str, number, hours| lecture(uuid, number, "ada", hours);
    campus.zoom.add_meeting(of("one==", 81_000_000_001, 8).tracking_field("Course", " PHYS 101 "));
    campus.zoom.add_meeting(of("again==", 81_000_000_001, 2).video("gallery_view", Media::mp4().salted(9)));
    campus.zoom.change_meeting("again==", |meeting| meeting.tracking_field("Course", " PHYS 101 "));
    campus.zoom.add_meeting(of("other==", 81_000_000_002, 7).tracking_field("Course", "ART 1"));
    campus.zoom.add_meeting(of("gone==", 81_000_000_003, 6).tracking_field("Course", "HIST 7").forgotten());
    campus.zoom.add_meeting(of("webinar==", 91_000_000_004, 5).webinar().tracking_field("Course", "HIST 7"));
    let guest = lecture("guest==", 81_000_000_005, "guest", 4).tracking_field("Course", "HIST 7");
    campus.zoom.add_meeting(guest);
    campus
}

/// The meeting number that each entry is named by, with the number of its category: 1 is General, 3 and 4 are courses.
fn filed(campus: &Campus) -> Vec<(String, Vec<u64>)> {
    let mut filed: Vec<_> = campus
        .kaltura
        .entries()
        .into_iter()
        .map(|entry| (entry.name.replace("Lecture ", ""), entry.categories))
        .collect();
    filed.sort();
    filed
}

fn expected(of: &[(&str, &[u64])]) -> Vec<(String, Vec<u64>)> {
    of.iter().map(|(name, categories)| ((*name).to_owned(), categories.to_vec())).collect()
}

fn by_field() -> Vec<(String, Vec<u64>)> {
    expected(&[
        ("81000000001", &[3]),
        ("81000000001", &[3]),
        ("81000000001 (gallery view)", &[]),
        // what a field names need not exist
        ("81000000002", &[]),
        ("81000000003", &[1]),
        ("81000000005", &[]),
        ("91000000004", &[4]),
    ])
}

fn asked(campus: &Campus) -> usize {
    campus.zoom.log().count("GET /meetings/{}") + campus.zoom.log().count("GET /webinars/{}")
}

#[test]
fn each_course_is_asked_for_once() {
    let campus = campus();
    let dry = campus.run_with(&FIELD, &["sync", "--dry-run"]);
    assert_eq!((dry.exit, asked(&campus)), (0, 0), "a plan needs no category");
    campus.sync_until_done_with(&FIELD);
    assert_eq!(filed(&campus), by_field());
    // two recordings of one number, and the guest's that goes into none
    assert_eq!(asked(&campus), 4);
    campus.sync_until_done_with(&FIELD);
    assert_eq!(asked(&campus), 4, "not again once it is copied");
}

#[test]
fn explain_gives_the_category_or_why() {
    let campus = campus();
    campus.sync_until_done_with(&FIELD);
    let said = |what: &str| campus.run_with(&FIELD, &["explain", what]).out;
    assert!(said("81000000001").contains("put into the category Courses>PHYS 101"), "{}", said("81000000001"));
    let why = "put into no category: copy.category_by_field: Kaltura has no category \"Courses>ART 1\"";
    assert!(said("81000000002").contains(why), "{}", said("81000000002"));
    assert!(!said("81000000005").contains("category"), "{}", said("81000000005"));
}

#[test]
fn adopted_orphan_gets_course_category() {
    let campus = campus();
    campus.sync_until_done_with(&FIELD);
    campus.kaltura.add_user("guest@elsewhere.example", "");
    campus.sync_until_done_with(&FIELD);
    assert_eq!(filed(&campus)[5], ("81000000005".to_owned(), vec![4]));
}

#[test]
fn file_beats_template_topic_beats_kind() {
    let campus = campus();
    let file = campus.setup.path().join("courses.csv");
    fs::write(&file, "value,category\nart 1,Courses > HIST 7\n").expect("a file");
    let file = file.display().to_string();
    let mut settings = FIELD.to_vec();
    settings.push(("ZOOM2KALTURA_COPY_CATEGORY_FILE", &file));
    settings.push(("ZOOM2KALTURA_COPY_CATEGORY_BY_TOPIC", r"(?i)^lecture 8\d+(\d)$ => Courses>HIST 7"));
    campus.sync_until_done_with(&settings);
    let filed = filed(&campus);
    assert_eq!((&filed[3].1, &filed[4].1), (&vec![4], &vec![4]), "{filed:?}");
}

#[test]
fn bad_file_stops_all_copying() {
    let campus = campus();
    let file = campus.setup.path().join("courses.csv");
    let name = file.display().to_string();
    let settings = [&FIELD[..], &[("ZOOM2KALTURA_COPY_CATEGORY_FILE", name.as_str())]].concat();
    for (text, said) in [(None, "it does not exist"), (Some("PHYS 101\n"), "line 1 is not of the form value,category")]
    {
        if let Some(text) = text {
            fs::write(&file, text).expect("a file");
        }
        for args in [&["sync"][..], &["sync", "--dry-run"], &["purge"]] {
            let run = campus.run_with(&settings, args);
            assert_eq!((run.exit, run.err.lines().count()), (2, 1), "{}", run.err);
            assert!(run.err.contains("copy.category_file: ") && run.err.contains(said), "{}", run.err);
        }
        let check = campus.run_with(&settings, &["check"]);
        assert!(check.exit == 7 && check.out.contains(said), "{}", check.out);
    }
    assert!(campus.kaltura.entries().is_empty());
}

#[test]
fn missing_category_in_file_is_reported() {
    let campus = campus();
    let file = campus.setup.path().join("courses.csv");
    fs::write(&file, "PHYS 101,Corses\n").expect("a file");
    let file = file.display().to_string();
    let settings = [&FIELD[..], &[("ZOOM2KALTURA_COPY_CATEGORY_FILE", file.as_str())]].concat();
    let run = campus.run_with(&settings, &["sync"]);
    assert_eq!((run.exit, run.err.lines().count()), (3, 1), "{}", run.err);
    assert!(run.err.contains("copy.category_file: Kaltura has no category \"Corses\""), "{}", run.err);
    let check = campus.run_with(&settings, &["check"]);
    assert!(check.out.contains("Kaltura does not have exactly one category \"Corses\""), "{}", check.out);
}

/// Runs until the categories are as they must be; how many runs did not end well.
fn runs_until_filed(campus: &Campus, settings: &[(&str, &str)]) -> Vec<Run> {
    let mut bad = Vec::new();
    for _ in 0..20 {
        let run = campus.run_with(settings, &["sync", "--format", "json"]);
        let done = run.exit == 0 && !run.out.contains("\"sent\"") && !run.out.contains("in_conversion");
        if run.exit != 0 {
            bad.push(run);
        }
        if done {
            assert_eq!(filed(campus), by_field());
            return bad;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("copies do not get done");
}

#[test]
fn unread_field_is_owed_copy_continues() {
    let settings = [
        &FIELD[..],
        &[
            ("ZOOM2KALTURA_HTTP_RETRIES", "0"),
            ("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "1"),
            ("ZOOM2KALTURA_HTTP_STALL_AFTER", "400ms"),
        ],
    ]
    .concat();
    for call in ["GET /meetings/{}", "GET /webinars/{}"] {
        let stall = Fault::Stall(std::time::Duration::from_millis(1500));
        for fault in [Fault::answer(503, "busy"), Fault::Reset, Fault::garbage(), stall] {
            let campus = campus();
            campus.zoom.faults().queue(call, 1, fault.clone());
            let bad = runs_until_filed(&campus, &settings);
            assert_eq!(bad.len(), 1, "{call} {fault:?}");
            assert!(
                bad[0].err.contains("all bytes are in Kaltura, but the entry is not in its category yet"),
                "{}",
                bad[0].err
            );
            campus.each_video_is_in_kaltura_once();
        }
    }
}

#[test]
fn missing_scope_is_reported_copies_continue() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("one==", 81_000_000_001, "ada", 8));
    let run = campus.run_with(&FIELD, &["sync"]);
    assert_eq!((run.exit, run.err.lines().count()), (4, 1), "{}", run.err);
    assert!(run.err.contains("copy.category_field: ") && run.err.contains("meeting:read:meeting:admin"), "{}", run.err);
    campus.each_video_is_in_kaltura_once();
    campus.sync_until_done_with(&FIELD);
    let check = campus.run_with(&FIELD, &["check"]);
    let missing = "missing: meeting:read:meeting:admin, webinar:read:webinar:admin";
    assert!(check.exit == 7 && check.out.contains(missing), "{}", check.out);
}
