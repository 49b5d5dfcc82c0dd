//! All keys there are, section by section.

use super::key::{Key, RenamedKey};
use super::sections::{
    copy, filter, http, kaltura, notify, owner, purge, retention, rights, sync, top, zoom, zoom_trash,
};

/// In the order in which `config show` prints them.
const SECTIONS: &[&[Key]] = &[
    top::KEYS,
    zoom::KEYS,
    kaltura::KEYS,
    sync::KEYS,
    http::KEYS,
    owner::KEYS,
    filter::KEYS,
    copy::KEYS,
    purge::KEYS,
    retention::KEYS,
    rights::KEYS,
    zoom_trash::KEYS,
    notify::KEYS,
];

/// Every key.
pub(super) fn list_keys() -> impl Iterator<Item = &'static Key> {
    SECTIONS.iter().copied().flatten()
}

/// Every name that a key had before.
pub(super) fn list_renamed() -> impl Iterator<Item = &'static RenamedKey> {
    copy::RENAMED.iter()
}

/// The sections, each once.
pub(super) fn list_sections() -> Vec<&'static str> {
    let mut names: Vec<_> = list_keys().filter_map(Key::section).collect();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{list_keys, list_sections};
    use crate::config::key::{Requirement, toml_literal};

    #[test]
    fn every_default_is_toml() {
        for key in list_keys() {
            if let Requirement::Default(text) = key.need {
                assert!(toml_literal(text).is_some(), "{}: {text}", key.name);
            }
        }
    }

    /// The keys of a section stand together.
    #[test]
    fn keys_and_variables_are_unique() {
        let variables: BTreeSet<_> = list_keys().flat_map(super::Key::variables).collect();
        assert_eq!(variables.len(), list_keys().map(|key| key.variables().len()).sum::<usize>());
        assert_eq!(
            list_sections(),
            "zoom kaltura sync http owner filter copy purge retention rights zoom_trash notify"
                .split(' ')
                .collect::<Vec<_>>()
        );
    }
}
