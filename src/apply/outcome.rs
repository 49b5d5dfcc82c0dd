//! What came of a plan.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{FileResult, Line};
use crate::http::{RemoteError, RemoteKind};
use crate::ledger::LedgerError;
use crate::model::{Reason, Window};
use crate::plan::{Item, Plan};

/// A plan and what came of each of its items.
#[derive(Debug)]
pub struct Outcome {
    /// The days that were listed, where any were.
    pub window: Option<Window>,
    /// Whether everything that Zoom lists there could be read.
    pub complete: bool,
    /// In the plan's order.
    pub lines: Vec<Line>,
    /// Why the plan, or a part of it, was not carried out, where brakes hold it back: a line for each.
    pub held: Option<String>,
    /// Errors that say nothing of a single recording: they decide the exit code.
    pub trouble: Vec<RemoteError>,
    /// Why it was broken off: the ledger cannot be used any more.
    pub broken: Option<LedgerError>,
}

impl Outcome {
    /// The same plan, not carried out.
    #[must_use]
    pub fn planned(plan: Plan, trouble: Vec<RemoteError>) -> Outcome {
        Outcome { window: Some(plan.window), complete: plan.complete, trouble, ..Outcome::of_items(plan.items) }
    }

    /// Items that no listing led to, not carried out.
    #[must_use]
    pub fn of_items(items: Vec<Item>) -> Outcome {
        let lines = items.into_iter().map(Line::from).collect();
        Outcome { window: None, complete: true, lines, held: None, trouble: Vec::new(), broken: None }
    }

    /// The day before which everything is settled: that of the first recording since go-live which is not, else today.
    /// What could not be read may be of any day that was listed since the last checkpoint. Either is waited for as long as
    /// Zoom keeps recordings: what is owed for longer is known to the ledger, and asked for by its meeting. `None` as long as
    /// there is none before it.
    #[must_use]
    pub fn checkpoint(
        &self,
        go_live: DateTime<Utc>,
        today: NaiveDate,
        last: Option<NaiveDate>,
        zoom_retention: TimeDelta,
    ) -> Option<NaiveDate> {
        let kept = today - zoom_retention;
        let unread = self.window.map(|window| window.from).filter(|_| !self.complete);
        if last.is_none() && unread.is_some_and(|from| from >= kept) {
            return None;
        }
        let unread = unread.map(|from| last.unwrap_or(from).max(from).max(kept));
        let today = today.min(unread.unwrap_or(today));
        let owed = self.lines.iter().filter(|line| !line.standing().0.is_settled()).map(|line| &line.item.segment);
        let owed = owed.filter(|segment| segment.started >= go_live).map(|segment| segment.meeting.day());
        Some(owed.filter(|day| *day >= kept).fold(today, NaiveDate::min))
    }

    /// Whether this machine or its configuration kept calls from being made.
    #[must_use]
    pub fn needs_setup(&self) -> bool {
        self.trouble.iter().any(|error| error.kind == RemoteKind::Setup)
    }

    /// Whether credentials or a permission were refused.
    #[must_use]
    pub fn was_refused(&self) -> bool {
        self.trouble.iter().any(|error| matches!(error.kind, RemoteKind::Refused | RemoteKind::Expired))
    }

    /// Whether a remote side is down or has had enough for today.
    #[must_use]
    pub fn met_an_outage(&self) -> bool {
        self.trouble.iter().any(RemoteError::is_outage)
    }

    /// Whether orphans wait because there is nobody to keep them.
    #[must_use]
    pub fn lacks_the_holding_user(&self) -> bool {
        self.lines.iter().any(|line| line.item.reason == Some(Reason::NoHoldingUser))
    }

    /// Whether a recording failed.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        !self.trouble.is_empty() || self.lines.iter().any(|line| line.outlook() == Some(FileResult::Failed))
    }
}
