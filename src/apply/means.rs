//! What a plan is carried out with.

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

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
    /// After so many failures of its own a recording is given up.
    pub max_attempts: u32,
    /// Hears of the transfers.
    pub monitor: &'a dyn Monitor,
    /// Tells the run to end.
    pub cancel: &'a CancellationToken,
}
