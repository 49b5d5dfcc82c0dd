//! How far transfers have come, told to whoever listens.

/// Hears of each transfer; a terminal shows bars, everything else listens to nothing.
pub trait Monitor: Send + Sync {
    /// A transfer of `bytes` bytes begins. It ends when the gauge is dropped.
    fn transfer(&self, what: &str, bytes: u64) -> Box<dyn Gauge>;
}

/// Hears how far one transfer has come.
pub trait Gauge: Send + Sync {
    /// So many bytes of the file have been passed on, those of earlier runs included.
    fn at(&self, position: u64);
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Monitor for Silent {
    fn transfer(&self, _what: &str, _bytes: u64) -> Box<dyn Gauge> {
        Box::new(Silent)
    }
}

impl Gauge for Silent {
    fn at(&self, _position: u64) {}
}
