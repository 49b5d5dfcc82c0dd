//! Whose a file is, and who else can change it: what it says is carried out by the user who runs this program, root among them.

use std::fs;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::machine::user_name;

/// What of a file decides whether it is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// The user id of its owner.
    pub owner: u32,
    /// Its permission bits.
    pub mode: u32,
    /// Whether it lies in a folder in which everybody can put a file in the place of another's.
    pub in_open_folder: bool,
}

/// What a file is to this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileUse {
    /// It decides what is run, in whose name, and who gets what: the rule of ssh and cron.
    Decisive,
    /// It names people: others may keep it, but not everybody.
    List,
}

/// Whether a file is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nobody else can change it.
    Sound,
    /// It is believed; what to think about.
    Doubtful(String),
    /// It is not; why, and what to do.
    Refused(String),
}

impl Ownership {
    /// That of `file`, of which this is known.
    #[must_use]
    pub fn of(file: &Path, metadata: &Metadata) -> Ownership {
        let folder = fs::canonicalize(file).ok().and_then(|file| fs::metadata(file.parent()?).ok());
        let is_open = |folder: Metadata| folder.mode() & 0o1002 == 0o002;
        let in_open_folder = folder.is_some_and(is_open);
        Ownership { owner: metadata.uid(), mode: metadata.mode() & 0o7777, in_open_folder }
    }
}

/// Whether somebody who runs as `user` can rely on a file.
#[must_use]
pub fn check_trust(found: Ownership, role: FileUse, user: u32) -> Trust {
    let Ownership { owner, mode, in_open_folder } = found;
    let is_ours = owner == 0 || owner == user;
    let stranger = || {
        format!("belongs to user id {owner}, neither to root nor to the user who runs this program (user id {user})")
    };
    match role {
        FileUse::Decisive if !is_ours && user == 0 => {
            let name = user_name(owner).unwrap_or_else(|| format!("user id {owner}"));
            let way =
                user_name(owner).map_or_else(String::new, |name| format!(" (runuser -u {name} -- zoom2kaltura …)"));
            Trust::Refused(format!(
                "belongs to {name}, and root does not use it: run this command as that user{way}, or give it to root with chown"
            ))
        }
        FileUse::Decisive if !is_ours => Trust::Refused(format!("{}: give it to one of them with chown", stranger())),
        FileUse::Decisive if mode & 0o022 != 0 => {
            Trust::Refused(format!("can be changed by others (mode {mode:04o}): run chmod go-w on it"))
        }
        FileUse::List if mode & 0o002 != 0 => {
            Trust::Refused(format!("can be changed by everybody (mode {mode:04o}): run chmod o-w on it"))
        }
        FileUse::List if !is_ours && in_open_folder => Trust::Refused(format!(
            "{}, and is in a folder that everybody can change: run chmod o-w on the folder",
            stranger()
        )),
        FileUse::List if !is_ours => Trust::Doubtful(stranger()),
        FileUse::List if mode & 0o020 != 0 => Trust::Doubtful(format!("can be changed by its group (mode {mode:04o})")),
        FileUse::Decisive | FileUse::List => Trust::Sound,
    }
}

/// The user who runs this program.
#[must_use]
pub fn running_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{FileUse, Ownership, Trust, check_trust};

    /// `+` sound, `?` doubtful, `-` refused.
    fn said((owner, mode, in_open_folder): (u32, u32, bool), role: FileUse, user: u32) -> &'static str {
        match check_trust(Ownership { owner, mode, in_open_folder }, role, user) {
            Trust::Sound => "+",
            Trust::Doubtful(_) => "?",
            Trust::Refused(_) => "-",
        }
    }

    /// Root's or ours; a list is not everybody's.
    #[test]
    fn deciding_files_have_trusted_owners() {
        let (root, me, other) = (0, 1000, 1001);
        // owner, mode, who runs: a file that decides, a list
        let cases = [
            (me, 0o600, me, "+", "+"),
            (me, 0o644, me, "+", "+"),
            (root, 0o644, me, "+", "+"),
            (root, 0o644, root, "+", "+"),
            (other, 0o644, me, "-", "?"),
            (other, 0o600, root, "-", "?"),
            (me, 0o644, root, "-", "?"),
            (me, 0o664, me, "-", "?"),
            (root, 0o664, root, "-", "?"),
            (other, 0o664, me, "-", "?"),
            (me, 0o646, me, "-", "-"),
            (root, 0o666, root, "-", "-"),
            (other, 0o666, me, "-", "-"),
            (me, 0o4755, me, "+", "+"),
        ];
        for (owner, mode, user, decisive, list) in cases {
            let found = |is_open| {
                let file = (owner, mode, is_open);
                (said(file, FileUse::Decisive, user), said(file, FileUse::List, user))
            };
            assert_eq!(found(false), (decisive, list), "owner {owner}, mode {mode:o}, run by {user}");
            // those who can put a file there have put one that is neither root's nor ours
            let list = if [root, user].contains(&owner) { list } else { "-" };
            assert_eq!(found(true), (decisive, list), "owner {owner}, mode {mode:o}, run by {user}, open folder");
        }
    }

    #[test]
    fn folders_everybody_can_change_are_open() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("list.txt");
        fs::write(&file, "").expect("a file");
        for (mode, is_open) in [(0o755, false), (0o775, false), (0o1777, false), (0o777, true), (0o703, true)] {
            fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).expect("its rights");
            let found = Ownership::of(&file, &fs::metadata(&file).expect("its rights"));
            assert_eq!(found.in_open_folder, is_open, "{mode:o}");
        }
    }
}
