//! How things stand, for people: figures first, then what somebody must do, then the recordings concerned.

use std::fmt::Write;

use comfy_table::{ContentArrangement, Table, presets};

use super::rows::{ORPHAN, WAITING, figure_rows, orphan_row, shown_recordings, waiting_row};
use super::{Alarm, Status};
use crate::output::report::format_minute;

/// The whole of it.
#[must_use]
pub fn status_text(status: &Status, alarms: &[Alarm]) -> String {
    let mut text = format!("status at {}\n\n", format_minute(status.now));
    for (name, value) in figure_rows(status) {
        let _ = writeln!(text, "{name:<22}{value}");
    }
    if !alarms.is_empty() {
        text.push_str("\nneeds somebody:\n");
        for alarm in alarms {
            let _ = writeln!(text, "- {alarm}");
        }
    }
    let shown = shown_recordings(status);
    if !shown.is_empty() {
        text.push_str(&status_table("late, at risk, failed or given up", WAITING, shown.into_iter().map(waiting_row)));
    }
    if !status.orphans.is_empty() {
        text.push_str(&status_table("orphans", ORPHAN, status.orphans.iter().map(orphan_row)));
    }
    text
}

fn status_table<const N: usize>(title: &str, header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    let lines: String = table.lines().map(|row| row.trim().to_owned() + "\n").collect();
    format!("\n{title}:\n{lines}")
}
