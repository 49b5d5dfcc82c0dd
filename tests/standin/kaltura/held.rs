//! Requests whose connection was closed, and that are carried out later: before another call, or when a test lets them.

use super::super::request_log::Logged;
use super::Kaltura;
use super::params::Params;
use super::world::Shared;

/// A request that waits.
pub struct Held {
    pub params: Params,
    pub logged: Logged,
    /// The call before which it is carried out.
    pub until: &'static str,
    pub times: usize,
}

impl Shared {
    /// Those that are due when one of `calls` comes in, or that a test let through.
    pub fn due(&self, calls: &[&str]) -> Vec<Held> {
        let mut world = self.world();
        let all = std::mem::take(&mut world.let_through);
        let held = std::mem::take(&mut world.held);
        let (due, rest) = held.into_iter().partition(|held| all || calls.contains(&held.until));
        world.held = rest;
        due
    }
}

impl Kaltura {
    /// Lets what is held be carried out, right before the next request.
    pub fn let_through(&self) {
        self.shared.world().let_through = true;
    }

    /// How many requests wait.
    pub fn held(&self) -> usize {
        self.shared.world().held.len()
    }
}
