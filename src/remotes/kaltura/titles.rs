//! The titles of entries: read, and changed. Whether a change was made is looked at afterwards, as Kaltura answers for an
//! entry that it can never change again as if it were done (facts-kaltura.md#k41).

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Kaltura, parse_answer, read_part};
use super::tags::EntryReader;
use super::updates::Dropped;
use super::users::{UserAnswer, answer_each};
use super::wire::WireEntry;
use crate::model::{Entry, EntryId};
use crate::remotes::http::{Meaning, RemoteError, RemoteKind, Service, redact_url};

/// Entries looked at in one request.
const BATCH: usize = 25;

/// An entry and what it is called.
#[derive(Clone, Debug)]
pub struct TitledEntry {
    /// The entry.
    pub entry: Entry,
    /// Its name: untrusted text.
    pub title: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireTitle {
    name: String,
}

impl Kaltura {
    /// Each of `ids` with its title, in order, as the database has it; `None` where it no longer exists.
    pub async fn titles(&self, ids: &[EntryId]) -> Result<Vec<UserAnswer<Option<TitledEntry>>>, RemoteError> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let looks = batch.iter().map(|id| ("media", "get", json!({ "entryId": id.as_str() })));
            let answers = self.look(looks.collect()).await?.into_iter();
            found.append(&mut answer_each(answers.map(|answer| read_title(answer, self.reader())).collect())?);
        }
        Ok(found)
    }

    /// Gives an entry another title than that which it had. One that does not exist any more is no error; where the role does
    /// not open titles it is [`Meaning::FieldDropped`], where the entry has another title afterwards than it was given
    /// [`Meaning::NotDone`]. Harmless when repeated.
    pub async fn retitle(&self, id: &EntryId, before: &str, title: &str) -> Result<(), RemoteError> {
        let change = json!({ "objectType": "KalturaMediaEntry", "name": title });
        let params = json!({ "entryId": id.as_str(), "baseEntry": change });
        let answer = self.look(vec![("baseEntry", "update", params)]).await?.pop().unwrap_or_default();
        let there = self.titles(std::slice::from_ref(id)).await?.pop().unwrap_or(Ok(None))?;
        let Some(TitledEntry { title: there, .. }) = there.filter(|there| there.title != title) else {
            return Ok(());
        };
        // Kaltura shows in its answer what it takes over, and so what it drops; what it makes another text of was not dropped
        let taken = read_part::<WireTitle>("baseEntry.update", answer)?.name;
        if there == before && taken.trim() == before {
            return Err(Dropped { field: "name", asked: title.to_owned(), there: taken }.error("baseEntry.update"));
        }
        let became = if there == before { String::new() } else { format!("; it is {:?} now", redact_url(&there)) };
        let message = format!(
            "baseEntry.update: Kaltura reported success, but did not give entry {} the title {:?}{became}; look at the entry in the KMC",
            redact_url(id.as_str()),
            redact_url(title)
        );
        Err(RemoteError::meant(Service::Kaltura, Meaning::NotDone, message))
    }
}

fn read_title(answer: Value, reader: EntryReader<'_>) -> UserAnswer<Option<TitledEntry>> {
    let title = match read_part::<WireTitle>("media.get", answer.clone()) {
        Err(error) if error.kind == RemoteKind::NotFound => return Ok(None),
        title => title?.name.trim().to_owned(),
    };
    Ok(Some(TitledEntry { entry: reader.entry(parse_answer::<WireEntry>("media.get", answer)?), title }))
}
