//! Which recordings a run is about.

use crate::model::{Segment, Window};

/// The days to list, and what of them matters.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The days.
    pub window: Window,
    /// Which of the recordings listed.
    pub selection: Selection,
    /// Whether what is still owed from other days matters too.
    pub owed: bool,
}

/// A narrower choice among the recordings of a window. Empty lists choose all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Hosts, by address or Zoom user id.
    pub users: Vec<String>,
    /// Meetings, by UUID, or by number: all instances of it.
    pub meetings: Vec<String>,
}

impl Selection {
    /// Whether the recording is among those chosen.
    #[must_use]
    pub fn includes(&self, segment: &Segment) -> bool {
        let meeting = &segment.meeting;
        let hosts = |user: &String| {
            let is_address = meeting.host_email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(user));
            is_address || meeting.host_id.as_str() == user
        };
        let is_it =
            |wanted: &String| meeting.uuid.as_str() == wanted || parse_meeting_number(wanted) == Some(meeting.number);
        (self.users.is_empty() || self.users.iter().any(hosts))
            && (self.meetings.is_empty() || self.meetings.iter().any(is_it))
    }
}

/// A meeting number as people write it: `812 3456 7890` and `812-3456-7890` too.
fn parse_meeting_number(text: &str) -> Option<i64> {
    text.replace([' ', '-'], "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::samples::sample_segment;
    use super::Selection;

    fn includes(users: &[&str], meetings: &[&str]) -> bool {
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        Selection { users: owned(users), meetings: owned(meetings) }.includes(&sample_segment(Vec::new()))
    }

    #[test]
    fn recordings_are_chosen_by_host_and_by_meeting() {
        assert!(includes(&[], &[]));
        assert!(includes(&["x@uni.example", "ADA@uni.example"], &[]) && includes(&["h"], &[]));
        assert!(!includes(&["eve@uni.example"], &[]));
        assert!(includes(&[], &["u=="]) && includes(&[], &["81000000001"]) && includes(&[], &["810-0000 0001"]));
        assert!(!includes(&[], &["v=="]) && !includes(&["eve@uni.example"], &["u=="]));
    }
}
