//! Opening the recording file: nothing is made in Kaltura for a download that turns out to be a page or an error.

use super::TransferError;
use super::job::Tools;
use crate::model::FileCopy;
use crate::zoom::{Download, Source, SourceError};

/// Opens the download and tells its size. Zoom's list is wrong at times: what two downloads announced, each after a
/// fresh listing, is the size.
pub(super) async fn open(
    tools: Tools<'_>,
    source: Source<'_>,
    listed: u64,
    copy: &FileCopy,
) -> Result<(Download, u64), TransferError> {
    match tools.zoom.open_media(source, listed, 0).await {
        Ok(download) => Ok((download, listed)),
        Err(SourceError::OtherSize { announced, .. }) if copy.announced == Some(announced) => {
            tracing::warn!(
                listed,
                announced,
                "Zoom lists a wrong size; two downloads agree on another, which is taken"
            );
            Ok((tools.zoom.open_media(source, announced, 0).await?, announced))
        }
        Err(error) => {
            if let SourceError::OtherSize { announced, .. } = error {
                tools.ledger.announced(copy, announced)?;
            }
            Err(error.into())
        }
    }
}
