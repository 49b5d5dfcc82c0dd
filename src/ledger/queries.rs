//! No query reads a whole table: what a run costs does not grow with what was copied in the past years.
//!
//! Every SQL text of this folder is found in its sources, so that a new one is looked at too, and `SQLite` is asked how
//! it would go about it.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, ToSql};

use super::migrations::migrate_ledger;

/// Tables that grow with the number of people or settings, not with that of recordings, or are emptied again (`news`, `replaced`); and
/// what is no table.
const SMALL: [&str; 13] = [
    "accounts",
    "behind",
    "counters",
    "listed_addresses",
    "hosts",
    "meta",
    "news",
    "replaced",
    "standings",
    "told",
    "json_each",
    "sqlite_schema",
    "CONSTANT",
];
/// What may go from row to row, and why it ends.
const ALLOWED: [(&str, &str); 6] = [
    ("WHERE owner = ?1 AND NOT orphan", "by hand, once in years: for `reassign` alone no index is kept"),
    ("state = 'done' AND role = 'attachment' AND error IS NOT NULL", "by hand: for `retry` alone no index is kept"),
    ("SELECT DISTINCT owner FROM recordings", "to suggest an account in place of a misspelt one, for a person"),
    (
        "instr(lower(topic), lower(?1))",
        "a part of a text is in no index; for a person, the newest first, fifty at most",
    ),
    ("FROM events WHERE at < ?1 ORDER BY id DESC LIMIT 1", "back from the newest to the first that is old enough"),
    ("DELETE FROM runs WHERE started < ?1", "once a day, over the runs of the history that is kept"),
];
const VERBS: [&str; 5] = ["SELECT ", "WITH ", "INSERT ", "UPDATE ", "DELETE FROM "];

/// Those that grow with the recordings.
#[test]
fn queries_never_scan_growing_tables() {
    let ledger = newest_ledger();
    let mut scans = Vec::new();
    let queries = queries();
    assert!(queries.len() > 30, "the queries of the ledger are no longer found: {queries:#?}");
    for (what, why) in ALLOWED {
        assert!(queries.iter().any(|(_, sql)| sql.contains(what)), "nothing runs this any longer: {what}: {why}");
    }
    let bound = |sql: &str| ALLOWED.iter().any(|(what, _)| sql.contains(what));
    for (file, sql) in queries.iter().filter(|(_, sql)| !bound(sql)) {
        for step in query_steps(&ledger, file, sql).into_iter().filter(|step| is_scan(&ledger, step)) {
            scans.push(format!("{file}: {step}, in {sql}"));
        }
    }
    assert!(scans.is_empty(), "{scans:#?}");
}

#[test]
fn partial_index_reads_are_no_scans() {
    let ledger = newest_ledger();
    let found = |sql| query_steps(&ledger, "here", sql).iter().any(|step| is_scan(&ledger, step));
    assert!(found("SELECT id FROM recordings WHERE topic = ?1"));
    assert!(found("SELECT topic FROM recordings ORDER BY meeting_start"));
    assert!(found("SELECT recordings.id FROM files AS copies JOIN recordings ON recordings.id = copies.recording"));
    assert!(!found("SELECT topic FROM recordings WHERE orphan"));
    assert!(!found("SELECT topic FROM recordings WHERE id = ?1"));
}

/// A ledger of the newest format; how a query is carried out does not depend on what is in it.
fn newest_ledger() -> Connection {
    let mut ledger = Connection::open_in_memory().expect("memory");
    migrate_ledger(&mut ledger).expect("the newest format");
    ledger
}

/// What `SQLite` does for a query, step by step.
fn query_steps(ledger: &Connection, file: &str, sql: &str) -> Vec<String> {
    let mut explained = ledger
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap_or_else(|error| panic!("{file}: a query must be one whole literal: {error}: {sql}"));
    let nothing = vec![&"" as &dyn ToSql; explained.parameter_count()];
    let rows = explained.query_map(&nothing[..], |row| row.get("detail")).expect("a plan");
    rows.collect::<Result<_, _>>().expect("its steps")
}

/// A partial index holds only what is owed, orphaned, claimed or failed: as few rows as there is work.
fn is_scan(ledger: &Connection, step: &str) -> bool {
    let Some(what) = step.strip_prefix("SCAN ") else {
        return false;
    };
    let index = what.split_whitespace().skip_while(|word| *word != "INDEX").nth(1);
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = ?1 AND sql LIKE '% WHERE %'";
    let partial: i64 = ledger.query_row(sql, [index], |row| row.get(0)).expect("the schema");
    partial == 0 && !SMALL.iter().any(|small| what.split_whitespace().next() == Some(small))
}

/// Every SQL text of this folder, migrations and tests left out, with the file it stands in.
fn queries() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ledger");
    let mut found = Vec::new();
    for file in fs::read_dir(folder).expect("this folder") {
        let path = file.expect("a file").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        if ["migrations.rs", "queries.rs"].contains(&name.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source");
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let texts = sql_literals(code).into_iter().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        found.extend(
            texts.filter(|text| VERBS.iter().any(|verb| text.starts_with(verb))).map(|sql| (name.clone(), sql)),
        );
    }
    found
}

/// The string literals of a source. Comments are left out, raw strings are not used in this folder.
fn sql_literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(['"', '/']) {
        let after = &rest[at + 1..];
        if rest[at..].starts_with("//") {
            rest = after.find('\n').map_or("", |end| &after[end..]);
        } else if rest[at..].starts_with('/') {
            rest = after;
        } else {
            let end = unescaped_quote(after);
            found.push(after[..end].replace("\\\"", "\""));
            rest = after.get(end + 1..).unwrap_or_default();
        }
    }
    found
}

fn unescaped_quote(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if !escaped => return at,
            _ => escaped = letter == '\\' && !escaped,
        }
    }
    text.len()
}
