//! Zoom's JSON, read without copying its texts: a page of a list has hundreds of objects with dozens of fields each, and
//! most of them are of no use here.
//!
//! A field may be missing or of any type, an object may be none, and of a field that comes twice the last one counts.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

/// The value of a field; a list or an object is nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Field<'a> {
    Text(Cow<'a, str>),
    Number(Number),
    Flag(bool),
    #[default]
    Nothing,
}

impl<'a> From<&'a Value> for Field<'a> {
    fn from(value: &'a Value) -> Field<'a> {
        match value {
            Value::String(text) => Field::Text(Cow::Borrowed(text)),
            Value::Number(number) => Field::Number(number.clone()),
            Value::Bool(flag) => Field::Flag(*flag),
            Value::Null | Value::Array(_) | Value::Object(_) => Field::Nothing,
        }
    }
}

impl Field<'_> {
    /// As Zoom sent it.
    pub(super) fn as_sent(&self) -> String {
        match self {
            Field::Text(text) => Value::from(&**text).to_string(),
            Field::Number(number) => number.to_string(),
            Field::Flag(flag) => flag.to_string(),
            Field::Nothing => "null".to_owned(),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Field<'a>, D::Error> {
        from.deserialize_any(FieldVisitor(PhantomData))
    }
}

struct FieldVisitor<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for FieldVisitor<'a> {
    type Value = Field<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Field<'a>, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Field<'a>, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Field<'a>, E> {
        Ok(Field::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Field<'a>, E> {
        Ok(Field::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Field<'a>, E> {
        Ok(Number::from_f64(number).map_or(Field::Nothing, Field::Number))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Field<'a>, E> {
        Ok(Field::Flag(flag))
    }

    fn visit_unit<E>(self) -> Result<Field<'a>, E> {
        Ok(Field::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Field<'a>, A::Error> {
        skip_list(&mut list)?;
        Ok(Field::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Field<'a>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Nothing)
    }
}

fn skip_list<'de, A: SeqAccess<'de>>(list: &mut A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Something with fields.
pub(super) trait RecordFields<'de>: Default {
    /// What they are called.
    const NAMES: &'static [&'static str];

    /// Takes up the value of the field of this number.
    fn take<A: MapAccess<'de>>(&mut self, number: usize, object: &mut A) -> Result<(), A::Error>;
}

/// An object, whose fields are all empty where it is something else.
#[derive(Debug, Default)]
pub(super) struct Record<T>(pub(super) T);

impl<'de, T: RecordFields<'de>> Deserialize<'de> for Record<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Record<T>, D::Error> {
        from.deserialize_any(RecordVisitor(PhantomData))
    }
}

struct RecordVisitor<T>(PhantomData<T>);

impl<'de, T: RecordFields<'de>> Visitor<'de> for RecordVisitor<T> {
    type Value = Record<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Record<T>, A::Error> {
        let mut record = T::default();
        while let Some(found) = object.next_key_seed(NameIn(T::NAMES))? {
            match found {
                Some(number) => record.take(number, &mut object)?,
                None => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Record(record))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Record<T>, A::Error> {
        skip_list(&mut list)?;
        Ok(Record::default_of())
    }

    fn visit_str<E>(self, _: &str) -> Result<Record<T>, E> {
        Ok(Record::default_of())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Record<T>, E> {
        Ok(Record::default_of())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Record<T>, E> {
        Ok(Record::default_of())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Record<T>, E> {
        Ok(Record::default_of())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Record<T>, E> {
        Ok(Record::default_of())
    }

    fn visit_unit<E>(self) -> Result<Record<T>, E> {
        Ok(Record::default_of())
    }
}

impl<T: Default> Record<T> {
    fn default_of() -> Record<T> {
        Record(T::default())
    }
}

/// The number of a name among those that count.
struct NameIn(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for NameIn {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<usize>, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for NameIn {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|known| *known == name))
    }
}

/// A list, which is empty where it is something else.
#[derive(Debug)]
pub(super) struct Records<T>(pub(super) Vec<Record<T>>);

impl<T> Default for Records<T> {
    fn default() -> Records<T> {
        Records(Vec::new())
    }
}

impl<'de, T: RecordFields<'de>> Deserialize<'de> for Records<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Records<T>, D::Error> {
        from.deserialize_any(RecordsVisitor(PhantomData))
    }
}

struct RecordsVisitor<T>(PhantomData<T>);

impl<'de, T: RecordFields<'de>> Visitor<'de> for RecordsVisitor<T> {
    type Value = Records<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Records<T>, A::Error> {
        let mut records = Vec::new();
        while let Some(record) = list.next_element()? {
            records.push(record);
        }
        Ok(Records(records))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Records<T>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Records::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Records<T>, E> {
        Ok(Records::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Records<T>, E> {
        Ok(Records::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Records<T>, E> {
        Ok(Records::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Records<T>, E> {
        Ok(Records::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Records<T>, E> {
        Ok(Records::default())
    }

    fn visit_unit<E>(self) -> Result<Records<T>, E> {
        Ok(Records::default())
    }
}

#[cfg(test)]
mod tests {
    use serde::de::MapAccess;
    use serde_json::{Value, json};

    use super::{Field, Record, RecordFields, Records};

    #[derive(Debug, Default)]
    struct Sample<'a> {
        id: Field<'a>,
        parts: Records<Part>,
    }

    #[derive(Debug, Default)]
    struct Part;

    impl<'de: 'a, 'a> RecordFields<'de> for Sample<'a> {
        const NAMES: &'static [&'static str] = &["id", "parts"];

        fn take<A: MapAccess<'de>>(&mut self, number: usize, object: &mut A) -> Result<(), A::Error> {
            match number {
                0 => self.id = object.next_value()?,
                _ => self.parts = object.next_value()?,
            }
            Ok(())
        }
    }

    impl<'de> RecordFields<'de> for Part {
        const NAMES: &'static [&'static str] = &[];

        fn take<A: MapAccess<'de>>(&mut self, _: usize, _: &mut A) -> Result<(), A::Error> {
            Ok(())
        }
    }

    /// The same as what a whole value would say, from the bytes as from a value.
    #[test]
    fn odd_json_leaves_fields_empty() {
        let cases = [
            (r#"{"id": "a", "parts": [{}, 1, null, "x", [2], {"deep": [[]]}]}"#, json!("a"), 6),
            (r#"{"id": "a\nb"}"#, json!("a\nb"), 0),
            (r#"{"id": 17, "other": {"id": 3}, "parts": {}}"#, json!(17), 0),
            (r#"{"id": -1.5, "parts": "none"}"#, json!(-1.5), 0),
            (r#"{"id": 18446744073709551616, "parts": 1.5}"#, json!(18_446_744_073_709_551_616.0), 0),
            (r#"{"id": [1, {"a": 2}], "parts": true}"#, json!(null), 0),
            (r#"{"id": {"a": [1]}, "parts": -1}"#, json!(null), 0),
            (r#"{"id": "first", "id": false, "parts": null}"#, json!(false), 0),
            ("{}", json!(null), 0),
        ];
        for (text, id, parts) in cases {
            let Record(read) = serde_json::from_str::<Record<Sample<'_>>>(text).expect(text);
            assert_eq!((&read.id, read.parts.0.len()), (&Field::from(&id), parts), "{text}");
            assert_eq!(read.id.as_sent(), id.to_string(), "{text}");
        }
        for text in ["1", "-1", "1.5", "null", "true", "[1, [2]]", "\"x\""] {
            let value: Value = serde_json::from_str(text).expect(text);
            let from_value = <Record<Sample<'_>> as serde::Deserialize>::deserialize(&value).expect(text);
            let from_text = serde_json::from_str::<Record<Sample<'_>>>(text).expect(text);
            assert!([from_value.0.id, from_text.0.id].iter().all(|id| *id == Field::Nothing), "{text}");
        }
        assert!(serde_json::from_str::<Record<Sample<'_>>>(r#"{"id": "a""#).is_err(), "half of it");
    }

    /// What stands in the answer as it is.
    #[test]
    fn plain_texts_are_not_copied() {
        let text = r#"{"id": "plain"}"#;
        let Record(read) = serde_json::from_str::<Record<Sample<'_>>>(text).expect("an object");
        assert!(matches!(read.id, Field::Text(std::borrow::Cow::Borrowed("plain"))));
    }
}
