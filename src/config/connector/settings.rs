//! The settings of Kaltura's own Zoom connector, as `vendor_zoomVendor` returns them: `KalturaZoomIntegrationSetting`
//! (server code; the fields that are left out are absent or `null`, numbers may come as texts).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::one_line;

/// Larger files are no settings.
pub const MOST_BYTES: usize = 1 << 20;

/// So many fields that are not known are named.
const MOST_NAMED: usize = 20;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FieldKind {
    Text,
    Whole,
    Flag,
    /// A number, which stands for one of these words.
    Word(&'static [&'static str]),
    /// Never shown, and of no use here.
    Secret,
}

/// `KalturaHandleParticipantsMode`
const MODES: FieldKind = FieldKind::Word(&[
    "ADD_AS_CO_PUBLISHERS",
    "ADD_AS_CO_VIEWERS",
    "IGNORE",
    "ADD_AS_CO_EDITORS",
    "ADD_AS_CO_EDITORS_CO_PUBLISHERS",
]);

/// All fields that are known.
const FIELDS: &[(&str, FieldKind)] = &[
    ("id", FieldKind::Whole),
    ("status", FieldKind::Word(&["", "DISABLED", "ACTIVE", "DELETED"])),
    ("accountId", FieldKind::Text),
    ("partnerId", FieldKind::Whole),
    ("createdAt", FieldKind::Text),
    ("updatedAt", FieldKind::Text),
    ("zoomAccountDescription", FieldKind::Text),
    ("enableRecordingUpload", FieldKind::Flag),
    ("conversionProfileId", FieldKind::Whole),
    ("defaultUserId", FieldKind::Text),
    ("createUserIfNotExist", FieldKind::Flag),
    ("zoomUserMatchingMode", FieldKind::Word(&["DO_NOT_MODIFY", "ADD_POSTFIX", "REMOVE_POSTFIX", "CMS_MATCHING"])),
    ("zoomUserPostfix", FieldKind::Text),
    ("userSearchMethod", FieldKind::Word(&["EMAIL", "EXTERNAL"])),
    ("enableMeetingUpload", FieldKind::Flag),
    ("enableWebinarUploads", FieldKind::Flag),
    ("groupParticipationType", FieldKind::Word(&["NO_CLASSIFICATION", "OPT_IN", "OPT_OUT"])),
    ("optInGroupNames", FieldKind::Text),
    ("optOutGroupNames", FieldKind::Text),
    ("enableZoomTranscription", FieldKind::Flag),
    ("enableMeetingChat", FieldKind::Flag),
    ("zoomCategory", FieldKind::Text),
    ("zoomWebinarCategory", FieldKind::Text),
    ("handleParticipantsMode", MODES),
    ("handleCohostsMode", MODES),
    ("handleAlternativeHostsMode", MODES),
    ("deletionPolicy", FieldKind::Flag),
    ("jwtToken", FieldKind::Secret),
];

const SETTINGS: &str = "KalturaZoomIntegrationSetting";
const LIST: &str = "KalturaZoomIntegrationSettingResponse";

/// Why a file holds no settings from which a configuration follows. Nothing of what it holds is repeated but names.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectorFault {
    /// It is too large.
    #[error("it has more than {MOST_BYTES} bytes; give only the answer of vendor_zoomVendor")]
    TooLarge,
    /// It is not JSON.
    #[error("it is not JSON (line {0}, character {1}); ask vendor_zoomVendor with format=1")]
    NotJson(usize, usize),
    /// Kaltura refused to tell.
    #[error("Kaltura answered the error {0} in place of the settings")]
    Refused(String),
    /// It holds something else.
    #[error("it holds no {SETTINGS}, but {0}")]
    Foreign(String),
    /// It holds the settings of several Zoom accounts, or of none.
    #[error("it lists {0} integrations; leave the one in it that this configuration is for")]
    NotOne(usize),
    /// A field holds what it never does.
    #[error("{0} is not {1}")]
    Unfit(&'static str, &'static str),
}

/// A value, read as what its field holds.
#[derive(Debug, PartialEq, Eq)]
enum FieldValue {
    Text(String),
    Whole(i64),
    Flag(bool),
    Word(i64, &'static str),
    Secret,
}

/// What the connector is set to.
#[derive(Debug, Default)]
pub struct ConnectorSettings {
    values: BTreeMap<&'static str, FieldValue>,
    /// Fields that this version does not know: their names only, as their values may be secret.
    unknown: Vec<String>,
}

impl ConnectorSettings {
    /// Reads the answer to `get`, or to a `list` with one integration.
    pub fn parse(bytes: &[u8]) -> Result<ConnectorSettings, ConnectorFault> {
        if bytes.len() > MOST_BYTES {
            return Err(ConnectorFault::TooLarge);
        }
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let answer: Value =
            serde_json::from_slice(bytes).map_err(|error| ConnectorFault::NotJson(error.line(), error.column()))?;
        let object = find_settings(answer)?;
        let mut settings = ConnectorSettings::default();
        for (name, value) in object {
            match FIELDS.iter().find(|(known, _)| *known == name) {
                _ if name == "objectType" || value.is_null() => {}
                Some((field, kind)) => {
                    if let Some(value) = read_field(field, *kind, &value)? {
                        settings.values.insert(field, value);
                    }
                }
                None => settings.unknown.push(one_line(&name).chars().take(60).collect()),
            }
        }
        Ok(settings)
    }

    /// Fields that this version does not know, by the names of the first of them; empty where there are none.
    pub fn name_unknown(&self) -> String {
        let named = self.unknown.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        match self.unknown.len().checked_sub(MOST_NAMED) {
            Some(more @ 1..) => format!("{named} and {more} more"),
            _ => named,
        }
    }

    /// A text that says something.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        match self.values.get(field) {
            Some(FieldValue::Text(text)) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// A number, also that of a word.
    pub(super) fn number(&self, field: &str) -> Option<i64> {
        match self.values.get(field) {
            Some(FieldValue::Whole(number) | FieldValue::Word(number, _)) => Some(*number),
            _ => None,
        }
    }

    /// Whether something is switched on.
    pub(super) fn flag(&self, field: &str) -> Option<bool> {
        match self.values.get(field) {
            Some(FieldValue::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// A field with its value, as a person reads it on one line; a secret is not shown.
    pub(super) fn show(&self, field: &str) -> String {
        match self.values.get(field) {
            None => format!("{field} is not set"),
            Some(FieldValue::Text(text)) => {
                format!("{field} = {:?}", one_line(text).chars().take(200).collect::<String>())
            }
            Some(FieldValue::Whole(number)) => format!("{field} = {number}"),
            Some(FieldValue::Flag(flag)) => format!("{field} = {flag}"),
            Some(FieldValue::Word(number, word)) => format!("{field} = {number} ({word})"),
            Some(FieldValue::Secret) => format!("{field} = … (a secret, not shown)"),
        }
    }
}

/// The one integration in the answer.
fn find_settings(answer: Value) -> Result<Map<String, Value>, ConnectorFault> {
    let Value::Object(mut object) = answer else {
        return Err(ConnectorFault::Foreign("no object".to_owned()));
    };
    let kind = object.get("objectType").and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_list = kind == LIST || (kind.is_empty() && object.contains_key("objects"));
    match kind.as_str() {
        "KalturaAPIException" => {
            let code = object.get("code").and_then(Value::as_str).unwrap_or("without a code");
            Err(ConnectorFault::Refused(one_line(code).chars().take(60).collect()))
        }
        _ if is_list => match object.remove("objects") {
            Some(Value::Array(mut found)) if found.len() == 1 => find_settings(found.remove(0)),
            Some(Value::Array(found)) => Err(ConnectorFault::NotOne(found.len())),
            _ => Err(ConnectorFault::NotOne(0)),
        },
        SETTINGS => Ok(object),
        "" if object.keys().any(|name| FIELDS.iter().any(|(known, _)| known == name)) => Ok(object),
        "" => Err(ConnectorFault::Foreign("an object without its fields".to_owned())),
        other => Err(ConnectorFault::Foreign(one_line(other).chars().take(60).collect())),
    }
}

/// `None` for what stands for no value.
fn read_field(field: &'static str, kind: FieldKind, value: &Value) -> Result<Option<FieldValue>, ConnectorFault> {
    let unfit = |wanted| ConnectorFault::Unfit(field, wanted);
    let number = || match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_i64(),
        _ => None,
    };
    match kind {
        FieldKind::Secret => Ok(Some(FieldValue::Secret)),
        FieldKind::Text => match value {
            Value::String(text) => Ok(Some(FieldValue::Text(text.clone()))),
            Value::Number(number) => Ok(Some(FieldValue::Text(number.to_string()))),
            _ => Err(unfit("a text")),
        },
        FieldKind::Flag => match value {
            Value::Bool(flag) => Ok(Some(FieldValue::Flag(*flag))),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Some(FieldValue::Flag(true))),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Some(FieldValue::Flag(false))),
            Value::String(text) if text.trim().is_empty() => Ok(None),
            // `KalturaNullableBoolean`
            _ => match number() {
                Some(-1) => Ok(None),
                Some(number @ (0 | 1)) => Ok(Some(FieldValue::Flag(number == 1))),
                _ => Err(unfit("true or false")),
            },
        },
        _ if value.as_str().is_some_and(|text| text.trim().is_empty()) => Ok(None),
        FieldKind::Whole => number().map(|number| Some(FieldValue::Whole(number))).ok_or(unfit("a whole number")),
        FieldKind::Word(words) => {
            let number = number().ok_or(unfit("one of Kaltura's numbers for it"))?;
            let word = usize::try_from(number).ok().and_then(|place| words.get(place)).filter(|word| !word.is_empty());
            let word = word.ok_or(unfit("one of Kaltura's numbers for it"))?;
            Ok(Some(FieldValue::Word(number, word)))
        }
    }
}

/// The names of all fields.
#[cfg(test)]
pub(super) fn list_fields() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::{ConnectorFault, ConnectorSettings, MOST_BYTES};

    fn fault(text: &str) -> String {
        ConnectorSettings::parse(text.as_bytes()).expect_err("a fault").to_string()
    }

    /// A case is a line; what the file holds is not repeated.
    #[test]
    fn only_connector_settings_are_read() {
        let cases = [
            ("", "it is not JSON (line 1, character 0); ask vendor_zoomVendor with format=1"),
            ("<xml/>", "it is not JSON (line 1, character 1); ask vendor_zoomVendor with format=1"),
            ("[1]", "it holds no KalturaZoomIntegrationSetting, but no object"),
            (r#"{"s3cret":1}"#, "it holds no KalturaZoomIntegrationSetting, but an object without its fields"),
            (
                r#"{"objectType":"KalturaWebexAPIIntegrationSetting"}"#,
                "it holds no KalturaZoomIntegrationSetting, but KalturaWebexAPIIntegrationSetting",
            ),
            (
                r#"{"objectType":"KalturaAPIException","code":"INVALID_KS","message":"s3cret"}"#,
                "Kaltura answered the error INVALID_KS in place of the settings",
            ),
            (
                r#"{"objects":[],"totalCount":0}"#,
                "it lists 0 integrations; leave the one in it that this configuration is for",
            ),
            (
                r#"{"objects":[{"id":1},{"id":2}],"objectType":"KalturaZoomIntegrationSettingResponse"}"#,
                "it lists 2 integrations; leave the one in it that this configuration is for",
            ),
            (r#"{"partnerId":"s3cret"}"#, "partnerId is not a whole number"),
            (r#"{"zoomUserMatchingMode":9}"#, "zoomUserMatchingMode is not one of Kaltura's numbers for it"),
            (r#"{"deletionPolicy":"s3cret"}"#, "deletionPolicy is not true or false"),
            (r#"{"zoomCategory":["s3cret"]}"#, "zoomCategory is not a text"),
        ];
        for (text, expected) in cases {
            assert_eq!(fault(text), expected, "{text}");
        }
        let large = vec![b' '; MOST_BYTES + 1];
        assert_eq!(ConnectorSettings::parse(&large).expect_err("a fault"), ConnectorFault::TooLarge);
    }

    #[test]
    fn texts_stand_for_numbers_too() {
        let text = r#"{"objects":[{"partnerId":"102","deletionPolicy":"1","enableMeetingUpload":-1,"zoomCategory":null,
            "defaultUserId":" ","userSearchMethod":"1","jwtToken":"s3cret","newField":"s3cret"}],"totalCount":1}"#;
        let settings = ConnectorSettings::parse(text.as_bytes()).expect("settings");
        assert_eq!((settings.number("partnerId"), settings.flag("deletionPolicy")), (Some(102), Some(true)));
        assert_eq!((settings.flag("enableMeetingUpload"), settings.text("defaultUserId")), (None, None));
        assert_eq!(settings.show("userSearchMethod"), "userSearchMethod = 1 (EXTERNAL)");
        assert_eq!(settings.show("zoomCategory"), "zoomCategory is not set");
        assert_eq!(
            (settings.show("jwtToken").contains("s3cret"), settings.name_unknown()),
            (false, "newField".to_owned())
        );
        let mut many: serde_json::Map<_, _> = (0..40_000).map(|number| (format!("new{number:05}"), 1.into())).collect();
        many.insert("id".to_owned(), 1.into());
        let settings = ConnectorSettings::parse(&serde_json::to_vec(&many).expect("JSON")).expect("settings");
        let named = settings.name_unknown();
        assert!(named.len() < 300 && named.ends_with("new00019 and 39980 more"), "{named}");
    }
}
