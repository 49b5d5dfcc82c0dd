//! Trying what a run needs, before it needs it. Changes nothing anywhere.
//!
//! `check`: tries what a run needs and says what to do. Changes nothing anywhere.

mod finding;
mod kaltura;
mod machine;
mod retention;
mod zoom;

use chrono::Utc;

use super::CommandContext;
use super::failure::Failure;
use super::setup::{Services, ledger_identity};
use crate::cli::{AnswerFormat, CheckArgs};
use crate::config::Loaded;
use crate::exit::Exit;

pub use finding::{CheckFinding, check_document, findings_text};
pub use kaltura::check_kaltura;
pub use machine::{check_clock, check_lists, check_machine};
pub use zoom::check_zoom;

/// Prints a line for each thing tried; 7 where one needs attention.
pub(super) async fn run_check(
    args: CheckArgs,
    loaded: &Loaded,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let settings = &loaded.settings;
    let mut services = Services::new(settings)?;
    services.only_look();
    let Services { zoom, kaltura, .. } = services;
    let mut findings = vec![CheckFinding::good("configuration", format!("{} is sound", loaded.file.display()))];
    findings.extend(loaded.notes.iter().map(|note| CheckFinding::warning("configuration", note)));
    findings.extend(check_machine(settings, &ledger_identity(settings)));
    let remote = async {
        let mut remote = check_zoom(&zoom, settings).await;
        remote.extend(check_clock("Zoom", zoom.now(), Utc::now()));
        remote.extend(check_kaltura(&kaltura, settings).await);
        remote.extend(check_clock("Kaltura", kaltura.now(), Utc::now()));
        remote
    };
    findings.extend(context.or_interrupted(remote).await?);
    match args.format {
        AnswerFormat::Text => write!(context.out, "{}", findings_text(&findings, context.screen))?,
        AnswerFormat::Json => context.print_document(&check_document(&findings))?,
    }
    Ok(if findings.iter().all(|finding| finding.good) { Exit::Good } else { Exit::Found })
}
