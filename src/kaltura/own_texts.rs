//! Which texts of this program hang on entries that an earlier ledger knew.

use serde_json::Value;

use super::client::{Kaltura, read_part};
use super::texts::{BATCH, SERVICES, texts_on};
use super::users::{UserAnswer, answer_each};
use super::wire::{WireList, WireText};
use crate::http::{RemoteError, RemoteKind};
use crate::model::{EntryId, FileKind, OwnTexts};

impl Kaltura {
    /// For each of `ids`, in order: the texts of this program on it, by Kaltura's database.
    pub async fn own_texts(&self, ids: &[EntryId]) -> Result<Vec<UserAnswer<OwnTexts>>, RemoteError> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let parts = batch.iter().flat_map(|id| SERVICES.map(|service| (service, "list", texts_on(id))));
            let mut answers = self.look(parts.collect()).await?.into_iter();
            let each = batch.iter().map(|_| {
                let mut texts = OwnTexts::default();
                for service in SERVICES {
                    count_own_texts(&mut texts, service, answers.next().unwrap_or_default())?;
                }
                Ok(texts)
            });
            found.append(&mut answer_each(each.collect())?);
        }
        Ok(found)
    }
}

fn count_own_texts(texts: &mut OwnTexts, service: &str, answer: Value) -> Result<(), RemoteError> {
    let list: WireList<WireText> = match read_part(service, answer) {
        Err(error) if error.kind == RemoteKind::NotFound => return Ok(()),
        list => list?,
    };
    for text in list.objects {
        if let Some(kind) = own_text_kind(&text) {
            texts.add(kind, text.asset().bytes > 0);
        }
    }
    Ok(())
}

/// Of which kind of file it was made, where it is this program's.
fn own_text_kind(text: &WireText) -> Option<FileKind> {
    if text.is_our_chat() {
        return Some(FileKind::Chat);
    }
    let is_transcript = text.label.contains("(transcript");
    text.is_our_caption().then_some(if is_transcript { FileKind::Transcript } else { FileKind::ClosedCaptions })
}
