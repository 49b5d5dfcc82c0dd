//! `uploadToken.upload`: chunks in any order, re-sent, overlapping, in parallel.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::content::extension;
use super::error::ApiError;
use super::params::Params;
use super::probe::probe;
use super::session::Session;
use super::store::Stored;
use super::tokens::{UploadToken, status};
use super::world::{Shared, World, now};

/// So many chunks that came early are joined at a time (facts from Kaltura's server code).
const JOINED_AT_A_TIME: usize = 10;
/// How often a final chunk looks whether the missing ones have come.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// The file part of an upload, received whole.
pub struct Part {
    pub file_name: String,
    pub content: Stored,
}

/// Where a chunk goes.
struct Chunk {
    resume: bool,
    last: bool,
    /// Negative: to the end of what is there.
    at: Option<u64>,
}

/// What a chunk leaves to be done.
enum Outcome {
    More,
    Whole,
    /// The final chunk is there and others are not.
    Expects(u64),
}

/// Carries out an upload. A final chunk before its predecessors waits for them.
pub async fn upload(
    shared: &Shared,
    params: &Params,
    session: &Session,
    part: Option<Part>,
    arrived: Instant,
) -> Result<Value, ApiError> {
    let id = params.required("uploadTokenId")?;
    if params.flag("finalChunk", true) {
        shared.world().undelete_token(&id, arrived);
    }
    let part = part.ok_or_else(|| ApiError::missing("fileData"))?;
    let final_wait = shared.world().settings.final_wait;
    let mut outcome = shared.world().take_chunk(&id, params, session, part)?;
    let deadline = Instant::now() + final_wait;
    while let Outcome::Expects(size) = outcome {
        if Instant::now() >= deadline {
            let message = "Failed to match expected file size";
            return Err(ApiError::new("UPLOAD_TOKEN_CANNOT_MATCH_EXPECTED_SIZE", message));
        }
        tokio::time::sleep(LOOK_AGAIN).await;
        let mut world = shared.world();
        outcome = open(world.token(&id, session)?)?.join(size);
    }
    let mut world = shared.world();
    if matches!(outcome, Outcome::Whole) {
        world.finish_upload(&id)?;
    }
    Ok(world.token_wire(&id))
}

/// The token, unless it takes no more chunks.
fn open(token: &mut UploadToken) -> Result<&mut UploadToken, ApiError> {
    if !token.is_open() {
        let message = "Upload token is in an invalid status for uploading a file, maybe the file was already uploaded";
        return Err(ApiError::new("UPLOAD_TOKEN_INVALID_STATUS_FOR_UPLOAD", message));
    }
    if token.expired && token.seen.status == status::PARTIAL {
        let message = "Maximum resume time was passed";
        return Err(ApiError::new("UPLOAD_PASSED_MAX_RESUME_TIME_ALLOWED", message));
    }
    Ok(token)
}

impl World {
    fn take_chunk(&mut self, id: &str, params: &Params, session: &Session, part: Part) -> Result<Outcome, ApiError> {
        let resume = params.flag("resume", false);
        let at = params.number("resumeAt").unwrap_or(-1);
        let last = params.flag("finalChunk", true);
        self.check_upload(resume, at)?;
        let token = open(self.token(id, session)?)?;
        let outcome = token.store(&Chunk { resume, last, at: u64::try_from(at).ok() }, part)?;
        token.seen.status = status::PARTIAL;
        token.updated_at = now();
        Ok(outcome)
    }

    /// The upload is complete: its content is looked at and goes to the entry that waits for it.
    fn finish_upload(&mut self, id: &str) -> Result<(), ApiError> {
        let token = self.tokens.get_mut(id).ok_or_else(ApiError::token_not_found)?;
        let content = token.content.as_ref().expect("an upload that has begun");
        if content.length() > 0 && probe(content).is_none() {
            self.drop_token(id, true);
            let message = "Upload token is restricted due to the file type";
            return Err(ApiError::new("UPLOAD_TOKEN_FILE_TYPE_RESTRICTED_FOR_UPLOAD", message));
        }
        token.seen.status = status::FULL;
        let Some(asset_id) = token.seen.attached_asset.clone() else {
            return Ok(());
        };
        if let Some(asset) = self.assets.get_mut(&asset_id).filter(|asset| !asset.deleted) {
            asset.version += 10;
            self.import(id, &asset_id);
        }
        Ok(())
    }
}

impl UploadToken {
    fn store(&mut self, chunk: &Chunk, part: Part) -> Result<Outcome, ApiError> {
        if chunk.resume && self.content.is_none() {
            let message = "Cannot resume the upload, original file was not found";
            return Err(ApiError::new("UPLOAD_TOKEN_CANNOT_RESUME", message));
        }
        if self.seen.file_name.is_none() && !extension(&part.file_name).is_empty() {
            self.seen.file_name = Some(part.file_name);
        }
        let outcome = match (&mut self.content, chunk.at) {
            (Some(content), None) if chunk.resume => {
                content.write_at(content.length(), &part.content);
                if chunk.last { Outcome::Whole } else { Outcome::More }
            }
            (Some(_), Some(at)) if chunk.resume => self.put(at, chunk.last, part.content),
            (content, _) => {
                *content = Some(part.content);
                if chunk.last { Outcome::Whole } else { Outcome::More }
            }
        };
        self.seen.uploaded = self.content.as_ref().map(Stored::length);
        self.seen.most_waiting = self.seen.most_waiting.max(self.waiting.len());
        Ok(outcome)
    }

    fn put(&mut self, at: u64, last: bool, part: Stored) -> Outcome {
        let end = at + part.length();
        if last {
            self.waiting.insert(at, part);
            // a final chunk at 0 is not checked against anything
            return match self.join(end) {
                Outcome::Expects(_) if at == 0 => Outcome::Whole,
                outcome => outcome,
            };
        }
        // chunks that waited are joined before the new one is stored, not after
        self.join(end);
        if part.length() == 0 {
            return Outcome::More;
        }
        let content = self.content.as_mut().expect("checked by the caller");
        if (at..end).contains(&content.length()) {
            content.write_at(at, &part);
        } else {
            self.waiting.insert(at, part);
        }
        Outcome::More
    }

    /// Joins waiting chunks that fit, as many as are joined at a time, and says whether the expected size is reached.
    fn join(&mut self, expected: u64) -> Outcome {
        let content = self.content.as_mut().expect("an upload that has begun");
        let fits = |at: u64, part: &Stored, length: u64| (at..at + part.length()).contains(&length);
        for _ in 0..JOINED_AT_A_TIME {
            let Some((&at, part)) = self.waiting.iter().find(|(at, part)| fits(**at, part, content.length())) else {
                break;
            };
            content.write_at(at, part);
            self.waiting.remove(&at);
        }
        let length = content.length();
        self.seen.uploaded = Some(length);
        if length == expected { Outcome::Whole } else { Outcome::Expects(expected) }
    }
}
