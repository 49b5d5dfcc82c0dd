//! How many recordings this machine can hand over to Kaltura's import workers in a minute, beside how many it can stream,
//! and what either costs: `cargo run --release --example handover [RECORDINGS [MIB]]`. Zoom and Kaltura are played on the same
//! machine, without any distance between them, so that what is measured is the program's own share. Bytes are those of the
//! loopback interface: with nothing else on it (`unshare -rn sh -c 'ip link set lo up; …'`), those of the run.

#[allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    missing_docs,
    clippy::pedantic,
    reason = "shared with the tests: each side uses its part, and nobody reads it as a library"
)]
#[path = "../../tests/standin/mod.rs"]
mod standin;

use std::ffi::OsString;
use std::fs;
use std::time::{Duration, Instant};

use chrono::{SecondsFormat, TimeDelta, Utc};

use standin::kaltura::{IMPORTER, Importers, Kaltura};
use standin::media::Media;
use standin::request_log::{Logged, RequestLog};
use standin::setup::{HOLDING_USER, Setup};
use standin::zoom::{Meeting, User, Zoom};

const RECORDINGS: i64 = 1000;
const HOSTS: i64 = 50;
/// The size of each; in stream mode all of it passes through this machine, in and out.
const MIB: i64 = 1;

fn main() {
    let number = |place| std::env::args().nth(place)?.parse().ok();
    for way in ["stream", "pull"] {
        measure(way, number(1).unwrap_or(RECORDINGS), number(2).unwrap_or(MIB));
    }
}

#[allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "the figures are what it is for")]
fn measure(way: &str, recordings: i64, mib: i64) {
    let (zoom, kaltura, setup) = world(way, recordings, mib);
    // what the import workers do is Kaltura's to pay for
    kaltura.set_importers(Importers::Busy);
    let (before, since) = (loopback(), Instant::now());
    sync(&setup);
    let (time, bytes) = (since.elapsed(), loopback() - before);
    let calls = requests(&zoom, &kaltura);
    assert_eq!(i64::try_from(kaltura.entries().len()), Ok(recordings), "every recording was handed over");
    kaltura.set_importers(Importers::Work);
    for _ in 0..3000 {
        std::thread::sleep(Duration::from_millis(200));
        if kaltura.entries().iter().all(|entry| entry.status == 2) {
            break;
        }
    }
    sync(&setup);
    let confirming = requests(&zoom, &kaltura) - calls;
    let ledger = fs::metadata(setup.state().join("ledger.db")).map_or(0, |file| file.len());
    let per = |sum: u64| sum / recordings.unsigned_abs();
    println!(
        "{way}: {recordings} recordings of {} MiB in {:.1} s, {:.0} a minute; for each {:.2} calls and {:.3} to confirm it, {} kB \
         on the wire, {} bytes in the ledger",
        mib,
        time.as_secs_f64(),
        recordings as f64 * 60.0 / time.as_secs_f64(),
        calls as f64 / recordings as f64,
        confirming as f64 / recordings as f64,
        per(bytes) / 1000,
        per(ledger),
    );
}

/// Recordings of the last two days, by hosts who have an account.
fn world(way: &str, recordings: i64, mib: i64) -> (Zoom, Kaltura, Setup) {
    let (zoom, kaltura) = (Zoom::start(), Kaltura::start());
    kaltura.add_user(HOLDING_USER, "");
    for host in 0..HOSTS {
        let email = format!("host{host}@uni.example");
        zoom.add_user(User::new(&format!("h{host}"), &email));
        kaltura.add_user(&email, "");
    }
    for number in 0..recordings {
        let media = Media::mp4().salted(number.unsigned_abs()).padded_to(mib.unsigned_abs() << 20);
        let meeting = Meeting::new(&format!("u{number}=="), 81_000_000_000 + number, "Lecture")
            .host(&format!("h{}", number % HOSTS))
            .starts(&minutes_ago(60 + number % 2880));
        zoom.add_meeting(meeting.video("shared_screen", media));
    }
    let setup = Setup::new(&zoom, &kaltura, &minutes_ago(4 * 1440));
    let text = fs::read_to_string(setup.config()).expect("a configuration");
    let text = text.replace("[sync]\n", &format!("[sync]\ntransfer = \"{way}\"\n"));
    fs::write(setup.config(), text).expect("a configuration");
    (zoom, kaltura, setup)
}

fn sync(setup: &Setup) {
    let config = setup.config().into_os_string();
    let command = ["zoom2kaltura", "-q", "--config"].map(OsString::from).into_iter().chain([config, "sync".into()]);
    assert_eq!(zoom2kaltura::run(command).code(), 0);
}

/// What the program asked: parts of a multirequest are no requests, and those of Kaltura's workers not the program's.
fn requests(zoom: &Zoom, kaltura: &Kaltura) -> usize {
    let is_part = |call: &Logged| call.target.contains("multirequest") && call.call != "multirequest";
    let all = [zoom.log(), zoom.cdn_log(), kaltura.log()].into_iter().flat_map(RequestLog::all);
    all.filter(|call| !is_part(call) && call.header("user-agent") != IMPORTER).count()
}

/// Bytes that were sent over the loopback interface so far.
fn loopback() -> u64 {
    let table = fs::read_to_string("/proc/self/net/dev").unwrap_or_default();
    let line = table.lines().find_map(|line| line.trim_start().strip_prefix("lo:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn minutes_ago(minutes: i64) -> String {
    (Utc::now() - TimeDelta::minutes(minutes)).to_rfc3339_opts(SecondsFormat::Secs, true)
}
