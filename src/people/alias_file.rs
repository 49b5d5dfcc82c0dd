//! The alias file: whose Kaltura account a Zoom host has, written down by hand.

use std::collections::HashMap;
use std::path::Path;

use super::fault::{BadLine, shown};
use super::rows::rows;
use super::{Address, ListFault};
use crate::model::KalturaUserId;

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
pub struct Aliases(HashMap<Address, Alias>);

impl Aliases {
    /// How many there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "nobody asks whether there are none")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes what was read from `file`: `zoom_email,kaltura_user_id` a line, `#` begins a comment line.
    pub fn parse(file: &Path, text: &str) -> Result<Aliases, ListFault> {
        Aliases::lines(text).map_err(|bad| ListFault::lines(KEY, file, &bad))
    }

    /// The alias of the host with this address.
    #[must_use]
    pub fn of(&self, email: &str) -> Option<&Alias> {
        self.0.get(&Address::new(email)?)
    }

    /// The first line that leads to this user: Kaltura compares ids without regard to case (recorded traffic, fact 10).
    #[must_use]
    pub fn line_to(&self, user: &KalturaUserId) -> Option<u64> {
        self.0.values().filter(|alias| user.is_also(&alias.user)).map(|alias| alias.line).min()
    }

    /// Line by line, so that what is wrong can be pointed at.
    fn lines(text: &str) -> Result<Aliases, Vec<BadLine>> {
        let mut aliases = Aliases::default();
        rows(text, HEADER, |email, user, line| aliases.take(email, user, line))?;
        Ok(aliases)
    }

    fn take(&mut self, email: &str, user: &str, line: u64) -> Result<(), String> {
        let address = Address::new(email).ok_or_else(|| format!("is no e-mail address: {}", shown(email)))?;
        if user.is_empty() || user.contains(char::is_control) {
            return Err("names no Kaltura user id".to_owned());
        }
        let alias = Alias { user: user.to_owned(), line };
        match self.0.insert(address, alias) {
            Some(before) if before.user != user => Err(format!("contradicts line {}", before.line)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Aliases;

    fn user<'a>(aliases: &'a Aliases, email: &str) -> Option<&'a str> {
        aliases.of(email).map(|alias| alias.user.as_str())
    }

    #[test]
    fn a_host_is_found_by_the_address_in_any_case() {
        let text = "\u{FEFF}zoom_email,kaltura_user_id\r\n# shared\r\nEvents@uni.example,\"events, 2\"\r\n\r\nada@uni.example,al001\r\n";
        let aliases = Aliases::lines(text).expect("aliases");
        assert_eq!(user(&aliases, "events@UNI.example"), Some("events, 2"));
        assert_eq!(aliases.of("ada@uni.example").map(|alias| alias.line), Some(5));
        assert_eq!(user(&aliases, "guest@uni.example"), None);
        assert_eq!(user(&aliases, ""), None);
    }

    #[test]
    fn every_bad_line_is_named_with_what_is_wrong() {
        let text = "ada@uni.example\nada@uni.example,\nada,al001\nada@uni.example,al001\nADA@uni.example,al002\n";
        let bad = Aliases::lines(text).expect_err("bad lines");
        let said: Vec<String> = bad.iter().map(|(line, why)| format!("{line} {why}")).collect();
        let form = "1 is not of the form zoom_email,kaltura_user_id";
        assert_eq!(
            said,
            [form, "2 names no Kaltura user id", "3 is no e-mail address: \"ada\"", "5 contradicts line 4"]
        );
    }
}
