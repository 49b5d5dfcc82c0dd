//! The rules that turn a Zoom host into a Kaltura account. Pure.

use std::collections::{BTreeSet, HashMap};

use super::Candidate;
use crate::model::{HostProfile, KalturaUserId, Owner, OwnerProblem, OwnerRule};
use crate::people::Aliases;

/// How accounts are found, in this order: of a host whom Zoom no longer knows the last owner; a line of the alias file, the
/// first candidate that is an account, the one user with the host's address.
#[derive(Clone, Debug)]
pub struct OwnerRules {
    /// Ids to try.
    pub candidates: Vec<Candidate>,
    /// Whether an address leads to a user at last.
    pub match_email: bool,
}

/// What Kaltura answered for one id or address; the error in one line.
pub(super) type Answer<T> = Result<T, String>;
/// What Kaltura knows under an id that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// The active user, in Kaltura's spelling.
    User(KalturaUserId),
    /// A user whose id Kaltura takes for the same, and that is another one.
    Alike(KalturaUserId),
    /// Nobody.
    Nobody,
}

/// By the ids asked for.
pub(super) type ById = HashMap<String, Answer<Named>>;

impl OwnerRules {
    /// What of Zoom's users the candidates are made of, beside the address.
    #[must_use]
    pub fn attributes(&self) -> BTreeSet<&str> {
        self.candidates.iter().flat_map(Candidate::attributes).collect()
    }

    /// The ids to ask Kaltura for. Who has an alias is looked for by nothing else.
    pub(super) fn ids(&self, host: &HostProfile, aliases: &Aliases) -> Vec<String> {
        let by_rule = match aliases.of(&host.email) {
            Some(alias) => vec![alias.user.clone()],
            None => self.candidates.iter().filter_map(|candidate| candidate.fill(host)).collect(),
        };
        host.last_owner.iter().map(ToString::to_string).chain(by_rule).collect()
    }

    /// The owner, by what Kaltura answered for [`OwnerRules::ids`]; `None` where the address is the last resort.
    pub(super) fn by_id(&self, host: &HostProfile, aliases: &Aliases, known: &ById) -> Option<Owner> {
        let not_asked = || Err("the account was not looked up".to_owned());
        let ask = |id: &String| known.get(id).cloned().unwrap_or_else(not_asked);
        // an address may be somebody else's by now, the id of a host never is
        if let Some(last) = &host.last_owner {
            match ask(&last.to_string()) {
                Ok(Named::User(user)) => return Some(Owner::Account(user, OwnerRule::last_owner())),
                Ok(Named::Alike(_)) => return Some(Owner::NoAccount(OwnerProblem::Ambiguous)),
                Ok(Named::Nobody) => {}
                Err(why) => return Some(Owner::Unknown(why)),
            }
        }
        if host.email.trim().is_empty() {
            return Some(Owner::NoAccount(OwnerProblem::HostUnknown));
        }
        if let Some(alias) = aliases.of(&host.email) {
            return Some(match ask(&alias.user) {
                Ok(Named::User(user)) => Owner::Account(user, OwnerRule::alias()),
                Ok(Named::Alike(other)) => Owner::WrongAlias(format!(
                    "line {} of the alias file names the Kaltura user {:?}, which Kaltura takes for {:?}; spell it so in owner.aliases if that is meant",
                    alias.line,
                    alias.user,
                    other.as_str()
                )),
                Ok(Named::Nobody) => Owner::WrongAlias(format!(
                    "line {} of the alias file names the Kaltura user {:?}, which does not exist, or is blocked or a group; correct owner.aliases",
                    alias.line, alias.user
                )),
                Err(why) => Owner::Unknown(why),
            });
        }
        // a line that makes no sense may be meant for this host
        if aliases.fault().is_some() {
            return Some(Owner::Undecided);
        }
        let answers: Vec<_> = self.candidates.iter().filter_map(|rule| Some((rule, ask(&rule.fill(host)?)))).collect();
        let is_alike = |user: &KalturaUserId| {
            answers.iter().any(|(_, answer)| matches!(answer, Ok(Named::Alike(other)) if other == user))
        };
        for (rule, answer) in &answers {
            match answer {
                Ok(Named::User(user)) if !is_alike(user) => return Some(Owner::Account(user.clone(), rule.rule())),
                // two ids that Kaltura takes for one are nobody's
                Ok(Named::User(_) | Named::Alike(_)) => return Some(Owner::NoAccount(OwnerProblem::Ambiguous)),
                Ok(Named::Nobody) => {}
                Err(why) => return Some(Owner::Unknown(why.clone())),
            }
        }
        (!self.match_email).then_some(Owner::NoAccount(OwnerProblem::NoMatch))
    }
}

/// The owner, by the active users who have the host's address.
pub(super) fn by_email(found: Answer<Vec<KalturaUserId>>) -> Owner {
    let mut found = match found {
        Ok(found) => found,
        Err(why) => return Owner::Unknown(why),
    };
    match (found.pop(), found.is_empty()) {
        (None, _) => Owner::NoAccount(OwnerProblem::NoMatch),
        (Some(user), true) => Owner::Account(user, OwnerRule::email()),
        (Some(_), false) => Owner::NoAccount(OwnerProblem::Ambiguous),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::path::Path;

    use super::super::Candidate;
    use super::{Answer, ById, Named, OwnerRules, by_email};
    use crate::model::{HostProfile, KalturaUserId, Owner, OwnerProblem};
    use crate::people::Aliases;

    fn rules(candidates: &[&str], match_email: bool) -> OwnerRules {
        let candidates = candidates.iter().map(|text| Candidate::new(text).expect("a candidate")).collect();
        OwnerRules { candidates, match_email }
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
            id => Ok(users.iter().find(|user| plain(user) == plain(id)).map_or(Named::Nobody, |user| {
                let user = KalturaUserId::new(*user);
                if user.as_str() == id { Named::User(user) } else { Named::Alike(user) }
            })),
        };
        ids.iter().map(|id| (id.clone(), answer(id))).collect()
    }

    /// As the server of the recordings compares ids.
    fn plain(id: &str) -> String {
        id.trim_end().replace('ö', "o")
    }

    fn word(owner: Option<Owner>) -> String {
        match owner {
            Some(Owner::Account(user, rule)) => format!("{user} by {rule}"),
            Some(Owner::NoAccount(problem)) => format!("{problem:?}"),
            Some(Owner::WrongAlias(why) | Owner::Unknown(why)) => why,
            Some(Owner::Undecided) => "undecided".to_owned(),
            None => "by address".to_owned(),
        }
    }

    #[test]
    fn the_alias_wins_then_the_first_candidate_then_the_address() {
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

    #[test]
    fn a_host_whom_zoom_no_longer_knows_keeps_the_last_owner_then_the_address_counts() {
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

    #[test]
    fn ids_that_kaltura_takes_for_one_are_ambiguous_and_nobody_gets_anything_by_them() {
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
    fn an_alias_to_an_unknown_account_leads_to_nobody_else() {
        let (rules, aliases) = (rules(&["{email}"], true), aliases("# shared\nada@uni.example,al001"));
        let known = kaltura(&rules.ids(&ada(), &aliases), &["ada@uni.example"]);
        let owner = rules.by_id(&ada(), &aliases, &known);
        assert!(matches!(owner, Some(Owner::WrongAlias(_))), "{owner:?}");
        assert!(word(owner).starts_with("line 2 of the alias file names the Kaltura user \"al001\""));
    }

    #[test]
    fn a_look_up_that_failed_is_no_answer() {
        let rules = rules(&["{localpart}", "{email}"], true);
        let down = HostProfile { email: "down@uni.example".to_owned(), ..HostProfile::default() };
        let known = kaltura(&rules.ids(&down, &Aliases::default()), &["down@uni.example"]);
        assert_eq!(word(rules.by_id(&down, &Aliases::default(), &known)), "Kaltura is down");
        let nothing_asked: ById = HashMap::new();
        assert!(word(rules.by_id(&down, &Aliases::default(), &nothing_asked)).contains("not looked up"));
        let failed: Answer<Vec<KalturaUserId>> = Err("Kaltura is down".to_owned());
        assert_eq!(word(Some(by_email(failed))), "Kaltura is down");
    }

    #[test]
    fn two_users_with_the_address_are_nobody() {
        let users = |ids: &[&str]| Ok(ids.iter().map(|&id| KalturaUserId::new(id)).collect());
        assert_eq!(by_email(users(&[])), Owner::NoAccount(OwnerProblem::NoMatch));
        assert_eq!(word(Some(by_email(users(&["al001"])))), "al001 by email");
        assert_eq!(by_email(users(&["al001", "al002"])), Owner::NoAccount(OwnerProblem::Ambiguous));
    }

    #[test]
    fn without_the_last_resort_nobody_is_found_by_address() {
        let rules = rules(&["{email}"], false);
        let known = kaltura(&rules.ids(&ada(), &Aliases::default()), &[]);
        assert_eq!(word(rules.by_id(&ada(), &Aliases::default(), &known)), "NoMatch");
    }
}
