//! Who runs this: root leaves files that the user of the program cannot use, and is sent back with the command for that user.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::failure::Failure;
use crate::cli::Command;
use crate::exit::Exit;
use crate::machine::user_name;
use crate::model::one_line;
use crate::owners::people::trust::running_user;

/// Refuses a command that writes, where root gave it and the state folder is another user's.
pub(super) fn refuse_root(command: &Command, typed: &[OsString], state_dir: &Path) -> Result<(), Failure> {
    if !is_foreign_to_root(state_dir) || !writes(command) {
        return Ok(());
    }
    let owner = owner_of_folder(state_dir);
    let known = user_name(owner);
    let owner_shown = known.clone().unwrap_or_else(|| format!("user id {owner}"));
    let line = format!(
        "state_dir {} belongs to {owner_shown}, who could not use what root writes there; run: {}",
        state_dir.display(),
        command_as(known.as_deref(), owner, typed)
    );
    Err(Failure::with_message(Exit::Configuration, line))
}

/// Whether root runs this and the state folder is another user's.
pub(super) fn is_foreign_to_root(state_dir: &Path) -> bool {
    running_user() == 0 && owner_of_folder(state_dir) != 0
}

fn owner_of_folder(state_dir: &Path) -> u32 {
    fs::metadata(state_dir).map_or(0, |found| found.uid())
}

/// Whether it leaves anything in the state folder, or a file that it should not own.
fn writes(command: &Command) -> bool {
    match command {
        Command::Sync(args) => !args.copying.dry_run,
        Command::Backfill(args) => !args.copying.dry_run,
        Command::Purge(args) => !args.dry_run,
        Command::Reassign(args) => !args.dry_run,
        Command::Retry(_) | Command::Backup(_) => true,
        Command::Status(_)
        | Command::Explain(_)
        | Command::Check(_)
        | Command::Verify(_)
        | Command::Retention(_)
        | Command::Captions(_)
        | Command::Guide { .. }
        | Command::Completions { .. }
        | Command::Man
        | Command::Config(_) => false,
    }
}

/// The same command, to be typed by root. `runuser` knows users by their names only.
fn command_as(name: Option<&str>, owner: u32, typed: &[OsString]) -> String {
    let words = typed.iter().map(|word| quote_word(&word.to_string_lossy()));
    let begin = name.map_or_else(|| format!("sudo -u '#{owner}' --"), |name| format!("runuser -u {name} --"));
    words.fold(begin, |line, word| format!("{line} {word}"))
}

/// As a shell takes it for one word.
fn quote_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", one_line(word).replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::Parser;

    use super::{command_as, writes};
    use crate::cli::Cli;

    fn typed(line: &str) -> Vec<OsString> {
        line.split('|').map(OsString::from).collect()
    }

    /// A case is a line.
    #[test]
    fn commands_are_repeated_for_users() {
        let cases = [
            ("zoom2kaltura|sync", "runuser -u zoom2kaltura -- zoom2kaltura sync"),
            (
                "/opt/bin/zoom2kaltura|--config|/etc/z/law school.toml|sync",
                "runuser -u zoom2kaltura -- /opt/bin/zoom2kaltura --config '/etc/z/law school.toml' sync",
            ),
            ("z|retry|it's|;rm", r"runuser -u zoom2kaltura -- z retry 'it'\''s' ';rm'"),
            ("z|retry|", "runuser -u zoom2kaltura -- z retry ''"),
        ];
        for (line, expected) in cases {
            assert_eq!(command_as(Some("zoom2kaltura"), 7, &typed(line)), expected);
        }
        assert_eq!(command_as(None, 7, &typed("zoom2kaltura|sync")), "sudo -u '#7' -- zoom2kaltura sync");
    }

    /// A case is a line: dry runs write nothing.
    #[test]
    fn only_writing_commands_are_refused() {
        let cases = [
            ("sync", true),
            ("sync|--dry-run", false),
            ("backfill|--from|2026-11-01|--to|2026-11-02", true),
            ("backfill|--from|2026-11-01|--to|2026-11-02|--dry-run", false),
            ("purge", true),
            ("purge|--dry-run", false),
            ("reassign|a|b", true),
            ("reassign|a|b|--dry-run", false),
            ("retry|--failed", true),
            ("backup|file", true),
            ("status", false),
            ("explain|a", false),
            ("check", false),
            ("verify", false),
            ("retention", false),
            ("config|show", false),
        ];
        for (line, expected) in cases {
            let cli = Cli::try_parse_from(typed(&format!("zoom2kaltura|{line}"))).expect("a command line");
            assert_eq!(writes(&cli.command), expected, "{line}");
        }
    }
}
