//! What came of a plan.

use chrono::{DateTime, NaiveDate, Utc};

use crate::http::{RemoteError, RemoteKind};
use crate::model::{Action, Reason, Window};
use crate::plan::{Item, Plan};

/// A plan and what came of each of its items.
#[derive(Debug)]
pub struct Outcome {
    /// The days that were listed, where any were.
    pub window: Option<Window>,
    /// In the plan's order.
    pub lines: Vec<Line>,
    /// Why nothing of the plan was carried out, where a brake holds it back.
    pub held: Option<String>,
    /// Errors that say nothing of a single recording: they decide the exit code.
    pub trouble: Vec<RemoteError>,
}

/// An item and what came of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The item as planned; its action follows what was found in Kaltura meanwhile.
    pub item: Item,
    /// What came of it.
    pub outlook: Option<Outlook>,
    /// Why it failed: one line.
    pub error: Option<String>,
}

/// What came of an item on which something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Confirmed.
    Done,
    /// All bytes are in Kaltura; its processing is not finished.
    Sent,
    /// Failed; a later run tries again, as long as it is worth it.
    Failed,
}

impl Outlook {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Outlook::Done => "done",
            Outlook::Sent => "sent",
            Outlook::Failed => "failed",
        }
    }
}

impl Outcome {
    /// The same plan, not carried out.
    #[must_use]
    pub fn planned(plan: Plan, trouble: Vec<RemoteError>) -> Outcome {
        Outcome { window: Some(plan.window), trouble, ..Outcome::of_items(plan.items) }
    }

    /// Items that no listing led to, not carried out.
    #[must_use]
    pub fn of_items(items: Vec<Item>) -> Outcome {
        let lines = items.into_iter().map(|item| Line { item, outlook: None, error: None }).collect();
        Outcome { window: None, lines, held: None, trouble: Vec::new() }
    }

    /// The day before which everything is settled: that of the first recording since go-live which is not, else today.
    #[must_use]
    pub fn checkpoint(&self, go_live: DateTime<Utc>, today: NaiveDate) -> NaiveDate {
        let owed = self.lines.iter().filter(|line| !line.is_settled()).map(|line| &line.item.segment);
        let owed = owed.filter(|segment| segment.started >= go_live).map(|segment| segment.meeting.day());
        owed.fold(today, NaiveDate::min)
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
        !self.trouble.is_empty() || self.lines.iter().any(|line| line.outlook == Some(Outlook::Failed))
    }
}

impl Line {
    /// Whether nothing more is owed for the recording.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match self.outlook {
            Some(Outlook::Done) => true,
            Some(Outlook::Failed | Outlook::Sent) => false,
            None => self.item.action.is_settled(),
        }
    }

    /// The action under which it is counted; a failure counts as such.
    #[must_use]
    pub fn action(&self) -> Option<Action> {
        (self.outlook != Some(Outlook::Failed)).then_some(self.item.action)
    }
}
