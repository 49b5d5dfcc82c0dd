//! The recipe of the image and the compose example run commands that exist, and give secrets by the names that the program
//! reads. `.ci/packages` builds and runs them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::campus::Campus;

fn read_example(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)).expect("an example")
}

#[test]
fn containers_run_existing_commands() {
    let (recipe, compose) = (read_example("container/Containerfile"), read_example("container/compose.yaml"));
    let lines = |text: &str, start: &str| {
        let lines = text.lines().filter(|line| line.trim_start().starts_with(start));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let commands = lines(&recipe, "HEALTHCHECK").into_iter().chain(lines(&compose, "command:"));
    // in a recipe each word is quoted
    let commands: Vec<_> = commands.map(|line| line.replace("\", \"", " ").replace(['"', ']'], "")).collect();
    let mut found = BTreeSet::new();
    for command in commands.iter().filter_map(|line| line.split_once("zoom2kaltura ")).map(|(_, rest)| rest) {
        let args: Vec<_> = command.split([';', '&']).next().expect("a command").split_whitespace().collect();
        assert_eq!(Campus::new().run(&[&args[..], &["--help"]].concat()).exit, 0, "{args:?}");
        found.insert(args.join(" "));
    }
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), ["purge", "status --alert", "sync"]);
    assert!(recipe.contains("\nCMD [\"sync\"]\n"), "what it runs without a command");
}

/// A secret in a container is a file in a folder, as a credential of systemd is.
#[test]
fn compose_names_secrets_like_units() {
    let unit = read_example("systemd/zoom2kaltura-sync.service");
    let credentials = unit.lines().filter_map(|line| line.strip_prefix("LoadCredential=")?.split_once(':'));
    let credentials: BTreeSet<_> = credentials.map(|(name, _)| name.to_owned()).collect();
    let compose = read_example("container/compose.yaml");
    let (_, secrets) = compose.split_once("\nsecrets:\n").expect("the secrets");
    let names = secrets.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    assert_eq!(names.map(str::to_owned).collect::<BTreeSet<_>>(), credentials);
    for name in &credentials {
        assert!(secrets.contains(&format!("file: ./{name}\n")), "{name}");
    }
    let given: Vec<_> = credentials.iter().rev().map(String::as_str).collect();
    assert!(compose.contains(&format!("secrets: [{}]", given.join(", "))), "{given:?}");
}
