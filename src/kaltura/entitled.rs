//! Who may do what with an entry beside its owner.

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Kaltura;
use crate::http::{RemoteError, RemoteKind};
use crate::model::{EntryId, KalturaUserId};

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
    /// carried out (recorded traffic, fact 37); [`Kaltura::entitled`] tells.
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
