//! The published JSON Schemas, as a program would use them that reads what this one prints.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

/// What they are addressed by; nothing is fetched.
const BASE: &str = "https://schema.invalid/";

static ALL: LazyLock<(Schemas, BTreeMap<String, SchemaIndex>)> = LazyLock::new(|| {
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    compiler.enable_format_assertions();
    let sources = read_schemas();
    for (name, schema) in &sources {
        compiler.add_resource(&location(name), schema.clone()).expect("a schema");
    }
    let index = |name: &String| {
        let index = compiler.compile(&location(name), &mut schemas);
        (name.clone(), index.unwrap_or_else(|error| panic!("{name}: {error}")))
    };
    let index = sources.keys().map(index).collect();
    (schemas, index)
});

fn location(name: &str) -> String {
    format!("{BASE}{name}.schema.json")
}

/// Every schema by its name, such as `status`.
pub fn read_schemas() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/schema");
    let files = fs::read_dir(folder).expect("schemas").map(|file| file.expect("a schema").path());
    let named = files.filter_map(|path| {
        let name = path.file_name()?.to_str()?.strip_suffix(".schema.json")?.to_owned();
        let text = fs::read_to_string(&path).expect("a schema");
        Some((name, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))))
    });
    named.collect()
}

/// What keeps a document from being one of that name.
pub fn unlike_schema(name: &str, document: &Value) -> Option<String> {
    let (schemas, index) = &*ALL;
    let index = index.get(name).unwrap_or_else(|| panic!("no schema of {name}"));
    schemas.validate(document, *index).err().map(|error| format!("{error:#}"))
}
