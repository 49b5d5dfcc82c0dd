//! Untrusted text made fit to show and to send.
//!
//! How much Kaltura keeps of a text: each is cut here, in Kaltura's own unit, so that what comes back is what was sent.
//!
//! Texts that come again and again, each held once.
//!
//! What a misspelt name may have been meant to be.

use std::collections::HashSet;
use std::fmt::Display;
use std::sync::Arc;

use strsim::levenshtein;

use super::secrets::masked;

/// Foreign text as Kaltura keeps it: what it refuses (control characters, U+FFFE), hides (zero-width, direction marks)
/// or garbles is left out. The one rule for characters of four bytes, of which Kaltura may store `????`
/// (facts-kaltura.md#k30; recorded traffic, scenarios 28 and 31): nothing stands in their place.
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

/// "1 recording", "2 recordings"; "2 copies", "2 addresses".
#[must_use]
pub fn format_count<T: Copy + Display + From<u8> + PartialEq>(count: T, noun: &str) -> String {
    if count == T::from(1) {
        return format!("{count} {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{count} {stem}ies"),
        _ if noun.ends_with('s') => format!("{count} {noun}es"),
        _ => format!("{count} {noun}s"),
    }
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

/// What a text is in Kaltura.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// The name of an entry.
    Name,
    /// The description of an entry, of several lines.
    Description,
    /// One tag.
    Tag,
    /// What captions are chosen by, the title of an attachment.
    Label,
}

/// In what a length is counted.
#[derive(Clone, Copy)]
enum Limit {
    Bytes(usize),
    Characters(usize),
}

impl TextKind {
    /// All from recorded traffic. More of a name than fits its column makes an entry that can never be changed again,
    /// unless it is ASCII (scenario 31); a description and a tag are cut in silence (28), a file's name too; a longer label
    /// was not tried.
    const fn limit(self) -> Limit {
        match self {
            TextKind::Name => Limit::Bytes(256),
            TextKind::Description => Limit::Bytes(65_535),
            TextKind::Tag => Limit::Bytes(100),
            TextKind::Label => Limit::Characters(1000),
        }
    }
}

/// Foreign text as Kaltura keeps it whole.
#[must_use]
pub fn fit_text(text: &str, kind: TextKind) -> String {
    fit_before(text, "", kind)
}

/// The same with something behind it that stays whole.
#[must_use]
fn fit_before(text: &str, ending: &str, kind: TextKind) -> String {
    let text = match kind {
        TextKind::Description => text.lines().map(fit_to_keep).collect::<Vec<_>>().join("\n").trim().to_owned(),
        _ => fit_to_keep(text),
    };
    let rest = match kind.limit() {
        Limit::Bytes(most) => Limit::Bytes(most.saturating_sub(ending.len())),
        Limit::Characters(most) => Limit::Characters(most.saturating_sub(ending.chars().count())),
    };
    cut_at(&format!("{}{ending}", cut_at(&text, rest)), kind.limit()).to_owned()
}

/// The name of an entry; `suffix` tells it from others of its recording and stays whole.
#[must_use]
pub fn entry_name(text: &str, suffix: &str) -> String {
    let (text, suffix) = (fit_to_keep(text), fit_to_keep(suffix));
    let text = if text.is_empty() { "Zoom recording" } else { &text };
    let suffix = if suffix.is_empty() { suffix } else { format!(" {suffix}") };
    fit_before(text, &suffix, TextKind::Name)
}

/// Cut between two characters, without blanks at the end.
fn cut_at(text: &str, limit: Limit) -> &str {
    let end = match limit {
        Limit::Bytes(most) => (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0),
        Limit::Characters(most) => text.char_indices().nth(most).map_or(text.len(), |(at, _)| at),
    };
    text[..end].trim_end()
}

/// The texts that were seen so far. A list of tens of thousands of recordings has few hosts, accounts and types.
#[derive(Debug, Default)]
pub struct Interner(HashSet<Arc<str>>);

impl Interner {
    /// The text, shared with all that were the same.
    pub fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

/// The known name most like `wrong`, with how many slips lie between them.
pub fn nearest_name<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<(&'a str, usize)> {
    let wrong = wrong.to_lowercase();
    known.into_iter().map(|name| (name, slips(&wrong, &name.to_lowercase()))).min_by_key(|(_, slips)| *slips)
}

/// The same, if it is like enough to be worth naming.
pub fn near<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bearable = (wrong.chars().count() / 5).max(2);
    nearest_name(wrong, known).filter(|(_, slips)| *slips <= bearable).map(|(name, _)| name)
}

/// The same of texts in which a dot parts nothing, such as addresses.
pub fn near_whole<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let bearable = (wrong.chars().count() / 5).max(2);
    let by_slips = known.into_iter().map(|name| (name, levenshtein(&wrong, &name.to_lowercase())));
    by_slips.filter(|(_, slips)| *slips <= bearable).min_by_key(|(_, slips)| *slips).map(|(name, _)| name)
}

/// Of dotted names the last parts alone are compared too: a right key in a wrong section is one slip.
fn slips(wrong: &str, known: &str) -> usize {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    levenshtein(wrong, known).min(levenshtein(&last(wrong), &last(known)) + 1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::TextKind::{Description, Label, Name, Tag};
    use super::{Interner, TextKind, entry_name, fit_text, near, one_line, visible_json, xml_text};

    /// Those that would have the whole call refused.
    #[test]
    fn captions_lose_only_refused_characters() {
        assert_eq!(xml_text("WEBVTT\r\n\n\u{1}a\u{FFFE}🧬\u{8}\u{200B}"), "WEBVTT\r\n\na🧬\u{200B}");
    }

    /// It neither moves the cursor nor turns the direction.
    #[test]
    fn foreign_text_cannot_control_the_terminal() {
        assert_eq!(one_line("a\u{1b}[2Jb\r\nc\u{202E}d"), "a [2Jb cd");
        assert_eq!(one_line("a\u{2028}b\u{E0041}\u{E007F}c\u{180E}d\u{3164}e\u{206A}f"), "a bcdef");
    }

    #[test]
    fn json_keeps_invisible_characters_exactly() {
        let odd = "a\u{202E}b\u{E0041}\u{200B}c==";
        let json = visible_json(&serde_json::json!({ "id": odd }).to_string());
        assert_eq!(json, r#"{"id":"a\u202eb\udb40\udc41\u200bc=="}"#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("JSON")["id"], odd);
    }

    /// `text` so many times.
    fn times(text: &str, count: usize) -> String {
        text.repeat(count)
    }

    #[test]
    fn texts_are_sent_as_kaltura_keeps() {
        let cases: &[(TextKind, String, String)] = &[
            (Name, times("a", 257), times("a", 256)),
            (Name, times("ü", 129), times("ü", 128)),
            (Name, times("汉", 86), times("汉", 85)),
            (Name, format!("a{}", times("ü", 128)), format!("a{}", times("ü", 127))),
            (Name, format!("{}ü", times("a", 255)), times("a", 255)),
            (Name, format!("{} b", times("a", 255)), times("a", 255)),
            (Name, "a\u{7}b 🧬 c\u{200B}d".to_owned(), "a b cd".to_owned()),
            (Name, format!("{}🧬", times("ü", 128)), times("ü", 128)),
            (Description, times("a", 65_536), times("a", 65_535)),
            (Description, times("ü", 32_768), times("ü", 32_767)),
            (Description, times("汉", 21_846), times("汉", 21_845)),
            (Description, "\na 🧬\r\n\u{7}b\u{FFFE}\n\n".to_owned(), "a\nb".to_owned()),
            (Tag, times("a", 101), times("a", 100)),
            (Tag, times("汉", 34), times("汉", 33)),
            (Tag, "🧬 bio".to_owned(), "bio".to_owned()),
            (Label, times("ü", 1001), times("ü", 1000)),
            (Label, "German 🧬\n(x)".to_owned(), "German (x)".to_owned()),
        ];
        for (kind, text, sent) in cases {
            assert_eq!(fit_text(text, *kind), *sent, "{kind:?} {text:.20}");
            assert_eq!(fit_text(sent, *kind), *sent, "what fits stays: {kind:?}");
        }
    }

    #[test]
    fn suffixes_of_names_stay_whole() {
        assert_eq!(entry_name(&times("ü", 300), "(2)"), format!("{} (2)", times("ü", 126)));
        assert_eq!(entry_name(&times("a", 300), "(2) (gallery view)").len(), 256);
        assert!(entry_name(&times("汉", 300), "(gallery view)").ends_with("汉 (gallery view)"));
        assert_eq!(entry_name("a", &times("ü", 300)).len(), 255, "a suffix that nothing is left beside is cut, too");
    }

    /// And what it refuses or hides.
    #[test]
    fn names_lose_what_kaltura_garbles() {
        assert_eq!(entry_name("Cell\u{7} bio\u{200B}logy 🧬 3", ""), "Cell biology 3");
        assert_eq!(entry_name("Größe · 講義", ""), "Größe · 講義");
    }

    #[test]
    fn an_invisible_topic_gives_a_name() {
        assert_eq!(entry_name("", ""), "Zoom recording");
        assert_eq!(entry_name(" \u{200B}🎉 ", "(2)"), "Zoom recording (2)");
    }

    #[test]
    fn the_same_text_is_held_once() {
        let mut texts = Interner::default();
        let (one, other, third) = (texts.shared("MP4"), texts.shared("M4A"), texts.shared("MP4"));
        assert!(Arc::ptr_eq(&one, &third) && !Arc::ptr_eq(&one, &other));
        assert_eq!((&*one, &*other), ("MP4", "M4A"));
    }

    /// A wrong section as well.
    #[test]
    fn slips_are_recognised_nonsense_is_not() {
        let known = ["state_dir", "sync.go_live", "sync.lookback", "kaltura.url"];
        assert_eq!(near("sync.golive", known), Some("sync.go_live"));
        assert_eq!(near("Sync.Look_Back", known), Some("sync.lookback"));
        assert_eq!(near("zoom.state_dir", known), Some("state_dir"));
        assert_eq!(near("sync.colour", known), None);
    }
}
