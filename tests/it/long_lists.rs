//! A long list of Zoom's is read in parts, some of them at a time: together they are the whole list.

use std::collections::BTreeSet;
use std::time::Duration;

use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::zoom::Zoom;

use crate::campus::{Campus, Run, hours_ago, lecture};
use crate::doubles::LIST;

const MEETINGS: i64 = 24;

/// One meeting for every twelve hours.
fn campus_of(zoom: Zoom) -> Campus {
    let campus = Campus::of(zoom, Kaltura::start());
    for number in 0..MEETINGS {
        let meeting = lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", 5 + 12 * number);
        campus.zoom.add_meeting(meeting);
    }
    campus
}

/// Each page has one.
fn campus() -> Campus {
    campus_of(Zoom::builder().page_size_cap(1).start())
}

fn sync(campus: &Campus) -> Run {
    campus.run_with(&[("ZOOM2KALTURA_SYNC_GO_LIVE", &hours_ago(24 * 12))], &["sync", "--format", "json"])
}

/// The queries of the list, in their order.
fn asked(campus: &Campus) -> Vec<String> {
    let log = campus.zoom.log().all();
    log.into_iter().filter(|asked| asked.call == LIST).map(|asked| asked.target).collect()
}

fn is_first_page(query: &str) -> bool {
    !query.contains("next_page_token")
}

#[test]
fn parts_are_read_side_by_side() {
    let campus = campus();
    for part in 2..=5 {
        campus.zoom.faults().queue(LIST, part, Fault::Stall(Duration::from_secs(2)));
    }
    let run = sync(&campus);
    assert_eq!((run.exit, run.items().len()), (0, 24), "{}", run.err);
    campus.each_video_is_in_kaltura_once();
    let asked = asked(&campus);
    assert!(asked[..5].iter().all(|query| is_first_page(query)), "{asked:#?}");
    // one page for the length of the list, and none twice
    let different: BTreeSet<&String> = asked.iter().collect();
    assert_eq!(asked.len(), different.len(), "{asked:#?}");
    assert!(asked.len() <= 1 + 24 + 8, "{}", asked.len());
}

#[test]
fn short_lists_are_read_whole() {
    let campus = campus_of(Zoom::start());
    assert_eq!(sync(&campus).items().len(), 24);
    assert_eq!(asked(&campus).len(), 1, "{:#?}", asked(&campus));
}

/// Whatever is wrong with a part: the list is not complete then, and the next run reads all of it.
#[test]
fn lost_parts_fail_the_list() {
    for fault in [Fault::garbage(), Fault::Reset, Fault::html(), Fault::zoom_error(400, 300, "Invalid field.")] {
        for first in [2, 9, 20] {
            let campus = campus();
            for hit in first..first + 100 {
                campus.zoom.faults().queue(LIST, hit, fault.clone());
            }
            let run = campus.run_with(
                &[("ZOOM2KALTURA_SYNC_GO_LIVE", &hours_ago(24 * 12)), ("ZOOM2KALTURA_HTTP_RETRIES", "0")],
                &["sync"],
            );
            assert_ne!(run.exit, 0, "{fault:?} from {first}: {}", run.err);
            assert!(campus.kaltura.entries().is_empty(), "{fault:?} from {first}");
            campus.zoom.faults().clear();
            assert_eq!(sync(&campus).items().len(), 24, "{fault:?} from {first}");
            campus.each_video_is_in_kaltura_once();
        }
    }
}

/// A token that is of no use begins its part again, and no other one.
#[test]
fn stale_tokens_begin_parts_again() {
    let campus = campus();
    campus.zoom.faults().queue(LIST, 10, Fault::zoom_error(400, 300, "The next page token is invalid or expired."));
    let run = sync(&campus);
    assert_eq!((run.exit, run.items().len()), (0, 24), "{}", run.err);
    let beginnings = asked(&campus).into_iter().filter(|query| is_first_page(query)).count();
    let parts: BTreeSet<String> = asked(&campus).into_iter().filter(|query| is_first_page(query)).collect();
    assert_eq!(beginnings, parts.len() + 1);
    campus.each_video_is_in_kaltura_once();
}
