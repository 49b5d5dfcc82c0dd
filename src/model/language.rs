//! The languages of captions: Kaltura knows them by English names (`KalturaLanguage` in the API description of a server of
//! edition 22.19).

use super::text::near_whole;

/// A code and a name a line, as the API description has them.
const LANGUAGES: &str = include_str!("kaltura_languages.txt");

fn languages() -> impl Iterator<Item = (&'static str, &'static str)> {
    LANGUAGES.lines().filter_map(|line| line.split_once(' '))
}

/// The name of a language as Kaltura spells it, or what is wrong with the text.
pub fn find_language(text: &str) -> Result<&'static str, String> {
    if let Some((_, name)) = languages().find(|(_, name)| name.eq_ignore_ascii_case(text)) {
        return Ok(name);
    }
    let coded = languages().find(|(code, _)| code.eq_ignore_ascii_case(text)).map(|(_, name)| name);
    let begins = || languages().map(|(_, name)| name).find(|name| starts_alike(name, text));
    let meant = coded.or_else(|| near_whole(text, languages().map(|(_, name)| name))).or_else(begins);
    let hint = meant.map_or_else(
        || "use Kaltura's English name of it, such as \"German\"".to_owned(),
        |meant| format!("did you mean {meant:?}?"),
    );
    Err(format!("is {text:?}, which is no language that Kaltura knows; {hint}"))
}

/// Whether either begins with the other's first five letters: "Spanish (Spain)".
fn starts_alike(name: &str, text: &str) -> bool {
    let begin = |text: &str| text.chars().take(5).collect::<String>().to_lowercase();
    text.chars().count() >= 5 && begin(name) == begin(text)
}

#[cfg(test)]
mod tests {
    use super::{LANGUAGES, find_language, languages};

    #[test]
    fn languages_are_found_or_suggested() {
        let cases = [
            ("German", Ok("German")),
            ("german", Ok("German")),
            ("Spanish (Latin America)", Ok("Spanish (Latin America)")),
            ("Multilingual", Ok("Multilingual")),
            ("de", Err("did you mean \"German\"?")),
            ("ES", Err("did you mean \"Spanish\"?")),
            ("Germann", Err("did you mean \"German\"?")),
            ("Spanish (Spain)", Err("did you mean \"Spanish")),
            ("Elvish tongue of old", Err("such as \"German\"")),
        ];
        for (text, expected) in cases {
            match (find_language(text), expected) {
                (Ok(found), Ok(name)) => assert_eq!(found, name),
                (Err(said), Err(part)) => assert!(said.contains(part), "{text}: {said}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }

    #[test]
    fn every_line_holds_a_language() {
        assert_eq!(languages().count(), LANGUAGES.lines().count());
        assert!(languages().all(|(code, name)| !code.is_empty() && name.trim() == name && !name.is_empty()));
        assert!(languages().count() > 500, "the whole table");
    }
}
