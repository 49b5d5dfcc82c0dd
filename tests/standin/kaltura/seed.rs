//! What a test puts into the stand-in, and what it does there behind the program's back.

use std::time::{Duration, Instant};

use super::Kaltura;
use super::app_tokens::AppToken;
use super::assets::FlavorAsset;
use super::entry::{Entry, MEDIA, Progress, status};
use super::roles::SERVICE_USER;
use super::store::Stored;
use super::text;
use super::text_assets::Sort;
use super::world::{World, now};

/// An entry as another tool, or an earlier run, left it.
#[derive(Clone, Debug)]
pub struct Seed {
    pub name: String,
    pub description: String,
    pub user_id: String,
    pub reference_id: String,
    pub tags: String,
    pub admin_tags: String,
    pub parent_entry_id: String,
    pub status: i32,
    pub media_type: i32,
    /// 1 media, 6 data, 10 a document.
    pub entry_type: i32,
    /// How long ago it was made.
    pub age: Duration,
    /// The size of its source, which is all zeros; 0 for none.
    pub bytes: u64,
    pub ms_duration: u64,
    pub plays: u64,
    /// How long ago it was played last, where Kaltura knows.
    pub played: Option<Duration>,
}

impl Default for Seed {
    /// A READY video of an hour and a mebibyte, made just now.
    fn default() -> Seed {
        Seed {
            name: "Lecture".to_owned(),
            description: String::new(),
            user_id: String::new(),
            reference_id: String::new(),
            tags: String::new(),
            admin_tags: String::new(),
            parent_entry_id: String::new(),
            status: status::READY,
            media_type: 1,
            entry_type: MEDIA,
            age: Duration::ZERO,
            bytes: 1 << 20,
            ms_duration: 3_600_000,
            plays: 0,
            played: None,
        }
    }
}

impl Kaltura {
    /// Makes a user.
    pub fn add_user(&self, id: &str, email: &str) {
        self.shared.world().users.seed(id, email);
    }

    /// Makes a group, which is a user of another type.
    pub fn add_group(&self, id: &str, email: &str) {
        self.shared.world().users.seed_group(id, email);
    }

    /// Gives a user another type (`KalturaUserType`).
    pub fn set_user_kind(&self, id: &str, kind: i32) {
        self.shared.world().users.set_kind(id, kind);
    }

    /// Blocks a user, who stays where he is.
    pub fn block_user(&self, id: &str) {
        self.shared.world().users.block(id);
    }

    /// Deletes a user; his entries keep his id.
    pub fn delete_user(&self, id: &str) {
        self.shared.world().users.delete(id);
    }

    /// Every session that was given out and has not ended.
    pub fn sessions(&self) -> Vec<String> {
        self.shared.world().sessions.keys().cloned().collect()
    }

    /// Makes an application token for admin sessions of the service user, with this kind of hash; returns id and token.
    pub fn add_app_token(&self, hash_type: &str) -> (String, String) {
        let mut world = self.shared.world();
        let token = AppToken {
            id: world.short_id(),
            token: world.fresh()[..32].to_owned(),
            hash_type: hash_type.to_owned(),
            session_type: 2,
            session_user_id: SERVICE_USER.to_owned(),
            session_privileges: "disableentitlement".to_owned(),
            session_duration: 86_400,
            created_at: now(),
        };
        let made = (token.id.clone(), token.token.clone());
        world.app_tokens.insert(token.id.clone(), token);
        made
    }

    /// Lets every application token open USER sessions from now on.
    pub fn open_user_sessions(&self) {
        for token in self.shared.world().app_tokens.values_mut() {
            token.session_type = 0;
        }
    }

    /// Makes a category with the parents that its full name (`A>B`) asks for.
    pub fn add_category(&self, full_name: &str) -> u64 {
        self.shared.world().categories.seed(full_name)
    }

    /// Makes an entry and returns its id.
    pub fn add_entry(&self, seed: &Seed) -> String {
        self.shared.world().plant(seed)
    }

    /// Deletes an entry and its children, as somebody in Kaltura's own pages would.
    pub fn delete_entry(&self, id: &str) {
        self.shared.world().bury(id);
    }

    /// Puts an entry into the recycle bin, as somebody in Kaltura's own pages would.
    pub fn recycle_entry(&self, id: &str) {
        self.shared.world().entries.get_mut(id).expect("an entry to recycle").recycled = true;
    }

    /// Takes an entry out of the recycle bin.
    pub fn restore_entry(&self, id: &str) {
        self.shared.world().entries.get_mut(id).expect("an entry to restore").recycled = false;
    }

    /// Lets an entry never have existed, as after a backup was restored there.
    pub fn forget_entry(&self, id: &str) {
        self.shared.world().entries.remove(id).expect("an entry to forget");
    }

    /// Gives an entry to somebody, who is made if need be; to nobody if `user_id` is empty.
    pub fn set_owner(&self, entry_id: &str, user_id: &str) {
        let mut world = self.shared.world();
        let owner = world.owner(user_id);
        let user_id = world.user_id(owner);
        let entry = world.entries.get_mut(entry_id).expect("an entry to give away");
        (entry.owner, entry.user_id) = (owner, user_id);
    }

    /// Sets who may see, edit and publish an entry, as its owner would.
    pub fn entitle(&self, entry_id: &str, lists: [&str; 3]) {
        let mut world = self.shared.world();
        world.entries.get_mut(entry_id).expect("an entry to share").entitled = lists.map(str::to_owned);
    }

    /// Publishes an entry, as somebody in Kaltura's own pages would.
    pub fn publish(&self, entry_id: &str, category: u64) {
        let mut world = self.shared.world();
        world.entries.get_mut(entry_id).expect("an entry to publish").categories.push(category);
    }

    /// Takes an entry out of every category.
    pub fn unpublish(&self, entry_id: &str) {
        let mut world = self.shared.world();
        world.entries.get_mut(entry_id).expect("an entry to hide").categories.clear();
    }

    /// Gives an entry another name, as its owner would.
    pub fn rename_entry(&self, entry_id: &str, name: &str) {
        let mut world = self.shared.world();
        name.clone_into(&mut world.entries.get_mut(entry_id).expect("an entry to rename").name);
    }

    /// Plays an entry, as somebody in Kaltura's own pages would.
    pub fn play_entry(&self, entry_id: &str) {
        let mut world = self.shared.world();
        let entry = world.entries.get_mut(entry_id).expect("an entry to play");
        (entry.plays, entry.last_played_at) = (entry.plays + 1, Some(entry.updated_at));
    }

    /// Gives an entry another mark, as whoever made it may have spelt it.
    pub fn set_mark(&self, entry_id: &str, reference_id: &str) {
        let mut world = self.shared.world();
        reference_id.clone_into(&mut world.entries.get_mut(entry_id).expect("an entry to mark").reference_id);
    }

    /// Changes the admin tags of an entry.
    pub fn set_admin_tags(&self, entry_id: &str, tags: &str) {
        let tags = text::admin_tags(tags);
        self.shared.world().entries.get_mut(entry_id).expect("an entry to tag").admin_tags = tags;
    }

    /// Puts an entry into a status, where it stays.
    pub fn set_status(&self, entry_id: &str, status: i32) {
        let mut world = self.shared.world();
        let settings = world.settings.clone();
        let entry = world.entries.get_mut(entry_id).expect("an entry to change");
        *entry = Entry { status, progress: Progress::Still, ..entry.seen(&settings) };
    }

    /// Replaces an entry's source, as its owner does by trimming it.
    pub fn replace_source(&self, entry_id: &str, bytes: &[u8]) {
        let mut world = self.shared.world();
        let source = world.entries[entry_id].source.clone().expect("a source to replace");
        let mut content = Stored::empty();
        content.push(bytes);
        world.fill(&source, content, "mp4");
    }

    /// Deletes an entry's source, as a conversion profile does that keeps only what is played.
    pub fn let_source_go(&self, entry_id: &str) {
        let mut world = self.shared.world();
        let source = world.entries[entry_id].source.clone().expect("a source to delete");
        world.assets.get_mut(&source).expect("an asset to delete").deleted = true;
    }

    /// Lets an entry play for so long, whatever its source says.
    pub fn set_duration(&self, entry_id: &str, ms_duration: u64) {
        let mut world = self.shared.world();
        let settings = world.settings.clone();
        let entry = world.entries.get_mut(entry_id).expect("an entry to change");
        *entry = Entry { ms_duration, progress: Progress::Still, ..entry.seen(&settings) };
    }

    /// Deletes what hangs on an entry, captions or attachments, as its owner would.
    pub fn delete_texts(&self, entry_id: &str, sort: Sort) {
        let mut world = self.shared.world();
        world.text_assets.retain(|_, text| text.entry_id != entry_id || text.sort != sort);
    }

    /// Makes an entry older.
    pub fn age_entry(&self, entry_id: &str, by: Duration) {
        let mut world = self.shared.world();
        let entry = world.entries.get_mut(entry_id).expect("an entry to age");
        entry.created_at -= seconds(by);
        entry.updated_at -= seconds(by);
    }

    /// Lets a token pass the seven days in which it can be resumed.
    pub fn expire_token(&self, token_id: &str) {
        self.shared.world().tokens.get_mut(token_id).expect("a token to expire").expired = true;
    }

    /// Lets a token be older than it is.
    pub fn age_token(&self, token_id: &str, by: Duration) {
        let mut world = self.shared.world();
        let token = world.tokens.get_mut(token_id).expect("a token to age");
        token.created_at -= seconds(by);
        token.updated_at -= seconds(by);
    }

    /// Forgets a token; an entry that waits for it goes on waiting.
    pub fn forget_token(&self, token_id: &str) {
        self.shared.world().tokens.remove(token_id).expect("a token to forget");
    }

    /// Deletes a token that still takes bytes, as somebody else may; the entry that waits for it has no content then.
    pub fn delete_token(&self, token_id: &str) {
        self.shared.world().drop_token(token_id, true);
    }
}

impl World {
    fn plant(&mut self, seed: &Seed) -> String {
        let id = self.short_id();
        let source = (seed.bytes > 0).then(|| {
            let asset_id = self.short_id();
            let mut asset = FlavorAsset::waiting(asset_id.clone(), &id);
            asset.content = Some(Stored::sparse(seed.bytes).into());
            "mp4".clone_into(&mut asset.file_ext);
            self.assets.insert(asset_id.clone(), asset);
            asset_id
        });
        let owner = self.owner(&seed.user_id);
        let created_at = now() - seconds(seed.age);
        let entry = Entry {
            id: id.clone(),
            name: seed.name.clone(),
            description: seed.description.clone(),
            tags: text::tags(&seed.tags),
            admin_tags: text::admin_tags(&seed.admin_tags),
            user_id: self.user_id(owner),
            creator_id: self.user_id(owner),
            reference_id: seed.reference_id.clone(),
            hidden: !seed.parent_entry_id.is_empty(),
            parent_entry_id: seed.parent_entry_id.clone(),
            status: seed.status,
            media_type: seed.media_type,
            entry_type: seed.entry_type,
            created_at,
            updated_at: created_at,
            bytes: seed.bytes,
            ms_duration: seed.ms_duration,
            plays: seed.plays,
            last_played_at: seed.played.map(|played| now() - seconds(played)),
            serial: self.next(),
            owner,
            source,
            born: Instant::now().checked_sub(seed.age).unwrap_or_else(Instant::now),
            ..Entry::blank()
        };
        self.entries.insert(id.clone(), entry);
        id
    }
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).expect("an age that fits")
}
