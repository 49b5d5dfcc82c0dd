//! Untrusted text made fit to show and to send.

/// Kaltura keeps this many characters of a name in its column (its schema).
const TITLE_LIMIT: usize = 255;

/// The name of an entry: without characters that Kaltura refuses (control characters), that nobody sees
/// (zero-width, direction marks), or that Kaltura's open edition turns into `????` (beyond the basic plane).
#[must_use]
pub fn title(topic: &str) -> String {
    let kept: String = one_line(topic).chars().filter(|c| u32::from(*c) <= 0xFFFF).collect();
    let kept = squeezed(&kept);
    if kept.is_empty() {
        return "Zoom recording".to_owned();
    }
    kept.chars().take(TITLE_LIMIT).collect::<String>().trim_end().to_owned()
}

/// Foreign text on one line, without anything that moves a terminal's cursor or hides.
#[must_use]
pub fn one_line(text: &str) -> String {
    let visible: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !is_invisible(*c)).collect();
    squeezed(&visible)
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

#[cfg(test)]
mod tests {
    use super::{one_line, title};

    #[test]
    fn a_title_loses_what_kaltura_refuses_hides_or_garbles() {
        assert_eq!(title("Cell\u{7} bio\u{200B}logy 🧬 3"), "Cell biology 3");
        assert_eq!(title("Größe · 講義"), "Größe · 講義");
    }

    #[test]
    fn a_topic_of_nothing_visible_still_gives_a_title() {
        assert_eq!(title(""), "Zoom recording");
        assert_eq!(title(" \u{200B}🎉 "), "Zoom recording");
    }

    #[test]
    fn a_long_topic_is_cut_to_the_limit_by_characters() {
        assert_eq!(title(&"ä".repeat(300)).chars().count(), 255);
    }

    #[test]
    fn foreign_text_cannot_move_the_cursor_or_turn_the_direction() {
        assert_eq!(one_line("a\u{1b}[2Jb\r\nc\u{202E}d"), "a [2Jb cd");
    }
}
