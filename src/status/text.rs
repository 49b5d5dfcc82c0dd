//! How things stand, for people: figures first, then what somebody must do, then the recordings concerned.

use std::fmt::Write;

use comfy_table::{ContentArrangement, Table, presets};

use super::rows::{ORPHAN, WAITING, figures, minute, orphan, shown, waiting};
use super::{Alarm, Status};

/// The whole of it.
#[must_use]
pub fn text(status: &Status, alarms: &[Alarm]) -> String {
    let mut text = format!("status at {}\n\n", minute(status.now));
    for (name, value) in figures(status) {
        let _ = writeln!(text, "{name:<22}{value}");
    }
    if !alarms.is_empty() {
        text.push_str("\nneeds somebody:\n");
        for alarm in alarms {
            let _ = writeln!(text, "- {alarm}");
        }
    }
    let shown = shown(status);
    if !shown.is_empty() {
        text.push_str(&table("late, at risk, failed or given up", WAITING, shown.into_iter().map(waiting)));
    }
    if !status.orphans.is_empty() {
        text.push_str(&table("orphans", ORPHAN, status.orphans.iter().map(orphan)));
    }
    text
}

fn table<const N: usize>(title: &str, header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    let lines: String = table.lines().map(|row| row.trim().to_owned() + "\n").collect();
    format!("\n{title}:\n{lines}")
}
