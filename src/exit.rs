//! How a command ends, as the caller sees it.

/// Exit codes. Where several apply, the first in the order interrupted, configuration,
/// refused, outage, held back, failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: everything due was done, or nothing was due.
    Good,
    /// 1: an unexpected error.
    Unexpected,
    /// 2: wrong usage or configuration.
    Configuration,
    /// 3: the run finished, but some recordings failed; they will be tried again.
    Failures,
    /// 4: Zoom or Kaltura refused the credentials or a permission.
    Refused,
    /// 5: a remote side is down or its daily limit is reached; try again later.
    Outage,
    /// 6: a safety brake held back all or part of the run.
    HeldBack,
    /// 7: `verify`, `status --alert` or `check` found something.
    Found,
    /// 75: another run holds the lock.
    Locked,
    /// 130: interrupted by SIGINT.
    Interrupted,
    /// 143: ended by SIGTERM.
    Terminated,
}

impl Exit {
    /// Every one, in the order of their codes.
    pub const ALL: [Exit; 11] = [
        Exit::Good,
        Exit::Unexpected,
        Exit::Configuration,
        Exit::Failures,
        Exit::Refused,
        Exit::Outage,
        Exit::HeldBack,
        Exit::Found,
        Exit::Locked,
        Exit::Interrupted,
        Exit::Terminated,
    ];

    /// What it means, for the manual page.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Good => "everything due was done, or nothing was due",
            Exit::Unexpected => "an unexpected error",
            Exit::Configuration => "wrong usage or configuration",
            Exit::Failures => "the run finished, but some recordings failed; they will be tried again",
            Exit::Refused => "Zoom or Kaltura refused the credentials or a permission",
            Exit::Outage => "Zoom or Kaltura is down or its daily limit is reached; try again later",
            Exit::HeldBack => "a safety brake held back all or part of the run",
            Exit::Found => "verify, status --alert or check found something",
            Exit::Locked => "another run holds the lock (quiet: normal under cron)",
            Exit::Interrupted => "interrupted by SIGINT; the next run resumes",
            Exit::Terminated => "ended by SIGTERM; the next run resumes",
        }
    }

    /// The code that the process ends with.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Exit::Good => 0,
            Exit::Unexpected => 1,
            Exit::Configuration => 2,
            Exit::Failures => 3,
            Exit::Refused => 4,
            Exit::Outage => 5,
            Exit::HeldBack => 6,
            Exit::Found => 7,
            Exit::Locked => 75,
            Exit::Interrupted => 130,
            Exit::Terminated => 143,
        }
    }
}
