//! Entries of which Kaltura makes no captions by itself: `blockAutoTranscript`, which no role drops and which can be
//! changed (facts-kaltura.md#k26, facts-kaltura.md#k39).

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Kaltura, parse_answer, read_part};
use super::entries::{EVERY_STATUS_BUT_DELETED, children_of};
use super::wire::{WireEntry, WireList};
use crate::model::EntryId;
use crate::remotes::http::{RemoteError, RemoteKind};

/// Whether captions of Kaltura's own are blocked.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireBlock {
    block_auto_transcript: Value,
}

impl WireBlock {
    fn is_set(&self) -> bool {
        // true, 1 or "1"
        self.block_auto_transcript == true || matches!(self.block_auto_transcript.to_string().trim_matches('"'), "1")
    }
}

impl Kaltura {
    /// Lets Kaltura make no captions by itself of an entry and of this program's children of it. Returns those of which
    /// Kaltura did not keep it, as of an entry that can never be changed again (facts-kaltura.md#k41). Harmless when repeated.
    pub async fn block_auto_captions(&self, id: &EntryId) -> Result<Vec<EntryId>, RemoteError> {
        let get = |id: &EntryId| ("media", "get", json!({ "entryId": id.as_str() }));
        let mut answers = self.look(vec![get(id), children_of(id, EVERY_STATUS_BUT_DELETED)]).await?.into_iter();
        let mut open = Vec::new();
        if !is_blocked(answers.next().unwrap_or_default())? {
            open.push(id.clone());
        }
        let children: WireList<Value> = read_part("baseEntry.list", answers.next().unwrap_or_default())?;
        for child in children.objects {
            let is_set = parse_answer::<WireBlock>("baseEntry.list", child.clone())?.is_set();
            let child = self.reader().entry(parse_answer::<WireEntry>("baseEntry.list", child)?);
            open.extend((child.ours && !is_set).then_some(child.id));
        }
        if open.is_empty() {
            return Ok(open);
        }
        let change = json!({ "objectType": "KalturaMediaEntry", "blockAutoTranscript": true });
        let update = |id: &EntryId| ("baseEntry", "update", json!({ "entryId": id.as_str(), "baseEntry": change }));
        let mut answers = self.look(open.iter().map(update).chain(open.iter().map(get)).collect()).await?;
        let looks = answers.split_off(open.len());
        let mut not_kept = Vec::new();
        for ((id, answer), look) in open.into_iter().zip(answers).zip(looks) {
            match read_part::<Value>("baseEntry.update", answer) {
                Err(error) if error.kind == RemoteKind::NotFound => continue,
                answer => drop(answer?),
            }
            not_kept.extend((!is_blocked(look)?).then_some(id));
        }
        Ok(not_kept)
    }
}

/// Of an entry that is gone there is nothing to block.
fn is_blocked(answer: Value) -> Result<bool, RemoteError> {
    match read_part::<WireBlock>("media.get", answer) {
        Err(error) if error.kind == RemoteKind::NotFound => Ok(true),
        block => Ok(block?.is_set()),
    }
}
