//! The rules of the house, read from the sources: sizes, who uses whom, who may name what, and whether the map in the
//! crate's documentation is true. They lean on rustfmt's layout in place of a parser of Rust.

mod deleting;
mod sources;
mod use_tree;

use std::collections::BTreeSet;

use sources::{House, Source, Uses, is_rust, names};

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
fn modules_use_one_another_without_a_cycle() {
    let cycle = cycle(&House::open().uses_below(&[]));
    assert!(cycle.is_none(), "a cycle of modules: {}", cycle.unwrap_or_default());
}

#[test]
fn the_files_of_a_folder_use_one_another_without_a_cycle() {
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

/// A line of the map is a path below `src` in backticks, then what the file is for.
#[test]
fn the_map_in_the_crate_documentation_names_every_file_once_with_a_description() {
    let house = House::open();
    let map = include_str!("../../src/map.md");
    let mut faults = Vec::new();
    let mut listed = BTreeSet::new();
    for line in map.lines() {
        for file in line.split('`').skip(1).step_by(2).filter(|quoted| is_rust(quoted)) {
            if !house.sources.iter().any(|source| source.path == file) {
                faults.push(format!("not there: {file}"));
            }
            if !listed.insert(file) {
                faults.push(format!("listed twice: {file}"));
            }
            let described =
                line.split_once(&format!("`{file}`")).is_some_and(|(_, rest)| rest.contains(char::is_alphabetic));
            if !described {
                faults.push(format!("without a description: {file}"));
            }
        }
    }
    for source in &house.sources {
        let optional = ["lib.rs", "main.rs", "mod.rs"].iter().any(|root| source.path.rsplit('/').next() == Some(root));
        if !optional && !listed.contains(source.path.as_str()) {
            faults.push(format!("not on the map: {}", source.path));
        }
    }
    assert!(faults.is_empty(), "the map in src/map.md: {faults:#?}");
}

#[test]
fn plans_and_the_rules_of_owners_use_the_vocabulary_only() {
    let house = House::open();
    let allowed = |used: &[String]| {
        let names: Vec<_> = used.iter().map(String::as_str).collect();
        matches!(
            names[..],
            ["copy_table" | "observed" | "model" | "plan" | "proof", ..]
                | ["owners", "rules" | "candidate" | "domains", ..]
                | [
                    "people",
                    "address"
                        | "address_file"
                        | "alias_file"
                        | "behind"
                        | "belief"
                        | "consent"
                        | "fault"
                        | "line"
                        | "rows"
                        | "standing",
                    ..
                ]
                | ["handover" | "purge" | "reassign", "plan", ..]
                | ["purge", "seen", ..]
                | ["retention", "rules", ..]
        )
    };
    assert!(house.sources.iter().any(Source::is_pure), "there is no plan");
    for source in house.sources.iter().filter(|source| source.is_pure()) {
        let foreign: Vec<_> = house.used_by(source).into_iter().filter(|used| !allowed(used)).collect();
        assert!(foreign.is_empty(), "{} uses {foreign:?}", source.path);
    }
}

#[test]
fn plans_and_the_rules_of_owners_have_no_clock_and_wait_for_nothing() {
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
fn only_the_clients_and_the_transfer_between_them_know_the_http_library() {
    only_in("reqwest", &["http", "kaltura", "transfer", "zoom"]);
}

#[test]
fn only_the_ledger_speaks_sql() {
    for word in ["rusqlite", "SELECT", "INSERT INTO", "UPDATE", "DELETE FROM", "CREATE TABLE", "PRAGMA"] {
        only_in(word, &["ledger"]);
    }
}

#[test]
fn only_the_console_draws_on_the_terminal_and_sets_up_the_log() {
    only_in("indicatif", &["console"]);
    only_in("tracing_subscriber", &["console"]);
}

/// Fails unless `word` stands in the modules `homes` only.
fn only_in(word: &str, homes: &[&str]) {
    let strangers: Vec<_> = House::open()
        .sources
        .into_iter()
        .filter(|source| !source.module.first().is_some_and(|top| homes.contains(&top.as_str())))
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
