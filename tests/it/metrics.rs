//! The metrics file: read as strictly as the format is described, whoever wrote it, however the run ended.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{TimeDelta, Utc};
use standin::fault::Fault;
use standin::zoom::Meeting;

use crate::campus::{Campus, Run, lecture};
use crate::pages::page;

/// Values by name and labels, as they stand: `name{label="value"}`.
type Metrics = BTreeMap<String, f64>;

fn file(campus: &Campus) -> PathBuf {
    campus.setup.path().join("zoom2kaltura.prom")
}

fn run(campus: &Campus, args: &[&str]) -> Run {
    let file = file(campus);
    campus.run_with(&[("ZOOM2KALTURA_NOTIFY_METRICS_FILE", &file.display().to_string())], args)
}

/// By the rules of Prometheus' text format 0.0.4 and of `node_exporter` (no timestamps), and by Prometheus' naming
/// practices: base units, `_total` for counters and for nothing else.
fn parsed(text: &str) -> Metrics {
    assert!(text.ends_with('\n') && !text.contains('\r') && !text.contains("\n\n"), "{text}");
    let (mut metrics, mut seen, mut family) = (Metrics::new(), BTreeSet::new(), None::<(String, String)>);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect("a help text");
            assert!(help.ends_with('.') && !help.contains('\\'), "{line}");
            let kind = lines.next().and_then(|next| next.strip_prefix(&format!("# TYPE {name} "))).expect("a type");
            assert!(["counter", "gauge"].contains(&kind), "{line}: {kind}");
            assert_eq!(name.ends_with("_total"), kind == "counter", "{name}");
            assert!(name.strip_prefix("zoom2kaltura_").is_some_and(|name| !name.is_empty() && is_name(name)), "{name}");
            assert!(!["_minutes", "_hours", "_days", "_ms", "_mib"].iter().any(|unit| name.contains(unit)), "{name}");
            assert!(seen.insert(name.to_owned()), "{name} comes twice");
            family = Some((name.to_owned(), kind.to_owned()));
            continue;
        }
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let (name, labels) = series
            .split_once('{')
            .map_or((series, ""), |(name, labels)| (name, labels.strip_suffix('}').expect("the end of the labels")));
        assert_eq!(Some(name), family.as_ref().map(|(family, _)| family.as_str()), "{line}");
        for label in labels.split(',').filter(|label| !label.is_empty()) {
            let (label, value) = label.split_once('=').expect("a label");
            let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).expect("a quoted value");
            assert!(is_name(label) && value.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)), "{line}");
        }
        let value: f64 = value.parse().expect("a number");
        assert!(value.is_finite() && (value >= 0.0 || name.ends_with("_offset_seconds")), "{line}");
        // which account it is, each series says first
        let rest = labels.strip_prefix("account=\"").and_then(|rest| rest.split_once('"')).map(|(_, rest)| rest);
        let rest = rest.expect("an account").trim_start_matches(',');
        let series = if rest.is_empty() { name.to_owned() } else { format!("{name}{{{rest}}}") };
        assert!(metrics.insert(series.clone(), value).is_none(), "{series} comes twice");
    }
    metrics
}

fn is_name(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn read(campus: &Campus) -> Metrics {
    parsed(&fs::read_to_string(file(campus)).expect("metrics"))
}

fn value(metrics: &Metrics, name: &str) -> f64 {
    *metrics.get(&format!("zoom2kaltura_{name}")).unwrap_or_else(|| panic!("no {name} in {metrics:#?}"))
}

fn number(whole: u64) -> f64 {
    f64::from(u32::try_from(whole).expect("a number of this century"))
}

fn is(metrics: &Metrics, name: &str, expected: u32) {
    assert!((value(metrics, name) - f64::from(expected)).abs() < f64::EPSILON, "{name}: {}", value(metrics, name));
}

#[test]
fn file_follows_the_prometheus_format() {
    let campus = Campus::with_two_recordings();
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::answer(503, "busy"));
    let run = run(&campus, &["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let text = fs::read_to_string(file(&campus)).expect("metrics");
    for private in ["ada", "guest", "Lecture", "@", "81000000001"] {
        assert!(!text.contains(private), "{private} is in {text}");
    }
    assert_eq!(fs::metadata(file(&campus)).expect("a file").permissions().mode() & 0o777, 0o644);
    let metrics = parsed(&text);
    is(&metrics, &format!("build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")), 1);
    is(&metrics, "last_run_exit_code{command=\"sync\"}", 0);
    let now = number(Utc::now().timestamp().unsigned_abs());
    for name in [
        "last_run_start_timestamp_seconds{command=\"sync\"}",
        "last_success_start_timestamp_seconds{command=\"sync\"}",
        "last_listing_timestamp_seconds",
    ] {
        assert!((now - value(&metrics, name)).abs() < 600.0, "{name}");
    }
    is(&metrics, "copied_files_total", 2);
    let bytes: u64 = campus.zoom.meetings().iter().flat_map(Meeting::files).map(|file| file.size()).sum();
    assert!((value(&metrics, "copied_bytes_total") - number(bytes)).abs() < f64::EPSILON);
    is(&metrics, "calls_total{service=\"kaltura\",result=\"server_error\"}", 1);
    assert!(value(&metrics, "calls_total{service=\"zoom\",result=\"ok\"}") >= 4.0, "login, list, two downloads");
    is(&metrics, "runs_total{command=\"sync\",exit_code=\"0\"}", 1);
    is(&metrics, "given_up_recordings", 0);
    is(&metrics, "alarm{alarm=\"at_risk\"}", 0);
    campus.sync_until_done();
    let reader = campus.setup.path().join("reader");
    fs::hard_link(file(&campus), &reader).expect("somebody who has it open");
    self::run(&campus, &["sync"]);
    assert_eq!(fs::read_to_string(reader).expect("what it reads"), text, "whoever reads it reads all of the old one");
    let metrics = read(&campus);
    is(&metrics, "recordings{action=\"done\",reason=\"\"}", 2);
    is(&metrics, "backlog_recordings", 0);
    is(&metrics, "orphans", 1);
    assert!(!metrics.contains_key("zoom2kaltura_backlog_oldest_timestamp_seconds"));
}

#[test]
fn purge_and_sync_share_one_file() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    campus.setup.age_confirmations(TimeDelta::hours(25));
    run(&campus, &["sync"]);
    let before = read(&campus);
    is(&before, "purged_recordings_total", 0);
    let settings = [
        ("ZOOM2KALTURA_PURGE_MAX_ORPHAN_PERCENT", "100"),
        ("ZOOM2KALTURA_NOTIFY_METRICS_FILE", &file(&campus).display().to_string()),
    ];
    assert_eq!(campus.run_with(&settings, &["purge"]).exit, 0);
    let after = read(&campus);
    is(&after, "purged_recordings_total", 1);
    is(&after, "last_run_exit_code{command=\"purge\"}", 0);
    for (series, value) in before.iter().filter(|(series, _)| series.contains("\"sync\"") || series.contains("_total"))
    {
        assert!(after.get(series).is_some_and(|now| now >= value), "{series}");
    }
}

#[test]
fn counters_never_fall_between_runs() {
    let campus = Campus::with_two_recordings();
    let mut last = Metrics::new();
    for turn in 0_i64..4 {
        campus.zoom.add_meeting(lecture(&format!("more{turn}=="), 81_000_000_010 + turn, "ada", 3));
        campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
        run(&campus, &[if turn == 2 { "purge" } else { "sync" }]);
        let now = read(&campus);
        for (series, value) in last.iter().filter(|(series, _)| series.contains("_total")) {
            assert!(now.get(series).is_some_and(|now| now >= value), "{series}");
        }
        last = now;
    }
    assert!(value(&last, "failed_recordings_total") >= 1.0);
}

#[test]
fn failed_run_keeps_what_was_known() {
    let campus = Campus::with_two_recordings();
    run(&campus, &["sync"]);
    let listed = value(&read(&campus), "last_listing_timestamp_seconds");
    let settings = [
        ("ZOOM2KALTURA_ZOOM_CLIENT_SECRET", "wrong"),
        ("ZOOM2KALTURA_NOTIFY_METRICS_FILE", &file(&campus).display().to_string()),
    ];
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 4);
    let metrics = read(&campus);
    is(&metrics, "last_run_exit_code{command=\"sync\"}", 4);
    is(&metrics, "alarm{alarm=\"sync_failed\"}", 1);
    assert!(value(&metrics, "calls_total{service=\"zoom\",result=\"refused\"}") >= 1.0);
    assert!((value(&metrics, "last_listing_timestamp_seconds") - listed).abs() < f64::EPSILON);
}

/// A run whose ledger is damaged writes that down.
#[test]
fn locked_and_dry_runs_write_nothing() {
    let campus = Campus::with_two_recordings();
    run(&campus, &["sync", "--dry-run"]);
    assert!(!file(&campus).exists());
    let lock = campus.hold_lock("run.lock");
    assert_eq!(run(&campus, &["sync"]).exit, 75);
    assert!(!file(&campus).exists());
    drop(lock);
    fs::write(campus.setup.ledger_file(), "no database").expect("a file");
    assert_eq!(run(&campus, &["sync"]).exit, 1);
    is(&read(&campus), "last_run_exit_code{command=\"sync\"}", 1);
}

#[test]
fn unwritable_file_is_only_a_warning() {
    let campus = Campus::with_two_recordings();
    let settings = [("ZOOM2KALTURA_NOTIFY_METRICS_FILE", "/nowhere/zoom2kaltura.prom")];
    let run = campus.run_with(&settings, &["sync"]);
    assert_eq!(run.exit, 0);
    assert!(
        run.err.contains("WARN notify.metrics_file /nowhere/zoom2kaltura.prom cannot be written: No such file"),
        "{}",
        run.err
    );
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    // a folder cannot be replaced by a file, whoever runs this
    let taken = campus.setup.path().join("taken.prom");
    fs::create_dir(&taken).expect("a folder");
    let run = campus.run_with(&[("ZOOM2KALTURA_NOTIFY_METRICS_FILE", &taken.display().to_string())], &["sync"]);
    assert_eq!(run.exit, 0);
    assert!(run.err.contains("cannot be written"), "{}", run.err);
    let names = fs::read_dir(campus.setup.path()).expect("a folder").map(|file| file.expect("a file").file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().starts_with('.')));
}

/// The metrics of the manual with their labels; `account`, which each has, is left out.
pub(crate) fn listed_metrics() -> BTreeMap<String, BTreeSet<String>> {
    let page = page("reference");
    let table = page.split("| metric (`zoom2kaltura_…`) |").nth(1).and_then(|rest| rest.split("\n\n").next());
    let names = table.expect("a table").lines().filter_map(|row| row.strip_prefix("| `")?.split_once(" |"));
    let names = names.flat_map(|(names, _)| names.split(", ").map(|name| name.trim_matches('`').to_owned()));
    let listed = names.map(|name| {
        let (name, labels) = name.split_once('{').unwrap_or((&name, ""));
        let labels = labels.trim_end_matches('}').split(',').filter(|label| !label.is_empty());
        (format!("zoom2kaltura_{name}"), labels.map(str::to_owned).collect())
    });
    listed.collect()
}

#[test]
fn manual_lists_every_metric() {
    let campus = Campus::with_two_recordings();
    run(&campus, &["purge"]);
    // so that something is owed
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    run(&campus, &["captions"]);
    run(&campus, &["sync"]);
    let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for series in read(&campus).into_keys() {
        let (name, labels) = series.split_once('{').unwrap_or((&series, ""));
        let labels = labels.split("\",").filter_map(|label| label.split_once('=')).map(|(label, _)| label.to_owned());
        written.entry(name.to_owned()).or_default().extend(labels);
    }
    // it takes two complete runs
    written.entry("zoom2kaltura_checkpoint_timestamp_seconds".to_owned()).or_default();
    // Zoom tells of the day's calls in few answers
    let daily = written.entry("zoom2kaltura_zoom_daily_calls_remaining".to_owned()).or_default();
    daily.insert("category".to_owned());
    assert_eq!(listed_metrics(), written);
}

/// Two accounts beside each other, each in its file, and how far the clocks are apart.
#[test]
fn each_account_has_its_series() {
    let campus = Campus::with_two_recordings();
    let folder = campus.setup.path().display().to_string();
    let named = format!("{folder}/z-{{account}}.prom");
    let mut settings = vec![("ZOOM2KALTURA_NOTIFY_METRICS_FILE", named.as_str()), ("ZOOM2KALTURA_NAME", "Law \"1\"")];
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    let text = fs::read_to_string(format!("{folder}/z-Law__1_.prom")).expect("metrics");
    let account = r#"{account="Law \"1\"""#;
    let series: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(series.len() > 20 && series.iter().all(|line| line.contains(account)), "{text}");
    settings.pop();
    assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
    let account = campus.zoom.account_id();
    let text = fs::read_to_string(format!("{folder}/z-{account}.prom")).expect("metrics");
    assert!(text.contains(&format!("zoom2kaltura_build_info{{account=\"{account}\",version=")), "{text}");
    let metrics = parsed(&text);
    for side in ["zoom", "kaltura"] {
        let off = value(&metrics, &format!("clock_offset_seconds{{service=\"{side}\"}}"));
        assert!(off.abs() < 300.0, "{side}: {off}");
    }
    assert!(!text.contains("daily_calls"), "Zoom said nothing of it");
}

/// Every word of rules or a dashboard that looks like a metric.
pub(crate) fn named_metrics(rules: &str) -> BTreeSet<String> {
    let words = rules.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("zoom2kaltura_")).map(str::to_owned).collect()
}

#[test]
fn rules_and_dashboard_name_existing_metrics() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let read = |name: &str| fs::read_to_string(examples.join(name)).expect("an example");
    let (rules, dashboard) = (read("prometheus/zoom2kaltura.rules.yml"), read("grafana/dashboard.json"));
    let shown = named_metrics(&dashboard);
    assert!(shown.len() > 10, "{shown:?}");
    let campus = Campus::with_two_recordings();
    run(&campus, &["purge"]);
    // so that something is owed
    campus.zoom.faults().queue("GET /rec/download", 1, Fault::answer(404, "gone"));
    run(&campus, &["sync"]);
    let text = fs::read_to_string(file(&campus)).expect("metrics");
    for name in named_metrics(&rules).iter().chain(&shown).filter(|name| !name.ends_with("_daily_calls_remaining")) {
        assert!(text.contains(&format!("# TYPE {name} ")), "{name} is no metric");
    }
    for selector in rules.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(inside, _)| inside) {
        // `{{ … }}` is Prometheus' own template
        let pairs = selector.split(',').filter_map(|pair| pair.split_once('='));
        for (label, value) in pairs {
            // of several words it takes a bad day to have one
            let wanted = if value.starts_with('~') { format!("{label}=") } else { format!("{label}={value}") };
            assert!(text.contains(&wanted), "{wanted} is no label");
        }
    }
    let alerts = rules.matches("- alert: ").count();
    assert!(
        alerts >= 6 && rules.matches("summary: ").count() == alerts && rules.matches("severity: ").count() == alerts
    );
}

/// Prometheus' own judgement, where promtool is on this machine or `PROMTOOL` names it: Debian's package `prometheus` has it.
#[test]
fn promtool_accepts_metrics_and_rules() {
    let promtool = std::env::var_os("PROMTOOL").unwrap_or_else(|| "promtool".into());
    if Command::new(&promtool).arg("--version").output().is_err() {
        return;
    }
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/prometheus");
    for args in [&["check", "rules", "zoom2kaltura.rules.yml"][..], &["test", "rules", "zoom2kaltura.test.yml"]] {
        let judged = Command::new(&promtool).args(args).current_dir(&rules).output().expect("promtool runs");
        assert!(judged.status.success(), "{args:?}: {}", String::from_utf8_lossy(&judged.stderr));
    }
    let campus = Campus::with_two_recordings();
    run(&campus, &["sync"]);
    let metrics = fs::File::open(file(&campus)).expect("metrics");
    let judged = Command::new(&promtool).args(["check", "metrics"]).stdin(metrics).output().expect("promtool runs");
    let said = String::from_utf8_lossy(&judged.stderr).into_owned();
    assert!(judged.status.success() && said.is_empty(), "{said}");
}
