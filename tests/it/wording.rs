//! Plain English: turns of phrase that nobody uses in speech, and sentences that nobody can follow, are not in what
//! people read. Where a turn is still in the way, `Reach` says how far it is forbidden.

use std::collections::BTreeMap;
use std::path::Path;

use regex::{Captures, Regex};

use crate::pages::{blocks, files_of, page, prose, root, text};

/// Where a turn must not occur: each reach includes those above it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// The manual and the sample of a configuration.
    Manual,
    /// The pages for developers too.
    Pages,
    /// What the program prints too: its help and every text in its sources.
    Program,
}

use Reach::{Manual, Pages, Program};

/// A pattern, what to write in its place, and where it is forbidden. It matches in any case, between word boundaries.
const TURNS: &[(&str, &str, Reach)] = &[
    ("(is|are|was|were|be|been) told", "is reported", Program),
    ("told (as|by|once|of)", "reported", Program),
    ("let go", "ends, is deleted", Program),
    ("holds? [^.]{1,60} against", "compare", Program),
    ("held against", "compared with", Pages),
    ("needs? somebody", "needs attention", Program),
    ("needs? a person", "needs attention", Program),
    ("as it must be", "correct", Program),
    ("gone on with", "resumed", Program),
    ("(is|are|was) broken off", "is cut, is interrupted", Program),
    ("at work", "working, running", Program),
    ("anew", "again", Program),
    ("mend(s|ed|ing)?", "correct, repair", Program),
    ("owed", "due", Program),
    ("befalls?", "happens to", Program),
    ("slip of the pen", "typing error", Program),
    ("stands? in (it|there|the)", "is in", Program),
    ("(is|are) to be", "will be, must be", Program),
    ("as (he|she|it|they) (has|have|had) it", "name what it is", Program),
    ("who stands", "people who are on", Program),
    ("one another", "each other", Program),
    ("any more", "no longer", Program),
    ("of late", "lately", Program),
    ("lest", "so that ... not", Program),
    ("thereof|thereby|therein|whereof|whereby|herein", "name what it is", Program),
    ("hitherto|henceforth|whilst|betwixt|albeit", "until now, from now on, while, although", Program),
    ("it holds that|holds good", "is true", Program),
    ("for the time being", "until then", Program),
    ("in good order", "cleanly", Program),
    ("may be so", "may be right", Program),
    ("sees? to it|is seen to", "takes care", Program),
];

/// A sentence that begins so and is no question.
const SUBJECTS: &[(&str, &str)] = &[
    (r"^Who(ever|m)? .*[^?]$", "people who ..."),
    (r"^What [^?:]* (is|are|was|were|has|goes|stays|counts) .*[^?:]$", "a noun: recordings that ..."),
    (r"^(Else|So that) ", "otherwise; join it to the sentence before"),
];

/// For users. The other pages of `src/doc` are for developers.
const MANUAL: &[&str] = &[
    "src/doc/install.md",
    "src/doc/copying.md",
    "src/doc/operations.md",
    "src/doc/notify.md",
    "src/doc/reference.md",
    "src/doc/guarantees.md",
    "src/doc/scale.md",
    "src/doc/hosts.md",
    "src/doc/changelog.md",
];

/// Words of a sentence; longer ones are to be rare.
const LONG: usize = 25;
/// Percent of the sentences of a page that may be longer.
const LONG_SHARE: usize = 10;

/// A text that people read, by a name for messages.
type Texts = Vec<(String, String)>;

fn manual() -> Texts {
    let sample = text("examples/config.toml");
    let sample: Vec<_> = sample.lines().map(|line| line.strip_prefix("# ").unwrap_or_default()).collect();
    let pages = MANUAL.iter().map(|path| ((*path).to_owned(), text(path)));
    let others = [("README.md".to_owned(), text("README.md")), ("examples/config.toml".to_owned(), sample.join("\n"))];
    pages.chain(others).collect()
}

fn developer_pages() -> Texts {
    let paths = files_of("src/doc", ".md").into_iter();
    let others = paths.filter(|path| !MANUAL.contains(&path.as_str()));
    others.map(|path| (path.clone(), text(&path))).collect()
}

/// The help of every command, which the reference shows, and the texts in the sources.
fn program() -> Texts {
    let help = blocks(&page("reference"), "\n```console\n").join("\n\n");
    let mut texts = vec![("--help".to_owned(), help)];
    literals(&root().join("src"), &mut texts);
    texts
}

/// What stands between quotation marks in the code of a folder, without tests and comments.
fn literals(folder: &Path, texts: &mut Texts) {
    let literal = Regex::new(r#"(?s)"((?:[^"\\]|\\.)*)""#).expect("a pattern");
    for entry in std::fs::read_dir(folder).expect("the sources") {
        let path = entry.expect("a source").path();
        if path.is_dir() {
            literals(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_sql(&path) {
            let source = std::fs::read_to_string(&path).expect("a source");
            let code = source.split("#[cfg(test)]").next().unwrap_or_default().replace("'\"'", "");
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            let code = lines.collect::<Vec<_>>().join("\n");
            let found = literal.captures_iter(&code).map(|found| found[1].replace("\\\n", " "));
            texts.push((path.display().to_string(), found.collect::<Vec<_>>().join(".\n\n")));
        }
    }
}

/// Words of the ledger, which stay as they are in every version.
fn is_sql(path: &Path) -> bool {
    path.ends_with("ledger/migrations.rs") || path.ends_with("ledger/owed.rs")
}

/// Paragraphs, list items, headings and cells, each on one line; code is one word.
fn parts(text: &str) -> Vec<String> {
    let code = Regex::new(r"`[^`]+`").expect("a pattern");
    let item = Regex::new(r"^\s*([-*]|\d+\.) ").expect("a pattern");
    let mut parts = vec![Vec::new()];
    for line in prose(text).lines() {
        if line.trim().is_empty() || line.starts_with(['#', '|']) || item.is_match(line) {
            parts.push(Vec::new());
        }
        let words = line.trim_start_matches([' ', '#', '-', '*']).trim().to_owned();
        parts.last_mut().expect("one at least").push(words);
    }
    let cells = parts.iter().map(|lines| lines.join(" ")).flat_map(|part| {
        let part = code.replace_all(&part, |found: &Captures| found[0].replace(['|', '.', '?', ' '], "_"));
        part.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
    });
    cells.filter(|cell| !cell.is_empty()).collect()
}

fn sentences(text: &str) -> Vec<String> {
    let end = Regex::new(r"[.?!][)*]{0,2}( |$)").expect("a pattern");
    let mut sentences = Vec::new();
    for part in parts(text) {
        let mut begins = 0;
        for found in end.find_iter(&part) {
            sentences.push(part[begins..found.end()].trim().to_owned());
            begins = found.end();
        }
        sentences.push(part[begins..].trim().to_owned());
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

#[test]
fn nothing_says_it_archaically() {
    let mut found = Vec::new();
    let by_reach = [(Manual, manual()), (Pages, developer_pages()), (Program, program())];
    let texts = by_reach.into_iter().flat_map(|(place, texts)| texts.into_iter().map(move |text| (place, text)));
    let texts: Vec<_> = texts.map(|(place, (name, text))| (place, name, parts(&text))).collect();
    for (pattern, instead, reach) in TURNS {
        let turn = Regex::new(&format!(r"(?i)\b(?:{pattern})\b")).expect("a pattern");
        for (_, name, parts) in texts.iter().filter(|(place, ..)| place <= reach) {
            let hits = parts.iter().filter(|part| turn.is_match(part));
            found.extend(hits.map(|part| format!("{name}: {part:?}: write {instead:?} for {pattern:?}")));
        }
    }
    assert!(found.is_empty(), "{} turns: {found:#?}", found.len());
}

#[test]
fn sentences_begin_with_their_subject() {
    let mut found = Vec::new();
    for (pattern, instead) in SUBJECTS {
        let subject = Regex::new(pattern).expect("a pattern");
        for (name, text) in manual() {
            let hits = sentences(&text).into_iter().filter(|sentence| sentence.ends_with(['.', '!']));
            let hits = hits.filter(|sentence| subject.is_match(sentence));
            found.extend(hits.map(|sentence| format!("{name}: {sentence:?}: write {instead:?}")));
        }
    }
    assert!(found.is_empty(), "{} sentences: {found:#?}", found.len());
}

#[test]
fn few_sentences_are_long() {
    let mut shares = BTreeMap::new();
    let mut examples = Vec::new();
    for (name, text) in manual() {
        let sentences = sentences(&text);
        let long: Vec<_> = sentences.iter().filter(|one| one.split_whitespace().count() > LONG).collect();
        if long.len() * 100 > LONG_SHARE * sentences.len() {
            examples.extend(long.iter().map(|one| format!("{name}: {one}")));
            shares.insert(name, format!("{} of {}", long.len(), sentences.len()));
        }
    }
    assert!(shares.is_empty(), "more than {LONG} words: {shares:#?}\n{examples:#?}");
}

#[test]
fn sentences_and_cells_are_told_apart() {
    let page = "# A b\n\nOne `x. y` two. Three\nfour?\n- five\n- six.\n\n| a | b. c |\n|---|---|\n```\nno. no.\n```\n";
    let found = sentences(page);
    let found: Vec<_> = found.iter().map(String::as_str).filter(|one| !one.starts_with("---")).collect();
    assert_eq!(found, ["A b", "One `x__y` two.", "Three four?", "five", "six.", "a", "b.", "c"]);
}
