//! A line of a list of people: the one grammar for opt-in lists, opt-out lists and alias files.
//!
//! An e-mail address, as far as two of them are compared.
//!
//! What is wrong with a file of lines that names people or categories.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use url::Host;

use crate::model::{is_invisible, one_line};

/// Longest part before the `@`, and longest name between two dots behind it (RFC 5321, 4.5.3.1; RFC 1035, 2.3.4).
const LONGEST_PART: usize = 64;
/// Marks of which one behind an address says nothing.
const SEPARATORS: [char; 4] = [',', ';', '.', ':'];
/// Quotes, each with the ones that may close it.
const QUOTES: [(char, &str); 8] =
    [('"', "\""), ('\'', "'"), ('“', "”"), ('„', "“”"), ('”', "”"), ('‘', "’"), ('‚', "‘’"), ('«', "»")];

/// Whom a line names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ListedPerson {
    /// One person.
    Person(Address),
    /// Everybody whose address ends in this domain, in small letters.
    Domain(String),
}

/// Reads a line: `None` where it says nothing, else whom it names, or what is wrong with it. What can be meant in only one
/// way is read that way.
pub(super) fn read_line(line: &str) -> Result<Option<ListedPerson>, String> {
    let plain = plain_text(line);
    let said = without_comment(&plain).trim();
    if said.is_empty() {
        return Ok(None);
    }
    let bare = strip_marks(said);
    let named = match bare.strip_prefix("*@") {
        // as it is compared with the domain of an address
        Some(domain) => read_address(&format!("all@{domain}")).map(|all| {
            ListedPerson::Domain(
                all.as_str().rsplit_once('@').map_or_else(String::new, |(_, domain)| domain.to_owned()),
            )
        }),
        None => read_address(bare).map(ListedPerson::Person),
    };
    named.map(Some).ok_or_else(|| format!("{}: {}", complain_of(bare), show_hidden(line)))
}

/// The text without what nobody sees, and with full-width letters and marks as the plain ones.
pub(super) fn plain_text(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).map(fold_letters).collect()
}

/// Full-width forms lie as far from ASCII as the first of them (Unicode, block Halfwidth and Fullwidth Forms); blanks of
/// every width are blanks.
fn fold_letters(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c),
        '\u{FE6B}' => '@',
        '\u{3002}' | '\u{FF61}' => '.',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

/// `#` begins a comment at the start, behind a blank, and behind an `@`: no domain holds one, and a local part may.
fn without_comment(text: &str) -> &str {
    let begins = |at: usize| {
        let before = &text[..at];
        before.is_empty() || before.ends_with(' ') || before.contains('@')
    };
    text.match_indices('#').find(|(at, _)| begins(*at)).map_or(text, |(at, _)| &text[..at])
}

/// What is left without one separator at the end, quotes, `mailto:`, and the name before an address in angle brackets.
fn strip_marks(said: &str) -> &str {
    let mut text = said.strip_suffix(SEPARATORS).unwrap_or(said).trim();
    // each turn takes something away
    loop {
        let inner = match read_angled(text) {
            Some(inner) => inner,
            None => without_scheme(strip_quotes(text).unwrap_or(text)),
        }
        .trim();
        if inner.len() == text.len() {
            return text;
        }
        text = inner;
    }
}

fn strip_quotes(text: &str) -> Option<&str> {
    let (_, closing) = QUOTES.iter().find(|(quote, _)| text.starts_with(*quote))?;
    let inner = text.strip_prefix(|_: char| true)?;
    let end = inner.char_indices().next_back().filter(|(_, c)| closing.contains(*c))?.0;
    let inner = &inner[..end];
    (!inner.contains(|c| closing.contains(c))).then_some(inner)
}

fn without_scheme(text: &str) -> &str {
    match text.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:")) {
        // what is behind `?` is about a mail (RFC 6068)
        Some(_) => text[7..].split('?').next().unwrap_or_default(),
        None => text,
    }
}

/// The inside of `Name <a@b>`, unless the name holds another address.
fn read_angled(text: &str) -> Option<&str> {
    let (name, inner) = text.strip_suffix('>')?.rsplit_once('<')?;
    let name = name.trim();
    let same = || read_address(strip_quotes(name).unwrap_or(name)) == read_address(without_scheme(inner.trim()));
    (!name.contains(['<', '>']) && (!name.contains('@') || same())).then_some(inner)
}

/// An address as Zoom has them: one `@`, dots only between other characters, a domain of two names or more. What RFC 5322
/// allows beyond that in the local part is, in a list, far more often a line that was marked, commented out or copied from a
/// table: `//ada@uni.example`, `-ada@uni.example`, `email=ada@uni.example`.
fn read_address(text: &str) -> Option<Address> {
    let (local, domain) = text.split_once('@')?;
    let may_stand = |c: char| is_letter(c) || "!#$&'+-_~".contains(c);
    let is_local = local.len() <= LONGEST_PART
        && local.starts_with(|c: char| is_letter(c) || c == '_')
        && local.split('.').all(|part| !part.is_empty() && part.chars().all(may_stand));
    (is_local && is_domain_name(domain)).then(|| Address::new(text).map(Address::in_dns_spelling)).flatten()
}

fn is_domain_name(text: &str) -> bool {
    let is_name = |name: &str| {
        (1..=LONGEST_PART - 1).contains(&name.len())
            && name.chars().all(|c| is_letter(c) || c == '-')
            && !name.starts_with('-')
            && !name.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    let is_top = last.chars().count() > 1 && !last.chars().all(|c| c.is_ascii_digit());
    text.contains('.') && text.split('.').all(is_name) && is_top
}

/// Letters of other scripts look like Latin ones and are others: they match nobody.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || (c.is_alphabetic() && ('\u{C0}'..='\u{24F}').contains(&c))
}

fn complain_of(text: &str) -> &'static str {
    let looks_like_one = |part: &str| part.trim_matches(|c: char| !is_letter(c)).contains('@');
    let ats = text.matches('@').count();
    let parts = text.split(|c: char| " ,;<>".contains(c)).filter(|part| looks_like_one(part)).count();
    if ats > 1 && parts > 1 {
        "contains several addresses; put each on a line of its own"
    } else if ats == 1 && parts == 1 && text.contains([' ', '<', '>', '(', ')', ',', ';']) {
        "contains more than an address; leave only the address"
    } else {
        "is not an e-mail address"
    }
}

/// An address in the one form in which it is compared: addresses differ in case and mean the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(String);

impl Address {
    /// Takes a text that can be one: something on both sides of its last `@`, and nothing invisible.
    #[must_use]
    pub fn new(text: &str) -> Option<Address> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let fits =
            !local.is_empty() && !domain.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
        fits.then(|| Address(text.to_lowercase()))
    }

    /// The same with a domain that is not ASCII as DNS spells it.
    #[must_use]
    pub(super) fn in_dns_spelling(self) -> Address {
        let Some((local, domain)) = self.0.rsplit_once('@').filter(|(_, domain)| !domain.is_ascii()) else {
            return self;
        };
        match Host::parse(domain) {
            Ok(Host::Domain(domain)) => Address(format!("{local}@{domain}")),
            _ => self,
        }
    }

    /// In small letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// So many bad lines are named.
const NAMED: usize = 5;
/// So much of a bad line is shown.
const SHOWN: usize = 60;

/// Why a list cannot be used as it is: somebody may be meant by what cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ListFault {
    /// The file cannot be read.
    #[error("{key}: {} cannot be read: {why}; nothing was copied", one_line(&file.display().to_string()))]
    File {
        /// The key that names it.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// What the system says.
        why: String,
    },
    /// Somebody else could have written it.
    #[error("{key}: {} is not used because it {why}; nothing was copied", one_line(&file.display().to_string()))]
    Untrusted {
        /// The key that names it.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// Whose it is or who can change it, and what to do.
        why: String,
    },
    /// Lines of it make no sense.
    #[error("{key}: {} has invalid lines: {}; correct them", one_line(&file.display().to_string()), first_faults(bad))]
    Lines {
        /// The key that names it.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// Which lines, and what is wrong with each.
        bad: Vec<BadLine>,
    },
}

/// A line that makes no sense: its number from 1, and what is wrong.
pub(crate) type BadLine = (u64, String);

impl ListFault {
    /// A file that cannot be read at all.
    pub(crate) fn file(key: &'static str, file: &Path, error: &io::Error) -> ListFault {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "it does not exist".to_owned(),
            io::ErrorKind::InvalidData => "it is not UTF-8; save it as UTF-8".to_owned(),
            io::ErrorKind::PermissionDenied => {
                "permission denied; make it readable for the user who runs this program".to_owned()
            }
            _ => error.to_string(),
        };
        ListFault::File { key, file: file.to_owned(), why }
    }

    /// A file of which some lines make no sense.
    pub(crate) fn lines(key: &'static str, file: &Path, bad: Vec<BadLine>) -> ListFault {
        ListFault::Lines { key, file: file.to_owned(), bad }
    }

    /// The fault, or each bad line as one of its own.
    #[must_use]
    pub fn each(self) -> Vec<ListFault> {
        match self {
            ListFault::Lines { key, file, bad } => {
                bad.into_iter().map(|bad| ListFault::Lines { key, file: file.clone(), bad: vec![bad] }).collect()
            }
            fault @ (ListFault::File { .. } | ListFault::Untrusted { .. }) => vec![fault],
        }
    }
}

fn first_faults(bad: &[BadLine]) -> String {
    let mut named: Vec<String> = bad.iter().take(NAMED).map(|(line, why)| format!("line {line} {why}")).collect();
    if bad.len() > NAMED {
        named.push(format!("{} more", bad.len() - NAMED));
    }
    named.join(", ")
}

/// A text of a bad line, fit to be shown: what nobody would see, and what only looks like Latin, is written as `\u{…}`.
pub(crate) fn show_hidden(text: &str) -> String {
    let is_plain = |c: char| c == ' ' || (c <= '\u{24F}' && !c.is_control() && !c.is_whitespace() && !is_invisible(c));
    let is_mark = |c: char| ('\u{2010}'..='\u{2027}').contains(&c) && !is_invisible(c);
    let trimmed = text.trim();
    let mut visible = String::new();
    for c in trimmed.chars().take(SHOWN) {
        if is_plain(c) || is_mark(c) { visible.push(c) } else { visible.extend(c.escape_unicode()) }
    }
    let rest = if trimmed.chars().nth(SHOWN).is_some() { "…" } else { "" };
    format!("\"{}{rest}\"", one_line(&visible))
}

#[cfg(test)]
mod tests {
    use super::{Address, ListedPerson, read_line};

    fn said(line: &str) -> String {
        match read_line(line) {
            Ok(None) => "nothing".to_owned(),
            Ok(Some(ListedPerson::Person(address))) => address.to_string(),
            Ok(Some(ListedPerson::Domain(domain))) => format!("all of {domain}"),
            Err(why) => why,
        }
    }

    const ADA: &str = "ada@uni.example";

    #[test]
    fn unambiguous_lines_are_read() {
        let cases = [
            ("ada@uni.example", ADA),
            ("  Ada@UNI.example\t", ADA),
            ("ada@uni.example # for now", ADA),
            ("ada@uni.example# for now", ADA),
            ("ada@uni.example,", ADA),
            ("ada@uni.example;", ADA),
            ("ada@uni.example.", ADA),
            ("ada@uni.example:", ADA),
            ("ada@uni.example , # for now", ADA),
            ("mailto:ada@uni.example", ADA),
            ("MAILTO: ada@uni.example?subject=opt-out", ADA),
            ("<ada@uni.example>", ADA),
            ("Ada Lovelace <ada@uni.example>", ADA),
            ("\"Lovelace, Ada\" <ada@uni.example>,", ADA),
            ("ada@uni.example <mailto:ada@uni.example>", ADA),
            ("\"ada@uni.example\"", ADA),
            ("'ada@uni.example',", ADA),
            ("„ada@uni.example“", ADA),
            ("“ ada@uni.example ”", ADA),
            ("\"Ada <ada@uni.example>\"", ADA),
            ("ａｄａ＠ｕｎｉ．ｅｘａｍｐｌｅ", ADA),
            ("ada\u{FE6B}uni\u{3002}example\u{3000}", ADA),
            ("ada\u{200B}@uni.example", ADA),
            ("ada@uni\u{200D}.example", ADA),
            ("a\u{AD}da@uni.example", ADA),
            ("\u{200E}ada@uni.example\u{200F}", ADA),
            ("\u{FEFF}ada@uni.example", ADA),
            ("\u{A0}ada@uni.example\u{2007}", ADA),
            ("o'brien+zoom@uni.example", "o'brien+zoom@uni.example"),
            ("a#b@uni.example", "a#b@uni.example"),
            ("Müller@üni.example", "müller@xn--ni-wka.example"),
            ("ada@xn--kln-sna.example", "ada@xn--kln-sna.example"),
            ("ada_gmail.com#EXT#@uni.example", "ada_gmail.com#ext#@uni.example"),
            ("_ada-l&co!~$@uni.example", "_ada-l&co!~$@uni.example"),
            ("ada@uni.example\t# for now", ADA),
            ("ada@uni.example\u{A0}#for now", ADA),
            ("Ada Lovelace<ada@uni.example>", ADA),
            ("Ada \"the first\" Lovelace <ada@uni.example> ;", ADA),
            ("<mailto:ada@uni.example>", ADA),
            ("\u{FEFF}\u{FEFF}ada@uni.example", ADA),
            ("ada@uni.example，", ADA),
            ("ada@uni.example.\u{200B}", ADA),
            ("*@uni.example.", "all of uni.example"),
            ("Everybody <*@uni.example>", "all of uni.example"),
            ("*@Köln.example", "all of xn--kln-sna.example"),
            ("*@Uni.example", "all of uni.example"),
            ("\"*@uni.example\";", "all of uni.example"),
            ("", "nothing"),
            (" \u{200B}\u{3000}", "nothing"),
            ("# ada@uni.example", "nothing"),
            ("＃ ada@uni.example", "nothing"),
        ];
        for (line, expected) in cases {
            assert_eq!(said(line), expected, "{line:?}");
        }
    }

    /// The error shows the line so that one sees why.
    #[test]
    fn other_lines_are_refused_visibly() {
        let (none, several, more) =
            ("is not an e-mail address", "contains several addresses", "contains more than an address");
        let cases = [
            ("ada", none, "\"ada\""),
            ("ada@", none, "\"ada@\""),
            ("@uni.example", none, "\"@uni.example\""),
            ("ada@uni", none, "\"ada@uni\""),
            ("ada@@uni.example", none, "\"ada@@uni.example\""),
            ("ada@uni..example", none, "\"ada@uni..example\""),
            ("ada@uni.e", none, "\"ada@uni.e\""),
            ("//ada@uni.example", none, "\"//ada@uni.example\""),
            ("-ada@uni.example", none, "\"-ada@uni.example\""),
            ("!ada@uni.example", none, "\"!ada@uni.example\""),
            ("=ada@uni.example", none, "\"=ada@uni.example\""),
            ("+ada@uni.example", none, "\"+ada@uni.example\""),
            ("`ada@uni.example`", none, "\"`ada@uni.example`\""),
            ("email=ada@uni.example", none, "\"email=ada@uni.example\""),
            ("1|ada@uni.example", none, "\"1|ada@uni.example\""),
            ("users/ada@uni.example", none, "\"users/ada@uni.example\""),
            ("mailto:ada%2Bzoom@uni.example", none, "\"mailto:ada%2Bzoom@uni.example\""),
            ("ada@uni.example?subject=x", none, "\"ada@uni.example?subject=x\""),
            ("*@*.uni.example", none, "\"*@*.uni.example\""),
            ("*@uni", none, "\"*@uni\""),
            ("* @uni.example", none, "\"* @uni.example\""),
            ("@staff", none, "\"@staff\""),
            ("\"ada@uni.example", none, "ada@uni.example"),
            ("ada@uni.example\tAda", more, "ada@uni.example"),
            ("a\0d\0a\0@\0u\0n\0i\0.\0e\0x\0", none, "\\u{0}"),
            (".ada@uni.example", none, "\".ada@uni.example\""),
            ("ada..l@uni.example", none, "\"ada..l@uni.example\""),
            ("ada@uni.example,,", more, "\"ada@uni.example,,\""),
            ("ada@-uni.example", none, "\"ada@-uni.example\""),
            ("ada@127.0.0.1", none, "\"ada@127.0.0.1\""),
            ("ada@uni_example.org", none, "\"ada@uni_example.org\""),
            ("a*@uni.example", none, "\"a*@uni.example\""),
            ("*@*", none, "\"*@*\""),
            ("*", none, "\"*\""),
            ("'ada@uni.example", none, "\"'ada@uni.example\""),
            ("smtp:ada@uni.example", none, "\"smtp:ada@uni.example\""),
            ("ada@uni.example\u{7}", none, "\\u{7}"),
            ("\u{430}da@uni.example", none, "\\u{430}da@uni.example"),
            ("a\u{301}da@uni.example", none, "a\\u{301}da@uni.example"),
            ("ada(at)uni.example", none, "\"ada(at)uni.example\""),
            ("; ada@uni.example", more, "\"; ada@uni.example\""),
            ("ada @uni.example", none, "\"ada @uni.example\""),
            ("Ada Lovelace ada@uni.example", more, "\"Ada Lovelace ada@uni.example\""),
            ("ada@uni.example Ada Lovelace", more, "\"ada@uni.example Ada Lovelace\""),
            ("ada@uni.example (Ada)", more, "\"ada@uni.example (Ada)\""),
            ("ada@uni.example,al001", more, "\"ada@uni.example,al001\""),
            ("Ada <ada@uni.example", more, "\"Ada <ada@uni.example\""),
            ("ada@uni.example, guest@uni.example", several, "\"ada@uni.example, guest@uni.example\""),
            ("ada@uni.example\u{200B} guest@uni.example", several, "\"ada@uni.example\\u{200b} guest@uni.example\""),
            ("guest@uni.example <ada@uni.example>", several, "\"guest@uni.example <ada@uni.example>\""),
            ("<ada@uni.example>, <guest@uni.example>", several, "\"<ada@uni.example>, <guest@uni.example>\""),
        ];
        for (line, why, visible) in cases {
            let said = said(line);
            assert!(said.starts_with(why) && said.contains(visible), "{line:?}: {said}");
        }
    }

    #[test]
    fn addresses_ignore_upper_and_lower_case() {
        assert_eq!(Address::new(" Ada@Uni.Example\t"), Address::new("ada@uni.example"));
    }

    #[test]
    fn impossible_addresses_are_refused() {
        for text in ["", "ada", "@uni.example", "ada@", "ada lovelace@uni.example", "ada@uni\u{7}.example"] {
            assert_eq!(Address::new(text), None, "{text:?}");
        }
    }
}
