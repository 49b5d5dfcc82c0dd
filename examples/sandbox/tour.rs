//! The tour: both remote sides are played on this machine, a few meetings are seeded, and the program runs as cron
//! would run it.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta, Utc};

use crate::print_line;
use crate::standin::kaltura::Kaltura;
use crate::standin::media::Media;
use crate::standin::setup::{HOLDING_USER, Setup};
use crate::standin::zoom::{Meeting, User, Zoom};

/// Runs the program three times and shows what Kaltura holds in the end; the worst of its exit codes is the tour's.
pub(crate) fn tour() -> ExitCode {
    let (zoom, kaltura) = (Zoom::start(), Kaltura::builder().ready_after(Duration::from_secs(1)).start());
    seed_people(&zoom, &kaltura);
    seed_meetings(&zoom);
    let setup = Setup::new(&zoom, &kaltura, &days_ago(3));
    say("Zoom holds six meetings, one of them from before go-live three days ago. What would be done?");
    let mut worst = run(&setup, &["sync", "--dry-run"]);
    say("The same, carried out: the bytes go over, Kaltura begins to process them.");
    worst = worst.max(run(&setup, &["sync", "--format", "text"]));
    std::thread::sleep(Duration::from_millis(1500));
    say("Cron comes again. Nothing is copied twice; what Kaltura has processed meanwhile is confirmed.");
    worst = worst.max(run(&setup, &["sync", "--format", "text"]));
    say("What Kaltura holds now:");
    show(&kaltura);
    ExitCode::from(worst)
}

/// Calls the program as its binary does.
fn run(setup: &Setup, args: &[&str]) -> u8 {
    print_line(&format!("$ zoom2kaltura {}", args.join(" ")));
    let config = setup.config().into_os_string();
    let command = ["zoom2kaltura".into(), "--config".into(), config];
    zoom2kaltura::run(command.into_iter().chain(args.iter().map(OsString::from))).code()
}

fn seed_people(zoom: &Zoom, kaltura: &Kaltura) {
    for (id, email) in [("u1", "physics@uni.example"), ("u2", "history@uni.example"), ("u3", "guest@elsewhere.example")]
    {
        zoom.add_user(User::new(id, email));
    }
    for id in ["physics@uni.example", "history@uni.example", HOLDING_USER] {
        kaltura.add_user(id, "");
    }
}

fn seed_meetings(zoom: &Zoom) {
    let meeting =
        |uuid, number: i64, topic, host, start: String| Meeting::new(uuid, number, topic).host(host).starts(&start);
    let video = |salt| Media::mp4().salted(salt).padded_to(3_000_000 + 400_000 * salt);
    let meetings = [
        meeting("b3B0aWNz1w==", 81_000_000_001, "Optics, lecture 3", "u1", hours_ago(50))
            .video("shared_screen_with_speaker_view", video(1))
            .video("gallery_view", video(2))
            .audio(Media::m4a())
            .transcript(Media::vtt())
            .chat(Media::chat()),
        meeting("/yb21h//bmNlQ==", 81_000_000_002, "The Renaissance", "u2", hours_ago(26))
            .video("shared_screen", video(3)),
        meeting("cGFydHk/Mg==", 81_000_000_003, "Celebrating the prize 🎉", "u1", hours_ago(20))
            .video("active_speaker", video(4)),
        meeting("Z3Vlc3RsZQ==", 81_000_000_004, "Guest lecture", "u3", hours_ago(6)).video("shared_screen", video(5)),
        meeting("c2VtaW5hcg==", 81_000_000_005, "Seminar, just over", "u2", hours_ago(1))
            .video("shared_screen", video(6))
            .processing(),
        meeting("b2xkLW9uZQ==", 81_000_000_006, "From before go-live", "u1", hours_ago(73))
            .video("shared_screen", video(7)),
    ];
    for meeting in meetings {
        zoom.add_meeting(meeting);
    }
}

fn show(kaltura: &Kaltura) {
    for entry in kaltura.entries() {
        let (id, owner, name) = (&entry.id, &entry.user_id, &entry.name);
        print_line(&format!("{id}  {owner:<22} {:>9} bytes  {name}  [{}]", entry.bytes, entry.reference_id));
    }
}

fn hours_ago(hours: i64) -> String {
    (Utc::now() - TimeDelta::hours(hours)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn days_ago(days: i64) -> String {
    hours_ago(24 * days)
}

fn say(text: &str) {
    print_line(&format!("\n# {text}\n"));
}
