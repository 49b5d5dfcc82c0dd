//! What Kaltura says of our copies and their owners.

use std::collections::BTreeSet;

use super::RetentionFacts;
use crate::http::RemoteError;
use crate::kaltura::Kaltura;

/// Reads all of it, or fails: what could not be read is not taken for something that is not there.
pub async fn gather_retention(kaltura: &Kaltura) -> Result<RetentionFacts, RemoteError> {
    let made = kaltura.list_own_entries().await?;
    let owners: BTreeSet<&str> = made.iter().map(|made| made.owner.as_str()).filter(|id| !id.is_empty()).collect();
    let owners: Vec<String> = owners.into_iter().map(str::to_owned).collect();
    let exist = kaltura.users_exist(&owners).await?;
    let gone = owners.into_iter().zip(exist).filter(|(_, exists)| !exists).map(|(owner, _)| owner).collect();
    Ok(RetentionFacts { made, gone })
}
