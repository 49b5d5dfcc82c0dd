//! Groups of users in Kaltura: hosts who take themselves out by joining one.

use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::setup::{HOLDING_USER, documented_role};
use standin::zoom::{User, Zoom};

use crate::campus::{Campus, Run, lecture};

const GROUPS: (&str, &str) = ("ZOOM2KALTURA_FILTER_OPT_OUT_KALTURA_GROUPS", "Zoom-Opt-Out, staff");
const NO_RETRIES: (&str, &str) = ("ZOOM2KALTURA_HTTP_RETRIES", "0");
const AT_ONCE: (&str, &str) = ("ZOOM2KALTURA_SYNC_RETRY_AFTER", "0s");

/// Ada and Bert have accounts and a lecture each; Ada is in one of two groups.
fn campus_of(kaltura: Kaltura) -> Campus {
    let campus = Campus::of(Zoom::start(), kaltura);
    campus.zoom.add_user(User::new("bert", "bert@uni.example"));
    campus.kaltura.add_user("bert@uni.example", "");
    campus.kaltura.add_group("zoom-opt-out", "");
    campus.kaltura.add_group("staff", "");
    campus.kaltura.join_group("zoom-opt-out", "ada@uni.example");
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("bert==", 81_000_000_002, "bert", 4));
    campus
}

fn sync(campus: &Campus, args: &[&str]) -> Run {
    campus.run_with(&[GROUPS, NO_RETRIES, AT_ONCE], &[&["sync", "--format", "json"], args].concat())
}

#[test]
fn kaltura_group_members_are_not_copied() {
    let campus = campus_of(Kaltura::start());
    let dry = sync(&campus, &["--dry-run"]);
    let run = sync(&campus, &[]);
    for run in [&dry, &run] {
        assert_eq!((run.exit, run.report()["items"][0]["reason"].as_str()), (0, Some("opted_out")), "{}", run.err);
    }
    assert_eq!(campus.copied(), ["Lecture 81000000002"]);
    let told = campus.run_with(&[GROUPS], &["explain", "ada@uni.example"]).out;
    assert!(told.contains("not copied, and nothing more happens: the host opted out"), "{told}");
    campus.sync_until_done_with(&[GROUPS]);
    // where nothing is new, all groups together take one request
    campus.kaltura.log().clear();
    assert_eq!(sync(&campus, &[]).exit, 0);
    let calls = campus.kaltura.log().calls();
    assert_eq!(calls.iter().filter(|call| *call == "multirequest").count(), 1, "{calls:?}");
    let group_calls = ["session.start", "multirequest", "user.get", "groupUser.list"];
    assert!(calls.iter().all(|call| group_calls.contains(&call.as_str())), "{calls:?}");
    let check = campus.run_with(&[GROUPS], &["check"]);
    let lines = ["Kaltura group \"Zoom-Opt-Out\": 1 member", "Kaltura group \"staff\": 0 members"];
    assert!(check.exit == 0 && lines.iter().all(|line| check.out.contains(line)), "{}", check.out);
    campus.lose_ledger();
    campus.sync_until_done_with(&[GROUPS]);
    assert_eq!(campus.copied(), ["Lecture 81000000002"], "with a lost ledger too");
    // Ada leaves: nothing of the past is copied
    campus.kaltura.leave_group("zoom-opt-out", "ada@uni.example");
    let run = sync(&campus, &[]);
    assert!(
        run.exit == 6
            && run.err.contains(
                "filter.opt_out_kaltura_groups: the group \"Zoom-Opt-Out\" had 1 name before and has none now"
            ),
        "{}",
        run.err
    );
    campus.zoom.add_meeting(lecture("late==", 81_000_000_003, "ada", 2));
    assert_eq!(sync(&campus, &[]).report()["reasons"]["list_in_doubt"]["recordings"], 1);
    assert_eq!(sync(&campus, &["--accept-list"]).exit, 0);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    campus.zoom.add_meeting(lecture("new==", 81_000_000_004, "ada", 0));
    assert_eq!(sync(&campus, &[]).exit, 0);
    assert_eq!(campus.copied(), ["Lecture 81000000002", "Lecture 81000000004"]);
}

/// Nobody is copied, and the run says why; once all groups can be read, all is as it should be.
#[test]
fn unreadable_kaltura_group_holds_back() {
    const CALL: &str = "multirequest of groupUser.list";
    let forbidden = r#"{"code":"SERVICE_FORBIDDEN","message":"The access to service [groupUser->list] is forbidden","objectType":"KalturaAPIException","args":{"SERVICE":"groupUser->list"}}"#;
    let group = |id: &str| format!(r#"{{"objectType":"KalturaUser","id":"{id}","status":1,"type":1}}"#);
    let both =
        |first: &str, list: &str| format!("[{list},{},{{\"totalCount\":0,\"objects\":[]}},{}]", first, group("staff"));
    let first = group("zoom-opt-out");
    let person = r#"{"objectType":"KalturaUser","id":"zoom-opt-out","status":1,"type":0}"#;
    let empty = r#"{"totalCount":0,"objects":[]}"#;
    let cases = [
        (Fault::json(200, "[]"), 5, "cannot be read"),
        (Fault::json(200, &both(&first, forbidden)), 4, "groupUser.list answered SERVICE_FORBIDDEN"),
        (Fault::json(200, &both(person, empty)), 3, "the group \"Zoom-Opt-Out\" does not exist"),
        (Fault::answer(503, "busy"), 5, "the group \"Zoom-Opt-Out\" cannot be read"),
    ];
    for (fault, exit, said) in cases {
        let campus = campus_of(Kaltura::start());
        campus.kaltura.faults().queue(CALL, 1, fault.clone());
        let run = sync(&campus, &[]);
        assert!(run.exit == exit && run.err.contains(said), "{fault:?}: {} {}", run.exit, run.err);
        assert_eq!(run.report()["reasons"]["group_unreadable"]["recordings"], 2, "{fault:?}: {}", run.out);
        assert_eq!(campus.copied(), Vec::<String>::new(), "{fault:?}");
    }
    let campus = campus_of(Kaltura::start());
    campus.kaltura.delete_user("staff");
    let run = sync(&campus, &[]);
    assert!(run.exit == 3 && run.err.contains("Kaltura: the group \"staff\" does not exist"), "{}", run.err);
    let check = campus.run_with(&[GROUPS], &["check"]);
    assert!(check.exit == 7 && check.out.contains("FAIL Kaltura group \"staff\": Kaltura: the group"), "{}", check.out);
    assert_eq!(campus.copied(), Vec::<String>::new());
    campus.kaltura.add_group("staff", "");
    assert_eq!(sync(&campus, &[]).exit, 0);
    assert_eq!(campus.copied(), ["Lecture 81000000002"]);
}

/// What is in Kaltura stays.
#[test]
fn late_joining_undoes_unfinished_only() {
    let campus = campus_of(Kaltura::start());
    campus.sync_until_done_with(&[GROUPS]);
    campus.zoom.add_meeting(lecture("two==", 81_000_000_003, "bert", 3));
    campus.kaltura.faults().queue("uploadToken.upload", 1, Fault::Reset);
    sync(&campus, &[]);
    assert_eq!(campus.copied().len(), 2);
    campus.kaltura.join_group("staff", "bert@uni.example");
    let run = sync(&campus, &[]);
    assert_eq!((run.exit, campus.kaltura.alive().len()), (0, 1), "{}", run.err);
    assert_eq!(campus.kaltura.alive()[0].name, "Lecture 81000000002");
}

/// An orphan is not handed over to somebody who opted out; of a host with several accounts one may have.
#[test]
fn opted_out_accounts_inherit_nothing() {
    let campus = campus_of(Kaltura::start());
    campus.zoom.add_meeting(lecture("guest==", 81_000_000_003, "guest", 3));
    campus.sync_until_done_with(&[GROUPS]);
    campus.kaltura.add_user("guest@elsewhere.example", "");
    campus.kaltura.join_group("staff", "guest@elsewhere.example");
    let orphan = |campus: &Campus| campus.owners().iter().filter(|owner| *owner == HOLDING_USER).count();
    for _ in 0..2 {
        campus.zoom.log().clear();
        assert_eq!((sync(&campus, &[]).exit, orphan(&campus)), (0, 1));
    }
    assert_eq!(campus.zoom.log().count("GET /users/{}"), 0, "who opted out is not asked about again");
    for (fault, exit, left) in [(Some(Fault::answer(503, "busy")), 5, 1), (None, 0, 0)] {
        campus.kaltura.log().clear();
        if let Some(fault) = fault {
            campus.kaltura.faults().queue("multirequest of groupUser.list", 1, fault);
        }
        let run = campus.run_with(&[GROUPS, NO_RETRIES], &["purge", "--older-than", "0s"]);
        assert_eq!((run.exit, orphan(&campus)), (exit, left), "{}", run.err);
        assert!(!campus.owners().contains(&"guest@elsewhere.example".to_owned()), "{:?}", campus.owners());
    }
    campus.zoom.add_user(User::new("twin", "twin@uni.example"));
    campus.kaltura.add_user("t1", "twin@uni.example");
    campus.kaltura.add_user("t2", "twin@uni.example");
    campus.zoom.add_meeting(lecture("twin==", 81_000_000_004, "twin", 2));
    let run = sync(&campus, &[]);
    let said = "one of them may be in a group of filter.opt_out_kaltura_groups";
    assert!(run.exit == 3 && run.out.contains(said), "{} {}", run.exit, run.out);
    let aliases = campus.setup.path().join("aliases");
    std::fs::write(&aliases, "twin@uni.example,t1\n").expect("an alias file");
    let alias = ("ZOOM2KALTURA_OWNER_ALIASES", aliases.to_str().expect("a path"));
    assert_eq!(campus.run_with(&[GROUPS, alias, AT_ONCE], &["sync"]).exit, 0);
    assert!(campus.owners().contains(&"t1".to_owned()), "{:?}", campus.owners());
}

/// A campus whose group has pages: Ada is the first one on the second page.
fn campus_with_pages(kaltura: Kaltura) -> Campus {
    let campus = campus_of(kaltura);
    campus.kaltura.leave_group("zoom-opt-out", "ada@uni.example");
    for number in 0..501 {
        let user = if number == 500 { "ada@uni.example".to_owned() } else { format!("u{number}") };
        campus.kaltura.add_user(&user, "");
        campus.kaltura.join_group_at("zoom-opt-out", &user, 1_700_000_000 + number);
    }
    campus
}

#[test]
fn large_group_is_read_whole() {
    let campus = campus_with_pages(Kaltura::builder().role(&documented_role()).start());
    assert_eq!(sync(&campus, &[]).exit, 0);
    assert_eq!(campus.copied(), ["Lecture 81000000002"]);
    assert_eq!(campus.kaltura.log().count("groupUser.list"), 3, "two groups and one further page");
}

/// More than fit a page: it is read until two readings agree.
#[test]
fn members_of_one_second_are_read() {
    let campus = campus_of(Kaltura::start());
    campus.kaltura.leave_group("zoom-opt-out", "ada@uni.example");
    let before = |number: u32| (0..number).map(|number| format!("u{number}"));
    let members = before(500).chain(["ada@uni.example".to_owned()]).chain(before(600).skip(500));
    for user in members.collect::<Vec<_>>() {
        campus.kaltura.add_user(&user, "");
        campus.kaltura.join_group_at("zoom-opt-out", &user, 1_700_000_000);
    }
    // behind the second page that is asked for: Ada moves to one that was read, and as many come as were announced
    campus.kaltura.add_user("eve", "");
    campus.kaltura.swap_behind_page("staff", "nobody", "u2");
    campus.kaltura.swap_behind_page("zoom-opt-out", "u1", "eve");
    assert_eq!(sync(&campus, &[]).exit, 0);
    assert_eq!(campus.copied(), ["Lecture 81000000002"]);
}

/// As many rows come as were announced, and one host less, in whose place another one comes.
#[test]
fn swap_between_pages_hides_nobody() {
    let campus = campus_with_pages(Kaltura::start());
    campus.kaltura.add_user("eve", "");
    campus.kaltura.swap_behind_page("zoom-opt-out", "u1", "eve");
    let run = sync(&campus, &[]);
    assert_eq!((run.exit, campus.copied()), (0, vec!["Lecture 81000000002".to_owned()]), "{}", run.err);
}

/// Two rows of one member are not two: somebody may be missing, and everybody waits.
#[test]
fn member_shown_twice_holds_back() {
    let campus = campus_of(Kaltura::start());
    campus.kaltura.join_group("zoom-opt-out", "ada@uni.example");
    let run = sync(&campus, &[]);
    let said = "it announced 2 members, but 1 came; \"ada@uni.example\" is in it twice";
    assert!(run.exit == 5 && run.err.contains(said), "{} {}", run.exit, run.err);
    assert_eq!(run.report()["reasons"]["group_unreadable"]["recordings"], 2, "{}", run.out);
    assert_eq!(campus.kaltura.log().count("groupUser.list"), 5, "it is read anew, and the other group is not");
    campus.kaltura.leave_group("zoom-opt-out", "ada@uni.example");
    campus.kaltura.join_group("zoom-opt-out", "ada@uni.example");
    assert_eq!(sync(&campus, &[]).exit, 0);
    assert_eq!(campus.copied(), ["Lecture 81000000002"]);
}

/// While it is read: what comes then is empty, which is no group without members.
#[test]
fn deleted_group_is_not_empty() {
    let campus = campus_of(Kaltura::start());
    let list =
        r#"{"totalCount":2,"objects":[{"userId":"ada@uni.example","groupId":"zoom-opt-out","createdAt":1700000000}]}"#;
    let group = r#"{"objectType":"KalturaUser","id":"zoom-opt-out","status":1,"type":1}"#;
    let staff = r#"{"totalCount":0,"objects":[]},{"objectType":"KalturaUser","id":"staff","status":1,"type":1}"#;
    let body = format!("[{list},{group},{staff}]");
    campus.kaltura.faults().queue("multirequest of groupUser.list", 1, Fault::json(200, &body));
    campus.kaltura.delete_user("zoom-opt-out");
    let run = sync(&campus, &[]);
    assert!(run.exit == 3 && run.err.contains("the group \"Zoom-Opt-Out\" does not exist"), "{} {}", run.exit, run.err);
    assert_eq!(campus.copied(), Vec::<String>::new());
}
