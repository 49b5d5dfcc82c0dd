//! Frozen entries. The server notices changes made at the same time by a checksum of an entry's further data, which it
//! compares with one that the database has taken; when it talks UTF-8 to its database, the two differ for anything but
//! ASCII. What would write these data is answered as if it were done then, and nothing of it is.

use super::entry::Entry;
use super::params::Params;
use super::text::behind_column;

/// Fields that lie among the further data: an update that names one of them is lost as a whole.
const FURTHER: &[&str] = &[
    "name",
    "referenceId",
    "userId",
    "entitledUsersEdit",
    "entitledUsersPublish",
    "entitledUsersView",
    "blockAutoTranscript",
];

impl Entry {
    /// Whether its further data can never be changed again.
    pub fn is_frozen(&self) -> bool {
        let further = [behind_column(&self.name), &self.reference_id, &self.user_id, &self.creator_id];
        let entitled = self.entitled.iter().map(String::as_str);
        !further.into_iter().chain(entitled).all(str::is_ascii)
    }
}

/// Whether an update touches further data.
pub fn touches_further_data(asked: &Params) -> bool {
    FURTHER.iter().any(|name| asked.text(name).is_some())
}
