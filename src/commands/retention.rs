//! `retention`: which of our copies nobody seems to need any more, by Kaltura alone. Reads only, and needs no ledger.

use chrono::Utc;

use super::Skin;
use super::failure::Failure;
use super::world::World;
use crate::cli::{ReportFormat, RetentionArgs};
use crate::config::Settings;
use crate::exit::Exit;
use crate::model::visible_json;
use crate::retention::{Limits, csv, findings, gather, json, text};

/// Prints them. That there are some is no failure.
pub(super) async fn retention(args: RetentionArgs, settings: &Settings, skin: &mut Skin<'_>) -> Result<Exit, Failure> {
    let mut world = World::new(settings)?;
    world.only_look();
    let Some(evidence) = skin.interrupt.or(Box::pin(gather(&world.kaltura))).await else {
        return Ok(skin.interrupt.exit().unwrap_or(Exit::Unexpected));
    };
    let unplayed = args.unplayed_years.unwrap_or(settings.retention.unplayed_years);
    let age = args.max_age_years.unwrap_or(settings.retention.max_age_years);
    let limits = Limits::of_years(unplayed, age, Utc::now());
    let (recordings, found) = findings(&evidence?, limits);
    match args.format {
        ReportFormat::Text => write!(skin.out, "{}", text(recordings, limits, &found))?,
        ReportFormat::Json => {
            writeln!(skin.out, "{}", visible_json(&format!("{:#}", json(recordings, limits, &found))))?;
        }
        ReportFormat::Csv => write!(skin.out, "{}", csv(&found)?)?,
    }
    Ok(Exit::Good)
}
