//! A file with an e-mail address a line: who opts out, or in.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::fault::{BadLine, shown};
use super::{Address, ListFault};

/// What such a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressFile {
    /// The addresses in it.
    pub addresses: BTreeSet<Address>,
    /// When it was last changed, where the system tells.
    pub changed: Option<DateTime<Utc>>,
}

impl AddressFile {
    /// Takes what was read from `file`, which `key` names.
    pub(super) fn parse(
        (key, file): (&'static str, &Path),
        text: &str,
        changed: Option<DateTime<Utc>>,
    ) -> Result<AddressFile, ListFault> {
        let addresses = parse(text).map_err(|bad| ListFault::lines(key, file, &bad))?;
        Ok(AddressFile { addresses, changed })
    }
}

/// One address a line; `#` begins a comment, empty lines mean nothing.
fn parse(text: &str) -> Result<BTreeSet<Address>, Vec<BadLine>> {
    let (mut addresses, mut bad) = (BTreeSet::new(), Vec::new());
    // some editors put an invisible mark before the first character
    for (line, number) in text.trim_start_matches('\u{FEFF}').lines().zip(1..) {
        let said = line.split('#').next().unwrap_or_default().trim();
        match Address::new(said) {
            Some(address) => {
                addresses.insert(address);
            }
            None if said.is_empty() => {}
            None => bad.push((number, format!("is no e-mail address: {}", shown(said)))),
        }
    }
    if bad.is_empty() { Ok(addresses) } else { Err(bad) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::AddressFile;

    fn read(text: &str) -> Result<Vec<String>, String> {
        let place = ("filter.opt_out", Path::new("list.txt"));
        let known = AddressFile::parse(place, text, None).map_err(|fault| fault.to_string())?;
        Ok(known.addresses.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn comments_empty_lines_and_line_ends_of_other_systems_mean_nothing() {
        let text = "\u{FEFF}ada@uni.example\r\n\r\n# the second\nGUEST@uni.example # for now\n   \nada@UNI.example";
        assert_eq!(read(text), Ok(vec!["ada@uni.example".to_owned(), "guest@uni.example".to_owned()]));
        assert_eq!(read(""), Ok(vec![]));
    }

    #[test]
    fn every_bad_line_is_named_and_none_of_the_others_counts() {
        let fault = read("ada\nguest@uni.example\nada, guest@uni.example\n").expect_err("a fault");
        let said = "line 1 is no e-mail address: \"ada\", line 3 is no e-mail address: \"ada, guest@uni.example\"";
        assert!(fault.starts_with("filter.opt_out: list.txt has lines that make no sense: "), "{fault}");
        assert!(fault.contains(said), "{fault}");
    }

    #[test]
    fn many_bad_lines_are_one_short_line_without_control_characters() {
        let fault = read(&"\u{1b}[2J\n".repeat(9)).expect_err("a fault");
        assert!(fault.contains("4 more") && !fault.contains('\u{1b}') && fault.lines().count() == 1, "{fault}");
    }
}
