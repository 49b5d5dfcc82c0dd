//! `status --all`: several accounts of one machine, whatever state each of them is in.

use std::fs;
use std::process::Command;

use crate::campus::{Campus, Run};

/// The answer, as from a folder of configurations.
fn status_of_all(campus: &Campus, args: &[&str]) -> Run {
    let mut program = Command::new(env!("CARGO_BIN_EXE_zoom2kaltura"));
    program.arg("status").arg("--all").arg(campus.setup.path().join("accounts")).args(args);
    Run::of(&program.env_remove("ZOOM2KALTURA_CONFIG").output().expect("the program runs"))
}

fn write_account(campus: &Campus, name: &str, change: impl Fn(String) -> String) {
    let folder = campus.setup.path().join("accounts");
    fs::create_dir_all(&folder).expect("a folder");
    let config = fs::read_to_string(campus.setup.config()).expect("a configuration");
    let config = config.replace("_file = \"", "_file = \"../");
    fs::write(folder.join(name), format!("name = \"{name} school\"\n{}", change(config))).expect("a configuration");
}

#[test]
fn each_account_gets_a_line() {
    let campus = Campus::with_lecture();
    write_account(&campus, "law.toml", |config| config);
    fs::write(campus.setup.path().join("accounts/notes.txt"), "no configuration").expect("a file");
    campus.sync_until_done();
    let well = status_of_all(&campus, &["--alert"]);
    assert_eq!(well.exit, 0, "{}{}", well.out, well.err);
    assert!(
        well.out.starts_with("1 account: all is well.\n\nlaw.toml: law.toml school: All is well: "),
        "{}",
        well.out
    );

    write_account(&campus, "broken.toml", |config| config.replace("partner_id = 102", "partner = 102"));
    let state = format!("state_dir = \"{}\"", campus.setup.path().join("never-used").display());
    let other_state = |config: String| {
        let lines = config.lines().filter(|line| !line.starts_with("state_dir"));
        format!("{state}\n{}", lines.collect::<Vec<_>>().join("\n"))
    };
    write_account(&campus, "new.toml", other_state);
    let text = status_of_all(&campus, &[]);
    assert_eq!(text.exit, 0, "{}", text.err);
    let lines: Vec<&str> = text.out.lines().collect();
    assert!(lines[0].starts_with("3 accounts: ") && lines[0].contains("attention"), "{}", text.out);
    assert!(lines[2].starts_with("broken.toml: cannot be read: ") && lines[2].contains("partner"), "{}", text.out);
    assert!(lines[3].starts_with("law.toml: law.toml school: All is well"), "{}", text.out);
    assert!(lines[4].starts_with("new.toml: "), "{}", text.out);
    assert_eq!(status_of_all(&campus, &["--alert"]).exit, 7);

    let json = status_of_all(&campus, &["--format", "json"]).report();
    assert_eq!((json["version"].as_i64(), json["accounts"].as_array().map(Vec::len)), (Some(1), Some(3)));
    assert_eq!(json["accounts"][0]["needs_attention"], true);
    assert!(json["accounts"][0]["error"].is_string() && json["accounts"][0]["status"].is_null());
    assert_eq!((&json["accounts"][1]["needs_attention"], &json["accounts"][1]["error"]), (&false.into(), &().into()));
    assert_eq!(json["accounts"][1]["status"]["account"], "law.toml school");
}

#[test]
fn wrong_folders_are_named() {
    let campus = Campus::new();
    let missing = status_of_all(&campus, &[]);
    assert!(missing.exit == 2 && missing.err.contains("accounts cannot be read"), "{}", missing.err);
    fs::create_dir(campus.setup.path().join("accounts")).expect("a folder");
    let empty = status_of_all(&campus, &[]);
    assert!(empty.exit == 2 && empty.err.contains("no configuration, such as law.toml"), "{}", empty.err);
    assert!(status_of_all(&campus, &["--format", "html"]).exit == 2);
}
