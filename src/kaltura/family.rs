//! An entry as it is just now, with what hangs on it: looked at before anything is added to it.

use serde_json::json;

use super::client::{Kaltura, split_two};
use super::entries::{EVERY_STATUS, children_of, copied, entry_calls, read_entry_list};
use super::references::refer_to_first;
use super::texts::{TextName, read_text_list, texts_on};
use super::users::user_exists;
use crate::http::RemoteError;
use crate::model::{Entry, EntryId, EntryWithSource, TextAsset};

/// An entry and its children.
#[derive(Clone, Debug)]
pub struct EntryFamily {
    /// The entry.
    pub parent: EntryWithSource,
    /// Whether its owner exists: Kaltura would create a deleted one anew for a child. Nobody counts as existing.
    pub has_owner: bool,
    /// Its children of every type, deleted ones too, by Kaltura's index, which may lag.
    pub children: Vec<Entry>,
}

/// An entry and those of its texts that go by one name.
#[derive(Clone, Debug)]
pub struct WithTexts {
    /// The entry.
    pub parent: EntryWithSource,
    /// Its texts, oldest first.
    pub texts: Vec<TextAsset>,
}

impl Kaltura {
    /// The entry and its children; `None` where it no longer exists.
    pub async fn family(&self, id: &EntryId) -> Result<Option<EntryFamily>, RemoteError> {
        let owner = json!({ "userId": refer_to_first("userId") });
        let parts = [children_of(id, EVERY_STATUS), ("user", "get", owner)];
        let mut answers = self.look(entry_calls(id).into_iter().chain(parts).collect()).await?;
        let others = answers.split_off(2);
        let Some(parent) = copied(split_two(answers, "media.get")?, self.reader())? else {
            return Ok(None);
        };
        let [children, owner] = split_two(others, "baseEntry.list")?;
        let has_owner = parent.entry.owner.is_empty() || user_exists(&parent.entry.owner, owner)?;
        Ok(Some(EntryFamily { parent, has_owner, children: read_entry_list(children, self.reader())? }))
    }

    /// The entry and its texts that go by `name`; `None` where it no longer exists.
    pub async fn with_texts(&self, id: &EntryId, name: &TextName) -> Result<Option<WithTexts>, RemoteError> {
        let parts = [(name.service(), "list", texts_on(id))];
        let mut answers = self.look(entry_calls(id).into_iter().chain(parts).collect()).await?;
        let list = answers.pop().unwrap_or_default();
        match copied(split_two(answers, "media.get")?, self.reader())? {
            Some(parent) => Ok(Some(WithTexts { parent, texts: read_text_list(name, list)? })),
            None => Ok(None),
        }
    }
}
