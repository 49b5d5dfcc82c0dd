//! What zoom2kaltura costs, beside a pair of `curl`s and a script as institutions write them. Everything runs on this
//! machine, against stand-ins in a process of their own; figures of one run may be compared with one another.

mod contender;
mod idle;
mod ledger;
mod link;
mod measured;
mod mix;
mod pull;
mod remote;
mod scenario;
mod serve;
#[allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    missing_docs,
    clippy::pedantic,
    reason = "shared with the tests: each side uses its part, and nobody reads it as a library"
)]
#[path = "../../tests/standin/mod.rs"]
mod standin;
mod streams;
mod table;

use std::process::ExitCode;

/// Its name, and what measures it: all of it, or what takes a few minutes.
type Part = (&'static str, fn(bool));

/// The parts of the benchmark, in the order in which they run.
const PARTS: [Part; 5] = [
    ("idle", idle::measure),
    ("streams", streams::measure),
    ("link", link::measure),
    ("mix", mix::measure),
    ("pull", pull::measure),
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
    let full = args.iter().any(|arg| arg == "--full");
    let wanted: Vec<&str> = args.iter().map(String::as_str).filter(|arg| *arg != "--full").collect();
    if wanted.iter().any(|name| !PARTS.iter().any(|(part, _)| part == name)) {
        table::say("usage: cargo run --release --example bench [-- [--full] [idle] [streams] [link] [mix] [pull]]");
        return ExitCode::from(2);
    }
    table::say(&format!("zoom2kaltura {}, {}", env!("CARGO_PKG_VERSION"), measured::machine()));
    for (_, measure) in PARTS.iter().filter(|(part, _)| wanted.is_empty() || wanted.contains(part)) {
        measure(full);
    }
    ExitCode::SUCCESS
}
