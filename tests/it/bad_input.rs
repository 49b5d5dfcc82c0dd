//! Bad input: one clear line that says what to do, the right exit code, and nothing changed.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use standin::kaltura::Kaltura;
use standin::server::Transport;
use standin::zoom::Zoom;

use crate::campus::{Campus, Run, lecture};

/// Runs `sync` and its dry run, which must fail alike, and looks that nothing came of it.
fn refused(campus: &Campus, settings: &[(&str, &str)], exit: i32, words: &[&str]) {
    let before = (campus.zoom.fingerprint(), campus.kaltura.entries().len(), campus.kaltura.tokens().len());
    for args in [&["sync"][..], &["sync", "--dry-run"]] {
        let run = campus.run_with(settings, args);
        one_line(&run, exit, words);
    }
    let after = (campus.zoom.fingerprint(), campus.kaltura.entries().len(), campus.kaltura.tokens().len());
    assert_eq!(before, after);
}

fn one_line(run: &Run, exit: i32, words: &[&str]) {
    assert_eq!(run.exit, exit, "{}{}", run.out, run.err);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    assert_eq!(run.out, "");
    for word in words {
        assert!(run.err.contains(word), "{word:?} is not in: {}", run.err);
    }
}

/// Changes the configuration file by replacing `from`.
fn edit(campus: &Campus, from: &str, to: &str) {
    let text = fs::read_to_string(campus.setup.config()).expect("the configuration");
    assert!(text.contains(from), "{from} is not in the configuration");
    fs::write(campus.setup.config(), text.replace(from, to)).expect("the configuration is written");
}

#[test]
fn unreadable_configuration_is_named() {
    let campus = Campus::with_lecture();
    let file = campus.setup.config();
    fs::write(&file, [0x73, 0xFF, 0xFE]).expect("a file that is no text");
    refused(&campus, &[], 2, &["zoom2kaltura.toml"]);
    fs::remove_file(&file).expect("the configuration");
    refused(&campus, &[], 2, &["zoom2kaltura.toml"]);
    fs::create_dir(&file).expect("a folder in its place");
    refused(&campus, &[], 2, &["zoom2kaltura.toml"]);
    assert!(!campus.setup.state().exists());
}

#[test]
fn each_mistake_says_what_to_do() {
    let cases: [(&str, &str, &[&str]); 9] = [
        ("[sync]", "[sync", &["zoom2kaltura.toml", "line"]),
        ("go_live", "golive", &["sync.golive", "sync.go_live"]),
        ("[owner]", "[owners]", &["owners", "owner"]),
        ("partner_id = 102", "partner_id = \"one\"", &["kaltura.partner_id", "whole number"]),
        ("holding_user = \"zoom-orphans\"", "", &["owner.holding_user"]),
        ("retry_wait = \"20ms\"", "retry_wait = \"soon\"", &["http.retry_wait", "soon"]),
        ("account_id = \"zoom-account-1\"", "account_id = \"\"", &["zoom.account_id"]),
        ("client_secret_file = \"zoom-secret\"", "client_secret = \"hush\"", &["zoom.client_secret"]),
        ("admin_secret_file = \"kaltura-secret\"", "admin_secret_file = \"gone\"", &["kaltura.admin_secret", "gone"]),
    ];
    for (from, to, words) in cases {
        let campus = Campus::with_lecture();
        edit(&campus, from, to);
        refused(&campus, &[], 2, words);
        assert!(!campus.setup.state().exists());
        assert!(campus.zoom.log().calls().is_empty() && campus.kaltura.log().calls().is_empty());
    }
}

#[test]
fn unencrypted_addresses_are_refused() {
    let campus = Campus::with_lecture();
    let settings = [("ZOOM2KALTURA_KALTURA_URL", "http://kaltura.example")];
    refused(&campus, &settings, 2, &["kaltura.url", "https"]);
}

#[test]
fn empty_or_exposed_secrets_are_refused() {
    let campus = Campus::with_lecture();
    let file = campus.setup.path().join("zoom-secret");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("the mode is set");
    refused(&campus, &[], 2, &["zoom-secret", "chmod 600"]);
    campus.setup.write_secret("zoom-secret", "\n");
    refused(&campus, &[], 2, &["zoom.client_secret", "empty"]);
    let settings = [("ZOOM2KALTURA_ZOOM_CLIENT_SECRET", "")];
    refused(&campus, &settings, 2, &["ZOOM2KALTURA_ZOOM_CLIENT_SECRET"]);
}

#[test]
fn unusable_state_folder_is_named() {
    let campus = Campus::with_lecture();
    let file = campus.setup.path().join("file");
    fs::write(&file, "").expect("a file");
    for folder in ["/proc/zoom2kaltura", "/nowhere/zoom2kaltura", file.to_str().expect("a path")] {
        let run = campus.run_with(&[("ZOOM2KALTURA_STATE_DIR", folder)], &["sync"]);
        one_line(&run, 2, &["state_dir", folder]);
        assert!(campus.zoom.log().calls().is_empty(), "the ledger comes before everything else");
    }
}

#[test]
fn ledger_of_another_account_is_refused() {
    let campus = Campus::with_lecture();
    campus.sync_until_done();
    let before = campus.state();
    let other = Campus::new();
    let url = other.kaltura.url();
    let cases: [(&str, &str, &str); 3] = [
        ("ZOOM2KALTURA_ZOOM_ACCOUNT_ID", "another", "Zoom account"),
        ("ZOOM2KALTURA_KALTURA_PARTNER_ID", "103", "partner"),
        ("ZOOM2KALTURA_KALTURA_URL", &url, "Kaltura at"),
    ];
    for (key, value, what) in cases {
        refused(&campus, &[(key, value)], 2, &[what, value, "another state_dir"]);
        assert_eq!(campus.state(), before);
    }
}

#[test]
fn refused_login_names_the_side() {
    let campus = Campus::with_lecture();
    let zoom = [("ZOOM2KALTURA_ZOOM_CLIENT_SECRET", "wrong")];
    refused(&campus, &zoom, 4, &["Zoom: the login was refused", "zoom.client_id"]);
    let kaltura = [("ZOOM2KALTURA_KALTURA_ADMIN_SECRET", "wrong")];
    refused(&campus, &kaltura, 4, &["Kaltura: session.start", "kaltura.partner_id"]);
}

#[test]
fn missing_scope_is_named() {
    let zoom = standin::zoom::Zoom::builder()
        .without_scope("cloud_recording:read:list_account_recordings:admin")
        .without_scope("user:read:list_users:admin")
        .start();
    let campus = Campus::of(zoom, standin::kaltura::Kaltura::start());
    refused(&campus, &[], 4, &["list_account_recordings", "activate"]);
}

#[test]
fn unreachable_host_is_named() {
    let campus = Campus::with_lecture();
    let closed = "http://127.0.0.1:9";
    refused(&campus, &[("ZOOM2KALTURA_ZOOM_OAUTH_URL", closed)], 5, &["Zoom: 127.0.0.1 cannot be reached"]);
    campus.lose_ledger();
    refused(&campus, &[("ZOOM2KALTURA_KALTURA_URL", closed)], 5, &["Kaltura: 127.0.0.1 cannot be reached"]);
}

#[test]
fn server_without_tls_is_refused() {
    let campus = Campus::with_lecture();
    // a server that speaks no TLS where TLS is expected
    let url = campus.kaltura.url().replace("http:", "https:");
    refused(&campus, &[("ZOOM2KALTURA_KALTURA_URL", &url)], 5, &["Kaltura: no secure connection to 127.0.0.1"]);
}

#[test]
fn unknown_root_ends_the_run() {
    let (zoom, kaltura) = (Zoom::builder().transport(Transport::Tls), Kaltura::builder().transport(Transport::Tls));
    let campus = Campus::of(zoom.start(), kaltura.start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    // it vouches for nobody but itself
    let other = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/stand-in.pem");
    refused(&campus, &[("SSL_CERT_FILE", other)], 5, &["Zoom: no secure connection to 127.0.0.1"]);
    let run = campus.run(&["sync"]);
    assert_eq!((run.exit, campus.kaltura.alive().len()), (0, 1), "{}{}", run.out, run.err);
}

#[test]
fn wrong_usage_exits_with_2() {
    let campus = Campus::with_lecture();
    let without_a_value = ["backfill", "--from", "2026-11-01", "--to", "2026-11-02", "--meeting", "--dry-run"];
    for args in [
        &["synch"][..],
        &["sync", "--format", "xml"],
        &["sync", "--client-secret", "x"],
        &["-v", "-q", "sync"],
        &without_a_value,
    ] {
        let run = campus.run(args);
        assert_eq!(run.exit, 2, "{}", run.err);
        assert!(run.err.starts_with("error: "), "{}", run.err);
    }
}

#[test]
fn sound_configuration_shows_its_sources() {
    let campus = Campus::with_lecture();
    let valid = campus.run(&["config", "validate"]);
    assert_eq!((valid.exit, valid.err.as_str()), (0, ""));
    assert!(valid.out.contains("zoom2kaltura.toml is sound"), "{}", valid.out);
    let settings = [("ZOOM2KALTURA_SYNC_PARALLEL", "7")];
    let shown = campus.run_with(&settings, &["config", "show"]).out;
    for (key, value, source) in [
        ("sync.parallel", "7", "environment ZOOM2KALTURA_SYNC_PARALLEL"),
        ("sync.lookback", "\"7d\"", "default"),
        ("kaltura.partner_id", "102", "zoom2kaltura.toml"),
        ("zoom.client_secret", "\"…\"", "zoom-secret"),
    ] {
        let line = shown.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("no {key} in {shown}"));
        assert!(line.contains(&format!("= {value} ")) && line.contains(source), "{line}");
    }
}

#[test]
fn failed_run_still_prints_its_report() {
    let campus = Campus::with_lecture();
    let closed = [("ZOOM2KALTURA_ZOOM_OAUTH_URL", "http://127.0.0.1:9")];
    let run = campus.run_with(&closed, &["sync", "--format", "json"]);
    assert_eq!((run.exit, run.report()["items"].clone()), (5, serde_json::json!([])));
    let run = campus.run_with(&closed, &["sync"]);
    assert_eq!((run.exit, run.out.as_str()), (5, ""));
}
