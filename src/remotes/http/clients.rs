//! The reqwest clients for control calls, downloads and uploads.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

use super::error::root_cause;
use super::{Calls, Proxies, RemoteClocks, SetupFault};
use crate::machine::is_out_of_handles;

/// Sent with every request, as operators of both services ask.
const USER_AGENT: &str = concat!("zoom2kaltura/", env!("CARGO_PKG_VERSION"));

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a connection to be made.
    pub connect: Duration,
    /// Without a single byte.
    pub stall: Duration,
    /// For a call of an API, its whole answer included.
    pub call: Duration,
}

/// A client for each way of speaking; those that wait alike are one. None follows a redirect by itself: where a token may go is decided per hop.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Small questions and answers.
    pub control: Client,
    /// Media from Zoom.
    pub download: Client,
    /// Media to Kaltura: without a read timeout, which reqwest runs until the answer's head and upload progress does
    /// not reset; the transfer keeps watch itself.
    pub upload: Client,
    /// How many calls were made by all that share these.
    pub calls: Arc<Calls>,
    /// What time it is by those who answered.
    pub clocks: Arc<RemoteClocks>,
    pub(super) timeouts: Timeouts,
}

impl Clients {
    /// Builds them once a run.
    pub fn new(timeouts: Timeouts, proxies: &Proxies) -> Result<Clients, SetupFault> {
        Clients::build(timeouts, proxies).map_err(|error| client_fault(&error))
    }

    fn build(timeouts: Timeouts, proxies: &Proxies) -> reqwest::Result<Clients> {
        let base = || -> reqwest::Result<ClientBuilder> {
            let base = Client::builder().user_agent(USER_AGENT).connect_timeout(timeouts.connect);
            proxies.apply(base.redirect(Policy::none()).http1_only())
        };
        let control = base()?.read_timeout(timeouts.stall).build()?;
        let (calls, clocks) = (Arc::default(), Arc::default());
        Ok(Clients { download: control.clone(), control, upload: base()?.build()?, calls, clocks, timeouts })
    }
}

/// What reqwest says of a client that it cannot make.
fn client_fault(error: &reqwest::Error) -> SetupFault {
    let why = root_cause(error);
    match () {
        () if is_out_of_handles() => SetupFault::NoHandles,
        // rustls-platform-verifier, verification/others.rs: "No CA certificates were loaded from the system"
        () if why.contains("CA certificates") => SetupFault::NoRoots,
        () => SetupFault::Other(why),
    }
}
