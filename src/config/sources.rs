//! Where a configuration may come from.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::error::{ConfigError, Origin, shown_path};
use super::key::Key;
use super::table::{list_keys, list_renamed};
use crate::model::nearest_name;
use crate::model::one_line;
use crate::owners::people::trust::running_user;

/// What every variable of this program begins with.
const PREFIX: &str = "ZOOM2KALTURA_";
/// Names the file, as `--config` does.
const CONFIG: &str = "ZOOM2KALTURA_CONFIG";
/// Where systemd puts the credentials of a service.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Taken from the process once, or made by hand in tests. Holds secrets, and so has no `Debug`.
pub struct Sources {
    /// The file that `--config` names.
    pub explicit: Option<PathBuf>,
    /// The environment, as far as it concerns this program.
    pub variables: BTreeMap<String, OsString>,
    /// Relative paths count from here, except those in the file.
    pub working_folder: PathBuf,
    /// The file of the machine, used where no other is found.
    pub system_file: PathBuf,
    /// The id of the user who runs this program.
    pub user: u32,
}

impl Sources {
    /// Those of this process; `explicit` is what `--config` says.
    #[must_use]
    pub fn of_process(explicit: Option<PathBuf>) -> Sources {
        let ours = |(name, value): (OsString, OsString)| {
            let name = name.to_string_lossy().into_owned();
            (name.starts_with(PREFIX) || name == CREDENTIALS).then_some((name, value))
        };
        Sources {
            explicit,
            variables: env::vars_os().filter_map(ours).collect(),
            working_folder: env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            system_file: PathBuf::from("/etc/zoom2kaltura/config.toml"),
            user: running_user(),
        }
    }

    /// The file to read: one that is named must be there, of the usual ones the first that is.
    pub(super) fn find_file(&self) -> Result<PathBuf, ConfigError> {
        let by_variable = self.variables.get(CONFIG).filter(|path| !path.is_empty()).map(Path::new);
        if let Some(named) = self.explicit.as_deref().or(by_variable) {
            return Ok(self.working_folder.join(named));
        }
        let here = self.working_folder.join("zoom2kaltura.toml");
        // with `sudo -u`, the working folder is often one that this user may not even look into
        let is_there = fs::metadata(&here).is_ok();
        if is_there && self.is_own(&here) {
            return Ok(here);
        }
        let strange = is_there.then(|| {
            format!(
                "{} is not used because it does not belong to the user who runs this program; to use it anyway, name it with --config",
                shown_path(&here)
            )
        });
        match fs::metadata(&self.system_file) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                let looked = format!("{} and {}", shown_path(&here), shown_path(&self.system_file));
                Err(strange.map_or(ConfigError::Nowhere(looked), ConfigError::Strange))
            }
            _ if strange.is_some() => {
                tracing::warn!("{}", strange.unwrap_or_default());
                Ok(self.system_file.clone())
            }
            _ => Ok(self.system_file.clone()),
        }
    }

    /// Whether the file and, where it is a link, the link itself belong to the user who runs: anybody may have put something
    /// into a folder in which root happens to work.
    fn is_own(&self, file: &Path) -> bool {
        let is_own = |found: std::io::Result<fs::Metadata>| found.is_ok_and(|found| found.uid() == self.user);
        is_own(fs::symlink_metadata(file)) && is_own(fs::metadata(file))
    }

    /// The text of a variable on behalf of a key.
    pub(super) fn variable(&self, key: &str, name: &str) -> Result<Option<&str>, ConfigError> {
        let Some(value) = self.variables.get(name) else { return Ok(None) };
        let not_text = || ConfigError::value(key, &Origin::Variable(name.to_owned()), "is not UTF-8");
        value.to_str().map(Some).ok_or_else(not_text)
    }

    /// The folder with systemd's credentials, if this process was given any.
    pub(super) fn credentials(&self) -> Option<&Path> {
        self.variables.get(CREDENTIALS).map(Path::new)
    }

    /// Refuses variables that look like settings and are none: who set them believes that they count.
    pub(super) fn refuse_unknown_variables(&self) -> Result<(), ConfigError> {
        let known: Vec<String> = list_keys().flat_map(Key::variables).chain([CONFIG.to_owned()]).collect();
        let is_renamed = |name: &str| list_renamed().any(|renamed| renamed.old.variable() == name);
        let mut ours = self.variables.keys().filter(|name| name.starts_with(PREFIX));
        let Some(stranger) = ours.find(|name| !known.contains(name) && !is_renamed(name)) else { return Ok(()) };
        let meant = nearest_name(stranger, known.iter().map(String::as_str)).map_or(CONFIG, |(name, _)| name);
        Err(ConfigError::Unknown {
            what: format!("environment variable {}", one_line(stranger)),
            hint: format!("did you mean {meant}? If not, unset it"),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use crate::config::testing::TestConfig;

    /// The flag, the variable, the working folder, the system.
    #[test]
    fn file_places_have_an_order() {
        let mut bench = TestConfig::with(&[]);
        bench.sources.explicit = Some(PathBuf::from("flag.toml"));
        bench = bench.set("ZOOM2KALTURA_CONFIG", "variable.toml");
        let text = fs::read(bench.path("zoom2kaltura.toml")).expect("a file");
        for name in ["flag.toml", "variable.toml", "etc.toml"] {
            bench.write(name, &text, 0o600);
        }
        assert_eq!(bench.load().file, bench.path("flag.toml"));
        bench.sources.explicit = None;
        assert_eq!(bench.load().file, bench.path("variable.toml"));
        bench = bench.set("ZOOM2KALTURA_CONFIG", "");
        assert_eq!(bench.load().file, bench.path("zoom2kaltura.toml"));
        fs::remove_file(bench.path("zoom2kaltura.toml")).expect("removed");
        assert_eq!(bench.load().file, bench.path("etc.toml"));
    }

    /// Even if another file is there.
    #[test]
    fn a_missing_named_file_is_fatal() {
        let mut bench = TestConfig::with(&[]).set("ZOOM2KALTURA_CONFIG", "variable.toml");
        assert!(
            bench.fault().starts_with("the configuration variable.toml cannot be read: it does not exist; correct")
        );
        bench.sources.explicit = Some(PathBuf::from("flag.toml"));
        assert!(bench.fault().starts_with("the configuration flag.toml cannot be read: it does not exist; correct"));
    }

    #[test]
    fn no_file_lists_the_places_searched() {
        let bench = TestConfig::with(&[]);
        fs::remove_file(bench.path("zoom2kaltura.toml")).expect("removed");
        let fault = bench.fault();
        assert!(fault.contains("looked for zoom2kaltura.toml and etc.toml; name one with --config"), "{fault}");
    }

    #[test]
    fn unknown_variables_get_a_suggestion() {
        let bench = TestConfig::with(&[]).set("ZOOM2KALTURA_SYNC_GOLIVE", "2026-09-01");
        let fault = bench.fault();
        assert!(fault.contains("unknown environment variable ZOOM2KALTURA_SYNC_GOLIVE"), "{fault}");
        assert!(fault.contains("did you mean ZOOM2KALTURA_SYNC_GO_LIVE?"), "{fault}");
    }

    #[test]
    fn foreign_working_folder_files_are_ignored() {
        let mut bench = TestConfig::with(&[]);
        // not the user who runs the tests
        bench.sources.user += 4242;
        let fault = bench.fault();
        assert!(fault.starts_with("zoom2kaltura.toml is not used because it does not belong to the user"), "{fault}");
        assert!(!bench.sources.find_file().is_ok_and(|file| file == bench.path("zoom2kaltura.toml")));
        let text = fs::read(bench.path("zoom2kaltura.toml")).expect("a file");
        bench.write("etc.toml", text, 0o644);
        assert_eq!(bench.sources.find_file().expect("a file"), bench.path("etc.toml"));
    }

    /// Wherever they lie.
    #[test]
    fn files_others_can_change_are_refused() {
        let mut bench = TestConfig::with(&[]);
        let text = fs::read(bench.path("zoom2kaltura.toml")).expect("a file");
        for mode in [0o664, 0o646, 0o666] {
            bench.write("zoom2kaltura.toml", &text, mode);
            bench.write("flag.toml", &text, mode);
            for explicit in [None, Some(PathBuf::from("flag.toml"))] {
                bench.sources.explicit = explicit;
                let fault = bench.fault();
                assert!(
                    fault.contains("is not used because it can be changed by others") && fault.contains("chmod"),
                    "{fault}"
                );
            }
        }
    }

    /// The working folder may be one that nobody can look into.
    #[test]
    fn unreadable_folders_hide_no_system_file() {
        let mut bench = TestConfig::with(&[]);
        fs::rename(bench.path("zoom2kaltura.toml"), bench.path("etc.toml")).expect("renamed");
        symlink(bench.path("loop"), bench.path("loop")).expect("a link to itself");
        bench.sources.working_folder = bench.path("loop");
        assert_eq!(bench.load().file, bench.path("etc.toml"));
    }

    #[test]
    fn unreadable_system_files_are_not_absent() {
        let bench = TestConfig::with(&[]);
        fs::remove_file(bench.path("zoom2kaltura.toml")).expect("removed");
        symlink(bench.path("etc.toml"), bench.path("etc.toml")).expect("a link to itself");
        assert!(bench.fault().starts_with("the configuration etc.toml cannot be read: "));
    }

    #[test]
    fn a_variable_without_text_is_refused() {
        let bench = TestConfig::with(&[]).set("ZOOM2KALTURA_COPY_TAGS", OsStr::from_bytes(b"caf\xe9"));
        assert_eq!(bench.fault(), "copy.tags in environment ZOOM2KALTURA_COPY_TAGS is not UTF-8");
    }

    #[test]
    fn other_programs_variables_are_ignored() {
        TestConfig::with(&[]).set("ZOOM2KALTURISH", "x").load();
    }
}
