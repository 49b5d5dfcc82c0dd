//! An app token in place of the admin secret: it does all that a run needs, and is never shown.

use std::fs;

use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::media::Media;
use standin::setup::documented_role;
use standin::zoom::{User, Zoom};

use crate::campus::{Campus, Run, lecture};

/// A campus whose configuration names an app token of this kind and no secret.
fn campus(hash: &str) -> (Campus, String) {
    on(Campus::new(), hash)
}

fn on(campus: Campus, hash: &str) -> (Campus, String) {
    let (id, token) = campus.kaltura.add_app_token(hash);
    campus.setup.write_secret("kaltura-token", &token);
    let text = fs::read_to_string(campus.setup.config()).expect("a configuration");
    let ours = format!("app_token_id = \"{id}\"\napp_token_hash = \"{hash}\"\napp_token_file = \"kaltura-token\"");
    fs::write(campus.setup.config(), text.replace("admin_secret_file = \"kaltura-secret\"", &ours)).expect("changed");
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_002, "guest", 4));
    (campus, token)
}

fn printed(run: &Run) -> String {
    format!("{}{}", run.out, run.err)
}

#[test]
fn each_hash_kind_runs_and_purges() {
    for hash in ["SHA1", "SHA256", "SHA512"] {
        let (campus, _) = campus(hash);
        campus.sync_until_done();
        assert_eq!(campus.kaltura.entries().len(), 2, "{hash}");
        assert_eq!(campus.run(&["purge", "--older-than", "0s"]).exit, 0);
        assert_eq!(campus.run(&["check"]).exit, 0);
        assert_eq!(campus.kaltura.log().count("session.start"), 0);
    }
}

/// They do not see the uploads of others.
#[test]
fn user_session_tokens_are_refused() {
    let (campus, _) = campus("SHA256");
    campus.kaltura.open_user_sessions();
    let check = campus.run(&["check"]);
    assert!(check.exit == 7 && check.out.contains("FAIL Kaltura login"), "{}", printed(&check));
    let run = campus.run(&["sync"]);
    for said in [printed(&check), printed(&run)] {
        assert!(said.contains("opens USER sessions") && said.contains("sessionType 2"), "{said}");
    }
    assert!(run.exit != 0 && campus.kaltura.entries().is_empty(), "{} {}", run.exit, run.err);
}

#[test]
fn expired_session_is_renewed() {
    let (campus, _) = campus("SHA256");
    campus.kaltura.faults().queue(
        "uploadToken.add",
        1,
        Fault::json(
            200,
            r#"{"code":"INVALID_KS","message":"x","objectType":"KalturaAPIException","args":{"KSID":"EXPIRED"}}"#,
        ),
    );
    campus.sync_until_done();
    assert_eq!(campus.kaltura.entries().len(), 2);
}

#[test]
fn bad_tokens_fail_without_being_shown() {
    for (hash, change) in [("SHA1", "hash"), ("SHA256", "token"), ("SHA512", "id")] {
        let (campus, token) = campus(hash);
        let text = fs::read_to_string(campus.setup.config()).expect("a configuration");
        match change {
            "hash" => fs::write(campus.setup.config(), text.replace("\"SHA1\"", "\"SHA256\"")).expect("changed"),
            "id" => fs::write(campus.setup.config(), text.replace("app_token_id = \"", "app_token_id = \"x"))
                .expect("changed"),
            _ => campus.setup.write_secret("kaltura-token", "another"),
        }
        let run = campus.run(&["-vv", "sync"]);
        assert_eq!(run.exit, 4, "{change}: {}", run.err);
        assert_eq!(run.err.lines().filter(|line| line.contains("ERROR")).count(), 1, "{}", run.err);
        assert!(!printed(&run).contains(&token), "{}", printed(&run));
    }
    let (campus, token) = campus("SHA256");
    let run = campus.run(&["-vv", "sync", "--format", "json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    let ledger = fs::read(campus.setup.ledger_file()).expect("a ledger");
    assert!(!printed(&run).contains(&token) && !String::from_utf8_lossy(&ledger).contains(&token));
    assert!(!campus.run(&["config", "show"]).out.contains(&token));
}

/// The exit codes of all that writes: copies with captions, a chat and a category, an upload with a fault, an orphan handed over,
/// a recording that was renamed, another orphan purged; and of what is read of a group.
fn everything(permissions: &[&str]) -> Vec<i32> {
    let kaltura = Kaltura::builder().role(permissions).start();
    let (campus, _) = on(Campus::of(Zoom::start(), kaltura), "SHA256");
    campus.kaltura.add_category("Zoom");
    campus.kaltura.add_group("staff", "");
    campus.zoom.add_user(User::new("heir", "heir@uni.example"));
    campus.zoom.add_meeting(lecture("heir==", 81_000_000_003, "heir", 3).transcript(Media::vtt()).chat(Media::chat()));
    // after a fault Kaltura is asked where the upload stands
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::LostAnswer);
    let settings = [
        ("ZOOM2KALTURA_COPY_CATEGORY", "Zoom"),
        ("ZOOM2KALTURA_COPY_CHAT", "true"),
        ("ZOOM2KALTURA_COPY_FOLLOW_RENAMES", "true"),
        ("ZOOM2KALTURA_FILTER_OPT_OUT_KALTURA_GROUPS", "staff"),
    ];
    let mut exits = Vec::new();
    for account in [false, true] {
        if account {
            campus.kaltura.add_user("heir@uni.example", "");
            campus.zoom.change_meeting("heir==", |meeting| meeting.topic("Inheritance"));
        }
        for _ in 0..3 {
            exits.push(campus.run_with(&settings, &["sync"]).exit);
            std::thread::sleep(std::time::Duration::from_millis(60));
        }
    }
    exits.push(campus.run_with(&settings, &["purge", "--older-than", "0s"]).exit);
    exits
}

#[test]
fn documented_role_is_exactly_enough() {
    let role = documented_role();
    let role: Vec<&str> = role.iter().map(String::as_str).collect();
    assert_eq!(everything(&role), [0; 7]);
    for left_out in &role {
        let less: Vec<&str> = role.iter().copied().filter(|permission| permission != left_out).collect();
        let exits = everything(&less);
        assert!(exits.iter().any(|exit| [3, 4].contains(exit)), "without {left_out} all goes well: {exits:?}");
    }
}
