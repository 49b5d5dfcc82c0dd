//! The README tells the truth: its console blocks are what the program prints.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

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
    let run = Command::cargo_bin("zoom2kaltura")
        .expect("the binary is built")
        .args(command.split_whitespace())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .output()
        .expect("the program runs");
    let text = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    let plain =
        text.lines().map(|line| line.split_once("Z ERROR").map_or(line.to_owned(), |(_, rest)| format!("ERROR{rest}")));
    plain.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

#[test]
fn the_console_blocks_of_the_readme_are_what_the_program_prints() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let blocks = blocks(&readme);
    assert!(blocks.len() >= 3, "{blocks:?}");
    for (command, shown) in blocks {
        assert_eq!(shown, output(&command), "zoom2kaltura {command}");
    }
}

#[test]
fn the_readme_explains_every_reason_and_every_exit_code() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let words =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model/decision.rs")).expect("the words");
    let reasons =
        words.lines().filter_map(|line| line.trim().strip_suffix("\",")?.split_once(" = \"")).map(|(_, word)| word);
    for reason in reasons.filter(|word| !word.ends_with("_not_supported")) {
        assert!(readme.contains(&format!("`{reason}`")), "{reason} is not explained");
    }
    for code in ["| 0 |", "| 1 |", "| 2 |", "| 3 |", "| 4 |", "| 5 |", "| 6 |", "| 75 |", "| 130, 143 |"] {
        assert!(readme.contains(code), "{code}");
    }
}
