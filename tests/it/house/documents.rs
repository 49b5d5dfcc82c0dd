//! JSON for programs is made and printed in one place, and each kind has its schema.

use std::collections::BTreeSet;

use standin::schema::read_schemas;

use super::sources::{House, names};

/// Where JSON becomes text.
const HOME: &str = "output/document.rs";
/// Knows its errors only.
const ERRORS: &str = "commands/failure.rs";

#[test]
fn only_documents_become_json_text() {
    for source in House::open().sources {
        let prints = source.path.starts_with("commands/") || source.path.starts_with("output/");
        if !prints || [HOME, ERRORS].contains(&source.path.as_str()) {
            continue;
        }
        for word in ["visible_json", "to_string_pretty", "serde_json::to_string"] {
            assert!(!names(&source.code, word), "{word} in {}", source.path);
        }
        let makes_json = names(&source.code, "serde_json") || names(&source.code, "Serialize");
        assert!(
            !makes_json || names(&source.code, "JsonDocument") || source.path == "output/report/totals.rs",
            "{} makes JSON that is part of no document",
            source.path
        );
    }
}

#[test]
fn json_formats_print_a_document() {
    let mut arms = 0;
    for source in House::open().sources {
        for (at, _) in source.code.match_indices("Format::Json") {
            let rest = &source.code[at..];
            let is_arm = rest.starts_with("Format::Json =>") || rest.starts_with("Format::Json) =>");
            // of log lines, whose one form is a document
            if !is_arm || source.code[..at].ends_with("Log") {
                continue;
            }
            arms += 1;
            let arm = rest["Format::Json".len()..].split("Format::").next().unwrap_or_default();
            assert!(arm.contains("print_document("), "{}: {arm}", source.path);
        }
    }
    assert!(arms > 5, "{arms} places that print JSON");
}

#[test]
fn each_document_has_its_schema() {
    let mut made = BTreeSet::new();
    for source in House::open().sources {
        for (at, _) in source.code.match_indices("JsonDocument::new(") {
            let maker = source.code[..at].rsplit("fn ").next().and_then(|text| text.split(['(', '<']).next());
            let name = maker.and_then(|maker| maker.strip_suffix("_document"));
            made.insert(name.unwrap_or_else(|| panic!("{}: {maker:?} is called *_document", source.path)).to_owned());
        }
    }
    assert_eq!(made, read_schemas().into_keys().collect::<BTreeSet<_>>());
}
