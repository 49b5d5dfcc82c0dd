//! An upgrade is announced before it is made, and a backup from before it fits the older version.

use rusqlite::Connection;

use crate::campus::Campus;

const OLDER: &str = include_str!("../fixtures/ledgers/05.sql");

#[test]
fn status_announces_ledger_upgrades() {
    let campus = Campus::new();
    assert_eq!(campus.run(&["sync"]).exit, 0);
    let identity: Vec<(String, String)> = {
        let ledger = campus.ledger();
        let sql = "SELECT key, value FROM meta WHERE key IN ('zoom_account', 'kaltura_url', 'partner_id')";
        let mut rows = ledger.prepare(sql).expect("a ledger");
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
        rows.collect::<Result<_, _>>().expect("whose it is")
    };
    assert!(!campus.run(&["status"]).out.contains("has format"));
    std::fs::remove_file(campus.setup.ledger_file()).expect("another one takes its place");
    let older = Connection::open(campus.setup.ledger_file()).expect("a file");
    older.execute_batch(OLDER).expect("an older ledger");
    for (key, value) in identity {
        older.execute("UPDATE meta SET value = ?2 WHERE key = ?1", [key, value]).expect("whose it is");
    }
    drop(older);
    let (before, format) = (campus.state(), format_of(&campus));
    assert_eq!(format, 5);
    let said = campus.run(&["status"]).out;
    assert!(
        said.contains("has format 5; the next run brings it to") && said.contains("zoom2kaltura backup FILE"),
        "{said}"
    );
    let json: serde_json::Value = serde_json::from_str(&campus.run(&["status", "--format", "json"]).out).expect("JSON");
    assert_eq!(json["ledger_upgrade"]["from"], 5);
    assert!(campus.run(&["status", "--format", "html"]).out.contains("has format 5"));
    assert_eq!(campus.state(), before, "it only looks");
    let backup = campus.setup.path().join("ledger.bak");
    assert_eq!(campus.run(&["backup", &backup.display().to_string()]).exit, 0);
    campus.run(&["sync"]);
    assert!(format_of(&campus) > 5 && !campus.run(&["status"]).out.contains("has format"));
    // an older version would go on with it, and this one too
    std::fs::copy(&backup, campus.setup.ledger_file()).expect("the backup is restored");
    assert_eq!(format_of(&campus), 5);
    assert!(campus.run(&["status"]).out.contains("has format 5"));
}

fn format_of(campus: &Campus) -> i64 {
    campus.ledger().pragma_query_value(None, "user_version", |row| row.get(0)).expect("a format")
}
