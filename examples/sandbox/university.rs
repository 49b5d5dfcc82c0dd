//! A small university: its people, its recordings, and what happened before anybody looks.

use std::ffi::OsString;
use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta, Utc};
use standin::kaltura::{Kaltura, Seed};
use standin::media::Media;
use standin::setup::{HOLDING_USER, Setup};
use standin::zoom::{Meeting, Segment, User, Zoom};

const PHYSICS: &str = "physics@uni.example";
const HISTORY: &str = "history@uni.example";
const EVENTS: &str = "events@uni.example";
const GUEST: &str = "guest@elsewhere.example";

/// Both remote sides and a configuration that points at them. Go-live was four days ago.
pub(crate) struct University {
    pub(crate) zoom: Zoom,
    pub(crate) kaltura: Kaltura,
    pub(crate) setup: Setup,
}

impl University {
    pub(crate) fn new() -> University {
        let (zoom, kaltura) = (Zoom::start(), Kaltura::builder().ready_after(Duration::from_secs(1)).start());
        for (id, email) in [("u1", PHYSICS), ("u2", HISTORY), ("u3", EVENTS), ("u4", GUEST)] {
            zoom.add_user(User::new(id, email));
        }
        for id in [PHYSICS, HISTORY, EVENTS, HOLDING_USER] {
            kaltura.add_user(id, "");
        }
        // in force only where filter.opt_out_kaltura_groups names it
        kaltura.add_group("no-zoom", "");
        kaltura.join_group("no-zoom", EVENTS);
        let setup = Setup::on_disk(&zoom, &kaltura, &hours_ago(96));
        let university = University { zoom, kaltura, setup };
        university.live_through_the_past();
        university.record_the_last_days();
        university
    }

    /// Calls the program as its binary does.
    pub(crate) fn run(&self, args: &[&str]) -> u8 {
        let config = self.setup.config().into_os_string();
        let command = ["zoom2kaltura".into(), "--config".into(), config];
        zoom2kaltura::run(command.into_iter().chain(args.iter().map(OsString::from))).code()
    }

    /// Two guest lectures were copied the day before yesterday; somebody has found an owner for one of them since.
    fn live_through_the_past(&self) {
        let guest = |number: i64, topic, salt| {
            let uuid = format!("cGFzdC0w{number}w==");
            let meeting =
                Meeting::new(&uuid, 81_000_000_000 + number, topic).host("u4").starts(&hours_ago(60 + number));
            meeting.video("shared_screen", video(salt))
        };
        self.zoom.add_meeting(guest(21, "Guest lecture, two days ago", 21));
        self.zoom.add_meeting(guest(22, "Guest lecture that found an owner", 22));
        self.run(&["-q", "sync"]);
        std::thread::sleep(Duration::from_millis(1300));
        self.run(&["-q", "sync"]);
        // for those who try copy.follow_renames
        self.zoom.change_meeting("cGFzdC0w21w==", |meeting| meeting.topic("Guest lecture, renamed since"));
        self.setup.age_lookback();
        self.setup.age_confirmations(TimeDelta::hours(25));
        let entries = self.kaltura.entries();
        if let Some(entry) = entries.iter().find(|entry| entry.name.ends_with("found an owner")) {
            self.kaltura.set_owner(&entry.id, HISTORY);
        }
    }

    fn record_the_last_days(&self) {
        for meeting in lectures().into_iter().chain(special_cases()).chain(from_before_go_live()) {
            self.zoom.add_meeting(meeting);
        }
        // Kaltura's own connector was at work here once
        let reference_id = "Zoom_Y29ubmVjdG9y".to_owned();
        let name = "Copied by Kaltura's connector".to_owned();
        self.kaltura.add_entry(&Seed { reference_id, name, user_id: HISTORY.to_owned(), ..Seed::default() });
        // and this program five years ago
        self.kaltura.add_entry(&Seed {
            name: "Optics, when it was new".to_owned(),
            reference_id: "Zoom_bG9uZ2Fnbw==2021-11-20T09:00:00Z".to_owned(),
            admin_tags: "zoom2kaltura".to_owned(),
            user_id: PHYSICS.to_owned(),
            age: Duration::from_secs(5 * 366 * 86_400),
            ..Seed::default()
        });
    }
}

/// What lecturers record every day.
fn lectures() -> Vec<Meeting> {
    let (first, second) = (hours_ago(30), hours_ago(29));
    let part = |time: &str, salt| Segment::starting(time).video("shared_screen", video(salt));
    vec![
        meeting("b3B0aWNz1w==", 1, "Optics, lecture 3", "u1", 50)
            .video("shared_screen_with_speaker_view", video(1))
            .video("gallery_view", video(2))
            .sound("audio_interpretation", Media::m4a())
            .named("Audio Interpretation - French.m4a")
            .audio(Media::m4a())
            .transcript(Media::vtt())
            .closed_caption(Media::vtt())
            .chat(Media::chat())
            .summary("summary", Media::summary())
            .poll(Media::poll())
            .timeline(),
        meeting("/yb21h//bmNlQ==", 2, "The Renaissance", "u2", 26).video("shared_screen", video(3)),
        meeting("cGFydHk/Mg==", 3, "Celebrating the prize 🎉", "u1", 20).video("active_speaker", video(4)),
        meeting("d2Vla2x5LTE=", 4, "Weekly colloquium", "u1", 90).video("shared_screen", video(5)),
        meeting("d2Vla2x5LTI=", 4, "Weekly colloquium", "u1", 18).video("shared_screen", video(6)),
        Meeting::new("c3RvcHN0YXJ0", 81_000_000_005, "With a break")
            .host("u2")
            .starts(&first)
            .segment(part(&first, 7))
            .segment(part(&second, 8)),
        meeting("bG9uZ29uZQ==", 6, "A long one", "u2", 10).video("shared_screen", Media::mp4().padded_to(30_000_000)),
        meeting("d2ViaW5hcg==", 7, "Open day", "u3", 8).webinar().video("active_speaker", video(9)),
    ]
}

/// What makes the difference between a script and a tool.
fn special_cases() -> Vec<Meeting> {
    vec![
        meeting("Z3Vlc3RsZQ==", 8, "Guest lecture", "u4", 6).video("shared_screen", video(10)),
        meeting("c2VtaW5hcg==", 9, "Seminar, just over", "u2", 1).video("shared_screen", video(11)).processing(),
        meeting("cnVubmluZw==", 10, "Going on right now", "u1", 0).video("shared_screen", video(12)).in_progress(),
        meeting("YXVkaW8wMQ==", 11, "Interview, sound only", "u2", 22).audio(Media::m4a()),
        meeting("cHJpdmF0ZQ==", 12, "Private: office hour", "u1", 23).video("shared_screen", video(13)),
        meeting("ZW1wdHkwMQ==", 13, "Nothing to see yet", "u1", 2).without_files(),
        meeting("Y29ubmVjdG9y", 14, "Copied by Kaltura's connector", "u2", 40).video("shared_screen", video(14)),
        meeting("ZGVwYXJ0ZWQ=", 15, "By somebody who left", "u9", 44).video("shared_screen", video(15)),
    ]
}

/// For `backfill`.
fn from_before_go_live() -> Vec<Meeting> {
    vec![
        meeting("b2xkLW9uZQ==", 16, "The day before go-live", "u1", 97).video("shared_screen", video(16)),
        meeting("b2xkLXR3bw==", 17, "Three weeks ago", "u1", 21 * 24).video("shared_screen", video(17)),
        meeting("b2xkLTM=", 18, "Three weeks ago, by a guest", "u4", 20 * 24).video("shared_screen", video(18)),
    ]
}

fn meeting(uuid: &str, number: i64, topic: &str, host: &str, hours: i64) -> Meeting {
    Meeting::new(uuid, 81_000_000_000 + number, topic).host(host).starts(&hours_ago(hours))
}

/// A video of its own content, of a few megabytes.
fn video(salt: u64) -> Media {
    Media::mp4().salted(salt).padded_to(3_000_000 + 100_000 * salt)
}

fn hours_ago(hours: i64) -> String {
    (Utc::now() - TimeDelta::hours(hours)).to_rfc3339_opts(SecondsFormat::Secs, true)
}
