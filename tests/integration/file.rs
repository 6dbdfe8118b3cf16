//! What a server of one machine keeps everything in is a file: what becomes of requests while that is gone, locked or slow, and
//! what stands in it.

use std::fs;

use rusqlite::Connection;
use serde_json::json;

use crate::common::{Reply, Server, Stream, alice};

/// Breaks the database, and expects everything to say so that depends on it.
async fn expect_failing(server: &Server) {
    for path in ["/health", "/api/v1/health"] {
        let reply = server.get(path).await;
        reply.failure(503, "store_unavailable");
        assert_eq!(reply.text_at("/dependencies/database"), "unavailable");
        assert!(!reply.text.contains(server.data.path().to_str().unwrap()), "no path leaks");
    }
    server.get("/readyz").await.failure(503, "store_unavailable");
    assert_eq!(server.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_database_that_is_gone_is_noticed() {
    let server = Server::start().await;
    fs::remove_file(server.data.path().join("nexus.db")).unwrap();
    expect_failing(&server).await;
}

#[tokio::test]
async fn a_database_that_was_overwritten_is_noticed() {
    let server = Server::start().await;
    let path = server.data.path().join("nexus.db");
    // As long as the WAL holds every page, nobody reads the file.
    Connection::open(&path).unwrap().query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())).unwrap();
    fs::write(&path, "this is no database, and never was one").unwrap();
    expect_failing(&server).await;
}

#[tokio::test]
async fn a_database_that_somebody_keeps_locked_is_noticed_and_refuses_without_loss() {
    let server = Server::start().await;
    let lock = Connection::open(server.data.path().join("nexus.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = server.run_as(&alice(), "/whoami").await;
    refused.failure(503, "store_unavailable").message("cannot reach its database");
    expect_failing(&server).await;
    lock.execute_batch("ROLLBACK").unwrap();
    server.run_as(&alice(), "/whoami").await.success();
}

/// The state of a connection is read while the reader of the database is held up; what happens meanwhile is heard.
#[tokio::test]
async fn a_stream_hears_what_happens_while_its_state_is_read() {
    let server = Server::start().await;
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let held = tokio::spawn({
        let database = server.database().clone();
        let hold = move |_: &Connection| {
            wait.recv().unwrap();
            Ok(())
        };
        async move { database.read(hold).await }
    });
    let url = format!("{}/api/v1/stream/{}", server.url, alice().address());
    let client = server.client.clone();
    let opening = tokio::spawn(async move { Stream::open(&client, &url).await });
    while server.app.seats.open() == 0 {
        tokio::task::yield_now().await;
    }
    server.run_as(&alice(), "/echo meanwhile").await.success();
    go.send(()).unwrap();
    held.await.unwrap().unwrap();
    let mut stream = opening.await.unwrap();
    assert_eq!(stream.next().await.event, "connection_state");
    assert_eq!(stream.result().await["command"], json!("/echo meanwhile"));
}

async fn run_once(server: &Server) -> Reply {
    server.run_preferring(&alice(), "/echo hello", &[("idempotency-key", "\"one\"")]).await
}

#[tokio::test]
async fn a_result_that_is_in_it_no_longer_is_not_made_up() {
    let server = Server::start().await;
    run_once(&server).await.success();
    server.database().write(|db| db.execute_batch("DELETE FROM events"), |()| ()).await.unwrap();
    run_once(&server).await.failure(409, "outcome_unknown").hint("a new key");
}

#[tokio::test]
async fn an_idempotency_key_is_in_it_until_its_day_is_over() {
    let server = Server::start().await;
    run_once(&server).await.success();
    let count = || {
        let db = Connection::open(server.data.path().join("nexus.db")).unwrap();
        db.query_row("SELECT count(*) FROM idempotency_keys", (), |row| row.get::<_, i64>(0)).unwrap()
    };
    for (seconds, left) in [(86_400 - 60, 1), (61, 0)] {
        server.step(seconds);
        while server.app.bus.trim().await.unwrap() {}
        assert_eq!(count(), left);
    }
}

#[tokio::test]
async fn what_it_has_forgotten_of_nonces_it_does_not_take_for_new_when_the_clock_steps_back() {
    let server = Server::start().await;
    let body = server.statement("/echo hello").body(&alice()).to_string();
    server.post(body.clone()).await.success();
    server.step(95);
    while server.app.bus.trim().await.unwrap() {}
    server.step(-95);
    server.post(body).await.failure(401, "request_expired").hint("clock");
}
