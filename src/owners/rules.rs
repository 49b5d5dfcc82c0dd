//! The rules that turn a Zoom host into a Kaltura account. Pure.
//!
//! A Kaltura user id to try for a host, spelt with placeholders.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use chrono::TimeDelta;

use super::Domains;
use super::people::Aliases;
use crate::model::template::{next_placeholder, placeholders};
use crate::model::{HostProfile, KalturaUserId, Owner, OwnerProblem, OwnerRule};

/// How accounts are found, in this order: of a host whom Zoom no longer knows the last owner; a line of the alias file, the
/// first candidate that is an account, the one user with the host's address.
#[derive(Clone, Debug)]
pub struct OwnerRules {
    /// Ids to try.
    pub candidates: Vec<Candidate>,
    /// Whether an address leads to a user at last.
    pub match_email: bool,
    /// Whose addresses are the institution's own: only for these does what stands before the `@` count.
    pub domains: Domains,
}

/// Whose the copies are.
#[derive(Clone, Debug)]
pub struct OwnerSettings {
    /// How accounts are found.
    pub rules: OwnerRules,
    /// The file with those that no rule finds.
    pub aliases: Option<PathBuf>,
    /// For so long an account that Kaltura confirmed is not asked for again.
    pub remember_for: TimeDelta,
    /// Holds what nobody owns.
    pub holding_user: KalturaUserId,
}

/// What Kaltura answered for one id or address; the error in one line.
pub(super) type AccountAnswer<T> = Result<T, String>;
/// What Kaltura knows under an id that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NamedAccount {
    /// The active user, in Kaltura's spelling.
    User(KalturaUserId),
    /// A user whose id Kaltura takes for the same, and that is another one.
    Alike(KalturaUserId),
    /// Nobody.
    Nobody,
}

/// By the ids asked for.
pub(super) type ById = HashMap<String, AccountAnswer<NamedAccount>>;

impl OwnerRules {
    /// What of Zoom's users the candidates are made of, beside the address.
    #[must_use]
    pub fn attributes(&self) -> BTreeSet<&str> {
        self.candidates.iter().flat_map(Candidate::attributes).collect()
    }

    /// Why nobody is looked for by what stands before the `@`, where a candidate says so and no domain is named.
    #[must_use]
    pub fn lacks_domains(&self) -> Option<String> {
        let candidate = self.candidates.iter().find(|candidate| candidate.needs_domain());
        let candidate = candidate.filter(|_| self.domains.is_empty())?.rule();
        Some(format!(
            "owner.candidates contains \"{candidate}\", and owner.domains is missing: list the domains of your own addresses there, such as [\"uni.example\", \"*.uni.example\"], so that a guest's ada@elsewhere.example is not taken for your ada"
        ))
    }

    /// The rules for somebody whose address is not the institution's own: the address as it is, and nothing made from it.
    #[must_use]
    pub fn by_address_alone(&self) -> OwnerRules {
        let candidates = self.candidates.iter().filter(|candidate| candidate.is_address()).cloned().collect();
        OwnerRules { candidates, ..self.clone() }
    }

    /// The candidates that may count for this host, each with the id to try. Without `domains` it is asked for those as well
    /// that only they could allow, as where these lead to nobody nothing depends on it.
    fn tries(&self, host: &HostProfile) -> impl Iterator<Item = (&Candidate, String)> {
        let may_count = |candidate: &&Candidate| {
            !candidate.needs_domain() || self.domains.is_empty() || self.domains.hold(&host.email)
        };
        self.candidates.iter().filter(may_count).filter_map(|candidate| Some((candidate, candidate.fill(host)?)))
    }

    /// The ids to ask Kaltura for. Who has an alias is looked for by nothing else.
    pub(super) fn ids(&self, host: &HostProfile, aliases: &Aliases) -> Vec<String> {
        let by_rule = match aliases.of(&host.email) {
            Some(alias) => vec![alias.user.clone()],
            None => self.tries(host).map(|(_, id)| id).collect(),
        };
        host.last_owner.iter().map(ToString::to_string).chain(by_rule).collect()
    }

    /// The owner, by what Kaltura answered for [`OwnerRules::ids`]; where the address is the last resort, an error that tells
    /// whose the recording is if that leads to nobody.
    pub(super) fn by_id(&self, host: &HostProfile, aliases: &Aliases, known: &ById) -> Result<Owner, Owner> {
        let not_asked = || Err("the account was not looked up".to_owned());
        let ask = |id: &String| known.get(id).cloned().unwrap_or_else(not_asked);
        // an address may be somebody else's by now, the id of a host never is
        if let Some(last) = &host.last_owner {
            match ask(&last.to_string()) {
                Ok(NamedAccount::User(user)) => return Ok(Owner::Account(user, OwnerRule::last_owner())),
                Ok(NamedAccount::Alike(_)) => return Ok(Owner::NoAccount(OwnerProblem::Ambiguous)),
                Ok(NamedAccount::Nobody) => {}
                Err(why) => return Ok(Owner::Unknown(why)),
            }
        }
        if host.email.trim().is_empty() {
            return Ok(Owner::NoAccount(OwnerProblem::HostUnknown));
        }
        if let Some(alias) = aliases.of(&host.email) {
            return Ok(match ask(&alias.user) {
                Ok(NamedAccount::User(user)) => Owner::Account(user, OwnerRule::alias()),
                Ok(NamedAccount::Alike(other)) => Owner::WrongAlias(format!(
                    "line {} of the alias file names the Kaltura user {:?}, which Kaltura matches to {:?}; if that is the right user, use this spelling in owner.aliases",
                    alias.line,
                    alias.user,
                    other.as_str()
                )),
                Ok(NamedAccount::Nobody) => Owner::WrongAlias(format!(
                    "line {} of the alias file names the Kaltura user {:?}, which does not exist, or is blocked or a group; correct owner.aliases",
                    alias.line, alias.user
                )),
                Err(why) => Owner::Unknown(why),
            });
        }
        // a line that makes no sense may be meant for this host
        if aliases.fault().is_some() {
            return Ok(Owner::Undecided);
        }
        self.by_candidates(host, ask)
    }

    fn by_candidates(
        &self,
        host: &HostProfile,
        ask: impl Fn(&String) -> AccountAnswer<NamedAccount>,
    ) -> Result<Owner, Owner> {
        let answers: Vec<_> = self.tries(host).map(|(rule, id)| (rule, ask(&id))).collect();
        let is_alike = |user: &KalturaUserId| {
            answers.iter().any(|(_, answer)| matches!(answer, Ok(NamedAccount::Alike(other)) if other == user))
        };
        let counts = |rule: &Candidate| !rule.needs_domain() || !self.domains.is_empty();
        let depends_on_domains =
            answers.iter().any(|(rule, answer)| !counts(rule) && !matches!(answer, Ok(NamedAccount::Nobody)));
        let nobody = |problem| if depends_on_domains { Owner::DomainsMissing } else { Owner::NoAccount(problem) };
        for (rule, answer) in answers.iter().filter(|(rule, _)| counts(rule)) {
            match answer {
                Ok(NamedAccount::User(user)) if !is_alike(user) => {
                    return Ok(Owner::Account(user.clone(), rule.rule()));
                }
                // two ids that Kaltura takes for one are nobody's
                Ok(NamedAccount::User(_) | NamedAccount::Alike(_)) => return Ok(nobody(OwnerProblem::Ambiguous)),
                Ok(NamedAccount::Nobody) => {}
                Err(why) => return Ok(Owner::Unknown(why.clone())),
            }
        }
        let nobody = nobody(OwnerProblem::NoMatch);
        if self.match_email { Err(nobody) } else { Ok(nobody) }
    }
}

/// The owner, by the active users who have the host's address; `nobody` where that is not one alone.
pub(super) fn by_email(found: AccountAnswer<Vec<KalturaUserId>>, nobody: Owner) -> Owner {
    let mut found = match found {
        Ok(found) => found,
        Err(why) => return Owner::Unknown(why),
    };
    match (found.pop(), found.is_empty()) {
        (None, _) => nobody,
        (Some(user), true) => Owner::Account(user, OwnerRule::email()),
        (Some(_), false) if nobody == Owner::DomainsMissing => nobody,
        (Some(_), false) => Owner::NoAccount(OwnerProblem::Ambiguous),
    }
}

/// What may stand between braces, beside `custom:NAME`.
const NAMES: [&str; 5] = ["email", "localpart", "domain", "employee_unique_id", "cms_user_id"];
/// Before the name of a custom attribute of Zoom's users.
const CUSTOM: &str = "custom:";

/// A text such as `{localpart}` or `{email}-staff`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate(String);

impl Candidate {
    /// Takes a text that leads to a person; else says what is wrong with it.
    pub fn new(text: &str) -> Result<Candidate, String> {
        let is_known =
            |name: &str| NAMES.contains(&name) || name.strip_prefix(CUSTOM).is_some_and(|name| !name.is_empty());
        if let Some(unknown) = placeholders(text).find(|name| !is_known(name)) {
            let names = NAMES.map(|name| format!("{{{name}}}")).join(", ");
            return Err(format!(
                "contains {{{unknown}}}, which is not a field; the fields are {names}, {{custom:NAME}}"
            ));
        }
        if placeholders(text).all(|name| name == "domain") {
            return Err("does not depend on the host: everyone's recordings would go to one account".to_owned());
        }
        let rest = outside_placeholders(text);
        if rest.contains(['{', '}']) {
            return Err("has an unmatched brace".to_owned());
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
    use std::collections::{BTreeMap, HashMap};
    use std::path::Path;

    use super::{AccountAnswer, ById, Candidate, NamedAccount, OwnerRules, by_email};
    use crate::model::{HostProfile, KalturaUserId, Owner, OwnerProblem};
    use crate::owners::Domains;
    use crate::owners::people::Aliases;

    fn rules(candidates: &[&str], match_email: bool) -> OwnerRules {
        let candidates = candidates.iter().map(|text| Candidate::new(text).expect("a candidate")).collect();
        OwnerRules { candidates, match_email, domains: domains("uni.example u.example") }
    }

    fn domains(text: &str) -> Domains {
        Domains::new(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).expect("domains")
    }

    fn ada() -> HostProfile {
        HostProfile { email: "ada@uni.example".to_owned(), ..HostProfile::default() }
    }

    fn aliases(text: &str) -> Aliases {
        Aliases::parse(Path::new("aliases.csv"), text).expect("aliases")
    }

    /// Kaltura knows these users; asked for `down`, it fails.
    fn kaltura(ids: &[String], users: &[&str]) -> ById {
        let answer = |id: &String| match id.as_str() {
            "down" => Err("Kaltura is down".to_owned()),
            id => Ok(users.iter().find(|user| plain(user) == plain(id)).map_or(NamedAccount::Nobody, |user| {
                let user = KalturaUserId::new(*user);
                if user.as_str() == id { NamedAccount::User(user) } else { NamedAccount::Alike(user) }
            })),
        };
        ids.iter().map(|id| (id.clone(), answer(id))).collect()
    }

    /// As the server of the recordings compares ids.
    fn plain(id: &str) -> String {
        id.trim_end().replace('ö', "o")
    }

    fn word(owner: Result<Owner, Owner>) -> String {
        match owner {
            Ok(Owner::Account(user, rule)) => format!("{user} by {rule}"),
            Ok(Owner::NoAccount(problem)) => format!("{problem:?}"),
            Ok(Owner::WrongAlias(why) | Owner::Unknown(why)) => why,
            Ok(Owner::Undecided) => "undecided".to_owned(),
            Ok(Owner::DomainsMissing) => "domains missing".to_owned(),
            Err(Owner::DomainsMissing) => "by address, or domains missing".to_owned(),
            Err(_) => "by address".to_owned(),
        }
    }

    #[test]
    fn alias_then_candidate_then_address_wins() {
        let both = ["{email}", "{localpart}"];
        let cases = [
            ("", &both[..], &["ada@uni.example", "ada"][..], "ada@uni.example by {email}"),
            ("", &both[..], &["ada"][..], "ada by {localpart}"),
            ("", &both[..], &[][..], "by address"),
            ("", &[][..], &["ada@uni.example"][..], "by address"),
            ("", &["{localpart}"][..], &["ada@uni.example"][..], "by address"),
            ("ADA@uni.example,al001", &both[..], &["ada@uni.example", "al001"][..], "al001 by alias"),
            ("guest@uni.example,al001", &both[..], &["ada", "al001"][..], "ada by {localpart}"),
        ];
        for (text, candidates, users, expected) in cases {
            let (rules, aliases) = (rules(candidates, true), aliases(text));
            let known = kaltura(&rules.ids(&ada(), &aliases), users);
            assert_eq!(word(rules.by_id(&ada(), &aliases, &known)), expected, "{text} {candidates:?} {users:?}");
        }
    }

    /// Then the address counts.
    #[test]
    fn unknown_hosts_keep_their_last_owner() {
        let cases = [
            ("", "ada@uni.example", &["al7", "ada@uni.example"][..], "al7 by last_owner"),
            ("", "", &["al7"][..], "al7 by last_owner"),
            ("ada@uni.example,al1", "ada@uni.example", &["al7", "al1"][..], "al7 by last_owner"),
            ("", "ada@uni.example", &["ada@uni.example"][..], "ada@uni.example by {email}"),
            ("ada@uni.example,al1", "ada@uni.example", &["al1"][..], "al1 by alias"),
            ("", "", &["ada@uni.example"][..], "HostUnknown"),
            ("", "eve@uni.example", &[][..], "by address"),
        ];
        for (text, email, users, expected) in cases {
            let (rules, aliases) = (rules(&["{employee_unique_id}", "{email}"], true), aliases(text));
            let last_owner = Some(KalturaUserId::new("al7"));
            let host = HostProfile { email: email.to_owned(), last_owner, ..HostProfile::default() };
            let known = kaltura(&rules.ids(&host, &aliases), users);
            assert_eq!(word(rules.by_id(&host, &aliases, &known)), expected, "{text} {email} {users:?}");
        }
        let down = HostProfile { last_owner: Some(KalturaUserId::new("down")), ..ada() };
        let rules = rules(&["{email}"], true);
        let known = kaltura(&rules.ids(&down, &Aliases::default()), &["ada@uni.example"]);
        assert_eq!(word(rules.by_id(&down, &Aliases::default(), &known)), "Kaltura is down");
    }

    /// Nobody gets anything by them.
    #[test]
    fn ids_alike_to_kaltura_are_ambiguous() {
        let both = ["{localpart}", "{employee_unique_id}"];
        let cases = [
            ("", "prof@u.example", "", &both[..1], &["pröf"][..], "Ambiguous"),
            ("", "pröf@u.example", "", &both[..1], &["prof"][..], "Ambiguous"),
            ("", "pröf@u.example", "", &both[..1], &["pröf"][..], "pröf by {localpart}"),
            ("", "prof@u.example", "pröf", &both[..], &["pröf"][..], "Ambiguous"),
            ("", "pröf@u.example", "prof", &both[..], &["pröf"][..], "Ambiguous"),
            ("", "prof@u.example", "al1", &both[..], &["pröf", "al1"][..], "Ambiguous"),
            ("", "ada@u.example", "prof", &both[..], &["ada", "pröf"][..], "ada by {localpart}"),
            ("prof@u.example,prof", "prof@u.example", "", &both[..], &["pröf"][..], "line 1 of the alias file names"),
        ];
        for (text, email, number, candidates, users, expected) in cases {
            let (rules, aliases) = (rules(candidates, true), aliases(text));
            let attributes = [("employee_unique_id".to_owned(), number.to_owned())].into();
            let host = HostProfile { email: email.to_owned(), attributes, ..HostProfile::default() };
            let known = kaltura(&rules.ids(&host, &aliases), users);
            let found = word(rules.by_id(&host, &aliases, &known));
            assert!(found.starts_with(expected), "{email} {number} {users:?}: {found}");
        }
        let host = HostProfile { last_owner: Some(KalturaUserId::new("prof")), ..ada() };
        let rules = rules(&["{email}"], true);
        let known = kaltura(&rules.ids(&host, &Aliases::default()), &["pröf", "ada@uni.example"]);
        assert_eq!(word(rules.by_id(&host, &Aliases::default(), &known)), "Ambiguous");
    }

    #[test]
    fn unknown_alias_accounts_lead_nowhere_else() {
        let (rules, aliases) = (rules(&["{email}"], true), aliases("# shared\nada@uni.example,al001"));
        let known = kaltura(&rules.ids(&ada(), &aliases), &["ada@uni.example"]);
        let owner = rules.by_id(&ada(), &aliases, &known);
        assert!(matches!(owner, Ok(Owner::WrongAlias(_))), "{owner:?}");
        assert!(word(owner).starts_with("line 2 of the alias file names the Kaltura user \"al001\""));
    }

    #[test]
    fn a_failed_lookup_answers_nothing() {
        let rules = rules(&["{localpart}", "{email}"], true);
        let down = HostProfile { email: "down@uni.example".to_owned(), ..HostProfile::default() };
        let known = kaltura(&rules.ids(&down, &Aliases::default()), &["down@uni.example"]);
        assert_eq!(word(rules.by_id(&down, &Aliases::default(), &known)), "Kaltura is down");
        let nothing_asked: ById = HashMap::new();
        assert!(word(rules.by_id(&down, &Aliases::default(), &nothing_asked)).contains("not looked up"));
        let failed: AccountAnswer<Vec<KalturaUserId>> = Err("Kaltura is down".to_owned());
        assert_eq!(word(Ok(by_email(failed, Owner::DomainsMissing))), "Kaltura is down");
    }

    #[test]
    fn two_users_sharing_addresses_are_nobody() {
        let found = |ids: &[&str], nobody: Owner| {
            word(Ok(by_email(Ok(ids.iter().map(|&id| KalturaUserId::new(id)).collect()), nobody)))
        };
        let no_match = || Owner::NoAccount(OwnerProblem::NoMatch);
        for (users, expected, without_domains) in [
            (&[][..], "NoMatch", "domains missing"),
            (&["al001"][..], "al001 by email", "al001 by email"),
            (&["al001", "al002"][..], "Ambiguous", "domains missing"),
        ] {
            assert_eq!(found(users, no_match()), expected, "{users:?}");
            assert_eq!(found(users, Owner::DomainsMissing), without_domains, "{users:?}");
        }
    }

    /// Candidates, domains, the host's address, the users whom Kaltura knows, and whose the recording is.
    type Case = (&'static [&'static str], &'static str, &'static str, &'static [&'static str], &'static str);

    const DOMAIN_CASES: &[Case] = &[
        (&["{localpart}"], "uni.example", "ada@uni.example", &["ada"], "ada by {localpart}"),
        (&["{localpart}"], "uni.example", "ada@elsewhere.example", &["ada"], "by address"),
        (&["{localpart}"], "*.uni.example", "ada@cs.uni.example", &["ada"], "ada by {localpart}"),
        (&["{localpart}"], "*.uni.example", "ada@uni.example", &["ada"], "by address"),
        (&["{localpart}"], "", "ada@uni.example", &["ada"], "by address, or domains missing"),
        (&["{localpart}"], "", "ada@elsewhere.example", &["ada"], "by address, or domains missing"),
        (&["{localpart}"], "", "ada@uni.example", &[], "by address"),
        (&["{localpart}"], "", "down@uni.example", &[], "by address, or domains missing"),
        (&["{localpart}"], "", "pröf@uni.example", &["prof"], "by address, or domains missing"),
        (&["{localpart}-x"], "uni.example", "ada@elsewhere.example", &["ada-x"], "by address"),
        (&["{localpart}-x"], "uni.example", "ada@uni.example", &["ada-x"], "ada-x by {localpart}-x"),
        (&["{localpart}-x"], "", "ada@uni.example", &["ada-x"], "by address, or domains missing"),
        (&["{localpart}@{domain}"], "uni.example", "ada@elsewhere.example", &["ada@elsewhere.example"], "by address"),
        (
            &["{localpart}", "{email}"],
            "uni.example",
            "ada@elsewhere.example",
            &["ada", "ada@elsewhere.example"],
            "ada@elsewhere.example by {email}",
        ),
        (&["{localpart}", "{email}"], "", "ada@x.example", &["ada", "ada@x.example"], "ada@x.example by {email}"),
        (&["{email}", "{localpart}"], "", "ada@x.example", &["ada"], "by address, or domains missing"),
        (&["{email}"], "", "ada@x.example", &["ada", "ada@x.example"], "ada@x.example by {email}"),
        (&["{email}-x"], "", "ada@x.example", &["ada@x.example-x"], "ada@x.example-x by {email}-x"),
        (&["{localpart}", "{email}"], "uni.example", "a@x.example@uni.example", &["a@x.example", "a"], "by address"),
    ];

    /// Nowhere else.
    #[test]
    fn local_parts_count_in_institution_domains() {
        for &(candidates, named, email, users, expected) in DOMAIN_CASES {
            let rules = OwnerRules { domains: domains(named), ..rules(candidates, true) };
            let host = HostProfile { email: email.to_owned(), ..HostProfile::default() };
            let known = kaltura(&rules.ids(&host, &Aliases::default()), users);
            let found = word(rules.by_id(&host, &Aliases::default(), &known));
            assert_eq!(found, expected, "{candidates:?} {named:?} {email} {users:?}");
            let is_missing = named.is_empty() && candidates.iter().any(|text| text.contains("{localpart}"));
            assert_eq!(rules.lacks_domains().is_some(), is_missing, "{candidates:?} {named:?}");
        }
        let without = OwnerRules { domains: domains(""), ..rules(&["{localpart}"], true) };
        let aliases = aliases("ada@uni.example,al001");
        let known = kaltura(&without.ids(&ada(), &aliases), &["ada", "al001"]);
        assert_eq!(word(without.by_id(&ada(), &aliases, &known)), "al001 by alias");
    }

    #[test]
    fn outsiders_are_found_by_address_alone() {
        let rules = rules(&["{localpart}", "{email}", "{email}-x", "{employee_unique_id}"], true).by_address_alone();
        assert!(rules.attributes().is_empty() && rules.match_email);
        assert_eq!(rules.ids(&ada(), &Aliases::default()), ["ada@uni.example"]);
    }

    #[test]
    fn addresses_count_only_as_last_resort() {
        let rules = rules(&["{email}"], false);
        let known = kaltura(&rules.ids(&ada(), &Aliases::default()), &[]);
        assert_eq!(word(rules.by_id(&ada(), &Aliases::default(), &known)), "NoMatch");
    }

    fn host(email: &str) -> HostProfile {
        let attributes = [("employee_unique_id", "4711"), ("custom:Uni ID", " al-1 "), ("cms_user_id", " ")];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        HostProfile { email: email.to_owned(), attributes: BTreeMap::from(attributes), last_owner: None }
    }

    fn filled(text: &str, email: &str) -> Option<String> {
        Candidate::new(text).expect("a candidate").fill(&host(email))
    }

    /// Those by which the institution tells people apart.
    #[test]
    fn ids_come_from_address_and_attributes() {
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
    fn missing_parts_make_no_id() {
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
    fn rules_reaching_wrong_people_are_refused() {
        for (text, said) in [
            ("{mail}", "contains {mail}, which is not a field; the fields are {email}, {localpart}"),
            ("{custom:}", "contains {custom:}"),
            ("lectures", "does not depend on the host"),
            ("{domain}", "does not depend on the host"),
            ("{email", "does not depend"),
            ("{email}}", "brace"),
        ] {
            let fault = Candidate::new(text).expect_err(text);
            assert!(fault.contains(said), "{text}: {fault}");
        }
    }
}
