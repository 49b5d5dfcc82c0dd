//! Untrusted text made fit to show and to send.

use super::secrets::masked;

/// Foreign text as Kaltura keeps it: what it refuses (control characters, U+FFFE), hides (zero-width, direction marks) or garbles
/// is left out. The one rule for characters of four bytes, of which Kaltura may store `????` (recorded traffic, scenarios 28
/// and 31): nothing stands in their place.
#[must_use]
pub fn fit_to_keep(text: &str) -> String {
    let kept: String =
        visible_text(text).chars().filter(|c| c.len_utf8() < 4 && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect();
    squeeze_blanks(&kept)
}

/// Text of several lines without the characters that XML cannot hold, for which Kaltura refuses the whole call
/// (`INVALID_PARAMETER_CHAR`).
#[must_use]
pub fn xml_text(text: &str) -> String {
    let fits = |c: &char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..);
    text.chars().filter(fits).collect()
}

/// Foreign text on one line, without anything that moves a terminal's cursor or hides, and without what has the shape of
/// a secret.
#[must_use]
pub fn one_line(text: &str) -> String {
    masked(&visible_text(text))
}

fn visible_text(text: &str) -> String {
    let parts = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let visible: String = text.chars().map(|c| if parts(c) { ' ' } else { c }).filter(|c| !is_invisible(*c)).collect();
    squeeze_blanks(&visible)
}

/// JSON in which what nobody would see is written as `\u…`: a reader finds in it what was put in, byte for byte, such as
/// an id that it gives back.
#[must_use]
pub fn visible_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        if is_invisible(c) {
            // beyond the basic plane JSON writes two (RFC 8259, 7)
            text.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            text.push(c);
        }
    }
    text
}

fn squeeze_blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether nobody sees it, or sees only what it does to others: Unicode's `Default_Ignorable_Code_Point`
/// (DerivedCoreProperties.txt), the annotations, and the separators of lines and paragraphs.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::{one_line, visible_json, xml_text};

    #[test]
    fn captions_lose_only_what_would_have_the_whole_call_refused() {
        assert_eq!(xml_text("WEBVTT\r\n\n\u{1}a\u{FFFE}🧬\u{8}\u{200B}"), "WEBVTT\r\n\na🧬\u{200B}");
    }

    #[test]
    fn foreign_text_cannot_move_the_cursor_or_turn_the_direction() {
        assert_eq!(one_line("a\u{1b}[2Jb\r\nc\u{202E}d"), "a [2Jb cd");
        assert_eq!(one_line("a\u{2028}b\u{E0041}\u{E007F}c\u{180E}d\u{3164}e\u{206A}f"), "a bcdef");
    }

    #[test]
    fn json_holds_byte_for_byte_what_nobody_would_see_in_it() {
        let odd = "a\u{202E}b\u{E0041}\u{200B}c==";
        let json = visible_json(&serde_json::json!({ "id": odd }).to_string());
        assert_eq!(json, r#"{"id":"a\u202eb\udb40\udc41\u200bc=="}"#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("JSON")["id"], odd);
    }
}
