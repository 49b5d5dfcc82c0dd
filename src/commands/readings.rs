//! Numbers that a run reads of the remote sides and the next one replaces, kept for metrics: clocks, and what of Zoom's daily
//! calls is left.

use chrono::{DateTime, Utc};

use super::setup::Services;
use crate::ledger::{Ledger, LedgerError};
use crate::remotes::http::Service;
use crate::remotes::zoom::CALL_CATEGORIES;

/// Whose clocks are compared.
const SIDES: [Service; 2] = [Service::Zoom, Service::Kaltura];

/// Remembers what this run read.
pub(super) fn keep_readings(services: &Services, ledger: &Ledger, now: DateTime<Utc>) -> Result<(), LedgerError> {
    for side in SIDES {
        if let Some(theirs) = services.clients.clocks.now_by(side) {
            ledger.set_reading(&clock_name(side), (now - theirs).num_seconds(), now)?;
        }
    }
    for (category, left) in services.zoom.daily_calls_left() {
        ledger.set_reading(&daily_name(category), left, now)?;
    }
    Ok(())
}

/// By how many seconds this machine's clock was ahead of each side's, when a run last compared them.
pub(super) fn read_offsets(ledger: &Ledger) -> Result<Vec<(&'static str, i64)>, LedgerError> {
    let mut offsets = Vec::new();
    for side in SIDES {
        offsets.extend(ledger.reading(&clock_name(side))?.map(|(_, seconds)| (side.word(), seconds)));
    }
    Ok(offsets)
}

/// How many calls of each category Zoom still allows on the day of `now`; its days are those of UTC.
pub(super) fn read_daily_calls(ledger: &Ledger, now: DateTime<Utc>) -> Result<Vec<(&'static str, i64)>, LedgerError> {
    let mut calls = Vec::new();
    for category in CALL_CATEGORIES {
        let read = ledger.reading(&daily_name(category))?;
        calls.extend(read.filter(|(at, _)| at.date_naive() == now.date_naive()).map(|(_, left)| (category, left)));
    }
    Ok(calls)
}

fn clock_name(side: Service) -> String {
    format!("clock_{}", side.word())
}

fn daily_name(category: &str) -> String {
    format!("daily_calls_{category}")
}
