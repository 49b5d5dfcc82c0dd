//! Which recording is copied before which.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::{Item, Policy};

/// The smaller comes first: what Zoom deletes soon, by the day; then the small before the large, so that a recording of
/// nine hours does not hold up a hundred lectures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Soon(NaiveDate, u64),
    Later(u64),
}

/// The numbers of the items of which something is to be copied, in the order in which it is to be done. What failed before
/// comes behind all that was not tried: it may fail again, and hold up the others.
pub(super) fn order_items(items: &[Item], policy: &Policy, now: DateTime<Utc>) -> Vec<usize> {
    let due = items.iter().enumerate().filter(|(_, item)| item.is_copied());
    let place = |item: &Item| (item.has_failed_before(), rank_item(item, policy, now));
    let mut ranked: Vec<_> = due.map(|(number, item)| (place(item), number)).collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, number)| number).collect()
}

fn rank_item(item: &Item, policy: &Policy, now: DateTime<Utc>) -> Rank {
    let meeting = &item.segment.meeting;
    let deleted_on = meeting.deleted_on.unwrap_or_else(|| (meeting.start + policy.zoom_retention).date_naive());
    let bytes = item
        .files
        .iter()
        .filter(|file| file.is_copied())
        .filter_map(|file| file.file.bytes)
        .fold(0, u64::saturating_add);
    if deleted_on.and_time(NaiveTime::MIN).and_utc() - now < policy.at_risk {
        Rank::Soon(deleted_on, bytes)
    } else {
        Rank::Later(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{Days, TimeDelta};

    use super::super::samples::{sample_now, sample_policy, sample_segment, sample_video};
    use super::super::{FilePlan, Item, Step};
    use super::order_items;
    use crate::model::{Action, RecordingFile, Role};

    /// A recording of so many bytes that began so many days ago.
    fn item(days: u64, bytes: u64) -> Item {
        let file = RecordingFile { bytes: Some(bytes), ..sample_video("v", "shared_screen") };
        let mut segment = sample_segment(vec![file.clone()]);
        Arc::make_mut(&mut segment.meeting).start = sample_now() - Days::new(days);
        let step = Step::Copy(Role::Parent);
        let plan = FilePlan { file, action: Action::Copy, reason: None, entry_id: None, copy: None, step };
        Item {
            segment,
            action: Action::Copy,
            reason: None,
            detail: None,
            loss: None,
            age: None,
            owner: None,
            rule: None,
            entry_id: None,
            files: vec![plan],
            remains: Vec::new(),
            main: Some(0),
            orphan: None,
        }
    }

    #[test]
    fn what_zoom_deletes_soon_comes_first_by_the_day_then_the_small_before_the_large() {
        let policy = sample_policy();
        assert_eq!((policy.zoom_retention, policy.at_risk), (TimeDelta::days(30), TimeDelta::days(7)));
        let mut named = item(1, 900);
        Arc::make_mut(&mut named.segment.meeting).deleted_on = Some(sample_now().date_naive() + Days::new(1));
        let items = [item(2, 500), item(1, 40), item(27, 800), item(26, 7), item(27, 300), named, item(40, 600)];
        assert_eq!(order_items(&items, &policy, sample_now()), [6, 5, 4, 2, 3, 1, 0]);
    }

    #[test]
    fn what_is_not_copied_has_no_place() {
        let mut done = item(1, 1);
        done.files[0].step = Step::Nothing;
        assert_eq!(order_items(&[done, item(1, 2)], &sample_policy(), sample_now()), [1]);
    }
}
