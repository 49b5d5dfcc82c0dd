//! The alias file: whose Kaltura account a Zoom host has, written down by hand.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::fault::{BadLine, show_hidden};
use super::line::{ListedPerson, plain_text, read_line};
use super::rows::read_rows;
use super::{Address, ListFault};
use crate::model::{KalturaUserId, is_invisible};

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
    #[expect(clippy::len_without_is_empty, reason = "nobody asks whether there are none")]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Takes what was read from `file`: `zoom_email,kaltura_user_id` a line, `#` begins a comment line.
    pub fn parse(file: &Path, text: &str) -> Result<Aliases, ListFault> {
        let (aliases, bad) = Aliases::lines(text);
        if bad.is_empty() { Ok(aliases) } else { Err(ListFault::lines(KEY, file, bad)) }
    }

    /// The same, with what is wrong kept: whoever has no sound line may be meant by one that makes no sense.
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

    /// The first line that leads to this user: Kaltura compares ids without regard to case (recorded traffic, fact 10).
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
        Some(ListedPerson::Domain(_)) | None => return Err(format!("is no e-mail address: {}", show_hidden(email))),
    };
    let user: String = user.chars().filter(|c| !is_invisible(*c)).collect();
    let user = user.trim();
    if user.is_empty() || user.contains(char::is_control) {
        return Err("names no Kaltura user id".to_owned());
    }
    Ok((address, Alias { user: user.to_owned(), line }))
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
        let (aliases, bad) = Aliases::lines(text);
        assert_eq!(bad, []);
        assert_eq!(user(&aliases, "events@UNI.example"), Some("events, 2"));
        assert_eq!(aliases.of("ada@uni.example").map(|alias| alias.line), Some(5));
        assert_eq!(user(&aliases, "guest@uni.example"), None);
        assert_eq!(user(&aliases, ""), None);
    }

    #[test]
    fn every_bad_line_is_named_with_what_is_wrong() {
        let text = "ada@uni.example\nada@uni.example,\nada,al001\nada@uni.example,al001\nADA@uni.example,al002\n*@uni.example,all\nguest@uni.example,al003\n";
        let (aliases, bad) = Aliases::lines(text);
        let said: Vec<String> = bad.iter().map(|(line, why)| format!("{line} {why}")).collect();
        let form = "1 is not of the form zoom_email,kaltura_user_id";
        let expected = [
            form,
            "2 names no Kaltura user id",
            "3 is no e-mail address: \"ada\"",
            "5 contradicts line 4",
            "6 is no e-mail address: \"*@uni.example\"",
        ];
        assert_eq!(said, expected);
        assert_eq!(user(&aliases, "ada@uni.example"), None, "nobody knows which line is meant");
        assert_eq!(user(&aliases, "guest@uni.example"), Some("al003"));
    }

    #[test]
    fn an_address_is_read_as_in_every_other_list_and_an_id_without_what_nobody_sees() {
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
