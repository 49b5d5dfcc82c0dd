//! Whose a file is, and who else can change it: what it says is carried out by whoever runs this program, root among them.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// What of a file decides whether it is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// The user id of its owner.
    pub owner: u32,
    /// Its permission bits.
    pub mode: u32,
}

/// What a file is to this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
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

impl From<&Metadata> for Ownership {
    fn from(metadata: &Metadata) -> Ownership {
        Ownership { owner: metadata.uid(), mode: metadata.mode() & 0o7777 }
    }
}

/// Whether somebody who runs as `user` can rely on a file.
#[must_use]
pub fn trust(found: Ownership, role: Role, user: u32) -> Trust {
    let Ownership { owner, mode } = found;
    let is_ours = owner == 0 || owner == user;
    let stranger = || {
        format!("belongs to user id {owner}, neither to root nor to the user who runs this program (user id {user})")
    };
    match role {
        Role::Decisive if !is_ours => Trust::Refused(format!("{}: give it to one of them with chown", stranger())),
        Role::Decisive if mode & 0o022 != 0 => {
            Trust::Refused(format!("can be changed by others (mode {mode:04o}): run chmod go-w on it"))
        }
        Role::List if mode & 0o002 != 0 => {
            Trust::Refused(format!("can be changed by everybody (mode {mode:04o}): run chmod o-w on it"))
        }
        Role::List if !is_ours => Trust::Doubtful(stranger()),
        Role::List if mode & 0o020 != 0 => Trust::Doubtful(format!("can be changed by its group (mode {mode:04o})")),
        Role::Decisive | Role::List => Trust::Sound,
    }
}

/// The user who runs this program.
#[must_use]
pub fn running_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(test)]
mod tests {
    use super::{Ownership, Role, Trust, trust};

    /// `+` sound, `?` doubtful, `-` refused.
    fn said(owner: u32, mode: u32, role: Role, user: u32) -> &'static str {
        match trust(Ownership { owner, mode }, role, user) {
            Trust::Sound => "+",
            Trust::Doubtful(_) => "?",
            Trust::Refused(_) => "-",
        }
    }

    #[test]
    fn a_file_that_decides_is_roots_or_ours_and_a_list_is_not_everybodys() {
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
            let found = (said(owner, mode, Role::Decisive, user), said(owner, mode, Role::List, user));
            assert_eq!(found, (decisive, list), "owner {owner}, mode {mode:o}, run by {user}");
        }
    }
}
