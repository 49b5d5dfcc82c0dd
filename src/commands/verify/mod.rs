//! `verify`: compares Zoom, the ledger and Kaltura over some days. Reads only.

mod copies;
mod differences;
mod facts;
mod outstanding;
mod report;

use chrono::{Days, Utc};

use super::CommandContext;
use super::failure::Failure;
use super::setup::{Services, ledger_identity, plan_policy};
use crate::cli::{ReportFormat, VerifyArgs};
use crate::config::Settings;
use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::model::Window;

pub use differences::find_differences;
pub use facts::{Difference, gather_verify};
pub use outstanding::Deadlines;
pub use report::{Verified, verify_csv, verify_document, verify_text};

/// Prints what differs; 7 where anything does.
pub(super) async fn run_verify(
    args: VerifyArgs,
    settings: &Settings,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let now = Utc::now();
    let window = verify_window(args, settings, now.date_naive())?;
    let ledger = Ledger::read_only(&settings.state_dir, &ledger_identity(settings))?;
    let mut services = Services::new(settings)?;
    services.only_look();
    let gathered = gather_verify(services.systems(settings, &ledger), window, plan_policy(settings), now);
    let (evidence, mut trouble) = context.or_interrupted(Box::pin(gathered)).await??;
    let others = services.kaltura.list_others().await.unwrap_or_else(|error| {
        trouble.push(error);
        Vec::new()
    });
    let deadlines =
        Deadlines { late_after: settings.sync.late_after, processing_alert: settings.sync.processing_alert };
    let found = find_differences(&evidence, deadlines, now);
    let unread = trouble.len().max(usize::from(!evidence.complete));
    let verified = Verified { window, recordings: evidence.items.len(), differences: &found, unread };
    match args.format {
        ReportFormat::Text => {
            write!(context.out, "{}", verify_text(verified, settings.copy.wording.time_zone, context.screen))?;
        }
        ReportFormat::Json => context.print_document(&verify_document(verified))?,
        ReportFormat::Csv => write!(context.out, "{}", verify_csv(&found)?)?,
    }
    for other in &others {
        tracing::warn!("installation {other}");
    }
    let is_sound = found.is_empty() && !others.iter().any(|other| other.is_silent(now));
    // what could not be read may differ
    let mut exit = if is_sound && unread == 0 { Exit::Good } else { Exit::Found };
    for error in trouble {
        tracing::error!("{error}");
        if let worse @ (Exit::Configuration | Exit::Refused | Exit::Outage) = Failure::from(error).exit {
            exit = worse;
        }
    }
    Ok(exit)
}

fn verify_window(args: VerifyArgs, settings: &Settings, today: chrono::NaiveDate) -> Result<Window, Failure> {
    let days = args.days.map_or(settings.sync.lookback, |days| chrono::TimeDelta::days(days.into()));
    let to = args.to.unwrap_or(today + Days::new(1));
    let from = args.from.unwrap_or(today - days);
    if from > to {
        let message = format!("--from {from} is after --to {to}; give the earlier day as --from");
        return Err(Failure::with_message(Exit::Configuration, message));
    }
    Ok(Window { from, to })
}
