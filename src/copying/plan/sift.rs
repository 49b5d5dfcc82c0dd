//! What the rules of the institution leave out of what is listed, whoever hosted it.

use std::sync::Arc;

use super::rules::{find_rule, foremost_file};
use super::{Policy, RuledOut};
use crate::model::{MeetingUuid, Reason, Segment};

/// Whether a rule leaves it out.
#[must_use]
pub fn is_ruled_out(segment: &Segment, policy: &Policy) -> bool {
    find_rule(segment, policy).is_some()
}

/// Takes the meetings of which every recording is left out by a rule out of what is listed. Those that matter for another
/// reason stay there. Nothing else decides on them: neither whose they are nor what time it is. The addresses of their files
/// are forgotten.
pub fn take_ruled_out(
    listed: &mut Vec<Segment>,
    ruled_out: &mut RuledOut,
    policy: &Policy,
    matters: impl Fn(&MeetingUuid) -> bool,
) {
    let mut rules: Vec<Option<Reason>> = Vec::with_capacity(listed.len());
    for meeting in listed.chunk_by(|one, other| Arc::ptr_eq(&one.meeting, &other.meeting)) {
        let begin = rules.len();
        let is_free = !matters(&meeting[0].meeting.uuid);
        rules.extend(meeting.iter().map(|segment| find_rule(segment, policy).filter(|_| is_free)));
        if rules[begin..].contains(&None) {
            rules[begin..].fill(None);
        }
    }
    let mut rules = rules.into_iter();
    listed.retain(|segment| match rules.next().flatten() {
        Some(reason) => {
            let main = foremost_file(segment, policy);
            let main = main.and_then(|main| segment.files.iter().position(|file| file.id == main.id));
            !ruled_out.pack(segment, reason, main)
        }
        None => true,
    });
}
