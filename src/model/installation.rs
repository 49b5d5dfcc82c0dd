//! Which installation of this program is running: what tells its entries from those of another one.

use std::fmt;
use std::fmt::Write;
use std::hash::{BuildHasher, Hasher, RandomState};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::{EntryId, format_count};

/// The id of an installation: 8 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstallationId(String);

impl InstallationId {
    /// `None` for anything but 8 hexadecimal digits. Kaltura makes admin tags lower-case, so this does too.
    #[must_use]
    pub fn new(text: &str) -> Option<InstallationId> {
        let is_one = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then(|| InstallationId(text.to_ascii_lowercase()))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InstallationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a ledger remembers of the installation that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedInstallation {
    /// Its id.
    pub id: InstallationId,
    /// What tells its machine from others: a hash of the machine's id, or what the configuration gives; empty for neither.
    pub machine: String,
}

/// Where a program runs, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct InstallationPlace<'a> {
    /// The id of the machine, as it has it; empty where it has none.
    pub machine_id: &'a str,
    /// Where the ledger lies.
    pub state_dir: &'a str,
    /// The Zoom account.
    pub zoom_account: &'a str,
    /// The Kaltura partner.
    pub partner_id: i64,
    /// The id that the configuration gives.
    pub configured: Option<&'a InstallationId>,
}

/// What other installations of the same Zoom account made and this one takes for its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TakeOver {
    /// Nothing.
    #[default]
    Nothing,
    /// All of it.
    Everything,
    /// What this one made.
    Of(InstallationId),
}

/// An installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// A hash of the Zoom account's id.
    pub account: String,
    /// Its id.
    pub id: InstallationId,
    /// What tells its machine from others: a hash of the machine's id, or what the configuration gives; empty for neither.
    pub machine: String,
    /// Whether the ledger was made on another machine, or for another `installation`: whether the first one is still at
    /// work is not known then.
    pub moved: bool,
    /// What it takes over from others.
    pub take_over: TakeOver,
}

/// Another installation of the same Zoom account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherInstallation {
    /// Its id.
    pub id: InstallationId,
    /// The entry that it made or changed last, as far as is known.
    pub entry: EntryId,
    /// When, by Kaltura's clock.
    pub last: DateTime<Utc>,
    /// How many of its entries have no content yet.
    pub open: u64,
}

/// So long an installation with uploads under way is not silent.
const SILENT: TimeDelta = TimeDelta::days(2);

const DIGITS: usize = 8;

impl Installation {
    /// The one that runs here. What the ledger keeps wins over the place.
    #[must_use]
    pub fn at(place: InstallationPlace<'_>, kept: Option<&RecordedInstallation>) -> Installation {
        let machine_id = place.machine_id.trim();
        let machine = match place.configured {
            Some(configured) => configured.to_string(),
            None if machine_id.is_empty() => String::new(),
            None => hash_parts(&["machine", machine_id]),
        };
        let is_meant = |kept: &RecordedInstallation| place.configured == Some(&kept.id);
        let moved = kept.is_some_and(|kept| kept.machine != machine && !is_meant(kept));
        let made = || match place.configured {
            Some(configured) => configured.clone(),
            None if machine_id.is_empty() => InstallationId(random_id()),
            None => {
                let partner = place.partner_id.to_string();
                InstallationId(hash_parts(&[machine_id, place.state_dir, place.zoom_account, &partner]))
            }
        };
        let id = kept.map_or_else(made, |kept| kept.id.clone());
        let account = hash_parts(&["account", place.zoom_account]);
        Installation { account, id, machine, moved, take_over: TakeOver::Nothing }
    }

    /// Whether it takes over what `other` made.
    #[must_use]
    pub fn takes(&self, other: &InstallationId) -> bool {
        match &self.take_over {
            TakeOver::Nothing => false,
            TakeOver::Everything => true,
            TakeOver::Of(taken) => taken == other,
        }
    }
}

impl OtherInstallation {
    /// Whether it seems to have stopped in the middle of its work.
    #[must_use]
    pub fn is_silent(&self, now: DateTime<Utc>) -> bool {
        self.open > 0 && now - self.last > SILENT
    }
}

impl fmt::Display for OtherInstallation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OtherInstallation { id, entry, last, open } = self;
        let (last, open) = (last.to_rfc3339_opts(SecondsFormat::Secs, true), format_count(*open, "open upload"));
        write!(
            f,
            "{id} copies the same Zoom account into this Kaltura account (another_installation): it last changed entry {entry} at {last}, and has {open}"
        )
    }
}

/// The first digits of a hash of all of `parts`.
fn hash_parts(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\0"));
    digest.iter().take(DIGITS / 2).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn random_id() -> String {
    hash_parts(&[&RandomState::new().build_hasher().finish().to_string()])
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::{
        EntryId, Installation, InstallationId, InstallationPlace, OtherInstallation, RecordedInstallation, TakeOver,
    };

    const PLACE: InstallationPlace<'_> =
        InstallationPlace { machine_id: "m1\n", state_dir: "/s", zoom_account: "z", partner_id: 102, configured: None };

    fn id(text: &str) -> InstallationId {
        InstallationId::new(text).expect("an id")
    }

    #[test]
    fn ids_are_eight_lower_hexadecimal_digits() {
        assert_eq!(InstallationId::new("00AB12cd"), Some(id("00ab12cd")));
        for text in ["", "0123456", "012345678", "0123456g", "0123456 "] {
            assert_eq!(InstallationId::new(text), None, "{text:?}");
        }
    }

    #[test]
    fn each_place_has_its_own_id() {
        let here = Installation::at(PLACE, None);
        assert_eq!(Installation::at(InstallationPlace { machine_id: " m1 ", ..PLACE }, None), here);
        let others = [
            InstallationPlace { machine_id: "m2", ..PLACE },
            InstallationPlace { state_dir: "/t", ..PLACE },
            InstallationPlace { zoom_account: "y", ..PLACE },
            InstallationPlace { partner_id: 103, ..PLACE },
            InstallationPlace { machine_id: "", ..PLACE },
        ];
        for place in others {
            assert_ne!(Installation::at(place, None).id, here.id, "{place:?}");
        }
        assert_ne!(Installation::at(InstallationPlace { zoom_account: "y", ..PLACE }, None).account, here.account);
        let containers = [(); 2].map(|()| Installation::at(InstallationPlace { machine_id: "", ..PLACE }, None).id);
        assert_ne!(containers[0], containers[1]);
    }

    #[test]
    fn only_requested_installations_are_taken_over() {
        let here = |take_over| Installation { take_over, ..Installation::at(PLACE, None) };
        let taken =
            |take_over: TakeOver| ["0000aaaa", "0000bbbb"].map(|other| here(take_over.clone()).takes(&id(other)));
        let taken = [TakeOver::Nothing, TakeOver::Everything, TakeOver::Of(id("0000aaaa"))].map(taken);
        assert_eq!(taken, [[false, false], [true, true], [true, false]]);
    }

    #[test]
    fn installations_that_stopped_midway_are_silent() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let is_silent = |open, hours| {
            let last = now - TimeDelta::hours(hours);
            OtherInstallation { id: id("0000aaaa"), entry: EntryId::new("0_a"), last, open }.is_silent(now)
        };
        let cases = [(0, 100), (1, 47), (1, 49)].map(|(open, hours)| is_silent(open, hours));
        assert_eq!(cases, [false, false, true]);
    }

    /// It says whether it was moved.
    #[test]
    fn the_ledger_beats_the_place() {
        let (ours, other) = (id("0000aaaa"), id("0000bbbb"));
        let here = Installation::at(PLACE, None).machine;
        let cases: [(&str, Option<&InstallationId>, &str, bool); 8] = [
            ("m1", None, &here, false),
            ("m2", None, &here, true),
            ("", None, &here, true),
            ("m1", None, "", true),
            ("", None, "", false),
            // a pair for failover
            ("m2", Some(&ours), &here, false),
            ("m1", Some(&other), &here, true),
            // the same after it was confirmed
            ("m1", Some(&other), other.as_str(), false),
        ];
        for (machine_id, configured, machine, moved) in cases {
            let kept = RecordedInstallation { id: ours.clone(), machine: machine.to_owned() };
            let found = Installation::at(InstallationPlace { machine_id, configured, ..PLACE }, Some(&kept));
            assert_eq!((found.id, found.moved), (ours.clone(), moved), "{machine_id:?} {configured:?} {machine:?}");
        }
        assert_eq!(Installation::at(InstallationPlace { configured: Some(&other), ..PLACE }, None).id, other);
    }
}
