//! An entry as it is just now, with what hangs on it: looked at before anything is added to it.
//!
//! What people made of entries: what `media.get` and the categories show of it.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::account_entries::WireShared;
use super::client::{Kaltura, read_part, split_two};
use super::entries::{EVERY_STATUS, children_of, entry_calls, read_entry_list, read_entry_with_source};
use super::texts::{TextName, read_text_list, texts_on};
use super::users::user_exists;
use super::wire::{Number, WireList, refer_to_first};
use crate::model::{Entry, EntryId, EntryWithSource, TextAsset, Traces};
use crate::remotes::http::{RemoteError, RemoteKind, Service};

/// An entry and its children.
#[derive(Clone, Debug)]
pub struct EntryFamily {
    /// The entry.
    pub parent: EntryWithSource,
    /// Whether its owner exists: Kaltura would create a deleted one again for a child. Nobody counts as existing.
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
        let Some(parent) = read_entry_with_source(split_two(answers, "media.get")?, self.reader())? else {
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
        match read_entry_with_source(split_two(answers, "media.get")?, self.reader())? {
            Some(parent) => Ok(Some(WithTexts { parent, texts: read_text_list(name, list)? })),
            None => Ok(None),
        }
    }
}

#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[derive(Default)]
struct WireTraces {
    name: String,
    description: Option<String>,
    tags: Option<String>,
    plays: Number,
    last_played_at: Option<Number>,
    #[serde(flatten)]
    shared: WireShared,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireCategoryEntry {
    category_id: Number,
}

impl Kaltura {
    /// What people made of an entry; what cannot be read of it counts as theirs. `None` where it no longer exists.
    pub async fn traces(&self, id: &EntryId) -> Result<Option<Traces>, RemoteError> {
        let filter = json!({ "objectType": "KalturaCategoryEntryFilter", "entryIdEqual": id.as_str() });
        let parts = vec![
            ("media", "get", json!({ "entryId": id.as_str() })),
            ("categoryEntry", "list", json!({ "filter": filter })),
        ];
        let [entry, categories] = split_two(self.look(parts).await?, "categoryEntry.list")?;
        let wire: WireTraces = match read_part("media.get", entry) {
            Err(error) if error.kind == RemoteKind::NotFound => return Ok(None),
            wire => wire?,
        };
        Ok(Some(wire.traces(in_categories(categories)?)))
    }
}

impl WireTraces {
    fn traces(self, categories: BTreeSet<String>) -> Traces {
        let folded = |text: &str| text.trim().to_lowercase();
        let tags = self.tags.unwrap_or_default().split(',').map(folded).filter(|tag| !tag.is_empty()).collect();
        let was_played = !matches!(self.last_played_at, None | Some(Number::Absent | Number::Is(0)));
        let owner = self.shared.owner().to_lowercase();
        Traces {
            name: self.name.trim().to_owned(),
            description: self.description.unwrap_or_default().trim().to_owned(),
            tags,
            played: self.plays.amount() != Some(0) || was_played,
            shared_with: self.shared.users().map(folded).filter(|user| *user != owner).collect(),
            categories,
        }
    }
}

fn in_categories(list: Value) -> Result<BTreeSet<String>, RemoteError> {
    let list: WireList<WireCategoryEntry> = match read_part("categoryEntry.list", list) {
        Err(error) if error.kind == RemoteKind::NotFound => return Ok(BTreeSet::new()),
        list => list?,
    };
    if !list.is_whole() {
        let message = "categoryEntry.list showed only some of the categories of an entry";
        return Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message));
    }
    let id =
        |entry: &WireCategoryEntry| entry.category_id.whole().map_or_else(|| "odd".to_owned(), |id| id.to_string());
    Ok(list.objects.iter().map(id).collect())
}
