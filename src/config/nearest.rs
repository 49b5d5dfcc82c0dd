//! What a misspelt name may have been meant to be.

/// The known name most like `wrong`, with how many slips lie between them.
pub(super) fn nearest_name<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<(&'a str, usize)> {
    let wrong = wrong.to_lowercase();
    known.into_iter().map(|name| (name, slips(&wrong, &name.to_lowercase()))).min_by_key(|(_, slips)| *slips)
}

/// The same, if it is like enough to be worth naming.
pub(super) fn near<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bearable = (wrong.chars().count() / 5).max(2);
    nearest_name(wrong, known).filter(|(_, slips)| *slips <= bearable).map(|(name, _)| name)
}

/// The same of texts in which a dot parts nothing, such as addresses.
pub(crate) fn near_whole<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let bearable = (wrong.chars().count() / 5).max(2);
    let by_slips = known.into_iter().map(|name| (name, edit_distance(&wrong, &name.to_lowercase())));
    by_slips.filter(|(_, slips)| *slips <= bearable).min_by_key(|(_, slips)| *slips).map(|(name, _)| name)
}

/// Of dotted names the last parts alone are held against each other too: a right key in a wrong section is one slip.
fn slips(wrong: &str, known: &str) -> usize {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    edit_distance(wrong, known).min(edit_distance(&last(wrong), &last(known)) + 1)
}

/// Levenshtein's: how many characters must be put in, taken out or exchanged.
fn edit_distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let exchanged = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = exchanged.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{edit_distance, near};

    #[test]
    fn the_distance_counts_single_characters() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!((edit_distance("", "ab"), edit_distance("ab", ""), edit_distance("ä", "a")), (2, 2, 1));
    }

    #[test]
    fn a_slip_or_a_wrong_section_is_recognised_and_nonsense_is_not() {
        let known = ["state_dir", "sync.go_live", "sync.lookback", "kaltura.url"];
        assert_eq!(near("sync.golive", known), Some("sync.go_live"));
        assert_eq!(near("Sync.Look_Back", known), Some("sync.lookback"));
        assert_eq!(near("zoom.state_dir", known), Some("state_dir"));
        assert_eq!(near("sync.colour", known), None);
    }
}
