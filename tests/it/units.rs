//! The systemd units are sound, run commands that exist, and give secrets by the names that the program reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use zoom2kaltura::Exit;

use crate::campus::Campus;

const PROGRAM: &str = env!("CARGO_BIN_EXE_zoom2kaltura");

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/systemd")
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The files of one kind, by name.
fn units(extension: &str) -> Vec<String> {
    let files = fs::read_dir(folder()).expect("units").map(|file| file.expect("a file").file_name());
    let names = files.map(|name| name.into_string().expect("a plain name"));
    let mut names: Vec<_> = names.filter(|name| name.ends_with(extension)).collect();
    names.sort();
    assert!(!names.is_empty(), "{extension}");
    names
}

/// What a unit sets under a name, in order.
fn set(unit: &str, name: &str) -> Vec<String> {
    unit.lines().filter_map(|line| line.strip_prefix(&format!("{name}="))).map(str::to_owned).collect()
}

/// What systemd's own tool says; `None` where there is none, or none that can look at files.
fn analyze(args: &[&str]) -> Option<Output> {
    let version = Command::new("systemd-analyze").arg("--version").output().ok()?;
    let version = String::from_utf8_lossy(&version.stdout).split_whitespace().nth(1)?.parse::<u32>().ok()?;
    (version >= 250).then(|| Command::new("systemd-analyze").args(args).output().ok())?
}

#[test]
#[allow(clippy::print_stderr, reason = "a check that was left out must not look like one that was passed")]
fn systemd_finds_no_fault() {
    let copy = tempfile::tempdir().expect("a folder");
    let shared = "zoom2kaltura-.service.d";
    fs::create_dir(copy.path().join(shared)).expect("a folder for what they share");
    for name in units(".service").into_iter().chain(units(".timer")).chain([format!("{shared}/50-sandbox.conf")]) {
        // it looks for the program, which is not installed here
        let text = read(&name).replace("ExecStart=zoom2kaltura", &format!("ExecStart={PROGRAM}"));
        fs::write(copy.path().join(&name), text).expect("a copy");
    }
    for name in units(".service").into_iter().chain(units(".timer")) {
        // one account of several is an instance of a template
        let unit = name.replace("@.", "@law.");
        if unit != name {
            fs::copy(copy.path().join(&name), copy.path().join(&unit)).expect("an instance");
        }
        let path = copy.path().join(&unit).display().to_string();
        let Some(verified) = analyze(&["verify", &path]) else {
            eprintln!("the units were not verified: there is no systemd-analyze of version 250 or newer");
            return;
        };
        let said = String::from_utf8_lossy(&verified.stderr).into_owned();
        assert!(verified.status.success() && said.is_empty(), "{name}: {said}");
        if name.ends_with(".service") {
            // of 100; what a web server usually comes to is more than 90
            let judged = analyze(&["security", "--offline=true", "--threshold=20", &path]).expect("it was there");
            assert!(judged.status.success(), "{name}: {}", String::from_utf8_lossy(&judged.stdout));
        }
    }
}

#[test]
fn every_service_has_a_timer() {
    let campus = Campus::new();
    for name in units(".service") {
        let timer = read(&name.replace(".service", ".timer"));
        assert_eq!(set(&timer, "Persistent"), ["true"], "{name}");
        assert_eq!(set(&timer, "WantedBy"), ["timers.target"], "{name}");
        let command = set(&read(&name), "ExecStart").pop().expect("a command");
        let own = if name.contains('@') { "zoom2kaltura --config /etc/zoom2kaltura/%i.toml " } else { "zoom2kaltura " };
        let args = command.strip_prefix(own).unwrap_or_else(|| panic!("{name}: {command}"));
        let args: Vec<_> = args.split(' ').chain(["--help"]).collect();
        assert_eq!(campus.run(&args).exit, 0, "{command}");
    }
    assert_eq!(units(".service").len(), units(".timer").len());
}

/// Each code counts as the manual says.
#[test]
fn only_real_failures_fail_units() {
    let shared = read("zoom2kaltura-.service.d/50-sandbox.conf");
    let success: Vec<_> = [Exit::Failures, Exit::Locked].iter().map(|exit| exit.code().to_string()).collect();
    assert_eq!(set(&shared, "SuccessExitStatus"), [success.join(" ")]);
}

/// The state folder of the sample is the one that the units may write to; several accounts have one each.
#[test]
fn units_write_to_state_folders() {
    let sample = fs::read_to_string(folder().join("../config.toml")).expect("the sample");
    for name in units(".service") {
        let unit = read(&name);
        let state = set(&unit, "StateDirectory").pop().expect("a state folder");
        if name.contains('@') {
            assert_eq!(state, "zoom2kaltura/%i", "{name}");
        } else {
            assert!(sample.contains(&format!("state_dir = \"/var/lib/{state}\"")), "{name}: {state}");
        }
        assert_eq!(set(&unit, "StateDirectoryMode"), ["0700"], "{name}");
    }
}

/// An account of several differs from a single one in its paths alone.
#[test]
fn templates_are_like_single_units() {
    let own = |text: &str| {
        let text = text.replace("--config /etc/zoom2kaltura/%i.toml ", "").replace("credentials/%i/", "credentials/");
        let text = text.replace("zoom2kaltura/%i", "zoom2kaltura").replace(" (%i)", "");
        let settings = text.lines().filter(|line| !line.starts_with('#') && !line.contains("RandomDelay"));
        let settings = settings.filter(|line| !line.starts_with("RandomizedDelaySec") && !line.is_empty());
        settings.map(str::to_owned).collect::<Vec<_>>()
    };
    for template in units(".service").into_iter().chain(units(".timer")).filter(|name| name.contains('@')) {
        assert_eq!(own(&read(&template)), own(&read(&template.replace('@', ""))), "{template}");
        let delay = if template.contains(".timer") { vec!["yes"] } else { vec![] };
        assert_eq!(set(&read(&template), "FixedRandomDelay"), delay, "{template}");
    }
}

#[test]
fn secrets_go_by_their_names() {
    let campus = Campus::new();
    let sync = read("zoom2kaltura-sync.service");
    let loaded = set(&sync, "LoadCredential");
    for name in units(".service").into_iter().filter(|name| !name.contains('@')) {
        assert_eq!(set(&read(&name), "LoadCredential"), loaded, "{name}");
    }
    let alternative: Vec<_> = sync
        .lines()
        .filter_map(|line| line.strip_prefix("#   LoadCredential="))
        .filter(|line| !line.is_empty())
        .collect();
    let config = fs::read_to_string(campus.setup.config()).expect("a configuration");
    let without = config.lines().filter(|line| !line.contains("_secret_file")).collect::<Vec<_>>().join("\n");
    let with_token = without.replace("partner_id = 102", "partner_id = 102\napp_token_id = \"0_token\"");
    let loaded: Vec<_> = loaded.iter().map(String::as_str).collect();
    for (credentials, config) in [(loaded, without), (alternative, with_token)] {
        fs::write(campus.setup.config(), config).expect("a configuration without secrets");
        let folder = tempfile::tempdir().expect("what systemd makes");
        for credential in credentials {
            let (name, path) = credential.split_once(':').expect("a name and a path");
            // so that the folder of the originals serves as well, for commands by hand
            assert_eq!(Path::new(path).file_name().and_then(|file| file.to_str()), Some(name));
            fs::write(folder.path().join(name), "s3cret\n").expect("a credential");
        }
        let mut command = Command::new(PROGRAM);
        command.arg("--config").arg(campus.setup.config()).args(["config", "validate"]);
        let run = command.env("CREDENTIALS_DIRECTORY", folder.path()).output().expect("the program runs");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    }
}

/// What it takes from `target/package` is made by its script, all else lies in the repository.
#[test]
fn debian_package_takes_what_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table = fs::read_to_string(root.join("Cargo.toml")).expect("a manifest").parse().expect("TOML");
    let script = fs::read_to_string(root.join("examples/packaging/deb")).expect("a script");
    let assets = manifest["package"]["metadata"]["deb"]["assets"].as_array().expect("assets");
    let sources: Vec<&str> = assets.iter().filter_map(|asset| asset[0].as_str()).collect();
    for source in &sources {
        match source.strip_prefix("target/package/") {
            Some(made) => assert!(script.contains(&format!("\"$made/{made}\"")), "{made} is not made"),
            None if *source == "target/release/zoom2kaltura" => {}
            None if source.contains('*') => {
                let folder = root.join(source).parent().expect("a folder").to_owned();
                assert!(folder.read_dir().is_ok_and(|files| files.count() > 0), "{source}");
            }
            None => assert!(root.join(source).is_file(), "{source}"),
        }
    }
    let shipped = |what: &str| sources.iter().any(|source| source.contains(what));
    let wanted = [".service", ".timer", ".service.d/", ".sysusers", "zoom2kaltura.1.gz", "src/doc", "crontab.example"];
    let examples = ["mail.py", "prometheus", "grafana", "container", "config.toml"];
    for what in wanted.into_iter().chain(examples) {
        assert!(shipped(what), "{what}");
    }
}
