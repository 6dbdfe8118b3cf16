//! Who may read a stream: by a ticket, a session, a signature, or as one that proves nothing.

use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{Reply, Server, Stream, Wallet, alice, bob};

impl Server {
    /// A ticket, got by a session.
    async fn ticket(&self, token: &str) -> Value {
        let reply = Reply::of(self.request(Method::POST, "/api/v1/stream/ticket").bearer_auth(token)).await;
        assert_eq!((reply.status, reply.header("cache-control")), (200, "private, no-store"), "{reply:?}");
        reply.json()
    }

    /// Opens a stream by a ticket, and reads the state that comes first.
    async fn listen_by(&self, ticket: &Value) -> Stream {
        expect_authenticated(Stream::open(&self.client, ticket["url"].as_str().unwrap()).await).await
    }

    /// Opens a stream with a session, and reads the state that comes first.
    pub async fn listen_in(&self, token: &str, wallet: &Wallet) -> Stream {
        let request = self.request(Method::GET, &format!("/api/v1/stream/{}", wallet.address())).bearer_auth(token);
        expect_authenticated(Stream::of(request).await).await
    }
}

async fn expect_authenticated(mut stream: Stream) -> Stream {
    let state = stream.next().await;
    assert_eq!((state.event.as_str(), &state.json()["authenticated"]), ("connection_state", &json!(true)), "{state:?}");
    stream
}

async fn closed() -> Server {
    Server::with(&["--anonymous-streams", "off", "--legacy-signatures", "off", "--keepalive", "600"]).await
}

#[tokio::test]
async fn each_proof_opens_the_stream_and_hears_everything() {
    let server = closed().await;
    let token = server.sign_in(&alice()).await;
    let target = format!("/api/v1/stream/{}", alice().address());
    let statement = server.statement(&format!("GET {target}"));
    let signed = server.request(Method::GET, &target).header("authorization", statement.authorization(&alice()));
    let mut streams = [
        server.listen_in(&token, &alice()).await,
        server.listen_by(&server.ticket(&token).await).await,
        expect_authenticated(Stream::of(signed).await).await,
    ];
    server.run_signed(&alice(), "/echo hello").await.success();
    for stream in &mut streams {
        let frame = stream.next_of("command_result").await;
        assert!(frame.id.is_some() && frame.json()["command"] == json!("/echo hello"), "{frame:?}");
    }
    let again = server.request(Method::GET, &target).header("authorization", statement.authorization(&alice()));
    Reply::of(again).await.failure(422, "nonce_reused");
    server.get(&target).await.failure(401, "identity_required").hint("ticket");
    let claim = server.request(Method::GET, &target).bearer_auth(alice().address());
    Reply::of(claim).await.failure(401, "identity_required");
}

#[tokio::test]
async fn a_proof_resumes_where_streams_of_others_may_not() {
    let server = Server::with(&["--anonymous-streams", "state"]).await;
    let token = server.sign_in(&alice()).await;
    server.run_signed(&alice(), "/echo before").await.success();
    let target = format!("/api/v1/stream/{}?last_event_id=0", alice().address());
    let request = server.request(Method::GET, &target).bearer_auth(&token);
    let mut stream = Stream::of(request).await;
    assert_eq!(stream.next().await.json()["recovered"], json!(true));
    assert_eq!(stream.result().await["command"], json!("/echo before"));
    let mut nobody = Stream::of(server.request(Method::GET, &target)).await;
    assert_eq!(nobody.next().await.json()["recovered"], json!(false));
    server.run_signed(&alice(), "/echo after").await.success();
    assert_eq!(stream.result().await["command"], json!("/echo after"));
    server.close();
    nobody.end().await;
}

#[tokio::test]
async fn a_proof_of_one_address_opens_no_stream_of_another() {
    let server = Server::start().await;
    let token = server.sign_in(&alice()).await;
    let ticket = server.ticket(&token).await;
    let theirs = format!("/api/v1/stream/{}", bob().address());
    server.get_in(&token, &theirs).await.failure(403, "bearer_mismatch");
    let target = format!("{theirs}?ticket={}", ticket["ticket"].as_str().unwrap());
    server.get(&target).await.failure(403, "bearer_mismatch");
    server.ask_signed(Method::GET, &theirs, None, &alice()).await.failure(403, "bearer_mismatch");
    server.listen_by(&ticket).await;
}

#[tokio::test]
async fn a_ticket_says_what_to_open_and_until_when() {
    let server = closed().await;
    let signed = server.ask_signed(Method::POST, "/api/v1/stream/ticket", None, &alice()).await;
    let ticket = signed.json();
    let text = ticket["ticket"].as_str().unwrap();
    assert!(text.starts_with("nt_") && text.len() == 67, "{ticket}");
    assert_eq!(ticket["expiresIn"], json!(60));
    assert_eq!(ticket["url"], json!(format!("{}/api/v1/stream/{}?ticket={text}", server.url, alice().address())));
    server.listen_by(&ticket).await;
    let nobody = Reply::of(server.request(Method::POST, "/api/v1/stream/ticket")).await;
    nobody.failure(401, "identity_required");
    let body = server.ask_signed(Method::POST, "/api/v1/stream/ticket", Some(json!({ "x": 1 })), &alice()).await;
    body.failure(400, "malformed_request");
    let same = server.statement("POST /api/v1/stream/ticket");
    let ask = async || {
        let request = server.request(Method::POST, "/api/v1/stream/ticket");
        Reply::of(request.header("authorization", same.authorization(&alice()))).await
    };
    assert_eq!(ask().await.status, 200);
    ask().await.failure(422, "nonce_reused");
}

#[tokio::test]
async fn a_ticket_has_its_times() {
    let server = closed().await;
    let unused = server.ticket(&server.sign_in(&alice()).await).await;
    let path = |ticket: &Value| ticket["url"].as_str().unwrap()[server.url.len()..].to_owned();
    server.step(61);
    server.get(&path(&unused)).await.failure(401, "ticket_invalid").hint("POST /api/v1/stream/ticket");

    let used = server.ask_signed(Method::POST, "/api/v1/stream/ticket", None, &alice()).await.json();
    server.step(59);
    drop(server.listen_by(&used).await);
    server.step(119);
    drop(server.listen_by(&used).await);
    server.step(160);
    server.get(&path(&used)).await.failure(401, "ticket_invalid");

    let long = server.ask_signed(Method::POST, "/api/v1/stream/ticket", None, &alice()).await.json();
    for _ in 0..431 {
        drop(server.listen_by(&long).await);
        server.step(100);
    }
    drop(server.listen_by(&long).await);
    server.step(100);
    server.get(&path(&long)).await.failure(401, "ticket_invalid");
}

#[tokio::test]
async fn the_newest_connection_of_a_ticket_wins() {
    let server = Server::with(&["--anonymous-streams", "off", "--max-streams-per-key", "1"]).await;
    let ticket = server.ask_signed(Method::POST, "/api/v1/stream/ticket", None, &alice()).await.json();
    let mut streams = vec![server.listen_by(&ticket).await];
    for _ in 0..3 {
        streams.push(server.listen_by(&ticket).await);
    }
    let mut newest = streams.pop().unwrap();
    for mut older in streams {
        older.cut().await;
    }
    server.run_signed(&alice(), "/echo hello").await.success();
    assert_eq!(newest.result().await["command"], json!("/echo hello"));
    let other = server.ask_signed(Method::POST, "/api/v1/stream/ticket", None, &alice()).await.json();
    let path = other["url"].as_str().unwrap()[server.url.len()..].to_owned();
    server.get(&path).await.failure(429, "too_many_streams");
    drop(newest);
    while server.app.seats.open() > 0 {
        tokio::task::yield_now().await;
    }
    server.listen_by(&other).await;
}

#[tokio::test]
async fn what_was_opened_by_a_session_ends_with_it() {
    let server = closed().await;
    let (token, other) = (server.sign_in(&alice()).await, server.sign_in(&alice()).await);
    let ticket = server.ticket(&token).await;
    let unused = server.ticket(&token).await;
    let mut by_session = server.listen_in(&token, &alice()).await;
    let mut by_ticket = server.listen_by(&ticket).await;
    let mut by_other = server.listen_in(&other, &alice()).await;
    assert_eq!(server.sign_out(&token, None).await.status, 204);
    by_session.cut().await;
    by_ticket.cut().await;
    for ticket in [ticket, unused] {
        let path = ticket["url"].as_str().unwrap()[server.url.len()..].to_owned();
        server.get(&path).await.failure(401, "ticket_invalid");
    }
    server.run_signed(&alice(), "/echo hello").await.success();
    assert_eq!(by_other.result().await["command"], json!("/echo hello"));
}

#[tokio::test]
async fn an_open_stream_keeps_its_session_and_ends_when_it_expires() {
    let server = closed().await;
    let token = server.sign_in(&alice()).await;
    let mut stream = server.listen_in(&token, &alice()).await;
    server.step(86_401);
    // Whoever hears that a session has ended looks whether it is theirs.
    let other = server.sign_in(&alice()).await;
    assert_eq!(server.sign_out(&other, None).await.status, 204);
    stream.cut().await;
}

#[tokio::test]
async fn what_is_no_ticket_is_told_so() {
    let server = Server::start().await;
    let token = server.sign_in(&alice()).await;
    let text = server.ticket(&token).await["ticket"].as_str().unwrap().to_owned();
    let forged = |place: usize| {
        let mut bytes = text.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let path = format!("/api/v1/stream/{}?ticket=", alice().address());
    for ticket in ["", "nt_", &text[..66], &format!("{text}A"), &token, &forged(3), &forged(40), &forged(66)] {
        server.get(&format!("{path}{ticket}")).await.failure(401, "ticket_invalid");
    }
    server.get(&format!("{path}{text}&ticket={text}")).await.failure(400, "malformed_request").hint("ticket");
    server.get_in(&text, "/api/v1/runs").await.failure(400, "auth_malformed");
}
