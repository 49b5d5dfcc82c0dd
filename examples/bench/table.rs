//! Figures in columns, on stdout.

use std::time::Duration;

/// Prints a line.
#[allow(clippy::print_stdout, reason = "what a benchmark is run for")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Prints a heading and, below it, the names of the columns.
pub(crate) fn heading(what: &str, columns: &[&str]) {
    say(&format!("\n{what}\n"));
    row(&columns.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
}

/// Prints a row: its name, then figures.
pub(crate) fn row(cells: &[String]) {
    let (name, figures) = cells.split_first().expect("a row with a name");
    let figures: Vec<String> = figures.iter().map(|figure| format!("{figure:>14}")).collect();
    say(&format!("{name:<34}{}", figures.concat()));
}

/// Seconds.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// Mebibytes, from kibibytes.
pub(crate) fn mib(kib: u64) -> String {
    format!("{:.1} MiB", figure(kib) / 1024.0)
}

/// A number of bytes as the options name it.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

/// A count to calculate with.
#[allow(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn figure(count: u64) -> f64 {
    count as f64
}
