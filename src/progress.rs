//! How far transfers have come, told to whoever listens.

/// Hears of each transfer.
pub trait Monitor: Send + Sync {
    /// A transfer of `bytes` bytes begins. It ends when the gauge is dropped.
    fn transfer(&self, what: &str, bytes: u64) -> Box<dyn Gauge>;
}

/// Hears how far one transfer has come.
pub trait Gauge: Send + Sync {
    /// So many bytes of the file have been passed on, those of earlier runs included.
    fn at(&self, position: u64);
}
