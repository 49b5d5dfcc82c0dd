//! What an upload token may be when a copy goes on by it, whoever made it: forgotten, deleted, too old, another installation's.

use std::time::Duration;

use standin::fault::Fault;
use standin::media::Media;
use standin::setup::Setup;
use standin::zoom::Meeting;

use crate::campus::{Campus, Run, hours_ago, lecture, send_final_chunk};
use crate::claims::{SETTINGS, attaches, body, hashes, until_each_is_there_once, wanted};

const ATTACH: &str = "multirequest of media.add";
const A_WEEK: Duration = Duration::from_secs(8 * 86_400);

/// How far the copy had come.
#[derive(Clone, Copy, Debug)]
enum Stage {
    Claimed,
    Attached,
    Partial,
}

/// What became of its token.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// Somebody deleted it: its entry has no content again.
    Deleted,
    /// Kaltura knows it no more: its entry goes on waiting for it.
    Forgotten,
    /// Nothing can be added to what it has.
    Expired,
    /// Nobody touched it for more than seven days.
    Old,
}

fn media() -> Media {
    Media::mp4().salted(3).padded_to(2_500_000)
}

fn one_lecture() -> Campus {
    let campus = Campus::new();
    let meeting = Meeting::new("ada==", 81_000_000_001, "Lecture").host("ada").starts(&hours_ago(5));
    campus.zoom.add_meeting(meeting.video("shared_screen", media()));
    campus
}

/// A copy that was begun, and stopped there.
fn stopped(stage: Stage) -> Campus {
    stopped_with(one_lecture(), stage)
}

fn stopped_with(campus: Campus, stage: Stage) -> Campus {
    let (call, from) = match stage {
        Stage::Claimed => (ATTACH, 1),
        Stage::Attached => ("uploadToken.upload", 1),
        Stage::Partial => ("uploadToken.upload", 2),
    };
    for hit in from..from + 20 {
        campus.kaltura.faults().queue(call, hit, Fault::Reset);
    }
    campus.run_with(&small_chunks(), &["sync"]);
    campus.kaltura.faults().clear();
    campus
}

fn small_chunks() -> Vec<(&'static str, &'static str)> {
    [&SETTINGS[..], &[("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1"), ("ZOOM2KALTURA_HTTP_CLAIM_SETTLE", "100ms")]].concat()
}

#[test]
fn every_token_fate_copies_once() {
    use Fate::{Deleted, Expired, Forgotten, Old};
    use Stage::{Attached, Claimed, Partial};
    for stage in [Claimed, Attached, Partial] {
        for fate in [Deleted, Forgotten, Expired, Old] {
            let campus = stopped(stage);
            let tokens = campus.kaltura.tokens();
            assert!(!tokens.is_empty(), "{stage:?}");
            let is_partial = tokens.iter().any(|token| token.status == 1);
            assert_eq!(is_partial, matches!(stage, Partial), "{stage:?} {tokens:?}");
            for token in &tokens {
                match fate {
                    Deleted => campus.kaltura.delete_token(&token.id),
                    Forgotten => campus.kaltura.forget_token(&token.id),
                    Expired => campus.kaltura.expire_token(&token.id),
                    Old => campus.kaltura.age_token(&token.id, A_WEEK),
                }
            }
            until_each_is_there_once(&campus, &small_chunks());
            let open = campus.kaltura.tokens().into_iter().filter(|token| token.status != 3);
            let naming = open.filter(|token| token.attached_asset.is_some()).count();
            assert_eq!(naming, 0, "{stage:?} {fate:?}: an open token names an entry");
        }
    }
}

fn sync(campus: &Campus, setup: &Setup, more: &[&str]) -> Run {
    campus.run_in(setup, &SETTINGS, &[&["sync", "--format", "json"], more].concat())
}

/// The other installation copied the lecture, and its entry was made once more, late: its token, which is used up, names the
/// empty twin. The index shows neither.
fn used_up_by_another() -> (Campus, Setup, String) {
    let campus = one_lecture();
    campus.kaltura.freeze_index(true);
    let other = campus.beside();
    assert_eq!(sync(&campus, &other, &[]).exit, 0);
    let copy = campus.kaltura.alive()[0].id.clone();
    let late = &attaches(&campus)[0];
    campus.post(&late.target, &body(late));
    assert_eq!(campus.kaltura.alive().len(), 2);
    (campus, other, copy)
}

/// After a week it is reported.
#[test]
fn foreign_used_up_token_is_awaited() {
    let (campus, other, copy) = used_up_by_another();
    for _ in 0..2 {
        let run = sync(&campus, &campus.setup, &[]);
        assert_eq!((run.exit, run.reasons()), (0, vec!["another_installation".to_owned()]), "{}", run.err);
        assert_eq!(campus.kaltura.alive().len(), 2, "nothing is made, nothing is removed");
    }
    for token in campus.kaltura.tokens() {
        campus.kaltura.age_token(&token.id, A_WEEK);
    }
    let run = sync(&campus, &campus.setup, &[]);
    assert_eq!(run.reasons(), ["deleted_in_kaltura"], "{}", run.err);
    assert_eq!(campus.kaltura.alive().len(), 2);
    // whose it is clears up, and all is as it should be
    campus.kaltura.freeze_index(false);
    for _ in 0..2 {
        assert_eq!(sync(&campus, &other, &[]).exit, 0);
    }
    assert!(campus.kaltura.alive().iter().any(|entry| entry.id == copy));
    let run = sync(&campus, &campus.setup, &[]);
    assert!(campus.kaltura.alive().iter().filter(|entry| campus.kaltura.sha256_of(&entry.id).is_some()).count() == 1);
    assert_eq!(run.exit, 0, "{}", run.err);
}

#[test]
fn foreign_copy_overrules_its_token() {
    let (campus, _, copy) = used_up_by_another();
    campus.kaltura.freeze_index(false);
    let run = sync(&campus, &campus.setup, &[]);
    assert_eq!((run.exit, run.reasons()), (0, vec!["another_installation".to_owned()]), "{}", run.err);
    assert!(campus.kaltura.alive().iter().any(|entry| entry.id == copy));
}

/// The other installation has made an entry and could send no byte. The index shows nothing.
fn begun_by_another() -> (Campus, Setup) {
    let campus = one_lecture();
    campus.kaltura.freeze_index(true);
    let other = campus.beside();
    for hit in 1..20 {
        campus.kaltura.faults().queue("uploadToken.upload", hit, Fault::Reset);
    }
    sync(&campus, &other, &[]);
    campus.kaltura.faults().clear();
    (campus, other)
}

#[test]
fn take_over_continues_the_upload() {
    let (campus, _) = begun_by_another();
    let begun = campus.kaltura.alive()[0].id.clone();
    let run = sync(&campus, &campus.setup, &[]);
    assert_eq!((run.exit, run.reasons()), (0, vec!["another_installation".to_owned()]), "{}", run.err);
    let run = sync(&campus, &campus.setup, &["--take-over"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert_eq!(hashes(&campus), wanted(&campus));
    let entry = campus.kaltura.entry(&begun).expect("the entry that was begun");
    assert_eq!((campus.kaltura.alive().len(), entry.admin_tags), (1, campus.tags(false)));
}

#[test]
fn taken_over_copy_gets_nothing_added() {
    let campus = Campus::new();
    let talk = lecture("ada==", 81_000_000_001, "ada", 5);
    campus.zoom.add_meeting(talk.clone());
    campus.sync_until_done();
    let entry = campus.kaltura.alive()[0].id.clone();
    campus.kaltura.set_admin_tags(&entry, &campus.tags_of("0000bbbb", false));
    campus.zoom.remove_meeting("ada==");
    campus
        .zoom
        .add_meeting(talk.video("gallery_view", Media::mp4().salted(7).padded_to(7_000)).transcript(Media::vtt()));
    let run = sync(&campus, &campus.setup, &[]);
    assert_eq!((run.exit, campus.kaltura.alive().len()), (0, 1), "{}", run.err);
    assert!(campus.kaltura.texts_of(&entry).is_empty());
    assert!(run.out.contains("another_installation"), "{}", run.out);
}

/// Pull mode beside the settings of this file.
fn pull() -> Vec<(&'static str, &'static str)> {
    [&SETTINGS[..], &[("ZOOM2KALTURA_SYNC_TRANSFER", "pull")]].concat()
}

/// The ledger is lost, and the index stands still.
#[test]
fn streamed_is_not_pulled_again() {
    let campus = one_lecture();
    campus.kaltura.freeze_index(true);
    campus.sync_until_done();
    campus.lose_ledger();
    for _ in 0..2 {
        let run = campus.run_with(&pull(), &["sync"]);
        assert_eq!((run.exit, hashes(&campus)), (0, wanted(&campus)), "{}", run.err);
    }
}

#[test]
fn foreign_stream_is_not_pulled() {
    let (campus, other) = begun_by_another();
    let run = campus.run_with(&pull(), &["sync", "--format", "json"]);
    assert_eq!(
        (run.exit, run.reasons(), campus.kaltura.alive().len()),
        (0, vec!["another_installation".to_owned()], 1)
    );
    assert_eq!(sync(&campus, &other, &[]).exit, 0);
    assert_eq!(hashes(&campus), wanted(&campus));
}

#[test]
fn begun_upload_is_finished_by_pulling() {
    let campus = one_lecture();
    campus.kaltura.freeze_index(true);
    let campus = stopped_with(campus, Stage::Attached);
    let begun = campus.kaltura.alive()[0].id.clone();
    campus.lose_ledger();
    until_each_is_there_once(&campus, &pull());
    assert_eq!(campus.kaltura.alive()[0].id, begun);
}

#[test]
fn given_up_copy_keeps_late_bytes() {
    let campus = stopped(Stage::Attached);
    let (entry, token) = (campus.kaltura.alive()[0].id.clone(), campus.kaltura.tokens()[0].id.clone());
    let session = campus.session();
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Stall(Duration::from_secs(2)));
    campus.zoom.remove_meeting("ada==");
    let patient = [&SETTINGS[..], &[("ZOOM2KALTURA_HTTP_CLAIM_SETTLE", "5s")]].concat();
    std::thread::scope(|scope| {
        // how it went does not matter
        scope.spawn(|| {
            send_final_chunk(&campus.kaltura.url(), &session, &token, 0, media().read(0, media().len()).to_vec())
        });
        while campus.kaltura.faults().waiting() > 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
        campus.run_with(&patient, &["sync"]);
    });
    assert!(campus.kaltura.log().count("uploadToken.delete") > 0, "it was given up");
    // nothing more is made of it
    campus.run_with(&patient, &["sync"]);
    let there: Vec<_> = campus.kaltura.alive().into_iter().map(|there| there.id).collect();
    assert_eq!(there, std::slice::from_ref(&entry));
    assert!(campus.kaltura.sha256_of(&entry).is_some(), "its bytes are there");
}
