//! The README tells the truth: its console blocks are what the program prints, and what it shows of a run is what the
//! sandbox's university gives.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use assert_cmd::Command;
use regex::Regex;

use crate::campus::{Campus, lecture};
use crate::standin::kaltura::Seed;
use crate::university::University;

/// Command line and output of every block that is marked as `console`.
fn blocks(readme: &str) -> Vec<(String, String)> {
    let blocks = readme.split("\n```console\n").skip(1).filter_map(|rest| rest.split_once("\n```"));
    blocks
        .map(|(block, _)| {
            let (command, output) = block.split_once('\n').unwrap_or((block, ""));
            (command.trim_start_matches("$ zoom2kaltura").trim().to_owned(), output.to_owned())
        })
        .collect()
}

/// Both streams, without the time that log lines begin with.
fn output(command: &str) -> String {
    // a checkout may belong to anybody, and a configuration must not
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("examples")).expect("a folder");
    let example = folder.path().join("examples/config.toml");
    fs::write(&example, include_str!("../../examples/config.toml")).expect("a configuration");
    fs::set_permissions(&example, fs::Permissions::from_mode(0o644)).expect("its rights");
    let run = Command::cargo_bin("zoom2kaltura")
        .expect("the binary is built")
        .args(command.split_whitespace())
        .current_dir(folder.path())
        .env_clear()
        .output()
        .expect("the program runs");
    let text = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    let plain =
        text.lines().map(|line| line.split_once("Z ERROR").map_or(line.to_owned(), |(_, rest)| format!("ERROR{rest}")));
    plain.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

#[test]
fn console_blocks_are_real_output() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let blocks = blocks(&readme);
    assert!(blocks.len() >= 3, "{blocks:?}");
    for (command, shown) in blocks {
        assert_eq!(shown, output(&command), "zoom2kaltura {command}");
    }
}

#[test]
fn every_reason_and_exit_code_is_explained() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let words =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model/reason.rs")).expect("the words");
    let rows = words.lines().filter_map(|line| line.split_once(" = \"")?.1.split_once('"'));
    let reasons: Vec<&str> = rows.map(|(word, _)| word).collect();
    assert!(reasons.contains(&"before_go_live") && reasons.contains(&"used_in_zoom"), "{reasons:?}");
    for reason in reasons {
        assert!(readme.contains(&format!("`{reason}`")), "{reason} is not explained");
    }
    for code in ["| 0 |", "| 1 |", "| 2 |", "| 3 |", "| 4 |", "| 5 |", "| 6 |", "| 75 |", "| 130, 143 |"] {
        assert!(readme.contains(code), "{code}");
    }
}

/// Command line and output of every block that shows the university, and whether two runs went before.
fn scenes(readme: &str) -> Vec<(String, String, bool)> {
    let scenes = readme.split("\n```text sandbox").skip(1).filter_map(|rest| rest.split_once("\n```"));
    scenes
        .map(|(block, _)| {
            let (when, block) = block.split_once('\n').expect("a block");
            let (command, output) = block.split_once('\n').expect("an output");
            let command = command.strip_prefix("$ zoom2kaltura ").expect("a command");
            (command.to_owned(), output.to_owned(), when.contains("after two runs"))
        })
        .collect()
}

/// What is the same whenever and wherever it is printed.
fn timeless(text: &str) -> String {
    let changing = [
        (r"\d{4}-\d\d-\d\d", "DAY"),
        (r"\b\d\d:\d\d\b", "TIME"),
        (r"run \d{8}T\d+Z-\d+", "RUN"),
        (r"\b[01]_[0-9a-z]{8}\b", "ENTRY"),
        (r"\d+ (seconds|minutes|hours|MiB)", "N $1"),
        (r"Zoom recordings: \d+", "Zoom recordings: N"),
    ];
    let text = changing.iter().fold(text.to_owned(), |text, (pattern, word)| {
        Regex::new(pattern).expect("a pattern").replace_all(&text, *word).into_owned()
    });
    text.trim_end().to_owned()
}

#[test]
fn the_sandbox_gives_what_is_shown() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let mut scenes = scenes(&readme);
    assert!(scenes.len() >= 5, "{scenes:?}");
    // those of the beginning first, in their order
    scenes.sort_by_key(|(.., later)| *later);
    let university = University::new();
    let run = |command: &str| {
        let words = command.split_whitespace().map(|word| word.trim_matches('\''));
        let run = Command::cargo_bin("zoom2kaltura")
            .expect("the binary is built")
            .arg("--config")
            .arg(university.setup.config())
            .args(words)
            .output()
            .expect("the program runs");
        let text = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
        let state = university.setup.state().display().to_string();
        let config = university.setup.config().display().to_string();
        text.replace(&config, "/etc/zoom2kaltura/config.toml").replace(&state, "/var/lib/zoom2kaltura")
    };
    let mut two_runs = false;
    for (command, shown, later) in scenes {
        if later && !two_runs {
            // however long the first run takes, Kaltura finishes between the two
            university.kaltura.process_for(Duration::MAX);
            run("sync");
            university.kaltura.process_for(Duration::ZERO);
            run("sync");
            two_runs = true;
        }
        assert_eq!(timeless(&shown), timeless(&run(&command)), "zoom2kaltura {command}");
    }
}

#[test]
fn explained_messages_are_the_programs() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(top.join("README.md")).expect("a README");
    let table = readme.split("| it says | do |").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a table");
    let messages: Vec<_> = table.lines().filter_map(|row| row.strip_prefix("| `")?.split_once('`')).collect();
    assert!(messages.len() > 10, "{messages:?}");
    let mut code = String::new();
    let mut folders = vec![top.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the sources") {
            let path = entry.expect("a source").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(path).expect("a source");
                // what tests expect is no proof that the program says it
                code += source.split("#[cfg(test)]").next().unwrap_or_default();
            }
        }
    }
    for (message, _) in messages {
        assert!(code.contains(message), "{message}");
    }
}

#[test]
fn listed_scopes_are_those_checked() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scopes = |path: &str, quote: char| {
        let text = fs::read_to_string(top.join(path)).expect("a text");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        let words = text.split(quote).filter(|word| word.ends_with(":admin") && !word.contains(char::is_whitespace));
        words.map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    let asked = scopes("src/commands/check/zoom.rs", '"');
    assert!(asked.len() > 4, "{asked:?}");
    assert_eq!(scopes("README.md", '`'), asked);
}

#[test]
fn every_json_key_is_named() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.kaltura.add_entry(&Seed { admin_tags: "zoom2kaltura".to_owned(), ..Seed::default() });
    for command in ["status", "check", "verify", "retention"] {
        let report = campus.run(&[command, "--format", "json"]).report();
        for (key, value) in report.as_object().expect("an object") {
            assert!(readme.contains(&format!("`{key}`")), "{command}: {key}");
            let first = value.as_array().and_then(|list| list.first()).unwrap_or(value);
            for key in first.as_object().into_iter().flat_map(|object| object.keys()) {
                assert!(
                    readme.contains(&format!("`{key}`")) || readme.contains(&format!("\"{key}\"")),
                    "{command}: {key}"
                );
            }
        }
    }
}
