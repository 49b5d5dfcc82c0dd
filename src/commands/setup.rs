//! From settings to what a run works with.
//!
//! Which installation of this program runs here.

use std::fs;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::config::Settings;
use crate::copying::caption_languages::CaptionLanguages;
use crate::copying::categories::{Categories, read_category_rules};
use crate::copying::plan::{Pace, Policy};
use crate::copying::systems::Systems;
use crate::copying::transfer::{Bandwidth, Slots, Tuning};
use crate::ledger::{Identity, Ledger, LedgerError, LockKind};
use crate::model::{Installation, InstallationPlace, TakeOver};
use crate::output::entry_terms::EntryTerms;
use crate::owners::people::{Consent, ListFault};
use crate::remotes::http::{Clients, Proxies, RemoteError, Retry, SetupFault, Timeouts};
use crate::remotes::kaltura::{Kaltura, KalturaAccess};
use crate::remotes::zoom::Zoom;

/// The two remote sides, not yet spoken to.
pub(super) struct Services {
    pub(super) zoom: Zoom,
    pub(super) kaltura: Kaltura,
    /// What they speak with.
    pub(super) clients: Clients,
    /// Who speaks.
    pub(super) installation: Installation,
}

/// A run: which command it is, and what it works with.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) command: &'static str,
    /// What it holds where it is carried out.
    pub(super) lock: LockKind,
    /// What it is called.
    pub(super) id: &'a str,
    pub(super) began: DateTime<Utc>,
    pub(super) settings: &'a Settings,
    pub(super) services: &'a Services,
}

impl<'a> Run<'a> {
    /// What it works with, the ledger open.
    pub(super) fn systems(self, ledger: &'a Ledger) -> Systems<'a> {
        self.services.systems(self.settings, ledger)
    }
}

impl Services {
    pub(super) fn new(settings: &Settings) -> Result<Services, SetupFault> {
        Services::taking_over(settings, TakeOver::Nothing)
    }

    /// The same for a run that takes something over. By that a person says that the ledger belongs here.
    pub(super) fn taking_over(settings: &Settings, take_over: TakeOver) -> Result<Services, SetupFault> {
        let http = &settings.http;
        let here = this_installation(settings);
        let installation = Installation { moved: here.moved && take_over == TakeOver::Nothing, take_over, ..here };
        let proxies = Proxies::from_env()?;
        proxies.check([&settings.zoom.api_url, &settings.zoom.oauth_url, &settings.kaltura.url])?;
        let timeouts = Timeouts { connect: http.connect_timeout, stall: http.stall_after, call: http.call_timeout };
        let clients = Clients::new(timeouts, &proxies)?;
        let retry = retry_settings(settings);
        let kaltura = KalturaAccess {
            url: settings.kaltura.url.clone(),
            partner_id: settings.kaltura.partner_id,
            service_user: settings.kaltura.service_user.clone(),
            credentials: settings.kaltura.credentials.clone(),
            installation: installation.clone(),
        };
        let (zoom, kaltura) =
            (Zoom::new(settings.zoom.clone(), clients.clone(), retry), Kaltura::new(kaltura, clients.clone(), retry));
        Ok(Services { zoom, kaltura, clients, installation })
    }

    /// What gathers and applies work with, by these settings and this ledger.
    pub(super) fn systems<'a>(&'a self, settings: &'a Settings, ledger: &'a Ledger) -> Systems<'a> {
        let (owner, lists) = (&settings.owner, &settings.filter.lists);
        Systems { zoom: &self.zoom, kaltura: &self.kaltura, ledger, owner, lists }
    }

    /// For somebody who only looks: no user becomes visible in Kaltura by it.
    pub(super) fn only_look(&mut self) {
        self.kaltura = self.kaltura.leaving_no_user();
    }
}

/// Says, once a run has spoken with the remote sides, that this machine's clock is wrong.
pub(super) fn tell_clock(services: &Services) {
    if let Some(off) = services.clients.clocks.off(Utc::now()) {
        tracing::warn!("{off}");
    }
}

/// What a run is called in logs, reports and the ledger.
pub(super) fn run_id(now: DateTime<Utc>) -> String {
    format!("{}-{}", now.format("%Y%m%dT%H%M%S%3fZ"), std::process::id())
}

fn retry_settings(settings: &Settings) -> Retry {
    Retry { times: settings.http.retries, wait: settings.http.retry_wait }
}

pub(super) fn ledger_identity(settings: &Settings) -> Identity {
    Identity {
        zoom_account: settings.zoom.account_id.clone(),
        kaltura_url: settings.kaltura.url.as_str().trim_end_matches('/').to_owned(),
        partner_id: settings.kaltura.partner_id,
    }
}

pub(super) fn plan_policy(settings: &Settings) -> Policy {
    Policy {
        go_live: settings.sync.go_live,
        filter: settings.filter.rules.clone(),
        consent: Consent::default(),
        wanted: settings.copy.wanted.clone(),
        adopt: settings.purge.adopt,
        trash_after: settings.zoom_trash.after,
        zoom_retention: settings.sync.zoom_retention,
        at_risk: settings.sync.at_risk,
        pull_within: settings.sync.pull_within,
        follow_renames: settings.copy.follow_renames,
        recopy_deleted: false,
        max_attempts: settings.sync.max_attempts,
        moved: false,
    }
}

/// The same on a ledger that may come from another machine, which is perhaps running.
pub(super) fn cautious_policy(policy: Policy, installation: &Installation) -> Policy {
    let trash_after = policy.trash_after.filter(|_| !installation.moved);
    Policy { trash_after, moved: installation.moved, ..policy }
}

pub(super) fn sync_pace(settings: &Settings) -> Pace {
    Pace { go_live: settings.sync.go_live, lookback: settings.sync.lookback, rescan: settings.sync.rescan }
}

/// What says which recordings are copied, in a hash: the configuration, the lists of people, and this version. Where it
/// differs from that of the last listing, what was left out then is decided again.
pub(super) fn listing_rules(settings: &Settings) -> String {
    let lists = &settings.filter.lists;
    let files = [&lists.opt_out.file, &lists.opt_in.file, &settings.owner.aliases].into_iter().flatten();
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(&settings.choosing);
    for file in files {
        // one that cannot be read is reported where its people are looked for
        let content = fs::read(file).unwrap_or_default();
        hash.update(content.len().to_be_bytes());
        hash.update(content);
    }
    let digits: Vec<String> = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// The categories, by rules whose file is read now: what is wrong with it keeps a run from beginning.
pub(super) fn read_categories(settings: &Settings) -> Result<Categories, ListFault> {
    read_category_rules(settings.copy.categories.clone()).map(Categories::new)
}

/// The languages of captions, by a file that is read now: what is wrong with it keeps a run from beginning.
pub(super) fn read_caption_languages(settings: &Settings) -> Result<CaptionLanguages, ListFault> {
    CaptionLanguages::read(settings.copy.caption_languages_file.as_deref())
}

pub(super) fn transfer_tuning(settings: &Settings) -> Tuning {
    Tuning {
        way: settings.sync.transfer,
        pull_within: settings.sync.pull_within,
        chunk_bytes: settings.sync.chunk_bytes,
        slots: Slots::new(settings.sync.parallel),
        bandwidth: settings.sync.bandwidth.map(|rate| Arc::new(Bandwidth::new(rate))),
        retry: retry_settings(settings),
        stall: settings.http.stall_after,
        settle: settings.http.settle,
        claim_settle: settings.http.claim_settle,
        recopies: false,
        wording: settings.copy.wording.clone(),
        caption_languages: CaptionLanguages::default(),
        auto_captions: settings.copy.auto_captions,
        conversion_profile_id: settings.kaltura.conversion_profile_id,
    }
}

/// What people can see and expect of an entry.
pub(super) fn entry_terms(settings: &Settings) -> EntryTerms<'_> {
    let link = Some(&*settings.kaltura.entry_link).filter(|link| !link.is_empty());
    let (purge, zone) = (&settings.purge, settings.copy.wording.time_zone);
    EntryTerms { link, older_than: purge.older_than, adopt: purge.adopt, zone }
}

/// What is said where a ledger comes from another machine.
pub(super) const MOVED: &str = "the ledger was made on another machine, or for another installation: copying continues, but purge, removing unfinished copies and Zoom's trash wait; if the other installation no longer runs, run sync --take-over once";

/// So long what is known of other installations is new enough.
const OTHERS_LIFE: TimeDelta = TimeDelta::hours(12);

/// The installation that runs here. A ledger that cannot be read is reported when it is opened.
pub(super) fn this_installation(settings: &Settings) -> Installation {
    let machine_id = settings.machine_id_file.as_ref().and_then(|file| fs::read_to_string(file).ok());
    let place = InstallationPlace {
        machine_id: machine_id.as_deref().unwrap_or_default(),
        state_dir: &settings.state_dir.to_string_lossy(),
        zoom_account: &settings.zoom.account_id,
        partner_id: settings.kaltura.partner_id,
        configured: settings.installation.as_ref(),
    };
    let kept = Ledger::kept_installation(&settings.state_dir).ok().flatten();
    Installation::at(place, kept.as_ref())
}

/// Signs what other installations left in place of them: from now on it is this one's. What could not be signed is reported,
/// and stays theirs.
pub(super) async fn take_over_entries(kaltura: &Kaltura) -> Result<Vec<RemoteError>, RemoteError> {
    let left = kaltura.left_by_others().await?;
    let not_taken: Vec<RemoteError> = kaltura.sign_entries(&left).await?.into_iter().filter_map(Result::err).collect();
    tracing::info!(entries = left.len() - not_taken.len(), "took over entries from other installations");
    Ok(not_taken.into_iter().map(RemoteError::about_one).collect())
}

/// Asks now and then for other installations of the same account, for `status`. Where Kaltura does not tell, what is known
/// stays.
pub(super) async fn note_others(kaltura: &Kaltura, ledger: &Ledger, now: DateTime<Utc>) -> Result<(), LedgerError> {
    let (_, asked) = ledger.others()?;
    // a run that has nothing to ask Kaltura asks nothing
    if kaltura.now().is_none() || asked.is_some_and(|asked| asked <= now && now - asked < OTHERS_LIFE) {
        return Ok(());
    }
    match kaltura.list_others().await {
        Ok(others) => ledger.remember_others(&others, now),
        Err(error) => {
            tracing::info!(%error, "other installations cannot be looked up just now");
            Ok(())
        }
    }
}
