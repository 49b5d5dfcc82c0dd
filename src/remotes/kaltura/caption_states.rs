//! Which captions viewers of an entry have: readable ones, by where they come from, and those that Kaltura could not read.

use serde_json::Value;

use super::client::{Kaltura, read_part};
use super::texts::{BATCH, SERVICES, own_text_kind, texts_on};
use super::users::{UserAnswer, answer_each};
use super::wire::{WireList, WireText};
use crate::model::{CaptionCounts, EntryId, FileKind, TextState};
use crate::remotes::http::{RemoteError, RemoteKind, Service};

impl Kaltura {
    /// For each of `ids`, in order: its captions, by Kaltura's database, no matter who added them. One that is gone has none.
    pub async fn count_captions(&self, ids: &[EntryId]) -> Result<Vec<UserAnswer<CaptionCounts>>, RemoteError> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let parts = batch.iter().map(|id| (SERVICES[0], "list", texts_on(id)));
            let answers = self.look(parts.collect()).await?;
            found.append(&mut answer_each(answers.into_iter().map(sort_captions).collect())?);
        }
        Ok(found)
    }
}

fn sort_captions(answer: Value) -> Result<CaptionCounts, RemoteError> {
    let list: WireList<WireText> = match read_part(SERVICES[0], answer) {
        Err(error) if error.kind == RemoteKind::NotFound => return Ok(CaptionCounts::default()),
        list => list?,
    };
    if !list.is_whole() {
        let message = format!("{}.list showed only some of the texts of an entry", SERVICES[0]);
        return Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message));
    }
    let mut counts = CaptionCounts::default();
    for text in list.objects {
        let is_transcript = own_text_kind(&text) == Some(FileKind::Transcript);
        match text.asset().state {
            TextState::Refused => counts.unreadable += 1,
            TextState::Pending => {}
            TextState::Ready if is_transcript => counts.machine_made += 1,
            TextState::Ready => counts.others += 1,
        }
    }
    Ok(counts)
}
