//! The account's users and meetings.

use std::collections::{BTreeSet, HashMap};

use super::file::RecordingFile;
use super::group::Group;
use super::meeting::Meeting;
use super::secret::derived;
use super::user::User;

#[derive(Debug, Default)]
pub(super) struct World {
    users: Vec<User>,
    meetings: Vec<Meeting>,
    uuids: BTreeSet<String>,
    /// Which meeting a download address leads to: a run of thousands of downloads asks for each of them.
    addresses: HashMap<String, String>,
    groups: Vec<Group>,
}

impl World {
    pub(super) fn add_user(&mut self, user: User) {
        assert!(self.user(user.id()).is_none(), "a user id must be unique");
        self.users.push(user);
    }

    pub(super) fn change_user(&mut self, id: &str, change: impl FnOnce(User) -> User) {
        let user = self.users.iter_mut().find(|user| user.id() == id).expect("a known user");
        *user = change(user.clone());
    }

    pub(super) fn remove_user(&mut self, id: &str) {
        let before = self.users.len();
        self.users.retain(|user| user.id() != id);
        assert!(self.users.len() < before, "a known user");
    }

    pub(super) fn set_group(&mut self, group: Group) {
        self.remove_group(group.id());
        self.groups.push(group);
    }

    pub(super) fn remove_group(&mut self, id: &str) {
        self.groups.retain(|group| group.id() != id);
    }

    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub(super) fn add_meeting(&mut self, meeting: Meeting) {
        assert!(self.uuids.insert(meeting.uuid().to_owned()), "a meeting's UUID must be unique");
        self.note_addresses(&meeting);
        self.meetings.push(meeting);
    }

    fn note_addresses(&mut self, meeting: &Meeting) {
        self.addresses.extend(meeting.keys().map(|key| (key, meeting.uuid().to_owned())));
    }

    pub(super) fn change_meeting(&mut self, uuid: &str, change: impl FnOnce(Meeting) -> Meeting) {
        let meeting = self.meetings.iter_mut().find(|meeting| meeting.uuid() == uuid).expect("a known meeting");
        *meeting = change(meeting.clone());
        let changed = meeting.clone();
        self.note_addresses(&changed);
    }

    pub(super) fn remove_meeting(&mut self, uuid: &str) {
        assert!(self.uuids.remove(uuid), "a known meeting");
        self.meetings.retain(|meeting| meeting.uuid() != uuid);
    }

    pub(super) fn users(&self) -> &[User] {
        &self.users
    }

    pub(super) fn user(&self, id_or_email: &str) -> Option<&User> {
        self.users.iter().find(|user| user.goes_by(id_or_email))
    }

    pub(super) fn meetings(&self) -> &[Meeting] {
        &self.meetings
    }

    pub(super) fn meeting(&self, uuid: &str) -> Option<&Meeting> {
        self.meetings.iter().find(|meeting| meeting.uuid() == uuid)
    }

    /// The instance that started last; the earlier ones cannot be reached by the number.
    pub(super) fn latest(&self, number: i64) -> Option<&Meeting> {
        let instances = self.meetings.iter().filter(|meeting| meeting.number() == number);
        instances.max_by_key(|meeting| meeting.start())
    }

    pub(super) fn ready_file(&self, key: &str) -> Option<(&Meeting, RecordingFile)> {
        // what an address led to before may have no such file now
        let meeting = self.meeting(self.addresses.get(key)?)?;
        Some((meeting, meeting.ready_file(key)?))
    }

    /// `Debug` shows every field of every user, meeting and file, and of media what determines their bytes.
    pub(super) fn fingerprint(&self) -> String {
        derived(format!("{:?} {:?} {:?}", self.users, self.meetings, self.groups))
    }
}
