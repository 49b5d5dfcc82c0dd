//! What of our copies nobody seems to need any more. Tells, and changes nothing.
//!
//! `retention`: which of our copies nobody seems to need any more, by Kaltura alone. Reads only, and needs no ledger.
//!
//! What Kaltura says of our copies and their owners.

mod report;
mod rules;

use std::collections::BTreeSet;

use chrono::Utc;

use super::CommandContext;
use super::failure::Failure;
use super::setup::Services;
use crate::cli::{ReportFormat, RetentionArgs};
use crate::config::Settings;
use crate::exit::Exit;
use crate::remotes::http::RemoteError;
use crate::remotes::kaltura::Kaltura;

pub use report::{retention_csv, retention_document, retention_text};
pub use rules::{RetentionFacts, RetentionFinding, RetentionLimits, Why, list_findings};

/// Prints them. That there are some is no failure.
pub(super) async fn run_retention(
    args: RetentionArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let mut services = Services::new(settings)?;
    services.only_look();
    let evidence = context.or_interrupted(Box::pin(gather_retention(&services.kaltura))).await??;
    let unplayed = args.unplayed_years.unwrap_or(settings.retention.unplayed_years);
    let age = args.max_age_years.unwrap_or(settings.retention.max_age_years);
    let limits = RetentionLimits::of_years(unplayed, age, Utc::now());
    let (recordings, found) = list_findings(&evidence, limits);
    match args.format {
        ReportFormat::Text => write!(context.out, "{}", retention_text(recordings, limits, &found, context.screen))?,
        ReportFormat::Json => context.print_document(&retention_document(recordings, limits, &found))?,
        ReportFormat::Csv => write!(context.out, "{}", retention_csv(&found)?)?,
    }
    Ok(Exit::Good)
}

/// Reads all of it, or fails: what could not be read is not taken for something that is not there.
pub async fn gather_retention(kaltura: &Kaltura) -> Result<RetentionFacts, RemoteError> {
    let made = kaltura.list_own_entries().await?;
    let owners: BTreeSet<&str> = made.iter().map(|made| made.owner.as_str()).filter(|id| !id.is_empty()).collect();
    let owners: Vec<String> = owners.into_iter().map(str::to_owned).collect();
    let exist = kaltura.users_exist(&owners).await?;
    let gone = owners.into_iter().zip(exist).filter(|(_, exists)| !exists).map(|(owner, _)| owner).collect();
    Ok(RetentionFacts { made, gone })
}
