//! Texts that come again and again, each held once.

use std::collections::HashSet;
use std::sync::Arc;

/// The texts that were seen so far. A list of tens of thousands of recordings has few hosts, accounts and types.
#[derive(Debug, Default)]
pub struct Interner(HashSet<Arc<str>>);

impl Interner {
    /// The text, shared with all that were the same.
    pub fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Interner;

    #[test]
    fn the_same_text_is_held_once() {
        let mut texts = Interner::default();
        let (one, other, third) = (texts.shared("MP4"), texts.shared("M4A"), texts.shared("MP4"));
        assert!(Arc::ptr_eq(&one, &third) && !Arc::ptr_eq(&one, &other));
        assert_eq!((&*one, &*other), ("MP4", "M4A"));
    }
}
