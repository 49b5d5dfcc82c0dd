//! Who finds and uses an entry beside its owner: rights and categories.
//!
//! Who may do what with an entry beside its owner.
//!
//! Categories, which exist already, and the entries that are put into them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Kaltura;
use super::listing::pager_value;
use super::wire::WireList;
use crate::model::{EntryId, KalturaUserId};
use crate::remotes::http::{Meaning, RemoteError, RemoteKind, Service};

/// The three lists of an entry, in Kaltura's spelling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entitled {
    /// `entitledUsersView`
    pub view: Vec<KalturaUserId>,
    /// `entitledUsersEdit`
    pub edit: Vec<KalturaUserId>,
    /// `entitledUsersPublish`
    pub publish: Vec<KalturaUserId>,
}

#[derive(Deserialize)]
struct WireEntitled {
    #[serde(default, rename = "entitledUsersView")]
    view: String,
    #[serde(default, rename = "entitledUsersEdit")]
    edit: String,
    #[serde(default, rename = "entitledUsersPublish")]
    publish: String,
}

impl Kaltura {
    /// Who may do what; `None` where the entry no longer exists.
    pub async fn entitled(&self, id: &EntryId) -> Result<Option<Entitled>, RemoteError> {
        match self.call::<WireEntitled>("media", "get", json!({ "entryId": id.as_str() })).await {
            Ok(wire) => Ok(Some(Entitled {
                view: parse_ids(&wire.view),
                edit: parse_ids(&wire.edit),
                publish: parse_ids(&wire.publish),
            })),
            Err(error) if error.kind == RemoteKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sets those lists that are to be others than `from`: one that is not named stays as it is. Every id must have been
    /// confirmed by `user.get`: Kaltura creates any other silently. Once done, doing it again changes nothing. Neither
    /// answer is to be believed: an update of a list on which somebody stands who was deleted since is an error, and is
    /// carried out (facts-kaltura.md#k37); [`Kaltura::entitled`] tells.
    pub async fn entitle(&self, id: &EntryId, from: &Entitled, to: &Entitled) -> Result<(), RemoteError> {
        let mut change = json!({ "objectType": "KalturaMediaEntry" });
        let lists = [
            ("entitledUsersView", &from.view, &to.view),
            ("entitledUsersEdit", &from.edit, &to.edit),
            ("entitledUsersPublish", &from.publish, &to.publish),
        ];
        for (name, _, to) in lists.into_iter().filter(|(_, from, to)| from != to) {
            change[name] = join_ids(to).into();
        }
        let params = json!({ "entryId": id.as_str(), "baseEntry": change });
        self.call::<Value>("baseEntry", "update", params).await.map(|_| ())
    }
}

fn parse_ids(text: &str) -> Vec<KalturaUserId> {
    text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(KalturaUserId::new).collect()
}

fn join_ids(ids: &[KalturaUserId]) -> String {
    ids.iter().map(KalturaUserId::as_str).collect::<Vec<_>>().join(",")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireCategory {
    id: i64,
    #[serde(default)]
    full_name: String,
}

impl Kaltura {
    /// The ids of the categories of this full name, `A>B` without blanks; case does not matter (facts-kaltura.md#k25).
    pub async fn categories(&self, full_name: &str) -> Result<Vec<i64>, RemoteError> {
        let filter = json!({ "objectType": "KalturaCategoryFilter", "fullNameEqual": full_name });
        let params = json!({ "filter": filter, "pager": pager_value(1) });
        let list: WireList<WireCategory> = self.call("category", "list", params).await?;
        if !list.is_whole() {
            let message = "category.list showed only some of the categories of this name";
            return Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message));
        }
        // a filter that Kaltura does not know is ignored in silence
        let is_it = |category: &WireCategory| category.full_name.to_lowercase() == full_name.to_lowercase();
        Ok(list.objects.into_iter().filter(is_it).map(|category| category.id).collect())
    }

    /// Puts an entry into a category. One that is there already, or that does not exist any more, is no error.
    pub async fn put_into_category(&self, entry: &EntryId, category: i64) -> Result<(), RemoteError> {
        let new = json!({ "objectType": "KalturaCategoryEntry", "entryId": entry.as_str(), "categoryId": category });
        match self.call::<Value>("categoryEntry", "add", json!({ "categoryEntry": new })).await {
            Err(error) if !error.means(Meaning::AlreadyThere) && !error.means(Meaning::NoSuchEntry) => Err(error),
            _ => Ok(()),
        }
    }
}
