//! `status --format html`: a page that is complete in itself, true, and safe whatever the topics are.

use chrono::TimeDelta;
use standin::fault::Fault;
use standin::kaltura::{Conversion, Kaltura};
use standin::media::Media;
use standin::zoom::Zoom;

use crate::campus::{Campus, Run, lecture};

fn page(campus: &Campus) -> String {
    let before = campus.state();
    let Run { exit, out, err } = campus.run(&["status", "--format", "html"]);
    assert_eq!((exit, err.as_str()), (0, ""));
    assert_eq!(campus.state(), before, "nothing is written");
    out
}

/// The page's text, each run of it on a line of its own.
fn words(page: &str) -> Vec<String> {
    let body = page.split_once("<body>").expect("a body").1;
    let parts = body.split('>').filter_map(|part| part.split('<').next());
    parts.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
}

/// What a tile says of the last 24 hours and of the last 30 days.
fn figures(page: &str, name: &str) -> [String; 2] {
    let words = words(page);
    let place = words.iter().position(|word| word == name).unwrap_or_else(|| panic!("{name} is not shown: {words:?}"));
    assert_eq!((words[place + 2].as_str(), words[place + 4].as_str()), ("in 24 h", "in 30 d"));
    [words[place + 1].clone(), words[place + 3].clone()]
}

#[test]
fn page_loads_and_runs_nothing() {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    let page = page(&campus);
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{page}");
    let policy = "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-";
    assert!(page.contains(policy) && !page.contains("unsafe"), "{page}");
    for word in ["<script", "<link", "<img", "<iframe", "url(", "@import", "http://", "https://"] {
        assert!(!page.contains(word), "{word}");
    }
    let tags = page.split('<').filter_map(|tag| tag.split('>').next());
    let attributes = tags.flat_map(|tag| tag.split_whitespace().filter_map(|word| word.split_once('=')));
    let active: Vec<_> = attributes
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("on") || ["src", "href", "style", "action"].contains(name))
        .collect();
    assert!(active.is_empty(), "{active:?}");
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("width=device-width"));
    assert_eq!(page.matches("<svg").count(), page.matches("role=\"img\" aria-label=").count());
}

/// The browser would drop the style, and the page with it, if the hash were not exactly that of what stands there.
#[test]
fn policy_allows_its_own_style() {
    use sha2::{Digest, Sha256};
    let campus = Campus::new();
    campus.sync_until_done();
    let page = page(&campus);
    let style = page.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).expect("a style").0;
    let named = page.split_once("'sha256-").and_then(|(_, rest)| rest.split_once('\'')).expect("a hash").0;
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = named.trim_end_matches('=').bytes().map(|byte| digits.iter().position(|digit| *digit == byte));
    let bits: Vec<bool> =
        bits.flat_map(|six| (0..6).rev().map(move |bit| six.expect("a digit") >> bit & 1 == 1)).collect();
    let bytes: Vec<u8> =
        bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect();
    assert_eq!(bytes, Sha256::digest(style).to_vec());
}

#[test]
fn topics_are_shown_as_text() {
    let campus = Campus::new();
    let topic = "</td><script>alert('x')</script> & \"q\" \u{202E}txt\u{7}";
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 5).topic(topic));
    campus.sync_until_done();
    let page = page(&campus);
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("<bdi>&lt;/td&gt;&lt;script&gt;alert('x')&lt;/script&gt; &amp; &quot;q&quot;"), "{page}");
    assert!(!page.contains(|c: char| c == '\u{202E}' || (c.is_control() && c != '\n')), "{page}");
}

#[test]
fn counts_copies_and_their_times() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).video("gallery_view", Media::mp4().salted(7)));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    campus.sync_until_done();
    let page = page(&campus);
    assert_eq!(figures(&page, "copied"), ["2", "2"], "a further view is no recording of its own");
    // both began hours ago, and were listed a moment ago
    for name in ["half were READY within", "95 % were READY within"] {
        let times = figures(&page, name);
        assert!(times.iter().all(|time| time != "–" && !time.contains(" h")), "{name}: {times:?}");
    }
    assert!(page.contains("All is well: "));
    let sql = "UPDATE files SET role = 'child' WHERE role = 'parent'";
    campus.ledger().execute(sql, []).expect("views that came late");
    assert_eq!(figures(&crate::page::page(&campus), "copied"), ["0", "0"]);
}

#[test]
fn events_before_thirty_days_are_absent() {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    for (days, copied) in [(29, "1"), (30, "0")] {
        let sql = "UPDATE events SET at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?1)";
        campus.ledger().execute(sql, [format!("-{days} days")]).expect("events of another day");
        assert_eq!(figures(&page(&campus), "copied"), ["0", copied], "{days} days ago");
    }
}

#[test]
fn purged_counts_found_does_not() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 5));
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_002, "ada", 5));
    campus.sync_until_done();
    campus.setup.age_confirmations(TimeDelta::hours(25));
    assert_eq!(campus.run(&["purge"]).exit, 0);
    assert_eq!(figures(&page(&campus), "copied"), ["2", "2"]);
    campus.lose_ledger();
    campus.sync_until_done();
    assert_eq!(figures(&page(&campus), "copied"), ["0", "0"], "the ledger was lost; Ada's copy was there");
}

#[test]
fn backfill_counts_without_its_times() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("old==", 81_000_000_001, "ada", 24 * 20));
    let day = (chrono::Utc::now() - TimeDelta::days(20)).date_naive();
    let (from, to) = ((day - TimeDelta::days(1)).to_string(), (day + TimeDelta::days(1)).to_string());
    for _ in 0..3 {
        campus.run(&["backfill", "--from", &from, "--to", &to]);
        std::thread::sleep(std::time::Duration::from_millis(60));
    }
    let page = page(&campus);
    assert_eq!(figures(&page, "copied"), ["1", "1"]);
    assert_eq!(figures(&page, "half were READY within"), ["–", "–"]);
    assert_eq!(figures(&page, "by backfill, times not counted"), ["1", "1"]);
}

#[test]
fn failures_by_reason_late_by_name() {
    let campus = Campus::of(Zoom::start(), Kaltura::builder().conversion(Conversion::Fails).start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).topic("Optics"));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 6));
    campus.run(&["sync"]);
    std::thread::sleep(std::time::Duration::from_millis(100));
    campus.run(&["sync"]);
    campus.setup.age_events(TimeDelta::hours(4));
    let page = page(&campus);
    let words = words(&page);
    let error = words.iter().rposition(|word| word.starts_with("Kaltura ")).unwrap_or_else(|| panic!("{words:?}"));
    assert_eq!(words[error + 1], "2", "both by the same reason: {words:?}");
    assert!(
        words.contains(&"Optics".to_owned())
            && words.iter().any(|word| word.ends_with("needs attention") || word.ends_with("need attention")),
        "{words:?}"
    );
    assert_eq!(campus.run(&["status", "--format", "html", "--alert"]).exit, 7);
}

#[test]
fn empty_before_the_first_run() {
    let campus = Campus::new();
    let page = page(&campus);
    assert_eq!(figures(&page, "copied"), ["0", "0"]);
    for words in [
        "Nothing was copied in these days.",
        "Nothing is late, at risk, failed, given up or waiting for you.",
        "There are none.",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn page_names_account_machine_and_zone() {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    let zone = chrono_tz::America::Los_Angeles;
    let settings = [("ZOOM2KALTURA_NAME", "Arts & Sciences"), ("ZOOM2KALTURA_COPY_TIME_ZONE", zone.name())];
    let page = campus.run_with(&settings, &["status", "--format", "html"]).out;
    let words = words(&page);
    assert!(words.contains(&"Arts &amp; Sciences".to_owned()), "{words:?}");
    assert!(!page.contains("zoom-account-1"), "{words:?}");
    assert_eq!(page.matches("UTC").count(), 1, "the checkpoint is a day of Zoom's: {words:?}");
    assert_eq!(page.matches(zone.name()).count(), 1, "the zone is said once");
    assert!(page.contains(&format!(" by zoom2kaltura {}", env!("CARGO_PKG_VERSION"))));
    assert!(page.contains("<meta http-equiv=\"refresh\" content=\"300\">"));
    // the same moment, for machines and for people
    let (instant, rest) =
        page.split_once("<time datetime=\"").and_then(|(_, rest)| rest.split_once("\">")).expect("a time");
    let shown = rest.split('<').next().expect("a text");
    let instant: chrono::DateTime<chrono::Utc> = instant.parse().expect("an instant");
    assert_eq!(instant.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(), shown);
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a machine");
    assert!(words.contains(&machine.trim().to_owned()), "{words:?}");
    let text = campus.run_with(&settings, &["status"]).out;
    assert!(text.contains("status of Arts & Sciences at ") && text.matches(zone.name()).count() == 1, "{text}");
}

#[test]
fn left_out_shows_why_once() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("private==", 81_000_000_001, "ada", 5).topic("Private tutorial"));
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_002, "ada", 5));
    campus.sync_until_done();
    let left_out = |campus: &Campus| {
        let page = page(campus);
        (figures(&page, "left out"), words(&page).contains(&"topic_excluded".to_owned()))
    };
    assert_eq!(left_out(&campus), (["1", "1"].map(str::to_owned), true));
    campus.setup.age_events(TimeDelta::hours(25));
    assert_eq!(left_out(&campus), (["0", "1"].map(str::to_owned), true));
    // the rule is gone, and it is copied
    campus.sync_until_done_with(&[("ZOOM2KALTURA_FILTER_EXCLUDE_TOPICS", "")]);
    assert_eq!(left_out(&campus), (["0", "0"].map(str::to_owned), false));
}

#[test]
fn due_orphans_show_no_past_time() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 5));
    campus.sync_until_done();
    let told = |campus: &Campus| {
        let (page, text) = (page(campus), campus.run(&["status"]).out);
        let both = |phrase: &str| page.contains(phrase) && text.contains(phrase);
        (
            both("with the next purge"),
            both("1, 1 due: the next purge deletes them"),
            both("1, the next one is due after "),
        )
    };
    assert_eq!(told(&campus), (false, false, true));
    campus.setup.age_confirmations(TimeDelta::hours(25));
    assert_eq!(told(&campus), (true, true, false));
}

/// By the program's own words, on the page and in the text.
#[test]
fn each_alarm_says_what_to_do() {
    let campus = Campus::with_lecture();
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    assert_eq!(campus.run_with(&[("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "1")], &["sync"]).exit, 3);
    campus.run_with(&[("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "1")], &["sync"]);
    let (page, text) = (page(&campus), campus.run(&["status"]).out);
    assert!(text.starts_with("1 thing needs attention: 1 recording failed too often and was given up.\n"), "{text}");
    let (_, to_do) = text.split_once("\nwhat to do:\n- ").unwrap_or_else(|| panic!("{text}"));
    assert!(to_do.lines().count() == 1 && to_do.contains("zoom2kaltura retry --failed"), "{to_do}");
    let words = words(&page);
    let place = words.iter().position(|word| word == "1 thing needs attention").unwrap_or_else(|| panic!("{words:?}"));
    assert_eq!(words[place + 1], "1 recording failed too often and was given up.");
    assert!(words[place + 2].contains("zoom2kaltura retry --failed"), "{words:?}");
}

/// For those who do not see it.
#[test]
fn sections_charts_and_cells_have_labels() {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 2));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    campus.run(&["sync"]);
    let page = page(&campus);
    let values = |name: &str| -> Vec<String> {
        let begin = format!(" {name}=\"");
        let values = page.split(&begin).skip(1).filter_map(|rest| rest.split('"').next());
        values.map(str::to_owned).collect()
    };
    let ids = values("id");
    for label in values("aria-labelledby") {
        assert!(ids.contains(&label), "{label}");
    }
    for name in ["aria-label", "data-name"] {
        let labels = values(name);
        assert!(!labels.is_empty() && labels.iter().all(|label| !label.trim().is_empty()), "{name}: {labels:?}");
    }
    assert_eq!(page.matches("<td ").count(), values("data-name").len());
    assert_eq!(page.matches("<th ").count(), page.matches("role=\"columnheader\" scope=\"col\"").count());
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len(), "{ids:?}");
}

/// In whatever zone it is read.
#[test]
fn deletion_day_is_zooms_own() {
    let campus = Campus::new();
    let day = crate::campus::day(-2);
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).deleted_on(&day));
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    assert_eq!(campus.run(&["sync"]).exit, 3);
    for zone in ["UTC", "America/Los_Angeles", "Pacific/Auckland"] {
        let page = campus.run_with(&[("ZOOM2KALTURA_COPY_TIME_ZONE", zone)], &["status", "--format", "html"]).out;
        let cell = format!("data-name=\"Zoom deletes it\" class=\"short\"><div><bdi>{day}</bdi>");
        assert!(page.contains(&cell), "{zone}: {page}");
    }
}
