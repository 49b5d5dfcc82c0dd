//! The stand-in's tables of parameters and fields against the description that a real server generated.

use std::collections::BTreeMap;

use serde_json::Value;
use standin::kaltura::schema::{ACTIONS, Access, COMMON, Field, TYPES, UNDESCRIBED, UNDESCRIBED_TYPES, parsed};

/// Kaltura's types, as in `SCHEMA_JSON`.
struct Schema(Value);

impl Schema {
    fn open() -> Schema {
        let path = std::env::var_os("SCHEMA_JSON").expect("SCHEMA_JSON names the file");
        let text = std::fs::read(path).expect("a file that can be read");
        Schema(serde_json::from_slice(&text).expect("JSON"))
    }

    /// The types above one, from itself upwards.
    fn line_of_descent(&self, kind: &str) -> Vec<String> {
        let mut line = Vec::new();
        let mut next = Some(kind);
        while let Some(kind) = next {
            line.push(kind.to_owned());
            next = self.0["types"][kind]["base"].as_str();
        }
        line
    }

    fn fields(&self, kind: &str) -> BTreeMap<&str, Access> {
        let line = self.line_of_descent(kind);
        let objects = line.iter().filter_map(|kind| self.0["types"][kind]["fields"].as_object());
        objects.flatten().map(|(name, field)| (name.as_str(), access(field))).collect()
    }
}

fn access(field: &Value) -> Access {
    match (field["readOnly"] == true, field["insertOnly"] == true) {
        (true, _) => Access::ReadOnly,
        (_, true) => Access::InsertOnly,
        _ => Access::Free,
    }
}

#[test]
#[ignore = "needs Kaltura's description of its API: SCHEMA_JSON=schema.json cargo test -- --ignored kaltura_standin::tables"]
fn every_parameter_is_from_kaltura() {
    let schema = Schema::open();
    for (call, line) in ACTIONS.iter().filter(|(call, _)| !UNDESCRIBED.contains(call)) {
        let (service, action) = call.split_once('.').expect("service and action");
        let known = &schema.0["services"][service][action]["params"];
        assert!(known.is_object(), "{call} is no call");
        for Field { name, kind, .. } in parsed(line) {
            let declared = known[name]["type"].as_str().unwrap_or_else(|| panic!("{call} has no parameter {name}"));
            let is_object = schema.0["types"].get(declared).is_some();
            assert_eq!(kind, is_object.then_some(declared), "{call}: {name}");
        }
    }
}

#[test]
#[ignore = "needs Kaltura's description of its API: SCHEMA_JSON=schema.json cargo test -- --ignored kaltura_standin::tables"]
fn every_field_is_from_kaltura() {
    let schema = Schema::open();
    for (kind, base, line) in TYPES.iter().filter(|(kind, ..)| !UNDESCRIBED_TYPES.contains(kind)) {
        let above = schema.line_of_descent(kind);
        assert!(schema.0["types"].get(kind).is_some(), "{kind} is no type");
        assert!(base.is_empty() || above[1..].iter().any(|name| name == base), "{kind} is no {base}: {above:?}");
        let known = schema.fields(kind);
        let wrong: Vec<_> = parsed(line).filter(|field| known.get(field.name) != Some(&field.access)).collect();
        let lists = parsed(line).filter(|field| field.several);
        let is_list = |field: &Field| schema.0["types"][kind]["fields"][field.name]["of"].as_str() == field.kind;
        assert!(lists.into_iter().all(|field| is_list(&field)), "{kind}: a list that is none");
        assert!(wrong.is_empty(), "{kind}: {wrong:?}");
    }
}

#[test]
fn every_named_type_is_in_tables() {
    let lines = ACTIONS.iter().map(|(_, line)| *line).chain([COMMON]);
    let lines = lines.chain(TYPES.iter().map(|(.., line)| *line));
    let named = lines.flat_map(parsed).filter_map(|field| field.kind);
    let bases = TYPES.iter().map(|(_, base, _)| *base).filter(|base| !base.is_empty());
    for kind in named.chain(bases) {
        assert!(TYPES.iter().any(|(name, ..)| *name == kind), "{kind}");
    }
}
