//! Every bound on what clients can take, at its edge.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::common::commands::{happened, let_go};
use crate::common::{EXECUTE, Reply, Server, Wallet, alice, bob};

const BOUND: Duration = Duration::from_secs(20);

/// A stream of `wallet` as the proxy forwards it for `peer`.
async fn forwarded(server: &Server, wallet: &Wallet, peer: &str) -> reqwest::Response {
    let request = server.request(Method::GET, &format!("/api/v1/stream/{}", wallet.address()));
    request.header("x-forwarded-for", peer).send().await.unwrap()
}

#[track_caller]
fn refused(response: &reqwest::Response, policy: &str, quota: usize) {
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!(response.headers()["ratelimit-policy"], format!("\"{policy}\";q={quota}"));
    assert_eq!(response.headers()["ratelimit"], format!("\"{policy}\";r=0;t=1"));
}

#[tokio::test]
async fn four_anonymous_streams_of_a_key_for_each_peer() {
    let server = Server::start().await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(server.listen(&alice()).await);
    }
    let reply = server.get(&format!("/api/v1/stream/{}", alice().address())).await;
    reply.failure(429, "too_many_streams").hint("one stream can serve all tabs");
    assert_eq!(reply.header("ratelimit-policy"), "\"streams-per-key-and-peer\";q=4");
    drop(server.listen(&bob()).await);
    held.pop();
    // The server sees the end of a connection a moment after it.
    let left = async {
        while server.app.seats.open() > 3 {
            tokio::task::yield_now().await;
        }
    };
    timeout(BOUND, left).await.expect("the place is free again");
    server.listen(&alice()).await;
}

#[tokio::test]
async fn eight_streams_a_key_from_whatever_peers() {
    let server = Server::with(&["--trusted-proxies", "127.0.0.1"]).await;
    let mut held = Vec::new();
    for number in 0..8 {
        held.push(forwarded(&server, &alice(), &format!("192.0.2.{number}")).await);
        assert_eq!(held.last().unwrap().status(), 200);
    }
    refused(&forwarded(&server, &alice(), "192.0.2.9").await, "streams-per-key", 8);
    assert_eq!(forwarded(&server, &bob(), "192.0.2.9").await.status(), 200);
}

#[tokio::test]
async fn thirty_two_streams_a_peer_of_whatever_keys() {
    let server = Server::with(&["--trusted-proxies", "127.0.0.0/8"]).await;
    let mut held = Vec::new();
    for number in 1..=32 {
        // Addresses within one /64 are one peer.
        held.push(forwarded(&server, &Wallet::of_byte(number), &format!("2001:db8::{number:x}")).await);
        assert_eq!(held.last().unwrap().status(), 200);
    }
    refused(&forwarded(&server, &alice(), "2001:db8::ffff").await, "streams-per-peer", 32);
    assert_eq!(forwarded(&server, &alice(), "2001:db8:1::1").await.status(), 200);
}

#[tokio::test]
async fn a_proxy_that_is_not_trusted_forwards_nothing() {
    let server = Server::with(&["--max-streams-per-peer", "1"]).await;
    let _held = forwarded(&server, &alice(), "192.0.2.1").await;
    refused(&forwarded(&server, &bob(), "192.0.2.2").await, "streams-per-peer", 1);
}

#[tokio::test]
async fn so_many_streams_in_all() {
    let server = Server::with(&["--max-streams", "2"]).await;
    let _held = (server.listen(&Wallet::of_byte(1)).await, server.listen(&Wallet::of_byte(2)).await);
    let reply = server.get(&format!("/api/v1/stream/{}", alice().address())).await;
    assert_eq!(reply.failure(429, "too_many_streams").header("ratelimit-policy"), "\"streams\";q=2");
}

#[tokio::test]
async fn so_many_commands_at_once() {
    let server = Server::with(&["--max-runs", "1"]).await;
    let request = server.request(Method::POST, EXECUTE).json(&json!({ "command": "/hold only-one" }));
    let running = tokio::spawn(request.send());
    happened("only-one", "held").await;
    let reply = server.run("/ping").await;
    assert_eq!(reply.failure(503, "overloaded").header("retry-after"), "1");
    assert_eq!(server.get("/api/v1/commands").await.status, 200, "what runs nothing is answered");
    let_go("only-one");
    assert_eq!(running.await.unwrap().unwrap().status(), 200);
    assert_eq!(server.run("/ping").await.success(), "pong");
}

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap()
}

/// Sends a request and reads up to the end of what comes, or of its head.
async fn ask(socket: &mut TcpStream) -> String {
    socket.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        let mut bytes = [0; 1024];
        match timeout(BOUND, socket.read(&mut bytes)).await.expect("an answer within the bound").unwrap() {
            0 => break,
            length => answer.extend_from_slice(&bytes[..length]),
        }
    }
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn so_many_connections_and_one_more_is_told_so() {
    let server = Server::with(&["--max-connections", "2"]).await;
    let (mut first, mut second) = (connect(&server).await, connect(&server).await);
    assert!(ask(&mut first).await.starts_with("HTTP/1.1 200"));
    assert!(ask(&mut second).await.starts_with("HTTP/1.1 200"));
    let mut third = connect(&server).await;
    let refused = ask(&mut third).await;
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("overloaded"), "{refused}");
    assert!(refused.contains("connection: close") && refused.contains("retry-after: 1"), "{refused}");
    assert_eq!(third.read(&mut [0; 8]).await.unwrap(), 0, "and is closed");
    drop(first);
    let again = async { while !ask(&mut connect(&server).await).await.starts_with("HTTP/1.1 200") {} };
    timeout(BOUND, again).await.expect("the place is free again");
}

#[tokio::test]
async fn heads_of_more_than_16_kib_or_64_fields() {
    let server = Server::start().await;
    let fixed: usize =
        "/livez".len() + "host".len() + server.url.trim_start_matches("http://").len() + "accept*/*x".len();
    let with = |length: usize| server.request(Method::GET, "/livez").header("x", "v".repeat(length - fixed));
    assert_eq!(Reply::of(with(16 * 1024)).await.status, 200);
    Reply::of(with(16 * 1024 + 1)).await.failure(431, "headers_too_large").hint("body");
    Reply::of(with(60 * 1024)).await.failure(431, "headers_too_large").hint("body");
    let fields = |count: usize| {
        (2..count)
            .fold(server.request(Method::GET, "/livez"), |request, number| request.header(format!("x-{number}"), "v"))
    };
    assert_eq!(Reply::of(fields(64)).await.status, 200);
    Reply::of(fields(65)).await.failure(431, "headers_too_large").hint("body");
    Reply::of(fields(100)).await.failure(431, "headers_too_large").hint("body");
}

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let server = Server::with(&["--header-timeout", "1"]).await;
    for head in ["", "GET /livez HTTP/1.1\r\nhost: loc"] {
        let mut socket = connect(&server).await;
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        timeout(BOUND, socket.read_to_end(&mut rest)).await.expect("it is closed within the bound").unwrap();
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_answered_408() {
    let server = Server::with(&["--body-timeout", "1"]).await;
    let mut socket = connect(&server).await;
    let head = format!(
        "POST {EXECUTE} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{{"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(BOUND, socket.read_to_string(&mut answer)).await.expect("it is answered within the bound").unwrap();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_cut_off_and_the_others_hear_all() {
    let server = Server::with(&["--stall-timeout", "1"]).await;
    let address: std::net::SocketAddr = server.url.trim_start_matches("http://").parse().unwrap();
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&address.into()).unwrap();
    let request = format!("GET /api/v1/stream/{} HTTP/1.1\r\nHost: {address}\r\n\r\n", alice().address());
    socket.send(request.as_bytes()).unwrap();
    let mut other = server.listen(&alice()).await;
    let text = "0123456789".repeat(90);
    let command = format!("/echo --times 10 {text}");
    let mut heard = 0;
    let begun = std::time::Instant::now();
    // The second stream goes on while the first one is cut off.
    while server.app.seats.open() > 1 || heard == 0 {
        assert!(begun.elapsed() < Duration::from_secs(30), "it is still there after {heard} events");
        server.run_as(&alice(), &command).await.success();
        assert_eq!(other.result().await["command"], json!(command));
        heard += 1;
    }
    drop(socket);
}

#[tokio::test]
async fn a_key_runs_so_many_commands_at_once_and_other_keys_do_not_notice() {
    let server = Server::with(&["--max-runs-per-key", "2"]).await;
    let held = ["/hold quota-1", "/hold quota-2"].map(|command| server.begin(&alice(), command));
    for token in ["quota-1", "quota-2"] {
        happened(token, "held").await;
    }
    let refused = server.run_as(&alice(), "/ping").await;
    refused.failure(429, "rate_limited").hint("cancel one");
    assert_eq!((refused.header("ratelimit-policy"), refused.header("retry-after")), ("\"runs-per-key\";q=2", "1"));
    server.run_as(&bob(), "/ping").await.success();
    server.run("/ping").await.success();
    ["quota-1", "quota-2"].into_iter().for_each(let_go);
    for held in held {
        held.await.unwrap().success();
    }
    server.run_as(&alice(), "/ping").await.success();
}

#[tokio::test]
async fn a_peer_that_proves_no_key_runs_so_many_commands_at_once_and_others_do_not_notice() {
    let server = Server::with(&["--max-runs-per-peer", "2", "--trusted-proxies", "127.0.0.1"]).await;
    let from = |peer: &str, body: serde_json::Value| {
        Reply::of(server.request(Method::POST, EXECUTE).header("x-forwarded-for", peer).json(&body))
    };
    // Addresses within one /64 are one peer, and a claim is nobody.
    let claim = format!("Bearer {}", alice().address());
    let claimed = server.request(Method::POST, EXECUTE).header("x-forwarded-for", "2001:db8::2");
    let claimed = claimed.header("authorization", claim).json(&json!({ "command": "/hold visit-2" }));
    let held =
        [tokio::spawn(from("2001:db8::1", json!({ "command": "/hold visit-1" }))), tokio::spawn(Reply::of(claimed))];
    for token in ["visit-1", "visit-2"] {
        happened(token, "held").await;
    }
    let refused = from("2001:db8::3", json!({ "command": "/ping" })).await;
    refused.failure(429, "rate_limited").message("all the 2 commands").hint("counted by key");
    assert_eq!((refused.header("ratelimit-policy"), refused.header("retry-after")), ("\"runs-per-peer\";q=2", "1"));
    from("2001:db8:1::1", json!({ "command": "/ping" })).await.success();
    from("192.0.2.1", json!({ "command": "/ping" })).await.success();
    from("2001:db8::3", server.statement("/ping").body(&alice())).await.success();
    ["visit-1", "visit-2"].into_iter().for_each(let_go);
    for held in held {
        held.await.unwrap().success();
    }
    from("2001:db8::3", json!({ "command": "/ping" })).await.success();
}

#[tokio::test]
async fn a_bare_signature_that_can_be_sent_again_is_counted_by_peer() {
    let flags = ["--max-runs-per-peer", "1", "--legacy-signatures", "safe"];
    let server = Server::with(&flags).await;
    let held = server.request(Method::POST, EXECUTE).json(&json!({ "command": "/hold visit-3" })).send();
    let held = tokio::spawn(held);
    happened("visit-3", "held").await;
    server.run_as(&alice(), "/ping").await.failure(429, "rate_limited");
    let_go("visit-3");
    assert_eq!(held.await.unwrap().unwrap().status(), 200);
    server.run_as(&alice(), "/ping").await.success();
}
