//! What this machine lacks, told apart from what a remote side or a file does wrong.

use std::fs::File;
use std::io;

use rustix::io::Errno;

/// What to do where no more files and connections can be opened.
pub const RAISE_HANDLES: &str =
    "no file handles are left; raise the limit (ulimit -n, or LimitNOFILE= in the systemd unit)";

/// What to do about an error that says nothing of the file it met, but of the machine.
#[must_use]
pub fn machine_lack(error: &io::Error) -> Option<&'static str> {
    match Errno::from_io_error(error)? {
        Errno::MFILE | Errno::NFILE => Some(RAISE_HANDLES),
        Errno::NOSPC | Errno::DQUOT => Some("no space is left; free some on its disk"),
        Errno::ROFS => Some("the file system is read-only; mount it writable, or choose another folder"),
        _ => None,
    }
}

/// Whether no more files can be opened just now. Some libraries tell no errno: the resolver, `SQLite`.
#[must_use]
pub fn is_out_of_handles() -> bool {
    File::open("/dev/null").is_err_and(|error| machine_lack(&error) == Some(RAISE_HANDLES))
}

/// The name by which this machine knows itself.
#[must_use]
pub fn machine_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The name of a user of this machine, where its own list of users has it.
#[must_use]
pub fn user_name(id: u32) -> Option<String> {
    name_in(&std::fs::read_to_string("/etc/passwd").ok()?, id)
}

/// The form: passwd(5).
fn name_in(users: &str, id: u32) -> Option<String> {
    let mut users = users.lines().map(|line| line.split(':'));
    users.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    })
}

/// So many are open before anything is done: the runtime's own, which does not survive without them.
const AT_LEAST: usize = 8;

/// That nothing at all can be done for want of handles.
pub fn check_handles() -> io::Result<()> {
    (0..AT_LEAST).map(|_| File::open("/dev/null")).collect::<io::Result<Vec<_>>>().map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustix::io::Errno;

    use super::{machine_lack, name_in};

    #[test]
    fn users_are_found_by_number() {
        let users = "root:x:0:0:root:/root:/bin/sh\n+\nodd:x\nzoom2kaltura:x:998:997::/nonexistent:/usr/sbin/nologin\n";
        let names = [0, 998, 997].map(|id| name_in(users, id));
        assert_eq!(names, [Some("root".to_owned()), Some("zoom2kaltura".to_owned()), None]);
    }

    /// They are reported; other errors are not taken for one.
    #[test]
    fn only_shortages_are_taken_as_such() {
        for (errno, word) in [
            (Errno::MFILE, Some("LimitNOFILE")),
            (Errno::NFILE, Some("ulimit -n")),
            (Errno::NOSPC, Some("free some")),
            (Errno::DQUOT, Some("free some")),
            (Errno::ROFS, Some("read-only")),
            (Errno::ACCESS, None),
            (Errno::CONNREFUSED, None),
        ] {
            let told = machine_lack(&io::Error::from(errno));
            assert_eq!(told.is_some(), word.is_some(), "{errno}");
            assert!(told.unwrap_or_default().contains(word.unwrap_or_default()), "{errno}: {told:?}");
        }
        assert_eq!(machine_lack(&io::Error::other("too long")), None);
    }
}
