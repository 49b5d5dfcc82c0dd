//! A configuration in a folder of its own, to try things with.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Loaded, Sources, load_config};
use crate::owners::people::trust::running_user;

/// What `Bench` gives for the Zoom secret.
pub(super) const ZOOM_SECRET: &str = "z00m-s3cret";
/// What `Bench` gives for the Kaltura secret.
pub(super) const KALTURA_SECRET: &str = "k4ltura-s3cret";
/// The variable that holds the Zoom secret.
pub(super) const ZOOM_VARIABLE: &str = "ZOOM2KALTURA_ZOOM_CLIENT_SECRET";

const REQUIRED: [(&str, &str); 6] = [
    ("state_dir", "\"/var/lib/zoom2kaltura\""),
    ("zoom.account_id", "\"account\""),
    ("zoom.client_id", "\"client\""),
    ("kaltura.partner_id", "102"),
    ("sync.go_live", "\"2026-09-01\""),
    ("owner.holding_user", "\"zoom-orphans\""),
];

/// Sources without fault, to be spoilt.
pub(super) struct TestConfig {
    folder: TempDir,
    /// What `load` is given.
    pub(super) sources: Sources,
}

impl TestConfig {
    /// The required keys with these others, or these in their place; the secrets are in the environment.
    pub(super) fn with(keys: &[(&str, &str)]) -> TestConfig {
        let keys: BTreeMap<_, _> = REQUIRED.iter().chain(keys).copied().collect();
        TestConfig::of(&keys.iter().map(|(name, literal)| format!("{name} = {literal}")).collect::<Vec<_>>().join("\n"))
    }

    /// The file as it is; the secrets are in the environment.
    pub(super) fn of(text: &str) -> TestConfig {
        let folder = TempDir::new().expect("a folder");
        let sources = Sources {
            explicit: None,
            variables: BTreeMap::new(),
            working_folder: folder.path().to_owned(),
            system_file: folder.path().join("etc.toml"),
            user: running_user(),
        };
        let bench = TestConfig { folder, sources }
            .set(ZOOM_VARIABLE, ZOOM_SECRET)
            .set("ZOOM2KALTURA_KALTURA_ADMIN_SECRET", KALTURA_SECRET);
        bench.write("zoom2kaltura.toml", text, 0o644);
        bench
    }

    /// With this variable in the environment.
    pub(super) fn set(mut self, name: &str, value: impl AsRef<Path>) -> TestConfig {
        self.sources.variables.insert(name.to_owned(), value.as_ref().into());
        self
    }

    /// With the Zoom secret no longer in the environment.
    pub(super) fn without_secret(mut self) -> TestConfig {
        self.sources.variables.remove(ZOOM_VARIABLE);
        self
    }

    /// With the Kaltura secret no longer in the environment.
    pub(super) fn without_kaltura_secret(mut self) -> TestConfig {
        self.sources.variables.remove("ZOOM2KALTURA_KALTURA_ADMIN_SECRET");
        self
    }

    /// Puts a file into the folder.
    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>, mode: u32) -> PathBuf {
        let file = self.path(name);
        fs::write(&file, content).expect("a file");
        fs::set_permissions(&file, PermissionsExt::from_mode(mode)).expect("its rights");
        file
    }

    /// A path in the folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The configuration, which must have no fault.
    pub(super) fn load(&self) -> Loaded {
        load_config(&self.sources).unwrap_or_else(|error| panic!("{error}"))
    }

    /// What is said about the fault it must have: one line, without a secret.
    pub(super) fn fault(&self) -> String {
        let text = load_config(&self.sources).expect_err("a fault").to_string();
        assert!(!text.contains('\n') && !text.contains("s3cret"), "{text}");
        text.replace(&format!("{}/", self.folder.path().display()), "")
    }

    /// Value and source of a key, as `config show` has them.
    pub(super) fn entry(&self, key: &str) -> (String, String) {
        let loaded = self.load();
        let entry = loaded.entries().find(|entry| entry.key == key).expect("such a key");
        (entry.value.clone(), entry.source.replace(&format!("{}/", self.folder.path().display()), ""))
    }
}
