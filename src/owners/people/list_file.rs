//! Files that name people: one address a line, or two columns.
//!
//! A file with an e-mail address a line: who opts out, or in.
//!
//! The alias file: whose Kaltura account a Zoom host has, written down by hand.
//!
//! The rows of a file of two columns, as a person or a spreadsheet writes them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use csv::{ReaderBuilder, Trim};

use super::line::{BadLine, ListedPerson, plain_text, read_line, show_hidden};
use super::{Address, ListFault};
use crate::model::{KalturaUserId, is_invisible};

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
    pub(super) fn parse(key: &'static str, file: &Path, text: &str, changed: Option<DateTime<Utc>>) -> AddressFile {
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

pub(super) const KEY: &str = "owner.aliases";
/// What the file may begin with, as spreadsheets write it.
const HEADER: [&str; 2] = ["zoom_email", "kaltura_user_id"];

/// A line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The Kaltura user id as written: Kaltura is yet to confirm it.
    pub user: String,
    /// The line it stands in, from 1.
    pub line: u64,
}

/// Every line of it, by the address in Zoom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aliases {
    lines: HashMap<Address, Alias>,
    fault: Option<String>,
}

impl Aliases {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Takes what was read from `file`: `zoom_email,kaltura_user_id` a line, `#` begins a comment line.
    pub fn parse(file: &Path, text: &str) -> Result<Aliases, ListFault> {
        let (aliases, bad) = Aliases::lines(text);
        if bad.is_empty() { Ok(aliases) } else { Err(ListFault::lines(KEY, file, bad)) }
    }

    /// The same, with what is wrong kept: people without a sound line may be meant by one that makes no sense.
    #[must_use]
    pub fn parse_sound_lines(file: &Path, text: &str) -> Aliases {
        let (aliases, bad) = Aliases::lines(text);
        let fault = (!bad.is_empty()).then(|| ListFault::lines(KEY, file, bad).to_string());
        Aliases { fault, ..aliases }
    }

    /// Why it is not known of everybody whether they have an alias.
    #[must_use]
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// The alias of the host with this address.
    #[must_use]
    pub fn of(&self, email: &str) -> Option<&Alias> {
        let of = |email: &str| self.lines.get(&Address::new(email)?);
        of(email).or_else(|| self.lines.get(&Address::new(&plain_text(email))?.in_dns_spelling()))
    }

    /// The first line that leads to this user: Kaltura compares ids without regard to case (facts-kaltura.md#k10).
    #[must_use]
    pub fn line_to(&self, user: &KalturaUserId) -> Option<u64> {
        self.lines.values().filter(|alias| user.is_also(&alias.user)).map(|alias| alias.line).min()
    }

    /// Line by line, so that what is wrong can be pointed at.
    fn lines(text: &str) -> (Aliases, Vec<BadLine>) {
        let (mut lines, mut contradicted) = (HashMap::new(), HashSet::new());
        let bad = read_rows(text, HEADER, |email, user, line| {
            let (address, alias) = read_alias(email, user, line)?;
            if let Some(Alias { line: before, .. }) =
                lines.get(&address).filter(|before: &&Alias| before.user != alias.user)
            {
                let why = format!("contradicts line {before}");
                contradicted.insert(address);
                return Err(why);
            }
            lines.entry(address).or_insert(alias);
            Ok(())
        });
        lines.retain(|address, _| !contradicted.contains(address));
        (Aliases { lines, fault: None }, bad.err().unwrap_or_default())
    }
}

fn read_alias(email: &str, user: &str, line: u64) -> Result<(Address, Alias), String> {
    let address = match read_line(email)? {
        Some(ListedPerson::Person(address)) => address,
        Some(ListedPerson::Domain(_)) | None => {
            return Err(format!("is not an e-mail address: {}", show_hidden(email)));
        }
    };
    let user: String = user.chars().filter(|c| !is_invisible(*c)).collect();
    let user = user.trim();
    if user.is_empty() || user.contains(char::is_control) {
        return Err("names no Kaltura user id".to_owned());
    }
    Ok((address, Alias { user: user.to_owned(), line }))
}

/// Hands the two fields of each row, and the line it stands in, from 1, to `take`, which says what is wrong with them. `#`
/// begins a comment line; the first row may be `header`.
pub(crate) fn read_rows(
    text: &str,
    header: [&str; 2],
    mut take: impl FnMut(&str, &str, u64) -> Result<(), String>,
) -> Result<(), Vec<BadLine>> {
    let mut bad = Vec::new();
    let lines = split_lines(text.trim_start_matches('\u{FEFF}')).zip(1..);
    let says_something = |line: &str| {
        let begins = line.trim_start_matches(|c: char| c.is_whitespace() || is_invisible(c));
        !begins.is_empty() && !begins.starts_with(['#', '＃'])
    };
    for (number, (line, at)) in lines.filter(|(line, _)| says_something(line)).enumerate() {
        let taken = match &split_fields(line)[..] {
            [first, second] if number == 0 && [first.as_str(), second.as_str()] == header => Ok(()),
            [first, second] => take(first, second, at),
            _ => Err(format!("is not of the form {}", header.join(","))),
        };
        if let Err(why) = taken {
            bad.push((at, why));
        }
    }
    if bad.is_empty() { Ok(()) } else { Err(bad) }
}

/// The fields of a line; a field that holds a comma stands in quotes.
fn split_fields(line: &str) -> Vec<String> {
    let mut reader = ReaderBuilder::new();
    reader.has_headers(false).trim(Trim::All);
    let mut records = reader.from_reader(line.as_bytes()).into_records();
    records.next().and_then(Result::ok).map(|record| record.iter().map(str::to_owned).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{AddressFile, Aliases};

    fn parsed(text: &str) -> AddressFile {
        AddressFile::parse("filter.opt_out", Path::new("list.txt"), text, None)
    }

    fn read(text: &str) -> Vec<String> {
        let known = parsed(text);
        assert!(known.fault.is_none(), "{:?}", known.fault);
        known.names.into_iter().collect()
    }

    /// Nor do empty lines.
    #[test]
    fn comments_and_line_ends_mean_nothing() {
        let text = "\u{FEFF}ada@uni.example\r\n\r\n# the second\nGUEST@uni.example # for now\n   \nada@UNI.example";
        assert_eq!(read(text), ["ada@uni.example", "guest@uni.example"]);
        assert_eq!(read("ada@uni.example\rguest@uni.example\r"), ["ada@uni.example", "guest@uni.example"]);
        assert_eq!(read("ada@uni.example\u{2028}*@Other.example"), ["@other.example", "ada@uni.example"]);
        assert_eq!(read(""), [""; 0]);
    }

    #[test]
    fn bad_lines_spare_the_others() {
        let known = parsed("ada\r\nguest@uni.example\rada, guest@uni.example\n");
        let fault = known.fault.expect("a fault").to_string();
        assert!(fault.starts_with("filter.opt_out: list.txt has invalid lines: line 1 is no"), "{fault}");
        assert!(fault.contains(": \"ada\", line 3 contains more than an address"), "{fault}");
        assert_eq!(known.names.into_iter().collect::<Vec<_>>(), ["guest@uni.example"]);
    }

    /// Short, without control characters; each can still be found.
    #[test]
    fn many_bad_lines_make_one_line() {
        let fault = parsed(&"\u{1b}[2J\n".repeat(9)).fault.expect("a fault");
        let said = fault.to_string();
        assert!(said.contains("4 more") && !said.contains('\u{1b}') && said.lines().count() == 1, "{said}");
        assert!(said.contains("\\u{1b}[2J"), "{said}");
        assert_eq!(fault.each().len(), 9);
    }

    #[test]
    fn unended_last_lines_may_be_cut() {
        let unended = |text| parsed(text).unended;
        assert_eq!(unended("ada@uni.example\nguest@uni.exa").as_deref(), Some("guest@uni.exa"));
        for text in ["ada@uni.example\n", "ada@uni.example\r\n", "ada@uni.example\r", "ada@uni.example\n#", ""] {
            assert_eq!(unended(text), None, "{text:?}");
        }
    }

    fn user<'a>(aliases: &'a Aliases, email: &str) -> Option<&'a str> {
        aliases.of(email).map(|alias| alias.user.as_str())
    }

    #[test]
    fn hosts_are_found_in_any_case() {
        let text = "\u{FEFF}zoom_email,kaltura_user_id\r\n# shared\r\nEvents@uni.example,\"events, 2\"\r\n\r\nada@uni.example,al001\r\n";
        let (aliases, bad) = Aliases::lines(text);
        assert_eq!(bad, []);
        assert_eq!(user(&aliases, "events@UNI.example"), Some("events, 2"));
        assert_eq!(aliases.of("ada@uni.example").map(|alias| alias.line), Some(5));
        assert_eq!(user(&aliases, "guest@uni.example"), None);
        assert_eq!(user(&aliases, ""), None);
    }

    #[test]
    fn each_bad_line_names_its_fault() {
        let text = "ada@uni.example\nada@uni.example,\nada,al001\nada@uni.example,al001\nADA@uni.example,al002\n*@uni.example,all\nguest@uni.example,al003\n";
        let (aliases, bad) = Aliases::lines(text);
        let said: Vec<String> = bad.iter().map(|(line, why)| format!("{line} {why}")).collect();
        let form = "1 is not of the form zoom_email,kaltura_user_id";
        let expected = [
            form,
            "2 names no Kaltura user id",
            "3 is not an e-mail address: \"ada\"",
            "5 contradicts line 4",
            "6 is not an e-mail address: \"*@uni.example\"",
        ];
        assert_eq!(said, expected);
        assert_eq!(user(&aliases, "ada@uni.example"), None, "nobody knows which line is meant");
        assert_eq!(user(&aliases, "guest@uni.example"), Some("al003"));
    }

    /// An id without the characters that nobody sees.
    #[test]
    fn addresses_are_read_as_everywhere() {
        let text = "Ada <ada@uni.example>,al\u{200B}001\n\"mailto:guest@uni.example\",al002\n";
        let (aliases, bad) = Aliases::lines(text);
        assert_eq!(bad, []);
        assert_eq!(user(&aliases, "ada@uni.example"), Some("al001"));
        assert_eq!(user(&aliases, "guest@uni.example"), Some("al002"));
        let (aliases, bad) = Aliases::lines("ada@köln.example,al001\nguest@xn--kln-sna.example,al002\n");
        assert_eq!(bad, []);
        assert_eq!(user(&aliases, "ada@xn--kln-sna.example"), Some("al001"));
        assert_eq!(user(&aliases, "guest@KÖLN.example"), Some("al002"));
    }
}
