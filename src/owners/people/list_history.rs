//! Who stood on a list, and when: what runs saw of it, so that striking a line uploads nothing of the past. Pure.
//!
//! Whether a list is believed that says much less, or much more, than it did before. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::model::{HostId, format_count};

/// One of the two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListName {
    /// Who is on it is not copied.
    OptOut,
    /// Only who is on it is copied.
    OptIn,
}

impl ListName {
    /// The key that names its file.
    pub(super) fn key(self) -> &'static str {
        match self {
            ListName::OptOut => "filter.opt_out",
            ListName::OptIn => "filter.opt_in",
        }
    }

    /// The word the ledger keeps.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ListName::OptOut => "opt_out",
            ListName::OptIn => "opt_in",
        }
    }
}

/// A time for which something stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its begin; `None` where it stood before anybody looked.
    pub since: Option<DateTime<Utc>>,
    /// Its end; `None` while it stands.
    pub until: Option<DateTime<Utc>>,
}

impl Span {
    fn holds(&self, time: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| since <= time) && self.until.is_none_or(|until| time < until)
    }
}

/// What is known of one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListHistory {
    /// When the list itself was in force.
    pub in_force: Vec<Span>,
    /// When each person stood on it: addresses in small letters, Zoom user ids, and accounts in Kaltura.
    pub people: HashMap<String, Vec<Span>>,
    /// When it was last read in full, and believed.
    pub read: Option<DateTime<Utc>>,
    /// Whether it was not, since then.
    pub in_doubt: bool,
    /// How many people each file and group named when it was last believed.
    pub sizes: BTreeMap<String, usize>,
}

/// What is known of both lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListHistories {
    /// Who opted out.
    pub opt_out: ListHistory,
    /// Who opted in.
    pub opt_in: ListHistory,
}

/// What a run has to write down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListChange {
    /// The list.
    pub list: ListName,
    /// Who; `None` for the list itself.
    pub person: Option<String>,
    /// What became of it: a new span, or the end of the one that stood.
    pub span: Span,
}

/// What a list says now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Present<'a> {
    /// Who stands on it.
    pub(super) people: &'a BTreeSet<String>,
    /// Whether somebody may stand on it who is not named, as a part of it could not be read or is not believed.
    pub(super) partial: bool,
    /// When it was changed, as far as is known.
    pub(super) changed: Option<DateTime<Utc>>,
}

impl ListHistory {
    /// Whether the list is in force.
    #[must_use]
    pub(super) fn is_in_force(&self) -> bool {
        stands_on(&self.in_force)
    }

    /// Whether it was in force then.
    pub(super) fn was_in_force(&self, time: DateTime<Utc>) -> bool {
        self.in_force.iter().any(|span| span.holds(time))
    }

    /// Whether the person stands on it.
    pub(super) fn has(&self, person: &str) -> bool {
        self.people.get(person).is_some_and(|spans| stands_on(spans))
    }

    /// Whether the person stood on it then.
    pub(super) fn had(&self, person: &str, time: DateTime<Utc>) -> bool {
        self.people.get(person).is_some_and(|spans| spans.iter().any(|span| span.holds(time)))
    }

    /// Takes in which users are behind addresses of the list: they have stood on it for as long as the address.
    pub(super) fn follow(&mut self, list: ListName, users: &[(String, HostId)]) -> Vec<ListChange> {
        let mut changes = Vec::new();
        for (address, user) in users.iter().map(|(address, user)| (address, user.to_string())) {
            let open =
                self.people.get(address).and_then(|spans| spans.iter().find(|span| span.until.is_none())).copied();
            if let Some(span) = open.filter(|_| !self.has(&user)) {
                changes.push(ListChange { list, person: Some(user.clone()), span });
                self.people.entry(user).or_default().push(span);
            }
        }
        changes
    }

    /// Takes in what the list says now (`None`: it is not in force), and returns what changed. What it says when it is read
    /// in full for the first time has always stood, and what is new after it was in doubt has stood since before that: it
    /// was not decided meanwhile.
    pub(super) fn update(
        &mut self,
        list: ListName,
        present: Option<Present<'_>>,
        now: DateTime<Utc>,
    ) -> Vec<ListChange> {
        let partial = present.is_some_and(|present| present.partial);
        let seen = self.read.unwrap_or(now).min(now);
        let moment = present.and_then(|present| present.changed).unwrap_or(now).clamp(seen, now);
        let since = match self.read {
            None => None,
            Some(_) if self.in_doubt || partial => Some(seen),
            Some(_) => Some(moment),
        };
        let mut changes = Vec::new();
        let nobody = BTreeSet::new();
        let named = present.map_or(&nobody, |present| present.people);
        if present.is_some() != self.is_in_force() {
            // what a list left undecided until it was given up is not decided by it any more
            let end = if self.in_doubt { self.read.unwrap_or(DateTime::UNIX_EPOCH) } else { moment };
            move_on(&mut self.in_force, since, end);
            changes.push(list_change(list, None, &self.in_force));
        }
        for person in named {
            let spans = self.people.entry(person.clone()).or_default();
            if stands_on(spans) {
                continue;
            }
            move_on(spans, since, moment);
            changes.push(list_change(list, Some(person), spans));
        }
        if !partial {
            for (person, spans) in
                self.people.iter_mut().filter(|(person, spans)| stands_on(spans) && !named.contains(*person))
            {
                move_on(spans, since, moment);
                changes.push(list_change(list, Some(person), spans));
            }
        }
        self.in_doubt = partial;
        if !partial {
            self.read = present.map(|_| now).or(self.read);
        }
        changes
    }
}

fn stands_on(spans: &[Span]) -> bool {
    spans.iter().any(|span| span.until.is_none())
}

/// Ends what is there, or begins again.
fn move_on(spans: &mut Vec<Span>, since: Option<DateTime<Utc>>, moment: DateTime<Utc>) {
    match spans.last_mut().filter(|last| last.until.is_none()) {
        Some(last) => last.until = Some(moment),
        None => spans.push(Span { since, until: None }),
    }
}

fn list_change(list: ListName, person: Option<&String>, spans: &[Span]) -> ListChange {
    let span = spans.last().copied().unwrap_or(Span { since: None, until: None });
    ListChange { list, person: person.cloned(), span }
}

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
        ListName::OptOut => "recordings of people missing from it wait",
        ListName::OptIn => "recordings of people not on it wait",
    };
    let mut doubts = Vec::new();
    for part in parts {
        let (before, now) = (size_before(standing, part, parts), part.size);
        let what = &part.shown;
        if now * 2 < before {
            let (before, now) =
                (format_count(before, "name"), if now == 0 { "none".to_owned() } else { format!("only {now}") });
            doubts.push(format!("{what} had {before} before and has {now} now; {CONFIRM}; {who_waits}"));
        } else if let Some(rest) = cut_list(part, standing, names) {
            doubts.push(format!("{what} seems to be cut off: it ends with \"{rest}\"; {CONFIRM}; {who_waits}"));
        }
    }
    if list == ListName::OptIn {
        let domains = names.iter().filter(|name| means_domain(name) && !standing.has(name));
        doubts.extend(domains.map(|domain| {
            let (key, domain) = (list.key(), domain.trim_start_matches('@'));
            format!("{key} lists everyone at {domain}; confirm this once with `sync --accept-list`; {who_waits}")
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

    use chrono::{DateTime, Utc};

    use super::{ListHistory, ListName, ListPart, Present, Span, find_doubts};
    use crate::model::HostId;

    fn at(hour: u32) -> DateTime<Utc> {
        format!("2026-11-23T{hour:02}:00:00Z").parse().expect("an instant")
    }

    fn seen(standing: &mut ListHistory, people: &[&str], changed: Option<u32>, now: u32) -> usize {
        let people: BTreeSet<String> = people.iter().map(|&person| person.to_owned()).collect();
        let present = Present { people: &people, partial: false, changed: changed.map(at) };
        standing.update(ListName::OptOut, Some(present), at(now)).len()
    }

    #[test]
    fn first_readings_have_always_stood() {
        let mut standing = ListHistory::default();
        assert_eq!(seen(&mut standing, &["ada"], Some(9), 10), 2);
        assert!(standing.had("ada", at(1)) && standing.was_in_force(at(1)));
        assert_eq!(seen(&mut standing, &["ada"], Some(9), 11), 0);
    }

    /// But not from before the list was last read.
    #[test]
    fn changes_count_from_the_file_time() {
        let mut standing = ListHistory::default();
        seen(&mut standing, &["ada"], Some(8), 10);
        seen(&mut standing, &["guest"], Some(11), 12);
        assert!(!standing.has("ada") && standing.had("ada", at(10)) && !standing.had("ada", at(11)));
        assert!(standing.has("guest") && !standing.had("guest", at(10)) && standing.had("guest", at(11)));
        seen(&mut standing, &[], Some(3), 14);
        assert!(standing.had("guest", at(11)) && !standing.had("guest", at(12)));
    }

    #[test]
    fn without_file_times_noticing_counts() {
        let mut standing = ListHistory::default();
        seen(&mut standing, &["ada"], None, 10);
        seen(&mut standing, &[], None, 12);
        assert!(standing.had("ada", at(11)) && !standing.had("ada", at(12)));
        seen(&mut standing, &["ada"], None, 14);
        assert!(standing.has("ada") && !standing.had("ada", at(13)));
    }

    /// They have stood there for as long and go with the address.
    #[test]
    fn people_behind_addresses_share_their_past() {
        let mut standing = ListHistory::default();
        seen(&mut standing, &["eve@x"], None, 8);
        seen(&mut standing, &["eve@x", "ada@x"], None, 10);
        let users = [("ada@x".to_owned(), HostId::new("a")), ("gone@x".to_owned(), HostId::new("g"))];
        assert_eq!(standing.follow(ListName::OptOut, &users).len(), 1);
        assert_eq!(standing.follow(ListName::OptOut, &users).len(), 0);
        assert_eq!(seen(&mut standing, &["eve@x", "ada@x", "a"], None, 12), 0);
        assert!(standing.has("a") && standing.had("a", at(10)) && !standing.had("a", at(9)));
        assert_eq!(seen(&mut standing, &["eve@x"], None, 14), 2);
        assert!(!standing.has("a") && standing.had("a", at(13)) && !standing.had("a", at(14)));
    }

    #[test]
    fn partly_read_lists_end_nothing() {
        let mut standing = ListHistory::default();
        seen(&mut standing, &["ada"], None, 10);
        let nobody = BTreeSet::new();
        let present = Present { people: &nobody, partial: true, changed: None };
        assert!(standing.update(ListName::OptOut, Some(present), at(11)).is_empty());
        assert!(standing.has("ada"));
    }

    /// They have stood since before it.
    #[test]
    fn new_people_date_from_the_doubt() {
        let nobody = BTreeSet::new();
        let in_doubt = Present { people: &nobody, partial: true, changed: None };
        let mut standing = ListHistory::default();
        standing.update(ListName::OptIn, Some(in_doubt), at(9));
        seen(&mut standing, &["ada"], Some(10), 10);
        assert!(standing.had("ada", at(1)), "the first time that it could be read");
        standing.update(ListName::OptIn, Some(in_doubt), at(12));
        seen(&mut standing, &["ada", "guest"], Some(13), 14);
        assert!(standing.had("guest", at(11)) && !standing.had("guest", at(9)));
        seen(&mut standing, &["ada", "guest", "new"], Some(16), 17);
        assert!(standing.had("new", at(16)) && !standing.had("new", at(15)), "no doubt was left");
    }

    /// Those that are given up while in doubt.
    #[test]
    fn doubted_lists_end_when_last_believed() {
        let nobody = BTreeSet::new();
        let in_doubt = Present { people: &nobody, partial: true, changed: None };
        let mut standing = ListHistory::default();
        standing.update(ListName::OptIn, Some(in_doubt), at(9));
        standing.update(ListName::OptIn, None, at(10));
        assert!(!standing.was_in_force(at(8)), "it was never believed");
        seen(&mut standing, &["ada"], None, 12);
        standing.update(ListName::OptIn, Some(in_doubt), at(14));
        standing.update(ListName::OptIn, None, at(15));
        assert!(!standing.was_in_force(at(13)), "undecided meanwhile");
    }

    #[test]
    fn abandoned_lists_end_and_are_remembered() {
        let mut standing = ListHistory::default();
        seen(&mut standing, &["ada"], None, 10);
        let changes = standing.update(ListName::OptOut, None, at(12));
        assert_eq!(changes.len(), 2);
        assert_eq!(changes[0].span, Span { since: None, until: Some(at(12)) });
        assert!(!standing.is_in_force() && standing.was_in_force(at(11)) && standing.had("ada", at(11)));
        assert!(standing.update(ListName::OptOut, None, at(13)).is_empty());
        assert!(ListHistory::default().update(ListName::OptIn, None, at(13)).is_empty());
    }

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

    /// One that is empty or less than half of what it was.
    #[test]
    fn shrunken_or_cut_lists_are_doubted() {
        let sizes = |file, pilot| standing(&[ADA, GUEST], &[("file", file), ("group Pilot", pilot)]);
        let both = |file, pilot| vec![part("file", file, None), part("group Pilot", pilot, None)];
        let cut = |rest| vec![part("file", 2, Some(rest))];
        let old = || standing(&[ADA, GUEST, "h"], &[]);
        let cases = [
            (sizes(10, 10), both(10, 10), ""),
            (sizes(10, 10), both(5, 5), ""),
            (sizes(10, 10), both(40, 12), ""),
            (sizes(10, 10), both(4, 10), "file had 10 names before and has only 4 now"),
            (sizes(100, 3), both(100, 0), "group Pilot had 3 names before and has none now"),
            (sizes(1, 0), both(0, 0), "file had 1 name before and has none now"),
            (sizes(0, 0), both(0, 0), ""),
            (old(), vec![part("file", 0, None)], "file had 2 names before and has none now"),
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

    /// Once.
    #[test]
    fn whole_domain_opt_ins_need_confirming() {
        let names = BTreeSet::from(["@uni.example".to_owned()]);
        let said = |list, standing: &ListHistory| find_doubts(list, standing, &[part("file", 1, None)], &names);
        let new = said(ListName::OptIn, &ListHistory::default());
        assert!(new[0].starts_with("filter.opt_in lists everyone at uni.example; confirm this once"), "{new:?}");
        assert!(said(ListName::OptIn, &standing(&["@uni.example"], &[])).is_empty());
        assert!(said(ListName::OptOut, &ListHistory::default()).is_empty());
        // an earlier version took it for an address, and it matched nobody
        assert_eq!(said(ListName::OptIn, &standing(&["*@uni.example"], &[])).len(), 1);
    }
}
