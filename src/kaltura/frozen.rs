//! Entries that can never be changed again: Kaltura answers an update or a deletion as if it were done, and stores nothing.

use serde::Deserialize;
use serde_json::json;

use super::client::Kaltura;
use crate::http::{RemoteError, RemoteKind};
use crate::model::EntryId;

/// So many bytes of a name lie in a column of its own.
const NAME_COLUMN: usize = 256;

/// The data of an entry of which Kaltura takes a checksum (recorded traffic, scenario 31).
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

#[cfg(test)]
mod tests {
    use super::WireFurther;

    #[test]
    fn what_is_not_ascii_beyond_the_column_of_the_name_freezes_an_entry() {
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
}
