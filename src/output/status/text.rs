//! How things stand, for people: the answer first, then the figures and the recordings concerned, then what to do.

use std::fmt::Write;

use comfy_table::{ContentArrangement, Table, presets};

use super::rows::{ORPHAN, WAITING, figure_rows, orphan_row, shown_recordings, waiting_row};
use super::summary::status_summary;
use super::{Alarm, Site, Status};
use crate::model::one_line;

/// The whole of it.
#[must_use]
pub fn status_text(status: &Status, alarms: &[Alarm], site: &Site) -> String {
    let mut text = format!("{}\n\n", status_summary(status, alarms));
    let name = one_line(&site.name);
    let _ = writeln!(text, "status of {name} at {}, all times {}", site.format_minute(status.now), site.zone);
    text.push('\n');
    for (name, value) in figure_rows(status, site) {
        let _ = writeln!(text, "{name:<22}{value}");
    }
    let shown = shown_recordings(status);
    if !shown.is_empty() {
        let rows = shown.into_iter().map(|waiting| waiting_row(waiting, site));
        text.push_str(&status_table("late, at risk, failed, given up or waiting for you", WAITING, rows));
    }
    if !status.orphans.is_empty() {
        let rows = status.orphans.iter().map(|orphan| orphan_row(orphan, status, site));
        text.push_str(&status_table("orphans", ORPHAN, rows));
    }
    if !alarms.is_empty() {
        text.push_str("\nwhat to do:\n");
        for alarm in alarms {
            let _ = writeln!(text, "- {alarm}");
        }
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
