//! A file with an e-mail address a line: who opts out, or in.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::ListFault;
use super::line::{ListedPerson, read_line};

/// What such a file says.
#[derive(Debug, Default)]
pub struct AddressFile {
    /// The addresses in it, in small letters, and the domains of which everybody is meant, as `@uni.example`.
    pub names: BTreeSet<String>,
    /// The last of them, where no line break follows: it may have been cut off.
    pub(super) unended: Option<String>,
    /// When it was last changed, where the system tells.
    pub(super) changed: Option<DateTime<Utc>>,
    /// Which lines of it make no sense.
    pub fault: Option<ListFault>,
}

impl AddressFile {
    /// Takes what was read from `file`, which `key` names.
    pub(super) fn parse((key, file): (&'static str, &Path), text: &str, changed: Option<DateTime<Utc>>) -> AddressFile {
        let (mut names, mut bad, mut last) = (BTreeSet::new(), Vec::new(), None);
        for (line, number) in split_lines(text).zip(1..) {
            last = None;
            match read_line(line) {
                Ok(Some(whom)) => {
                    let name = match whom {
                        ListedPerson::Person(address) => address.to_string(),
                        ListedPerson::Domain(domain) => format!("@{domain}"),
                    };
                    last = Some(name.clone());
                    names.insert(name);
                }
                Ok(None) => {}
                Err(why) => bad.push((number, why)),
            }
        }
        let fault = (!bad.is_empty()).then(|| ListFault::lines(key, file, bad));
        AddressFile { names, unended: last, changed, fault }
    }
}

/// The lines of a text, as editors of every system end them; what follows the last end is a line too.
pub(super) fn split_lines(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |c: char| matches!(c, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    text.split("\r\n").flat_map(move |part| part.split(is_end))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::AddressFile;

    fn parsed(text: &str) -> AddressFile {
        AddressFile::parse(("filter.opt_out", Path::new("list.txt")), text, None)
    }

    fn read(text: &str) -> Vec<String> {
        let known = parsed(text);
        assert!(known.fault.is_none(), "{:?}", known.fault);
        known.names.into_iter().collect()
    }

    #[test]
    fn comments_empty_lines_and_line_ends_of_every_system_mean_nothing() {
        let text = "\u{FEFF}ada@uni.example\r\n\r\n# the second\nGUEST@uni.example # for now\n   \nada@UNI.example";
        assert_eq!(read(text), ["ada@uni.example", "guest@uni.example"]);
        assert_eq!(read("ada@uni.example\rguest@uni.example\r"), ["ada@uni.example", "guest@uni.example"]);
        assert_eq!(read("ada@uni.example\u{2028}*@Other.example"), ["@other.example", "ada@uni.example"]);
        assert_eq!(read(""), [""; 0]);
    }

    #[test]
    fn every_bad_line_is_named_and_the_others_count() {
        let known = parsed("ada\r\nguest@uni.example\rada, guest@uni.example\n");
        let fault = known.fault.expect("a fault").to_string();
        assert!(fault.starts_with("filter.opt_out: list.txt has lines that make no sense: line 1 is no"), "{fault}");
        assert!(fault.contains(": \"ada\", line 3 holds more than an address"), "{fault}");
        assert_eq!(known.names.into_iter().collect::<Vec<_>>(), ["guest@uni.example"]);
    }

    #[test]
    fn many_bad_lines_are_one_short_line_without_control_characters_and_each_can_be_told() {
        let fault = parsed(&"\u{1b}[2J\n".repeat(9)).fault.expect("a fault");
        let said = fault.to_string();
        assert!(said.contains("4 more") && !said.contains('\u{1b}') && said.lines().count() == 1, "{said}");
        assert!(said.contains("\\u{1b}[2J"), "{said}");
        assert_eq!(fault.each().len(), 9);
    }

    #[test]
    fn a_last_line_without_an_end_may_have_been_cut_off() {
        let unended = |text| parsed(text).unended;
        assert_eq!(unended("ada@uni.example\nguest@uni.exa").as_deref(), Some("guest@uni.exa"));
        for text in ["ada@uni.example\n", "ada@uni.example\r\n", "ada@uni.example\r", "ada@uni.example\n#", ""] {
            assert_eq!(unended(text), None, "{text:?}");
        }
    }
}
