//! Whether what one is refused is refused to all: two in a row who have nothing in common tell.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// So many in a row are no matter of theirs any more.
const ENOUGH: usize = 2;

/// Counts those who were refused the same in a row.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<HashMap<&'static str, BTreeSet<String>>>);

impl Breaker {
    /// Takes notice that `what` went well for somebody: whoever was refused it before was refused alone.
    pub fn passed(&self, what: &'static str) {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // once it is clear that all are refused, one that was under way changes nothing
        refused.retain(|known, whose| *known != what || whose.len() >= ENOUGH);
    }

    /// Takes notice that `what` was refused for `whose`; whether it is refused to all.
    pub fn refused(&self, what: &'static str, whose: &str) -> bool {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = refused.entry(what).or_default();
        known.insert(whose.to_owned());
        known.len() >= ENOUGH
    }

    /// Whether `what` is refused to all, `whose` among them.
    #[must_use]
    pub fn is_open(&self, what: &'static str, whose: &str) -> bool {
        let refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get(what).is_some_and(|known| known.len() >= ENOUGH && known.contains(whose))
    }
}

#[cfg(test)]
mod tests {
    use super::Breaker;

    /// What happened, a word each: `+` passed, anything else was refused for them; then for whom it is open.
    fn open(story: &str) -> String {
        let breaker = Breaker::default();
        for word in story.split(' ') {
            if word == "+" {
                breaker.passed("copy");
            } else {
                breaker.refused("copy", word);
            }
        }
        assert!(!breaker.is_open("another", "ada"));
        ["ada", "bob", "eve"].into_iter().filter(|whose| breaker.is_open("copy", whose)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_refused_to_two_in_a_row_is_refused_to_all() {
        let cases = [
            ("ada", ""),
            ("ada ada ada", ""),
            ("ada bob", "ada bob"),
            ("ada + bob", ""),
            ("ada + bob eve", "bob eve"),
            ("ada bob + eve", "ada bob eve"),
            ("ada + ada", ""),
        ];
        for (story, expected) in cases {
            assert_eq!(open(story), expected, "{story}");
        }
    }
}
