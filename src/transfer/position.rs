//! Where a transfer stands, by what Kaltura says of its upload token.

use super::TransferError;
use super::job::TransferContext;
use crate::http::RemoteKind;
use crate::kaltura::UploadToken;
use crate::model::TokenStatus;
use crate::model::{FileCopy, UploadTokenId};

/// Where a transfer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// So many bytes are there, and more are taken.
    At(u64),
    /// All bytes are there.
    End,
    /// It was closed with another size.
    Wrong,
    /// The token leads nowhere any more.
    Nowhere,
}

/// Where Kaltura says that it stands.
pub(super) async fn ask_position(
    tools: TransferContext<'_>,
    copy: &FileCopy,
    token: &UploadTokenId,
) -> Result<Position, TransferError> {
    match tools.kaltura.token(token).await {
        Ok(known) => Ok(position_of_token(copy, &known)),
        Err(error) if error.kind == RemoteKind::NotFound => Ok(Position::Nowhere),
        Err(error) => Err(error.into()),
    }
}

/// The same by what it said of the token.
pub(super) fn position_of_token(copy: &FileCopy, token: &UploadToken) -> Position {
    match token.status {
        TokenStatus::Closed if token.uploaded == copy.bytes => Position::End,
        TokenStatus::Closed => Position::Wrong,
        // all bytes may be there without the final request having been carried out: it needs a byte to be sent again
        TokenStatus::Open if token.uploaded <= copy.bytes => Position::At(token.uploaded.min(copy.bytes - 1)),
        _ => Position::Nowhere,
    }
}
