//! An upload put back to an earlier moment.

use super::entry::{Progress, status};
use super::store::Stored;
use super::tokens::status as token_status;
use super::{Entry, Kaltura};

/// How far an upload has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The entry was made, and no token is tied to it; the token is gone.
    Forgotten,
    /// The token is tied to the entry, and no byte has come.
    Open,
    /// Half of the bytes are there.
    Partial,
    /// The token is closed, and the entry has no bytes: they went to another one.
    Closed,
}

impl Kaltura {
    /// The token by which the content of an entry came.
    pub fn token_of(&self, entry_id: &str) -> Option<String> {
        let world = self.shared.world();
        let source = world.entries.get(entry_id)?.source.clone();
        world.tokens.values().find(|token| token.seen.attached_asset == source).map(|token| token.seen.id.clone())
    }

    /// Takes the content of an entry away, as if its upload had come only so far.
    pub fn rewind(&self, entry_id: &str, to: Moment) {
        let mut world = self.shared.world();
        let world = &mut *world;
        let entry = world.entries.get_mut(entry_id).expect("an entry to rewind");
        let source = entry.source.clone().expect("a source to rewind");
        let token = world.tokens.values_mut().find(|token| token.seen.attached_asset.as_ref() == Some(&source));
        let token_id = token.as_ref().map(|token| token.seen.id.clone()).expect("a token to rewind");
        let content =
            world.assets.get_mut(&source).and_then(|asset| asset.content.take()).expect("content to take away");
        *entry = Entry { status: status::IMPORT, progress: Progress::Still, ms_duration: 0, bytes: 0, ..entry.clone() };
        if to == Moment::Forgotten {
            entry.status = status::NO_CONTENT;
            entry.source = None;
            world.assets.remove(&source);
            world.tokens.remove(&token_id);
            return;
        }
        let seen = &mut world.tokens.get_mut(&token_id).expect("found above");
        match to {
            Moment::Open => {
                (seen.seen.status, seen.seen.uploaded, seen.content) = (token_status::PENDING, None, None);
            }
            Moment::Partial => {
                let mut half = Stored::empty();
                half.push(&content.read_at(0, content.length() / 2));
                seen.seen.status = token_status::PARTIAL;
                seen.seen.uploaded = Some(half.length());
                seen.content = Some(half);
            }
            Moment::Closed | Moment::Forgotten => {}
        }
    }
}
