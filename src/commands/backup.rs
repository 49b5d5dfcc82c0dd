//! `backup`: copies the ledger into a file, also during a run.

use tokio::task::spawn_blocking;

use super::CommandContext;
use super::failure::Failure;
use super::setup::ledger_identity;
use crate::cli::BackupArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::ledger::Ledger;

/// Says what was made where somebody looks on; cron hears nothing of one that is good.
pub(super) async fn run_backup(
    args: &BackupArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let (state_dir, identity, file) = (settings.state_dir.clone(), ledger_identity(settings), args.file.clone());
    let made = spawn_blocking(move || Ledger::back_up(&state_dir, &identity, &file));
    let bytes = context.or_interrupted(made).await?.map_err(|error| Failure::new(Exit::Unexpected, error))??;
    tracing::info!(bytes, "the ledger was copied to {}", args.file.display());
    if context.shows_report {
        writeln!(context.out, "{} holds the ledger, {} KiB", args.file.display(), bytes.div_ceil(1024))?;
    }
    Ok(Exit::Good)
}
