//! Upload tokens and their chunks.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::client::{Kaltura, parse_answer, read_part, split_two};
use super::listing::pager_value;
use super::users::user_call;
use super::wire::{WireList, WireToken};
use crate::model::proof::Proof;
use crate::model::{KalturaUserId, TokenStatus, UploadTokenId};
use crate::remotes::http::{RemoteError, RemoteKind, Service};

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
    /// When it was made, by Kaltura's clock, where that can be read.
    pub created: Option<DateTime<Utc>>,
    /// When it last changed, likewise.
    pub updated: Option<DateTime<Utc>>,
}

/// A token that was made under a name, and what goes by the same name.
#[derive(Debug)]
pub struct ClaimedToken {
    /// The token.
    pub token: UploadTokenId,
    /// Every other token of the name that was not deleted, no matter who made it.
    pub others: Vec<UploadToken>,
}

/// A file that is to be uploaded.
#[derive(Clone, Debug)]
pub struct WantedToken {
    /// The names of its upload, its own first.
    pub names: Vec<String>,
    /// Its size.
    pub bytes: u64,
    /// Whose entry it becomes.
    pub owner: KalturaUserId,
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

/// Every status but that of a deleted token; without it a list leaves out closed ones (facts-kaltura.md#k40).
const NOT_DELETED: &str = "0,1,2,3";
/// Between looks at a list that does not show yet what was just made: a server that reads from a copy of its database may
/// lag.
const PAUSES: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(800)];
/// Times that a token is deleted, and found again, before that is an error.
const ENDINGS: usize = 5;

impl Kaltura {
    /// Makes a token under the first of `names` and lists, in the same request, all that go by any of them: what
    /// Kaltura's database has, without its search index (facts-kaltura.md#k40). In the same request it is asked for
    /// `owner`, unless that was done a moment ago: [`Kaltura::is_still_active`] need not ask then.
    pub async fn claim(
        &self,
        names: &[String],
        bytes: u64,
        owner: Option<&KalturaUserId>,
    ) -> Result<ClaimedToken, RemoteError> {
        let owner = owner.filter(|owner| !self.confirmed.is_fresh(owner));
        let mut parts = vec![new_token(&names[0], bytes)];
        parts.extend(owner.map(|owner| user_call(owner.as_str())));
        parts.extend(names.iter().map(|name| tokens_by_name(name)));
        let params = Kaltura::multirequest(parts);
        // the login has its own retries
        self.session().await?;
        let (token, rest) = self
            .retry
            .run(|| async {
                let answers: Vec<Value> = self.call_once("multirequest", "", params.clone()).await?;
                let mut answers = answers.into_iter();
                let added = answers.next().unwrap_or_default();
                let token = self.known("uploadToken.add", read_part("uploadToken.add", added)?)?;
                Ok((token.id, answers.collect::<Vec<_>>()))
            })
            .await?;
        let mut rest = rest.into_iter();
        if let Some((owner, user)) = owner.and_then(|owner| Some((owner, rest.next()?))) {
            self.take_note(owner.as_str(), user).ok();
        }
        let mut listed = self.tokens_in(rest.collect(), names.len());
        for pause in PAUSES {
            if listed.as_ref().is_ok_and(|listed| listed.iter().any(|other| other.id == token)) {
                break;
            }
            tokio::time::sleep(pause).await;
            listed = self.tokens_named(names).await;
        }
        let mut others = listed?;
        if !others.iter().any(|other| other.id == token) {
            return Err(garbled_token("uploadToken.list does not show a token that was just made; try again later"));
        }
        others.retain(|other| other.id != token);
        Ok(ClaimedToken { token, others })
    }

    /// Makes a token for each of several files and lists what goes by their names, all in one request; with it, their owners
    /// are asked for. `None` for a file of which that went wrong, or of which there is another token: it is claimed by
    /// itself, in its turn. Never repeated: nobody waits for it.
    pub async fn claim_each(&self, wanted: &[WantedToken]) -> Result<Vec<Option<UploadTokenId>>, RemoteError> {
        let mut owners: Vec<&KalturaUserId> = wanted.iter().map(|wanted| &wanted.owner).collect();
        owners.sort_unstable();
        owners.dedup();
        owners.retain(|owner| !self.confirmed.is_fresh(owner));
        let mut parts = Vec::new();
        for WantedToken { names, bytes, .. } in wanted {
            parts.push(new_token(&names[0], *bytes));
            parts.extend(names.iter().map(|name| tokens_by_name(name)));
        }
        parts.extend(owners.iter().map(|owner| user_call(owner.as_str())));
        let answers: Vec<Value> = self.call_once("multirequest", "", Kaltura::multirequest(parts)).await?;
        let mut answers = answers.into_iter();
        let (mut claimed, mut unused) = (Vec::new(), Vec::new());
        for WantedToken { names, .. } in wanted {
            let added = read_part("uploadToken.add", answers.next().unwrap_or_default());
            let listed = self.tokens_in(answers.by_ref().take(names.len()).collect(), names.len());
            let token = added.and_then(|added| self.known("uploadToken.add", added)).ok().map(|token| token.id);
            let is_alone = |token: &UploadTokenId| {
                listed.as_ref().is_ok_and(|listed| listed.iter().map(|listed| &listed.id).eq([token]))
            };
            match token {
                Some(token) if !is_alone(&token) => {
                    unused.push(Proof::claim(&token));
                    claimed.push(None);
                }
                token => claimed.push(token),
            }
        }
        for (owner, user) in owners.into_iter().zip(answers) {
            self.take_note(owner.as_str(), user).ok();
        }
        // one that is left behind counts for a moment, and is ended then
        self.delete_tokens(unused).await.ok();
        Ok(claimed)
    }

    /// Gives several tokens up that nothing was sent by, in one request. Those that no longer exist are no error.
    pub async fn delete_tokens(&self, proofs: Vec<Proof<UploadTokenId>>) -> Result<(), RemoteError> {
        if proofs.is_empty() {
            return Ok(());
        }
        let parts =
            proofs.iter().map(|proof| ("uploadToken", "delete", json!({ "uploadTokenId": proof.of().expose() })));
        for answer in self.look(parts.collect()).await? {
            match read_part::<Value>("uploadToken.delete", answer) {
                Err(error) if error.kind != RemoteKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Every token of these names that was not deleted: all of them, or an error.
    pub async fn tokens_named(&self, names: &[String]) -> Result<Vec<UploadToken>, RemoteError> {
        let answers = self.look(names.iter().map(|name| tokens_by_name(name)).collect()).await?;
        self.tokens_in(answers, names.len())
    }

    pub(super) fn tokens_in(&self, answers: Vec<Value>, lists: usize) -> Result<Vec<UploadToken>, RemoteError> {
        if answers.len() != lists {
            return Err(garbled_token("the answer to uploadToken.list lacks a part"));
        }
        let mut tokens = Vec::new();
        for answer in answers {
            let list: WireList<WireToken> = read_part("uploadToken.list", answer)?;
            if !list.is_whole() {
                return Err(garbled_token("uploadToken.list showed only some of the uploads of a recording"));
            }
            for token in list.objects {
                tokens.push(self.known("uploadToken.list", token)?);
            }
        }
        Ok(tokens)
    }

    /// Deletes a token until it is gone, and returns how it was when it was last seen; `None` where it was gone already. A
    /// final chunk under way undoes the deletion.
    pub async fn end_token(&self, proof: Proof<UploadTokenId>) -> Result<Option<UploadToken>, RemoteError> {
        let mut last = None;
        for _ in 0..ENDINGS {
            let params = json!({ "uploadTokenId": proof.of().expose() });
            let parts = vec![("uploadToken", "get", params.clone()), ("uploadToken", "delete", params)];
            let [found, _] = split_two(self.look(parts).await?, "uploadToken.get")?;
            match read_part("uploadToken.get", found) {
                Ok(wire) => last = Some(self.known("uploadToken.get", wire)?),
                Err(error) if error.kind == RemoteKind::NotFound => return Ok(last),
                Err(error) => return Err(error),
            }
        }
        Err(garbled_token(
            "uploadToken.delete: Kaltura reported success, but the upload is still there; try again later",
        ))
    }

    /// The token, unless it is gone.
    pub async fn token_there(&self, id: &UploadTokenId) -> Result<Option<UploadToken>, RemoteError> {
        match self.token(id).await {
            Ok(token) => Ok(Some(token)),
            Err(error) if error.kind == RemoteKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How far the token has come.
    pub async fn token(&self, id: &UploadTokenId) -> Result<UploadToken, RemoteError> {
        self.known("uploadToken.get", self.call("uploadToken", "get", json!({ "uploadTokenId": id.expose() })).await?)
    }

    /// Gives a token up; an entry that waits for its bytes has no content again. One that does not exist any more is no
    /// error.
    pub async fn delete_token(&self, proof: Proof<UploadTokenId>) -> Result<(), RemoteError> {
        match self.call::<Value>("uploadToken", "delete", json!({ "uploadTokenId": proof.of().expose() })).await {
            Err(error) if error.kind != RemoteKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Sends one chunk and returns how far the token has come. Never repeated here: after any error the token is asked.
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
        self.known("uploadToken.upload", parse_answer("uploadToken.upload", answer)?)
    }

    /// How far a token has come: where the numbers can be none, nothing is known of it.
    fn known(&self, call: &str, wire: WireToken) -> Result<UploadToken, RemoteError> {
        let (Some(status), Some(uploaded)) = (wire.status.whole(), wire.uploaded_file_size.size()) else {
            return Err(garbled_token(&format!("the answer to {call} cannot be understood: a number expected")));
        };
        let status = match status {
            0 | 1 => TokenStatus::Open,
            2 => TokenStatus::Full,
            3 => TokenStatus::Closed,
            _ => TokenStatus::Gone,
        };
        Ok(UploadToken {
            id: UploadTokenId::new(wire.id),
            status,
            uploaded,
            flavor_asset_id: wire.attached_object_id,
            created: wire.created_at.time(self.latest()),
            updated: wire.updated_at.time(self.latest()),
        })
    }
}

/// The call that makes a token.
fn new_token(name: &str, bytes: u64) -> (&'static str, &'static str, Value) {
    let token = json!({ "objectType": "KalturaUploadToken", "fileName": name, "fileSize": bytes.to_string() });
    ("uploadToken", "add", json!({ "uploadToken": token }))
}

/// The call that lists what goes by a name, the oldest first.
pub(super) fn tokens_by_name(name: &str) -> (&'static str, &'static str, Value) {
    let filter = json!({
        "objectType": "KalturaUploadTokenFilter", "fileNameEqual": name, "statusIn": NOT_DELETED, "orderBy": "+createdAt",
    });
    ("uploadToken", "list", json!({ "filter": filter, "pager": pager_value(1) }))
}

fn garbled_token(message: &str) -> RemoteError {
    RemoteError::new(Service::Kaltura, RemoteKind::Garbled, message.to_owned())
}
