//! What was signed is done once: by the nonce, whoever sends it again and however often.

use std::sync::Arc;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::commands::{happened, journal, let_go};
use crate::common::{Binary, EXECUTE, Reply, Server, Statement, Wallet, alice, bob};

async fn send(server: &Server, body: &Value) -> Reply {
    server.post(body.to_string()).await
}

#[track_caller]
fn replays(first: &Reply, again: &Reply) {
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert!(first.headers.get("idempotent-replayed").is_none());
}

#[tokio::test]
async fn the_same_again_is_answered_as_the_first_time_and_not_done_again() {
    let server = Server::start().await;
    for command in ["/identity", "/identity/delete", "/identity/delete", "/echo hello"] {
        let body = server.statement(command).body(&alice());
        let first = send(&server, &body).await;
        let mut other_form = body.clone();
        let signature = body["auth"]["signature"].as_str().unwrap();
        other_form["auth"]["signature"] = json!(signature[2..].to_uppercase());
        replays(&first, &send(&server, &body).await);
        replays(&first, &send(&server, &other_form).await);
    }
    // Three are in the log beside the first deletion that failed.
    let runs = server.ask_signed(Method::GET, "/api/v1/runs", None, &alice()).await;
    assert_eq!(runs.at("/runs").as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_captured_deletion_deletes_nothing_that_comes_later() {
    let server = Server::start().await;
    server.run_signed(&alice(), "/identity").await.success();
    let captured = server.statement("/identity/delete").body(&alice());
    send(&server, &captured).await.success();
    server.run_signed(&alice(), "/identity").await.success();
    send(&server, &captured).await.success();
    assert_eq!(server.run_signed(&alice(), "/identity").await.at("/data/is_new"), json!(false));
}

#[tokio::test]
async fn a_nonce_stands_for_one_content_and_one_signer() {
    let server = Server::start().await;
    let first = server.statement("/echo one");
    send(&server, &first.body(&alice())).await.success();
    for other in [
        Statement { command: "/echo two".to_owned(), ..first.clone() },
        Statement { args: Some(json!(["x"])), ..first.clone() },
        Statement { expires_at: first.expires_at + 1, ..first.clone() },
        Statement { audience: server.app.public_origins[0].to_string(), ..first.clone() },
    ] {
        send(&server, &other.body(&alice())).await.failure(422, "nonce_reused").hint("new nonce");
    }
    send(&server, &first.body(&bob())).await.success();
    let list = Statement { command: "GET /api/v1/runs".to_owned(), ..first };
    let request = server.request(Method::GET, "/api/v1/runs").header("authorization", list.authorization(&alice()));
    Reply::of(request).await.failure(422, "nonce_reused");
}

#[tokio::test]
async fn a_refused_request_takes_no_nonce() {
    let server = Server::with(&["--max-runs", "1"]).await;
    let statement = server.statement("/echo hello");
    let with = |command: &str| Statement { command: command.to_owned(), ..statement.clone() }.body(&alice());
    send(&server, &with("/echo")).await.failure(422, "invalid_arguments");
    send(&server, &with("/nonsense")).await.failure(404, "unknown_command");
    send(&server, &with("/monitor-service")).await.failure(403, "forbidden");
    let mut forged = with("/echo hello");
    forged["auth"]["publicKey"] = json!(bob().address());
    send(&server, &forged).await.failure(401, "signature_mismatch");
    let held = server.begin(&bob(), "/hold refused");
    happened("refused", "held").await;
    send(&server, &with("/echo hello")).await.failure(503, "overloaded");
    let_go("refused");
    held.await.unwrap().success();
    let reply = send(&server, &with("/echo hello")).await;
    reply.success();
    assert!(reply.headers.get("idempotent-replayed").is_none());
}

#[tokio::test]
async fn who_sends_it_again_while_it_runs_waits_for_the_first() {
    let server = Arc::new(Server::start().await);
    let body = server.statement("/hold patience").body(&alice());
    let first = tokio::spawn(Reply::of(server.request(Method::POST, EXECUTE).json(&body)));
    happened("patience", "held").await;
    let again = tokio::spawn(Reply::of(server.request(Method::POST, EXECUTE).json(&body)));
    let pending = Reply::of(server.request(Method::POST, EXECUTE).header("prefer", "respond-async").json(&body)).await;
    assert_eq!((pending.status, pending.header("idempotent-replayed")), (202, "true"));
    let_go("patience");
    let (first, again) = (first.await.unwrap(), again.await.unwrap());
    replays(&first, &again);
    assert_eq!(pending.at("/run_id"), first.at("/run_id"));
    let late = server.request(Method::POST, EXECUTE).header("prefer", "respond-async").json(&body);
    replays(&first, &Reply::of(late).await);
    assert_eq!(journal("patience").iter().filter(|what| **what == "held").count(), 1);
}

#[tokio::test]
async fn who_has_waited_long_enough_is_told_where_to_look() {
    let server = Server::start().await;
    let body = server.statement("/hold impatience").body(&alice());
    let first = tokio::spawn(Reply::of(server.request(Method::POST, EXECUTE).json(&body)));
    happened("impatience", "held").await;
    let again = send(&server, &body).await;
    again.failure(409, "in_progress").hint("/api/v1/runs/");
    assert_eq!(again.header("retry-after"), "1");
    let_go("impatience");
    assert_eq!(first.await.unwrap().at("/run_id"), again.at("/data/run_id"));
}

#[tokio::test]
async fn two_hundred_requests_of_fifty_copies_each_run_two_hundred_times() {
    let server = Arc::new(Server::with(&["--max-runs", "20000", "--max-runs-per-key", "20000"]).await);
    let wallets: Vec<_> = (1..=20).map(Wallet::of_byte).collect();
    let bodies: Vec<_> = (0..200)
        .map(|number| server.statement(&format!("/count race-{number}")).body(&wallets[number % 20]).to_string())
        .collect();
    // Fifty connections, each of which sends all requests, every one in another order.
    let senders = (0..50).map(|copy| {
        let (server, bodies) = (Arc::clone(&server), bodies.clone());
        tokio::spawn(async move {
            let mut replayed = 0;
            for place in 0..bodies.len() {
                let reply = server.post(bodies[(place + copy * 4) % bodies.len()].clone()).await;
                reply.success();
                replayed += usize::from(reply.headers.contains_key("idempotent-replayed"));
            }
            replayed
        })
    });
    let replayed: usize = join_all(senders).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(replayed, 200 * 49);
    for number in 0..200 {
        assert_eq!(journal(&format!("race-{number}")), ["counted"]);
    }
}

#[tokio::test]
async fn nonces_outlive_the_process() {
    let folder = TempDir::new().unwrap();
    let flags = ["--public-origins", "http://localhost"];
    let statement = Statement::at("http://localhost", "/echo hello", jiff::Timestamp::now().as_second());
    let body = statement.body(&alice());
    let client = reqwest::Client::new();
    let post = async |binary: &Binary| Reply::of(client.post(format!("{}{EXECUTE}", binary.url)).json(&body)).await;
    let mut first = Binary::start(&folder, &flags);
    let answered = post(&first).await;
    answered.success();
    first.kill();
    let second = Binary::start(&folder, &flags);
    replays(&answered, &post(&second).await);
}

#[tokio::test]
async fn a_clock_that_steps_back_makes_nothing_good_again() {
    let server = Server::start().await;
    let body = server.statement("/echo hello").body(&alice());
    let first = send(&server, &body).await;
    server.step(85);
    while server.app.bus.trim().await.unwrap() {}
    replays(&first, &send(&server, &body).await);
    server.step(10);
    while server.app.bus.trim().await.unwrap() {}
    send(&server, &body).await.failure(401, "request_expired");
    server.step(-95);
    let again = send(&server, &body).await;
    assert!(again.status == 401 || again.header("idempotent-replayed") == "true", "{again:?}");
    assert_eq!(server.events().await, ["/echo hello"]);
    let longer = Statement { expires_at: server.now() + 61, ..server.statement("/echo hello") };
    send(&server, &longer.body(&alice())).await.success();
}

#[test]
fn when_all_together_have_too_many_the_server_says_that_it_is_full() {
    let error = nexus::access::refused(nexus::bus::Refusal::Full);
    assert_eq!(error.code, nexus::error::Code::Overloaded);
    assert!(error.hint.is_some_and(|hint| hint.contains("expire")));
}

#[tokio::test]
async fn an_address_has_so_many_live_nonces() {
    let server = Server::start().await;
    let nonce = |number: usize| nexus::run::Nonce {
        value: format!("0123456789abcdef-{number}"),
        fingerprint: [7; 32],
        dies_at: server.now() + 50 + i64::from(number != 0),
    };
    for number in 0..1024 {
        let refused = server.app.bus.spend(alice().address(), nonce(number)).await.unwrap();
        assert_eq!(refused, None);
    }
    let refused = server.run_signed(&alice(), "/whoami").await;
    refused.failure(429, "rate_limited").hint("nonce");
    assert!(refused.header("ratelimit").starts_with("\"nonces\";r=0;t="), "{refused:?}");
    assert_eq!(refused.header("ratelimit-policy"), "\"nonces\";q=1024");
    assert!((1..=51).contains(&refused.header("retry-after").parse().unwrap()), "{refused:?}");
    server.run_signed(&bob(), "/whoami").await.success();
    server.step(51);
    server.run_signed(&alice(), "/whoami").await.success();
}
