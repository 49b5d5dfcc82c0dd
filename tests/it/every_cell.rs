//! Every state of a copy, with everything that Zoom and Kaltura may say of it: each recording ends copied once and whole, or
//! not copied for a reason that a person can act on.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

use chrono::{TimeDelta, Utc};
use rusqlite::{Connection, params};
use standin::kaltura::{Entry, Moment};
use standin::media::Media;
use standin::zoom::{Meeting, RecordingFile};

use crate::campus::{Campus, hours_ago};

const SETTINGS: [(&str, &str); 7] = [
    ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s"),
    ("ZOOM2KALTURA_SYNC_MAX_ATTEMPTS", "6"),
    ("ZOOM2KALTURA_SYNC_PARALLEL", "8"),
    ("ZOOM2KALTURA_HTTP_RETRIES", "1"),
    ("ZOOM2KALTURA_HTTP_RETRY_WAIT", "2ms"),
    ("ZOOM2KALTURA_HTTP_SETTLE", "50ms"),
    ("ZOOM2KALTURA_HTTP_CLAIM_SETTLE", "50ms"),
];
const STATES: [&str; 11] = [
    "new",
    "reserved",
    "attaching",
    "attached",
    "importing",
    "sent",
    "done",
    "broken",
    "unfetched",
    "deleted",
    "purged",
];

static START: LazyLock<String> = LazyLock::new(|| hours_ago(5));

/// What Zoom says from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InZoom {
    Listed,
    ListedOtherwise,
    Processing,
    TakenOut,
    Gone,
}

const IN_ZOOM: [InZoom; 5] =
    [InZoom::Listed, InZoom::ListedOtherwise, InZoom::Processing, InZoom::TakenOut, InZoom::Gone];

/// What Kaltura has of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InKaltura {
    Whole,
    Processing,
    Failed,
    Trimmed,
    Deleted,
    Upload(Moment),
}

const IN_KALTURA: [InKaltura; 9] = [
    InKaltura::Whole,
    InKaltura::Processing,
    InKaltura::Failed,
    InKaltura::Trimmed,
    InKaltura::Deleted,
    InKaltura::Upload(Moment::Forgotten),
    InKaltura::Upload(Moment::Open),
    InKaltura::Upload(Moment::Partial),
    InKaltura::Upload(Moment::Closed),
];

/// A cell of the table, as a recording.
#[derive(Clone, Debug)]
struct Cell {
    number: i64,
    state: &'static str,
    zoom: InZoom,
    kaltura: InKaltura,
    entry_id: String,
}

impl Cell {
    fn uuid(&self) -> String {
        format!("cell{}==", self.number)
    }

    fn meeting(&self, salt: u64) -> Meeting {
        let media = Media::mp4().salted(salt).padded_to(8000 + salt % 7);
        self.bare().video("shared_screen_with_speaker_view", media).with_id(&format!("A{}", self.number))
    }

    fn bare(&self) -> Meeting {
        let (uuid, topic) = (self.uuid(), format!("Cell {}", self.number));
        Meeting::new(&uuid, 81_000_100_000 + self.number, &topic).host("ada").starts(&START)
    }

    fn salt(&self) -> u64 {
        self.number.unsigned_abs()
    }
}

/// All cells, each copied once.
fn copied() -> (Campus, Vec<Cell>) {
    let campus = Campus::new();
    let mut cells = Vec::new();
    for state in STATES {
        for zoom in IN_ZOOM {
            for kaltura in IN_KALTURA {
                let number = i64::try_from(cells.len()).expect("a small number");
                let cell = Cell { number, state, zoom, kaltura, entry_id: String::new() };
                campus.zoom.add_meeting(cell.meeting(cell.salt()));
                cells.push(cell);
            }
        }
    }
    campus.sync_until_done_with(&SETTINGS);
    let by_uuid: BTreeMap<String, String> =
        campus.kaltura.entries().into_iter().map(|entry| (uuid_of(&entry), entry.id)).collect();
    for cell in &mut cells {
        cell.entry_id.clone_from(&by_uuid[&cell.uuid()]);
    }
    (campus, cells)
}

/// The meeting in the mark of an entry.
fn uuid_of(entry: &Entry) -> String {
    let mark = entry.reference_id.trim_start_matches("Zoom_");
    mark.find("==").map(|end| mark[..end + 2].to_owned()).unwrap_or_default()
}

/// Puts the ledger, Kaltura and Zoom where the cell has them.
fn force(campus: &Campus, ledger: &Connection, cell: &Cell) {
    let token = campus.kaltura.token_of(&cell.entry_id);
    force_ledger(ledger, cell, token.as_deref());
    let id = &cell.entry_id;
    match cell.kaltura {
        InKaltura::Whole => {}
        InKaltura::Processing => campus.kaltura.set_status(id, 1),
        InKaltura::Failed => campus.kaltura.set_status(id, -1),
        InKaltura::Trimmed => campus.kaltura.replace_source(id, &Media::mp4().salted(9).padded_to(7500).read(0, 7500)),
        InKaltura::Deleted => campus.kaltura.set_status(id, 3),
        InKaltura::Upload(moment) => campus.kaltura.rewind(id, moment),
    }
    let uuid = cell.uuid();
    let other = Media::mp4().salted(cell.salt() + 100_000).padded_to(8500);
    match cell.zoom {
        InZoom::Listed => {}
        InZoom::ListedOtherwise => {
            let view = "shared_screen_with_speaker_view";
            campus.zoom.change_meeting(&uuid, |_| cell.bare().video(view, other).with_id(&format!("A{}", cell.number)));
        }
        InZoom::Processing => campus.zoom.change_meeting(&uuid, Meeting::still_processing),
        InZoom::TakenOut => {
            let id = format!("B{}", cell.number);
            campus.zoom.change_meeting(&uuid, |_| cell.bare().video("gallery_view", other).with_id(&id));
        }
        InZoom::Gone => campus.zoom.remove_meeting(&uuid),
    }
}

fn force_ledger(ledger: &Connection, cell: &Cell, token: Option<&str>) {
    let has_token = matches!(cell.state, "reserved" | "attaching" | "attached" | "sent");
    let has_entry = !matches!(cell.state, "new" | "reserved" | "attaching");
    let asked = i64::from(!matches!(cell.state, "new" | "reserved"));
    let sent = (Utc::now() - TimeDelta::days(3)).format("%Y-%m-%dT%H:%M:%S.000Z").to_string();
    let file = format!("A{}", cell.number);
    let changed = ledger.execute(
        "UPDATE files SET state = ?2, token = ?3, entry_id = ?4, asked = ?5, attach_sent = ?6 WHERE file_id = ?1",
        params![
            file,
            cell.state,
            token.filter(|_| has_token),
            has_entry.then_some(&cell.entry_id),
            asked,
            (asked > 0).then_some(sent)
        ],
    );
    assert_eq!(changed.expect("a row"), 1);
    let (action, reason) = match cell.state {
        "done" => ("done", None),
        "deleted" => ("skip", Some("deleted_in_kaltura")),
        "purged" => ("skip", Some("purged")),
        "new" | "reserved" | "attaching" | "attached" => ("copy", None),
        _ => ("wait", Some("in_conversion")),
    };
    let changed = ledger.execute(
        "UPDATE recordings SET action = ?2, reason = ?3 WHERE meeting_uuid = ?1",
        params![cell.uuid(), action, reason],
    );
    assert_eq!(changed.expect("a row"), 1);
}

/// What is wrong with how a cell ended.
fn wrong(campus: &Campus, cell: &Cell, entries: &[Entry], (action, reason): &(String, Option<String>)) -> Vec<String> {
    let mut wrong = Vec::new();
    let alive: Vec<&Entry> = entries.iter().filter(|entry| entry.status != 3).collect();
    // what Kaltura could not process is no copy
    let sound = alive.iter().filter(|entry| entry.status >= 0);
    let hashes: Vec<Option<String>> = sound.map(|entry| campus.kaltura.sha256_of(&entry.id)).collect();
    let mut whole: Vec<&String> = hashes.iter().flatten().collect();
    let contents = whole.len();
    whole.sort();
    whole.dedup();
    if whole.len() != contents {
        wrong.push("doubled".to_owned());
    }
    let bare = hashes.iter().filter(|hash| hash.is_none()).count();
    let may_go_on = cell.zoom == InZoom::Processing;
    // an entry that the ledger does not know, or that it knows to be gone, is named by `verify`
    let is_unknown = match cell.state {
        "new" | "reserved" => cell.zoom == InZoom::Gone,
        "done" | "deleted" | "purged" => true,
        _ => false,
    };
    if bare > 0 && !may_go_on && !is_unknown {
        wrong.push(format!("{bare} entries without content are left"));
    }
    let meeting = campus.zoom.meetings().into_iter().find(|meeting| meeting.uuid() == cell.uuid());
    let listed = meeting.map(|meeting| meeting.files()).unwrap_or_default();
    let original = cell.meeting(cell.salt()).files()[0].sha256();
    let wanted: Vec<String> = listed.iter().map(RecordingFile::sha256).chain([original]).collect();
    let is_copied = whole.iter().any(|hash| wanted.contains(hash));
    // a token that was used up, of an entry that is empty: people may have deleted the one with the bytes
    let is_doubt = cell.kaltura == InKaltura::Upload(Moment::Closed)
        && matches!(cell.state, "new" | "reserved")
        && reason.as_deref() == Some("deleted_in_kaltura");
    let is_peoples = is_doubt
        || matches!(cell.kaltura, InKaltura::Deleted | InKaltura::Trimmed)
        || matches!(cell.state, "deleted" | "purged" | "done");
    let can_be_copied = matches!(cell.zoom, InZoom::Listed | InZoom::ListedOtherwise | InZoom::TakenOut)
        || matches!(cell.kaltura, InKaltura::Whole | InKaltura::Processing);
    if !is_copied && can_be_copied && !is_peoples {
        wrong.push("not copied".to_owned());
    }
    if !is_copied && !is_peoples && reason.is_none() {
        wrong.push(format!("not copied, without a reason: {action}"));
    }
    if is_copied && !is_peoples && !matches!(action.as_str(), "done" | "wait") {
        wrong.push(format!("copied, and reported as {action} {reason:?}"));
    }
    wrong
}

#[test]
fn every_state_has_a_way_out() {
    let (campus, cells) = copied();
    let ledger = campus.ledger();
    for cell in &cells {
        force(&campus, &ledger, cell);
    }
    let mut said = String::new();
    for round in 0..10 {
        if round == 5 {
            let long_ago =
                "UPDATE files SET attach_sent = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-2 days') WHERE state = 'sent'";
            ledger.execute(long_ago, []).expect("rows");
        }
        let run = campus.run_with(&SETTINGS, &["sync"]);
        let _ = writeln!(said, "exit {} {}", run.exit, run.err.lines().last().unwrap_or_default());
    }
    let mut found: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in campus.kaltura.entries() {
        found.entry(uuid_of(&entry)).or_default().push(entry);
    }
    let mut sql = ledger.prepare("SELECT meeting_uuid, action, reason FROM recordings").expect("a query");
    let rows = sql.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).expect("rows");
    let verdicts: BTreeMap<String, (String, Option<String>)> = rows.map(|row| row.expect("a row")).collect();
    let mut report = String::new();
    for cell in &cells {
        let entries = found.get(&cell.uuid()).map(Vec::as_slice).unwrap_or_default();
        let verdict = &verdicts[&cell.uuid()];
        for what in wrong(&campus, cell, entries, verdict) {
            let states: Vec<_> = entries.iter().map(|entry| (entry.id.as_str(), entry.status)).collect();
            let _ = writeln!(
                report,
                "{} {} {:?} {:?}: {what} ({verdict:?} {states:?})",
                cell.number, cell.state, cell.zoom, cell.kaltura
            );
        }
    }
    assert!(report.is_empty(), "{report}\n{said}");
}
