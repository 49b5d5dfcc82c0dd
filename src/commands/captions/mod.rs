//! `captions`: which of our copies lack captions that people can rely on, by Kaltura alone. Needs no ledger; where there is
//! one, it keeps the counts for `status`.

mod report;
mod rules;

use chrono::{DateTime, Utc};

use super::CommandContext;
use super::failure::Failure;
use super::setup::{Services, ledger_identity};
use super::who::is_foreign_to_root;
use crate::cli::{CaptionsArgs, ReportFormat};
use crate::config::Settings;
use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::model::{CaptionCounts, CaptionSurvey, OwnEntry};
use crate::remotes::http::RemoteError;
use crate::remotes::kaltura::Kaltura;
use report::{captions_csv, captions_document, captions_text};
use rules::{CaptionFinding, count_lacks, judge_captions};

/// Prints them. That there are some is no failure.
pub(super) async fn run_captions(
    args: CaptionsArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let mut services = Services::new(settings)?;
    services.only_look();
    let seen = context.or_interrupted(Box::pin(gather_captions(&services.kaltura))).await??;
    let now = Utc::now();
    let (recordings, found) = judge_captions(&seen, settings.copy.wording.time_zone, now);
    keep_counts(settings, recordings, &found, now);
    match args.format {
        ReportFormat::Text => write!(context.out, "{}", captions_text(recordings, &found, context.screen))?,
        ReportFormat::Json => context.print_document(&captions_document(recordings, &found))?,
        ReportFormat::Csv => write!(context.out, "{}", captions_csv(&found)?)?,
    }
    Ok(Exit::Good)
}

/// What `status` shows of it. That it cannot be kept takes nothing from the report.
fn keep_counts(settings: &Settings, recordings: usize, found: &[CaptionFinding], now: DateTime<Utc>) {
    if is_foreign_to_root(&settings.state_dir) {
        tracing::warn!(
            "the counts are not kept for status, as root would leave files that the program's user cannot use"
        );
        return;
    }
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let [no_captions, machine_made, unreadable] = count_lacks(found).map(count);
    let survey = CaptionSurvey { counted: now, recordings: count(recordings), no_captions, machine_made, unreadable };
    let ledger = Ledger::beside(&settings.state_dir, &ledger_identity(settings));
    let kept = ledger.and_then(|ledger| ledger.map_or(Ok(()), |ledger| ledger.set_caption_survey(survey)));
    if let Err(error) = kept {
        tracing::warn!("the counts are not kept for status: {error}");
    }
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
