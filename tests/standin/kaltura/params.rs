//! The parameters of a call, whatever form they were sent in.

use serde_json::{Map, Value};

use super::error::ApiError;
use super::schema::fields;

/// Named values, nested as in the JSON form: `filter:statusIn=7` and `filter[statusIn]=7` become `{"filter":{"statusIn":"7"}}`.
#[derive(Clone, Debug, Default)]
pub struct Params(Map<String, Value>);

impl Params {
    /// The members of a JSON object; nothing if it is none.
    pub fn from_json(body: &[u8]) -> Params {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Params(members),
            _ => Params::default(),
        }
    }

    /// The pairs of a form body or a query string.
    pub fn from_form(form: &str) -> Params {
        let mut params = Params::default();
        for pair in form.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            params.set(&decoded(name), decoded(value));
        }
        params
    }

    /// Puts a value where its flat name says.
    pub fn set(&mut self, name: &str, value: String) {
        let name = name.replace('[', ":").replace(']', "");
        let mut path: Vec<&str> = name.split(':').collect();
        let last = path.pop().unwrap_or_default();
        let mut members = &mut self.0;
        for step in path {
            let nested = members.entry(step).or_insert_with(|| Value::Object(Map::new()));
            if !nested.is_object() {
                *nested = Value::Object(Map::new());
            }
            members = nested.as_object_mut().expect("made an object above");
        }
        members.insert(last.to_owned(), Value::String(value));
    }

    /// Drops a parameter.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Takes over what `other` has; its values win.
    pub fn merge(&mut self, other: Params) {
        self.0.extend(other.0);
    }

    /// Leaves these parameters and adds what only `other` has.
    pub fn inherit(&mut self, other: &Params, name: &str) {
        if let (false, Some(value)) = (self.0.contains_key(name), other.0.get(name)) {
            self.0.insert(name.to_owned(), value.clone());
        }
    }

    /// The parameters as one JSON object.
    pub fn json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    /// Names and values on this level.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// A scalar as text; a parameter that is absent or null is none.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Bool(flag) => Some(if *flag { "1" } else { "0" }.to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A scalar that is there and not empty: Kaltura ignores an empty filter value.
    pub fn filled(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// A scalar that has to be there, be it empty.
    pub fn required(&self, name: &str) -> Result<String, ApiError> {
        self.text(name).ok_or_else(|| ApiError::missing(name))
    }

    /// A whole number; what is none counts as 0, as in PHP.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name).map(|text| text.trim().parse().unwrap_or(0))
    }

    /// A boolean as Kaltura reads it: `false` in any letter case, `0` and nothing are false.
    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.text(name).map_or(default, |text| !text.is_empty() && text != "0" && !text.eq_ignore_ascii_case("false"))
    }

    /// The members of an object; none if it is something else.
    pub fn from_value(value: &Value) -> Option<Params> {
        value.as_object().cloned().map(Params)
    }

    /// A nested object.
    pub fn object(&self, name: &str) -> Option<Params> {
        Params::from_value(self.0.get(name)?)
    }

    /// A nested object that has to be there.
    pub fn required_object(&self, name: &str) -> Result<Params, ApiError> {
        self.object(name).ok_or_else(|| ApiError::missing(name))
    }

    /// Changes every text, on every level.
    pub fn rewrite(&mut self, change: &dyn Fn(&str) -> String) {
        for value in self.0.values_mut() {
            rewrite(value, change);
        }
    }

    /// Refuses characters that XML does not allow, as Kaltura does even in JSON.
    pub fn check_characters(&self) -> Result<(), ApiError> {
        self.0.iter().try_for_each(|(name, value)| check(name, value))
    }
}

fn rewrite(value: &mut Value, change: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, change)),
        Value::Object(members) => members.values_mut().for_each(|member| rewrite(member, change)),
        _ => {}
    }
}

fn check(name: &str, value: &Value) -> Result<(), ApiError> {
    match value {
        Value::String(text) if text.chars().any(is_refused) => Err(ApiError::invalid_char(name)),
        Value::Array(items) => items.iter().try_for_each(|item| check(name, item)),
        Value::Object(members) => {
            let kind = members.get("objectType").and_then(Value::as_str).unwrap_or_default();
            let place = |name: &str| fields(kind).iter().position(|field| field.name == name);
            let mut members: Vec<_> = members.iter().collect();
            // the first of a type's fields is named, in the order that the type has them in
            members.sort_by_key(|(name, _)| place(name));
            members.into_iter().try_for_each(|(name, value)| check(name, value))
        }
        _ => Ok(()),
    }
}

fn is_refused(c: char) -> bool {
    (c < ' ' && !"\t\n\r".contains(c)) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Undoes the percent encoding of forms.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        let escape = (byte == b'%').then(|| rest.get(..2)).flatten();
        let escaped = escape
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, escaped) {
            (_, Some(escaped)) => {
                bytes.push(escaped);
                rest = &rest[2..];
            }
            (b'+', None) => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
