//! `guide` and `config sample`: a person with nothing but the binary has the manual and a configuration to begin with.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::pages::{files_of, text};

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zoom2kaltura"));
    command.args(args).env_remove("ZOOM2KALTURA_CONFIG").stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    program(args).output().expect("the program runs")
}

/// The topics as the list without an argument has them.
fn topics() -> Vec<String> {
    let list = String::from_utf8(run(&["guide"]).stdout).expect("text");
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    names.map(str::to_owned).collect()
}

/// A page without the markers of its generated parts.
fn shown(topic: &str) -> String {
    let page = text(&format!("src/doc/{topic}.md"));
    page.lines().filter(|line| !line.starts_with("<!--")).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn every_page_is_a_topic() {
    let mut topics = topics();
    topics.sort();
    let mut pages: Vec<_> = files_of("src/doc", ".md")
        .iter()
        .map(|path| path.trim_start_matches("src/doc/").trim_end_matches(".md").to_owned())
        .collect();
    pages.sort();
    assert_eq!(topics, pages);
}

#[test]
fn every_topic_prints_its_page() {
    for topic in topics() {
        let output = run(&["guide", &topic]);
        assert_eq!(output.status.code(), Some(0), "{topic}");
        let printed = String::from_utf8(output.stdout).expect("text");
        let page = shown(&topic);
        let differs = printed.lines().zip(page.lines()).find(|(line, shown)| line != shown);
        assert_eq!((differs, printed.len()), (None, page.len()), "{topic}");
    }
}

#[test]
fn misspelt_topic_names_the_nearest() {
    let output = run(&["guide", "operation"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("did you mean operations?") && said.contains("install, copying"), "{said}");
    let said = String::from_utf8_lossy(&run(&["guide", "xyzzyxyzzy"]).stderr).into_owned();
    assert!(!said.contains("did you mean") && said.contains("install, copying"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

/// A reader who has seen enough: `zoom2kaltura guide reference | head -1`.
#[test]
fn guide_bears_a_closed_pipe() {
    let mut child = program(&["guide", "reference"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    drop(child.stdout.take());
    child.wait().expect("an end");
    let mut said = String::new();
    child.stderr.take().expect("errors").read_to_string(&mut said).expect("text");
    assert!(!said.contains("panicked"), "{said}");
}

/// A script in `folder` that says its name and its arguments, and shows the first line of what it is given.
fn put_pager(folder: &Path, name: &str) {
    let pager = folder.join(name);
    fs::write(&pager, format!("#!/bin/sh\necho \"{name} $*\"\nhead -n 1\ncat >/dev/null\n")).expect("a pager");
    fs::set_permissions(&pager, fs::Permissions::from_mode(0o755)).expect("its rights");
}

/// `script` of util-linux gives the program a terminal; where there is none, nothing is tried.
#[test]
fn terminal_gets_the_chosen_pager() {
    let folder = tempfile::tempdir().expect("a folder");
    put_pager(folder.path(), "chosen");
    // in place of the real one, which waits for somebody to leave it
    put_pager(folder.path(), "less");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap_or_default());
    let line = format!("{} guide hosts", env!("CARGO_BIN_EXE_zoom2kaltura"));
    let typed = |pager: Option<&str>| {
        let mut command = Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).env("PATH", &path).env_remove("PAGER").stdin(Stdio::null());
        let output = command.envs(pager.map(|pager| ("PAGER", pager))).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).replace('\r', ""))
    };
    let Some(seen) = typed(Some("chosen --plain")) else { return };
    assert!(seen.contains("chosen --plain\n# For hosts\n"), "{seen}");
    let seen = typed(None).expect("it ran before");
    assert!(seen.contains("less \n# For hosts\n"), "{seen}");
    let seen = typed(Some("/nowhere/pager")).expect("it ran before");
    assert!(seen.contains(&shown("hosts")), "{seen}");
}

#[test]
fn sample_is_a_sound_configuration() {
    let output = run(&["config", "sample"]);
    assert_eq!(output.status.code(), Some(0));
    let sample = String::from_utf8(output.stdout).expect("text");
    assert_eq!(sample, text("examples/config.toml"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    // it leaves the day of go-live to the reader
    let filled = sample.replace("#go_live", "go_live");
    fs::write(&file, filled).expect("a configuration");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("its rights");
    let checked = program(&["--config", &file.display().to_string(), "config", "validate"])
        .env("ZOOM2KALTURA_ZOOM_CLIENT_SECRET", "secret")
        .env("ZOOM2KALTURA_KALTURA_ADMIN_SECRET", "secret")
        .output()
        .expect("the program runs");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
