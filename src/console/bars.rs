//! Progress bars, one a transfer.

use std::io::{self, Write};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::progress::{Gauge, Monitor};

const TEMPLATE: &str =
    "{decimal_bytes:>9} of {decimal_total_bytes:<9} {wide_bar} {decimal_bytes_per_sec:>11} {eta:>4}  {msg}";
/// Of a topic, beside its bar.
const TOPIC: usize = 30;

/// The bars of a run. Off a terminal they draw nothing.
#[derive(Clone, Debug, Default)]
pub struct Bars(MultiProgress);

impl Monitor for Bars {
    fn transfer(&self, what: &str, bytes: u64) -> Box<dyn Gauge> {
        let bar = self.0.add(ProgressBar::new(bytes));
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        bar.set_message(what.chars().take(TOPIC).collect::<String>());
        bar.enable_steady_tick(Duration::from_millis(250));
        Box::new(Bar(bar))
    }
}

struct Bar(ProgressBar);

impl Gauge for Bar {
    fn at(&self, position: u64) {
        self.0.set_position(position);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// stderr, with the bars out of the way while a line is written.
impl Write for Bars {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().write(line))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
