//! The terminal: log lines, and progress bars where there is somebody to see them.

mod log;
mod output;
mod progress;

pub use log::{name_run, shows_debug, start_log};
pub use output::Shown;
pub use progress::{Bars, Ticker};
