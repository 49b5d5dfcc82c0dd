//! The sources of the crate as modules, and who uses whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::slice;

use super::use_tree::{after_each, expand, is_of_a_name};

/// A module's path below the crate, e.g. `["zoom", "client"]`.
pub(super) type ModulePath = Vec<String>;

/// For each module the ones it uses.
pub(super) type Uses = BTreeMap<String, BTreeSet<String>>;

pub(super) struct Source {
    /// Below `src`, with `/`.
    pub(super) path: String,
    pub(super) module: ModulePath,
    pub(super) text: String,
    /// The text without comment lines and without what is compiled for tests only.
    pub(super) code: String,
}

impl Source {
    fn new(path: String, text: String) -> Source {
        let mut module: ModulePath = path.trim_end_matches(".rs").split('/').map(String::from).collect();
        module.pop_if(|last| ["lib", "main", "mod"].contains(&last.as_str()));
        Source { code: code(&text), path, module, text }
    }

    /// Whether it is to decide from its arguments alone.
    pub(super) fn is_pure(&self) -> bool {
        let names: Vec<_> = self.module.iter().map(String::as_str).collect();
        matches!(
            names[..],
            ["model", "proof"]
                | ["copying", "plan", ..]
                | ["owners", "rules" | "domains"]
                | ["owners", "people", "behind" | "consent" | "line" | "list_file" | "list_history"]
                | ["copying", "handover", "plan"]
                | ["commands", "purge" | "reassign", "plan"]
                | ["commands", "purge", "orphan"]
                | ["commands", "captions" | "retention", "rules"]
                | ["output", "status", "last_days"]
        )
    }
}

pub(super) struct House {
    pub(super) sources: Vec<Source>,
    /// What `pub use child::Name` makes known one level up: the new path, and the path it stands for.
    shown: BTreeMap<ModulePath, ModulePath>,
}

impl House {
    pub(super) fn open() -> House {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut sources = Vec::new();
        read_below(&top, "", &mut sources);
        assert!(sources.len() > 1, "no sources below {}", top.display());
        sources.sort_by(|one: &Source, other| one.path.cmp(&other.path));
        let modules: BTreeSet<_> = sources.iter().map(|source| source.module.clone()).collect();
        let mut shown = BTreeMap::new();
        for source in &sources {
            for use_tree in after_each(&source.code, "use ") {
                for (path, name) in expand(use_tree) {
                    let of_a_child = path.split_first().is_some_and(|(child, _)| {
                        modules.contains(&[&source.module[..], slice::from_ref(child)].concat())
                    });
                    if of_a_child {
                        let shown_at = [&source.module[..], &[name]].concat();
                        shown.insert(shown_at, [&source.module[..], &path].concat());
                    }
                }
            }
        }
        House { sources, shown }
    }

    /// The modules that `source` names, from `crate::…` and `super::…` wherever they stand.
    pub(super) fn used_by(&self, source: &Source) -> BTreeSet<ModulePath> {
        let parent = source.module.split_last().map_or(&[][..], |(_, parent)| parent);
        let mut used = BTreeSet::new();
        for (from, root) in [("crate::", &[][..]), ("super::", parent)] {
            for tree in after_each(&source.code, from) {
                for (path, _) in expand(tree) {
                    let mut absolute = root.to_vec();
                    for name in path {
                        if name == "super" {
                            absolute.pop();
                        } else {
                            absolute.push(name);
                        }
                    }
                    used.insert(self.module_of(absolute));
                }
            }
        }
        used
    }

    /// The module in which the item at `path` is defined, as far as re-exports by name tell.
    fn module_of(&self, mut path: ModulePath) -> ModulePath {
        loop {
            let known = (0..=path.len())
                .rev()
                .find(|length| self.sources.iter().any(|source| source.module == path[..*length]))
                .unwrap_or(0);
            let Some(target) = path.get(..=known).and_then(|item| self.shown.get(item)) else {
                path.truncate(known);
                return path;
            };
            path = [&target[..], &path[known + 1..]].concat();
        }
    }

    /// Who uses whom among the modules right below `folder`. What the folder's own `mod.rs` uses does not count: it
    /// puts its children together.
    pub(super) fn uses_below(&self, folder: &[String]) -> Uses {
        let child = |module: &[String]| module.strip_prefix(folder)?.first().cloned();
        let mut graph = Uses::new();
        for source in &self.sources {
            if let Some(user) = child(&source.module) {
                let others =
                    self.used_by(source).into_iter().filter_map(|path| child(&path)).filter(|other| *other != user);
                let others: Vec<_> = others.collect();
                graph.entry(user).or_default().extend(others);
            }
        }
        graph
    }
}

/// Whether `word` stands in `code`, as a word of its own.
pub(super) fn names(code: &str, word: &str) -> bool {
    code.match_indices(word)
        .any(|(at, word)| !code[..at].ends_with(is_of_a_name) && !code[at + word.len()..].starts_with(is_of_a_name))
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

fn read_below(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("the sources can be listed") {
        let entry = entry.expect("the sources can be listed");
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read_below(&entry.path(), &format!("{path}/"), sources);
        } else if is_rust(&path) {
            let text = fs::read_to_string(entry.path()).expect("a source can be read");
            sources.push(Source::new(path, text));
        }
    }
}

/// Without comment lines and without what is compiled for tests only, whose end rustfmt puts at its own indentation.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    while let Some(line) = lines.next() {
        if let Some(indent) = line.strip_suffix("#[cfg(test)]") {
            let end = format!("{indent}}}");
            let item = lines.by_ref().find(|line| !line.trim_start().starts_with("#["));
            if item.is_some_and(|line| line.ends_with(['{', '('])) {
                let _ = lines.find(|line| *line == end);
            }
        } else {
            code.push_str(line.split(" // ").next().unwrap_or(line));
            code.push('\n');
        }
    }
    code
}
