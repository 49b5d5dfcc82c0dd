//! The moods of a big installation: a search index that lags or is down, calls that are turned away, processing that
//! fails or never ends.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::Kaltura;
use super::entry::Entry;
use super::error::ApiError;
use super::imports::Importers;
use super::world::World;

const SECOND: Duration = Duration::from_secs(1);

/// What the search index knows. Only lists look at it: a single thing is read from the database.
#[derive(Default)]
pub enum Index {
    #[default]
    Current,
    /// It has not seen yet what is younger than this.
    Behind(Duration),
    /// It knows these entries as they were, and learns of no change.
    Frozen(BTreeMap<String, Entry>),
    /// It cannot be reached.
    Down,
}

impl Index {
    /// An entry as the index knows it.
    pub fn known(&self, entry: Entry) -> Option<Entry> {
        match self {
            Index::Current => Some(entry),
            Index::Behind(lag) => (entry.born.elapsed() >= *lag).then_some(entry),
            Index::Frozen(known) => known.get(&entry.id).cloned(),
            Index::Down => None,
        }
    }
}

/// What becomes of content once it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// READY after a while.
    Succeeds,
    /// `ERROR_CONVERTING` after the same while.
    Fails,
    NeverEnds,
}

/// Which calls are turned away with `ACTION_BLOCKED`.
#[derive(Default)]
pub struct Throttle {
    /// How many more of a name.
    blocked: HashMap<String, usize>,
    /// How many calls of all names are let through in a second.
    per_second: Option<usize>,
    recent: VecDeque<Instant>,
}

impl Throttle {
    fn lets_through(&mut self, call: &str) -> bool {
        if let Some(left) = self.blocked.get_mut(call).filter(|left| **left > 0) {
            *left -= 1;
            return false;
        }
        let Some(most) = self.per_second else {
            return true;
        };
        while self.recent.front().is_some_and(|at| at.elapsed() >= SECOND) {
            self.recent.pop_front();
        }
        let through = self.recent.len() < most;
        if through {
            self.recent.push_back(Instant::now());
        }
        through
    }
}

impl World {
    /// Turns a call away if there were too many.
    pub fn throttle(&mut self, call: &str) -> Result<(), ApiError> {
        if self.throttle.lets_through(call) { Ok(()) } else { Err(ApiError::blocked(call)) }
    }

    /// Fails as everything does that needs the search index, while that is down.
    pub fn need_index(&self) -> Result<(), ApiError> {
        if matches!(self.index, Index::Down) { Err(ApiError::internal()) } else { Ok(()) }
    }
}

impl Kaltura {
    /// Lets lists choose by what is there now, or by everything again: the search index stands still, the database goes on.
    pub fn freeze_index(&self, frozen: bool) {
        let mut world = self.shared.world();
        let known = world.entries.values().map(|entry| (entry.id.clone(), entry.seen(&world.settings)));
        world.index = if frozen { Index::Frozen(known.collect()) } else { Index::Current };
    }

    /// Hides an entry from lists until it is so old; zero ends the mood.
    pub fn delay_index(&self, lag: Duration) {
        self.shared.world().index = Index::Behind(lag);
    }

    /// Lets every list of entries, users, categories and cue points fail unless it asks for one id, and the deletion of an
    /// entry too, although it is carried out; or mends the index.
    pub fn break_index(&self, down: bool) {
        self.shared.world().index = if down { Index::Down } else { Index::Current };
    }

    /// Turns away the next calls of a name; parts of a multirequest count like calls.
    pub fn block(&self, call: &str, times: usize) {
        self.shared.world().throttle.blocked.insert(call.to_owned(), times);
    }

    /// Turns away every call that is one too many in a second.
    pub fn limit_calls(&self, per_second: usize) {
        self.shared.world().throttle.per_second = Some(per_second);
    }

    /// How long processing takes from now on, of what is in it too.
    pub fn process_for(&self, time: Duration) {
        self.shared.world().settings.ready_after = time;
    }

    /// What becomes of the content of one entry, whatever the rule for the others is.
    pub fn set_conversion(&self, entry_id: &str, conversion: Conversion) {
        self.shared.world().entries.get_mut(entry_id).expect("an entry to convert").conversion = Some(conversion);
    }

    /// What the workers do that fetch what `addContent` was given a URL of, from their next try on.
    pub fn set_importers(&self, importers: Importers) {
        self.shared.world().importers = importers;
    }

    /// Ends every session.
    pub fn expire_sessions(&self) {
        for session in self.shared.world().sessions.values_mut() {
            session.ends = std::time::SystemTime::UNIX_EPOCH;
        }
    }

    /// Cuts the connection in the middle of the next file that comes in, after so many of its bytes.
    pub fn cut_upload_after(&self, bytes: u64) {
        self.shared.world().cut_upload_after = Some(bytes);
    }
}
