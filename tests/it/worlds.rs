//! Random worlds of orphans: a purge deletes nothing that is protected, all that is due, and what its dry run said.
//!
//! What is protected is said here in the words of the promise, not in those of the code.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta, Utc};
use rusqlite::{Connection, params};
use standin::fault::Fault;
use standin::kaltura::Seed;
use standin::setup::HOLDING_USER;
use standin::zoom::User;

use crate::campus::{Campus, Run};
use crate::chance::Chance;

/// So many worlds, each of so many orphans that know nothing of one another.
const WORLDS: u64 = 60;
const ORPHANS: u64 = 40;

/// What hangs on an entry.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Child {
    None,
    Ours,
    OursGivenAway,
    OfOthers,
}

/// Who hosted it: without an account, with one by now, or unknown to Zoom.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Host {
    Nobody,
    Account,
    Unknown,
}

/// What its admin tags say: whether it is nobody's, and who made it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Tagged {
    Orphan,
    Owned,
    /// As a version did that did not know of installations.
    Bare,
    OfAnother,
}

/// A copy and what became of it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that may have happened, whatever else did")]
struct Orphan {
    in_ledger: bool,
    /// By the ledger's clock, or by Kaltura's for one that the ledger does not know.
    hours: i64,
    in_transfer: bool,
    host: Host,
    given_away: bool,
    deleted: bool,
    unmarked: bool,
    tagged: Tagged,
    marked_otherwise: bool,
    published: bool,
    renamed: bool,
    child: Child,
}

impl Orphan {
    fn random(chance: &mut Chance) -> Orphan {
        Orphan {
            in_ledger: !chance.one_in(4),
            hours: chance.pick(&[0, 1, 23, 25, 30, 500]),
            in_transfer: chance.one_in(8),
            host: chance.pick(&[Host::Nobody, Host::Nobody, Host::Account, Host::Unknown]),
            given_away: chance.one_in(8),
            deleted: chance.one_in(12),
            unmarked: chance.one_in(12),
            tagged: chance.pick(&[
                Tagged::Orphan,
                Tagged::Orphan,
                Tagged::Orphan,
                Tagged::Orphan,
                Tagged::Orphan,
                Tagged::Owned,
                Tagged::Bare,
                Tagged::OfAnother,
            ]),
            marked_otherwise: chance.one_in(12),
            published: chance.one_in(8),
            renamed: chance.one_in(4),
            child: chance.pick(&[Child::None, Child::None, Child::Ours, Child::OursGivenAway, Child::OfOthers]),
        }
    }

    /// Promise 4: only what this installation made and marked as an orphan, still ownerless, confirmed longer ago than the
    /// limit, whole segments with their children; and nothing that people made something of.
    fn is_protected(self) -> bool {
        let not_ours = self.unmarked || self.marked_otherwise || self.tagged != Tagged::Orphan;
        let is_taken = self.given_away || self.published || (self.in_ledger && self.host == Host::Account);
        let not_its_time = self.hours < 24 || self.in_transfer;
        let others_would_go_too = matches!(self.child, Child::OursGivenAway | Child::OfOthers);
        not_ours || is_taken || not_its_time || others_would_go_too
    }

    /// Its host has an account by now, and nothing speaks against handing it over.
    fn finds_its_owner(self) -> bool {
        let is_ours = !self.unmarked && !self.marked_otherwise && self.tagged != Tagged::OfAnother;
        let is_there = !self.deleted && !self.given_away && is_ours;
        let due = self.hours >= 24 && !self.in_transfer;
        self.in_ledger && self.host == Host::Account && is_there && due && !self.published
    }
}

/// One world and the entry of each orphan.
struct World {
    campus: Campus,
    orphans: Vec<(String, Orphan)>,
    /// What people had deleted before.
    deleted: BTreeSet<String>,
}

impl World {
    fn random(chance: &mut Chance) -> World {
        let campus = Campus::new();
        campus.zoom.add_user(User::new("late", "late@uni.example"));
        campus.kaltura.add_user("late@uni.example", "");
        // an empty run makes the ledger
        assert_eq!(campus.run(&["purge"]).exit, 0);
        let ledger = campus.ledger();
        let category = campus.kaltura.add_category("MediaSpace>Physics");
        let orphans = (0..ORPHANS).map(|number| {
            let orphan = Orphan::random(chance);
            (place(&campus, &ledger, category, number, orphan), orphan)
        });
        let orphans = orphans.collect();
        let gone = campus.kaltura.entries().into_iter().filter(|entry| entry.status == 3);
        let deleted = gone.map(|entry| entry.id).collect();
        World { campus, orphans, deleted }
    }

    fn is_there(&self, id: &str) -> bool {
        self.campus.kaltura.entries().iter().any(|entry| entry.id == id && entry.status != 3)
    }

    /// Nothing that is protected is gone, nothing of others was changed, no user was made.
    fn nothing_protected_is_gone(&self, told: &str) {
        let entries = self.campus.kaltura.entries();
        for (id, orphan) in self.orphans.iter().filter(|(_, orphan)| orphan.is_protected() && !orphan.deleted) {
            assert!(self.is_there(id), "{id} is gone, and was protected: {orphan:?}\n{told}");
        }
        let others = entries.iter().filter(|entry| entry.name == "of others" || entry.user_id == "ada@uni.example");
        for entry in others.filter(|entry| !self.deleted.contains(&entry.id)) {
            assert_ne!(entry.status, 3, "{entry:?}\n{told}");
        }
        let known = ["ada@uni.example", "late@uni.example", HOLDING_USER, "zoom2kaltura"];
        let made: Vec<_> =
            self.campus.kaltura.users().into_iter().filter(|user| !known.contains(&user.id.as_str())).collect();
        assert!(made.is_empty(), "{made:?}\n{told}");
    }

    /// All that is due is gone, and what has an owner by now is theirs, children and all.
    fn all_that_is_due_is_done(&self, told: &str) {
        let entries = self.campus.kaltura.entries();
        for (id, orphan) in &self.orphans {
            let entry = entries.iter().find(|entry| entry.id == *id).expect("an entry is never forgotten");
            if orphan.finds_its_owner() {
                assert_eq!(entry.user_id, "late@uni.example", "{orphan:?}\n{told}");
                let own = entries.iter().filter(|child| child.parent_entry_id == *id && child.name == "ours");
                assert!(own.into_iter().all(|child| child.user_id == "late@uni.example"), "{orphan:?}\n{told}");
            } else if !orphan.is_protected() && (orphan.host != Host::Account || orphan.in_ledger) {
                assert_eq!(entry.status, 3, "{orphan:?}\n{told}");
            }
        }
    }
}

/// Puts a copy into Kaltura and, if it is to know it, into the ledger.
fn place(campus: &Campus, ledger: &Connection, category: u64, number: u64, orphan: Orphan) -> String {
    let start = (Utc::now() - TimeDelta::hours(orphan.hours + 2)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let uuid = format!("u{number}==");
    let mark = if orphan.marked_otherwise { "Zoom_other".to_owned() } else { format!("Zoom_{uuid}{start}") };
    let owner = if orphan.given_away { "ada@uni.example" } else { HOLDING_USER };
    let seed = Seed {
        name: if orphan.renamed { "Physics 7A, week 3" } else { "Lecture" }.to_owned(),
        user_id: owner.to_owned(),
        reference_id: mark,
        admin_tags: if orphan.unmarked { String::new() } else { tags(campus, orphan.tagged) },
        age: Duration::from_secs(orphan.hours.unsigned_abs() * 3600 + 60),
        status: if orphan.in_transfer && !orphan.in_ledger { 0 } else { 2 },
        ..Seed::default()
    };
    let id = campus.kaltura.add_entry(&seed);
    if orphan.child != Child::None {
        let (name, user, tags) = match orphan.child {
            Child::OfOthers => ("of others", owner, String::new()),
            Child::OursGivenAway => ("given away", "ada@uni.example", campus.tags(false)),
            _ => ("ours", owner, campus.tags(true)),
        };
        campus.kaltura.add_entry(&Seed {
            name: name.to_owned(),
            user_id: user.to_owned(),
            admin_tags: tags,
            parent_entry_id: id.clone(),
            reference_id: format!("{}#v", seed.reference_id),
            ..Seed::default()
        });
    }
    if orphan.published {
        campus.kaltura.publish(&id, category);
    }
    if orphan.deleted {
        campus.kaltura.delete_entry(&id);
    }
    if orphan.in_ledger {
        write(ledger, number, (&uuid, &start, &id), orphan);
    } else if orphan.host == Host::Account {
        // of such a one only Zoom knows the host
        let meeting = standin::zoom::Meeting::new(&uuid, 81_000_000_000, "Lecture").host("late").starts(&start);
        campus.zoom.add_meeting(meeting.video("shared_screen", standin::media::Media::mp4()));
    }
    id
}

fn tags(campus: &Campus, tagged: Tagged) -> String {
    match tagged {
        Tagged::Orphan => campus.tags(true),
        Tagged::Owned => campus.tags(false),
        Tagged::Bare => "zoom2kaltura".to_owned(),
        Tagged::OfAnother => campus.tags_of("0000bbbb", true),
    }
}

fn write(ledger: &Connection, number: u64, (uuid, start, entry): (&str, &str, &str), orphan: Orphan) {
    let host = match orphan.host {
        Host::Nobody => "guest",
        Host::Account => "late",
        Host::Unknown => "gone",
    };
    let confirmed = Utc::now() - TimeDelta::hours(orphan.hours) - TimeDelta::minutes(1);
    let confirmed = confirmed.to_rfc3339_opts(SecondsFormat::Secs, true);
    let row = i64::try_from(number + 1).expect("a row");
    let sql = "
        INSERT INTO recordings (id, meeting_uuid, recording_start, meeting_id, webinar, topic, meeting_start, host_id,
                                action, owner, orphan)
        VALUES (?1, ?2, ?3, 81000000000, 0, 'Lecture', ?3, ?4, 'done', ?5, 1)";
    ledger.execute(sql, params![row, uuid, start, host, HOLDING_USER]).expect("a recording");
    let sql = "
        INSERT INTO files (recording, file_id, role, bytes, state, entry_id, confirmed, by_kaltura)
        VALUES (?1, 'v', 'parent', 1048576, 'done', ?2, ?3, 1)";
    ledger.execute(sql, params![row, entry, confirmed]).expect("its copy");
    if orphan.in_transfer {
        let states = ["attaching", "attached", "importing", "sent", "unfetched"];
        let state = states[usize::try_from(number).expect("an index") % states.len()];
        let sql = "INSERT INTO files (recording, file_id, role, bytes, state) VALUES (?1, 'g', 'child', 7, ?2)";
        ledger.execute(sql, params![row, state]).expect("a copy under way");
    }
}

const SETTINGS: [(&str, &str); 2] =
    [("ZOOM2KALTURA_PURGE_MAX_ORPHAN_PERCENT", "100"), ("ZOOM2KALTURA_HTTP_RETRIES", "0")];

fn purge(world: &World, more: &[&str]) -> Run {
    world.campus.run_with(&SETTINGS, &[&["purge", "--format", "json"], more].concat())
}

/// What is to happen, or has happened, to each entry.
fn fates(run: &Run) -> BTreeMap<String, (String, String)> {
    let report = run.report();
    let items = report["items"].as_array().expect("items").iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    items.map(|item| (text(&item["entry_id"]), (text(&item["action"]), text(&item["reason"])))).collect()
}

/// Calls that are parts of a multirequest, and what these can answer.
const PARTS: [&str; 5] = ["user.get", "user.list", "media.get", "flavorAsset.getByEntryId", "categoryEntry.list"];
const EXCEPTIONS: [&str; 3] = ["INTERNAL_SERVERL_ERROR", "SERVICE_FORBIDDEN", "SOMETHING_ODD"];

fn in_worlds(seed: u64, test: impl Fn(&World, &mut Chance) + Sync) {
    let next = std::sync::atomic::AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if number >= WORLDS / 2 {
                        return;
                    }
                    let mut chance = Chance(seed + number);
                    let world = World::random(&mut chance);
                    test(&world, &mut chance);
                }
            });
        }
    });
}

#[test]
fn purge_follows_dry_run_and_protection() {
    in_worlds(1_000, |world, _| {
        let before = (world.campus.state(), world.campus.kaltura.fingerprint());
        let dry = purge(world, &["--dry-run"]);
        assert_eq!(dry.exit, 0, "{}", dry.err);
        assert_eq!((world.campus.state(), world.campus.kaltura.fingerprint()), before);
        let run = purge(world, &[]);
        assert_eq!(run.exit, 0, "{}", run.err);
        assert_eq!(fates(&run), fates(&dry));
        world.nothing_protected_is_gone(&run.out);
        world.all_that_is_due_is_done(&run.out);
        let again = purge(world, &[]);
        let done: BTreeSet<_> = fates(&again).into_values().map(|(action, _)| action).collect();
        assert!(done.is_empty() || done == BTreeSet::from(["keep".to_owned()]), "{done:?}");
    });
}

#[test]
fn faulty_purges_delete_nothing_protected() {
    in_worlds(2_000, |world, chance| {
        for _ in 0..=chance.below(3) {
            let fault = match chance.below(4) {
                0 => Fault::answer(503, "busy"),
                1 => Fault::Reset,
                2 => Fault::garbage(),
                _ => Fault::LostAnswer,
            };
            let hit = usize::try_from(1 + chance.below(8)).expect("a hit");
            let queue = |call, fault| world.campus.kaltura.faults().queue(call, hit, fault);
            match chance.below(4) {
                0 => queue(chance.pick(&PARTS), Fault::exception(chance.pick(&EXCEPTIONS))),
                1 => world.campus.kaltura.faults().queue("session.start", 1, fault),
                _ => queue(chance.pick(&["multirequest", "media.delete", "baseEntry.update"]), fault),
            }
        }
        let behind = chance.one_in(3);
        if behind {
            world.campus.kaltura.freeze_index(true);
            let late = Orphan { in_ledger: true, hours: 30, deleted: false, ..Orphan::random(chance) };
            let ledger = world.campus.ledger();
            place(&world.campus, &ledger, 1, ORPHANS, late);
        }
        for _ in 0..3 {
            let run = purge(world, &[]);
            assert!([0, 1, 3, 4, 5, 6].contains(&run.exit), "{} {}", run.exit, run.err);
            world.nothing_protected_is_gone(&format!("{}{}", run.out, run.err));
        }
        world.campus.kaltura.freeze_index(false);
        let run = (0..6).map(|_| purge(world, &[])).find(|run| run.exit == 0).expect("a run");
        assert_eq!(run.exit, 0, "{}", run.err);
        world.nothing_protected_is_gone(&run.out);
        world.all_that_is_due_is_done(&run.out);
    });
}
