//! Whose files they are: what somebody else could have written is not carried out, and what a run keeps nobody else reads.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::campus::Campus;

fn allow(file: &Path, mode: u32) {
    fs::set_permissions(file, Permissions::from_mode(mode)).expect("rights");
}

/// Which file, which rights, and what is said of it.
#[test]
fn files_others_can_change_are_refused() {
    let campus = Campus::with_lecture();
    let file = |name: &str| campus.setup.path().join(name);
    for name in ["aliases.csv", "list.txt"] {
        fs::write(file(name), "").expect("a file");
        allow(&file(name), 0o644);
    }
    let (aliases, list) = (file("aliases.csv").display().to_string(), file("list.txt").display().to_string());
    let settings = [("ZOOM2KALTURA_OWNER_ALIASES", aliases.as_str()), ("ZOOM2KALTURA_FILTER_OPT_OUT", list.as_str())];
    for (name, mode, sound, said) in [
        ("zoom2kaltura.toml", 0o664, 0o644, "zoom2kaltura.toml is not used because it can be changed by others"),
        ("zoom2kaltura.toml", 0o646, 0o644, "zoom2kaltura.toml is not used because it can be changed by others"),
        ("zoom-secret", 0o620, 0o600, "zoom-secret can be read by others"),
        ("kaltura-secret", 0o602, 0o600, "kaltura-secret can be read by others"),
        ("aliases.csv", 0o664, 0o644, "aliases.csv is not used because it can be changed by others"),
        ("list.txt", 0o646, 0o644, "list.txt is not used because it can be changed by everybody"),
    ] {
        allow(&file(name), mode);
        for args in [&["sync"][..], &["config", "validate"]] {
            let run = campus.run_with(&settings, args);
            assert_eq!(run.exit, 2, "{name} {mode:o} {args:?}: {}", run.err);
            assert!(run.err.contains(said), "{name} {mode:o} {args:?}: {}", run.err);
        }
        allow(&file(name), sound);
    }
    assert!(campus.kaltura.entries().is_empty());
    // a group may keep a list of people, which is reported to whoever looks
    allow(&file("list.txt"), 0o664);
    let run = campus.run_with(&settings, &["sync"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    assert_eq!(campus.kaltura.entries().len(), 1);
    let run = campus.run_with(&settings, &["config", "validate"]);
    assert!(run.exit == 0 && run.err.contains("can be changed by its group"), "{}", run.err);
    assert!(campus.run_with(&settings, &["check"]).out.contains("can be changed by its group"));
}

#[test]
fn shown_command_is_the_program_alone() {
    let campus = Campus::new();
    for command in ["/usr/bin/tell --token hunter2", r#"["/usr/bin/tell", "--token", "hunter2"]"#] {
        let run = campus.run_with(&[("ZOOM2KALTURA_NOTIFY_COMMAND", command)], &["config", "show"]);
        assert!(run.exit == 0 && run.out.contains("/usr/bin/tell") && !run.out.contains("hunter2"), "{}", run.out);
    }
    let run = campus.run_with(&[("ZOOM2KALTURA_NOTIFY_COMMAND", "tell")], &["config", "show"]);
    let shown = run.out.lines().find(|line| line.starts_with("notify.command")).expect("a line").to_owned();
    assert!(shown.contains("= \"tell\" "), "{shown}");
}

#[test]
fn ledger_is_for_its_owner_alone() {
    let campus = Campus::new();
    campus.run(&["sync"]);
    let mode = |path: &Path| path.metadata().expect("it exists").permissions().mode() & 0o777;
    assert_eq!(mode(&campus.setup.state()), 0o700);
    assert_eq!(mode(&campus.setup.ledger_file()), 0o600);
}

#[test]
fn open_state_folder_is_closed() {
    let campus = Campus::new();
    fs::create_dir(campus.setup.state()).expect("a state folder");
    fs::set_permissions(campus.setup.state(), Permissions::from_mode(0o755)).expect("an open one");
    campus.run(&["sync"]);
    let mode = fs::metadata(campus.setup.state()).expect("the folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
