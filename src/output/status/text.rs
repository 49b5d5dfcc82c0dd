//! How things stand, for people: the answer first, then the figures and the recordings concerned, then what to do.

use std::fmt::Write;

use super::rows::{ORPHAN, WAITING, figure_rows, orphan_row, shown_recordings, waiting_row};
use super::summary::status_summary;
use super::{Alarm, Site, Status};
use crate::model::one_line;
use crate::output::table::{Screen, TextCell, TextColumn, Tone, text_table};

/// The whole of it.
#[must_use]
pub fn status_text(status: &Status, alarms: &[Alarm], site: &Site, screen: Screen) -> String {
    let tone = if alarms.is_empty() { Tone::Good } else { Tone::Bad };
    let mut text = format!("{}\n\n", screen.paint(&status_summary(status, alarms), tone));
    let name = one_line(&site.name);
    let _ = writeln!(text, "status of {name} at {}, all times {}", site.format_minute(status.now), site.zone);
    text.push('\n');
    for (name, value) in figure_rows(status, site) {
        let _ = writeln!(text, "{name:<22}{value}");
    }
    let shown = shown_recordings(status);
    if !shown.is_empty() {
        let rows = shown.into_iter().map(|waiting| waiting_row(waiting, site));
        let title = "late, at risk, failed, given up or waiting for you";
        text.push_str(&status_table(title, WAITING, rows, screen));
    }
    if !status.orphans.is_empty() {
        let rows = status.orphans.iter().map(|orphan| orphan_row(orphan, status, site));
        text.push_str(&status_table("orphans", ORPHAN, rows, screen));
    }
    if !alarms.is_empty() {
        text.push_str("\nwhat to do:\n");
        for alarm in alarms {
            let _ = writeln!(text, "- {alarm}");
        }
    }
    text
}

fn status_table<const N: usize>(
    title: &str,
    columns: [TextColumn; N],
    rows: impl Iterator<Item = [String; N]>,
    screen: Screen,
) -> String {
    let rows: Vec<_> = rows.map(|row| row.map(TextCell::from)).collect();
    format!("\n{title}:\n{}", text_table(columns, &rows, screen))
}
