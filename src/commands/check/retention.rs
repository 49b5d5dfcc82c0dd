//! Whether Zoom keeps recordings for as long as `sync.zoom_retention` says: by the days on which it deletes those that it lists
//! (`auto_delete_date`, facts-zoom.md#z21), and by the account's setting where the app may read it (facts-zoom.md#z46).

use chrono::TimeDelta;

use super::CheckFinding;
use crate::model::{Segment, format_count};
use crate::remotes::http::RemoteError;
use crate::remotes::zoom::AutoDelete;

/// Zoom names a day, not an instant.
const RESERVE_DAYS: i64 = 1;

/// What those recordings say of which Zoom names the day; nothing where it names none.
pub(super) fn judge_retention(listed: &[Segment], kept: TimeDelta) -> Option<CheckFinding> {
    let days = |segment: &Segment| {
        let meeting = &segment.meeting;
        meeting.deleted_on.map(|day| (day - meeting.start.date_naive()).num_days())
    };
    let mut told: Vec<i64> = listed.iter().filter_map(days).collect();
    told.sort_unstable();
    let (least, most) = (*told.first()?, *told.last()?);
    let (what, kept) = ("Zoom retention", kept.num_days());
    let differs = |days: i64| (days - kept).abs() > RESERVE_DAYS;
    if !differs(least) && !differs(most) {
        return Some(CheckFinding::good(what, format_count(kept, "day")));
    }
    // what is right for most of them
    let usual = told[told.len() / 2];
    let advice = if differs(usual) {
        format!("set sync.zoom_retention to \"{usual}d\"")
    } else {
        "hosts may have set another time".to_owned()
    };
    let span = if least == most { format!("{least}") } else { format!("{least} to {most}") };
    let said =
        format!("Zoom deletes recordings {span} days after they were made; sync.zoom_retention is {kept}d; {advice}");
    Some(CheckFinding::warning(what, said))
}

/// What is said of the setting of the account.
const AUTO_DELETE: &str = "Zoom auto-delete";

/// What `sync.zoom_retention` can be.
const MOST_DAYS: i64 = 400;

/// The app need not have the scope.
pub(super) fn hint_at_settings(scope: &str) -> CheckFinding {
    let said = format!("not compared with sync.zoom_retention, which needs the optional scope {scope}");
    CheckFinding::good(AUTO_DELETE, said)
}

/// What the account has set. That it cannot be read is no reason to fail.
pub(super) fn judge_auto_delete(told: Result<AutoDelete, RemoteError>, kept: TimeDelta) -> CheckFinding {
    let kept = kept.num_days();
    match told {
        Err(error) => CheckFinding::unknown(AUTO_DELETE, error.to_string()),
        Ok(AutoDelete::Off) => {
            let said = format!("off; sync.zoom_retention ({kept}d) alone says when recordings are at risk");
            CheckFinding::good(AUTO_DELETE, said)
        }
        Ok(AutoDelete::After(days)) if (days.min(MOST_DAYS) - kept).abs() <= RESERVE_DAYS => {
            CheckFinding::good(AUTO_DELETE, format!("after {}", format_count(days, "day")))
        }
        Ok(AutoDelete::After(days)) => {
            let said = format!(
                "the account deletes recordings after {}; sync.zoom_retention is {kept}d; set it to \"{}d\", unless groups or hosts have another setting",
                format_count(days, "day"),
                days.min(MOST_DAYS)
            );
            CheckFinding::warning(AUTO_DELETE, said)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{Days, TimeDelta};

    use super::{judge_auto_delete, judge_retention};
    use crate::copying::plan::samples::sample_segment;
    use crate::model::Segment;
    use crate::remotes::http::{RemoteError, RemoteKind, Service};
    use crate::remotes::zoom::AutoDelete;

    fn deleted_after(days: u64) -> Segment {
        let mut segment = sample_segment(Vec::new());
        let meeting = Arc::make_mut(&mut segment.meeting);
        meeting.deleted_on = meeting.start.date_naive().checked_add_days(Days::new(days));
        segment
    }

    #[test]
    fn retention_is_judged_by_deletion_days() {
        /// Whether it warns, and what it says.
        type Expected = Option<(bool, &'static str)>;
        let cases: [(&[u64], i64, Expected); 7] = [
            (&[], 30, None),
            (&[30], 30, Some((false, "30 days"))),
            (&[31, 29], 30, Some((false, "30 days"))),
            (
                &[120],
                30,
                Some((
                    true,
                    "recordings 120 days after they were made; sync.zoom_retention is 30d; set sync.zoom_retention to \"120d\"",
                )),
            ),
            (&[120, 120, 180], 30, Some((true, "120 to 180 days after"))),
            (&[120, 120, 180], 120, Some((true, "hosts may have set another time"))),
            (&[7, 120, 120], 120, Some((true, "7 to 120 days"))),
        ];
        for (days, kept, expected) in cases {
            let mut listed: Vec<Segment> = days.iter().map(|days| deleted_after(*days)).collect();
            listed.push(sample_segment(Vec::new()));
            let found = judge_retention(&listed, TimeDelta::days(kept));
            assert_eq!(found.is_some(), expected.is_some(), "{days:?}");
            if let (Some(found), Some((warns, said))) = (found, expected) {
                assert!(found.good && found.warns == warns && found.said.contains(said), "{days:?}: {found:?}");
            }
        }
    }

    /// None of it is a failure.
    #[test]
    fn account_setting_is_compared_only() {
        let refused = || RemoteError::new(Service::Zoom, RemoteKind::Refused, "no".to_owned());
        let cases = [
            (Ok(AutoDelete::After(30)), (false, false), "after 30 days"),
            (Ok(AutoDelete::After(31)), (false, false), "after 31 days"),
            (Ok(AutoDelete::After(32)), (true, false), "set it to \"32d\""),
            (Ok(AutoDelete::After(1)), (true, false), "after 1 day; sync.zoom_retention is 30d"),
            (
                Ok(AutoDelete::After(3650)),
                (true, false),
                "after 3650 days; sync.zoom_retention is 30d; set it to \"400d\"",
            ),
            (Ok(AutoDelete::Off), (false, false), "off; "),
            (Err(refused()), (false, true), "no"),
        ];
        for (told, (warns, unknown), said) in cases {
            let found = judge_auto_delete(told, TimeDelta::days(30));
            assert_eq!((found.good, found.warns, found.unknown), (true, warns, unknown), "{found:?}");
            assert!(found.said.contains(said), "{found:?}");
        }
    }
}
