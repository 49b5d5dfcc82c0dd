//! The pages that people read: what the tests compare with the program, and rewrite where they are asked to.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Set, it makes the tests put what the program prints into the pages, where the two differ.
const REWRITE: &str = "REWRITE_PAGES";

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the project, by its path from the root.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files of a folder whose names end so, by path from the root.
pub(crate) fn files_of(folder: &str, ending: &str) -> Vec<String> {
    let names = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let names = names.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name in UTF-8"));
    let mut paths: Vec<_> =
        names.filter(|name| name.ends_with(ending)).map(|name| format!("{folder}/{name}")).collect();
    assert!(!paths.is_empty(), "{folder} has no {ending}");
    paths.sort();
    paths
}

/// The README and every page of the manual, by path from the root.
pub(crate) fn manual_paths() -> Vec<String> {
    [vec!["README.md".to_owned()], files_of("src/doc", ".md")].concat()
}

/// A page of the manual.
pub(crate) fn page(topic: &str) -> String {
    text(&format!("src/doc/{topic}.md"))
}

/// A page without its blocks of code.
pub(crate) fn prose(page: &str) -> String {
    let mut inside = false;
    let lines = page.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The blocks of a page that open with exactly this line, without the fences.
pub(crate) fn blocks<'a>(page: &'a str, opening: &str) -> Vec<&'a str> {
    let parts = page.split(opening).skip(1);
    parts.filter_map(|rest| rest.split_once("\n```")).map(|(block, _)| block).collect()
}

/// Compares a part of a page with what the program says, or puts the latter in its place.
pub(crate) fn hold(path: &str, shown: &str, actual: &str, comparable: fn(&str) -> String) {
    let (old, new) = (comparable(shown), comparable(actual));
    if old == new {
        return;
    }
    if std::env::var_os(REWRITE).is_none() {
        let lines = old.lines().zip(new.lines()).find(|(page, program)| page != program);
        let (page, program) = lines.unwrap_or((&old, &new));
        panic!("{path} shows\n{page}\nand it is\n{program}\n{REWRITE}=1 rewrites this part of the page");
    }
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let page = text(path);
    assert!(page.contains(shown), "{path} no longer has:\n{shown}");
    // the other tests read it meanwhile
    let new = root().join(format!("{path}.new"));
    let written = fs::write(&new, page.replacen(shown, actual, 1)).and_then(|()| fs::rename(&new, root().join(path)));
    written.unwrap_or_else(|error| panic!("{path}: {error}"));
}
