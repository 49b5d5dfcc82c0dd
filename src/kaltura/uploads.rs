//! Upload tokens and their chunks.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::client::{Kaltura, read, read_part};
use super::entries::two;
use super::users::by_id;
use super::wire::WireToken;
use crate::http::{RemoteError, RemoteKind, Service};
use crate::model::{KalturaUserId, UploadTokenId};
use crate::proof::Proof;

/// An upload token as Kaltura's database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadToken {
    /// Its id.
    pub id: UploadTokenId,
    /// How far it has come.
    pub status: TokenStatus,
    /// Contiguous bytes received: where to go on from.
    pub uploaded: u64,
    /// The flavor asset it was attached to while still empty or partial.
    pub flavor_asset_id: Option<String>,
}

/// `KalturaUploadTokenStatus`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenStatus {
    /// 0 or 1: takes bytes.
    Open,
    /// 2: all bytes are there, and no entry took them.
    Full,
    /// 3: all bytes are there, and its entry has taken them.
    Closed,
    /// 4, 5 or anything else: no longer usable.
    Gone,
}

/// Where a chunk belongs in the file.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    /// Its first byte.
    pub at: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// Whether the file ends with it.
    pub last: bool,
}

impl Kaltura {
    /// Reserves room for a file. Harmless when repeated: a token that is never used is forgotten by Kaltura. In the same
    /// request it is asked for `owner`, unless that was done a moment ago: [`Kaltura::is_still_active`] need not ask then.
    pub async fn add_token(
        &self,
        file_name: &str,
        bytes: u64,
        owner: Option<&KalturaUserId>,
    ) -> Result<UploadToken, RemoteError> {
        let token = json!({ "objectType": "KalturaUploadToken", "fileName": file_name, "fileSize": bytes.to_string() });
        let params = json!({ "uploadToken": token });
        let Some(owner) = owner.filter(|owner| !self.confirmed.is_fresh(owner)) else {
            return known("uploadToken.add", self.call("uploadToken", "add", params).await?);
        };
        let parts = vec![("uploadToken", "add", params), by_id(owner.as_str())];
        let [added, user] = two(self.look(parts).await?, "uploadToken.add")?;
        self.take_note(owner.as_str(), user).ok();
        known("uploadToken.add", read_part("uploadToken.add", added)?)
    }

    /// How far the token has come.
    pub async fn token(&self, id: &UploadTokenId) -> Result<UploadToken, RemoteError> {
        known("uploadToken.get", self.call("uploadToken", "get", json!({ "uploadTokenId": id.expose() })).await?)
    }

    /// Gives a token up; an entry that waits for its bytes has no content again. One that does not exist any more is no
    /// error.
    pub async fn delete_token(&self, proof: Proof<UploadTokenId>) -> Result<(), RemoteError> {
        match self.call::<Value>("uploadToken", "delete", json!({ "uploadTokenId": proof.of().expose() })).await {
            Err(error) if error.kind != RemoteKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Sends one chunk and tells how far the token has come. Never repeated here: after any error the token is asked.
    pub async fn send_chunk(
        &self,
        id: &UploadTokenId,
        chunk: Chunk,
        body: reqwest::Body,
    ) -> Result<UploadToken, RemoteError> {
        let flag = |set: bool| if set { "1" } else { "0" };
        // every parameter is given: the defaults would finish the token with the first chunk and append blindly
        let form = Form::new()
            .text("uploadTokenId", id.expose().to_owned())
            .text("resume", flag(chunk.at > 0))
            .text("finalChunk", flag(chunk.last))
            .text("resumeAt", chunk.at.to_string())
            .part("fileData", Part::stream_with_length(body, chunk.bytes).file_name("recording.mp4"));
        let answer = self.upload(form).await?;
        known("uploadToken.upload", read("uploadToken.upload", answer)?)
    }
}

/// How far a token has come: where the numbers can be none, nothing is known of it.
fn known(call: &str, wire: WireToken) -> Result<UploadToken, RemoteError> {
    let (Some(status), Some(uploaded)) = (wire.status.whole(), wire.uploaded_file_size.size()) else {
        let message = format!("the answer to {call} is not what it should be: a number expected");
        return Err(RemoteError::new(Service::Kaltura, RemoteKind::Garbled, message));
    };
    let status = match status {
        0 | 1 => TokenStatus::Open,
        2 => TokenStatus::Full,
        3 => TokenStatus::Closed,
        _ => TokenStatus::Gone,
    };
    Ok(UploadToken { id: UploadTokenId::new(wire.id), status, uploaded, flavor_asset_id: wire.attached_object_id })
}
