//! `status --format html`: a page that is complete in itself, true, and safe whatever the topics are.

use chrono::TimeDelta;

use crate::campus::{Campus, Run, lecture};
use crate::standin::kaltura::{Conversion, Kaltura};
use crate::standin::media::Media;
use crate::standin::zoom::Zoom;

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

/// What stands after a name.
fn figure_after(page: &str, name: &str) -> String {
    let words = words(page);
    let place = words.iter().position(|word| word == name).unwrap_or_else(|| panic!("{name} is not told: {words:?}"));
    words[place + 1].clone()
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
    assert_eq!(figure_after(&page, "copied in 30 days"), "2", "a further view is no recording of its own");
    // both began hours ago and lasted for seconds
    assert_eq!(figure_after(&page, "half were READY within").split(" h").next(), Some("3"), "{page}");
    assert_eq!(figure_after(&page, "95 % were READY within").split(" h").next(), Some("4"), "{page}");
    assert!(page.contains("Nothing needs anybody."));
    let sql = "UPDATE files SET role = 'child' WHERE role = 'parent'";
    campus.ledger().execute(sql, []).expect("views that came late");
    assert_eq!(figure_after(&crate::page::page(&campus), "copied in 30 days"), "0");
}

#[test]
fn events_before_thirty_days_are_absent() {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    for (days, copied) in [(29, "1"), (30, "0")] {
        let sql = "UPDATE events SET at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?1)";
        campus.ledger().execute(sql, [format!("-{days} days")]).expect("events of another day");
        assert_eq!(figure_after(&page(&campus), "copied in 30 days"), copied, "{days} days ago");
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
    assert_eq!(figure_after(&page(&campus), "copied in 30 days"), "2");
    campus.lose_ledger();
    campus.sync_until_done();
    assert_eq!(figure_after(&page(&campus), "copied in 30 days"), "0", "the ledger was lost; Ada's copy was there");
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
    assert_eq!(
        (figure_after(&page, "copied in 30 days"), figure_after(&page, "half were READY within")),
        ("1".to_owned(), "–".to_owned())
    );
    assert_eq!(figure_after(&page, "backfill"), ", times left out");
}

#[test]
fn failures_by_reason_late_by_name() {
    let campus = Campus::of(Zoom::start(), Kaltura::builder().conversion(Conversion::Fails).start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5).topic("Optics"));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 6));
    campus.run(&["sync"]);
    std::thread::sleep(std::time::Duration::from_millis(100));
    campus.run(&["sync"]);
    let page = page(&campus);
    let words = words(&page);
    let error = words.iter().rposition(|word| word.starts_with("Kaltura ")).unwrap_or_else(|| panic!("{words:?}"));
    assert_eq!(words[error + 1], "2", "both by the same reason: {words:?}");
    assert!(words.contains(&"Optics".to_owned()) && words.contains(&"Needs somebody".to_owned()), "{words:?}");
    assert_eq!(campus.run(&["status", "--format", "html", "--alert"]).exit, 7);
}

#[test]
fn empty_before_the_first_run() {
    let campus = Campus::new();
    let page = page(&campus);
    assert_eq!(figure_after(&page, "copied in 30 days"), "0");
    for words in
        ["Nothing was copied in these days.", "Nothing is late, at risk, failed or given up.", "There are none."]
    {
        assert!(page.contains(words), "{words}");
    }
}
