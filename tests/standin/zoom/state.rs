//! What the two servers and the test share.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::super::clock::Clock;
use super::super::fault::Faults;
use super::super::request_log::RequestLog;
use super::builder::Settings;
use super::busy::Busy;
use super::limits::Limits;
use super::link::Links;
use super::page::PageTokens;
use super::request::Asked;
use super::rewrite::Rewrites;
use super::secret::Secrets;
use super::token::Tokens;
use super::trash::Deletions;
use super::world::World;

pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) tokens: Tokens,
    pub(super) page_tokens: PageTokens,
    pub(super) links: Links,
    pub(super) deletions: Deletions,
    pub(super) busy: Busy,
    pub(super) limits: Limits,
    pub(super) secrets: Secrets,
    pub(super) log: RequestLog,
    pub(super) cdn_log: RequestLog,
    pub(super) faults: Faults,
    pub(super) clock: Clock,
    pub(super) rewrites: Rewrites,
    pub(super) violations: Mutex<Vec<String>>,
    pub(super) writes: Mutex<Vec<String>>,
    world: Mutex<World>,
    /// The servers' addresses, known only once they have started.
    addresses: OnceLock<(String, String)>,
}

impl State {
    pub(super) fn new(settings: Settings) -> State {
        State {
            limits: Limits::new(settings.limits.clone()),
            settings,
            tokens: Tokens::default(),
            page_tokens: PageTokens::default(),
            links: Links::default(),
            deletions: Deletions::default(),
            busy: Busy::default(),
            secrets: Secrets::default(),
            log: RequestLog::default(),
            cdn_log: RequestLog::default(),
            faults: Faults::default(),
            clock: Clock::default(),
            rewrites: Rewrites::default(),
            violations: Mutex::default(),
            writes: Mutex::default(),
            world: Mutex::default(),
            addresses: OnceLock::new(),
        }
    }

    pub(super) fn open_at(&self, api: &str, cdn: &str) {
        self.addresses.set((api.to_owned(), cdn.to_owned())).expect("servers that start once");
    }

    /// `http://127.0.0.1:PORT`
    pub(super) fn api(&self) -> &str {
        &self.addresses.get().expect("servers that have started").0
    }

    /// `http://localhost:PORT`
    pub(super) fn cdn(&self) -> &str {
        &self.addresses.get().expect("servers that have started").1
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        held(&self.world)
    }

    pub(super) fn violation(&self, what: String) {
        held(&self.violations).push(what);
    }

    /// What holds for every request to either server.
    pub(super) fn inspect(&self, call: &str, asked: &Asked) {
        if asked.header("user-agent").is_empty() {
            self.violation(format!("{call}: no User-Agent"));
        }
        if asked.query.get("access_token").is_some() {
            self.violation(format!("{call}: a token in the query"));
        }
    }
}

/// Locks, also after a panic elsewhere: that one fails its own test, not this one.
pub(super) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
