//! Which copies nobody seems to need. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Months, Utc};

use crate::model::{EntryId, OwnEntry};

/// What it is decided on.
#[derive(Debug, Default)]
pub struct RetentionFacts {
    /// Every entry with our mark, in any order.
    pub made: Vec<OwnEntry>,
    /// The owners that Kaltura does not know any more.
    pub gone: HashSet<String>,
}

/// The institution's limits, as instants.
#[derive(Clone, Copy, Debug)]
pub struct RetentionLimits {
    /// What was not played since is reported.
    pub played_since: DateTime<Utc>,
    /// What was made before is reported.
    pub made_since: DateTime<Utc>,
}

impl RetentionLimits {
    /// Calendar years before `now`.
    #[must_use]
    pub fn of_years(unplayed: u32, age: u32, now: DateTime<Utc>) -> RetentionLimits {
        let ago = |years: u32| now.checked_sub_months(Months::new(12 * years)).unwrap_or(DateTime::<Utc>::MIN_UTC);
        RetentionLimits { played_since: ago(unplayed), made_since: ago(age) }
    }
}

/// Why a copy is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Nobody played it for so long.
    NotPlayed,
    /// It is so old.
    Old,
    /// Its owner does not exist in Kaltura any more, or it has none.
    OwnerGone,
}

impl Why {
    /// Every one.
    pub const ALL: [Why; 3] = [Why::NotPlayed, Why::Old, Why::OwnerGone];

    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Why::NotPlayed => "not_played",
            Why::Old => "old",
            Why::OwnerGone => "owner_gone",
        }
    }
}

/// A copy, its children with it, and why it is reported.
#[derive(Debug)]
pub struct RetentionFinding {
    /// The entry that stands for the recording.
    pub entry: OwnEntry,
    /// Its further views.
    pub children: Vec<EntryId>,
    /// How often one of them was played.
    pub plays: u64,
    /// When one of them was played last, where Kaltura knows.
    pub last_played: Option<DateTime<Utc>>,
    /// Why, in order.
    pub why: Vec<Why>,
}

/// How many recordings there are, and those of them that are reported, the oldest first.
#[must_use]
pub fn list_findings(evidence: &RetentionFacts, limits: RetentionLimits) -> (usize, Vec<RetentionFinding>) {
    let ids: HashSet<&EntryId> = evidence.made.iter().map(|made| &made.id).collect();
    let mut children: HashMap<&EntryId, Vec<&OwnEntry>> = HashMap::new();
    let mut parents: BTreeMap<(DateTime<Utc>, &str), &OwnEntry> = BTreeMap::new();
    for made in &evidence.made {
        match made.parent.as_ref().filter(|parent| ids.contains(parent)) {
            Some(parent) => children.entry(parent).or_default().push(made),
            // a child whose parent is not ours stands for itself
            None => {
                parents.insert((made.created, made.id.as_str()), made);
            }
        }
    }
    let count = parents.len();
    let found = parents.into_values().filter_map(|made| {
        let children = children.remove(&made.id).unwrap_or_default();
        let finding = judge_copy(made, &children, &evidence.gone, limits);
        (!finding.why.is_empty()).then_some(finding)
    });
    (count, found.collect())
}

fn judge_copy(
    entry: &OwnEntry,
    children: &[&OwnEntry],
    gone: &HashSet<String>,
    limits: RetentionLimits,
) -> RetentionFinding {
    let all = || std::iter::once(entry).chain(children.iter().copied());
    let plays = all().fold(0_u64, |plays, made| plays.saturating_add(made.plays));
    let last_played = all().filter_map(|made| made.last_played).max();
    let holds = |why: Why| match (why, last_played) {
        (Why::NotPlayed, Some(at)) => at < limits.played_since,
        // played, and nobody knows when: that is not "nobody has played it"
        (Why::NotPlayed, None) => plays == 0 && entry.created < limits.played_since,
        (Why::Old, _) => entry.created < limits.made_since,
        (Why::OwnerGone, _) => entry.owner.is_empty() || gone.contains(&entry.owner),
    };
    let why = Why::ALL.into_iter().filter(|why| holds(*why)).collect();
    let children = children.iter().map(|child| child.id.clone()).collect();
    RetentionFinding { entry: entry.clone(), children, plays, last_played, why }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::{RetentionFacts, RetentionLimits, Why, list_findings};
    use crate::copying::plan::samples::sample_now;
    use crate::model::{EntryId, OwnEntry};

    fn years(years: f64) -> DateTime<Utc> {
        #[allow(clippy::cast_possible_truncation, reason = "a few years")]
        let hours = (years * 365.25 * 24.0) as i64;
        sample_now() - TimeDelta::hours(hours)
    }

    /// Ada's, made so many years ago, and never played.
    fn made(id: &str, age: f64) -> OwnEntry {
        OwnEntry {
            id: EntryId::new(id),
            parent: None,
            name: "Optics".to_owned(),
            owner: "ada".to_owned(),
            created: years(age),
            plays: 0,
            last_played: None,
        }
    }

    fn played(id: &str, age: f64, plays: u64, ago: Option<f64>) -> OwnEntry {
        OwnEntry { plays, last_played: ago.map(years), ..made(id, age) }
    }

    fn child(id: &str, of: &str, made: OwnEntry) -> OwnEntry {
        OwnEntry { id: EntryId::new(id), parent: Some(EntryId::new(of)), ..made }
    }

    fn found(made: Vec<OwnEntry>, gone: &[&str]) -> Vec<(String, Vec<Why>)> {
        let evidence = RetentionFacts { made, gone: gone.iter().map(|id| (*id).to_owned()).collect() };
        let (_, found) = list_findings(&evidence, RetentionLimits::of_years(4, 6, sample_now()));
        found.into_iter().map(|finding| (finding.entry.id.to_string(), finding.why)).collect()
    }

    fn why(made: OwnEntry) -> Vec<Why> {
        found(vec![made], &[]).into_iter().flat_map(|(_, why)| why).collect()
    }

    /// Nobody played it for four years, or it is older than six.
    #[test]
    fn unplayed_or_old_recordings_are_listed() {
        let cases = [
            (made("0_a", 3.9), vec![]),
            (made("0_a", 4.1), vec![Why::NotPlayed]),
            (played("0_a", 5.0, 7, Some(3.9)), vec![]),
            (played("0_a", 5.0, 7, Some(4.1)), vec![Why::NotPlayed]),
            (played("0_a", 6.1, 7, Some(0.1)), vec![Why::Old]),
            (made("0_a", 6.1), vec![Why::NotPlayed, Why::Old]),
            // played before Kaltura kept the time
            (played("0_a", 5.0, 7, None), vec![]),
        ];
        for (made, expected) in cases {
            assert_eq!(why(made.clone()), expected, "{made:?}");
        }
    }

    /// It has no owner, or one who is gone, however young it is.
    #[test]
    fn ownerless_recordings_are_listed_at_once() {
        let unowned = OwnEntry { owner: String::new(), ..made("0_a", 0.1) };
        assert_eq!(why(unowned), [Why::OwnerGone]);
        assert_eq!(found(vec![made("0_a", 0.1)], &["ada"]), [("0_a".to_owned(), vec![Why::OwnerGone])]);
        assert_eq!(found(vec![made("0_a", 0.1)], &["grace"]), []);
    }

    /// A play of a child is a play of the recording.
    #[test]
    fn children_go_with_their_parent() {
        let unplayed = vec![made("0_p", 5.0), child("0_c", "0_p", made("", 1.0))];
        assert_eq!(found(unplayed, &[]), [("0_p".to_owned(), vec![Why::NotPlayed])], "a late view makes it no younger");
        let by_child = vec![child("0_c", "0_p", played("", 5.0, 1, Some(1.0))), made("0_p", 5.0)];
        assert_eq!(found(by_child, &[]), []);
        let orphaned = vec![child("0_c", "0_elsewhere", made("", 5.0))];
        assert_eq!(found(orphaned, &[]), [("0_c".to_owned(), vec![Why::NotPlayed])]);
    }

    #[test]
    fn oldest_come_first_and_all_count() {
        let made = vec![made("0_b", 5.0), made("0_a", 5.0), made("0_old", 5.5), made("0_new", 1.0)];
        let evidence = RetentionFacts { made, ..RetentionFacts::default() };
        let (count, found) = list_findings(&evidence, RetentionLimits::of_years(4, 6, sample_now()));
        let ids: Vec<_> = found.iter().map(|finding| finding.entry.id.as_str()).collect();
        assert_eq!((count, ids), (4, vec!["0_old", "0_a", "0_b"]));
    }
}
