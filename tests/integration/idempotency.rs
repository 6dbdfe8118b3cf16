//! `Idempotency-Key`: a request that is sent twice runs once.

use futures_util::stream::{self, StreamExt};
use nexus::run::{Idempotency, Once};
use reqwest::Method;
use serde_json::json;

use crate::common::commands::{happened, let_go};
use crate::common::{EXECUTE, Reply, Server, alice, bob};

async fn run(server: &Server, command: &str, key: &str) -> Reply {
    server.run_preferring(&alice(), command, &[("idempotency-key", key)]).await
}

#[track_caller]
fn replays(first: &Reply, again: &Reply) {
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert!(first.headers.get("idempotent-replayed").is_none());
}

#[tokio::test]
async fn the_same_request_with_the_same_key_is_answered_again_and_not_run_again() {
    let server = Server::start().await;
    let first = run(&server, "/echo hello", "\"one\"").await;
    first.success();
    replays(&first, &run(&server, "/echo hello", "\"one\"").await);
    assert_eq!(server.events().await, ["/echo hello"]);
    run(&server, "/echo hello", "\"two\"").await.success();
    server.run_as(&alice(), "/echo hello").await.success();
    assert_eq!(server.events().await.len(), 3, "another key, or none, is another request");
}

#[tokio::test]
async fn a_failure_of_the_command_is_answered_again_with_its_status() {
    let server = Server::start().await;
    let first = run(&server, "/identity/delete", "\"gone\"").await;
    first.failure(404, "not_found");
    server.run_as(&alice(), "/identity").await.success();
    replays(&first, &run(&server, "/identity/delete", "\"gone\"").await);
}

#[tokio::test]
async fn another_command_with_the_same_key_is_refused() {
    let server = Server::start().await;
    run(&server, "/echo hello", "\"one\"").await.success();
    run(&server, "/echo hullo", "\"one\"").await.failure(422, "idempotency_key_reused").hint("a new key");
    run(&server, "/echo  hello", "\"one\"").await.failure(422, "idempotency_key_reused");
    assert_eq!(server.events().await, ["/echo hello"]);
}

#[tokio::test]
async fn a_key_belongs_to_its_address() {
    let server = Server::start().await;
    let first = run(&server, "/echo hello", "\"one\"").await;
    let other = server.run_preferring(&bob(), "/echo hello", &[("idempotency-key", "\"one\"")]).await;
    other.success();
    assert_ne!(first.at("/run_id"), other.at("/run_id"));
}

#[tokio::test]
async fn while_the_first_runs_the_second_is_told_so() {
    let server = Server::start().await;
    let headers = [("idempotency-key", "\"slow\""), ("prefer", "respond-async")];
    let first = server.run_preferring(&alice(), "/hold slow-key", &headers).await;
    assert_eq!(first.status, 202);
    happened("slow-key", "held").await;
    let again = run(&server, "/hold slow-key", "\"slow\"").await;
    again.failure(409, "in_progress").hint(&first.text_at("/run_id"));
    assert_eq!(again.at("/data/run_id"), first.at("/run_id"));
    assert_eq!(again.header("retry-after"), "1");
    let mut stream = server.listen(&alice()).await;
    let_go("slow-key");
    stream.result().await;
    let again = run(&server, "/hold slow-key", "\"slow\"").await;
    assert_eq!((again.success(), again.at("/run_id")), ("let go".to_owned(), first.at("/run_id")));
}

#[tokio::test]
async fn many_at_once_run_once() {
    let server = Server::start().await;
    let again: Vec<_> = (0..20).map(|_| run(&server, "/echo once", "\"burst\"")).collect();
    for reply in futures_util::future::join_all(again).await {
        assert!(reply.status == 200 || reply.at("/code") == json!("in_progress"), "{reply:?}");
    }
    assert_eq!(server.events().await, ["/echo once"]);
}

#[tokio::test]
async fn what_was_refused_takes_no_key() {
    let server = Server::start().await;
    run(&server, "/echo", "\"one\"").await.failure(422, "invalid_arguments");
    run(&server, "/echo hello", "\"one\"").await.success();
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_refused() {
    let server = Server::start().await;
    let long = format!("\"{}\"", "x".repeat(256));
    for key in ["one", "", "\"\"", "\"one", "'one'", "8e03978e-40d5-43e8-bc93-6894a57f9324", "1", "?1", &long] {
        run(&server, "/echo hello", key).await.failure(400, "malformed_request").hint("in quotes");
    }
    let two = [("idempotency-key", "\"one\""), ("idempotency-key", "\"one\"")];
    server.run_preferring(&alice(), "/echo hello", &two).await.failure(400, "malformed_request");
    run(&server, "/echo hello", &format!("\"{}\"", "x".repeat(50_000))).await.failure(431, "headers_too_large");
    assert!(server.events().await.is_empty());
}

/// More than any parser takes: the connection may be cut in the middle of it, and nobody else notices.
#[tokio::test]
async fn a_key_of_a_mebibyte_harms_nobody() {
    let server = Server::start().await;
    let request =
        server.request(Method::POST, EXECUTE).header("idempotency-key", format!("\"{}\"", "x".repeat(1 << 20)));
    if let Ok(response) = request.json(&json!({ "command": "/ping" })).send().await {
        assert_eq!(response.status(), 431);
    }
    server.run("/ping").await.success();
}

#[tokio::test]
async fn for_who_proves_nothing_a_key_does_nothing() {
    let server = Server::start().await;
    let ping = || {
        server.request(Method::POST, EXECUTE).header("idempotency-key", "\"one\"").json(&json!({ "command": "/ping" }))
    };
    let (first, second) = (Reply::of(ping()).await, Reply::of(ping()).await);
    assert_ne!(first.at("/run_id"), second.at("/run_id"));
}

#[tokio::test]
async fn a_key_ends_with_its_day() {
    let server = Server::start().await;
    let first = run(&server, "/echo hello", "\"one\"").await;
    server.step(86_400 - 60);
    replays(&first, &run(&server, "/echo hello", "\"one\"").await);
    server.step(61);
    let second = run(&server, "/echo hello", "\"one\"").await;
    second.success();
    assert_ne!(first.at("/run_id"), second.at("/run_id"));
    replays(&second, &run(&server, "/echo hello", "\"one\"").await);
}

#[tokio::test]
async fn an_address_has_so_many_live_keys_and_no_more() {
    let server = Server::start().await;
    let fill = async |number: usize| {
        let idempotency = Some(Idempotency { key: format!("filler {number}"), fingerprint: [0; 32] });
        server.admit(&alice(), "/echo", Once { idempotency, nonce: None }).await
    };
    let filled: Vec<_> = stream::iter((0..1023).map(fill)).buffer_unordered(32).collect().await;
    assert_eq!(filled.len(), 1023);
    run(&server, "/echo hello", "\"last\"").await.success();
    let refused = run(&server, "/echo hello", "\"one too many\"").await;
    refused.failure(429, "rate_limited");
    assert_eq!(refused.header("ratelimit-policy"), "\"idempotency-keys\";q=1024");
    assert_eq!(refused.header("ratelimit"), format!("\"idempotency-keys\";r=0;t={}", refused.header("retry-after")));
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 86_000, "until the first of them expires");
    run(&server, "/echo hello", "\"last\"").await.success();
    server.run_as(&alice(), "/echo hello").await.success();
}

/// What was asked before takes no room, so it is answered when there is none.
#[tokio::test]
async fn a_request_that_comes_again_is_answered_where_there_is_no_room_for_another() {
    let server = Server::with(&["--max-runs", "1"]).await;
    let first = run(&server, "/echo hello", "\"one\"").await;
    let held = server.begin(&bob(), "/hold no-room");
    happened("no-room", "held").await;
    server.run_as(&alice(), "/echo hello").await.failure(503, "overloaded");
    replays(&first, &run(&server, "/echo hello", "\"one\"").await);
    run(&server, "/echo hullo", "\"one\"").await.failure(422, "idempotency_key_reused");
    let runtime = server.app.runtime.clone();
    let draining = tokio::spawn(async move { runtime.drain().await });
    while !server.app.runtime.is_draining() {
        tokio::task::yield_now().await;
    }
    replays(&first, &run(&server, "/echo hello", "\"one\"").await);
    let_go("no-room");
    held.await.unwrap().success();
    draining.await.unwrap();
}
