//! Lists of entitled users, groups, children of other types, tags with words in them: what Kaltura does by itself leads to
//! nothing.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::kaltura::Seed;
use standin::media::Media;
use standin::setup::HOLDING_USER;
use standin::zoom::{Part, Zoom};

use crate::campus::{Campus, lecture};

const PURGE: [&str; 5] = ["purge", "--older-than", "0s", "--format", "json"];
const RIGHTS: [(&str, &str); 2] =
    [("ZOOM2KALTURA_RIGHTS_ALTERNATIVE_HOSTS", "editor"), ("ZOOM2KALTURA_HTTP_RETRIES", "0")];

/// A lecture with a further view and an alternative host, copied; no rights are given yet.
fn with_rights(candidates: &str, people: &[&str]) -> (Campus, Vec<(&'static str, String)>) {
    let zoom = Zoom::builder().with_scope("meeting:read:meeting:admin").start();
    let campus = Campus::of(zoom, Kaltura::start());
    let mut meeting = lecture("u==", 81_000_000_001, "ada", 5).video("gallery_view", Media::mp4().salted(9));
    for person in people {
        meeting = meeting.with(Part::AlternativeHost, person);
    }
    campus.zoom.add_meeting(meeting);
    let settings = RIGHTS.map(|(key, value)| (key, value.to_owned())).to_vec();
    let rules = [("ZOOM2KALTURA_OWNER_CANDIDATES", candidates), ("ZOOM2KALTURA_OWNER_DOMAINS", "uni.example")];
    (campus, [settings, rules.map(|(key, value)| (key, value.to_owned())).to_vec()].concat())
}

fn sync(campus: &Campus, settings: &[(&'static str, String)]) {
    let settings: Vec<(&str, &str)> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
    for _ in 0..40 {
        let run = campus.run_with(&settings, &["sync", "--format", "json"]);
        if run.exit == 0 && !run.waits_for_kaltura() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    campus.setup.age_rights(TimeDelta::days(1));
    let run = campus.run_with(&settings, &["sync"]);
    assert_eq!(run.exit, 0, "{}", run.err);
}

#[test]
fn update_over_deleted_user_succeeds() {
    for list in 0..3 {
        let (campus, settings) = with_rights("{email}", &["bert@uni.example"]);
        let settings: Vec<(&str, &str)> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
        campus.kaltura.add_user("bert@uni.example", "");
        campus.kaltura.add_user("eve@uni.example", "");
        let asked = "GET /meetings/{}";
        campus.zoom.faults().queue(asked, 1, Fault::answer(503, "busy"));
        for _ in 0..40 {
            campus.run_with(&settings, &["sync"]);
            if campus.zoom.log().count(asked) > 0 {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let id = campus.parent().id;
        // a list on which somebody stands who is deleted before it is set the next time
        let lists = [0, 1, 2].map(|number| if number == list { "eve@uni.example" } else { "" });
        campus.kaltura.entitle(&id, lists);
        campus.kaltura.delete_user("eve@uni.example");
        campus.setup.age_rights(TimeDelta::hours(1));
        let run = campus.run_with(&settings, &["sync"]);
        assert_eq!(run.exit, 0, "{list}: {}", run.err);
        // Zoom was down for the last run, and nothing else is said
        assert!(run.err.lines().all(|line| line.contains("Zoom answers again: ")), "{list}: {}", run.err);
        let entitled = campus.kaltura.entry(&id).expect("it").entitled;
        assert!(entitled[1].contains("bert@uni.example"), "{list}: {entitled:?}");
        // a list that is not Bert's is left as it is, whoever stands on it
        assert!(list == 1 || entitled[list] == "eve@uni.example", "{list}: {entitled:?}");
        assert!(!campus.kaltura.users().iter().any(|user| user.id == "eve@uni.example" && user.status != 2));
        campus.zoom.log().clear();
        assert_eq!(campus.run_with(&settings, &["sync"]).exit, 0);
        assert_eq!(campus.zoom.log().count(asked), 0, "given once");
    }
}

#[test]
fn only_active_persons_get_rights() {
    for candidates in ["{email}", "{localpart}", "{email}-staff"] {
        let people = ["bert", "gone", "blocked", "grp", "unknown", "alias"].map(|name| format!("{name}@uni.example"));
        let (campus, mut settings) = with_rights(candidates, &people.each_ref().map(String::as_str));
        let id = |name: &str| match candidates {
            "{localpart}" => name.to_owned(),
            "{email}" => format!("{name}@uni.example"),
            _ => format!("{name}@uni.example-staff"),
        };
        campus.kaltura.add_user(&id("ada"), "");
        for name in ["bert", "gone", "blocked"] {
            campus.kaltura.add_user(&id(name), &format!("{name}@uni.example"));
        }
        campus.kaltura.delete_user(&id("gone"));
        campus.kaltura.block_user(&id("blocked"));
        campus.kaltura.add_group(&id("grp"), "grp@uni.example");
        campus.kaltura.add_group("group", "");
        let file = campus.setup.path().join("aliases.csv");
        std::fs::write(&file, "alias@uni.example,group\n").expect("an alias file");
        settings.push(("ZOOM2KALTURA_OWNER_ALIASES", file.display().to_string()));
        let before = campus.kaltura.users().len();
        sync(&campus, &settings);
        sync(&campus, &settings);
        assert_eq!(campus.parent().entitled, [String::new(), id("bert"), String::new()], "{candidates}");
        // the session's own user is there from now on
        let made = campus.kaltura.users().into_iter().filter(|user| user.id != "zoom2kaltura").count();
        assert_eq!(made, before, "nobody was made");
    }
}

#[test]
fn groups_never_own_or_receive() {
    for (id, email) in [("grp@uni.example", ""), ("grp", "grp@uni.example")] {
        let campus = Campus::new();
        campus.zoom.add_user(standin::zoom::User::new("grp", "grp@uni.example"));
        campus.kaltura.add_group(id, email);
        campus.zoom.add_meeting(lecture("g==", 81_000_000_001, "grp", 5));
        campus.sync_until_done();
        assert_eq!(campus.parent().user_id, HOLDING_USER, "{id}");
        let run = campus.run(&["reassign", "ada@uni.example", id]);
        assert!(run.exit != 0 && run.err.contains("or is a group"), "{} {}", run.exit, run.err);
        let run = campus.run_with(&[("ZOOM2KALTURA_OWNER_HOLDING_USER", id)], &["check"]);
        assert!(run.out.contains("or is a group"), "{}", run.out);
    }
}

#[test]
fn inherited_child_lists_are_no_difference() {
    let campus = Campus::new();
    campus
        .zoom
        .add_meeting(lecture("guest==", 81_000_000_001, "guest", 5).video("gallery_view", Media::mp4().salted(9)));
    campus.sync_until_done();
    let child = campus.kaltura.entries().into_iter().find(|entry| !entry.parent_entry_id.is_empty()).expect("a view");
    assert!(child.entitled.iter().all(|list| list == HOLDING_USER), "{child:?}");
    let run = campus.run(&["verify"]);
    assert_eq!(run.exit, 0, "{} {}", run.out, run.err);
    let item = campus.run(&PURGE).report()["items"][0].clone();
    assert_eq!((&item["action"], &item["result"]), (&json!("delete"), &json!("done")), "{item}");
}

#[test]
fn foreign_child_protects_an_orphan() {
    for entry_type in [1, 6, 10] {
        let campus = Campus::new();
        campus.zoom.add_meeting(lecture("guest==", 81_000_000_001, "guest", 5));
        campus.sync_until_done();
        let id = campus.parent().id;
        campus.kaltura.add_entry(&Seed {
            parent_entry_id: id.clone(),
            user_id: HOLDING_USER.to_owned(),
            entry_type,
            bytes: 0,
            ..Seed::default()
        });
        let item = campus.run(&PURGE).report()["items"][0].clone();
        assert_eq!((&item["action"], &item["reason"]), (&json!("keep"), &json!("someone_else_added")), "{entry_type}");
        assert_ne!(campus.kaltura.entry(&id).expect("it").status, 3, "{entry_type}");
    }
}

#[test]
fn tag_containing_ours_is_foreign() {
    for tags in ["zoom2kaltura-orphan", "old zoom2kaltura", "x-zoom2kaltura", "my zoom2kaltura tag,b"] {
        let campus = Campus::new();
        campus.kaltura.add_user("eve", "");
        let seed = |owner: &str| Seed {
            admin_tags: tags.to_owned(),
            user_id: owner.to_owned(),
            age: Duration::from_secs(90 * 86_400),
            reference_id: "Zoom_bm9uZQ_2026-11-20T09:00:00Z".to_owned(),
            ..Seed::default()
        };
        let (held, of_eve) = (campus.kaltura.add_entry(&seed(HOLDING_USER)), campus.kaltura.add_entry(&seed("eve")));
        campus.kaltura.delete_user("eve");
        let out = campus.run(&PURGE).out + &campus.run(&["retention", "--format", "json"]).out;
        assert!(!out.contains(&of_eve), "{tags}: {out}");
        let run = campus.run(&["reassign", "eve", "ada@uni.example", "--format", "json"]);
        assert!(!run.out.contains(&of_eve), "{tags}: {}", run.out);
        assert_ne!(campus.kaltura.entry(&held).expect("it").status, 3, "{tags}");
    }
}
