//! A meeting's number as people have it before them: from Zoom's pages, from an invitation, from a link.

/// The number alone, where the text shows one; `None` for anything else, such as a UUID.
#[must_use]
pub fn plain_meeting_number(text: &str) -> Option<String> {
    number_in_link(text).or_else(|| {
        // "Meeting ID: 812 3456 7890"
        let number = text.rsplit_once(':').map_or(text, |(_, number)| number);
        let is_between = |c: &char| c.is_whitespace() || c.is_control() || BETWEEN.contains(*c);
        as_number(number.chars().filter(|c| !is_between(c)).collect())
    })
}

/// Hyphens, dashes, and what has no width.
const BETWEEN: &str = "-\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{200B}\u{200E}\u{200F}\u{202A}\u{202C}\u{FEFF}";

/// Of `https://zoom.us/j/81234567890?pwd=…`, and of those for webinars and hosts.
fn number_in_link(text: &str) -> Option<String> {
    let (_, path) = text.split_once("://")?;
    let number = ["/j/", "/w/", "/s/"].into_iter().find_map(|way| Some(path.split_once(way)?.1))?;
    as_number(number.chars().take_while(char::is_ascii_digit).collect())
}

fn as_number(text: String) -> Option<String> {
    // a date has 8 digits
    let is_number = (9..=18).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
    is_number.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::plain_meeting_number;

    /// A case is a line.
    #[test]
    fn meeting_numbers_are_found_in_texts() {
        let number = Some("81234567890");
        for (text, expected) in [
            ("81234567890", number),
            ("812 3456 7890", number),
            (" 812-3456-7890\n", number),
            ("812\u{a0}3456\u{2009}7890", number),
            ("812\u{2011}3456\u{2011}7890", number),
            ("\u{202a}812 3456 7890\u{202c}", number),
            ("Meeting ID: 812 3456 7890", number),
            ("Meeting-ID: 812\u{202f}3456\u{202f}7890", number),
            ("https://uni.zoom.us/j/81234567890?pwd=abc", number),
            ("https://zoom.us/w/81234567890", number),
            ("https://zoom.us/rec/play/81234567890", None),
            ("812 345 678", Some("812345678")),
            ("2026-11-23", None),
            ("4444AAAiAAAAAiAiAiiAii==", None),
            ("81234567890==", None),
            ("ada@uni.example", None),
            ("0_a1b2c3d4", None),
            ("", None),
        ] {
            assert_eq!(plain_meeting_number(text).as_deref(), expected, "{text:?}");
        }
    }
}
