//! What zoom2kaltura costs, beside a pair of `curl`s and a script as institutions write them. Everything runs on this
//! machine, against stand-ins in a process of their own; figures of one run may be compared with one another.

mod campus;
mod contender;
mod disk;
mod idle;
mod ledger;
mod link;
mod lists;
mod measured;
mod mix;
mod moves;
mod pull;
mod race;
mod remote;
mod scenario;
mod serve;
mod streams;
mod table;

use std::process::ExitCode;

/// How much is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Whether everything works, in seconds: its figures say nothing.
    Short,
    /// What takes some minutes.
    Usual,
    /// All of it.
    Full,
}

impl Extent {
    /// What the options say.
    pub(crate) fn chosen() -> Extent {
        let has = |option: &str| std::env::args().any(|arg| arg == option);
        match () {
            () if has("--short") => Extent::Short,
            () if has("--full") => Extent::Full,
            () => Extent::Usual,
        }
    }

    /// A size in the short form, and otherwise.
    pub(crate) fn choose(self, short: u64, other: u64) -> u64 {
        if self == Extent::Short { short } else { other }
    }

    /// How often each contender has its turn.
    pub(crate) fn rounds(self) -> usize {
        if self == Extent::Short { 1 } else { 3 }
    }
}

/// A part of the benchmark.
#[derive(Clone, Copy)]
enum Part {
    /// Contenders by turns: rows of the last table, and all that the short form has.
    Race(fn(Extent) -> Vec<race::Row>),
    /// Figures of the program in more places: all of them, or those that take minutes.
    Detail(fn(bool)),
}

/// The parts, in the order in which they run.
const PARTS: [(&str, Part); 14] = [
    ("one", Part::Race(moves::one)),
    ("tls", Part::Race(moves::tls)),
    ("small", Part::Race(moves::small)),
    ("tiny", Part::Race(moves::tiny)),
    ("far", Part::Race(moves::far)),
    ("plan", Part::Race(lists::plan)),
    ("poll", Part::Race(lists::poll)),
    ("disk", Part::Detail(disk::measure)),
    ("idle", Part::Detail(idle::measure)),
    ("streams", Part::Detail(streams::measure)),
    ("link", Part::Detail(link::measure)),
    ("mix", Part::Detail(mix::measure)),
    ("pull", Part::Detail(pull::measure)),
    ("campus", Part::Detail(campus::measure)),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        // this program starts itself in two other roles, so that each has a process of its own
        Some("--stand-ins") => serve::until_stdin_is_closed(&args[1..]),
        Some("--program") => ExitCode::from(program(&args[1..])),
        _ => bench(&args),
    }
}

fn program(args: &[String]) -> u8 {
    let command = std::iter::once("zoom2kaltura").chain(args.iter().map(String::as_str));
    zoom2kaltura::run(command.map(Into::into)).code()
}

fn bench(args: &[String]) -> ExitCode {
    let extent = Extent::chosen();
    let is_option = |arg: &str| arg == "--full" || arg == "--short";
    let wanted: Vec<&str> = args.iter().map(String::as_str).filter(|arg| !is_option(arg)).collect();
    if wanted.iter().any(|name| !PARTS.iter().any(|(part, _)| part == name)) {
        let names = PARTS.map(|(name, _)| format!("[{name}]")).join(" ");
        table::say(&format!("usage: cargo run --release --example bench [-- [--short | --full] {names}]"));
        return ExitCode::from(2);
    }
    table::say(&format!("zoom2kaltura {}, {}", env!("CARGO_PKG_VERSION"), measured::machine()));
    let mut rows = Vec::new();
    for (_, part) in PARTS.iter().filter(|(part, _)| wanted.is_empty() || wanted.contains(part)) {
        match part {
            Part::Race(measure) => rows.extend(measure(extent)),
            Part::Detail(measure) if extent != Extent::Short => measure(extent == Extent::Full),
            Part::Detail(_) => {}
        }
    }
    race::tell_ratios(&rows);
    if measured::has_failed() {
        table::say("\nsomething failed, or not everything arrived: look for FAILED");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
