//! `check`: tries what a run needs and says what to do. Changes nothing anywhere.

use chrono::Utc;

use super::Skin;
use super::failure::Failure;
use super::world::{World, identity};
use crate::check::{self, Finding, clock, here};
use crate::cli::{AnswerFormat, CheckArgs};
use crate::config::Loaded;
use crate::exit::Exit;
use crate::model::visible_json;

/// Prints a line for each thing tried; 7 where one needs attention.
pub(super) async fn check(args: CheckArgs, loaded: &Loaded, skin: &mut Skin<'_>) -> Result<Exit, Failure> {
    let settings = &loaded.settings;
    let mut world = World::new(settings)?;
    world.only_look();
    let World { zoom, kaltura, .. } = world;
    let mut findings = vec![Finding::good("configuration", format!("{} is sound", loaded.file.display()))];
    findings.extend(here(settings, &identity(settings)));
    let remote = async {
        let mut remote = check::zoom(&zoom, settings).await;
        remote.extend(clock("Zoom", zoom.now(), Utc::now()));
        remote.extend(check::kaltura(&kaltura, settings).await);
        remote.extend(clock("Kaltura", kaltura.now(), Utc::now()));
        remote
    };
    let Some(remote) = skin.interrupt.or(remote).await else {
        return Ok(skin.interrupt.exit().unwrap_or(Exit::Unexpected));
    };
    findings.extend(remote);
    match args.format {
        AnswerFormat::Text => write!(skin.out, "{}", check::text(&findings))?,
        AnswerFormat::Json => writeln!(skin.out, "{}", visible_json(&format!("{:#}", check::json(&findings))))?,
    }
    Ok(if findings.iter().all(|finding| finding.good) { Exit::Good } else { Exit::Found })
}
