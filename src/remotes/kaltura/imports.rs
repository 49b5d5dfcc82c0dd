//! Entries whose content Kaltura fetches by itself.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::client::Kaltura;
use super::entries::NewEntry;
use super::updates::Dropped;
use crate::model::EntryId;
use crate::remotes::http::RemoteError;

impl Kaltura {
    /// Makes an entry without content, by a request that is sent once: an answer that is lost leaves it in doubt, and only
    /// a list by its mark can tell. With it comes what Kaltura did not keep of what was asked for.
    pub async fn add_entry(&self, new: &NewEntry<'_>) -> Result<(EntryId, Option<Dropped>), RemoteError> {
        new.made(&self.call_once("media", "add", new.params()).await?)
    }

    /// Lets an entry without content be filled from `url`, asked for with the HTTP header `header`. Answered at once,
    /// before anything is fetched; three tries that fail, about 300 s apart, end in `ERROR_IMPORTING`. Not to be
    /// repeated before the entry was looked at. `shouldRedirect` and `forceAsyncDownload` as Kaltura's own Zoom
    /// connector sets them (facts-kaltura.md#s17): without the first, Zoom's redirect is taken for the recording.
    pub async fn import(&self, id: &EntryId, url: &str, header: &SecretString) -> Result<(), RemoteError> {
        let header = json!({ "objectType": "KalturaString", "value": header.expose_secret() });
        let resource = json!({
            "objectType": "KalturaUrlResource", "url": url, "urlHeaders": [header], "shouldRedirect": true,
            "forceAsyncDownload": true,
        });
        let params = json!({ "entryId": id.as_str(), "resource": resource });
        self.call_once::<Value>("media", "addContent", params).await.map(|_| ())
    }
}
