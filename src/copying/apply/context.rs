//! What a plan is carried out with.

use std::borrow::Cow;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::{FileResult, Line};
use crate::copying::plan::Item;
use crate::copying::transfer::TransferContext;
use crate::model::Role;
use crate::progress::Monitor;
use crate::remotes::http::{Breaker, Meaning, RemoteError, Service};

/// What Zoom refuses of recordings.
const DOWNLOADS: &str = "downloads";

/// What a plan is carried out with: the transfers of a run, its limits, and who listens.
#[derive(Clone, Copy)]
pub struct ApplyContext<'a> {
    /// The clients, the ledger and how bytes are sent.
    pub transfer: TransferContext<'a>,
    /// Transfers at a time.
    pub parallel: usize,
    /// Distance to the next try after a first failure; doubles from there.
    pub retry_after: TimeDelta,
    /// How long after its copy was confirmed a file goes to Zoom's trash; `None` for never.
    pub trash_after: Option<TimeDelta>,
    /// Whether others than the owner are to get rights on what is copied.
    pub owes_rights: bool,
    /// After so many failures of its own a recording is given up.
    pub max_attempts: u32,
    /// How often it is looked for recordings that are newer than the plan.
    pub relist_every: Duration,
    /// Tells what is refused to one recording from what is refused to all.
    pub breaker: &'a Breaker,
    /// Looks for them, and tells them in the order in which they are to be copied.
    pub look: &'a (dyn Fn() -> BoxFuture<'a, Vec<Item>> + Sync),
    /// Hears of the transfers.
    pub monitor: &'a dyn Monitor,
    /// Tells the run to end.
    pub cancel: &'a CancellationToken,
}

impl ApplyContext<'_> {
    /// Notes that something was refused on a line; whether it is refused to all.
    pub(super) fn note_refusal(self, line: &Line, what: &'static str, error: &RemoteError) -> bool {
        let (what, whose) = refusal_of(line, what, error);
        self.breaker.refused(what, &whose)
    }

    /// Tells that something was not done on a line: of the line where it was refused to that alone.
    pub(super) fn note_error(
        self,
        line: &mut Line,
        file: usize,
        what: &'static str,
        error: RemoteError,
        trouble: &mut Vec<RemoteError>,
    ) {
        if !error.may_be_about_one() || self.note_refusal(line, what, &error) {
            trouble.push(error);
            return;
        }
        line.set_result(Some(file), FileResult::Failed);
        line.error = Some(error.to_string());
    }

    /// Whether what was refused on a line is refused to all.
    pub(super) fn is_refused_to_all(self, line: &Line, what: &'static str, error: &RemoteError) -> bool {
        let (what, whose) = refusal_of(line, what, error);
        self.breaker.is_open(what, &whose)
    }

    /// Notes that a file of a line came through.
    pub(super) fn note_passed(self, role: Role) {
        self.breaker.passed(role.word());
        if matches!(role, Role::Parent | Role::Child) {
            self.breaker.passed(DOWNLOADS);
        }
    }
}

/// What was refused, and to whom: at Zoom recordings are their hosts', at Kaltura their owners'. A field is dropped for want
/// of a right of the service user, whoever the owner is: there a second recording tells.
fn refusal_of<'a>(line: &'a Line, what: &'static str, error: &RemoteError) -> (&'static str, Cow<'a, str>) {
    let meeting = &line.item.segment.meeting;
    let (what, whose) = match (error.service, &line.item.owner) {
        (Service::Kaltura, _) if error.means(Meaning::FieldDropped) => {
            return (what, format!("{}{}", meeting.uuid, line.item.segment.recording_start).into());
        }
        (Service::Zoom, _) => (DOWNLOADS, meeting.host_id.as_str()),
        (Service::Kaltura, Some(owner)) => (what, owner.as_str()),
        (Service::Kaltura, None) => (what, meeting.host_id.as_str()),
    };
    (what, whose.into())
}
