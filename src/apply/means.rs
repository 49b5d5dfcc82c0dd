//! What a plan is carried out with.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::plan::Item;
use crate::progress::Monitor;
use crate::transfer::Tools;

/// The tools of a run, its limits, and who listens.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// The clients, the ledger and how bytes are sent.
    pub tools: Tools<'a>,
    /// Transfers at a time.
    pub parallel: usize,
    /// Distance to the next try after a first failure; doubles from there.
    pub retry_after: TimeDelta,
    /// Whether others than the owner are to get rights on what is copied.
    pub owes_rights: bool,
    /// After so many failures of its own a recording is given up.
    pub max_attempts: u32,
    /// How often it is looked for recordings that are newer than the plan.
    pub relist_every: Duration,
    /// Looks for them.
    pub look: &'a (dyn Fn() -> BoxFuture<'a, Vec<Item>> + Sync),
    /// Hears of the transfers.
    pub monitor: &'a dyn Monitor,
    /// Tells the run to end.
    pub cancel: &'a CancellationToken,
}
