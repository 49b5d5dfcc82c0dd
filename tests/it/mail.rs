//! The example that mails what is told: through a sendmail that only writes down what it is given.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::campus::Campus;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/notify/mail.py");

/// A sendmail that keeps its arguments, a line each, and its standard input, and ends with `code`.
fn sendmail(folder: &Path, code: i32) -> PathBuf {
    let program = folder.join("sendmail");
    let kept = folder.join("mails").display().to_string();
    let script = format!(
        "#!/bin/sh\n{{ for one; do echo \"arg: $one\"; done; cat; echo; echo ==; }} >> '{kept}'\nexit {code}\n"
    );
    fs::write(&program, script).expect("a sendmail");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("its rights");
    program
}

fn mails(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("mails")).unwrap_or_default();
    text.split("\n==\n").filter(|mail| !mail.is_empty()).map(str::to_owned).collect()
}

fn mail(event: &Value, sendmail: &Path) -> Output {
    let mut script = Command::new("python3")
        .args([SCRIPT, "team@uni.example", "zoom@uni.example"])
        .env("SENDMAIL", sendmail)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3");
    script.stdin.take().expect("its stdin").write_all(event.to_string().as_bytes()).expect("an event");
    script.wait_with_output().expect("its end")
}

fn held(topic: &str, host: Option<&str>) -> Value {
    json!({
        "version": 1, "event": "recording", "id": "recording-7", "at": "2026-11-24T12:00:00Z", "run_id": "r", "text": "…",
        "state": "held", "happened": "2026-11-24T11:59:00Z", "owner": "zoom-orphans", "link": null, "deleted_after": "2026-11-25T11:59:00Z",
        "recording": {"meeting_uuid": "u==", "meeting_id": 7, "topic": topic, "recording_start": "2026-11-24T09:00:00Z",
                      "host_email": host, "entry_id": "0_a"}
    })
}

/// The lines before the first empty one, without the arguments.
fn headers(mail: &str) -> Vec<String> {
    mail.lines()
        .filter(|line| !line.starts_with("arg: "))
        .take_while(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn topics_reach_no_header_or_shell() {
    let folder = TempDir::new().expect("a folder");
    let sendmail = sendmail(folder.path(), 0);
    let topics = [
        "Optics\nBcc: all@uni.example",
        "Optics\r\nBcc: all@uni.example\r\n\r\nbody",
        "Optics\u{2028}Bcc: all@uni.example\u{0b}\u{85}Cc: all@uni.example",
        "$(touch pwned) `touch pwned`; touch pwned",
        "{topic.__class__} {until} %s",
        "Ünïcödé 🎉 and very long: bla bla bla bla bla bla bla bla bla bla bla bla bla bla bla bla bla bla bla bla bla bla",
    ];
    for topic in topics {
        let output = mail(&held(topic, Some("guest@elsewhere.example")), &sendmail);
        assert!(output.status.success(), "{topic:?}: {}", String::from_utf8_lossy(&output.stderr));
        let mail = mails(folder.path()).pop().expect("a mail");
        assert!(
            mail.starts_with("arg: -i\narg: -f\narg: zoom@uni.example\narg: --\narg: guest@elsewhere.example\n"),
            "{mail}"
        );
        for header in headers(&mail) {
            let name = header.split(':').next().unwrap_or_default();
            let known = [
                "From",
                "To",
                "Subject",
                "Auto-Submitted",
                "Content-Type",
                "Content-Transfer-Encoding",
                "MIME-Version",
            ];
            assert!(known.contains(&name) || header.starts_with(' '), "{topic:?}: {header:?}");
        }
        assert_eq!(headers(&mail).iter().filter(|header| header.starts_with("To: ")).count(), 1);
    }
    assert!(!folder.path().join("pwned").exists() && !Path::new("pwned").exists());
}

#[test]
fn bad_addresses_get_no_mail() {
    let folder = TempDir::new().expect("a folder");
    let sendmail = sendmail(folder.path(), 0);
    for host in [
        None,
        Some(""),
        Some("-oQ/tmp@uni.example"),
        Some("a@b.example, c@d.example"),
        Some("a@b.example\nBcc: c@d.example"),
        Some("nobody"),
    ] {
        let output = mail(&held("Optics", host), &sendmail);
        assert_eq!(output.status.code(), Some(1), "{host:?}");
    }
    assert!(mails(folder.path()).is_empty());
}

/// What nobody needs to act on stays out of mail.
#[test]
fn only_failed_purges_are_mailed() {
    let folder = TempDir::new().expect("a folder");
    let sendmail = sendmail(folder.path(), 0);
    for (failed, mailed) in [(0, 0), (2, 1)] {
        let event = json!({
            "version": 1, "event": "purge", "id": "purge-r", "at": "2026-11-24T12:00:00Z", "run_id": "r", "text": "purge: …",
            "deleted": 3, "handed_over": 1, "failed": failed, "recordings": []
        });
        assert!(mail(&event, &sendmail).status.success());
        assert_eq!(mails(folder.path()).len(), mailed);
    }
}

#[test]
fn busy_sendmail_is_retried_later() {
    let folder = TempDir::new().expect("a folder");
    let event = held("Optics", Some("guest@elsewhere.example"));
    assert_eq!(mail(&event, &folder.path().join("none")).status.code(), Some(75));
    assert_eq!(mail(&event, &sendmail(folder.path(), 75)).status.code(), Some(75));
    assert_eq!(mail(&event, &sendmail(folder.path(), 67)).status.code(), Some(67));
}

#[test]
fn run_mails_team_and_hosts() {
    let campus = Campus::with_two_recordings();
    let folder = TempDir::new().expect("a folder");
    let sendmail = sendmail(folder.path(), 0);
    let command = format!("python3 {SCRIPT} team@uni.example zoom@uni.example");
    let settings = [
        ("ZOOM2KALTURA_NOTIFY_COMMAND", command.as_str()),
        ("ZOOM2KALTURA_NOTIFY_RECORDINGS", "all"),
        ("SENDMAIL", sendmail.to_str().expect("a path")),
    ];
    campus.sync_until_done_with(&settings);
    let told = mails(folder.path());
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told.iter().any(|mail| mail.contains("arg: ada@uni.example") && mail.contains("is in My Media")),
        "{told:#?}"
    );
    assert!(
        told.iter().any(|mail| mail.contains("arg: guest@elsewhere.example") && mail.contains("waits for you")),
        "{told:#?}"
    );
    let wrong = [("ZOOM2KALTURA_ZOOM_CLIENT_SECRET", "wrong")];
    let run = campus.run_with(&[&settings[..], &wrong].concat(), &["sync"]);
    assert_eq!(run.exit, 4);
    let told = mails(folder.path());
    let last = told.last().expect("a mail");
    assert!(told.len() == 3 && last.contains("arg: team@uni.example") && last.contains("sync_failed (new)"), "{last}");
}
