//! The two remote sides.

use std::fmt;

/// Which remote side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Zoom's API and downloads.
    Zoom,
    /// Kaltura's API.
    Kaltura,
}

impl Service {
    /// The word used in metrics.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Service::Zoom => "zoom",
            Service::Kaltura => "kaltura",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Service::Zoom => "Zoom",
            Service::Kaltura => "Kaltura",
        })
    }
}
