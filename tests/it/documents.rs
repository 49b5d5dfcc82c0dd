//! What programs read of this one: each JSON object has its version, is described by a schema, and names things as the others do.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::{Value, json};
use standin::schema::{read_schemas, unlike_schema};

use crate::campus::{Campus, Run, lecture};
use crate::house::source_codes;
use crate::pages::text;

/// The schema of what a command prints.
fn schema_of(args: &[&str]) -> Option<&'static str> {
    let is_json = args.windows(2).any(|pair| pair == ["--format", "json"]) || args.contains(&"--format=json");
    let commands = [
        (&["sync", "backfill", "purge", "reassign"][..], "report"),
        (&["status"], if args.contains(&"--all") { "accounts" } else { "status" }),
        (&["explain"], "explain"),
        (&["check"], "check"),
        (&["verify"], "verify"),
        (&["retention"], "retention"),
        (&["captions"], "captions"),
    ];
    if !is_json {
        return None;
    }
    let of = |arg: &&str| commands.iter().find(|(names, _)| names.contains(arg)).map(|(_, schema)| *schema);
    Some(args.iter().find_map(of).unwrap_or_else(|| panic!("no schema for {args:?}")))
}

/// Fails where a run printed JSON that its schema does not describe.
pub(crate) fn hold_documents(args: &[&str], run: &Run) {
    if let Some(schema) = schema_of(args).filter(|_| !run.out.trim().is_empty()) {
        let fault = unlike_schema(schema, &run.report());
        assert!(fault.is_none(), "{args:?}: {}", fault.unwrap_or_default());
    }
    if args.windows(2).any(|pair| pair == ["--log-format", "json"]) {
        for line in run.err.lines().filter(|line| line.starts_with('{')) {
            let fault = unlike_schema("log", &serde_json::from_str(line).expect("JSON"));
            assert!(fault.is_none(), "{line}: {}", fault.unwrap_or_default());
        }
    }
}

/// A key of a document, as its schema describes it.
#[derive(Debug)]
pub(crate) struct SchemaKey {
    pub(crate) document: String,
    pub(crate) key: String,
    pub(crate) description: String,
    pub(crate) deprecated: bool,
}

/// All of them; one that stands in several places of a document comes several times.
pub(crate) fn schema_keys() -> Vec<SchemaKey> {
    let mut keys = Vec::new();
    for (document, schema) in read_schemas() {
        let mut add = |object: &Value| {
            for (key, of) in object["properties"].as_object().into_iter().flatten() {
                keys.push(SchemaKey {
                    document: document.clone(),
                    key: key.clone(),
                    description: of["description"].as_str().unwrap_or_default().to_owned(),
                    deprecated: of["deprecated"] == true,
                });
            }
        };
        each_object(&schema, &mut add);
    }
    keys
}

/// Calls it with each part of a schema that describes an object.
fn each_object(schema: &Value, call: &mut dyn FnMut(&Value)) {
    let types = &schema["type"];
    if types == "object" || types.as_array().is_some_and(|types| types.contains(&json!("object"))) {
        call(schema);
    }
    match schema {
        Value::Object(members) => members.values().for_each(|member| each_object(member, call)),
        Value::Array(members) => members.iter().for_each(|member| each_object(member, call)),
        _ => {}
    }
}

#[test]
fn schemas_allow_no_unnamed_key() {
    // those that a document has only where they apply
    let optional = BTreeMap::from([
        ("report", &["age_seconds", "renamed_from"][..]),
        ("event", &["error", "reason", "zoom_deletes"]),
        ("log", &["message"]),
    ]);
    for (name, schema) in read_schemas() {
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        each_object(&schema, &mut |object| {
            let words = |list: &Value| -> BTreeSet<String> {
                list.as_array().into_iter().flatten().map(|word| word.as_str().unwrap_or_default().to_owned()).collect()
            };
            let Some(properties) = object["properties"].as_object() else {
                assert!(object["propertyNames"].is_object(), "{name}: {object}");
                return;
            };
            assert_eq!(object["additionalProperties"], false, "{name}: {object}");
            let keys: BTreeSet<String> = properties.keys().cloned().collect();
            let free: BTreeSet<String> = keys.difference(&words(&object["required"])).cloned().collect();
            let allowed = optional.get(name.as_str()).copied().unwrap_or_default();
            let is_free = |key: &String| name == "log" || allowed.contains(&key.as_str());
            assert!(free.iter().all(is_free) && words(&object["required"]).is_subset(&keys), "{name}: {free:?}");
        });
    }
    for key in schema_keys() {
        assert!(!key.description.is_empty(), "{key:?}");
    }
}

/// What means something else in another place and is called there as readers know it, by name.
const SEVERAL: [&str; 6] = ["failed", "files", "id", "reasons", "recordings", "state"];

#[test]
fn one_key_means_one_thing() {
    let mut meanings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for key in schema_keys() {
        meanings.entry(key.key).or_default().insert(key.description);
    }
    meanings.retain(|_, meanings| meanings.len() > 1);
    let several: Vec<&str> = meanings.keys().map(String::as_str).collect();
    assert_eq!(several, SEVERAL, "keys that mean several things: {meanings:#?}");
}

#[test]
fn documents_unlike_schemas_are_refused() {
    let whole = json!({ "version": 1, "ok": true, "checks": [{ "check": "ledger", "ok": null, "warns": false, "text": "none" }] });
    assert_eq!(unlike_schema("check", &whole), None);
    let changes: [fn(&mut Value); 6] = [
        |document| document["version"] = json!(2),
        |document| document["more"] = json!(1),
        |document| document["checks"][0]["more"] = json!(1),
        |document| document["ok"] = json!("yes"),
        |document| document["checks"] = json!(null),
        |document| document["checks"][0] = json!({ "check": "ledger" }),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut document = whole.clone();
        change(&mut document);
        assert!(unlike_schema("check", &document).is_some(), "{number}: {document}");
    }
}

/// The fields that log lines may have, by the sources.
#[test]
fn log_fields_are_in_the_schema() {
    let call = Regex::new(r#"tracing::(?:error|warn|info|debug)!\(\s*([^"]*?)""#).expect("a pattern");
    let field = Regex::new(r"^[%?]?(?:\w+\.)*(\w+)(?: = .*)?$").expect("a pattern");
    let mut used = BTreeSet::new();
    for code in source_codes() {
        let calls = call.captures_iter(&code).map(|found| found[1].to_owned());
        for part in calls.flat_map(|fields| fields.split(',').map(str::trim).map(str::to_owned).collect::<Vec<_>>()) {
            let name = field.captures(&part).map_or(part.clone(), |found| found[1].to_owned());
            used.extend(Some(name).filter(|name| !name.is_empty()));
        }
    }
    let schema = &read_schemas()["log"]["properties"];
    let own = ["version", "timestamp", "level", "message", "run_id"];
    let named: BTreeSet<String> =
        schema.as_object().expect("properties").keys().filter(|key| !own.contains(&key.as_str())).cloned().collect();
    assert_eq!(used, named);
}

#[test]
fn schemas_are_shipped_and_named() {
    let page = text("src/doc/reference.md");
    for name in read_schemas().keys() {
        assert!(page.contains(&format!("examples/schema/{name}.schema.json")), "{name}");
    }
    assert!(text("Cargo.toml").contains("\"examples/schema/*.json\""));
}

#[test]
fn explain_prints_its_document() {
    let campus = Campus::with_two_recordings();
    campus.sync_until_done();
    campus.zoom.add_meeting(lecture("new==", 81_000_000_003, "ada", 1));
    let explain = |what: &str| campus.run(&["explain", what, "--format", "json"]);
    let found = explain("lecture").report();
    assert_eq!((found["items"].as_array().map(Vec::len), &found["unread"]), (Some(2), &json!(0)), "{found:#}");
    assert_eq!(found["not_seen"][0]["meeting_uuid"], "new==");
    let of = |uuid: &str| found["items"].as_array().into_iter().flatten().find(|item| item["meeting_uuid"] == uuid);
    let (ada, guest) = (of("ada==").expect("Ada's"), of("guest==").expect("the guest's"));
    assert_eq!((&ada["orphan"], &ada["deleted_after"]), (&json!(false), &json!(null)), "{ada:#}");
    assert!(guest["orphan"] == true && guest["deleted_after"].is_string(), "{guest:#}");
    assert_eq!((&ada["files"][0]["copy_state"], &ada["files"][0]["role"]), (&json!("done"), &json!("parent")));
    let history = ada["history"].as_array().expect("a history");
    assert!(history.iter().any(|happened| happened["event"] == "done" && happened["text"].is_string()), "{ada:#}");
    let nothing = explain("Astronomy");
    assert_eq!((nothing.exit, nothing.report()["items"].clone()), (2, json!([])), "{}", nothing.err);
    campus.setup.write_secret("zoom-secret", "wrong");
    let found = explain("lecture");
    assert_eq!((found.exit, &found.report()["unread"]), (0, &json!(1)), "{}", found.err);
    assert_eq!(explain("Astronomy").report()["unread"], 1);
}
