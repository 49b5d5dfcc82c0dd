//! The program is killed again and again, at any moment, and started again: in the end everything is there, once.

use std::io::Write;
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use standin::media::Media;
use standin::setup::Setup;
use standin::zoom::{Meeting, Segment};

use crate::arrived::{differences, expected, found};
use crate::campus::{Campus, FEW_ROOTS, hours_ago, lecture, program};
use crate::chance::Chance;
use crate::journals::{JOURNAL, JOURNALS};

const SETTINGS: [(&str, &str); 6] = [
    ("ZOOM2KALTURA_COPY_ATTACHMENTS", "chat,summary,poll,timeline"),
    ("ZOOM2KALTURA_SYNC_CHUNK_MIB", "1"),
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
    ("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "1000"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "300ms"),
    ("ZOOM2KALTURA_HTTP_RETRY_WAIT", "5ms"),
];
/// Worlds that live side by side: most of the time one of them waits.
const SIDE_BY_SIDE: usize = 4;
/// In one world: where the machine is slow, a run is killed before it gets on.
const MOST_KILLS: usize = 40;
/// That follow the kills.
const FEWEST_CLEAN_RUNS: usize = 5;
const MOST_CLEAN_RUNS: usize = 60;

fn video(salt: u64, bytes: u64) -> Media {
    Media::mp4().salted(salt).padded_to(bytes)
}

/// Recordings of mixed sizes and kinds, of a host with an account and of one without.
fn batch() -> Campus {
    let campus = Campus::new();
    let (first, second) = (hours_ago(20), hours_ago(19));
    let meetings = [
        lecture("small==", 81_000_000_001, "ada", 3),
        Meeting::new("big==", 81_000_000_002, "Big")
            .host("ada")
            .starts(&hours_ago(9))
            .video("shared_screen", video(2, 2_300_000)),
        Meeting::new("long==", 81_000_000_008, "Long, in parts")
            .host("ada")
            .starts(&hours_ago(8))
            .video("shared_screen", video(8, 6_500_000)),
        lecture("seminar==", 81_000_000_003, "ada", 5)
            .video("gallery_view", video(3, 1_200_000))
            .transcript(Media::vtt())
            .closed_caption(Media::vtt())
            .chat(Media::chat())
            .summary("summary", Media::summary())
            .poll(Media::poll())
            .timeline(),
        Meeting::new("break==", 81_000_000_004, "With a break")
            .host("ada")
            .starts(&first)
            .segment(Segment::starting(&first).video("shared_screen", video(4, 9_000)))
            .segment(Segment::starting(&second).video("shared_screen", video(5, 9_000))),
        lecture("guest==", 81_000_000_006, "guest", 7).video("gallery_view", video(6, 8_000)),
        Meeting::new("sound==", 81_000_000_007, "Sound").host("ada").starts(&hours_ago(11)).audio(Media::m4a()),
    ];
    for meeting in meetings {
        campus.zoom.add_meeting(meeting);
    }
    campus
}

/// A run that moves the bytes in one of these ways.
fn start(campus: &Campus, chance: &mut Chance, ways: &[&str]) -> Child {
    start_in(&campus.setup, chance, ways)
}

fn start_in(setup: &Setup, chance: &mut Chance, ways: &[&str]) -> Child {
    let way = ways[usize::try_from(chance.below(ways.len() as u64)).expect("a small number")];
    program(setup)
        .arg("sync")
        .envs(FEW_ROOTS)
        .envs(SETTINGS)
        .env("ZOOM2KALTURA_SYNC_TRANSFER", way)
        // a ledger goes from one journal to the other and back
        .env(JOURNAL, JOURNALS[usize::from(chance.below(2) == 0)])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

fn requests(campus: &Campus) -> usize {
    campus.kaltura.log().len() + campus.zoom.log().len() + campus.zoom.cdn_log().len()
}

/// Lets a run live for a while, by the clock or by what it asks; `false` if it ended before that.
fn killed(campus: &Campus, chance: &mut Chance, ways: &[&str], whole_run: Duration) -> bool {
    let (before, by_clock) = (requests(campus), chance.below(2) == 0);
    let time = Duration::from_micros(chance.below(u64::try_from(whole_run.as_micros()).unwrap_or(u64::MAX)));
    let most = usize::try_from(chance.below(40)).expect("a small number");
    let mut child = start(campus, chance, ways);
    let since = Instant::now();
    loop {
        if child.try_wait().expect("the program can be looked at").is_some() {
            return false;
        }
        let due = if by_clock { since.elapsed() >= time } else { requests(campus) - before >= most };
        if due {
            child.kill().expect("the program is killed");
            child.wait().expect("the program ends");
            return true;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// One batch, killed until it is done all the same. Tells how often it was killed.
fn live_through(seed: u64, ways: &[&str], whole_run: Duration) -> Result<usize, String> {
    let (campus, mut chance, mut kills) = (batch(), Chance(seed), 0);
    let expected = expected(&campus);
    for _ in 0..MOST_KILLS {
        if killed(&campus, &mut chance, ways, whole_run) {
            kills += 1;
            continue;
        }
        // a run that ended by itself may have left copies in conversion
        if differences(&expected, &found(&campus)).is_empty() {
            break;
        }
    }
    // each kill may leave an upload, of which a run ends a few for each file
    for run in 0..MOST_CLEAN_RUNS {
        start(&campus, &mut chance, ways).wait().expect("the program ends");
        std::thread::sleep(Duration::from_millis(60));
        if run >= FEWEST_CLEAN_RUNS && differences(&expected, &found(&campus)).is_empty() {
            break;
        }
    }
    let differences = differences(&expected, &found(&campus));
    if differences.is_empty() { Ok(kills) } else { Err(format!("KILL_SEED={seed}: {}", differences.join("\n"))) }
}

fn survives(wanted: usize, ways: &[&str]) {
    let seed = std::env::var("KILL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
        u64::try_from(now.as_nanos() & 0xFFFF_FFFF).expect("a small number")
    });
    let campus = batch();
    let since = Instant::now();
    start(&campus, &mut Chance(seed), ways).wait().expect("the program ends");
    let whole_run = since.elapsed();
    let (kills, worlds, failures) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while kills.load(Ordering::Relaxed) < wanted {
                    let world = worlds.fetch_add(1, Ordering::Relaxed);
                    match live_through(seed.wrapping_add(world as u64), ways, whole_run) {
                        Ok(survived) => {
                            kills.fetch_add(survived, Ordering::Relaxed);
                        }
                        Err(failure) => {
                            failures.lock().expect("no other thread panicked").push(failure);
                            return;
                        }
                    }
                }
            });
        }
    });
    let (kills, worlds) = (kills.into_inner(), worlds.into_inner());
    let _ = writeln!(
        std::io::stderr(),
        "{kills} kills in {worlds} worlds, a whole run takes {whole_run:?}, KILL_SEED={seed}"
    );
    let failures = failures.into_inner().expect("no other thread panicked");
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn everything_arrives_once_whenever_killed() {
    survives(200, &["stream"]);
}

#[test]
fn everything_arrives_once_in_any_mode() {
    survives(200, &["pull", "stream"]);
}

/// Whose each entry with these tags is, how it is tagged, and whether it is deleted.
fn kept(campus: &Campus, tags: &str) -> Vec<(String, String, String, bool)> {
    let made = campus.kaltura.entries().into_iter().filter(|entry| entry.admin_tags.starts_with(tags));
    made.map(|entry| (entry.id, entry.user_id, entry.admin_tags, entry.status == 3)).collect()
}

#[test]
fn killed_second_installation_changes_nothing() {
    for seed in 0..6 {
        let (campus, mut chance) = (batch(), Chance(seed));
        let whole_run = Duration::from_millis(500);
        // the first one leaves off somewhere in the middle
        for _ in 0..=chance.below(3) {
            killed(&campus, &mut chance, &["stream"], whole_run);
        }
        if campus.kaltura.entries().is_empty() {
            continue;
        }
        let (tags, other) = (campus.tags(false), campus.beside());
        let before = kept(&campus, &tags);
        let tokens = campus.kaltura.tokens().len();
        for _ in 0..8 {
            let mut child = start_in(&other, &mut chance, &["stream"]);
            std::thread::sleep(Duration::from_millis(chance.below(500)));
            child.kill().expect("the program is killed");
            child.wait().expect("the program ends");
        }
        let last = start_in(&other, &mut chance, &["stream"]).wait().expect("the program ends");
        assert!(last.success(), "{last}");
        assert_eq!(kept(&campus, &tags), before, "KILL_SEED={seed}");
        assert!(campus.kaltura.tokens().len() >= tokens, "KILL_SEED={seed}");
    }
}

#[test]
#[ignore = "takes minutes: KILL_COUNT=3000 cargo test --release -- --ignored killing"]
fn thousands_of_kills_change_nothing() {
    let wanted = std::env::var("KILL_COUNT").ok().and_then(|count| count.parse().ok()).unwrap_or(3000);
    for ways in [&["stream"][..], &["pull", "stream"]] {
        survives(wanted / 2, ways);
    }
}
