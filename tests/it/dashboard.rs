//! The Grafana dashboard: whether it can be imported into any Grafana, and asks for what the metrics file has.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::metrics::{listed_metrics, named_metrics};

fn read_example(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)).expect("an example")
}

fn dashboard() -> Value {
    serde_json::from_str(&read_example("grafana/dashboard.json")).expect("JSON")
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("no list {key} in {value}"))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no text {key} in {value}"))
}

/// What the panels ask for: expression and legend.
fn queries(dashboard: &Value) -> Vec<(&str, &str)> {
    let targets = list(dashboard, "panels").iter().flat_map(|panel| list(panel, "targets"));
    targets.map(|target| (text(target, "expr"), text(target, "legendFormat"))).collect()
}

/// The names after each `$`, with or without braces.
fn variables(text: &str) -> BTreeSet<String> {
    let names = text.split('$').skip(1).map(|rest| rest.trim_start_matches('{'));
    names.map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()).collect()
}

#[test]
fn dashboard_fits_any_grafana() {
    let dashboard = dashboard();
    // the number of a dashboard is the server's: one that is given there names another or none
    assert!(dashboard.get("id").is_none_or(Value::is_null));
    let uid = text(&dashboard, "uid");
    assert!(!uid.is_empty() && uid.len() <= 40 && !text(&dashboard, "title").is_empty(), "{uid}");
    assert!(dashboard["schemaVersion"].as_u64().is_some_and(|version| version >= 36));
    let defined = list(&dashboard["templating"], "list");
    let sources = defined.iter().filter(|variable| variable["type"] == "datasource");
    assert_eq!(sources.map(|source| text(source, "query")).collect::<Vec<_>>(), ["prometheus"]);
    let defined: BTreeSet<_> = defined.iter().map(|variable| text(variable, "name").to_owned()).collect();
    let (mut ids, mut cells) = (BTreeSet::new(), BTreeSet::new());
    for panel in list(&dashboard, "panels") {
        let title = text(panel, "title");
        assert!(ids.insert(panel["id"].as_u64().expect("a number")), "{title}: the id is taken");
        assert!(["stat", "timeseries", "bargauge"].contains(&text(panel, "type")), "{title}: a type of the core");
        let at = |key: &str| panel["gridPos"][key].as_u64().unwrap_or_else(|| panic!("{title}: no {key}"));
        assert!(at("x") + at("w") <= 24, "{title} is beyond the 24 columns");
        for cell in (at("x")..at("x") + at("w")).flat_map(|x| (at("y")..at("y") + at("h")).map(move |y| (x, y))) {
            assert!(cells.insert(cell), "{title} lies over another panel");
        }
        let mut asked = BTreeSet::new();
        for target in list(panel, "targets") {
            assert!(asked.insert(text(target, "refId")), "{title}: a query's letter comes twice");
            for source in [&panel["datasource"], &target["datasource"]] {
                // an id of a data source is a server's own
                assert_eq!((text(source, "type"), text(source, "uid")), ("prometheus", "${datasource}"), "{title}");
            }
            assert!(text(target, "expr").contains("{account=~\"$account\""), "{title} does not ask for the account");
        }
    }
    let used = variables(&dashboard.to_string());
    assert!(used.iter().all(|name| name == "__all" || defined.contains(name)), "{used:?}");
}

/// By the manual's list, which another test compares with the file.
#[test]
fn dashboard_asks_for_known_labels() {
    let (dashboard, metrics) = (dashboard(), listed_metrics());
    for (expression, legend) in queries(&dashboard) {
        let names = named_metrics(expression);
        let [name] = names.iter().collect::<Vec<_>>()[..] else { panic!("not one metric: {expression}") };
        let mut labels = metrics.get(name).unwrap_or_else(|| panic!("{name} is no metric")).clone();
        labels.insert("account".to_owned());
        let inside = |text: &str, open: &str, close: char| {
            let parts = text.split(open).skip(1).filter_map(|rest| rest.split_once(close)).map(|(part, _)| part);
            parts.flat_map(|part| part.split(',')).map(|part| part.trim().to_owned()).collect::<Vec<_>>()
        };
        let selected = inside(expression, "{", '}').into_iter();
        let selected = selected.filter_map(|pair| pair.split(['=', '!']).next().map(str::to_owned));
        let grouped = inside(expression, "by (", ')');
        let shown = inside(legend, "{{", '}');
        if !grouped.is_empty() {
            assert!(shown.iter().all(|label| grouped.contains(label)), "{legend} of {expression}");
        }
        for label in selected.chain(grouped).chain(shown) {
            assert!(labels.contains(&label), "{name} has no label {label}");
        }
        // a counter shows by how much it grows
        assert_eq!(
            name.ends_with("_total"),
            expression.contains("rate(") || expression.contains("increase("),
            "{name}"
        );
    }
}

#[test]
fn dashboard_shows_what_alerts_judge() {
    let panels = named_metrics(&dashboard()["panels"].to_string());
    let judged = named_metrics(&read_example("prometheus/zoom2kaltura.rules.yml"));
    assert!(judged.len() > 8, "{judged:?}");
    let missing: Vec<_> = judged.difference(&panels).collect();
    assert!(missing.is_empty(), "no panel shows {missing:?}");
}
