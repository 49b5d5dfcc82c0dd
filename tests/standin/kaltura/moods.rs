//! The moods of a big installation: a search index that lags or is down, calls that are turned away, processing that
//! fails or never ends.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use serde_json::Value;

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

/// What lists of entries are like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lists {
    #[default]
    Honest,
    /// Every page is the first one.
    Repeating,
    /// Every page is full of entries that nobody has seen.
    Growing,
}

/// A number in answers that is not what it was.
#[derive(Clone, Debug)]
pub struct Distortion {
    /// Of objects of this type.
    pub object_type: &'static str,
    pub field: &'static str,
    pub value: Value,
    /// Only of the entries whose mark begins so, and of what hangs on them.
    pub mark: &'static str,
}

/// A field that is dropped of what is made or changed, whatever the role is.
#[derive(Clone, Copy, Debug)]
pub struct FieldToDrop {
    pub field: &'static str,
    pub times: usize,
    pub of_children: bool,
}

/// What becomes of the names that entries are given by an update.
#[derive(Clone, Copy, Debug)]
pub struct NameCut {
    /// So many characters are kept.
    pub characters: usize,
    /// Whether the answer to the update shows that.
    pub is_shown: bool,
}

impl World {
    /// An answer as the distortion makes it.
    pub fn distorted(&self, mut answer: Value) -> Value {
        for distortion in &self.distortions {
            self.distort(&mut answer, distortion);
        }
        answer
    }

    fn distort(&self, answer: &mut Value, distortion: &Distortion) {
        match answer {
            Value::Array(items) => items.iter_mut().for_each(|item| self.distort(item, distortion)),
            Value::Object(members) => {
                members.values_mut().for_each(|member| self.distort(member, distortion));
                let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
                let entry = self.entries.get(text("entryId")).or_else(|| self.entries.get(text("id")));
                let is_meant = distortion.mark.is_empty()
                    || entry.is_some_and(|entry| entry.reference_id.starts_with(distortion.mark));
                if text("objectType") == distortion.object_type && is_meant {
                    members.insert(distortion.field.to_owned(), distortion.value.clone());
                }
            }
            _ => {}
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
    /// Lets a number in answers be another one.
    pub fn distort(&self, distortion: Distortion) {
        self.shared.world().distortions.push(distortion);
    }

    /// Drops a field of the next entries that are made or changed with it, without a word.
    pub fn drop_field(&self, field: &'static str, times: usize) {
        self.shared.world().dropped.push(FieldToDrop { field, times, of_children: false });
    }

    /// The same of the next child.
    pub fn drop_field_of_children(&self, field: &'static str) {
        self.shared.world().dropped.push(FieldToDrop { field, times: 1, of_children: true });
    }

    /// Lets names that come with an update be cut.
    pub fn cut_names(&self, cut: NameCut) {
        self.shared.world().name_cut = Some(cut);
    }

    /// Lets all fields be kept again.
    pub fn keep_fields(&self) {
        self.shared.world().dropped.clear();
    }

    /// Lets all numbers be what they are again.
    pub fn mend_numbers(&self) {
        self.shared.world().distortions.clear();
    }

    /// What lists of entries are like from now on.
    pub fn set_lists(&self, lists: Lists) {
        self.shared.world().lists = lists;
    }

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
