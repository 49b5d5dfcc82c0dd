//! Progress bars, one a transfer.
//!
//! Progress as log lines, where nobody watches bars.

use std::collections::HashMap;
use std::io;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

const EVERY: Duration = Duration::from_secs(10);

/// The transfers under way: position and size in bytes.
type Running = Arc<Mutex<HashMap<u64, (u64, u64)>>>;

/// Tells every 10 s, at the level of -v, how far the transfers have come.
#[derive(Clone, Debug, Default)]
pub struct Ticker {
    running: Running,
    begun: Arc<Mutex<u64>>,
}

impl Ticker {
    /// Tells for as long as the runtime lives in which it is called.
    pub fn start(&self) {
        let running = Arc::clone(&self.running);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let (transfers, sent, bytes) = sum_bytes(&lock_number(&running));
                if transfers > 0 {
                    tracing::info!(transfers, sent, bytes, "on the way");
                }
            }
        });
    }
}

impl Monitor for Ticker {
    fn transfer(&self, _what: &str, bytes: u64) -> Box<dyn Gauge> {
        let mut begun = lock_number(&self.begun);
        *begun += 1;
        lock_number(&self.running).insert(*begun, (0, bytes));
        Box::new(Hand { number: *begun, running: Arc::clone(&self.running) })
    }
}

struct Hand {
    number: u64,
    running: Running,
}

impl Gauge for Hand {
    fn at(&self, position: u64) {
        if let Some((at, _)) = lock_number(&self.running).get_mut(&self.number) {
            *at = position;
        }
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        lock_number(&self.running).remove(&self.number);
    }
}

fn sum_bytes(running: &HashMap<u64, (u64, u64)>) -> (usize, u64, u64) {
    let (sent, bytes) = running
        .values()
        .fold((0, 0), |(sent, bytes), (at, of)| (u64::saturating_add(sent, *at), u64::saturating_add(bytes, *of)));
    (running.len(), sent, bytes)
}

/// A number that a panic elsewhere left behind is still a number.
fn lock_number<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Ticker, lock_number, sum_bytes};
    use crate::progress::Monitor;

    #[test]
    fn a_transfer_counts_start_to_end() {
        let ticker = Ticker::default();
        let (one, two) = (ticker.transfer("one", 100), ticker.transfer("two", 50));
        one.at(40);
        two.at(50);
        assert_eq!(sum_bytes(&lock_number(&ticker.running)), (2, 90, 150));
        drop(two);
        assert_eq!(sum_bytes(&lock_number(&ticker.running)), (1, 40, 100));
    }
}
