//! What people may have made of an entry.

use std::collections::BTreeSet;

use super::Reason;

/// What an entry shows of the people who worked with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its tags.
    pub tags: BTreeSet<String>,
    /// Whether somebody played it.
    pub played: bool,
    /// With whom it is shared.
    pub shared_with: BTreeSet<String>,
    /// The categories that it is in.
    pub categories: BTreeSet<String>,
}

impl Traces {
    /// What people made of this entry, by one that was made in the same way after it; `None` for nothing.
    #[must_use]
    pub fn beyond(&self, other: &Traces) -> Option<Reason> {
        let is_shown = !self.shared_with.is_subset(&other.shared_with) || !self.categories.is_subset(&other.categories);
        if self.played || is_shown {
            return Some(Reason::Published);
        }
        let is_same = self.name == other.name && self.description == other.description && self.tags == other.tags;
        (!is_same).then_some(Reason::EditedInKaltura)
    }
}

#[cfg(test)]
mod tests {
    use super::Traces;
    use crate::model::Reason;

    #[test]
    fn whatever_people_made_of_an_entry_shows() {
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let new =
            || Traces { name: "Optics".into(), tags: set(&["zoom"]), categories: set(&["7"]), ..Traces::default() };
        let cases = [
            (new(), None),
            (Traces { categories: set(&[]), ..new() }, None),
            (Traces { name: "Waves".into(), ..new() }, Some(Reason::EditedInKaltura)),
            (Traces { description: "x".into(), ..new() }, Some(Reason::EditedInKaltura)),
            (Traces { tags: set(&["zoom", "x"]), ..new() }, Some(Reason::EditedInKaltura)),
            (Traces { played: true, ..new() }, Some(Reason::Published)),
            (Traces { shared_with: set(&["eve"]), ..new() }, Some(Reason::Published)),
            (Traces { categories: set(&["7", "8"]), ..new() }, Some(Reason::Published)),
        ];
        for (old, expected) in cases {
            assert_eq!(old.beyond(&new()), expected, "{old:?}");
        }
    }
}
