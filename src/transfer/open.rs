//! Opening the recording file: nothing is made in Kaltura for a download that turns out to be a page or an error.

use super::TransferError;
use super::job::TransferContext;
use crate::model::FileCopy;
use crate::zoom::{Download, Source, SourceError};

/// Opens the download and tells its size. Zoom's list has a wrong one at times, or none: a size on which two downloads agree
/// is right, whatever the list says. Where it says another, they are of two tries, each after a fresh list. A download that
/// does not tell its size is read to its end for it, where the list is in doubt.
pub(super) async fn open_recording(
    tools: TransferContext<'_>,
    source: Source<'_>,
    listed: Option<u64>,
    copy: &FileCopy,
) -> Result<(Download, u64), TransferError> {
    let is_in_doubt = listed.is_none() || copy.announced.is_some();
    let expected = match listed.or(copy.announced) {
        Some(expected) => expected,
        None => tools.zoom.size_of(source).await?,
    };
    let found = match tools.zoom.open_media(source, expected, 0).await {
        Ok(download) if download.tells_size() || !is_in_doubt => return Ok((download, expected)),
        Ok(_) => tools.zoom.size_of(source).await?,
        Err(SourceError::OtherSize { announced, .. }) => announced,
        Err(error) => return Err(error.into()),
    };
    if found != expected && copy.announced != Some(found) {
        tools.ledger.announced(copy, found)?;
        return Err(differs_from_list(listed, expected, found));
    }
    if found != expected {
        tracing::warn!(
            listed = expected,
            announced = found,
            "Zoom lists a wrong size; two downloads agree on another, which is taken"
        );
    }
    Ok((tools.zoom.open_media(source, found, 0).await?, found))
}

fn differs_from_list(listed: Option<u64>, expected: u64, announced: u64) -> TransferError {
    match listed {
        Some(_) => SourceError::OtherSize { announced, expected }.into(),
        None => TransferError::Recording(format!(
            "Zoom: two downloads of a file whose size Zoom does not list have {expected} and {announced} bytes; the next try looks again"
        )),
    }
}
