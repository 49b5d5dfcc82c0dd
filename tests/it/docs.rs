//! The pages of the project and its workflows: what they point to exists, and what they repeat is true.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::pages::{files_of, manual_paths, prose, root, text};

/// Longer, and nobody reads it before the first change.
const LONGEST_CONTRIBUTING: usize = 80;

/// Every page that people read.
fn pages() -> Vec<String> {
    [manual_paths(), files_of(".github", ".md")].concat()
}

fn workflows() -> Vec<String> {
    files_of(".github/workflows", ".yml")
}

/// What is written as code within its lines.
fn code(prose: &str) -> Vec<&str> {
    prose.split('`').skip(1).step_by(2).collect()
}

/// Where the links of a page lead, but for those that leave the project.
fn links(page: &str) -> Vec<String> {
    let prose = prose(page);
    let outside_of_code = prose.split('`').step_by(2).collect::<Vec<_>>().join("``");
    let link = Regex::new(r"\]\(([^)\s]+)\)").expect("a pattern");
    let targets = link.captures_iter(&outside_of_code).map(|found| found[1].to_owned());
    targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:")).collect()
}

/// A heading as the anchor that it becomes, as GitHub and most renderers make it.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|sign| sign.is_alphanumeric() || matches!(sign, '-' | '_')).collect()
}

fn headings(page: &str) -> Vec<String> {
    let heading = |line: &str| line.starts_with('#').then(|| line.trim_start_matches('#').trim().to_owned());
    prose(page).lines().filter_map(heading).collect()
}

/// What is wrong with a link on the page at `path`.
fn fault(path: &str, link: &str) -> Option<String> {
    let (file, fragment) = link.split_once('#').map_or((link, None), |(file, fragment)| (file, Some(fragment)));
    let folder = root().join(path).parent().expect("a folder").to_path_buf();
    let target = if file.is_empty() { root().join(path) } else { folder.join(file) };
    let Ok(target) = target.canonicalize() else {
        return Some(format!("{path}: {link} leads nowhere"));
    };
    if !target.starts_with(root().canonicalize().expect("a root")) {
        return Some(format!("{path}: {link} leaves the project"));
    }
    let fragment = fragment?;
    let page = fs::read_to_string(&target).unwrap_or_default();
    let found = headings(&page).iter().any(|heading| anchor(heading) == fragment);
    (!found).then(|| format!("{path}: {link} leads to no heading"))
}

#[test]
fn every_link_leads_somewhere() {
    let found: Vec<_> =
        pages().iter().flat_map(|path| links(&text(path)).into_iter().map(|link| (path.clone(), link))).collect();
    assert!(found.len() > 20, "hardly any link: {found:?}");
    let faults: Vec<_> = found.iter().filter_map(|(path, link)| fault(path, link)).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn links_and_anchors_are_understood() {
    let page = "[a](b.md#c-d)\n`[no](code.md)` and [x](https://x.example)\n```text\n[no](block.md)\n```\n[e `f`](#g)";
    assert_eq!(links(page), ["b.md#c-d", "#g"]);
    let cases = [
        ("K40", "k40"),
        ("What another upload token of the name means", "what-another-upload-token-of-the-name-means"),
        ("Deleted, and on what proof?", "deleted-and-on-what-proof"),
        ("`sync`'s way: a → b", "syncs-way-a--b"),
    ];
    for (heading, expected) in cases {
        assert_eq!(anchor(heading), expected, "{heading}");
    }
    let cases = [
        ("README.md", "src/doc/design.md#glossary", None),
        ("README.md", "src/doc/nowhere.md", Some("nowhere")),
        ("src/doc/design.md", "facts-zoom.md#z0", Some("no heading")),
        ("src/doc/design.md", "#glossary", None),
        ("src/doc/design.md", "../../../..", Some("leaves")),
    ];
    for (path, link, expected) in cases {
        let found = fault(path, link);
        assert_eq!(found.is_some(), expected.is_some(), "{link}: {found:?}");
        assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()), "{link}");
    }
}

#[test]
fn headings_of_a_page_differ() {
    for path in pages().iter().filter(|path| *path != "src/doc/changelog.md") {
        let mut seen = BTreeSet::new();
        let twice: Vec<_> = headings(&text(path)).into_iter().filter(|heading| !seen.insert(anchor(heading))).collect();
        assert!(twice.is_empty(), "{path}: {twice:?}");
    }
}

#[test]
fn every_fact_names_source_and_use() {
    for path in ["src/doc/facts-zoom.md", "src/doc/facts-kaltura.md"] {
        let page = text(path);
        let facts: Vec<_> = page.split("\n### ").skip(1).collect();
        assert!(facts.len() > 30, "{path}");
        for fact in facts {
            let number = fact.lines().next().unwrap_or_default();
            for part in ["\n**", "*Source:* ", "*Used by:* "] {
                assert!(fact.contains(part), "{path}: {number} has no {part:?}");
            }
        }
    }
}

/// Every Rust file below a folder, by path from the root.
fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path.strip_prefix(root()).expect("below the root").to_path_buf());
        }
    }
}

fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        rust_files(&root().join(folder), &mut found);
    }
    found
}

/// A page may leave out the folders above that nobody needs to find the file.
#[test]
fn every_file_named_exists() {
    let sources = sources(&["src", "tests", "examples"]);
    for path in pages() {
        let prose = prose(&text(&path));
        let named = code(&prose)
            .into_iter()
            .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "rs"));
        let lost: Vec<_> = named.filter(|name| !sources.iter().any(|source| source.ends_with(name))).collect();
        assert!(lost.is_empty(), "{path} names {lost:?}");
    }
}

#[test]
fn every_fact_named_exists() {
    let sources = sources(&["src", "tests"]);
    let fact = Regex::new(r"\b(facts-\w+\.md)#(\w+)").expect("a pattern");
    for source in sources.iter().filter(|source| !source.ends_with("docs.rs")) {
        let code = fs::read_to_string(root().join(source)).expect("a source");
        for named in fact.captures_iter(&code) {
            let page = headings(&text(&format!("src/doc/{}", &named[1])));
            let exists = page.iter().any(|heading| anchor(heading) == named[2]);
            assert!(exists, "{}: {}", source.display(), &named[0]);
        }
    }
}

#[test]
fn contributing_is_short() {
    let lines = text(".github/CONTRIBUTING.md").lines().count();
    assert!(lines < LONGEST_CONTRIBUTING, "{lines} lines");
}

/// The steps of all workflows that run something or use an action.
fn steps(key: &str) -> Vec<String> {
    let all: Vec<_> = workflows().iter().map(|path| text(path)).collect();
    let step = |line: &str| Some(line.trim_start().trim_start_matches("- ").strip_prefix(key)?.trim().to_owned());
    all.iter().flat_map(|workflow| workflow.lines().filter_map(step).collect::<Vec<_>>()).collect()
}

#[test]
fn the_workflows_run_what_developers_run() {
    assert!(steps("run:").iter().any(|step| step == ".ci/run"), "{:?}", steps("run:"));
    // read from there, so that both use the same version
    assert!(text(".ci/run").lines().any(|line| line.starts_with("deny_version=")));
}

#[test]
fn actions_are_pinned_to_a_version() {
    let pinned = Regex::new(r"^[\w-]+/[\w-]+@v\d+\.\d+\.\d+$").expect("a pattern");
    let uses = steps("uses:");
    assert!(uses.len() > 3, "{uses:?}");
    for action in uses.iter().filter(|action| !action.starts_with("./")) {
        assert!(pinned.is_match(action), "{action}");
    }
}

/// The oldest Rust that may build the program.
fn oldest_rust() -> String {
    let manifest = text("Cargo.toml");
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'));
    version.expect("a rust-version, alone on its line as the workflow reads it").to_owned()
}

#[test]
fn the_oldest_rust_is_one() {
    let oldest = oldest_rust();
    let named = Regex::new(r"Rust (1\.\d+) or newer").expect("a pattern");
    let pages: String = manual_paths().iter().map(|path| text(path)).collect();
    let named: BTreeSet<_> = named.captures_iter(&pages).map(|found| found[1].to_owned()).collect();
    assert_eq!(named, BTreeSet::from([oldest.clone()]));
    let version = Regex::new(r"\b1\.\d\d+(\.\d+)?\b").expect("a pattern");
    let mut reads_it = false;
    for path in workflows() {
        let workflow = text(&path);
        reads_it |= workflow.contains("^rust-version") && workflow.contains("Cargo.toml");
        for line in workflow.lines().filter(|line| line.contains("toolchain") || line.contains("cargo +")) {
            let others: Vec<_> =
                version.find_iter(line).map(|found| found.as_str()).filter(|found| *found != oldest).collect();
            assert!(others.is_empty(), "{path}: {line}");
        }
    }
    assert!(reads_it, "no workflow reads rust-version from Cargo.toml");
}

/// The release workflow takes its notes from there.
#[test]
fn the_changelog_has_this_version() {
    let changelog = text("src/doc/changelog.md");
    let versions: Vec<_> = changelog.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(versions.first(), Some(&"Unreleased"));
    assert!(versions.contains(&env!("CARGO_PKG_VERSION")), "{versions:?}");
}
