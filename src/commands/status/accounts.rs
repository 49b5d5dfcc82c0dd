//! `status --all`: several accounts at once, each with a configuration of its own in one folder.

use std::path::{Path, PathBuf};
use std::{fs, io};

use chrono::Utc;

use super::{judge_account, status_site};
use crate::cli::{StatusArgs, StatusFormat};
use crate::commands::CommandContext;
use crate::commands::failure::Failure;
use crate::commands::setup::ledger_identity;
use crate::config::{Sources, load_config};
use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::output::status::{AccountStatus, accounts_document, accounts_text};

/// Prints the accounts of a folder, by the names of their files. One that cannot be read needs attention like any other.
///
/// # Errors
///
/// The folder cannot be read or has no configuration, or the output cannot be written.
pub(in crate::commands) fn run_status_of_all(
    folder: &Path,
    args: &StatusArgs,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    if args.format == StatusFormat::Html {
        let message = "status --all prints text or json; make a page for each account without --all";
        return Err(Failure::new(Exit::Configuration, anyhow::anyhow!(message)));
    }
    let files = list_configurations(folder).map_err(|error| {
        let error = anyhow::Error::new(error).context(format!("the folder {} cannot be read", folder.display()));
        Failure::new(Exit::Configuration, error)
    })?;
    if files.is_empty() {
        let message = format!("no configuration, such as law.toml, is in the folder {}", folder.display());
        return Err(Failure::new(Exit::Configuration, anyhow::anyhow!(message)));
    }
    let accounts: Vec<AccountStatus> = files.into_iter().map(read_account).collect();
    match args.format {
        StatusFormat::Json => context.print_document(&accounts_document(&accounts))?,
        _ => write!(context.out, "{}", accounts_text(&accounts, context.screen))?,
    }
    let is_found = args.alert && accounts.iter().any(AccountStatus::needs_attention);
    Ok(if is_found { Exit::Found } else { Exit::Good })
}

/// The files that are configurations by their name, in its order.
fn list_configurations(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let files: io::Result<Vec<PathBuf>> = fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect();
    let mut files = files?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    Ok(files)
}

fn read_account(file: PathBuf) -> AccountStatus {
    let read = || -> anyhow::Result<_> {
        let loaded = load_config(&Sources::of_process(Some(file.clone())))?;
        let settings = loaded.settings;
        let ledger = Ledger::read_only(&settings.state_dir, &ledger_identity(&settings))?;
        let (status, alarms) = judge_account(&ledger, &settings, Utc::now())?;
        Ok((status, alarms, status_site(&settings)))
    };
    AccountStatus { standing: read().map_err(|error| format!("{error:#}")), file }
}
