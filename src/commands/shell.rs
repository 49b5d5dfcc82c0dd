//! `completions` and `man`: what a shell and a reader need, made from the command line itself.

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::CommandContext;
use super::failure::Failure;
use crate::cli::Cli;
use crate::exit::Exit;

const NAME: &str = env!("CARGO_PKG_NAME");

/// Files and variables, as the manual explains them.
const FILES: [(&str, &str); 4] = [
    ("./zoom2kaltura.toml", "The configuration, if --config and $ZOOM2KALTURA_CONFIG name none."),
    ("/etc/zoom2kaltura/config.toml", "The configuration, if there is no other."),
    ("STATE_DIR/ledger.db", "What was listed, decided, begun and confirmed (SQLite)."),
    ("STATE_DIR/run.lock, STATE_DIR/purge.lock", "Locks that the kernel releases however a run ends."),
];
const ENVIRONMENT: [(&str, &str); 3] = [
    ("ZOOM2KALTURA_CONFIG", "The configuration, if --config names none."),
    ("ZOOM2KALTURA_SECTION_KEY", "Overrides a key of the configuration, e.g. ZOOM2KALTURA_SYNC_PARALLEL=8."),
    ("CREDENTIALS_DIRECTORY", "Where systemd puts the secrets that LoadCredential= names."),
];

/// A script that completes the command line in `shell`.
pub(super) fn print_completions(shell: Shell, context: &mut CommandContext<'_>) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script);
    context.out.write_all(&script)?;
    Ok(Exit::Good)
}

/// The manual page, with every command on it.
pub(super) fn print_man(context: &mut CommandContext<'_>) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        section_of(sub, &format!("{NAME} {}", sub.get_name()), &mut page)?;
    }
    let exits = Exit::ALL.map(|exit| (exit.code().to_string(), exit.meaning().to_owned()));
    print_list("EXIT STATUS", exits.iter().map(|(code, meaning)| (code.as_str(), meaning.as_str())), &mut page)?;
    print_list("FILES", FILES.into_iter(), &mut page)?;
    print_list("ENVIRONMENT", ENVIRONMENT.into_iter(), &mut page)?;
    context.out.write_all(&page)?;
    Ok(Exit::Good)
}

/// A command with its options, and those below it.
fn section_of(command: &Command, name: &str, page: &mut Vec<u8>) -> std::io::Result<()> {
    let mut title = Roff::new();
    title.control("SH", [name.to_uppercase().as_str()]);
    title.text([roman(command.get_about().map(ToString::to_string).unwrap_or_default())]);
    title.to_writer(page)?;
    let man = Man::new(command.clone());
    let mut own = Vec::new();
    man.render_options_section(&mut own)?;
    // it has a heading already, and what every command takes stands above
    let own = String::from_utf8_lossy(&own);
    let own = own.lines().take_while(|line| *line != ".SH \"GLOBAL OPTIONS\"").filter(|line| *line != ".SH OPTIONS");
    page.extend(own.flat_map(|line| [line.as_bytes(), b"\n"].concat()));
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        section_of(sub, &format!("{name} {}", sub.get_name()), page)?;
    }
    Ok(())
}

fn print_list<'a>(
    title: &str,
    items: impl Iterator<Item = (&'a str, &'a str)>,
    page: &mut Vec<u8>,
) -> std::io::Result<()> {
    let mut section = Roff::new();
    section.control("SH", [title]);
    for (name, meaning) in items {
        section.control("TP", []);
        section.text([bold(name)]);
        section.text([roman(meaning)]);
    }
    section.to_writer(page)
}
