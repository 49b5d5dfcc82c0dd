//! What the database does to texts: which it keeps, which it changes, and which it takes for the same. All as recorded of
//! a server that talks UTF-8 to its database.

/// The longest description, in bytes.
const DESCRIPTION: usize = 65_535;
/// The longest tag, in bytes; of tags for administrators there is no limit.
const TAG: usize = 100;
/// So much of a name lies in a column of its own, in bytes; what is behind goes to the further data.
const NAME_COLUMN: usize = 256;

/// A text as it is stored: the database has no room for characters of four bytes and keeps four question marks instead.
pub fn stored(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut kept, character| {
        if character.len_utf8() == 4 {
            kept.push_str("????");
        } else {
            kept.push(character);
        }
        kept
    })
}

/// A text by which the database looks up: without letter case, accents, and blanks behind.
pub fn folded(text: &str) -> String {
    text.trim_end_matches(' ').chars().flat_map(char::to_lowercase).filter_map(bare).collect()
}

/// A letter without its accent; nothing for an accent by itself.
fn bare(letter: char) -> Option<char> {
    const ACCENTED: &[(char, &str)] = &[
        ('a', "àáâãäåāăą"),
        ('c', "çćĉċč"),
        ('d', "ď"),
        ('e', "èéêëēĕėęě"),
        ('g', "ĝğġģ"),
        ('h', "ĥ"),
        ('i', "ìíîïĩīĭį"),
        ('j', "ĵ"),
        ('k', "ķ"),
        ('l', "ĺļľ"),
        ('n', "ñńņň"),
        ('o', "òóôõöōŏő"),
        ('r', "ŕŗř"),
        ('s', "śŝşš"),
        ('t', "ţťțț"),
        ('u', "ùúûüũūŭůűų"),
        ('w', "ŵ"),
        ('y', "ýÿŷ"),
        ('z', "źżž"),
    ];
    if letter.is_ascii() {
        return Some(letter);
    }
    if ('\u{300}'..='\u{36f}').contains(&letter) {
        return None;
    }
    let plain = ACCENTED.iter().find(|(_, accented)| accented.contains(letter));
    Some(plain.map_or(letter, |(plain, _)| *plain))
}

/// A description, cut without a word.
pub fn description(text: &str) -> &str {
    cut(text, DESCRIPTION)
}

/// The part of a name that lies among the further data of an entry.
pub fn behind_column(name: &str) -> &str {
    &name[cut(name, NAME_COLUMN).len()..]
}

/// At most so many bytes, cut between two characters.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

/// At most so many characters.
pub fn first(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

/// Tags for everybody: in lower case as far as ASCII goes, each once, cut, and none of a single letter.
pub fn tags(list: &str) -> String {
    distinct(list, |tag| cut(tag, TAG).to_owned()).filter(|tag| tag.chars().count() > 1).collect::<Vec<_>>().join(", ")
}

/// Tags for administrators: in lower case as far as ASCII goes, and each once.
pub fn admin_tags(list: &str) -> String {
    distinct(list, str::to_owned).collect::<Vec<_>>().join(",")
}

fn distinct(list: &str, fit: impl Fn(&str) -> String) -> impl Iterator<Item = String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in list.split(',') {
        let tag = fit(&tag.trim().to_ascii_lowercase());
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags.into_iter()
}

/// Whether a filter by the index breaks it: an odd number of `"` without a `\` in front.
pub fn breaks_index(text: &str) -> bool {
    let mut quotes = 0;
    let mut escaped = false;
    for character in text.chars() {
        match character {
            '"' if !escaped => quotes += 1,
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    quotes % 2 == 1
}

/// What a filter by the index means: `\"` is a `"`.
pub fn unescaped(text: &str) -> String {
    text.replace("\\\"", "\"")
}
