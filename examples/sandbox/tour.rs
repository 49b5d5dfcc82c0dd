//! The tour: the program runs as cron would run it, and prints each report as a user would see it.

use std::process::ExitCode;
use std::time::Duration;

use standin::kaltura::Entry;

use crate::print_line;
use crate::university::University;

/// A dry run, a run, a second run, a purge, and where things are in the end; the worst exit code is the tour's.
pub(crate) fn tour(flags: &[&str]) -> ExitCode {
    let university = University::new();
    let run = |args: &[&str]| {
        let args = [flags, args].concat();
        print_line(&format!("$ zoom2kaltura {}", args.join(" ")));
        university.run(&args)
    };
    say("Zoom holds the recordings of a small university; go-live was four days ago. What would be done?");
    let mut worst = run(&["sync", "--dry-run"]);
    say("The same, carried out: the bytes go over, Kaltura begins to process them.");
    worst = worst.max(run(&["sync", "--format", "text"]));
    std::thread::sleep(Duration::from_millis(1500));
    say("Cron runs it again. Nothing is copied twice; what Kaltura has processed meanwhile is confirmed.");
    worst = worst.max(run(&["sync", "--format", "text"]));
    say("Copies without an owner are kept for a day. Which would be deleted?");
    worst = worst.max(run(&["purge", "--dry-run"]));
    say("They are deleted, in Kaltura only.");
    worst = worst.max(run(&["purge", "--format", "text"]));
    say("What Kaltura holds now:");
    show(&university);
    ExitCode::from(worst)
}

fn show(university: &University) {
    let kaltura = &university.kaltura;
    let entries: Vec<_> = kaltura.entries().into_iter().filter(|entry| entry.status != DELETED).collect();
    let line = |entry: &Entry| {
        let (id, owner, name) = (&entry.id, &entry.user_id, &entry.name);
        format!("{id}  {owner:<22} {:>9} bytes  {name}  [{}]", entry.bytes, entry.reference_id)
    };
    for entry in entries.iter().filter(|entry| entry.parent_entry_id.is_empty()) {
        print_line(&line(entry));
        for child in entries.iter().filter(|child| child.parent_entry_id == entry.id) {
            print_line(&format!("  child {}", line(child)));
        }
        for captions in kaltura.texts_of(&entry.id) {
            print_line(&format!("  captions {}", captions.field("label")));
        }
    }
}

/// `KalturaEntryStatus::DELETED`
const DELETED: i32 = 3;

fn say(text: &str) {
    print_line(&format!("\n# {text}\n"));
}
