//! A regular expression as it was written, or where it is malformed.

use regex::Regex;
use regex_syntax::Error;

/// The expression, or its fault: at which of its characters, and what.
pub(super) fn parse_pattern(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|refused| match regex_syntax::parse(text) {
        Err(Error::Parse(error)) => describe_fault(text, error.span().start.offset, error.kind()),
        Err(Error::Translate(error)) => describe_fault(text, error.span().start.offset, error.kind()),
        // sound in itself, but too big: there is no place to point at
        _ => refused.to_string(),
    })
}

fn describe_fault(text: &str, offset: usize, fault: &impl ToString) -> String {
    let before = text.get(..offset).unwrap_or(text);
    format!("malformed at character {}: {}", before.chars().count() + 1, fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::parse_pattern;

    #[test]
    fn a_malformed_expression_is_told_with_the_character_at_which_the_fault_is() {
        let cases = [
            ("(abc", "malformed at character 1: unclosed group"),
            ("exam (mid|final", "malformed at character 6: unclosed group"),
            ("abc)", "malformed at character 4: unopened group"),
            ("a[b", "malformed at character 2: unclosed character class"),
            ("ab\\", "malformed at character 3: incomplete escape sequence"),
            ("*a", "malformed at character 1: repetition operator missing expression"),
            ("Prüfung\\p{Nope}", "malformed at character 8: Unicode property not found"),
            ("one\ntwo(", "malformed at character 8: unclosed group"),
            ("(?P<a>x)(?P<a>y)", "malformed at character 13: duplicate capture group name"),
            ("private(?=x)", "malformed at character 8: look-around, "),
        ];
        for (text, expected) in cases {
            let fault = parse_pattern(text).expect_err(text);
            assert!(fault.starts_with(expected) && !fault.contains('\n'), "{text}: {fault}");
        }
    }

    #[test]
    fn an_expression_that_is_sound_but_too_big_is_told_as_such() {
        let fault = parse_pattern("(\\w{1000}){1000}").expect_err("far too big");
        assert!(fault.contains("size limit") && !fault.contains("character"), "{fault}");
        assert!(parse_pattern("(?i)^private").is_ok_and(|found| found.is_match("Private talk")));
    }
}
