//! Categories, which exist already, and the entries that are put into them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Kaltura;
use super::pages::pager_value;
use super::wire::WireList;
use crate::http::{Meaning, RemoteError, RemoteKind, Service};
use crate::model::EntryId;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireCategory {
    id: i64,
    #[serde(default)]
    full_name: String,
}

impl Kaltura {
    /// The ids of the categories of this full name, `A>B` without blanks; case does not matter (recorded traffic).
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
