//! What the log forgets, and that nobody takes it for what never was.

use reqwest::Method;
use rusqlite::Connection;
use serde_json::json;

use crate::common::{Server, Stream, Wallet, alice, bob};

async fn run_all(server: &Server, wallet: &Wallet, names: impl IntoIterator<Item = u32>) {
    for name in names {
        server.run_as(wallet, &format!("/echo {name}")).await.success();
    }
}

async fn trim(server: &Server) {
    for _ in 0..1000 {
        if !server.app.bus.trim().await.unwrap() {
            return;
        }
    }
    panic!("there is always more to trim");
}

async fn change(server: &Server, sql: &'static str) {
    server.database().write(move |db: &Connection| db.execute_batch(sql), |()| ()).await.unwrap();
}

async fn from(server: &Server, wallet: &Wallet, id: &str) -> (Stream, bool) {
    let path = format!("/api/v1/stream/{}", wallet.address());
    let mut stream = Stream::of(server.request(Method::GET, &path).header("last-event-id", id)).await;
    let recovered = stream.next().await.json()["recovered"] == json!(true);
    (stream, recovered)
}

fn id(server: &Server, sequence: u32) -> String {
    format!("{}-{sequence}", server.database().epoch().unwrap())
}

/// What is evicted is told first, with an id from which one goes on; then comes what is left.
async fn expect_gap(server: &Server, wallet: &Wallet, after: u32, left: &[&str]) {
    let (mut stream, recovered) = from(server, wallet, &id(server, after)).await;
    assert!(!recovered);
    let gap = stream.next().await;
    assert_eq!((gap.event.as_str(), gap.json()), ("stream_gap", json!({ "reason": "evicted" })));
    for command in left {
        assert_eq!(stream.result().await["command"], json!(command));
    }
    let (mut again, recovered) = from(server, wallet, &gap.id.unwrap()).await;
    assert!(recovered, "who comes back with the id of the gap does not loop");
    for command in left {
        assert_eq!(again.result().await["command"], json!(command));
    }
}

#[tokio::test]
async fn a_key_keeps_so_many_results_and_other_keys_are_not_touched() {
    let server = Server::with(&["--retention-per-key", "3"]).await;
    run_all(&server, &bob(), 1..=2).await;
    run_all(&server, &alice(), 1..=6).await;
    trim(&server).await;
    assert_eq!(server.events().await, ["/echo 1", "/echo 2", "/echo 4", "/echo 5", "/echo 6"]);
    for after in [1, 2, 4] {
        expect_gap(&server, &alice(), after, &["/echo 4", "/echo 5", "/echo 6"]).await;
    }
    let (mut stream, recovered) = from(&server, &alice(), &id(&server, 5)).await;
    assert!(recovered, "nothing is missing after the last that was forgotten");
    assert_eq!(stream.result().await["command"], json!("/echo 4"));
    let (mut stream, recovered) = from(&server, &alice(), "0").await;
    assert!(recovered, "from the oldest that is kept");
    assert_eq!(stream.result().await["command"], json!("/echo 4"));
    let (mut stream, recovered) = from(&server, &bob(), &id(&server, 1)).await;
    assert!(recovered);
    assert_eq!(stream.result().await["command"], json!("/echo 2"));
}

#[tokio::test]
async fn runs_are_forgotten_with_their_results() {
    let server = Server::with(&["--retention-per-key", "1"]).await;
    let first = server.run_as(&alice(), "/echo 1").await.text_at("/run_id");
    server.run_as(&alice(), "/echo 2").await.success();
    trim(&server).await;
    server.ask(Method::GET, &format!("/api/v1/runs/{first}"), &alice()).await.failure(404, "not_found");
    assert_eq!(server.ask(Method::GET, "/api/v1/runs", &alice()).await.json()["runs"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_too_old_is_forgotten_but_not_the_newest_of_all() {
    let server = Server::with(&["--retention-days", "2"]).await;
    run_all(&server, &alice(), 1..=4).await;
    change(&server, "UPDATE events SET finished_at = finished_at - 2 * 86400000 - 1 WHERE sequence <= 2").await;
    trim(&server).await;
    assert_eq!(server.events().await, ["/echo 3", "/echo 4"]);
    expect_gap(&server, &alice(), 1, &["/echo 3", "/echo 4"]).await;
    change(&server, "UPDATE events SET finished_at = 0").await;
    trim(&server).await;
    assert_eq!(server.events().await, ["/echo 4"], "its sequence would be used again");
    run_all(&server, &alice(), [5]).await;
    trim(&server).await;
    assert_eq!(server.events().await, ["/echo 5"]);
    let (mut stream, _) = from(&server, &alice(), "0").await;
    assert_eq!(stream.next().await.id, Some(id(&server, 5)));
}

#[tokio::test]
async fn the_oldest_are_forgotten_when_the_file_holds_more_than_it_may() {
    let server = Server::with(&["--retention-mib", "1"]).await;
    let text = "0123456789".repeat(95);
    for number in 0..120 {
        let wallet = if number % 2 == 0 { alice() } else { bob() };
        server.run_as(&wallet, &format!("/echo --times 10 {number} {text}")).await.success();
    }
    trim(&server).await;
    let left = server.events().await;
    assert!((10..100).contains(&left.len()), "{}", left.len());
    assert!(left.last().unwrap().starts_with("/echo --times 10 119 "));
    let used = |db: &Connection| {
        let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        Ok((pragma("page_count")? - pragma("freelist_count")?) * pragma("page_size")?)
    };
    assert!(server.database().read(used).await.unwrap() <= 1 << 20);
}

/// It can only remember so much of what it forgot; beyond that it says that something may be missing.
#[tokio::test]
async fn when_too_many_keys_were_trimmed_the_oldest_of_them_are_told_a_gap_all_the_same() {
    let server = Server::with(&["--retention-per-key", "1"]).await;
    run_all(&server, &alice(), 1..=2).await;
    trim(&server).await;
    change(
        &server,
        "INSERT INTO trimmed WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 70000)
         SELECT randomblob(20), i FROM n;
         UPDATE events SET sequence = 80000 WHERE sequence = 2",
    )
    .await;
    run_all(&server, &bob(), 1..=2).await;
    trim(&server).await;
    let count = |db: &Connection| db.query_row("SELECT count(*) FROM trimmed", (), |row| row.get::<_, i64>(0));
    assert!(server.database().read(count).await.unwrap() <= 65_536);
    let (mut stream, recovered) = from(&server, &alice(), &id(&server, 0)).await;
    assert_eq!((recovered, stream.next().await.event), (false, "stream_gap".to_owned()));
}

/// The log is trimmed while a reader sleeps that has not been told all of it: it is told so when it wakes.
#[tokio::test]
async fn a_reader_that_sleeps_too_long_is_told_what_was_forgotten_meanwhile() {
    let server = Server::with(&["--retention-per-key", "20"]).await;
    let mut stream = server.listen(&alice()).await;
    let text = "0123456789".repeat(95);
    for number in 0..200 {
        server.run_as(&alice(), &format!("/echo --times 10 {number} {text}")).await.success();
    }
    trim(&server).await;
    let (mut heard, mut gaps) = (Vec::new(), 0);
    while heard.last() != Some(&199) {
        let frame = stream.next().await;
        match frame.event.as_str() {
            "command_result" => {
                let command = frame.json()["command"].as_str().unwrap().to_owned();
                heard.push(command.split(' ').nth(3).unwrap().parse::<u32>().unwrap());
            }
            "stream_gap" => {
                assert_eq!(frame.json(), json!({ "reason": "evicted" }));
                gaps += 1;
            }
            _ => assert!(frame.comment.is_some(), "{frame:?}"),
        }
    }
    assert!(heard.is_sorted_by(|a, b| a < b), "{heard:?}");
    assert_eq!(gaps, heard.windows(2).filter(|pair| pair[0] + 1 != pair[1]).count(), "{heard:?}");
    assert_eq!(gaps, 1);
}

/// The server itself trims now and then; somebody who writes does not wait for it.
#[tokio::test]
async fn the_server_trims_by_itself() {
    let folder = tempfile::TempDir::new().unwrap();
    let binary = crate::common::Binary::start(&folder, &["--retention-per-key", "2"]);
    let client = reqwest::Client::new();
    for number in 0..10 {
        let command = format!("/echo {number}");
        let body = json!({ "command": command, "auth": alice().bare(&command) });
        let request = client.post(format!("{}{}", binary.url, crate::common::EXECUTE));
        crate::common::Reply::of(request.json(&body)).await.success();
    }
    let db = Connection::open(folder.path().join("data/nexus.db")).unwrap();
    let count = || db.query_row("SELECT count(*) FROM events", (), |row| row.get::<_, i64>(0)).unwrap();
    let begun = std::time::Instant::now();
    while count() != 2 {
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "it has {} left", count());
        tokio::task::yield_now().await;
    }
}
