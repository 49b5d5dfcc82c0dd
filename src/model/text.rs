//! Untrusted text made fit to show and to send.

use super::secrets::masked;

/// Kaltura keeps this many characters of a name in its column (its schema).
const NAME_LIMIT: usize = 255;

/// The name of an entry: without characters that Kaltura refuses (control characters), that nobody sees
/// (zero-width, direction marks), or that Kaltura's open edition turns into `????` (beyond the basic plane). A text that
/// is too long is cut; `suffix` stays whole.
#[must_use]
pub fn entry_name(text: &str, suffix: &str) -> String {
    let (text, suffix) = (fit_to_keep(text), fit_to_keep(suffix));
    let text = if text.is_empty() { "Zoom recording" } else { &text };
    if suffix.is_empty() {
        return cut(text, NAME_LIMIT);
    }
    let room = NAME_LIMIT.saturating_sub(suffix.chars().count() + 1);
    cut(&format!("{} {suffix}", cut(text, room)), NAME_LIMIT)
}

/// Foreign text as Kaltura keeps it: what it refuses, hides or garbles is left out.
#[must_use]
pub fn fit_to_keep(text: &str) -> String {
    let kept: String = visible(text).chars().filter(|c| u32::from(*c) <= 0xFFFF).collect();
    squeezed(&kept)
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect::<String>().trim_end().to_owned()
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
    masked(&visible(text))
}

fn visible(text: &str) -> String {
    let parts = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let visible: String = text.chars().map(|c| if parts(c) { ' ' } else { c }).filter(|c| !is_invisible(*c)).collect();
    squeezed(&visible)
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

fn squeezed(text: &str) -> String {
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
    use super::{entry_name, one_line, visible_json, xml_text};

    #[test]
    fn a_name_loses_what_kaltura_refuses_hides_or_garbles() {
        assert_eq!(entry_name("Cell\u{7} bio\u{200B}logy 🧬 3", ""), "Cell biology 3");
        assert_eq!(entry_name("Größe · 講義", ""), "Größe · 講義");
    }

    #[test]
    fn a_topic_of_nothing_visible_still_gives_a_name() {
        assert_eq!(entry_name("", ""), "Zoom recording");
        assert_eq!(entry_name(" \u{200B}🎉 ", "(2)"), "Zoom recording (2)");
    }

    #[test]
    fn a_long_topic_is_cut_to_the_limit_by_characters_and_what_tells_it_apart_stays() {
        assert_eq!(entry_name(&"ä".repeat(300), "").chars().count(), 255);
        let name = entry_name(&"ä".repeat(300), "(gallery view)");
        assert!(name.chars().count() == 255 && name.ends_with("ä (gallery view)"), "{name}");
    }

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
