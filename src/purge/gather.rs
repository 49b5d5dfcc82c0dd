//! What Kaltura says of the orphaned copies that the ledger knows. Changes nothing anywhere; Zoom is not asked.

use crate::http::RemoteError;
use crate::kaltura::Kaltura;
use crate::model::{Copied, Entry, EntryId, Orphan};

/// An orphan and what Kaltura says of it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The orphan as the ledger knows it.
    pub orphan: Orphan,
    /// Its entry; `None` where it no longer exists.
    pub entry: Option<Entry>,
    /// The children of that entry, those of others too.
    pub children: Vec<Entry>,
}

/// Looks at every orphan.
pub async fn gather(kaltura: &Kaltura, orphans: Vec<Orphan>) -> Result<Vec<Seen>, RemoteError> {
    let known: Vec<(Orphan, EntryId)> =
        orphans.into_iter().filter_map(|orphan| Some((orphan.clone(), orphan.copy.entry_id?))).collect();
    let ids: Vec<EntryId> = known.iter().map(|(_, id)| id.clone()).collect();
    let entries = kaltura.copied(&ids).await?;
    let children = kaltura.children(&ids).await?;
    let seen = known.into_iter().zip(entries).zip(children);
    Ok(seen.map(|(((orphan, _), copied), children)| Seen { orphan, entry: copied.map(entry), children }).collect())
}

fn entry(copied: Copied) -> Entry {
    copied.entry
}
