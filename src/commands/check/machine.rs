//! What is tried on this machine: the lists, the state folder, the ledger, the clock.

use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};

use super::CheckFinding;
use crate::config::Settings;
use crate::ledger::{Identity, Ledger};
use crate::model::format_count;
use crate::owners::people::{AddressFile, ListFault, find_address_file, find_foreign_owner, read_aliases};

/// With less, the ledger of a busy year has no room to grow.
const ENOUGH_MIB: u64 = 100;
/// A clock that is further off makes signatures and waiting times wrong.
const CLOCK: TimeDelta = TimeDelta::minutes(2);

/// Everything that needs nobody else.
#[must_use]
pub fn check_machine(settings: &Settings, identity: &Identity) -> Vec<CheckFinding> {
    let mut findings = vec![check_state_folder(&settings.state_dir), check_ledger(&settings.state_dir, identity)];
    findings.extend(check_go_live(settings.sync.go_live, Utc::now()));
    findings.extend(check_installation(settings));
    findings.extend(settings.owner.rules.lacks_domains().map(|why| CheckFinding::bad("owner.domains", why)));
    for (key, read) in check_lists(settings) {
        match read {
            Ok(said) => findings.push(CheckFinding::good(key, said)),
            Err(fault) => {
                let said = fault.each().into_iter().map(|fault| fault.to_string());
                let said = said.map(|said| said.strip_prefix(&format!("{key}: ")).unwrap_or(&said).to_owned());
                findings.extend(said.map(|said| CheckFinding::bad(key, said)));
            }
        }
    }
    findings
}

/// Where nothing is to be copied yet.
fn check_go_live(go_live: DateTime<Utc>, now: DateTime<Utc>) -> Option<CheckFinding> {
    (go_live > now)
        .then(|| CheckFinding::good("sync.go_live", format!("copying begins at {go_live}; nothing is copied before")))
}

/// Without the machine's id, as in a container, an installation is known by its ledger alone.
fn check_installation(settings: &Settings) -> Option<CheckFinding> {
    let file = settings.machine_id_file.as_deref();
    let is_known = file.is_some_and(|file| fs::read_to_string(file).is_ok_and(|id| !id.trim().is_empty()));
    let file = file.map_or_else(|| "machine_id_file".to_owned(), |file| file.display().to_string());
    (settings.installation.is_none() && !is_known).then(|| {
        let said = format!(
            "this machine has no id ({file} is missing or empty), so with a lost ledger it would count as another installation: set installation to 8 hexadecimal digits, and never change them"
        );
        CheckFinding::warning("installation", said)
    })
}

/// Every file of lines that the configuration names, by its key: how much it holds, or what is wrong with it.
#[must_use]
pub fn check_lists(settings: &Settings) -> Vec<(&'static str, Result<String, ListFault>)> {
    let mut lists = Vec::new();
    if let Some(file) = &settings.owner.aliases {
        lists.push(("owner.aliases", read_aliases(file).map(|aliases| format_count(aliases.len(), "alias"))));
    }
    for (key, named) in
        [("filter.opt_out", &settings.filter.lists.opt_out), ("filter.opt_in", &settings.filter.lists.opt_in)]
    {
        if let Some(file) = &named.file {
            // the same file for both is at fault once
            let is_told = |(_, read): &(_, Result<String, ListFault>)| read.is_err();
            if key == "filter.opt_in" && settings.filter.lists.opt_out.file == named.file && lists.iter().any(is_told) {
                continue;
            }
            lists.push((key, find_address_file(key, file).and_then(said_of).map(|said| with_doubt(said, file))));
        }
    }
    lists
}

fn with_doubt(said: String, file: &Path) -> String {
    match find_foreign_owner(file) {
        Some(why) => format!("{said}; the file {why}: others could opt people in or out"),
        None => said,
    }
}

fn said_of(known: AddressFile) -> Result<String, ListFault> {
    known.fault.map_or_else(|| Ok(format_count(known.names.len(), "address")), Err)
}

fn check_state_folder(folder: &Path) -> CheckFinding {
    let what = format!("state_dir {}", folder.display());
    // a run makes the folder itself, not those above it
    let place = if folder.is_dir() { folder } else { folder.parent().unwrap_or(folder) };
    let free = match rustix::fs::statvfs(place) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize) / (1 << 20),
        Err(error) => {
            return CheckFinding::bad(
                what,
                format!("cannot be used: {error}; create the folder above it, or correct state_dir"),
            );
        }
    };
    if rustix::fs::access(place, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_err() {
        return CheckFinding::bad(what, "this user may not write there; give it to the user who runs this program");
    }
    check_room(what, free)
}

fn check_room(what: String, free_mib: u64) -> CheckFinding {
    if free_mib < ENOUGH_MIB {
        return CheckFinding::bad(what, format!("only {free_mib} MiB are free; free at least {ENOUGH_MIB} MiB"));
    }
    CheckFinding::good(what, format!("can be written, {free_mib} MiB free"))
}

fn check_ledger(folder: &Path, identity: &Identity) -> CheckFinding {
    let what = "ledger";
    let ledger = match Ledger::read_only(folder, identity) {
        Ok(ledger) => ledger,
        Err(error) => return CheckFinding::bad(what, error.to_string()),
    };
    match (ledger.is_sound(), ledger.is_empty()) {
        (Ok(true), Ok(true)) => CheckFinding::good(what, "nothing is in it yet"),
        (Ok(true), Ok(false)) => CheckFinding::good(what, "sound, and of this account"),
        (Ok(false), _) => {
            CheckFinding::bad(what, "is damaged; restore a backup, or move it away: the next sync rebuilds it")
        }
        (Err(error), _) | (_, Err(error)) => CheckFinding::bad(what, error.to_string()),
    }
}

/// Whether this machine's clock agrees with that of a remote side.
#[must_use]
pub fn check_clock(side: &str, theirs: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<CheckFinding> {
    let what = format!("clock against {side}");
    let off = now - theirs?;
    Some(if off.abs() > CLOCK {
        CheckFinding::bad(
            what,
            format!("{} apart; synchronize this machine's clock by NTP", format_count(off.num_seconds(), "second")),
        )
    } else {
        CheckFinding::good(what, format!("{} apart", format_count(off.num_seconds(), "second")))
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{check_clock, check_room};
    use crate::copying::plan::samples::sample_now;

    #[test]
    fn a_nearly_full_disk_is_reported() {
        assert_eq!([99, 100].map(|free| check_room("state_dir".to_owned(), free).good), [false, true]);
    }

    #[test]
    fn a_clock_minutes_off_is_reported() {
        let good = |off| {
            check_clock("Zoom", Some(sample_now() - TimeDelta::seconds(off)), sample_now()).map(|finding| finding.good)
        };
        assert_eq!(
            [good(0), good(60), good(-60), good(121), good(-121)],
            [Some(true), Some(true), Some(true), Some(false), Some(false)]
        );
        assert_eq!(check_clock("Zoom", None, sample_now()), None);
    }
}
