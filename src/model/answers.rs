//! What is asked of every reason, and the answers there are.

/// What somebody has to do before it goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum WaitsFor {
    /// Zoom lists it, with its files.
    ZoomToList,
    /// Zoom finishes what it lists.
    ZoomToFinish,
    /// Kaltura finishes what it has, or fetches.
    Kaltura,
    /// A person at the institution corrects something.
    People,
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Harm {
    /// It waits for longer than it ought to.
    Trouble,
    /// The same, and the run counts it as failed.
    Failure,
    /// What ought to be in Kaltura will not come there by itself.
    Loss,
}

/// What it leaves uncopied.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Uncopied {
    /// A file, beside which the others are copied.
    File,
    /// The recording, whoever hosted it and whatever is known of it elsewhere: another rule copies it.
    ByRule,
    /// All of a host who does not agree.
    ByHost,
    /// Nothing: the entry is made as soon as nothing more keeps it back.
    ForNow,
}

/// Where the ledger keeps it, if not as the last decision only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum InLedger {
    /// Nothing is written down, or written over.
    Never,
    /// It tells what a confirmed copy is like, and is kept with it.
    WithCopy,
}

/// That `purge` does not delete an orphan.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OrphanStays {
    /// As people made something of it.
    ForGood,
    /// The same, and nobody looks at its age first.
    AtAnyAge,
}

/// A row of the table: `None` is the dash.
pub(super) struct Answers {
    pub(super) waits_for: Option<WaitsFor>,
    pub(super) harm: Option<Harm>,
    pub(super) uncopied: Option<Uncopied>,
    pub(super) in_ledger: Option<InLedger>,
    pub(super) orphan_stays: Option<OrphanStays>,
}
