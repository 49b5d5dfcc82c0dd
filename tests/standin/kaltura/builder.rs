//! The settings of a stand-in.

use std::time::Duration;

use super::super::distance::Distance;
use super::super::server::{Server, Transport};
use super::Kaltura;
use super::moods::Conversion;
use super::roles::SERVICE_USER;
use super::wire::router;
use super::world::{Settings, Shared, World};

/// Settings, each with a default that suits a test.
pub struct Builder {
    settings: Settings,
    distance: Distance,
    transport: Transport,
    port: u16,
    /// What the service user may do; everything where there is none.
    role: Option<Vec<String>>,
}

impl Default for Builder {
    fn default() -> Builder {
        let settings = Settings {
            partner: 102,
            secret: "admin secret".to_owned(),
            service: "http://kaltura.example".to_owned(),
            ready_after: Duration::from_millis(50),
            final_wait: Duration::from_millis(200),
            link_delay: Duration::ZERO,
            import_after: Duration::ZERO,
            import_again_after: Duration::from_secs(300),
            conversion: Conversion::Succeeds,
            recycle_bin: false,
            strict: true,
            kept: u64::MAX,
        };
        Builder { settings, distance: Distance::default(), transport: Transport::default(), port: 0, role: None }
    }
}

impl Builder {
    /// The partner and its administrator secret.
    #[must_use]
    pub fn partner(mut self, id: u32, secret: &str) -> Builder {
        self.settings.partner = id;
        secret.clone_into(&mut self.settings.secret);
        self
    }

    /// Gives the service user a role with these permissions: without one, the service user may do everything.
    #[must_use]
    pub fn role<S: AsRef<str>>(mut self, permissions: &[S]) -> Builder {
        self.role = Some(permissions.iter().map(|permission| permission.as_ref().to_owned()).collect());
        self
    }

    /// The address that play links begin with.
    #[must_use]
    pub fn service(mut self, url: &str) -> Builder {
        url.clone_into(&mut self.settings.service);
        self
    }

    /// Whether the recycle bin is switched on: it is off unless somebody asked Kaltura for it.
    #[must_use]
    pub fn recycle_bin(mut self) -> Builder {
        self.settings.recycle_bin = true;
        self
    }

    /// How long after its import an entry is READY: 50 ms; real ones take from seconds to hours.
    #[must_use]
    pub fn ready_after(mut self, time: Duration) -> Builder {
        self.settings.ready_after = time;
        self
    }

    /// How long a final chunk waits for missing ones: 200 ms; 45 s on a real server.
    #[must_use]
    pub fn final_wait(mut self, time: Duration) -> Builder {
        self.settings.final_wait = time;
        self
    }

    /// How long after addContent a token hides what it is attached to: not at all.
    #[must_use]
    pub fn link_delay(mut self, time: Duration) -> Builder {
        self.settings.link_delay = time;
        self
    }

    /// How long after addContent with a URL a worker begins to fetch it: at once; on a real server when one is free.
    #[must_use]
    pub fn import_after(mut self, time: Duration) -> Builder {
        self.settings.import_after = time;
        self
    }

    /// How long after a failed try an import is tried again: five minutes. The third try is the last one.
    #[must_use]
    pub fn import_again_after(mut self, time: Duration) -> Builder {
        self.settings.import_again_after = time;
        self
    }

    /// What becomes of content once it is there: it is converted.
    #[must_use]
    pub fn conversion(mut self, conversion: Conversion) -> Builder {
        self.settings.conversion = conversion;
        self
    }

    /// Whether mistakes that the real server swallows are turned down: they are.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Builder {
        self.settings.strict = strict;
        self
    }

    /// How much of each upload is kept, from its beginning: all of it. The rest is counted and forgotten.
    #[must_use]
    pub fn keeps(mut self, bytes: u64) -> Builder {
        self.settings.kept = bytes;
        self
    }

    /// How far away it is: next door.
    #[must_use]
    pub fn distance(mut self, distance: Distance) -> Builder {
        self.distance = distance;
        self
    }

    /// What its connections are: plain.
    #[must_use]
    pub fn transport(mut self, transport: Transport) -> Builder {
        self.transport = transport;
        self
    }

    /// A fixed port; a free one otherwise.
    #[must_use]
    pub fn port(mut self, port: u16) -> Builder {
        self.port = port;
        self
    }

    /// Starts the server.
    pub fn start(self) -> Kaltura {
        let shared = Shared::new(World::new(self.settings));
        let router = self.distance.to(shared.clock.rule(router(shared.clone())));
        let server = Server::start_with(self.transport, self.port, router);
        let kaltura = Kaltura { server, shared };
        if let Some(role) = self.role {
            kaltura.set_role(SERVICE_USER, &role);
        }
        kaltura
    }
}
