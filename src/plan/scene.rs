//! What every line of a plan is made from.

use chrono::{DateTime, Utc};

use super::{Facts, Policy};

/// What was read, the rules, and the time.
#[derive(Clone, Copy)]
pub(super) struct PlanInputs<'a> {
    pub(super) facts: &'a Facts,
    pub(super) policy: &'a Policy,
    pub(super) now: DateTime<Utc>,
}
