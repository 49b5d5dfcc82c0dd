//! Whether a list is believed that says much less, or much more, than it did before. Pure.

use std::collections::BTreeSet;

use super::{ListHistory, ListName};

/// A file or a group, as it was just read.
#[derive(Clone, Debug)]
pub(super) struct ListPart {
    /// By what its size is remembered.
    pub(super) key: String,
    /// What it is called where a person reads of it.
    pub(super) shown: String,
    /// How many people it names.
    pub(super) size: usize,
    /// Its last line, where that may have been cut off.
    pub(super) unended: Option<String>,
}

/// What to do where a list is not believed.
const CONFIRM: &str = "restore it, or confirm with `sync --accept-list`";

/// Why the list is not believed, a line for each reason. `names` is everything that its parts name.
pub(super) fn find_doubts(
    list: ListName,
    standing: &ListHistory,
    parts: &[ListPart],
    names: &BTreeSet<String>,
) -> Vec<String> {
    let who_waits = match list {
        ListName::OptOut => "whoever is missing from it waits",
        ListName::OptIn => "whoever is not on it waits",
    };
    let mut doubts = Vec::new();
    for part in parts {
        let (before, now) = (size_before(standing, part, parts), part.size);
        let what = &part.shown;
        if now * 2 < before {
            let now = if now == 0 { "nobody".to_owned() } else { format!("only {now}") };
            doubts.push(format!("{what} named {before} people before and names {now} now; {CONFIRM}; {who_waits}"));
        } else if let Some(rest) = cut_list(part, standing, names) {
            doubts.push(format!("{what} seems to be cut off: it ends with \"{rest}\"; {CONFIRM}; {who_waits}"));
        }
    }
    if list == ListName::OptIn {
        let domains = names.iter().filter(|name| means_domain(name) && !standing.has(name));
        doubts.extend(domains.map(|domain| {
            let (key, domain) = (list.key(), domain.trim_start_matches('@'));
            format!("{key} names everybody of {domain}; confirm that once with `sync --accept-list`; {who_waits}")
        }));
    }
    doubts
}

/// Whether a name on a list means everybody of a domain.
pub(super) fn means_domain(name: &str) -> bool {
    name.starts_with('@')
}

/// What was written down before sizes were: how many stand on the list.
fn size_before(standing: &ListHistory, part: &ListPart, parts: &[ListPart]) -> usize {
    match standing.sizes.get(&part.key) {
        Some(size) => *size,
        None if standing.sizes.is_empty() && parts.len() == 1 => {
            standing.people.keys().filter(|name| name.contains('@') && standing.has(name)).count()
        }
        None => 0,
    }
}

/// The last line, where it is new, and the beginning of one that is missing.
pub(super) fn cut_list<'a>(part: &'a ListPart, standing: &ListHistory, names: &BTreeSet<String>) -> Option<&'a str> {
    let rest = part.unended.as_deref().filter(|rest| !standing.has(rest))?;
    let is_missing = |name: &String| standing.has(name) && !names.contains(name);
    standing.people.keys().any(|name| name.starts_with(rest) && is_missing(name)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet, HashMap};

    use super::super::{ListHistory, ListName, Span};
    use super::{ListPart, find_doubts};

    const ADA: &str = "ada@uni.example";
    const GUEST: &str = "guest@uni.example";
    const STANDS: Span = Span { since: None, until: None };

    fn standing(people: &[&str], sizes: &[(&str, usize)]) -> ListHistory {
        let people: HashMap<_, _> = people.iter().map(|&name| (name.to_owned(), vec![STANDS])).collect();
        let sizes: BTreeMap<_, _> = sizes.iter().map(|&(key, size)| (key.to_owned(), size)).collect();
        ListHistory { in_force: vec![STANDS], people, sizes, ..ListHistory::default() }
    }

    fn part(key: &str, size: usize, unended: Option<&str>) -> ListPart {
        ListPart { key: key.to_owned(), shown: key.to_owned(), size, unended: unended.map(str::to_owned) }
    }

    #[test]
    fn a_list_that_is_empty_or_less_than_half_of_what_it_was_is_not_believed_nor_one_that_is_cut() {
        let sizes = |file, pilot| standing(&[ADA, GUEST], &[("file", file), ("group Pilot", pilot)]);
        let both = |file, pilot| vec![part("file", file, None), part("group Pilot", pilot, None)];
        let cut = |rest| vec![part("file", 2, Some(rest))];
        let old = || standing(&[ADA, GUEST, "h"], &[]);
        let cases = [
            (sizes(10, 10), both(10, 10), ""),
            (sizes(10, 10), both(5, 5), ""),
            (sizes(10, 10), both(40, 12), ""),
            (sizes(10, 10), both(4, 10), "file named 10 people before and names only 4 now"),
            (sizes(100, 3), both(100, 0), "group Pilot named 3 people before and names nobody now"),
            (sizes(1, 0), both(0, 0), "file named 1 people before and names nobody now"),
            (sizes(0, 0), both(0, 0), ""),
            (old(), vec![part("file", 0, None)], "file named 2 people before and names nobody now"),
            (old(), vec![part("file", 1, None)], ""),
            (standing(&[], &[]), vec![part("file", 0, None)], ""),
            (standing(&[ADA, "guest@uni.example.org"], &[("file", 2)]), cut(GUEST), "file seems to be cut off"),
            (standing(&[ADA, GUEST], &[("file", 2)]), cut(GUEST), ""),
            (standing(&[ADA, "eve@uni.example"], &[("file", 2)]), cut(GUEST), ""),
        ];
        let names = BTreeSet::from([ADA.to_owned(), GUEST.to_owned()]);
        for (standing, parts, expected) in cases {
            let doubts = find_doubts(ListName::OptOut, &standing, &parts, &names);
            assert!(doubts.len() == usize::from(!expected.is_empty()), "{parts:?}: {doubts:?}");
            assert!(doubts.iter().all(|doubt| doubt.starts_with(expected)), "{parts:?}: {doubts:?}");
        }
    }

    #[test]
    fn that_everybody_of_a_domain_opts_in_is_confirmed_once() {
        let names = BTreeSet::from(["@uni.example".to_owned()]);
        let said = |list, standing: &ListHistory| find_doubts(list, standing, &[part("file", 1, None)], &names);
        let new = said(ListName::OptIn, &ListHistory::default());
        assert!(new[0].starts_with("filter.opt_in names everybody of uni.example; confirm that once"), "{new:?}");
        assert!(said(ListName::OptIn, &standing(&["@uni.example"], &[])).is_empty());
        assert!(said(ListName::OptOut, &ListHistory::default()).is_empty());
        // an earlier version took it for an address, and it matched nobody
        assert_eq!(said(ListName::OptIn, &standing(&["*@uni.example"], &[])).len(), 1);
    }
}
