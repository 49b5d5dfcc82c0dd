//! Completions and the manual page.

use std::io::Write;
use std::process::{Command, Stdio};

const COMMANDS: [&str; 14] = [
    "sync",
    "backfill",
    "purge",
    "status",
    "explain",
    "check",
    "verify",
    "retention",
    "captions",
    "retry",
    "guide",
    "completions",
    "man",
    "config",
];

/// What the program prints without any configuration.
fn printed(args: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_zoom2kaltura"))
        .args(args)
        .current_dir(folder.path())
        .env_remove("ZOOM2KALTURA_CONFIG")
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// What another program says of a text; `None` where it is not installed.
fn judged(program: &str, args: &[&str], text: &str) -> Option<(bool, String)> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    Some((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = printed(&["completions", shell]);
        for command in COMMANDS {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
    }
    if let Some((good, said)) = judged("bash", &["-n"], &printed(&["completions", "bash"])) {
        assert!(good, "{said}");
    }
}

#[test]
fn manual_page_is_complete() {
    let page = printed(&["man"]).replace("\\-", "-");
    for command in COMMANDS {
        assert!(page.contains(&format!("ZOOM2KALTURA {}", command.to_uppercase())), "{command}");
    }
    for option in ["--first-run", "--dry-run", "--older-than", "--recopy-purged", "--alert", "--log-format", "--failed"]
    {
        assert!(page.contains(option), "{option}");
    }
    for exit in zoom2kaltura::Exit::ALL {
        assert!(page.contains(&format!("\\fB{}\\fR", exit.code())), "{exit:?}");
        assert!(page.contains(&exit.meaning().replace("\\-", "-")), "{exit:?}");
    }
    if let Some((good, said)) = judged("groff", &["-man", "-Tutf8", "-ww"], &printed(&["man"])) {
        assert!(good && said.is_empty(), "{said}");
    }
}

#[test]
fn version_is_short_or_complete() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(printed(&["-V"]), format!("zoom2kaltura {version}\n"));
    let long = printed(&["--version"]);
    let lines: Vec<_> = long.lines().collect();
    assert_eq!(lines[0], format!("zoom2kaltura {version}"));
    let names: Vec<_> = lines[1..].iter().filter_map(|line| line.split_once("  ").map(|(name, _)| name)).collect();
    assert_eq!(names, ["commit", "built for", "SQLite", "ledger format"]);
    assert!(lines[3].ends_with(rusqlite::version()) && lines[2].contains(std::env::consts::ARCH), "{long}");
}
