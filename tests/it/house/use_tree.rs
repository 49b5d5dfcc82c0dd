//! The paths in a `use` statement or an expression.

/// What follows each `word` that is no part of a longer word or path.
pub(super) fn after_each<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(word)
        .filter(|(at, _)| !code[..*at].ends_with(|before: char| before == ':' || is_of_a_name(before)))
        .map(|(at, word)| &code[at + word.len()..])
}

pub(super) fn is_of_a_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The paths of a use tree such as `a::{b, c::d as e}` at the start of `text`, each with the name it is known by.
pub(super) fn expand(text: &str) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    branch(text, Vec::new(), &mut found);
    found
}

/// Adds what grows from `path` and returns the rest of the text.
fn branch<'a>(text: &'a str, mut path: Vec<String>, found: &mut Vec<(Vec<String>, String)>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut twigs) = text.strip_prefix('{') {
        loop {
            twigs = branch(twigs, path.clone(), found).trim_start();
            match twigs.strip_prefix(',').map(str::trim_start) {
                Some(next) if !next.starts_with('}') => twigs = next,
                Some(end) => return end.strip_prefix('}').unwrap_or(end),
                None => return twigs.strip_prefix('}').unwrap_or(twigs),
            }
        }
    }
    let (name, rest) = name_at_start(text);
    if !name.is_empty() && name != "self" {
        path.push(name.to_owned());
    }
    if let Some(deeper) = rest.strip_prefix("::") {
        return branch(deeper, path, found);
    }
    let (known_as, rest) = match rest.strip_prefix(" as ") {
        Some(alias) => name_at_start(alias),
        None => (path.last().map_or("", String::as_str), rest),
    };
    let known_as = known_as.to_owned();
    found.push((path, known_as));
    rest.strip_prefix('*').unwrap_or(rest)
}

fn name_at_start(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter| !is_of_a_name(letter)).unwrap_or(text.len()))
}

#[test]
fn nested_groups_are_followed() {
    let found = expand("a::{\n    b::{c::{self, d as e}},\n    f,\n    g::*,\n};\nuse h;");
    let told: Vec<_> = found.iter().map(|(path, name)| format!("{} as {name}", path.join("::"))).collect();
    assert_eq!(told, ["a::b::c as c", "a::b::c::d as e", "a::f as f", "a::g as g"]);
}
