//! The settings of a Zoom account.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::distance::Distance;
use super::super::server::{Server, Transport};
use super::limits::{Category, Limit};
use super::state::State;
use super::validator::Validators;
use super::{Zoom, cdn, route};

const MAX_PAGE_SIZE: usize = 300;

/// What is fixed when the servers start.
pub(super) struct Settings {
    pub(super) account: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) scopes: Vec<String>,
    pub(super) auto_delete: Option<u32>,
    pub(super) page_size_cap: usize,
    pub(super) token_lifetime: Duration,
    pub(super) page_token_lifetime: Duration,
    pub(super) host_emails: bool,
    pub(super) attributes_as_list: bool,
    pub(super) ranges: bool,
    pub(super) lengths: bool,
    pub(super) validators: Validators,
    pub(super) own_tokens: bool,
    pub(super) download_tokens: bool,
    pub(super) longest_range: Option<u64>,
    pub(super) limits: HashMap<Category, Limit>,
}

/// Settings for a [`Zoom`] that is about to start.
#[must_use]
pub struct ZoomBuilder {
    settings: Settings,
    distance: Distance,
    transport: Transport,
    port: u16,
}

impl Default for ZoomBuilder {
    fn default() -> ZoomBuilder {
        let scopes = [
            "cloud_recording:read:list_account_recordings:admin",
            "cloud_recording:read:list_user_recordings:admin",
            "cloud_recording:read:list_recording_files:admin",
            "user:read:list_users:admin",
            "user:read:user:admin",
            "group:read:list_groups:admin",
            "group:read:list_members:admin",
        ];
        let settings = Settings {
            account: "zoom-account-1".to_owned(),
            client_id: "zoom-client-1".to_owned(),
            client_secret: "zoom-client-secret-1".to_owned(),
            scopes: scopes.map(str::to_owned).to_vec(),
            auto_delete: None,
            page_size_cap: MAX_PAGE_SIZE,
            token_lifetime: Duration::from_secs(3600),
            page_token_lifetime: Duration::from_secs(15 * 60),
            host_emails: true,
            attributes_as_list: false,
            ranges: true,
            lengths: true,
            validators: Validators::Tags,
            own_tokens: false,
            download_tokens: true,
            longest_range: None,
            limits: HashMap::new(),
        };
        ZoomBuilder { settings, distance: Distance::default(), transport: Transport::default(), port: 0 }
    }
}

impl ZoomBuilder {
    /// The account id to be named in a request for a token.
    pub fn account(mut self, id: &str) -> ZoomBuilder {
        id.clone_into(&mut self.settings.account);
        self
    }

    /// The client id and secret to be shown in a request for a token.
    pub fn client(mut self, id: &str, secret: &str) -> ZoomBuilder {
        id.clone_into(&mut self.settings.client_id);
        secret.clone_into(&mut self.settings.client_secret);
        self
    }

    /// Gives the app a scope that not every installation needs.
    pub fn with_scope(mut self, scope: &str) -> ZoomBuilder {
        self.settings.scopes.push(scope.to_owned());
        self
    }

    /// Takes a scope away from the app; the calls that need it answer 400 with code 4711.
    pub fn without_scope(mut self, scope: &str) -> ZoomBuilder {
        self.settings.scopes.retain(|granted| granted != scope);
        self
    }

    /// Lets the settings of the account say that recordings are deleted after so many days.
    pub fn auto_delete(mut self, days: u32) -> ZoomBuilder {
        self.settings.auto_delete = Some(days);
        self
    }

    /// No page is longer than `records`, whatever is asked for: many pages without many meetings.
    pub fn page_size_cap(mut self, records: usize) -> ZoomBuilder {
        assert!((1..=MAX_PAGE_SIZE).contains(&records), "a page holds 1 to 300 records");
        self.settings.page_size_cap = records;
        self
    }

    /// How long an access token is valid; an hour unless said otherwise.
    pub fn token_lifetime(mut self, time: Duration) -> ZoomBuilder {
        self.settings.token_lifetime = time;
        self
    }

    /// How long a page token is valid; 15 minutes unless said otherwise.
    pub fn page_token_lifetime(mut self, time: Duration) -> ZoomBuilder {
        self.settings.page_token_lifetime = time;
        self
    }

    /// The custom attributes of one user are a list, as in the list of users, and not one object, as described.
    pub fn attributes_as_list(mut self) -> ZoomBuilder {
        self.settings.attributes_as_list = true;
        self
    }

    /// Leaves `host_email` out of the account's listing too, so that hosts must be looked up.
    pub fn without_host_emails(mut self) -> ZoomBuilder {
        self.settings.host_emails = false;
        self
    }

    /// Lets the CDN answer a Range with the whole file: Zoom documents no ranges.
    pub fn without_ranges(mut self) -> ZoomBuilder {
        self.settings.ranges = false;
        self
    }

    /// Lets the CDN leave out Content-Length, as Zoom's is said to do often.
    pub fn without_lengths(mut self) -> ZoomBuilder {
        self.settings.lengths = false;
        self
    }

    /// What the CDN says of the content of a file; an ETag unless said otherwise.
    pub fn validators(mut self, validators: Validators) -> ZoomBuilder {
        self.settings.validators = validators;
        self
    }

    /// Lets files be opened by a token of their meeting alone, not by that of the account.
    pub fn files_need_their_own_token(mut self) -> ZoomBuilder {
        self.settings.own_tokens = true;
        self
    }

    /// Gives no token for the files of one meeting, whoever asks for it.
    pub fn without_download_tokens(mut self) -> ZoomBuilder {
        self.settings.download_tokens = false;
        self
    }

    /// Cuts a listing to so many days, the last ones of those that were asked for.
    pub fn longest_range(mut self, days: u64) -> ZoomBuilder {
        self.settings.longest_range = Some(days);
        self
    }

    /// How many calls of a category are answered in a second and in a day.
    pub fn limit(mut self, category: Category, per_second: u32, per_day: u32) -> ZoomBuilder {
        self.settings.limits.insert(category, Limit { per_second, per_day });
        self
    }

    /// How far away both servers are; next door unless said otherwise.
    pub fn distance(mut self, distance: Distance) -> ZoomBuilder {
        self.distance = distance;
        self
    }

    /// What both servers' connections are; plain unless said otherwise.
    pub fn transport(mut self, transport: Transport) -> ZoomBuilder {
        self.transport = transport;
        self
    }

    /// The port of the API; a free one unless said otherwise.
    pub fn port(mut self, port: u16) -> ZoomBuilder {
        self.port = port;
        self
    }

    /// Starts both servers.
    pub fn start(self) -> Zoom {
        let state = Arc::new(State::new(self.settings));
        let cdn = Server::start_with(self.transport, 0, self.distance.to(cdn::router(Arc::clone(&state))));
        let api = self.distance.to(state.clock.rule(route::router(Arc::clone(&state))));
        let api = Server::start_with(self.transport, self.port, api);
        state.open_at(&api.url(), &cdn.url_at("localhost"));
        Zoom { state, api, _cdn: cdn }
    }
}
