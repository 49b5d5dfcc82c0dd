//! How much Kaltura keeps of a text: each is cut here, in Kaltura's own unit, so that what comes back is what was sent.

use super::text::fit_to_keep;

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
    /// The name of a file: that of an upload token, or of an attachment.
    FileName,
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
            TextKind::FileName => Limit::Characters(256),
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
pub fn fit_before(text: &str, ending: &str, kind: TextKind) -> String {
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

#[cfg(test)]
mod tests {
    use super::TextKind::{Description, FileName, Label, Name, Tag};
    use super::{TextKind, entry_name, fit_before, fit_text};

    /// `text` so many times.
    fn times(text: &str, count: usize) -> String {
        text.repeat(count)
    }

    #[test]
    fn each_kind_of_text_is_sent_as_kaltura_keeps_it() {
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
            (FileName, times("ü", 257), times("ü", 256)),
            (FileName, "a\nb🧬.txt".to_owned(), "a b.txt".to_owned()),
        ];
        for (kind, text, sent) in cases {
            assert_eq!(fit_text(text, *kind), *sent, "{kind:?} {text:.20}");
            assert_eq!(fit_text(sent, *kind), *sent, "what fits stays: {kind:?}");
        }
    }

    #[test]
    fn what_stands_behind_a_text_stays_whole() {
        assert_eq!(fit_before(&times("ü", 300), ".mp4", FileName), format!("{}.mp4", times("ü", 252)));
        assert_eq!(entry_name(&times("ü", 300), "(2)"), format!("{} (2)", times("ü", 126)));
        assert_eq!(entry_name(&times("a", 300), "(2) (gallery view)").len(), 256);
        assert!(entry_name(&times("汉", 300), "(gallery view)").ends_with("汉 (gallery view)"));
        assert_eq!(entry_name("a", &times("ü", 300)).len(), 255, "a suffix that nothing is left beside is cut, too");
    }

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
}
