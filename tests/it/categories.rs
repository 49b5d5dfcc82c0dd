//! Categories: meetings into theirs, webinars into theirs, once, and never what nobody owns.

use standin::fault::Fault;
use standin::media::Media;

use crate::campus::{Campus, lecture};

const SETTINGS: [(&str, &str); 3] = [
    ("ZOOM2KALTURA_COPY_CATEGORY", "Zoom > lectures"),
    ("ZOOM2KALTURA_COPY_WEBINAR_CATEGORY", "Zoom>Webinars"),
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
];

/// A meeting with a second view, a webinar, and a meeting of somebody without an account.
fn campus() -> Campus {
    let campus = Campus::new();
    for name in ["Zoom>Lectures", "Zoom>Webinars"] {
        campus.kaltura.add_category(name);
    }
    let meeting = lecture("ada==", 81_000_000_001, "ada", 5).video("gallery_view", Media::mp4().salted(7));
    campus.zoom.add_meeting(meeting);
    campus.zoom.add_meeting(lecture("webinar==", 91_000_000_002, "ada", 4).webinar());
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_003, "guest", 3));
    campus
}

/// The name of each entry and how many categories it is in, with the first of them.
fn filed(campus: &Campus) -> Vec<(String, usize, Option<u64>)> {
    let entries = campus.kaltura.alive().into_iter();
    let mut filed: Vec<_> =
        entries.map(|entry| (entry.name, entry.categories.len(), entry.categories.first().copied())).collect();
    filed.sort();
    filed
}

fn as_it_should_be() -> Vec<(String, usize, Option<u64>)> {
    // the categories are Zoom, Zoom>Lectures, Zoom>Webinars
    [
        ("Lecture 81000000001", 1, Some(2)),
        ("Lecture 81000000001 (gallery view)", 0, None),
        ("Lecture 81000000003", 0, None),
        ("Lecture 91000000002", 1, Some(3)),
    ]
    .map(|(name, count, first)| (name.to_owned(), count, first))
    .to_vec()
}

fn sync_until_done(campus: &Campus) {
    for _ in 0..20 {
        let run = campus.run_with(&SETTINGS, &["sync", "--format", "json"]);
        if run.exit == 0 && !run.out.contains("\"sent\"") && !run.out.contains("in_conversion") {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("copies do not get done");
}

/// What nobody owns goes into none.
#[test]
fn each_kind_gets_its_category() {
    let campus = campus();
    sync_until_done(&campus);
    assert_eq!(filed(&campus), as_it_should_be());
    assert_eq!(campus.kaltura.log().count("category.list"), 2, "each is looked up once");
}

#[test]
fn adopted_orphan_gets_its_category() {
    let campus = campus();
    sync_until_done(&campus);
    campus.kaltura.add_user("guest@elsewhere.example", "");
    assert_eq!(campus.run_with(&SETTINGS, &["sync"]).exit, 0);
    assert_eq!(filed(&campus)[2], ("Lecture 81000000003".to_owned(), 1, Some(2)));
}

#[test]
fn no_fault_doubles_entry_or_category() {
    for call in ["category.list", "categoryEntry.add"] {
        for hit in 1..=2 {
            for fault in [Fault::answer(503, "busy"), Fault::Reset, Fault::LostAnswer] {
                let campus = campus();
                campus.kaltura.faults().queue(call, hit, fault.clone());
                let settings = [&SETTINGS[..], &[("ZOOM2KALTURA_HTTP_RETRIES", "0")]].concat();
                campus.run_with(&settings, &["sync"]);
                sync_until_done(&campus);
                assert_eq!(filed(&campus), as_it_should_be(), "{call} {hit} {fault:?}");
            }
        }
    }
}

#[test]
fn removed_entries_stay_out() {
    let campus = campus();
    sync_until_done(&campus);
    for entry in campus.kaltura.entries() {
        campus.kaltura.unpublish(&entry.id);
    }
    campus.zoom.change_meeting("ada==", |meeting| meeting.transcript(Media::vtt()));
    sync_until_done(&campus);
    assert!(filed(&campus).iter().all(|(_, count, _)| *count == 0));
}

#[test]
fn missing_category_stops_no_copy() {
    let campus = campus();
    let settings = [("ZOOM2KALTURA_COPY_CATEGORY", "Zoom>Lectrues")];
    let run = campus.run_with(&settings, &["sync"]);
    assert_eq!((run.exit, run.err.lines().count()), (3, 1), "{}", run.err);
    assert!(run.err.contains("copy.category: Kaltura has no category \"Zoom>Lectrues\""), "{}", run.err);
    assert_eq!(campus.kaltura.entries().len(), 4);
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0, "told by the run that copies");
}

#[test]
fn refused_category_stops_no_copy() {
    let campus = campus();
    campus.kaltura.faults().queue("categoryEntry.add", 1, Fault::exception("CANNOT_ASSIGN_ENTRY_TO_CATEGORY"));
    let run = campus.run_with(&SETTINGS, &["sync"]);
    assert_eq!((run.exit, run.err.lines().count()), (3, 1), "{}", run.err);
    assert!(run.err.contains("CANNOT_ASSIGN_ENTRY_TO_CATEGORY"), "{}", run.err);
    sync_until_done(&campus);
    assert_eq!(campus.kaltura.entries().len(), 4);
}
