//! A Kaltura on 127.0.0.1 that answers as a real server was recorded to answer, and in strict mode turns down what
//! the real one would swallow.

mod app_tokens;
mod assets;
mod builder;
mod calls;
mod caption_form;
mod categories;
mod content;
mod conversion_profiles;
mod cue_points;
mod entitled;
mod entries;
mod entry;
mod error;
mod filter;
mod frozen;
mod groups;
mod held;
mod imports;
mod moods;
mod multirequest;
mod other_entries;
mod page;
mod params;
mod permissions;
mod probe;
mod recycle;
mod rewind;
mod roles;
pub mod schema;
mod seed;
mod session;
mod store;
mod strict;
mod text;
mod text_assets;
mod tokens;
mod upload;
mod users;
mod wire;
mod words;
mod world;

use super::clock::Clock;
use super::fault::Faults;
use super::request_log::RequestLog;
use super::server::Server;

pub use builder::Builder;
pub use cue_points::CuePoint;
pub use entry::Entry;
pub use imports::{IMPORTER, Importers};
pub use moods::{Conversion, Distortion, Lists, NameCut};
pub use rewind::Moment;
pub use roles::SERVICE_USER;
pub use seed::Seed;
pub use text_assets::{Sort, TextAsset};
pub use tokens::Token;
pub use users::User;

use world::Shared;

/// A running stand-in. It stops when it is dropped, and its storage is gone.
pub struct Kaltura {
    server: Server,
    shared: Shared,
}

impl Kaltura {
    /// A strict server with partner 102, secret `admin secret`, and nothing in it.
    pub fn start() -> Kaltura {
        Kaltura::builder().start()
    }

    /// A server with other settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The address to which `/api_v3/…` is added.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// What was asked, by the names of the calls: `media.add`, `uploadToken.upload`, `multirequest` and its parts.
    pub fn log(&self) -> &RequestLog {
        &self.shared.log
    }

    /// Where faults are queued, by the same names.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// What strict mode turned down, in order. Empty after a test in which the program made no mistake.
    pub fn refusals(&self) -> Vec<String> {
        self.shared.world().refusals.clone()
    }

    /// All entries in the order of their creation, deleted ones too.
    pub fn entries(&self) -> Vec<Entry> {
        let world = self.shared.world();
        let mut entries: Vec<_> = world.entries.values().map(|entry| world.view(entry)).collect();
        entries.sort_by_key(|entry| entry.serial);
        entries
    }

    /// Those that are not deleted, in the same order.
    pub fn alive(&self) -> Vec<Entry> {
        self.entries().into_iter().filter(|entry| entry.status != 3).collect()
    }

    /// The entry with this id, be it deleted.
    pub fn entry(&self, id: &str) -> Option<Entry> {
        let world = self.shared.world();
        world.entries.get(id).map(|entry| world.view(entry))
    }

    /// The first entry with exactly this referenceId, be it deleted.
    pub fn entry_by_reference(&self, reference_id: &str) -> Option<Entry> {
        self.entries().into_iter().find(|entry| entry.reference_id == reference_id)
    }

    /// The hash in hex of an entry's source; none as long as it has none.
    pub fn sha256_of(&self, entry_id: &str) -> Option<String> {
        let world = self.shared.world();
        let source = world.entries.get(entry_id)?.source.as_ref()?;
        world.assets.get(source)?.content.as_ref().map(|content| content.sha256())
    }

    /// All upload tokens that are not deleted, in no order.
    pub fn tokens(&self) -> Vec<Token> {
        self.shared.world().tokens.values().map(|token| token.seen.clone()).collect()
    }

    /// All users there ever were, those of sessions too.
    pub fn users(&self) -> Vec<User> {
        self.shared.world().users.all().to_vec()
    }

    /// The captions and attachments of an entry.
    pub fn texts_of(&self, entry_id: &str) -> Vec<TextAsset> {
        let world = self.shared.world();
        let of_entry = world.text_assets.values().filter(|asset| asset.entry_id == entry_id);
        of_entry.cloned().collect()
    }

    /// The cue points of an entry, in the order of their creation.
    pub fn cue_points_of(&self, entry_id: &str) -> Vec<CuePoint> {
        let world = self.shared.world();
        world.cue_points.iter().filter(|point| point.entry_id == entry_id).cloned().collect()
    }

    /// Its clock: its `Date`, and all the times that it keeps.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// A hash of everything that a call can change. Reading, starting sessions and the passing of time leave it.
    pub fn fingerprint(&self) -> String {
        self.shared.world().fingerprint()
    }
}
