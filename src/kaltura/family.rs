//! An entry as it is just now, with what hangs on it: looked at before anything is added to it.

use serde_json::json;

use super::captions::{CaptionAsset, captions, captions_on};
use super::client::Kaltura;
use super::entries::{EVERY_STATUS, children_of, copied, listed, two, whole};
use super::users::exists;
use crate::http::RemoteError;
use crate::model::{Copied, Entry, EntryId};

/// An entry and its children.
#[derive(Clone, Debug)]
pub struct Family {
    /// The entry.
    pub parent: Copied,
    /// Whether its owner exists: Kaltura would create a deleted one anew for a child. Nobody counts as existing.
    pub has_owner: bool,
    /// Its children, deleted ones too, by Kaltura's index, which may lag.
    pub children: Vec<Entry>,
}

/// An entry and its caption assets.
#[derive(Clone, Debug)]
pub struct Captioned {
    /// The entry.
    pub parent: Copied,
    /// Its caption assets, oldest first.
    pub captions: Vec<CaptionAsset>,
}

impl Kaltura {
    /// The entry and its children; `None` where it no longer exists.
    pub async fn family(&self, id: &EntryId) -> Result<Option<Family>, RemoteError> {
        let owner = json!({ "userId": "{1:result:userId}" });
        let parts = [("media", "list", children_of(id, EVERY_STATUS)), ("user", "get", owner)];
        let mut answers = self.look(whole(id).into_iter().chain(parts).collect()).await?;
        let others = answers.split_off(2);
        let Some(parent) = copied(two(answers, "media.get")?)? else {
            return Ok(None);
        };
        let [children, owner] = two(others, "media.list")?;
        let has_owner = parent.entry.owner.is_empty() || exists(&parent.entry.owner, owner)?;
        Ok(Some(Family { parent, has_owner, children: listed(children)? }))
    }

    /// The entry and its caption assets; `None` where it no longer exists.
    pub async fn captioned(&self, id: &EntryId) -> Result<Option<Captioned>, RemoteError> {
        let parts = [("caption_captionAsset", "list", captions_on(id))];
        let mut answers = self.look(whole(id).into_iter().chain(parts).collect()).await?;
        let list = answers.pop().unwrap_or_default();
        match copied(two(answers, "media.get")?)? {
            Some(parent) => Ok(Some(Captioned { parent, captions: captions(list)? })),
            None => Ok(None),
        }
    }
}
