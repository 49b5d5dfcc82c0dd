//! `retention`: which of our copies nobody seems to need any more, by Kaltura alone. Reads only, and needs no ledger.

use chrono::Utc;

use super::CommandContext;
use super::failure::Failure;
use super::world::Services;
use crate::cli::{ReportFormat, RetentionArgs};
use crate::config::Settings;
use crate::exit::Exit;
use crate::model::visible_json;
use crate::retention::{
    RetentionLimits, gather_retention, list_findings, retention_csv, retention_json, retention_text,
};

/// Prints them. That there are some is no failure.
pub(super) async fn run_retention(
    args: RetentionArgs,
    settings: &Settings,
    skin: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let mut world = Services::new(settings)?;
    world.only_look();
    let Some(evidence) = skin.interrupt.or(Box::pin(gather_retention(&world.kaltura))).await else {
        return Ok(skin.interrupt.exit().unwrap_or(Exit::Unexpected));
    };
    let unplayed = args.unplayed_years.unwrap_or(settings.retention.unplayed_years);
    let age = args.max_age_years.unwrap_or(settings.retention.max_age_years);
    let limits = RetentionLimits::of_years(unplayed, age, Utc::now());
    let (recordings, found) = list_findings(&evidence?, limits);
    match args.format {
        ReportFormat::Text => write!(skin.out, "{}", retention_text(recordings, limits, &found))?,
        ReportFormat::Json => {
            writeln!(skin.out, "{}", visible_json(&format!("{:#}", retention_json(recordings, limits, &found))))?;
        }
        ReportFormat::Csv => write!(skin.out, "{}", retention_csv(&found)?)?,
    }
    Ok(Exit::Good)
}
