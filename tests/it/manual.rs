//! The manual tells the truth: what it shows is what the program prints, what it lists is all there is, and what is
//! generated in it is up to date. `REWRITE_PAGES=1 cargo test --test it manual` writes those parts anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use assert_cmd::Command;
use regex::Regex;

use crate::documents::{SchemaKey, schema_keys};
use crate::pages::{blocks, hold, manual_paths, page, prose, root, text};
use crate::university::University;

/// Command line and output of every block that is marked as `console`, after the path of its page.
fn console_blocks() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for path in manual_paths() {
        for block in blocks(&text(&path), "\n```console\n") {
            let (command, output) = block.split_once('\n').unwrap_or((block, ""));
            let command = command.strip_prefix("$ zoom2kaltura").expect("a command of the program");
            found.push((path.clone(), command.trim().to_owned(), output.to_owned()));
        }
    }
    found
}

/// Both streams.
fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// What a command prints that needs nothing but the example of a configuration; without the time that log lines begin with.
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
    let text = printed(&run);
    let plain =
        text.lines().map(|line| line.split_once("Z ERROR").map_or(line.to_owned(), |(_, rest)| format!("ERROR{rest}")));
    plain.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

fn as_it_is(text: &str) -> String {
    text.to_owned()
}

/// What every command takes is enough to be shown once.
const GLOBAL: &str = "\n\nGlobal options:";

#[test]
fn console_blocks_are_real_output() {
    let blocks = console_blocks();
    assert!(blocks.len() > 10, "{blocks:?}");
    for (path, command, shown) in blocks {
        let full = output(&command);
        let is_of_a_command = command != "--help";
        let short = full.split(GLOBAL).next().filter(|_| is_of_a_command).unwrap_or(&full);
        let actual = if shown == full { &full } else { short };
        let line = format!("$ zoom2kaltura {command}\n");
        hold(&path, &format!("{line}{shown}\n```"), &format!("{line}{actual}\n```"), as_it_is);
    }
}

/// The commands, and those below them, as the help lists them.
fn commands(above: &str) -> Vec<String> {
    let help = output(format!("{above} --help").trim());
    let list = help.split("\nCommands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    names.filter(|name| *name != "help").map(|name| format!("{above} {name}").trim().to_owned()).collect()
}

#[test]
fn reference_shows_every_commands_help() {
    let blocks = console_blocks().into_iter().filter(|(path, ..)| path == "src/doc/reference.md");
    let shown: BTreeSet<String> = blocks.map(|(_, command, _)| command).collect();
    let commands = commands("");
    assert!(commands.len() > 12, "{commands:?}");
    for command in commands {
        assert!(shown.contains(&format!("{command} --help")), "no block for {command} --help");
    }
}

/// A block that shows the university.
#[derive(Debug)]
struct Scene {
    path: String,
    command: String,
    shown: String,
    after_two_runs: bool,
}

fn scenes() -> Vec<Scene> {
    let mut scenes = Vec::new();
    for path in manual_paths() {
        for block in blocks(&text(&path), "\n```text sandbox") {
            let (when, block) = block.split_once('\n').expect("a block");
            let (command, shown) = block.split_once('\n').expect("an output");
            let command = command.strip_prefix("$ zoom2kaltura ").expect("a command");
            let (command, shown) = (command.to_owned(), shown.to_owned());
            scenes.push(Scene { path: path.clone(), command, shown, after_two_runs: when.contains("after two runs") });
        }
    }
    scenes
}

/// What is the same whenever and wherever it is printed.
fn timeless(text: &str) -> String {
    let changing = [
        (r"\d{4}-\d\d-\d\d", "DAY"),
        (r"\b\d{4}-\d\d\b", "MONTH"),
        (r"\b\d\d:\d\d\b", "TIME"),
        (r"run \d{8}T\d+Z-\d+", "RUN"),
        (r"\b[01]_[0-9a-z]{8}\b", "ENTRY"),
        (r"\d+ (second|minute|hour)s?\b", "N $1s"),
        (r"\d+ MiB", "N MiB"),
        (r"\b\d+h\b", "Nh"),
        (r"Zoom recordings: \d+", "Zoom recordings: N"),
    ];
    let text = changing.iter().fold(text.to_owned(), |text, (pattern, word)| {
        Regex::new(pattern).expect("a pattern").replace_all(&text, *word).into_owned()
    });
    text.trim_end().to_owned()
}

/// The words of a command line as a shell would have them, up to what leads its output elsewhere.
fn words(command: &str) -> Vec<String> {
    let own = command.split([';', '|', '>', '#']).next().unwrap_or_default();
    let own = own.split("&&").next().unwrap_or_default();
    own.split_whitespace().map(|word| word.trim_matches('\'').to_owned()).collect()
}

/// The sandbox's university, with what a reader of the manual would see of it.
struct Shown(University);

impl Shown {
    fn run(&self, command: &str) -> Output {
        let config = self.0.setup.config();
        let program = Command::cargo_bin("zoom2kaltura").expect("the binary is built");
        let mut program = program;
        program.arg("--config").arg(config).args(words(command)).output().expect("the program runs")
    }

    fn print(&self, command: &str) -> String {
        let state = self.0.setup.state().display().to_string();
        let config = self.0.setup.config().display().to_string();
        let text = printed(&self.run(command));
        text.replace(&config, "/etc/zoom2kaltura/config.toml").replace(&state, "/var/lib/zoom2kaltura")
    }

    /// However long the first run takes, Kaltura finishes between the two.
    fn run_twice(&self) {
        self.0.kaltura.process_for(Duration::MAX);
        self.run("sync");
        self.0.kaltura.process_for(Duration::ZERO);
        self.run("sync");
    }
}

#[test]
fn sandbox_gives_what_is_shown() {
    let mut scenes = scenes();
    assert!(scenes.len() >= 5, "{scenes:?}");
    // those of the beginning first, in their order
    scenes.sort_by_key(|scene| scene.after_two_runs);
    let university = Shown(University::new());
    let mut two_runs = false;
    for scene in scenes {
        if scene.after_two_runs && !two_runs {
            university.run_twice();
            two_runs = true;
        }
        let line = format!("$ zoom2kaltura {}\n", scene.command);
        let printed = university.print(&scene.command);
        let (shown, printed) = (format!("{line}{}", scene.shown), format!("{line}{}", printed.trim_end()));
        hold(&scene.path, &shown, &printed, timeless);
    }
}

/// Every command line of the program that the pages have, in blocks for a shell and in their sentences.
fn command_lines() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for path in manual_paths() {
        let page = text(&path);
        let in_prose = prose(&page);
        let in_prose = in_prose.split('`').skip(1).step_by(2).filter(|code| code.starts_with("zoom2kaltura "));
        // those of lists are indented
        let flat = page.lines().map(str::trim_start).collect::<Vec<_>>().join("\n");
        let in_blocks = blocks(&flat, "\n```sh\n").into_iter().flat_map(str::lines).filter_map(called);
        found.extend(in_prose.chain(in_blocks).map(|line| (path.clone(), line.to_owned())));
    }
    found
}

/// The call of the program in a line for a shell, where its name is not that of its user.
fn called(line: &str) -> Option<&str> {
    let calls = line.match_indices("zoom2kaltura ").map(|(at, name)| (&line[at..], &line[at + name.len()..]));
    let is_call = |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase()) || rest.starts_with("--config");
    calls.into_iter().find(|(_, rest)| is_call(rest)).map(|(call, _)| call)
}

/// A usage error names the usage; anything else is about the configuration, which is missing here.
#[test]
fn commands_shown_are_understood() {
    let lines = command_lines();
    assert!(lines.len() > 20, "{lines:?}");
    for (path, line) in lines {
        let said = output(&words(&line)[1..].join(" "));
        let is_refused = said.lines().any(|line| line.starts_with("error: ") || line.starts_with("Usage: "));
        assert!(!is_refused, "{path}: {line}: {said}");
    }
}

#[test]
fn recipes_run_against_the_sandbox() {
    let mut recipes = 0;
    for path in manual_paths() {
        for block in blocks(&text(&path), "\n```sh sandbox") {
            recipes += 1;
            let university = Shown(University::new());
            university.run_twice();
            if block.starts_with(" with a lost ledger\n") {
                fs::remove_file(university.0.setup.ledger_file()).expect("a ledger to lose");
            }
            for line in block.lines().filter(|line| line.starts_with("zoom2kaltura ")) {
                let run = university.run(line.trim_start_matches("zoom2kaltura "));
                assert!(run.status.success(), "{path}: {line}: {}", printed(&run));
            }
        }
    }
    assert!(recipes > 0, "no block is marked as `sh sandbox`");
}

#[test]
fn every_exit_code_is_explained() {
    let page = page("reference");
    for exit in zoom2kaltura::Exit::ALL {
        assert!(page.contains(&format!("\n| {} | ", exit.code())), "{exit:?}");
    }
}

#[test]
fn explained_messages_are_the_programs() {
    let page = page("operations");
    let table = page.split("| message |").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a table");
    let messages: Vec<_> = table.lines().filter_map(|row| row.strip_prefix("| `")?.split_once('`')).collect();
    assert!(messages.len() > 10, "{messages:?}");
    let code = sources(&root().join("src"));
    for (message, _) in messages {
        assert!(code.contains(message), "{message}");
    }
}

/// What is in the sources, without their tests: what a test expects is no proof that the program says it.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("the sources").map(|entry| entry.expect("a source").path());
    let files = entries.map(|path| {
        if path.is_dir() {
            return sources(&path);
        }
        let source = fs::read_to_string(&path).unwrap_or_default();
        let is_code = path.extension().is_some_and(|extension| extension == "rs");
        if is_code { source.split("#[cfg(test)]").next().unwrap_or_default().to_owned() } else { String::new() }
    });
    files.collect()
}

#[test]
fn listed_scopes_are_those_checked() {
    let scopes = |text: &str, quote: char| {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        let words = text.split(quote).filter(|word| word.ends_with(":admin") && !word.contains(char::is_whitespace));
        words.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let asked = scopes(&text("src/commands/check/zoom.rs"), '"');
    assert!(asked.len() > 4, "{asked:?}");
    assert_eq!(scopes(&page("install"), '`'), asked);
}

/// The second column of the table of promises names files of tests, beside how to run them.
#[test]
fn promises_name_existing_tests() {
    let page = page("guarantees");
    let table = page.split("| promise | tests |").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a table");
    let columns = table.lines().filter_map(|row| row.trim_end_matches(" |").rsplit_once(" | "));
    let code = columns.flat_map(|(_, tests)| tests.split('`').skip(1).step_by(2));
    let named: BTreeSet<_> = code.filter(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '_')).collect();
    assert!(named.len() > 20, "{named:?}");
    let lost: Vec<_> = named.iter().filter(|name| !root().join(format!("tests/it/{name}.rs")).exists()).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

/// A part of a page between its marker and the next, both without blank lines beside them.
fn generated<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("<!-- generated: {name} -->\n\n")).expect("the beginning of the part");
    let (part, _) = rest.split_once("\n<!-- end -->").expect("its end");
    part
}

/// The markers with `part` between them.
fn marked(name: &str, part: &str) -> String {
    format!("<!-- generated: {name} -->\n\n{part}\n<!-- end -->")
}

fn hold_generated(name: &str, actual: &str) {
    let page = page("reference");
    hold("src/doc/reference.md", &marked(name, generated(&page, name)), &marked(name, actual), as_it_is);
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn reasons_are_those_of_the_program() {
    let mut reasons = zoom2kaltura::Reason::ALL.to_vec();
    reasons.sort_by_key(|reason| reason.word());
    let row = |reason: &zoom2kaltura::Reason| {
        format!("| `{}` | {} | {} |\n", reason.word(), cell(reason.meaning()), cell(reason.remedy()))
    };
    let rows: String = reasons.iter().map(row).collect();
    hold_generated("reasons", &format!("| reason | meaning | what to do |\n|---|---|---|\n{rows}"));
}

/// A key or several that share an explanation, with what counts unless the sample is changed.
#[derive(Default)]
struct Keys {
    names: Vec<String>,
    values: Vec<String>,
    explained: Vec<String>,
}

impl Keys {
    fn row(&self) -> String {
        let code =
            |words: &[String]| words.iter().map(|word| format!("`{}`", cell(word))).collect::<Vec<_>>().join(", ");
        let explained = self.explained.join(" ");
        let (is_required, explained) =
            explained.strip_prefix("Required. ").map_or((false, explained.as_str()), |rest| (true, rest));
        let values = if is_required { "required".to_owned() } else { code(&self.values) };
        let mut kinds: Vec<_> = self.values.iter().map(|value| kind(value)).collect();
        kinds.dedup();
        format!("| {} | {} | {values} | {} |\n", code(&self.names), kinds.join(", "), cell(explained))
    }
}

/// What a value is, for people.
fn kind(value: &str) -> &'static str {
    let text = value.trim_matches('"');
    let is_span = Regex::new(r"^\d+(ms|s|m|h|d)$").expect("a pattern").is_match(text);
    match value {
        "true" | "false" => "true or false",
        _ if value.starts_with('[') => "list",
        _ if !value.starts_with('"') => "number",
        _ if is_span => "duration",
        _ => "text",
    }
}

/// The sample as tables, one a section: comments are above the keys that they explain.
fn tables_of_keys() -> String {
    let line_of_key = Regex::new(r"^#?([a-z_]+) = (.+)$").expect("a pattern");
    let table = |name: &str| format!("\n### Keys of {name}\n\n| key | type | default | meaning |\n|---|---|---|---|\n");
    let mut parts = vec![table("no section")];
    let mut keys = Keys::default();
    for line in include_str!("../../examples/config.toml").lines().chain([""]) {
        if let Some(found) = line_of_key.captures(line) {
            keys.names.push(found[1].to_owned());
            keys.values.push(found[2].to_owned());
        } else if line.starts_with('[') {
            parts.push(table(&format!("`{line}`")));
        } else if let Some(comment) = line.strip_prefix("# ") {
            keys.explained.push(comment.to_owned());
        } else {
            let keys = std::mem::take(&mut keys);
            parts.extend((!keys.names.is_empty()).then(|| keys.row()));
        }
    }
    parts.concat().trim_start().to_owned()
}

#[test]
fn keys_are_those_of_the_sample() {
    hold_generated("keys", &tables_of_keys());
}

/// A row for each key and what it means, with the documents that have it.
#[test]
fn json_keys_are_those_of_schemas() {
    let mut rows: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for SchemaKey { document, key, description, deprecated } in schema_keys() {
        let description = if deprecated { format!("deprecated: {description}") } else { description };
        rows.entry((key, description)).or_default().insert(document);
    }
    let row = |((key, description), documents): (&(String, String), &BTreeSet<String>)| {
        let documents: Vec<_> = documents.iter().map(String::as_str).collect();
        format!("| `{key}` | {} | {} |\n", cell(description), documents.join(", "))
    };
    let rows: String = rows.iter().map(row).collect();
    hold_generated("json", &format!("| key | meaning | in |\n|---|---|---|\n{rows}"));
}
