//! How things stand, in one sentence.

use super::rows::format_ago;
use super::{Alarm, Status};
use crate::model::format_count;

/// The answer to the question whether all is well.
#[must_use]
pub fn status_summary(status: &Status, alarms: &[Alarm]) -> String {
    if alarms.is_empty() {
        return format!("All is well: {}.", describe_good(status));
    }
    let headlines: Vec<String> = alarms.iter().map(|alarm| alarm.headline()).collect();
    format!("{}: {}.", attention_count(alarms), headlines.join("; "))
}

/// "1 thing needs attention", "2 things need attention".
pub(super) fn attention_count(alarms: &[Alarm]) -> String {
    let needs = if alarms.len() == 1 { "needs" } else { "need" };
    format!("{} {needs} attention", format_count(alarms.len(), "thing"))
}

fn describe_good(status: &Status) -> String {
    if let Some(begins) = status.begins {
        return format!("copying begins in {}", format_ago(begins - status.now));
    }
    let waiting = match status.backlog.len() {
        0 => "nothing waits to be copied".to_owned(),
        1 => "1 recording is on its way".to_owned(),
        several => format!("{} are on their way", format_count(several, "recording")),
    };
    match status.last_listing {
        Some(listing) => {
            let ago = format_ago((status.now - listing).max(chrono::TimeDelta::zero()));
            format!("Zoom was listed completely {ago} ago, and {waiting}")
        }
        None => waiting,
    }
}
