//! The rules of the house, read from the sources: sizes, who uses whom, who may name what, and that no name stands twice. They lean on rustfmt's layout in place of a parser of Rust.

mod deleting;
mod documents;
mod sources;
mod use_tree;

use std::collections::{BTreeMap, BTreeSet};

use sources::{House, Source, Uses, names};

/// The code of every source.
pub(crate) fn source_codes() -> Vec<String> {
    House::open().sources.into_iter().map(|source| source.code).collect()
}

/// More than this is probably two nouns.
const LONGEST: usize = 400;

#[test]
fn no_source_file_is_too_long() {
    let long: Vec<_> = House::open()
        .sources
        .into_iter()
        .map(|source| (lines_without_tests(&source.text), source.path))
        .filter(|(lines, _)| *lines > LONGEST)
        .collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:?}");
}

fn lines_without_tests(text: &str) -> usize {
    text.lines().take_while(|line| *line != "#[cfg(test)]").count()
}

#[test]
fn modules_form_no_cycle() {
    let cycle = cycle(&House::open().uses_below(&[]));
    assert!(cycle.is_none(), "a cycle of modules: {}", cycle.unwrap_or_default());
}

#[test]
fn files_of_folders_form_no_cycle() {
    let house = House::open();
    let folders: BTreeSet<&[String]> =
        house.sources.iter().filter_map(|source| source.module.split_last()).map(|(_, folder)| folder).collect();
    let cycles: Vec<_> = folders
        .into_iter()
        .filter(|folder| !folder.is_empty())
        .filter_map(|folder| Some(format!("{}: {}", folder.join("/"), cycle(&house.uses_below(folder))?)))
        .collect();
    assert!(cycles.is_empty(), "cycles of files: {cycles:#?}");
}

/// From the top floor down: each imports only from those below it.
const FLOORS: [&str; 13] = [
    "commands",
    "cli",
    "config",
    "output",
    "copying",
    "ledger",
    "owners",
    "remotes",
    "machine",
    "progress",
    "interrupt",
    "exit",
    "model",
];

#[test]
fn folders_import_only_from_below() {
    let house = House::open();
    let floor = |name: &str| FLOORS.iter().position(|known| *known == name);
    let mut faults = BTreeSet::new();
    for source in house.sources.iter().filter(|source| !source.module.is_empty()) {
        let Some(from) = floor(&source.module[0]) else {
            faults.insert(format!("{} is on no floor", source.path));
            continue;
        };
        for used in house.used_by(source) {
            if used.first().is_none_or(|top| floor(top).is_none_or(|to| to < from)) {
                faults.insert(format!("{} uses {}", source.path, used.join("::")));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_map_names_every_folder() {
    let map = include_str!("../../src/lib.rs");
    let house = House::open();
    let tops: BTreeSet<&String> = house.sources.iter().filter_map(|source| source.module.first()).collect();
    let missing: Vec<_> = tops
        .into_iter()
        .filter(|top| !map.lines().any(|line| line.starts_with(&format!("//! | [`{top}`] |"))))
        .collect();
    assert!(missing.is_empty(), "without a row in the map of lib.rs: {missing:?}");
}

#[test]
fn every_file_says_its_purpose() {
    let silent: Vec<_> = House::open()
        .sources
        .into_iter()
        .filter(|source| !source.text.starts_with("//! ") && source.path != "main.rs")
        .map(|source| source.path)
        .collect();
    assert!(silent.is_empty(), "files that do not begin with `//!`: {silent:?}");
}

/// One name a thing: nobody has to ask which one is meant.
#[test]
fn no_free_name_stands_twice() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in House::open().sources {
        for line in source.code.lines() {
            if let Some(name) = free_name(line) {
                places.entry(name).or_default().push(source.path.clone());
            }
        }
    }
    places.retain(|_, places| places.len() > 1);
    assert!(places.is_empty(), "functions and types of one name: {places:#?}");
}

/// The name of the function or type that a line at the margin begins to define.
fn free_name(line: &str) -> Option<String> {
    let mut words = line.split([' ', '(', '<', '{', ';', ':']).filter(|word| !word.is_empty());
    let mut word = words.next().filter(|word| line.starts_with(word))?;
    while ["pub", "crate)", "super)", "const", "async"].contains(&word) {
        word = words.next()?;
    }
    let defines = ["fn", "struct", "enum", "trait", "type"].contains(&word);
    defines.then(|| words.next().map(str::to_owned)).flatten()
}

#[test]
fn pure_files_use_the_vocabulary_only() {
    let house = House::open();
    let allowed = |used: &[String]| {
        let names: Vec<_> = used.iter().map(String::as_str).collect();
        matches!(
            names[..],
            ["model", ..]
                | ["copying", "copy_table" | "observed" | "plan", ..]
                | ["owners", "rules" | "domains"]
                | ["owners", "people", "behind" | "consent" | "line" | "list_file" | "list_history"]
                | ["copying", "handover", "plan"]
                | ["commands", "purge" | "reassign", "plan"]
                | ["commands", "purge", "orphan"]
                | ["commands", "captions" | "retention", "rules"]
        )
    };
    assert!(house.sources.iter().any(Source::is_pure), "there is no plan");
    for source in house.sources.iter().filter(|source| source.is_pure()) {
        let foreign: Vec<_> = house.used_by(source).into_iter().filter(|used| !allowed(used)).collect();
        assert!(foreign.is_empty(), "{} uses {foreign:?}", source.path);
    }
}

#[test]
fn pure_files_have_no_clock() {
    let impure = [
        "async",
        "await",
        "tokio",
        "reqwest",
        "rusqlite",
        "Utc::now",
        "Local::now",
        "Instant::now",
        "SystemTime",
        "std::env",
        "std::fs",
        "std::net",
    ];
    for source in House::open().sources.iter().filter(|source| source.is_pure()) {
        let found: Vec<_> = impure.into_iter().filter(|word| names(&source.code, word)).collect();
        assert!(found.is_empty(), "{} names {found:?}", source.path);
    }
}

#[test]
fn only_clients_and_transfers_know_reqwest() {
    only_in("reqwest", &["remotes", "copying/transfer"]);
}

#[test]
fn only_the_ledger_speaks_sql() {
    for word in ["rusqlite", "SELECT", "INSERT INTO", "UPDATE", "DELETE FROM", "CREATE TABLE", "PRAGMA"] {
        only_in(word, &["ledger"]);
    }
}

#[test]
fn only_the_console_draws_and_logs() {
    only_in("indicatif", &["commands/console"]);
    only_in("tracing_subscriber", &["commands/console"]);
}

/// Fails unless `word` stands below the folders `homes` only.
fn only_in(word: &str, homes: &[&str]) {
    let strangers: Vec<_> = House::open()
        .sources
        .into_iter()
        .filter(|source| !homes.iter().any(|home| source.path.starts_with(&format!("{home}/"))))
        .filter(|source| names(&source.code, word))
        .map(|source| source.path)
        .collect();
    assert!(strangers.is_empty(), "{word} belongs to {homes:?}, not to {strangers:?}");
}

/// One cycle, if there is any, as `a → b → a`.
fn cycle(uses: &Uses) -> Option<String> {
    let mut done = BTreeSet::new();
    uses.keys().find_map(|start| walk(start, uses, &mut Vec::new(), &mut done)).map(|path| path.join(" → "))
}

fn walk<'a>(
    at: &'a str,
    uses: &'a Uses,
    path: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Option<Vec<&'a str>> {
    if let Some(start) = path.iter().position(|seen| *seen == at) {
        return Some([&path[start..], &[at]].concat());
    }
    if !done.insert(at) {
        return None;
    }
    path.push(at);
    let found = uses.get(at).into_iter().flatten().find_map(|next| walk(next, uses, path, done));
    path.pop();
    found
}
