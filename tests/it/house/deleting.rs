//! Whatever deletes something outside the ledger is a row of the table in `src/doc/deleting.md`.

use std::collections::BTreeSet;

use super::sources::House;

/// The calls of `remotes/` that delete. Each takes a proof.
const DELETING: [&str; 7] =
    [".delete(", ".recycle(", ".delete_token(", ".delete_tokens(", ".end_token(", ".delete_text(", ".trash("];
/// What is called so and deletes nothing remote, or passes the proof on that it was given.
const OTHERS: [&str; 2] = ["remotes/zoom/client.rs", "remotes/kaltura/"];

fn callers() -> BTreeSet<String> {
    let mut callers = BTreeSet::new();
    for source in House::open().sources {
        if OTHERS.iter().any(|other| source.path.starts_with(other)) {
            continue;
        }
        let mut function = String::new();
        for line in source.text.lines().take_while(|line| *line != "#[cfg(test)]") {
            if let Some((_, rest)) = line.split_once("fn ") {
                let name = rest.split(['(', '<']).next().unwrap_or_default();
                if line.trim_start().starts_with("//").eq(&false) {
                    name.clone_into(&mut function);
                }
            }
            if DELETING.iter().any(|call| line.contains(call)) {
                callers.insert(format!("`{}` `{function}`", source.path));
            }
        }
    }
    callers
}

fn rows() -> BTreeSet<String> {
    let table = include_str!("../../../src/doc/deleting.md");
    let first = |line: &str| Some(line.strip_prefix("| `")?.split(" | ").next()?.to_owned());
    table.lines().filter_map(first).map(|place| format!("`{place}")).collect()
}

#[test]
fn places_that_delete_match_the_table() {
    assert_eq!(callers(), rows());
}

#[test]
fn calls_that_delete_take_proofs() {
    let house = House::open();
    for source in house.sources.iter().filter(|source| source.path.starts_with("remotes/kaltura/")) {
        let text: String =
            source.text.lines().take_while(|line| *line != "#[cfg(test)]").collect::<Vec<_>>().join("\n");
        // the words on the wire: a function that sends one has a proof among its parameters
        for (at, _) in text.match_indices("\"delete\"").chain(text.match_indices("\"recycle\"")) {
            let function = text[..at].rfind("fn ").map_or("", |begin| &text[begin..at]);
            assert!(function.contains("Proof<"), "{}: {function}", source.path);
        }
    }
}

#[test]
fn every_proof_is_in_the_table() {
    let house = House::open();
    let proof = house.sources.iter().find(|source| source.path == "model/proof.rs").expect("there are proofs");
    let makers = proof.text.split("pub fn ").skip(1).filter(|text| {
        text.split('{').next().is_some_and(|head| {
            ["-> Option<Proof<", "-> Result<Proof<", "-> Proof<"].iter().any(|made| head.contains(made))
        })
    });
    let table = include_str!("../../../src/doc/deleting.md");
    for maker in makers {
        let name = maker.split('(').next().unwrap_or_default();
        assert!(table.contains(&format!("`{name}`")), "{name} is not in the table");
    }
}
