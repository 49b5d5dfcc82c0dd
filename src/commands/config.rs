//! `config show` and `config validate`.

use super::Skin;
use super::failure::Failure;
use crate::cli::ConfigCommand;
use crate::config::Loaded;
use crate::exit::Exit;

/// Getting here means that the configuration could be read in full.
pub(super) fn config(command: ConfigCommand, loaded: &Loaded, skin: &mut Skin<'_>) -> Result<Exit, Failure> {
    match command {
        ConfigCommand::Validate => writeln!(skin.out, "{} is sound", loaded.file.display())?,
        ConfigCommand::Show => {
            for entry in loaded.entries() {
                writeln!(skin.out, "{:<28} = {:<50} # {}", entry.key, entry.value, entry.source)?;
            }
        }
    }
    Ok(Exit::Good)
}
