//! One report for a plan and for what came of it, as text, JSON or CSV.

mod csv;
mod json;
mod render;
mod summary;
mod text;
mod totals;

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Serialize;

use super::document::JsonDocument;
use super::table::Screen;
use crate::copying::apply::Outcome;

pub use render::{Cell, csv_table, format_minute, format_second, format_size, format_span, shorten_topic};

/// What a report is about.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The verb.
    pub command: &'static str,
    /// Whether nothing was carried out.
    pub dry_run: bool,
    /// The run, as logs and ledger name it.
    pub run_id: &'a str,
    /// The plan and what came of it.
    pub outcome: &'a Outcome,
    /// Where the times that people read are.
    pub zone: Tz,
}

impl Report<'_> {
    /// For people.
    #[must_use]
    pub fn text(&self, screen: Screen) -> String {
        text::render_text(self, screen)
    }

    /// The run in one line; `took` is how long it lasted.
    #[must_use]
    pub fn summary(&self, took: TimeDelta) -> String {
        summary::summarise(self, took)
    }

    /// How many recordings are finished, of how many that the run was to change.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        summary::count_finished(&self.outcome.lines)
    }

    /// For spreadsheets: a row a file.
    pub fn csv(&self) -> Result<String, ::csv::Error> {
        csv::render_csv(self)
    }

    /// For programs.
    #[must_use]
    pub fn document(&self) -> JsonDocument<impl Serialize> {
        json::report_document(self)
    }
}
