//! `captions`: which of our copies lack captions that people can rely on, by Kaltura alone. Reads only, and needs no ledger.

mod report;
mod rules;

use chrono::Utc;

use super::CommandContext;
use super::failure::Failure;
use super::setup::Services;
use crate::cli::{CaptionsArgs, ReportFormat};
use crate::config::Settings;
use crate::exit::Exit;
use crate::model::{CaptionCounts, OwnEntry};
use crate::remotes::http::RemoteError;
use crate::remotes::kaltura::Kaltura;
use report::{captions_csv, captions_document, captions_text};
use rules::judge_captions;

/// Prints them. That there are some is no failure.
pub(super) async fn run_captions(
    args: CaptionsArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let mut services = Services::new(settings)?;
    services.only_look();
    let seen = context.or_interrupted(Box::pin(gather_captions(&services.kaltura))).await??;
    let (recordings, found) = judge_captions(&seen, settings.copy.wording.time_zone, Utc::now());
    match args.format {
        ReportFormat::Text => write!(context.out, "{}", captions_text(recordings, &found, context.screen))?,
        ReportFormat::Json => context.print_document(&captions_document(recordings, &found))?,
        ReportFormat::Csv => write!(context.out, "{}", captions_csv(&found)?)?,
    }
    Ok(Exit::Good)
}

/// Reads all of it, or fails: what could not be read is not taken for captions that are not there. Captions of a child hang on its
/// parent (facts-kaltura.md), so that a recording is looked at once.
async fn gather_captions(kaltura: &Kaltura) -> Result<Vec<(OwnEntry, CaptionCounts)>, RemoteError> {
    let mut made = kaltura.list_own_entries().await?;
    made.retain(|entry| entry.parent.is_none());
    let ids: Vec<_> = made.iter().map(|entry| entry.id.clone()).collect();
    let counts = kaltura.count_captions(&ids).await?;
    made.into_iter().zip(counts).map(|(entry, counts)| Ok((entry, counts?))).collect()
}
