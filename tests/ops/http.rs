//! The API: what is told, to whom, and what is not.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::daemon::{Daemon, page};

const SOON: Duration = Duration::from_secs(10);

#[test]
fn articles_drops_and_bytes_are_found_again() {
    let daemon = Daemon::start(&[]);
    for n in 0..7 {
        daemon.put(&format!("p{n}.txt"), page(n));
    }
    daemon.put("again.txt", page(0));
    daemon.until("all are done", SOON, |d| d.json("/api/drops")["drops"].as_array().map(Vec::len) == Some(8));
    let mut seen = Vec::new();
    let mut before = 0;
    loop {
        let list = daemon.json(&format!("/api/drops?limit=3&before={before}"));
        seen.extend(list["drops"].as_array().expect("a list").iter().filter_map(|d| d["seq"].as_u64()));
        before = list["next"].as_u64().expect("a number");
        if before == 0 {
            break;
        }
    }
    assert_eq!(seen, [8, 7, 6, 5, 4, 3, 2, 1], "every receipt once, newest first");
    let duplicates = daemon.json("/api/drops?outcome=duplicate");
    assert_eq!(duplicates["drops"].as_array().map(Vec::len), Some(1));
    let found = daemon.json("/api/articles?q=%E7%AC%AC5%E5%B1%8A");
    let hit = found["articles"][0].clone();
    assert_eq!((found["articles"].as_array().map(Vec::len), &hit["drop"]), (Some(1), &"p5.txt".into()), "{found}");
    let record = daemon.json(&format!("/api/articles/{}", hit["id"].as_str().expect("an id")));
    let sha = record["metadata"]["drop"]["sha256"].as_str().expect("a hash");
    assert_eq!(daemon.get(&format!("/api/drops/{sha}/raw")), (200, page(5)));
    let drop = daemon.json(&format!("/api/drops/{sha}"));
    assert_eq!((&drop["outcome"], &drop["receipts"][0]["ids"][0]), (&"done".into(), &record["id"]));
    std::fs::write(daemon.root.join("in/p5.txt"), "other bytes").expect("written");
    assert_eq!(daemon.get(&format!("/api/drops/{sha}/raw")).0, 404, "other bytes are not passed off as the drop");
    for path in ["/api/articles/x", "/api/articles/00000000000000000000000000000000-1", "/api/drops/zz", "/nothing"] {
        assert_eq!(daemon.get(path).0, 404, "{path}");
    }
    assert_eq!(daemon.ask("GET", "/api/status", "Host: evil.example\r\n").0, 421);
}

/// Reads events until one that `wanted` accepts, and gives its id.
fn event(daemon: &Daemon, last: &str, wanted: &str) -> String {
    let mut stream = TcpStream::connect(&daemon.address).expect("it listens");
    stream.set_read_timeout(Some(SOON)).expect("set");
    let resume = if last.is_empty() { String::new() } else { format!("Last-Event-ID: {last}\r\n") };
    write!(stream, "GET /events HTTP/1.1\r\nHost: {}\r\n{resume}\r\n", daemon.address).expect("asked");
    let mut id = String::new();
    for line in BufReader::new(stream).lines() {
        let line = line.expect("an event in time");
        if let Some(text) = line.strip_prefix("id: ") {
            id = text.to_owned();
        }
        if line.starts_with("data: ") && line.contains(wanted) {
            return id;
        }
    }
    panic!("the stream ended before {wanted}");
}

#[test]
fn events_resume_where_a_page_was_cut_off() {
    let daemon = Daemon::start(&[]);
    for n in 0..3 {
        daemon.put(&format!("e{n}.txt"), page(n));
        daemon.until("done", SOON, |d| d.done() == n as u64 + 1);
    }
    assert_eq!(event(&daemon, "", "\"articles_per_s\""), "", "the status has no number");
    assert_eq!(event(&daemon, "0", "e0.txt"), "1");
    assert_eq!(event(&daemon, "1", "\"type\":\"receipt\""), "2", "the next after the last one seen");
    assert_eq!(event(&daemon, "2", "e2.txt"), "3");
}

#[test]
fn texts_are_hidden_where_the_reader_is_off_and_a_token_is_demanded() {
    let daemon = Daemon::start(&["--set", "http.reader=false"]);
    daemon.put("secret.txt", page(1));
    daemon.until("done", SOON, |d| d.done() == 1);
    let sha = daemon.json("/api/drops")["drops"][0]["sha256"].as_str().expect("a hash").to_owned();
    let short: String = sha.chars().take(32).collect();
    for path in ["/api/articles".to_owned(), format!("/api/drops/{sha}/raw"), format!("/api/articles/{short}-0")] {
        assert_eq!(daemon.get(&path).0, 403, "{path}");
    }
    let guarded = Daemon::start(&["--set", "http.token=s3cret"]);
    assert_eq!(guarded.get("/api/status").0, 401);
    assert_eq!(guarded.ask("GET", "/metrics", "Authorization: Bearer wrong!\r\n").0, 401);
    assert_eq!(guarded.ask("GET", "/api/status", "Authorization: Bearer s3cret\r\n").0, 200);
    assert_eq!(guarded.get("/livez").0, 200);
}
