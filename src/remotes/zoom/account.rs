//! What the settings of the account say about recordings.

use serde_json::Value;

use super::client::Zoom;
use super::lenient::whole_number;
use crate::remotes::http::{RemoteError, RemoteKind, Service};

/// As for messages.
const SETTINGS: &str = "the account's settings";
/// Ten years: nobody has recordings deleted later.
const MOST_DAYS: u64 = 3650;

/// Whether Zoom deletes recordings by itself. Groups and users may have another setting than the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoDelete {
    /// It keeps them until somebody deletes them.
    Off,
    /// So many days after they were made.
    After(i64),
}

impl Zoom {
    /// What the account has set (facts-zoom.md#z46). What cannot be understood is an error, and nothing is taken for granted.
    pub async fn auto_delete(&self) -> Result<AutoDelete, RemoteError> {
        let settings: Value = self.get(SETTINGS, &["accounts", "me", "settings"], &[]).await?;
        read_auto_delete(&settings).ok_or_else(|| {
            let message = format!("{SETTINGS} do not say whether and when recordings are deleted");
            RemoteError::new(Service::Zoom, RemoteKind::Rejected, message)
        })
    }
}

fn read_auto_delete(settings: &Value) -> Option<AutoDelete> {
    let recording = settings.get("recording")?;
    if !recording.get("auto_delete_cmr")?.as_bool()? {
        return Some(AutoDelete::Off);
    }
    let days = whole_number(recording.get("auto_delete_cmr_days")?)?;
    (1..=MOST_DAYS).contains(&days).then(|| i64::try_from(days).ok().map(AutoDelete::After))?
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{AutoDelete, read_auto_delete};

    /// A case is a line.
    #[test]
    fn odd_settings_say_nothing() {
        let on = |days: Value| json!({ "recording": { "auto_delete_cmr": true, "auto_delete_cmr_days": days } });
        let cases = [
            (on(json!(120)), Some(AutoDelete::After(120))),
            (on(json!("90")), Some(AutoDelete::After(90))),
            (on(json!(3650)), Some(AutoDelete::After(3650))),
            (json!({ "recording": { "auto_delete_cmr": false, "auto_delete_cmr_days": 30 } }), Some(AutoDelete::Off)),
            (json!({ "recording": { "auto_delete_cmr": false } }), Some(AutoDelete::Off)),
            (on(json!(null)), None),
            (on(json!(0)), None),
            (on(json!(-30)), None),
            (on(json!(3651)), None),
            (on(json!(u64::MAX)), None),
            (on(json!(1e300)), None),
            (on(json!(30.5)), None),
            (on(json!("soon")), None),
            (on(json!([30])), None),
            (json!({ "recording": { "auto_delete_cmr": true } }), None),
            (json!({ "recording": { "auto_delete_cmr": "true", "auto_delete_cmr_days": 30 } }), None),
            (json!({ "recording": { "auto_delete_cmr": null } }), None),
            (json!({ "recording": { "auto_delete_cmr_days": 30 } }), None),
            (json!({ "recording": [] }), None),
            (json!({}), None),
            (json!([]), None),
            (json!(null), None),
        ];
        for (settings, expected) in cases {
            assert_eq!(read_auto_delete(&settings), expected, "{settings}");
        }
    }
}
