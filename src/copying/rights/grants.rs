//! Who gets which rights on a copy, beside its owner. Pure.

use std::collections::BTreeSet;

use crate::model::KalturaUserId;
use crate::remotes::kaltura::Entitled;

/// What somebody may do with an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// See it.
    pub view: bool,
    /// Change it.
    pub edit: bool,
    /// Publish it.
    pub publish: bool,
}

/// What each kind of people gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// Those who may host the meeting beside its host.
    pub alternative_hosts: Grant,
    /// Those who were made co-hosts in it.
    pub co_hosts: Grant,
    /// A webinar's panelists.
    pub panelists: Grant,
    /// All who took part.
    pub participants: Grant,
}

impl Grant {
    /// The words of the configuration.
    pub const WORDS: &'static [&'static str] = &["none", "viewer", "editor", "publisher", "editor+publisher"];

    /// What one of them means.
    #[must_use]
    pub fn of(word: &str) -> Grant {
        Grant { view: word == "viewer", edit: word.starts_with("editor"), publish: word.ends_with("publisher") }
    }

    /// Whether it is any at all.
    #[must_use]
    pub fn is_any(self) -> bool {
        self.view || self.edit || self.publish
    }
}

impl Grants {
    /// Whether anybody gets anything.
    #[must_use]
    pub fn is_any(self) -> bool {
        [self.alternative_hosts, self.co_hosts, self.panelists, self.participants].into_iter().any(Grant::is_any)
    }
}

/// The lists of an entry with these people added. The owner needs none; what is there stays; an id that holds a comma
/// would be taken for two.
#[must_use]
pub fn added_rights(there: &Entitled, owner: &KalturaUserId, people: &[(Grant, BTreeSet<KalturaUserId>)]) -> Entitled {
    let is_same = |a: &KalturaUserId, b: &KalturaUserId| a.as_str().eq_ignore_ascii_case(b.as_str());
    let list = |there: &[KalturaUserId], of: fn(Grant) -> bool| {
        let mut list = there.to_vec();
        for user in people.iter().filter(|(grant, _)| of(*grant)).flat_map(|(_, users)| users) {
            let is_known = is_same(user, owner) || list.iter().any(|known| is_same(known, user));
            if !is_known && !user.as_str().contains(',') {
                list.push(user.clone());
            }
        }
        list
    };
    Entitled {
        view: list(&there.view, |grant| grant.view),
        edit: list(&there.edit, |grant| grant.edit),
        publish: list(&there.publish, |grant| grant.publish),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Grant, Grants, added_rights};
    use crate::model::KalturaUserId;
    use crate::remotes::kaltura::Entitled;

    fn ids(text: &str) -> Vec<KalturaUserId> {
        text.split_whitespace().map(KalturaUserId::new).collect()
    }

    fn people(word: &str, text: &str) -> (Grant, BTreeSet<KalturaUserId>) {
        (Grant::of(word), ids(text).into_iter().collect())
    }

    #[test]
    fn each_word_gives_what_it_says() {
        let given = |word| {
            let Grant { view, edit, publish } = Grant::of(word);
            (view, edit, publish)
        };
        let expected = [
            (false, false, false),
            (true, false, false),
            (false, true, false),
            (false, false, true),
            (false, true, true),
        ];
        for (word, expected) in Grant::WORDS.iter().zip(expected) {
            assert_eq!(given(word), expected, "{word}");
        }
        assert!(!Grants::default().is_any());
        assert!(Grants { panelists: Grant::of("viewer"), ..Grants::default() }.is_any());
    }

    /// The owner is left out; who is there stays.
    #[test]
    fn people_are_added_only_once() {
        let there = Entitled { view: ids("eve"), edit: ids("Bert"), publish: Vec::new() };
        let owner = KalturaUserId::new("ada");
        let people =
            [people("editor+publisher", "bert cara ADA"), people("viewer", "cara dora"), people("none", "finn")];
        let expected = Entitled { view: ids("eve cara dora"), edit: ids("Bert cara"), publish: ids("bert cara") };
        assert_eq!(added_rights(&there, &owner, &people), expected);
    }

    /// Kaltura would take them for two.
    #[test]
    fn ambiguous_ids_are_left_out() {
        let owner = KalturaUserId::new("ada");
        let odd = (Grant::of("viewer"), BTreeSet::from([KalturaUserId::new("x,y")]));
        assert_eq!(added_rights(&Entitled::default(), &owner, &[odd]), Entitled::default());
    }
}
