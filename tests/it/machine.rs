//! Faults of the machine are named as what they are, with what to do, and nothing is copied in spite of them.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use standin::fault::Fault;
use standin::kaltura::Kaltura;
use standin::zoom::Zoom;

use crate::campus::{Campus, Run, lecture};

/// The six variables that name a proxy.
const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// Variables of the environment, and what is said of them.
type Lack = (&'static [(&'static str, &'static str)], &'static [&'static str]);

/// What somebody does to the ledger of a run, and its name.
type Harm = (&'static str, fn(&Campus));

/// One line with the exit code of a fault of set-up, which says this and not that.
fn is_named(run: &Run, exit: i32, said: &[&str], unsaid: &[&str]) {
    assert_eq!(run.exit, exit, "{}{}", run.out, run.err);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    assert!(said.iter().all(|word| run.err.contains(word)), "{said:?}: {}", run.err);
    assert!(!unsaid.iter().any(|word| run.err.contains(word)), "{unsaid:?}: {}", run.err);
}

/// A server that gives every request the same answer, and counts them.
struct Answering {
    port: u16,
    asked: Arc<AtomicUsize>,
}

impl Answering {
    fn with(answer: &'static str) -> Answering {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound socket").port();
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                counted.fetch_add(1, Ordering::Relaxed);
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Answering { port, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// A host that no resolver is asked for: its name is too long to be one.
fn nowhere() -> String {
    format!("https://{}.example/oauth/token", "a".repeat(64))
}

#[test]
fn missing_environment_is_named_first() {
    let cases: [Lack; 4] = [
        (
            &[("SSL_CERT_FILE", "/nonexistent"), ("SSL_CERT_DIR", "/nonexistent")],
            &["no root certificates", "ca-certificates", "SSL_CERT_FILE"],
        ),
        (&[("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "/nonexistent")], &["ca-certificates"]),
        (&[("HTTPS_PROXY", "http://user:s3cret@proxy:port")], &["HTTPS_PROXY names no proxy", "http://host:port"]),
        (
            &[("all_proxy", "socks5://127.0.0.1:1"), ("ZOOM2KALTURA_ZOOM_API_URL", "https://zoom.example/v2")],
            &["all_proxy", "SOCKS", "zoom.example"],
        ),
    ];
    let campus = Campus::with_lecture();
    for (settings, said) in cases {
        for command in [&["sync"][..], &["sync", "--dry-run"], &["purge"], &["verify"], &["check"], &["retention"]] {
            is_named(&campus.run_with(settings, command), 2, said, &["s3cret", "builder error"]);
        }
    }
    assert!(campus.zoom.log().calls().is_empty() && campus.kaltura.log().calls().is_empty());
}

#[test]
fn any_malformed_proxy_variable_is_named() {
    let campus = Campus::with_lecture();
    for variable in PROXIES {
        let run = campus.run_with(&[(variable, "http://user:s3cret@pro xy:3128")], &["sync"]);
        is_named(&run, 2, &[variable], &["s3cret"]);
    }
}

#[test]
fn local_addresses_bypass_the_proxy() {
    let campus = Campus::with_lecture();
    let proxy = Answering::with("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
    let address = format!("http://127.0.0.1:{}", proxy.port);
    for variable in PROXIES {
        let run = campus.run_with(&[(variable, &address)], &["sync", "--dry-run"]);
        assert_eq!(run.exit, 0, "{variable}: {}", run.err);
    }
    let all = PROXIES.map(|variable| (variable, "socks5://127.0.0.1:1"));
    campus.sync_until_done_with(&all);
    assert_eq!(proxy.asked(), 0);
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn failing_proxy_is_named_as_proxy() {
    let campus = Campus::with_lecture();
    let cases = [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n",
            2,
            "login (407)",
        ),
        ("HTTP/1.0 407 no\r\n\r\n", 2, "login (407)"),
        ("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", 5, "did not connect to"),
        ("", 5, "did not connect to"),
    ];
    for (answer, exit, said) in cases {
        let proxy = Answering::with(answer);
        let address = format!("http://user:s3cret@127.0.0.1:{}", proxy.port);
        for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            let settings = [(variable, address.as_str()), ("ZOOM2KALTURA_ZOOM_OAUTH_URL", &nowhere())];
            let named = format!("the proxy 127.0.0.1:{}, named by {variable}", proxy.port);
            // a second run knows of the first one's outage, and does not report it again
            let campus = Campus::with_lecture();
            is_named(&campus.run_with(&settings, &["sync"]), exit, &[&named, said], &["s3cret"]);
        }
        assert!(proxy.asked() > 0);
    }
    // nobody listens where the variable leads
    let settings = [("HTTPS_PROXY", "http://127.0.0.1:9"), ("ZOOM2KALTURA_ZOOM_OAUTH_URL", &nowhere())];
    is_named(&campus.run_with(&settings, &["sync"]), 5, &["the proxy 127.0.0.1:9, named by HTTPS_PROXY"], &[]);
}

#[test]
fn redirecting_address_names_its_target() {
    let calls = [
        ("POST /oauth/token", "zoom.oauth_url"),
        ("GET /accounts/me/recordings", "zoom.api_url"),
        ("session.start", "kaltura.url"),
    ];
    let places = [
        ("https://login.example/start?token=s3cret", "to https://login.example"),
        ("/login?token=s3cret", "to another page of 127.0.0.1"),
        ("https://127.0.0.1/oauth?token=s3cret", "to https://127.0.0.1"),
        ("http://[::1", "to nowhere"),
    ];
    for (call, key) in calls {
        for (location, to) in places {
            for status in [301, 302, 303, 307, 308] {
                let campus = Campus::with_lecture();
                let fault = Fault::Answer {
                    status,
                    headers: vec![("location", location.to_owned())],
                    body: "s3cret".to_owned(),
                };
                let faults = if call.contains('/') { campus.zoom.faults() } else { campus.kaltura.faults() };
                faults.queue(call, 1, fault);
                is_named(&campus.run(&["sync"]), 2, &[&status.to_string(), to, key], &["s3cret", "contains no token"]);
                assert!(campus.kaltura.entries().is_empty());
            }
        }
    }
}

#[test]
fn answer_407_names_a_proxy() {
    for call in ["POST /oauth/token", "GET /accounts/me/recordings", "session.start"] {
        let campus = Campus::with_lecture();
        let faults = if call.contains('/') { campus.zoom.faults() } else { campus.kaltura.faults() };
        faults.queue(call, 1, Fault::answer(407, "no"));
        is_named(&campus.run(&["sync"]), 2, &["a proxy on the way wants a login (407)"], &[]);
    }
}

#[test]
fn missing_file_handles_are_named() {
    let campus = Campus::with_lecture();
    let mut told = 0;
    for handles in 5..40 {
        let run = campus.run_in_shell(&format!("ulimit -n {handles}; exec \"$@\""), &["sync"]);
        assert!(run.exit == 0 || run.exit == 2, "{handles}: {} {}", run.exit, run.err);
        if run.exit == 2 {
            told += 1;
            assert!(run.err.contains("no file handles are left") && run.err.contains("LimitNOFILE"), "{}", run.err);
            assert!(!run.err.contains("cannot be reached") && !run.err.contains("ca-certificates"), "{}", run.err);
        }
    }
    assert!(told > 3, "handles were never short");
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

#[test]
fn replaced_ledger_stops_the_run() {
    let harms: [Harm; 6] = [
        ("unlinked", |campus| fs::remove_file(campus.setup.ledger_file()).expect("gone")),
        ("another in its place", |campus| {
            let file = campus.setup.ledger_file();
            fs::copy(&file, file.with_extension("copy")).expect("a copy");
            fs::rename(file.with_extension("copy"), &file).expect("another file");
        }),
        ("the folder removed", |campus| fs::remove_dir_all(campus.setup.state()).expect("gone")),
        ("the folder moved", |campus| {
            fs::rename(campus.setup.state(), campus.setup.path().join("elsewhere")).expect("moved");
        }),
        ("another folder in its place", |campus| {
            fs::rename(campus.setup.state(), campus.setup.path().join("elsewhere")).expect("moved");
            fs::create_dir(campus.setup.state()).expect("another folder");
        }),
        ("the link turned", |campus| {
            let link = campus.setup.path().join("link");
            fs::remove_file(&link).expect("gone");
            fs::create_dir(campus.setup.path().join("other")).expect("another folder");
            fs::copy(campus.setup.ledger_file(), campus.setup.path().join("other/ledger.db")).expect("a copy");
            symlink(campus.setup.path().join("other"), link).expect("another link");
        }),
    ];
    for (name, harm) in harms {
        let campus = Campus::with_lecture();
        for number in 2..=9 {
            campus.zoom.add_meeting(lecture(&format!("{number}=="), 81_000_000_000 + number, "ada", 4));
        }
        let link = campus.setup.path().join("link");
        fs::create_dir(campus.setup.state()).expect("a state folder");
        symlink(campus.setup.state(), &link).expect("a link");
        campus.kaltura.faults().queue("multirequest of media.add", 1, Fault::Stall(Duration::from_secs(2)));
        let run = campus
            .program()
            .args(["sync"])
            .env("ZOOM2KALTURA_STATE_DIR", if name == "the link turned" { link } else { campus.setup.state() })
            .env("ZOOM2KALTURA_SYNC_PARALLEL", "1")
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        campus.wait_for_call("uploadToken.add", 1);
        harm(&campus);
        let run = Run::of(&run.wait_with_output().expect("it ends"));
        assert_eq!(run.exit, 1, "{name}: {}", run.err);
        assert!(run.err.contains("the ledger was moved, deleted or replaced"), "{name}: {}", run.err);
        // of those under way at most: what Kaltura took is written down together with what comes next
        assert!(campus.kaltura.log().count("uploadToken.upload") <= 4, "{name}: {}", run.err);
    }
}

#[test]
fn closed_output_breaks_nothing() {
    let cases = [
        (">/dev/full", &["sync", "--format", "json"][..], 1, "stdout cannot be written: No space left"),
        (">/dev/full", &["sync"], 0, ""),
        (">&-", &["sync", "--format", "json"], 0, ""),
        ("2>/dev/full", &["-vvv", "sync"], 0, ""),
        ("2>&-", &["-vvv", "sync"], 0, ""),
    ];
    for (redirect, args, exit, said) in cases {
        let campus = Campus::with_lecture();
        let run = campus.run_in_shell(&format!("exec \"$@\" {redirect}"), args);
        assert_eq!(run.exit, exit, "{redirect}: {}{}", run.out, run.err);
        assert!(run.err.contains(said), "{redirect}: {}", run.err);
        campus.sync_until_done();
        campus.each_video_is_in_kaltura_once();
    }
}

#[test]
fn bare_environment_suffices() {
    let campus = Campus::with_lecture();
    let mut command = Command::new(env!("CARGO_BIN_EXE_zoom2kaltura"));
    command.env_clear().arg("--config").arg(campus.setup.config()).arg("sync");
    let run = Run::of(&command.output().expect("the program runs"));
    assert_eq!(run.exit, 0, "{}", run.err);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}

/// Lets the IPv6 loopback address lead to a stand-in. `None` where this machine has none.
fn by_ipv6(url: &str) -> Option<String> {
    let to = url.strip_prefix("http://").expect("an address of a stand-in").to_owned();
    let listener = TcpListener::bind("[::1]:0").ok()?;
    let port = listener.local_addr().ok()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Ok(other) = TcpStream::connect(&to) else { return };
            for (mut from, mut to) in
                [(stream.try_clone().expect("a socket"), other.try_clone().expect("a socket")), (other, stream)]
            {
                thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Write);
                });
            }
        }
    });
    Some(format!("http://[::1]:{port}"))
}

#[test]
fn slash_and_ipv6_addresses_work() {
    let campus = Campus::with_lecture();
    let slash = format!("{}/", campus.kaltura.url());
    campus.sync_until_done_with(&[("ZOOM2KALTURA_KALTURA_URL", &slash)]);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
    let campus = Campus::with_lecture();
    if let Some(url) = by_ipv6(&campus.kaltura.url()) {
        let proxies = PROXIES.map(|variable| (variable, "http://127.0.0.1:9"));
        campus.sync_until_done_with(&[&[("ZOOM2KALTURA_KALTURA_URL", url.as_str())][..], &proxies].concat());
        campus.each_video_is_in_kaltura_once();
    }
}

#[test]
fn unknown_name_cannot_be_reached() {
    let campus = Campus::with_lecture();
    let run = campus.run_with(&[("ZOOM2KALTURA_ZOOM_OAUTH_URL", &nowhere())], &["sync"]);
    is_named(&run, 5, &["Zoom: aaaa", "cannot be reached", "check address, network and proxy"], &[]);
}

#[test]
fn one_hosts_redirect_stops_no_other() {
    let campus = Campus::of(Zoom::builder().without_host_emails().start(), Kaltura::start());
    campus.zoom.add_meeting(lecture("ada==", 81_000_000_001, "ada", 5));
    campus.zoom.add_meeting(lecture("two==", 81_000_000_002, "guest", 4));
    let headers = vec![("location", "/elsewhere".to_owned())];
    campus.zoom.faults().queue("GET /users/{}", 1, Fault::Answer { status: 302, headers, body: String::new() });
    let run = campus.run(&["sync", "--format", "text"]);
    assert_eq!(run.exit, 3, "{}", run.err);
    assert!(run.err.contains("a redirect to another page"), "{}", run.err);
    assert_eq!(campus.kaltura.entries().len(), 1, "the other host's: {}{}", run.out, run.err);
    campus.sync_until_done();
    campus.each_video_is_in_kaltura_once();
}
