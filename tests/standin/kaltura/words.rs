//! `tagsLike` and `adminTagsLike`: a search for words, not for tags.

use super::text::unescaped;

/// A word that tags must have, or must not have.
#[derive(Debug, Default)]
struct Word {
    text: String,
    unwanted: bool,
}

impl Word {
    /// A word counts as a whole, be it inside a tag; one with `*` at its end is the beginning of others.
    fn is_in(&self, tags: &str) -> bool {
        let (text, open) = self.text.strip_suffix('*').map_or((self.text.as_str(), false), |text| (text, true));
        let ends = |character: Option<char>| character.is_none_or(|character| !character.is_alphanumeric());
        tags.match_indices(text).any(|(at, found)| {
            ends(tags[..at].chars().next_back()) && (open || ends(tags[at + found.len()..].chars().next()))
        })
    }
}

/// Whether tags have all words that are wanted and none that is not: a blank or a comma stands for "and", `!` for "not",
/// `"` holds words together.
pub fn matches(tags: &str, wanted: &str) -> bool {
    let tags = tags.to_lowercase();
    parsed(&wanted.to_lowercase()).iter().all(|word| word.is_in(&tags) != word.unwanted)
}

fn parsed(wanted: &str) -> Vec<Word> {
    let mut words = vec![Word::default()];
    let (mut quoted, mut escaped) = (false, false);
    for character in wanted.chars() {
        match character {
            '"' if !escaped => quoted = !quoted,
            ' ' | ',' if !quoted => words.push(Word::default()),
            '!' if !quoted => words.push(Word { unwanted: true, ..Word::default() }),
            _ => words.last_mut().expect("at least one word").text.push(character),
        }
        escaped = character == '\\' && !escaped;
    }
    let filled = words.into_iter().filter(|word| !word.text.is_empty());
    filled.map(|word| Word { text: unescaped(&word.text), ..word }).collect()
}
