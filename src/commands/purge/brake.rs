//! What holds a purge back as a whole: nothing is deleted on doubtful ground. Pure.

use std::fmt;

use super::{PurgeFacts, Witnesses};
use crate::copying::plan::Item;
use crate::ledger::OrphanShare;
use crate::model::{Action, KalturaUserId, Reason, format_count};

/// So many accounts must be asked for before it means anything that Kaltura knows none of them.
const ENOUGH_WITNESSES: usize = 3;
/// So many copies of the last days speak for themselves; of fewer, all that the ledger knows is judged.
const ENOUGH_COPIES: u64 = 20;

/// What is too much.
#[derive(Clone, Copy, Debug)]
pub struct PurgeLimits {
    /// Deletions at once.
    pub max_deletes: usize,
    /// Percent of the recent copies that may have no owner.
    pub max_orphan_percent: u8,
}

/// Why nothing is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PurgeBrake {
    /// A holding user is missing: what Kaltura says of their entries means nothing.
    NoHoldingUser(KalturaUserId),
    /// Two answers of Kaltura contradict one another.
    Contradiction {
        /// The first of them, in words.
        first: String,
        /// How many there are.
        all: usize,
    },
    /// Kaltura knows none of the accounts to which copies went lately.
    NoWitness(Witnesses),
    /// Hardly any host has an account, it seems.
    TooManyOrphans(OrphanShare, u8),
    /// The same of all that the ledger knows, where the last days had few copies.
    TooManyOrphansEver(OrphanShare, u8),
    /// More is due than may be deleted at once.
    TooMany {
        /// So many copies are due.
        due: usize,
        /// So many may be deleted.
        allowed: usize,
    },
}

impl fmt::Display for PurgeBrake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PurgeBrake::NoHoldingUser(user) => write!(
                f,
                "the holding user {:?} does not exist in Kaltura, or is blocked, or is a group: nothing was deleted; create or unblock the user, or correct owner.holding_user",
                user.as_str()
            ),
            PurgeBrake::Contradiction { first, all } => write!(
                f,
                "Kaltura contradicts itself ({first}; {all} in all): nothing was deleted; its search index probably lags, so try again later; if it still does, ask the people who run Kaltura"
            ),
            PurgeBrake::NoWitness(Witnesses { asked, .. }) => write!(
                f,
                "Kaltura knows none of the {} that received copies lately, so no host's account would be found: nothing was deleted; check kaltura.partner_id and the rights of the service user",
                format_count(*asked, "account")
            ),
            PurgeBrake::TooManyOrphans(OrphanShare { orphans, copies }, percent) => write!(
                f,
                "{orphans} of the {} of the last 7 days {} no owner, more than {percent} %: nothing was deleted; check owner.candidates, or raise purge.max_orphan_percent if that is right",
                format_count(*copies, "copy"),
                if *orphans == 1 { "has" } else { "have" }
            ),
            PurgeBrake::TooManyOrphansEver(OrphanShare { orphans, copies }, percent) => write!(
                f,
                "{orphans} of all {} in the ledger {} no owner, more than {percent} %: nothing was deleted; check owner.candidates, or raise purge.max_orphan_percent if that is right",
                format_count(*copies, "copy"),
                if *orphans == 1 { "has" } else { "have" }
            ),
            PurgeBrake::TooMany { due: many, allowed } => write!(
                f,
                "{due} due for deletion, more than the {allowed} allowed at once: nothing was deleted; look at them with purge --dry-run, then allow as many with --max-deletes {many}",
                due = format_count(*many, "orphaned copy")
            ),
        }
    }
}

/// What holds the whole plan back. Where nothing is to be deleted, nothing does.
#[must_use]
pub fn find_brake(items: &[Item], evidence: &PurgeFacts, limits: PurgeLimits) -> Option<PurgeBrake> {
    let due: Vec<&Item> = items.iter().filter(|item| is_deletion(item)).collect();
    if due.is_empty() {
        return None;
    }
    let (witnesses, share) = (evidence.witnesses, evidence.share);
    if let Some(user) = evidence.missing.first() {
        return Some(PurgeBrake::NoHoldingUser(user.clone()));
    }
    if let Some(first) = evidence.contradictions.first() {
        return Some(PurgeBrake::Contradiction { first: first.clone(), all: evidence.contradictions.len() });
    }
    if witnesses.asked >= ENOUGH_WITNESSES && witnesses.known == 0 {
        return Some(PurgeBrake::NoWitness(witnesses));
    }
    let percent = limits.max_orphan_percent;
    if share.copies >= ENOUGH_COPIES {
        if share.orphans * 100 > share.copies * u64::from(percent) {
            return Some(PurgeBrake::TooManyOrphans(share, percent));
        }
    } else if is_implausible(evidence.ever, percent) {
        return Some(PurgeBrake::TooManyOrphansEver(evidence.ever, percent));
    }
    let (due, allowed) = (due.len(), limits.max_deletes);
    (due > allowed).then_some(PurgeBrake::TooMany { due, allowed })
}

/// The share of a few copies jumps with each: one orphan more than allowed says nothing yet.
fn is_implausible(ever: OrphanShare, percent: u8) -> bool {
    ever.orphans.saturating_sub(1) * 100 > ever.copies * u64::from(percent)
}

/// What is gone already is no longer a deletion.
fn is_deletion(item: &Item) -> bool {
    item.action == Action::Delete && item.reason != Some(Reason::AlreadyGone)
}
