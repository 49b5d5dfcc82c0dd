//! `config show`, `config validate` and `config sample`.

use std::collections::BTreeSet;

use super::CommandContext;
use super::check::check_lists;
use super::failure::Failure;
use super::setup::read_caption_languages;
use crate::cli::ConfigCommand;
use crate::config::{Loaded, Settings};
use crate::copying::categories;
use crate::exit::Exit;
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

/// What is wrong with the files of lines, each bad line by itself.
fn list_faults(settings: &Settings) -> Vec<ListFault> {
    let lists = check_lists(settings).into_iter().filter_map(|(_, read)| read.err());
    let categories = categories::read_category_rules(settings.copy.categories.clone()).err();
    let languages = read_caption_languages(settings).err();
    lists.chain(categories).chain(languages).flat_map(ListFault::each).collect()
}
