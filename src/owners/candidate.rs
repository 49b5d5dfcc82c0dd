//! A Kaltura user id to try for a host, spelt with placeholders.

use crate::model::template::{next_placeholder, placeholders};
use crate::model::{HostProfile, OwnerRule};

/// What may stand between braces, beside `custom:NAME`.
const NAMES: [&str; 5] = ["email", "localpart", "domain", "employee_unique_id", "cms_user_id"];
/// Before the name of a custom attribute of Zoom's users.
const CUSTOM: &str = "custom:";

/// A text such as `{localpart}` or `{email}-staff`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate(String);

impl Candidate {
    /// Takes a text that leads to a person; else tells what is wrong with it.
    pub fn new(text: &str) -> Result<Candidate, String> {
        let is_known =
            |name: &str| NAMES.contains(&name) || name.strip_prefix(CUSTOM).is_some_and(|name| !name.is_empty());
        if let Some(unknown) = placeholders(text).find(|name| !is_known(name)) {
            let names = NAMES.map(|name| format!("{{{name}}}")).join(", ");
            return Err(format!("holds {{{unknown}}}; there are {names}, {{custom:NAME}}"));
        }
        if placeholders(text).all(|name| name == "domain") {
            return Err("names nobody in particular: everybody's recordings would go to one account".to_owned());
        }
        let rest = outside_placeholders(text);
        if rest.contains(['{', '}']) {
            return Err("has a brace without its counterpart".to_owned());
        }
        Ok(Candidate(text.to_owned()))
    }

    /// The id for this host; `None` where something that it is made of is missing, or it is no line of text.
    pub(super) fn fill(&self, host: &HostProfile) -> Option<String> {
        let (mut filled, mut rest) = (String::new(), self.0.as_str());
        while let Some((before, name, after)) = next_placeholder(rest) {
            filled.push_str(before);
            filled.push_str(placeholder_value(host, name)?);
            rest = after;
        }
        filled.push_str(rest);
        let filled = filled.trim().to_owned();
        (!filled.is_empty() && !filled.contains(char::is_control)).then_some(filled)
    }

    /// Whether it leads to the right person only where every address is the institution's own.
    pub(super) fn needs_domain(&self) -> bool {
        placeholders(&self.0).any(|name| name == "localpart")
    }

    /// Whether it is the address and nothing else.
    pub(super) fn is_address(&self) -> bool {
        self.0 == "{email}"
    }

    /// What Zoom must be asked for to fill it in, beside the address.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &str> {
        placeholders(&self.0).filter(|name| !["email", "localpart", "domain"].contains(name))
    }

    /// The rule by which a host is found so.
    pub(super) fn rule(&self) -> OwnerRule {
        OwnerRule::new(self.0.clone())
    }
}

/// What stands outside the placeholders.
fn outside_placeholders(text: &str) -> String {
    let (mut outside, mut rest) = (String::new(), text);
    while let Some((before, _, after)) = next_placeholder(rest) {
        outside.push_str(before);
        rest = after;
    }
    outside + rest
}

/// What is empty is missing: an id made without it could be somebody else's.
fn placeholder_value<'a>(host: &'a HostProfile, name: &str) -> Option<&'a str> {
    let email = host.email.trim();
    let value = match name {
        "email" => email,
        "localpart" => email.rsplit_once('@')?.0,
        "domain" => email.rsplit_once('@')?.1,
        attribute => host.attributes.get(attribute)?.trim(),
    };
    Some(value).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Candidate;
    use crate::model::HostProfile;

    fn host(email: &str) -> HostProfile {
        let attributes = [("employee_unique_id", "4711"), ("custom:Uni ID", " al-1 "), ("cms_user_id", " ")];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        HostProfile { email: email.to_owned(), attributes: BTreeMap::from(attributes), last_owner: None }
    }

    fn filled(text: &str, email: &str) -> Option<String> {
        Candidate::new(text).expect("a candidate").fill(&host(email))
    }

    #[test]
    fn ids_are_made_from_the_address_and_from_what_the_institution_tells_people_apart_by() {
        let cases = [
            ("{email}", Some("Ada@uni.example")),
            ("{localpart}", Some("Ada")),
            ("{localpart}@{domain}-staff", Some("Ada@uni.example-staff")),
            ("{employee_unique_id}", Some("4711")),
            ("x-{custom:Uni ID}", Some("x-al-1")),
        ];
        for (text, expected) in cases {
            assert_eq!(filled(text, " Ada@uni.example ").as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn where_a_part_is_missing_there_is_no_id_to_try() {
        for (text, email) in [
            ("{cms_user_id}", "ada@uni.example"),
            ("{custom:Other}x", "ada@uni.example"),
            ("{localpart}", "ada"),
            ("{localpart}x", "@uni.example"),
            ("{domain}{localpart}", "ada@"),
            ("{email}", " "),
            ("{email}", "a\u{7}b@uni.example"),
        ] {
            assert_eq!(filled(text, email), None, "{text} {email}");
        }
    }

    #[test]
    fn what_would_lead_to_the_wrong_person_is_refused() {
        for (text, said) in [
            ("{mail}", "holds {mail}; there are {email}, {localpart}"),
            ("{custom:}", "holds {custom:}"),
            ("lectures", "names nobody in particular"),
            ("{domain}", "names nobody in particular"),
            ("{email", "names nobody"),
            ("{email}}", "brace"),
        ] {
            let fault = Candidate::new(text).expect_err(text);
            assert!(fault.contains(said), "{text}: {fault}");
        }
    }
}
