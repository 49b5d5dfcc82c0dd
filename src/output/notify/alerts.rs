//! What is news about alarms: one that is there for the first time, one that has grown, one that is still there after a
//! while, one that is over. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::ledger::SentAlert;
use crate::output::status::{Alarm, Status};

/// One kind of alarm is not sent more often, however it comes, goes and grows.
const PATIENCE: TimeDelta = TimeDelta::hours(1);

/// What an alarm is about: recordings by their marks, or what else tells it from others of its kind.
pub(super) fn alert_subjects(alarm: Alarm, status: &Status) -> BTreeSet<String> {
    let recordings = alarm.recordings(status).into_iter().map(|waiting| &waiting.pending.segment);
    let orphans = alarm.orphans(status).into_iter().map(|orphan| &orphan.segment);
    let marks = recordings.chain(orphans).map(|segment| segment.key().reference_id().to_string());
    let code = if let Alarm::Refused(_, code) = alarm { Some(format!("exit code {code}")) } else { None };
    marks.chain(code).collect()
}

/// What is news about an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertState {
    /// It is there for the first time, or about more than was told.
    New,
    /// It was told a while ago and is still there.
    Still,
    /// It was sent, and its cause is gone.
    Over,
}

impl AlertState {
    /// The word in events.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            AlertState::New => "new",
            AlertState::Still => "still",
            AlertState::Over => "resolved",
        }
    }
}

/// The news, by the alarms' words, and what is to be remembered once it was told.
#[must_use]
pub fn find_alert_states(
    present: &BTreeMap<&'static str, BTreeSet<String>>,
    told: &BTreeMap<String, SentAlert>,
    remind_after: TimeDelta,
    now: DateTime<Utc>,
) -> BTreeMap<String, (AlertState, SentAlert)> {
    let mut news = BTreeMap::new();
    for (word, subjects) in present {
        let turn = match told.get(*word) {
            None => AlertState::New,
            Some(told) if now - told.at < PATIENCE => continue,
            Some(told) if told.over || !subjects.is_subset(&told.subjects) => AlertState::New,
            Some(told) if now - told.at >= remind_after => AlertState::Still,
            Some(_) => continue,
        };
        news.insert((*word).to_owned(), (turn, SentAlert { subjects: subjects.clone(), at: now, over: false }));
    }
    for (word, told) in told.iter().filter(|(word, told)| !told.over && !present.contains_key(word.as_str())) {
        news.insert(word.clone(), (AlertState::Over, SentAlert { over: true, ..told.clone() }));
    }
    news
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use chrono::{DateTime, TimeDelta, Utc};

    use super::{AlertState, SentAlert, find_alert_states};

    fn now() -> DateTime<Utc> {
        "2026-11-24T12:00:00Z".parse().expect("an instant")
    }

    fn set(subjects: &str) -> BTreeSet<String> {
        subjects.split_whitespace().map(str::to_owned).collect()
    }

    /// The turn of an alarm that is about `present`, where `told` was told so many minutes ago and is over or not.
    fn turn(present: Option<&str>, told: Option<(&str, i64, bool)>) -> Option<AlertState> {
        let present = present.into_iter().map(|subjects| ("late", set(subjects))).collect();
        let told = told.map(|(subjects, minutes, over)| {
            ("late".to_owned(), SentAlert { subjects: set(subjects), at: now() - TimeDelta::minutes(minutes), over })
        });
        let told: BTreeMap<_, _> = told.into_iter().collect();
        find_alert_states(&present, &told, TimeDelta::days(1), now()).get("late").map(|(turn, _)| *turn)
    }

    /// At most.
    #[test]
    fn new_alarms_come_once_an_hour() {
        assert_eq!(turn(None, None), None);
        assert_eq!(turn(Some("a"), None), Some(AlertState::New));
        assert_eq!(turn(Some(""), None), Some(AlertState::New), "what is about nothing in particular too");
        assert_eq!(turn(Some("a"), Some(("a", 5, false))), None, "it was told");
        assert_eq!(turn(Some("a b"), Some(("a", 5, false))), None, "it has grown, but was told a moment ago");
        assert_eq!(turn(Some("a b"), Some(("a", 60, false))), Some(AlertState::New));
        assert_eq!(turn(Some("a"), Some(("a b", 60, false))), None, "it shrinks");
        assert_eq!(turn(Some("a"), Some(("a", 24 * 60 - 1, false))), None);
        assert_eq!(turn(Some("a"), Some(("a", 24 * 60, false))), Some(AlertState::Still));
    }

    /// What comes back waits for its hour.
    #[test]
    fn mended_alarms_are_reported_once() {
        assert_eq!(turn(None, Some(("a", 5, false))), Some(AlertState::Over));
        assert_eq!(turn(None, Some(("a", 5, true))), None);
        assert_eq!(turn(Some("a"), Some(("a", 5, true))), None);
        assert_eq!(turn(Some("a"), Some(("a", 60, true))), Some(AlertState::New));
    }
}
