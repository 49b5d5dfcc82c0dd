//! Changes of entries, each looked at afterwards: a field that the role does not open is dropped without a word, and of
//! an entry whose data Kaltura can change no more the change is answered as if it were made (facts-kaltura.md#k26,
//! facts-kaltura.md#k41).
//!
//! Entries deleted or put into the recycle bin, each looked at afterwards: of an entry whose data Kaltura can change no
//! more it answers that it was done, and nothing is (facts-kaltura.md#k41); of another it answers with an error
//! although it was done, while its search index is down (facts-kaltura.md#s21).
//!
//! Entries that can never be changed again: Kaltura answers an update or a deletion as if it were done, and stores
//! nothing.
//!
//! What Kaltura did not keep of what it was asked to. It drops a field that the role does not open without a word, and
//! answers as if all were well (facts-kaltura.md#k26): only a look tells.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Kaltura, read_part};
use super::permissions::permission_for;
use super::users::{UserAnswer, answer_each};
use super::wire::WireEntry;
use crate::model::proof::Proof;
use crate::model::{EntryId, EntryStatus, ReferenceId};
use crate::remotes::http::{Meaning, RemoteError, RemoteKind, Service, redact_url};

/// Entries changed in one request.
const BATCH: usize = 25;

impl Kaltura {
    /// Changes each entry, and looks whether it is so then; in order. One that does not exist any more is no error.
    pub(super) async fn update(&self, changes: &[(EntryId, Value)]) -> Result<Vec<UserAnswer<()>>, RemoteError> {
        let mut made = Vec::with_capacity(changes.len());
        for batch in changes.chunks(BATCH) {
            let asked = batch
                .iter()
                .map(|(id, change)| ("baseEntry", "update", json!({ "entryId": id.as_str(), "baseEntry": change })));
            let answers = self.look(asked.collect()).await?;
            let looks = batch.iter().map(|(id, _)| ("media", "get", json!({ "entryId": id.as_str() })));
            let there = self.look(looks.collect()).await?;
            let ends = batch
                .iter()
                .zip(answers)
                .zip(there)
                .map(|(((id, change), answer), there)| settle_update(id, change, answer, there));
            made.append(&mut answer_each(ends.collect())?);
        }
        Ok(made)
    }

    /// Gives each entry the mark beside it; in order.
    pub async fn mark(&self, entries: &[(EntryId, ReferenceId)]) -> Result<Vec<UserAnswer<()>>, RemoteError> {
        let change = |mark: &ReferenceId| json!({ "objectType": "KalturaMediaEntry", "referenceId": mark.as_str() });
        let changes: Vec<_> = entries.iter().map(|(id, mark)| (id.clone(), change(mark))).collect();
        self.update(&changes).await
    }
}

/// What came of one change: what is there counts, whatever the answer was.
fn settle_update(id: &EntryId, change: &Value, answer: Value, there: Value) -> UserAnswer<()> {
    let answer = read_part::<Value>("baseEntry.update", answer);
    let there = match read_part::<Value>("media.get", there) {
        Err(error) if error.kind == RemoteKind::NotFound => return Ok(()),
        there => there?,
    };
    let Some(lacking) = Dropped::of(change, &there) else {
        return Ok(());
    };
    // Kaltura shows in its answer what it takes over, and so what it drops
    if let Some(dropped) = Dropped::of(change, &answer?) {
        return Err(dropped.error("baseEntry.update"));
    }
    let message = format!(
        "baseEntry.update: Kaltura reported success, but did not change {} of entry {}; look at the entry in the KMC",
        lacking.field,
        redact_url(id.as_str())
    );
    Err(RemoteError::meant(Service::Kaltura, Meaning::NotDone, message))
}

/// Between looks at an entry that is still there: a server that reads from a copy of its database may lag.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(400)];

impl Kaltura {
    /// Deletes an entry, with its children. One that does not exist any more is no error; one that is still there is
    /// [`Meaning::NotDone`].
    pub async fn delete(&self, proof: Proof<EntryId>) -> Result<(), RemoteError> {
        self.remove(proof.of(), "media", "delete", "deleted").await
    }

    /// Puts an entry into the recycle bin; its children stay where they are, hidden as they were. One that lies there, or
    /// does not exist any more, is no error. [`Meaning::NoRecycleBin`] where the partner has none.
    pub async fn recycle(&self, proof: Proof<EntryId>) -> Result<(), RemoteError> {
        self.remove(proof.of(), "baseEntry", "recycle", "recycled").await
    }

    async fn remove(&self, id: &EntryId, service: &str, action: &str, done: &str) -> Result<(), RemoteError> {
        let answer = match self.call::<Value>(service, action, json!({ "entryId": id.as_str() })).await {
            Err(error) if error.kind == RemoteKind::NotFound => return Ok(()),
            answer => answer,
        };
        let looks = if answer.is_ok() { PAUSES.len() } else { 1 };
        for pause in &PAUSES[..looks] {
            tokio::time::sleep(*pause).await;
            match (self.is_gone(id).await, &answer) {
                (Ok(true), _) => return Ok(()),
                (Ok(false), _) => {}
                (Err(_), Err(error)) => return Err(error.clone()),
                (Err(error), Ok(_)) => return Err(error),
            }
        }
        answer?;
        let message = format!(
            "{service}.{action}: Kaltura reported success, but the entry is still there: {id} was not {done}; delete it in the KMC, or have Kaltura's support delete it"
        );
        Err(RemoteError::meant(Service::Kaltura, Meaning::NotDone, message))
    }

    /// Whether people see no such entry any more, as the database has it.
    async fn is_gone(&self, id: &EntryId) -> Result<bool, RemoteError> {
        match self.call::<WireEntry>("media", "get", json!({ "entryId": id.as_str() })).await {
            Ok(wire) => {
                let entry = self.reader().entry(wire);
                Ok(entry.status == EntryStatus::Deleted || entry.recycled)
            }
            Err(error) if error.kind == RemoteKind::NotFound => Ok(true),
            Err(error) => Err(error),
        }
    }
}

/// So many bytes of a name lie in a column of its own.
const NAME_COLUMN: usize = 256;

/// The data of an entry of which Kaltura takes a checksum (facts-kaltura.md#k41).
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireFurther {
    name: String,
    reference_id: String,
    user_id: String,
    creator_id: String,
    entitled_users_edit: String,
    entitled_users_publish: String,
    entitled_users_view: String,
}

impl Kaltura {
    /// Whether that is why an update or a deletion was answered and the entry is as it was. Whether such data do harm hangs
    /// on how Kaltura talks to its database: to be asked only once something was not stored.
    pub async fn is_frozen(&self, id: &EntryId) -> Result<bool, RemoteError> {
        match self.call::<WireFurther>("media", "get", json!({ "entryId": id.as_str() })).await {
            Ok(further) => Ok(further.is_frozen()),
            Err(error) if error.kind == RemoteKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl WireFurther {
    fn is_frozen(&self) -> bool {
        let column = (0..=NAME_COLUMN.min(self.name.len())).rev().find(|at| self.name.is_char_boundary(*at));
        let behind = &self.name[column.unwrap_or(0)..];
        let ids = [&self.reference_id, &self.user_id, &self.creator_id];
        let entitled = [&self.entitled_users_edit, &self.entitled_users_publish, &self.entitled_users_view];
        !behind.is_ascii() || ids.into_iter().chain(entitled).any(|text| !text.is_ascii())
    }
}

/// How a field of an entry is compared.
#[derive(Clone, Copy, Debug)]
enum Compared {
    /// Byte for byte.
    Exactly,
    /// An id that Kaltura knows in a letter case of its own.
    AsId,
    /// A list separated by commas, of which each part is there; Kaltura adds to some, and makes tags lower-case.
    AsParts,
}

/// What the program relies on in an entry: the next field is a line.
const RELIED_ON: &[(&str, Compared)] = &[
    ("referenceId", Compared::Exactly),
    ("adminTags", Compared::AsParts),
    ("userId", Compared::AsId),
    ("parentEntryId", Compared::Exactly),
    ("entitledUsersView", Compared::AsParts),
    ("entitledUsersEdit", Compared::AsParts),
    ("entitledUsersPublish", Compared::AsParts),
];

/// A field that is not what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Its name in Kaltura.
    pub field: &'static str,
    /// What was asked for.
    pub asked: String,
    /// What is there.
    pub there: String,
}

impl Compared {
    fn is_same(self, asked: &str, there: &str) -> bool {
        let folded = |text: &str| text.trim().to_lowercase();
        let parts = |text: &str| text.split(',').map(folded).filter(|part| !part.is_empty()).collect::<Vec<_>>();
        match self {
            Compared::Exactly => asked == there,
            Compared::AsId => folded(asked) == folded(there),
            Compared::AsParts => {
                let there = parts(there);
                parts(asked).iter().all(|part| there.contains(part))
            }
        }
    }
}

impl Dropped {
    /// The first field that was asked for and is something else in the entry that is `there`.
    pub(super) fn of(asked: &Value, there: &Value) -> Option<Dropped> {
        RELIED_ON.iter().find_map(|(field, compared)| {
            let asked = asked.get(field)?.as_str()?;
            let there = there.get(field).and_then(Value::as_str).unwrap_or_default();
            let dropped = || Dropped { field, asked: asked.to_owned(), there: there.to_owned() };
            (!compared.is_same(asked, there)).then(dropped)
        })
    }

    /// The error that it is, of `what`. Those who count refusals tell two recordings that meet it from one.
    #[must_use]
    pub fn error(&self, what: &str) -> RemoteError {
        let Dropped { field, asked, there } = self;
        let there = if there.is_empty() { "nothing".to_owned() } else { format!("{:?}", redact_url(there)) };
        let advice = match permission_for(field) {
            Some(permission) => format!("add the permission {permission} to the role of the service user in Kaltura"),
            None => "look at the role of the service user in Kaltura".to_owned(),
        };
        let message = format!(
            "{what}: Kaltura dropped the field {field}: {:?} was sent, {there} is there; {advice}",
            redact_url(asked)
        );
        RemoteError::meant(Service::Kaltura, Meaning::FieldDropped, message)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Dropped, WireFurther};

    /// What is not ASCII and reaches beyond the column of the name.
    #[test]
    fn long_names_beyond_ascii_freeze_entries() {
        let named = |name: String| WireFurther { name, ..WireFurther::default() };
        let cases = [
            (named("ü".repeat(128)), false),
            (named("ü".repeat(129)), true),
            (named("汉".repeat(85)), false),
            (named("汉".repeat(86)), true),
            (named("a".repeat(300)), false),
            (named(format!("{}a", "ü".repeat(128))), false),
            (named(format!("a{}", "ü".repeat(128))), true),
            (named(format!("{}ü", "a".repeat(255))), true),
            (WireFurther { reference_id: "räf".to_owned(), ..WireFurther::default() }, true),
            (WireFurther { user_id: "prüf".to_owned(), ..WireFurther::default() }, true),
            (WireFurther { creator_id: "prüf".to_owned(), ..WireFurther::default() }, true),
            (WireFurther { entitled_users_edit: "prüf".to_owned(), ..WireFurther::default() }, true),
            (WireFurther { entitled_users_publish: "prüf".to_owned(), ..WireFurther::default() }, true),
            (WireFurther { entitled_users_view: "prüf".to_owned(), ..WireFurther::default() }, true),
        ];
        for (number, (further, expected)) in cases.iter().enumerate() {
            assert_eq!(further.is_frozen(), *expected, "case {number}");
        }
    }

    /// What Kaltura spells its own way is none.
    #[test]
    fn only_real_field_differences_are_reported() {
        let asked = json!({
            "referenceId": "Zoom_a", "adminTags": "zoom2kaltura,zoom2kaltura-orphan", "userId": "Prof",
            "parentEntryId": "0_p", "name": "Optics", "entitledUsersEdit": "eve",
        });
        let there = json!({
            "referenceId": "Zoom_a", "adminTags": "zoom2kaltura-orphan,zoom2kaltura", "userId": "prof",
            "parentEntryId": "0_p", "name": "Other", "entitledUsersEdit": "owner,Eve",
        });
        let changed = |field: &str, value: serde_json::Value| {
            let mut there = there.clone();
            there[field] = value;
            Dropped::of(&asked, &there).map(|dropped| dropped.field)
        };
        assert_eq!(Dropped::of(&asked, &there), None);
        let cases = [
            ("referenceId", json!("zoom_A"), Some("referenceId")),
            ("referenceId", json!(null), Some("referenceId")),
            ("referenceId", json!(7), Some("referenceId")),
            ("adminTags", json!("zoom2kaltura-orphan"), Some("adminTags")),
            ("adminTags", json!("zoom2kaltura,zoom2kaltura-orphan,x"), None),
            ("userId", json!("zoom2kaltura"), Some("userId")),
            ("parentEntryId", json!(""), Some("parentEntryId")),
            ("entitledUsersEdit", json!("owner"), Some("entitledUsersEdit")),
            ("name", json!("x"), None),
        ];
        for (field, value, expected) in cases {
            assert_eq!(changed(field, value.clone()), expected, "{field}: {value}");
        }
    }

    #[test]
    fn the_error_names_field_and_permission() {
        let dropped = Dropped { field: "referenceId", asked: "Zoom_a".to_owned(), there: String::new() };
        let said = dropped.error("media.add").to_string();
        for part in
            ["media.add: ", "referenceId", "\"Zoom_a\" was sent, nothing is there", "CONTENT_INGEST_REFERENCE_MODIFY"]
        {
            assert!(said.contains(part), "{part} is not in {said}");
        }
    }
}
