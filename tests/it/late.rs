//! Late execution: a call that makes something is never answered, and is carried out when nobody waits for it any more,
//! once or twice. After more runs all is as if it had been carried out at once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use standin::fault::Fault;

use crate::arrived::{differences, expected, found};
use crate::campus::Campus;
use crate::sweep::{PULL, SETTINGS, SIDE_BY_SIDE, world};

const CLAIM: &str = "multirequest of uploadToken.add";
const ATTACH: &str = "multirequest of media.add";
const CAPTION: &str = "caption_captionAsset.add";
const CHAT: &str = "attachment_attachmentAsset.add";
const CATEGORY: &str = "categoryEntry.add";
/// After everything was confirmed.
const AFTER: &str = "nothing";

/// A call, which of its hits (the lecture's and its further view's, the orphan's is like the first), before what it is
/// carried out.
type Case = (&'static str, usize, &'static str);

const STREAMED: [Case; 14] = [
    (CLAIM, 1, ATTACH),
    (CLAIM, 1, "uploadToken.upload"),
    (CLAIM, 1, AFTER),
    (CLAIM, 2, AFTER),
    (ATTACH, 1, "uploadToken.upload"),
    (ATTACH, 1, AFTER),
    (ATTACH, 2, "uploadToken.upload"),
    (ATTACH, 2, AFTER),
    (CAPTION, 1, "caption_captionAsset.setContent"),
    (CAPTION, 1, AFTER),
    (CHAT, 1, "attachment_attachmentAsset.setContent"),
    (CHAT, 1, AFTER),
    (CATEGORY, 1, CATEGORY),
    (CATEGORY, 1, AFTER),
];
const PULLED: [Case; 8] = [
    (CLAIM, 1, "media.add"),
    (CLAIM, 1, AFTER),
    ("media.add", 1, "media.addContent"),
    ("media.add", 1, AFTER),
    ("media.add", 2, "media.addContent"),
    ("media.add", 2, AFTER),
    ("media.addContent", 1, "media.addContent"),
    ("media.addContent", 1, AFTER),
];

/// Runs until one is clean and all is there once; what is wrong in the end.
fn settles(campus: &Campus, settings: &[(&str, &str)], said: &mut Vec<String>) -> Result<(), String> {
    let expected = expected(campus);
    for round in 0..12 {
        let run = campus.run_with(settings, &["sync"]);
        said.push(format!("exit {} {}", run.exit, run.err));
        if run.exit == 0 && differences(&expected, &found(campus)).is_empty() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10 * round * round));
    }
    Err(differences(&expected, &found(campus)).join("\n"))
}

fn outcome((call, hit, until): Case, times: usize, settings: &[(&str, &str)]) -> Result<(), String> {
    let (campus, mut said) = (world(), Vec::new());
    campus.kaltura.faults().queue(call, hit, Fault::Held { until, times });
    let settled = settles(&campus, settings, &mut said).and_then(|()| {
        if until == AFTER && campus.kaltura.held() != 1 {
            return Err("nothing was held".to_owned());
        }
        campus.kaltura.let_through();
        settles(&campus, settings, &mut said)?;
        // once more, with what the last run left
        settles(&campus, settings, &mut said)
    });
    let entries = campus.kaltura.entries();
    let lost = entries.iter().find(|entry| entry.status == 3 && campus.kaltura.sha256_of(&entry.id).is_some());
    let settled = settled.and(lost.map_or(Ok(()), |entry| Err(format!("it had content: {entry:?}"))));
    let settled = settled.and(if campus.kaltura.held() == 0 { Ok(()) } else { Err("still held".to_owned()) });
    settled.map_err(|why| format!("{call} {hit} before {until:?}, {times} times: {why}\n{}", said.join("")))
}

fn sweep(cases: &[Case], settings: &[(&str, &str)]) {
    let cases: Vec<(Case, usize)> = cases.iter().flat_map(|case| [(*case, 1), (*case, 2)]).collect();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some((case, times)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(failure) = outcome(*case, *times, settings) {
                        failures.lock().expect("no other thread panicked").push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no other thread panicked");
    assert!(failures.is_empty(), "{} of {} failed:\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

#[test]
fn late_calls_leave_everything_once() {
    sweep(&STREAMED, &SETTINGS);
}

#[test]
fn late_pull_calls_leave_everything_once() {
    sweep(&PULLED, &PULL);
}
