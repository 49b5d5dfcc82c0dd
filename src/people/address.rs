//! An e-mail address, as far as two of them are compared.

use std::fmt;

use url::Host;

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

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn addresses_that_differ_in_case_are_the_same() {
        assert_eq!(Address::new(" Ada@Uni.Example\t"), Address::new("ada@uni.example"));
    }

    #[test]
    fn what_cannot_be_an_address_is_none() {
        for text in ["", "ada", "@uni.example", "ada@", "ada lovelace@uni.example", "ada@uni\u{7}.example"] {
            assert_eq!(Address::new(text), None, "{text:?}");
        }
    }
}
