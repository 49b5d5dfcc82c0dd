//! A Zoom account: its API and downloads on `127.0.0.1`, its CDN on `localhost`, another host.
//!
//! Where Zoom's behaviour is known, this follows it; where it is not, this is the stricter one.
//! What a client does that Zoom would let pass and that is wrong all the same lands in `violations`.

mod account;
mod answer;
mod attendance;
mod builder;
mod busy;
mod cdn;
mod download;
pub mod file;
mod group;
mod groups;
mod limits;
mod link;
mod listing;
mod meeting;
mod meeting_details;
mod page;
mod recording;
mod request;
mod rewrite;
mod route;
mod secret;
mod segment;
mod state;
mod token;
mod trash;
mod user;
mod users;
mod validator;
mod world;

use std::sync::Arc;

pub use builder::ZoomBuilder;
pub use file::RecordingFile;
pub use group::Group;
pub use limits::Category;
pub use meeting::{Meeting, Part};
pub use segment::Segment;
pub use user::User;
pub use validator::Validators;

use super::clock::Clock;
use super::fault::Faults;
use super::request_log::RequestLog;
use super::server::Server;
use state::State;

/// The two servers and what they share. Dropping it stops both.
pub struct Zoom {
    state: Arc<State>,
    api: Server,
    _cdn: Server,
}

impl Zoom {
    /// An empty account on free ports.
    pub fn start() -> Zoom {
        Zoom::builder().start()
    }

    /// An account with settings of its own.
    pub fn builder() -> ZoomBuilder {
        ZoomBuilder::default()
    }

    /// The base of the API's calls, `http://127.0.0.1:PORT/v2`.
    pub fn api_url(&self) -> String {
        format!("{}/v2", self.api.url())
    }

    /// Where tokens are fetched.
    pub fn oauth_url(&self) -> String {
        format!("{}/oauth/token", self.api.url())
    }

    /// The account id that a client must name.
    pub fn account_id(&self) -> &str {
        &self.state.settings.account
    }

    /// The id that a client must show.
    pub fn client_id(&self) -> &str {
        &self.state.settings.client_id
    }

    /// The secret that a client must show.
    pub fn client_secret(&self) -> &str {
        &self.state.settings.client_secret
    }

    /// What the API and the downloads were asked.
    pub fn log(&self) -> &RequestLog {
        &self.state.log
    }

    /// What the CDN was asked; every call is named `CDN`.
    pub fn cdn_log(&self) -> &RequestLog {
        &self.state.cdn_log
    }

    /// The faults of both servers.
    pub fn faults(&self) -> &Faults {
        &self.state.faults
    }

    /// Lets every answer to `call` be what `rewrite` makes of it: of the target that was asked for and of the right answer.
    pub fn answer_with(
        &self,
        call: &str,
        rewrite: impl Fn(&str, serde_json::Value) -> serde_json::Value + Send + Sync + 'static,
    ) {
        self.state.rewrites.set(call, Arc::new(rewrite));
    }

    /// The answers to `call` are right again.
    pub fn answer_rightly(&self, call: &str) {
        self.state.rewrites.clear(call);
    }

    /// A token as a login gives it, for everything.
    pub fn give_token(&self) -> String {
        let token = self.state.secrets.token();
        self.state.tokens.admit(&token, std::time::Duration::from_secs(3600), None);
        token
    }

    /// A token for the files of one meeting.
    pub fn give_download_token(&self, uuid: &str) -> String {
        let token = self.state.secrets.token();
        self.state.tokens.admit(&token, std::time::Duration::from_secs(3600), Some(uuid));
        token
    }

    /// Makes every token invalid that was handed out so far.
    pub fn revoke_tokens(&self) {
        self.state.tokens.revoke();
    }

    /// What clients did that they must never do, in order.
    pub fn violations(&self) -> Vec<String> {
        state::held(&self.state.violations).clone()
    }

    /// Every request that could change something, whatever came of it.
    pub fn writes(&self) -> Vec<String> {
        state::held(&self.state.writes).clone()
    }

    /// All that must never be logged, stored or shown: the client's secret, every access and download
    /// token, every signature, every passcode of a meeting that is there.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = self.state.secrets.all();
        secrets.push(self.state.settings.client_secret.clone());
        secrets.extend(self.meetings().iter().map(Meeting::passcode));
        secrets
    }

    /// How many downloads from the content network were under way at a time, at most.
    pub fn most_downloads_at_a_time(&self) -> usize {
        self.state.busy.most()
    }

    /// Adds a user.
    pub fn add_user(&self, user: User) {
        self.state.world().add_user(user);
    }

    /// Replaces a user by what `change` makes of it.
    pub fn change_user(&self, id: &str, change: impl FnOnce(User) -> User) {
        self.state.world().change_user(id, change);
    }

    /// Deletes a user. The meetings stay, as those of a Zoom Room or a deleted user do.
    pub fn remove_user(&self, id: &str) {
        self.state.world().remove_user(id);
    }

    /// Adds a group, or replaces the one of the same id.
    pub fn set_group(&self, group: Group) {
        self.state.world().set_group(group);
    }

    /// Deletes a group.
    pub fn remove_group(&self, id: &str) {
        self.state.world().remove_group(id);
    }

    /// Adds a meeting with its recordings.
    pub fn add_meeting(&self, meeting: Meeting) {
        self.state.world().add_meeting(meeting);
    }

    /// Replaces a meeting by what `change` makes of it: a transcript that comes late, another host.
    pub fn change_meeting(&self, uuid: &str, change: impl FnOnce(Meeting) -> Meeting) {
        self.state.world().change_meeting(uuid, change);
    }

    /// Deletes a meeting's recordings; their download addresses answer with a page of HTML from now on.
    pub fn remove_meeting(&self, uuid: &str) {
        self.state.world().remove_meeting(uuid);
    }

    /// Takes everything of a meeting out of the trash again, as people can.
    pub fn recover(&self, uuid: &str) {
        self.change_meeting(uuid, Meeting::recovered);
    }

    /// The ids of the files that lie in the trash, in the order of the meetings.
    pub fn trash(&self) -> Vec<String> {
        self.meetings().iter().flat_map(Meeting::in_trash).collect()
    }

    /// Lets a recording that was in progress or in processing be ready.
    pub fn finish_processing(&self, uuid: &str) {
        self.change_meeting(uuid, Meeting::finished);
    }

    /// All meetings as they are now, in the order they were added.
    pub fn meetings(&self) -> Vec<Meeting> {
        self.state.world().meetings().to_vec()
    }

    /// The clock of its API: its `Date`, and what is today.
    pub fn clock(&self) -> &Clock {
        &self.state.clock
    }

    /// A hash of all users, meetings and files: equal before and after means that nothing was changed.
    pub fn fingerprint(&self) -> String {
        self.state.world().fingerprint()
    }
}
