//! The account's users and meetings.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::file::RecordingFile;
use super::group::Group;
use super::meeting::Meeting;
use super::secret::derived;
use super::user::User;

#[derive(Debug, Default)]
pub(super) struct World {
    users: Vec<User>,
    /// Where each user is, by id and by address in lower case; two may share an address.
    user_places: HashMap<String, usize>,
    meetings: Vec<Meeting>,
    /// Where each meeting is, by its UUID.
    meeting_places: HashMap<String, usize>,
    /// Where those are that are listed, the newest first; made anew when something has changed.
    newest_first: OnceCell<Vec<usize>>,
    /// Which meeting a download address leads to: a run of thousands of downloads asks for each of them.
    addresses: HashMap<String, String>,
    groups: Vec<Group>,
}

impl World {
    pub(super) fn add_user(&mut self, user: User) {
        assert!(self.user(user.id()).is_none(), "a user id must be unique");
        note_names(&mut self.user_places, &user, self.users.len());
        self.users.push(user);
    }

    fn note_all_names(&mut self) {
        self.user_places.clear();
        for (place, user) in self.users.iter().enumerate() {
            note_names(&mut self.user_places, user, place);
        }
    }

    pub(super) fn change_user(&mut self, id: &str, change: impl FnOnce(User) -> User) {
        let user = self.users.iter_mut().find(|user| user.id() == id).expect("a known user");
        *user = change(user.clone());
        self.note_all_names();
    }

    pub(super) fn remove_user(&mut self, id: &str) {
        let before = self.users.len();
        self.users.retain(|user| user.id() != id);
        assert!(self.users.len() < before, "a known user");
        self.note_all_names();
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
        let before = self.meeting_places.insert(meeting.uuid().to_owned(), self.meetings.len());
        assert!(before.is_none(), "a meeting's UUID must be unique");
        self.note_addresses(&meeting);
        self.meetings.push(meeting);
        self.newest_first.take();
    }

    fn note_addresses(&mut self, meeting: &Meeting) {
        self.addresses.extend(meeting.keys().map(|key| (key, meeting.uuid().to_owned())));
    }

    pub(super) fn change_meeting(&mut self, uuid: &str, change: impl FnOnce(Meeting) -> Meeting) {
        let meeting = &mut self.meetings[self.meeting_places[uuid]];
        *meeting = change(meeting.clone());
        self.newest_first.take();
        let changed = meeting.clone();
        self.note_addresses(&changed);
    }

    pub(super) fn remove_meeting(&mut self, uuid: &str) {
        drop(self.meetings.remove(self.meeting_places[uuid]));
        self.newest_first.take();
        let places = self.meetings.iter().enumerate().map(|(place, meeting)| (meeting.uuid().to_owned(), place));
        self.meeting_places = places.collect();
    }

    pub(super) fn users(&self) -> &[User] {
        &self.users
    }

    pub(super) fn user(&self, id_or_email: &str) -> Option<&User> {
        let places = &self.user_places;
        let found = places.get(id_or_email).or_else(|| places.get(&id_or_email.to_ascii_lowercase()));
        found.map(|place| &self.users[*place]).filter(|user| user.goes_by(id_or_email))
    }

    pub(super) fn meetings(&self) -> &[Meeting] {
        &self.meetings
    }

    /// What a list of these days has. Zoom documents no order; this is the one that a client may least expect.
    pub(super) fn listed(&self, from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = &Meeting> {
        let places = self.newest_first.get_or_init(|| {
            let listed = self.meetings.iter().enumerate().filter(|(_, meeting)| !meeting.is_emptied());
            let mut places: Vec<usize> = listed.map(|(place, _)| place).collect();
            places.sort_by_key(|place| Reverse(self.meetings[*place].start()));
            places
        });
        let begin = |day: NaiveDate| -> DateTime<Utc> { day.and_time(NaiveTime::MIN).and_utc() };
        let since = |time| places.partition_point(|place| self.meetings[*place].start() >= time);
        let later = to.succ_opt().map_or(0, |next| since(begin(next)));
        places[later..since(begin(from)).max(later)].iter().map(|place| &self.meetings[*place])
    }

    pub(super) fn meeting(&self, uuid: &str) -> Option<&Meeting> {
        self.meeting_places.get(uuid).map(|place| &self.meetings[*place])
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

/// The first user of a name has it.
fn note_names(places: &mut HashMap<String, usize>, user: &User, place: usize) {
    for name in [user.id().to_owned(), user.address().to_ascii_lowercase()] {
        places.entry(name).or_insert(place);
    }
}
