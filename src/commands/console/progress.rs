//! How far a run has come: bars on a terminal, log lines where nobody watches.

use std::collections::HashMap;
use std::io;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::model::format_count;
use crate::progress::{Gauge, Monitor};

/// Of a transfer, and of the whole run.
const BAR: &str =
    "{decimal_bytes:>9} of {decimal_total_bytes:<9} {wide_bar} {decimal_bytes_per_sec:>11} {eta:>4}  {msg:30}";
const STEP: &str = "{spinner} {msg} ({elapsed})";
/// Of a topic, beside its bar.
const TOPIC: usize = 30;
const TICK: Duration = Duration::from_millis(250);

/// The bars of a run: the whole run above the transfers under way. Off a terminal they draw nothing.
#[derive(Clone, Debug, Default)]
pub struct Bars {
    drawn: MultiProgress,
    whole: Arc<Mutex<Option<ProgressBar>>>,
    recordings: Arc<Mutex<RecordingCount>>,
}

/// How many recordings of a run have come to their end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct RecordingCount {
    ended: usize,
    announced: usize,
}

impl Bars {
    fn add_bar(&self, bar: ProgressBar, template: &str) -> ProgressBar {
        let bar = self.drawn.add(bar);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TICK);
        bar
    }

    fn show_recordings(&self, whole: &ProgressBar) {
        let RecordingCount { ended, announced } = *locked(&self.recordings);
        whole.set_message(format!("{ended} of {}", format_count(announced, "recording")));
    }
}

impl Monitor for Bars {
    fn begin_step(&self, what: &str) -> Box<dyn Send> {
        let spinner = self.add_bar(ProgressBar::new_spinner(), STEP);
        spinner.set_message(what.to_owned());
        Box::new(ClearedBar(spinner))
    }

    fn announce(&self, recordings: usize, bytes: u64) {
        locked(&self.recordings).announced += recordings;
        let mut whole = locked(&self.whole);
        let bar = whole.get_or_insert_with(|| self.add_bar(ProgressBar::new(0), BAR));
        bar.inc_length(bytes);
        self.show_recordings(bar);
    }

    fn end_recording(&self) {
        locked(&self.recordings).ended += 1;
        let mut whole = locked(&self.whole);
        if let Some(bar) = whole.as_ref() {
            self.show_recordings(bar);
        }
        let RecordingCount { ended, announced } = *locked(&self.recordings);
        if ended >= announced
            && let Some(bar) = whole.take()
        {
            bar.finish_and_clear();
        }
    }

    fn transfer(&self, what: &str, bytes: u64) -> Box<dyn Gauge> {
        let bar = self.add_bar(ProgressBar::new(bytes), BAR);
        bar.set_message(what.chars().take(TOPIC).collect::<String>());
        Box::new(TransferBar { bar: ClearedBar(bar), whole: locked(&self.whole).clone(), at: AtomicU64::new(0) })
    }
}

/// A bar that goes when its work has ended.
struct ClearedBar(ProgressBar);

impl Drop for ClearedBar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

struct TransferBar {
    bar: ClearedBar,
    whole: Option<ProgressBar>,
    at: AtomicU64,
}

impl Gauge for TransferBar {
    fn at(&self, position: u64) {
        self.bar.0.set_position(position);
        let before = self.at.swap(position, Ordering::Relaxed);
        if let Some(whole) = &self.whole {
            // a transfer that starts over counts once
            whole.inc(position.saturating_sub(before));
        }
    }
}

/// stderr, with the bars out of the way while a line is written.
impl Write for Bars {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.drawn.suspend(|| io::stderr().write(line))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

const EVERY: Duration = Duration::from_secs(10);

/// The transfers under way: position and size in bytes.
type Running = Arc<Mutex<HashMap<u64, (u64, u64)>>>;

/// Logs every 10 s, at the level of -v, how far the run has come.
#[derive(Clone, Debug, Default)]
pub struct Ticker {
    running: Running,
    recordings: Arc<Mutex<RecordingCount>>,
    begun: Arc<Mutex<u64>>,
}

impl Ticker {
    /// Logs for as long as the runtime lives in which it is called.
    pub fn start(&self) {
        let ticker = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let (transfers, sent, bytes) = sum_bytes(&locked(&ticker.running));
                let RecordingCount { ended, announced } = *locked(&ticker.recordings);
                if transfers > 0 {
                    tracing::info!(recordings = announced, ended, transfers, sent, bytes, "copying");
                }
            }
        });
    }
}

impl Monitor for Ticker {
    fn begin_step(&self, what: &str) -> Box<dyn Send> {
        tracing::info!("{what}");
        Box::new(())
    }

    fn announce(&self, recordings: usize, _bytes: u64) {
        locked(&self.recordings).announced += recordings;
    }

    fn end_recording(&self) {
        locked(&self.recordings).ended += 1;
    }

    fn transfer(&self, _what: &str, bytes: u64) -> Box<dyn Gauge> {
        let mut begun = locked(&self.begun);
        *begun += 1;
        locked(&self.running).insert(*begun, (0, bytes));
        Box::new(Hand { number: *begun, running: Arc::clone(&self.running) })
    }
}

struct Hand {
    number: u64,
    running: Running,
}

impl Gauge for Hand {
    fn at(&self, position: u64) {
        if let Some((at, _)) = locked(&self.running).get_mut(&self.number) {
            *at = position;
        }
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        locked(&self.running).remove(&self.number);
    }
}

fn sum_bytes(running: &HashMap<u64, (u64, u64)>) -> (usize, u64, u64) {
    let (sent, bytes) = running
        .values()
        .fold((0, 0), |(sent, bytes), (at, of)| (u64::saturating_add(sent, *at), u64::saturating_add(bytes, *of)));
    (running.len(), sent, bytes)
}

/// A number that a panic elsewhere left behind is still a number.
fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Bars, RecordingCount, Ticker, locked, sum_bytes};
    use crate::progress::Monitor;

    #[test]
    fn a_transfer_counts_start_to_end() {
        let ticker = Ticker::default();
        let (one, two) = (ticker.transfer("one", 100), ticker.transfer("two", 50));
        one.at(40);
        two.at(50);
        assert_eq!(sum_bytes(&locked(&ticker.running)), (2, 90, 150));
        drop(two);
        assert_eq!(sum_bytes(&locked(&ticker.running)), (1, 40, 100));
    }

    #[test]
    fn the_whole_run_sums_its_transfers() {
        let bars = Bars::default();
        bars.announce(2, 150);
        bars.announce(1, 50);
        let whole = locked(&bars.whole).clone().expect("a bar");
        assert_eq!(whole.length(), Some(200));
        let (one, two) = (bars.transfer("one", 100), bars.transfer("two", 50));
        one.at(40);
        one.at(100);
        two.at(10);
        two.at(0);
        two.at(50);
        assert_eq!(whole.position(), 160);
        assert_eq!(whole.message(), "0 of 3 recordings");
        bars.end_recording();
        assert_eq!(whole.message(), "1 of 3 recordings");
        bars.end_recording();
        bars.end_recording();
        assert_eq!(*locked(&bars.recordings), RecordingCount { ended: 3, announced: 3 });
        assert!(whole.is_finished() && locked(&bars.whole).is_none());
    }
}
