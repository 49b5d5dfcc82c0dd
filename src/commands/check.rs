//! `check`: tries what a run needs and says what to do. Changes nothing anywhere.

use chrono::Utc;

use super::CommandContext;
use super::failure::Failure;
use super::world::{Services, ledger_identity};
use crate::check::{self, CheckFinding, check_clock, check_machine};
use crate::cli::{AnswerFormat, CheckArgs};
use crate::config::Loaded;
use crate::exit::Exit;
use crate::model::visible_json;

/// Prints a line for each thing tried; 7 where one needs attention.
pub(super) async fn run_check(
    args: CheckArgs,
    loaded: &Loaded,
    skin: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    let settings = &loaded.settings;
    let mut world = Services::new(settings)?;
    world.only_look();
    let Services { zoom, kaltura, .. } = world;
    let mut findings = vec![CheckFinding::good("configuration", format!("{} is sound", loaded.file.display()))];
    findings.extend(check_machine(settings, &ledger_identity(settings)));
    let remote = async {
        let mut remote = check::check_zoom(&zoom, settings).await;
        remote.extend(check_clock("Zoom", zoom.now(), Utc::now()));
        remote.extend(check::check_kaltura(&kaltura, settings).await);
        remote.extend(check_clock("Kaltura", kaltura.now(), Utc::now()));
        remote
    };
    let Some(remote) = skin.interrupt.or(remote).await else {
        return Ok(skin.interrupt.exit().unwrap_or(Exit::Unexpected));
    };
    findings.extend(remote);
    match args.format {
        AnswerFormat::Text => write!(skin.out, "{}", check::findings_text(&findings))?,
        AnswerFormat::Json => {
            writeln!(skin.out, "{}", visible_json(&format!("{:#}", check::findings_json(&findings))))?
        }
    }
    Ok(if findings.iter().all(|finding| finding.good) { Exit::Good } else { Exit::Found })
}
