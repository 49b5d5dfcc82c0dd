//! What a command costs, by what Linux says of its processes.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Linux counts CPU time in hundredths of a second for user space.
const TICKS_PER_SECOND: u32 = 100;

/// Whether anything failed so far.
static FAILED: AtomicBool = AtomicBool::new(false);

/// What was measured.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// By the clock on the wall.
    pub(crate) wall: Duration,
    /// User and system time of all its processes.
    pub(crate) cpu: Duration,
    /// The greatest memory of any of its processes, in KiB.
    pub(crate) memory: u64,
    /// Bytes that its processes gave to the disk, in whole pages: Linux's `write_bytes`. A page that is written again before
    /// the disk had it counts once; a file that is deleted before the disk had it counts all the same; what the file system
    /// writes about its files does not.
    pub(crate) written: u64,
    /// Calls that the stand-ins answered, where they were counted.
    pub(crate) requests: u64,
    /// Whether all of it succeeded.
    pub(crate) good: bool,
}

impl Cost {
    /// The middle one of each figure.
    pub(crate) fn median(costs: &[Cost]) -> Cost {
        Cost {
            wall: middle(costs, |cost| cost.wall),
            cpu: middle(costs, |cost| cost.cpu),
            memory: middle(costs, |cost| cost.memory),
            written: middle(costs, |cost| cost.written),
            requests: middle(costs, |cost| cost.requests),
            good: costs.iter().all(|cost| cost.good),
        }
    }

    /// The same, failed unless `is_right`.
    pub(crate) fn only_if(self, is_right: bool) -> Cost {
        FAILED.fetch_or(!is_right, Ordering::Relaxed);
        Cost { good: self.good && is_right, ..self }
    }

    /// One after the other.
    pub(crate) fn then(self, next: Cost) -> Cost {
        Cost {
            wall: self.wall + next.wall,
            cpu: self.cpu + next.cpu,
            memory: self.memory.max(next.memory),
            written: self.written + next.written,
            requests: self.requests + next.requests,
            good: self.good && next.good,
        }
    }
}

fn middle<T: Ord>(costs: &[Cost], figure: fn(&Cost) -> T) -> T {
    let mut figures: Vec<T> = costs.iter().map(figure).collect();
    figures.sort_unstable();
    figures.swap_remove(figures.len() / 2)
}

/// Whether anything that was run failed, or did not do what it was run for.
pub(crate) fn has_failed() -> bool {
    FAILED.load(Ordering::Relaxed)
}

/// Runs commands as a pipe, each one's output the input of the next.
pub(crate) fn run(commands: Vec<Command>) -> Cost {
    run_beside(commands, &mut || {})
}

/// The same, and something else every few milliseconds.
pub(crate) fn run_beside(commands: Vec<Command>, beside: &mut dyn FnMut()) -> Cost {
    let (cpu_before, written_before, since) = (cpu_of_children(), written(), Instant::now());
    let last = commands.len() - 1;
    let mut processes: Vec<Child> = Vec::new();
    for (number, mut command) in commands.into_iter().enumerate() {
        if let Some(before) = processes.last_mut() {
            command.stdin(before.stdout.take().expect("a pipe"));
        }
        command.stdout(if number == last { Stdio::null() } else { Stdio::piped() });
        processes.push(command.spawn().expect("a command that can be started"));
    }
    let mut cost = Cost { good: true, ..Cost::default() };
    while !processes.is_empty() {
        for process in &processes {
            cost.memory = cost.memory.max(peak_memory(process.id()));
        }
        processes.retain_mut(|process| match process.try_wait().expect("a process that can be waited for") {
            Some(status) => {
                cost.good &= status.success();
                false
            }
            None => true,
        });
        cost.wall = since.elapsed();
        beside();
        std::thread::sleep(Duration::from_millis(2));
    }
    cost.cpu = cpu_of_children().saturating_sub(cpu_before);
    cost.written = written().saturating_sub(written_before);
    cost.only_if(cost.good)
}

fn peak_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// Bytes that this process gave to the disk, and all that were started here and waited for.
pub(crate) fn written() -> u64 {
    let counts = fs::read_to_string("/proc/self/io").unwrap_or_default();
    let count = counts.lines().find_map(|line| line.strip_prefix("write_bytes:"));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or_default()
}

/// User and system time of all processes that were started here and waited for.
fn cpu_of_children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    // behind the name, which may hold anything, field 3 comes first; these are 16 and 17
    let fields = stat.rsplit(')').next().expect("a line").split_whitespace().skip(13).take(2);
    let ticks: u32 = fields.filter_map(|field| field.parse::<u32>().ok()).sum();
    Duration::from_secs(1) * ticks / TICKS_PER_SECOND
}

/// The machine in a few words.
pub(crate) fn machine() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']);
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("{count} × {model}, load before {}", load.split(' ').next().unwrap_or_default())
}
