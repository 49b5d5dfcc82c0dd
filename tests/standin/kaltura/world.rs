//! Everything the server knows, and its settings.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::super::clock::{Clock, ahead};
use super::super::fault::Faults;
use super::super::request_log::RequestLog;
use super::app_tokens::AppToken;
use super::assets::FlavorAsset;
use super::categories::Categories;
use super::cue_points::CuePoint;
use super::entry::Entry;
use super::error::ApiError;
use super::groups::Membership;
use super::held::Held;
use super::imports::{Import, Importers};
use super::moods::{Conversion, Distortion, FieldToDrop, Index, Lists, NameCut, Throttle};
use super::roles::UserRole;
use super::session::Session;
use super::store::sha256;
use super::text_assets::TextAsset;
use super::tokens::{DeletedToken, UploadToken};
use super::users::Users;

/// What the builder sets.
#[derive(Clone)]
pub struct Settings {
    pub partner: u32,
    pub secret: String,
    pub service: String,
    pub ready_after: Duration,
    pub final_wait: Duration,
    pub link_delay: Duration,
    pub import_after: Duration,
    pub import_again_after: Duration,
    pub conversion: Conversion,
    pub recycle_bin: bool,
    pub strict: bool,
    pub kept: u64,
}

/// The server's memory. Ids are handed out in an order that is the same in every run.
pub struct World {
    pub settings: Settings,
    pub sessions: HashMap<String, Session>,
    pub app_tokens: BTreeMap<String, AppToken>,
    pub users: Users,
    pub memberships: Vec<Membership>,
    /// A group, who leaves it and who joins it while it is read.
    pub swaps: Vec<[String; 3]>,
    pub tokens: BTreeMap<String, UploadToken>,
    pub deleted_tokens: BTreeMap<String, DeletedToken>,
    pub entries: BTreeMap<String, Entry>,
    pub assets: BTreeMap<String, FlavorAsset>,
    pub text_assets: BTreeMap<String, TextAsset>,
    pub cue_points: Vec<CuePoint>,
    pub categories: Categories,
    pub index: Index,
    pub throttle: Throttle,
    pub lists: Lists,
    pub distortions: Vec<Distortion>,
    /// Fields that are dropped whatever the role is.
    pub dropped: Vec<FieldToDrop>,
    /// What becomes of names in updates.
    pub name_cut: Option<NameCut>,
    pub roles: Vec<UserRole>,
    /// What is to be fetched and no worker has taken up.
    pub imports: Vec<Import>,
    pub importers: Importers,
    /// The next upload breaks off after so many bytes.
    pub cut_upload_after: Option<u64>,
    pub refusals: Vec<String>,
    pub last_login: Option<Instant>,
    /// Requests that are carried out later.
    pub held: Vec<Held>,
    /// Whether they are due whatever comes in.
    pub let_through: bool,
    issued: u64,
}

impl World {
    pub fn new(settings: Settings) -> World {
        World {
            settings,
            sessions: HashMap::new(),
            app_tokens: BTreeMap::new(),
            users: Users::default(),
            memberships: Vec::new(),
            swaps: Vec::new(),
            tokens: BTreeMap::new(),
            deleted_tokens: BTreeMap::new(),
            entries: BTreeMap::new(),
            assets: BTreeMap::new(),
            text_assets: BTreeMap::new(),
            cue_points: Vec::new(),
            categories: Categories::default(),
            index: Index::default(),
            throttle: Throttle::default(),
            lists: Lists::default(),
            distortions: Vec::new(),
            dropped: Vec::new(),
            name_cut: None,
            roles: Vec::new(),
            imports: Vec::new(),
            importers: Importers::default(),
            cut_upload_after: None,
            refusals: Vec::new(),
            last_login: None,
            held: Vec::new(),
            let_through: false,
            issued: 0,
        }
    }

    /// A number that was not there before.
    pub fn next(&mut self) -> u64 {
        self.issued += 1;
        self.issued
    }

    /// 64 hexadecimal digits that were not there before.
    pub fn fresh(&mut self) -> String {
        let number = self.next();
        sha256(&format!("{}/{number}", self.settings.partner))
    }

    /// An id as entries, assets and application tokens have it.
    pub fn short_id(&mut self) -> String {
        const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let fresh = self.fresh();
        let letters = fresh.as_bytes().chunks_exact(2).take(8).map(|digits| {
            let at = digits.iter().fold(0, |sum, digit| sum * 7 + usize::from(*digit));
            char::from(LETTERS[at % LETTERS.len()])
        });
        format!("0_{}", letters.collect::<String>())
    }

    /// An id as upload tokens have it.
    pub fn long_id(&mut self) -> String {
        format!("0_{}", &self.fresh()[..32])
    }

    /// Remembers that a request was turned down which the real server would have let pass.
    pub fn refuse(&mut self, why: &str) -> ApiError {
        self.refusals.push(why.to_owned());
        ApiError::refuses(why)
    }

    /// A hash of all that a call can change; sessions and the passing of time are left out.
    pub fn fingerprint(&self) -> String {
        let users = self.users.all().iter().map(|user| user.wire(0).to_string());
        let tokens = self.tokens.values().map(|token| token.wire(0, Duration::ZERO).to_string());
        let entries = self.entries.values().map(|entry| format!("{entry:?}"));
        let assets = self.assets.values().map(FlavorAsset::line);
        let texts = self.text_assets.values().map(|asset| format!("{asset:?}"));
        let points = self.cue_points.iter().map(|point| format!("{point:?}"));
        let app_tokens = self.app_tokens.values().map(|token| token.wire(0).to_string());
        let categories = self.categories.lines();
        let lines = users.chain(tokens).chain(entries).chain(assets).chain(texts).chain(points).chain(app_tokens);
        sha256(&lines.chain(categories).collect::<Vec<_>>().join("\n"))
    }
}

/// The world as the server's thread and the test share it.
#[derive(Clone)]
pub struct Shared {
    world: Arc<Mutex<World>>,
    pub log: RequestLog,
    pub faults: Faults,
    pub clock: Clock,
}

impl Shared {
    pub fn new(world: World) -> Shared {
        let world = Arc::new(Mutex::new(world));
        Shared { world, log: RequestLog::default(), faults: Faults::default(), clock: Clock::default() }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seconds since 1970, by the clock of this server.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock that is set");
    i64::try_from(since.as_secs()).expect("a year that fits") + ahead()
}
