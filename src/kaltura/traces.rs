//! What people made of entries: what `media.get` and the categories show of it.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Kaltura, read_part, split_two};
use super::held::WireShared;
use super::wire::{Number, WireList};
use crate::http::{RemoteError, RemoteKind, Service};
use crate::model::{EntryId, Traces};

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
