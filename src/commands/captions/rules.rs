//! Which copies lack captions that people can rely on. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::model::{CaptionCounts, OwnEntry};

/// What is lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaptionLack {
    /// No captions that viewers can see.
    NoCaptions,
    /// Only transcripts by Zoom.
    MachineMade,
    /// Some that Kaltura could not read.
    Unreadable,
}

impl CaptionLack {
    /// Every one.
    pub const ALL: [CaptionLack; 3] = [CaptionLack::NoCaptions, CaptionLack::MachineMade, CaptionLack::Unreadable];

    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            CaptionLack::NoCaptions => "no_captions",
            CaptionLack::MachineMade => "machine_made",
            CaptionLack::Unreadable => "unreadable",
        }
    }

    fn is_of(self, counts: CaptionCounts) -> bool {
        match self {
            CaptionLack::NoCaptions => counts.machine_made + counts.others == 0,
            CaptionLack::MachineMade => counts.machine_made > 0 && counts.others == 0,
            CaptionLack::Unreadable => counts.unreadable > 0,
        }
    }
}

/// A copy, and what its captions lack.
#[derive(Debug)]
pub struct CaptionFinding {
    /// The entry that stands for the recording.
    pub entry: OwnEntry,
    /// The month in which it was made, as `2026-11`.
    pub month: String,
    /// What is lacking, in order.
    pub lacks: Vec<CaptionLack>,
}

/// How many recordings there are, and those that lack something, by host and month.
#[must_use]
pub fn judge_captions(
    seen: &[(OwnEntry, CaptionCounts)],
    zone: Tz,
    now: DateTime<Utc>,
) -> (usize, Vec<CaptionFinding>) {
    let judged = seen.iter().filter_map(|(entry, counts)| {
        let lacks: Vec<_> = CaptionLack::ALL.into_iter().filter(|lack| lack.is_of(*counts)).collect();
        let month = entry.created.min(now).with_timezone(&zone).format("%Y-%m").to_string();
        (!lacks.is_empty()).then(|| CaptionFinding { entry: entry.clone(), month, lacks })
    });
    let mut found: Vec<_> = judged.collect();
    found.sort_by(|one, other| finding_place(one).cmp(&finding_place(other)));
    (seen.len(), found)
}

/// How many lack each thing.
#[must_use]
pub fn count_lacks(findings: &[CaptionFinding]) -> [usize; 3] {
    CaptionLack::ALL.map(|lack| findings.iter().filter(|finding| finding.lacks.contains(&lack)).count())
}

fn finding_place(finding: &CaptionFinding) -> (&str, &str, DateTime<Utc>, &str) {
    let entry = &finding.entry;
    (&entry.owner, &finding.month, entry.created, entry.id.as_str())
}

/// How many recordings of a host and a month lack something, and how many each thing.
#[must_use]
pub fn group_findings(findings: &[CaptionFinding]) -> BTreeMap<(&str, &str), (usize, [usize; 3])> {
    let mut groups: BTreeMap<(&str, &str), (usize, [usize; 3])> = BTreeMap::new();
    for finding in findings {
        let (recordings, lacking) = groups.entry((&finding.entry.owner, &finding.month)).or_default();
        *recordings += 1;
        for (lack, count) in CaptionLack::ALL.into_iter().zip(lacking) {
            *count += usize::from(finding.lacks.contains(&lack));
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::{CaptionLack, group_findings, judge_captions};
    use crate::copying::plan::samples::{sample_now, sample_time};
    use crate::model::{CaptionCounts, EntryId, OwnEntry};

    fn entry(id: &str, owner: &str, created: &str) -> OwnEntry {
        OwnEntry {
            id: EntryId::new(id),
            parent: None,
            name: String::new(),
            owner: owner.to_owned(),
            created: sample_time(created),
            plays: 0,
            last_played: None,
        }
    }

    #[test]
    fn lacking_captions_are_told_by_kind() {
        let counts = |machine_made, others, unreadable| CaptionCounts { machine_made, others, unreadable };
        let cases = [
            (counts(0, 0, 0), "no_captions"),
            (counts(1, 0, 0), "machine_made"),
            (counts(1, 1, 0), ""),
            (counts(0, 1, 0), ""),
            (counts(0, 0, 1), "no_captions unreadable"),
            (counts(2, 0, 1), "machine_made unreadable"),
            (counts(0, 1, 1), "unreadable"),
        ];
        for (counts, expected) in cases {
            let (_, found) =
                judge_captions(&[(entry("0_a", "ada", "2026-10-01T00:00:00Z"), counts)], Tz::UTC, sample_now());
            let words: Vec<_> = found.iter().flat_map(|found| &found.lacks).map(|lack| lack.word()).collect();
            assert_eq!(words.join(" "), expected, "{counts:?}");
        }
    }

    /// Months are those of the institution's time zone.
    #[test]
    fn findings_group_by_host_and_month() {
        let made = |id, owner, created| (entry(id, owner, created), CaptionCounts::default());
        let seen = [
            made("0_c", "eve", "2026-10-31T23:30:00Z"),
            made("0_b", "ada", "2026-11-02T00:00:00Z"),
            made("0_a", "ada", "2026-10-31T23:30:00Z"),
        ];
        let (recordings, found) = judge_captions(&seen, Tz::Europe__Berlin, sample_now());
        assert_eq!((recordings, found[0].entry.id.as_str()), (3, "0_a"));
        let groups: Vec<_> = group_findings(&found).into_iter().collect();
        assert_eq!(groups, [(("ada", "2026-11"), (2, [2, 0, 0])), (("eve", "2026-11"), (1, [1, 0, 0]))]);
        assert!(CaptionLack::ALL.is_sorted());
    }
}
