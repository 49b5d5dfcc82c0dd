//! zoom2kaltura without a credential: a tour against stand-ins of Zoom and Kaltura. With `-v` its runs say what they
//! do. With the arguments of a command it runs that command against them. With `--serve` they stay up, to be tried by
//! hand. With `--status-page` it prints the status page of a month. With `--serve-kaltura-only` the Kaltura stand-in stays up by itself, to be compared with traffic recorded from a
//! real server; `--recycle-bin` behind it switches that on.

mod month;
mod serve;
mod tour;
mod university;

use std::process::ExitCode;

use university::University;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ref flags if flags.iter().all(|flag| flag.starts_with("-v")) => tour::tour(flags),
        ["--help" | "-h"] => usage(ExitCode::SUCCESS),
        ["--status-page"] => month::print_page(),
        ["--serve"] => serve::sandbox(),
        ["--serve-kaltura-only"] => serve::kaltura(false),
        ["--serve-kaltura-only", "--recycle-bin"] => serve::kaltura(true),
        [first, ..] if first.starts_with("--s") => usage(ExitCode::from(2)),
        ref command => ExitCode::from(University::new().run(command)),
    }
}

#[allow(clippy::print_stderr, reason = "where a usage line belongs")]
fn usage(exit: ExitCode) -> ExitCode {
    let modes = "--serve | --serve-kaltura-only [--recycle-bin] | -v | --status-page | a command of zoom2kaltura";
    eprintln!("usage: cargo run --example sandbox [-- {modes}]");
    exit
}

#[allow(clippy::print_stdout, reason = "the tour and a server's address go to stdout")]
fn print_line(line: &str) {
    println!("{line}");
}
