//! `config show`, `config validate`, `config sample` and `config import-connector`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use chrono::Utc;

use super::CommandContext;
use super::check::check_lists;
use super::failure::Failure;
use super::setup::read_caption_languages;
use crate::cli::ConfigCommand;
use crate::config::connector::{ConnectorSettings, MOST_BYTES, propose_config};
use crate::config::{Loaded, Settings};
use crate::copying::categories;
use crate::exit::Exit;
use crate::model::one_line;
use crate::owners::people::{ListFault, find_foreign_owner};

/// Getting here means that the configuration could be read in full, but for the files of lines that it names.
pub(super) fn run_config(
    command: ConfigCommand,
    loaded: &Loaded,
    context: &mut CommandContext<'_>,
) -> Result<Exit, Failure> {
    match command {
        ConfigCommand::Validate => {
            let faults = list_faults(&loaded.settings);
            let lists = &loaded.settings.filter.lists;
            let files: BTreeSet<_> = [&lists.opt_out.file, &lists.opt_in.file].into_iter().flatten().collect();
            for file in files {
                if let Some(why) = find_foreign_owner(file) {
                    tracing::warn!("{} {why}: others could opt people in or out", file.display());
                }
            }
            for fault in &faults {
                tracing::error!("{fault}");
            }
            let lacks_domains = loaded.settings.owner.rules.lacks_domains();
            if let Some(why) = &lacks_domains {
                tracing::error!("{why}");
            }
            if !faults.is_empty() || lacks_domains.is_some() {
                return Ok(Exit::Configuration);
            }
            warn_of_notes(loaded);
            writeln!(context.out, "{} is sound", loaded.file.display())?;
        }
        ConfigCommand::Sample => return print_sample(context),
        ConfigCommand::ImportConnector { file } => return import_connector(&file, context),
        ConfigCommand::Show => {
            warn_of_notes(loaded);
            for entry in loaded.entries() {
                writeln!(context.out, "{:<28} = {:<50} # {}", entry.key, entry.value, entry.source)?;
            }
        }
    }
    Ok(Exit::Good)
}

fn warn_of_notes(loaded: &Loaded) {
    for note in &loaded.notes {
        tracing::warn!("{note}");
    }
}

/// A configuration to begin with, in which every key is explained.
pub(super) fn print_sample(context: &mut CommandContext<'_>) -> Result<Exit, Failure> {
    context.out.write_all(include_bytes!("../../examples/config.toml"))?;
    Ok(Exit::Good)
}

/// A configuration proposed from the settings of Kaltura's own connector.
pub(super) fn import_connector(file: &Path, context: &mut CommandContext<'_>) -> Result<Exit, Failure> {
    let refuse = |why: String| {
        let line = format!("{}: {why}; nothing was proposed", one_line(&file.display().to_string()));
        Failure::with_message(Exit::Configuration, line)
    };
    let mut bytes = Vec::new();
    // one byte more than it may have shows that it has too many
    File::open(file)
        .and_then(|opened| opened.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| refuse(error.to_string()))?;
    let settings = ConnectorSettings::parse(&bytes).map_err(|fault| refuse(fault.to_string()))?;
    let unknown = settings.name_unknown();
    if !unknown.is_empty() {
        tracing::warn!("not known to this version, and not followed: {unknown}");
    }
    context.out.write_all(propose_config(&settings, Utc::now().date_naive()).as_bytes())?;
    Ok(Exit::Good)
}

/// What is wrong with the files of lines, each bad line by itself.
fn list_faults(settings: &Settings) -> Vec<ListFault> {
    let lists = check_lists(settings).into_iter().filter_map(|(_, read)| read.err());
    let categories = categories::read_category_rules(settings.copy.categories.clone()).err();
    let languages = read_caption_languages(settings).err();
    lists.chain(categories).chain(languages).flat_map(ListFault::each).collect()
}
