//! The terminal: log lines, and progress bars where there is somebody to see them.

mod bars;
mod line;
mod log;
mod out;
mod ticker;

pub use bars::Bars;
pub use line::name_run;
pub use log::start_log;
pub use out::Shown;
pub use ticker::Ticker;
