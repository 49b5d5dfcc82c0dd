//! A recording travels: bytes, owner, marks, and that it travels once.

use crate::campus::{Campus, hours_ago, lecture};
use crate::standin::media::Media;
use crate::standin::setup::HOLDING_USER;

#[test]
fn a_lecture_arrives_with_its_bytes_its_owner_and_its_marks() {
    let campus = Campus::new();
    campus.zoom.add_meeting(lecture("ada+one/==", 81_234_567_890, "ada", 5));
    campus.sync_until_done();
    let meeting = &campus.zoom.meetings()[0];
    let file = &meeting.files()[0];
    let entries = campus.kaltura.entries();
    assert_eq!(entries.len(), 1, "{entries:?}");
    let entry = &entries[0];
    assert_eq!(campus.kaltura.sha256_of(&entry.id), Some(file.sha256()));
    assert_eq!(entry.user_id, "ada@uni.example");
    assert_eq!(entry.name, "Lecture 81234567890");
    assert!(entry.reference_id.starts_with("Zoom_ada+one/==20"), "{}", entry.reference_id);
    assert_eq!(entry.admin_tags, "zoom2kaltura");
}
