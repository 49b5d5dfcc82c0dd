//! What Kaltura did not keep of what it was asked to. It drops a field that the role does not open without a word, and
//! answers as if all were well (recorded traffic, scenario 21): only a look tells.

use serde_json::Value;

use super::permissions::permission_for;
use crate::http::{Meaning, RemoteError, Service, redact_url};

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

    /// The error that it is, of `what`. Whoever counts refusals tells two recordings that meet it from one.
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

    use super::Dropped;

    #[test]
    fn a_field_that_is_something_else_is_told_and_what_kaltura_spells_its_own_way_is_not() {
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
