//! What whoever sits at a terminal sees: lines that fit, colours where they are wanted, who holds a lock.

use std::fs::File;
use std::io::Read;
use std::process::Stdio;

use console::{measure_text_width, strip_ansi_codes};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::campus::{Campus, FEW_ROOTS, lecture};

const ESCAPE: char = '\u{1b}';

/// What the program prints on a terminal of so many columns, and its exit code.
fn run_on_terminal(campus: &Campus, columns: u16, settings: &[(&str, &str)], args: &[&str]) -> (i32, String) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    let ours = openpt(flags).expect("a terminal");
    grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("a terminal that may be opened");
    let theirs = ioctl_tiocgptpeer(&ours, flags).expect("its other side");
    let size = Winsize { ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&theirs, size).expect("a size");
    let end = || Stdio::from(theirs.try_clone().expect("another handle"));
    let mut command = campus.program();
    command.args(args).envs(FEW_ROOTS).env("TERM", "xterm").env_remove("NO_COLOR").envs(settings.iter().copied());
    let mut child = command.stdin(end()).stdout(end()).stderr(end()).spawn().expect("the program runs");
    // with every handle of the other side closed, reading ends
    drop((theirs, command));
    let (mut bytes, mut terminal, mut piece) = (Vec::new(), File::from(ours), [0; 4096]);
    while let Ok(read @ 1..) = terminal.read(&mut piece) {
        bytes.extend_from_slice(&piece[..read]);
    }
    let exit = child.wait().expect("its end").code().expect("an exit code");
    (exit, String::from_utf8_lossy(&bytes).into_owned())
}

fn busy_campus() -> Campus {
    let campus = Campus::new();
    let long = "A topic that is a good deal longer than any column has room for";
    for (number, topic) in [(1, "光学 3 🎉"), (2, long), (3, "Private: office hour")] {
        let lecture = lecture(&format!("u{number}=="), 81_000_000_000 + number, "ada", 5);
        campus.zoom.add_meeting(lecture.topic(topic));
    }
    campus
}

#[test]
fn reports_fit_the_terminal() {
    let campus = busy_campus();
    for columns in [80, 100, 160] {
        let (exit, shown) = run_on_terminal(&campus, columns, &[("NO_COLOR", "1")], &["sync", "--dry-run"]);
        assert_eq!(exit, 0, "{shown}");
        let report = shown.split("action").nth(1).expect("a table");
        let table: Vec<_> = report.split("\r\n\r\n").next().expect("its lines").lines().collect();
        assert!(table.len() > 3, "{shown}");
        assert!(table.iter().all(|line| measure_text_width(line) <= columns.into()), "{columns}: {table:#?}");
        assert!(report.contains("topic_excluded"), "no reason is cut: {report}");
    }
}

#[test]
fn colours_are_those_wanted() {
    let campus = busy_campus();
    // bars and spinners move the cursor; the report comes after them
    let report = |settings: &[(&str, &str)]| {
        let (_, shown) = run_on_terminal(&campus, 100, settings, &["sync", "--dry-run"]);
        shown.split("sync of recordings").nth(1).expect("a report").to_owned()
    };
    let coloured = report(&[]);
    assert!(coloured.contains("\u{1b}[32mcopy"), "{coloured:?}");
    for plain in [("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
        let shown = report(&[plain]);
        assert!(!shown.contains(ESCAPE), "{plain:?}: {shown:?}");
        let columns = |text: &str| text.split("action").nth(1).map(|table| strip_ansi_codes(table).into_owned());
        assert_eq!(columns(&shown), columns(&coloured), "{plain:?}");
    }
    let to_a_file = |settings: &[(&str, &str)]| campus.run_with(settings, &["sync", "--dry-run"]).out;
    assert!(!to_a_file(&[]).contains(ESCAPE));
    assert!(to_a_file(&[("CLICOLOR_FORCE", "1")]).contains("\u{1b}[32mcopy"));
}

#[test]
fn quiet_runs_print_no_report() {
    let campus = busy_campus();
    let (exit, shown) = run_on_terminal(&campus, 100, &[], &["-q", "sync"]);
    assert_eq!((exit, strip_ansi_codes(&shown).contains("sync of recordings")), (0, false), "{shown}");
}

#[test]
fn a_terminal_learns_of_the_lock() {
    let campus = Campus::with_lecture();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    let _held = campus.hold_lock("run.lock");
    let (exit, shown) = run_on_terminal(&campus, 100, &[], &["sync"]);
    assert_eq!(exit, 75);
    assert!(shown.contains("another run is in progress: "), "{shown}");
    let unseen = campus.run(&["sync"]);
    assert_eq!((unseen.exit, unseen.out.as_str(), unseen.err.as_str()), (75, "", ""));
}
