//! How far a run has come, reported to those who listen.

/// Hears of a run's work.
pub trait Monitor: Send + Sync {
    /// Work without a measure begins, such as listing. It ends when the guard is dropped.
    fn begin_step(&self, what: &str) -> Box<dyn Send>;

    /// So many more recordings are to be copied, and so many more bytes.
    fn announce(&self, recordings: usize, bytes: u64);

    /// One of the recordings that were announced has come to its end in this run.
    fn end_recording(&self);

    /// A transfer of `bytes` bytes begins. It ends when the gauge is dropped.
    fn transfer(&self, what: &str, bytes: u64) -> Box<dyn Gauge>;
}

/// Hears how far one transfer has come.
pub trait Gauge: Send + Sync {
    /// So many bytes of the file have been passed on, those of earlier runs included.
    fn at(&self, position: u64);
}
