//! Signing in with Ethereum (ERC-4361), and what a session is good for.

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{Binary, EXECUTE, Reply, Server, Wallet, alice, bob};

/// What a client says of itself when it signs in; each line may be changed.
#[derive(Clone)]
pub struct SignIn {
    pub domain: String,
    pub nonce: String,
    pub more: String,
}

impl SignIn {
    pub fn text(&self, wallet: &Wallet) -> String {
        let Self { domain, nonce, more } = self;
        format!(
            "{domain} wants you to sign in with your Ethereum account:\n{}\n\nRead your stream.\n\nURI: http://{domain}/\n\
             Version: 1\nChain ID: 1\nNonce: {nonce}\nIssued At: 2025-01-01T00:00:00Z{more}",
            wallet.address()
        )
    }

    pub fn body(&self, wallet: &Wallet) -> Value {
        let message = self.text(wallet);
        let signature = format!("0x{}", hex::encode(wallet.personal_sign(message.as_bytes())));
        json!({ "message": message, "signature": signature })
    }
}

impl Server {
    pub async fn sign_in_text(&self) -> SignIn {
        let nonce = self.get("/api/v1/auth/nonce").await.text_at("/nonce");
        SignIn { domain: self.url.trim_start_matches("http://").to_owned(), nonce, more: String::new() }
    }

    /// A new session of the wallet.
    pub async fn sign_in(&self, wallet: &Wallet) -> String {
        let reply = sign_in(self, &self.sign_in_text().await.body(wallet)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.text_at("/token")
    }

    /// Runs a command with a session.
    pub async fn run_in(&self, token: &str, command: &str) -> Reply {
        let request = self.request(Method::POST, EXECUTE).bearer_auth(token);
        Reply::of(request.json(&json!({ "command": command }))).await
    }

    pub async fn get_in(&self, token: &str, target: &str) -> Reply {
        Reply::of(self.request(Method::GET, target).bearer_auth(token)).await
    }

    pub async fn sign_out(&self, token: &str, body: Option<Value>) -> Reply {
        let request = self.request(Method::POST, "/api/v1/auth/logout").bearer_auth(token);
        Reply::of(body.iter().fold(request, reqwest::RequestBuilder::json)).await
    }
}

/// A session of Alice at a server in another process.
pub async fn sign_in_at(url: &str) -> String {
    let client = reqwest::Client::new();
    let nonce = Reply::of(client.get(format!("{url}/api/v1/auth/nonce"))).await.text_at("/nonce");
    let text = SignIn { domain: url.trim_start_matches("http://").to_owned(), nonce, more: String::new() };
    Reply::of(client.post(format!("{url}/api/v1/auth/siwe")).json(&text.body(&alice()))).await.text_at("/token")
}

async fn sign_in(server: &Server, body: &Value) -> Reply {
    Reply::of(server.request(Method::POST, "/api/v1/auth/siwe").json(body)).await
}

#[tokio::test]
async fn whoever_signs_the_message_has_a_session() {
    let server = Server::start().await;
    let nonce = server.get("/api/v1/auth/nonce").await;
    assert_eq!((nonce.text_at("/audience"), nonce.at("/expiresIn")), (server.url.clone(), json!(600)));
    assert_eq!(nonce.header("cache-control"), "private, no-store");
    nonce.text_at("/time").parse::<jiff::Timestamp>().unwrap();
    let reply = sign_in(&server, &server.sign_in_text().await.body(&alice())).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, "private, no-store"));
    assert_eq!(reply.text_at("/address"), alice().address().to_string());
    let expires_at: jiff::Timestamp = reply.text_at("/expiresAt").parse().unwrap();
    assert!((86_390..=86_400).contains(&(expires_at.as_second() - server.now())));
    let token = reply.text_at("/token");
    assert!(token.starts_with("ns_") && token.len() == 67, "{token}");
    assert_eq!(server.get_in(&token, "/api/v1/runs").await.status, 200);
}

#[tokio::test]
async fn a_session_reads_and_is_an_identity_and_signs_nothing() {
    let server = Server::with(&["--legacy-signatures", "off", "--anonymous-streams", "off"]).await;
    let token = server.sign_in(&alice()).await;
    server.run_signed(&alice(), "/identity").await.success();
    assert_eq!(server.run_in(&token, "/club").await.success(), "welcome, member");
    let answer = server.run_in(&token, "/echo hello").await;
    let target = format!("/api/v1/runs/{}", answer.text_at("/run_id"));
    assert_eq!(server.get_in(&token, &target).await.at("/result/message"), json!("hello"));
    assert_eq!(server.get_in(&token, "/api/v1/commands?for=me").await.status, 200);
    let other = server.sign_in(&bob()).await;
    server.get_in(&other, &target).await.failure(404, "not_found");
    for command in ["/whoami", "/identity", "/identity/delete"] {
        server.run_in(&token, command).await.failure(401, "signature_required").hint("Signed Command v1");
    }
}

#[tokio::test]
async fn a_signature_beside_a_session_is_of_the_same_address() {
    let server = Server::start().await;
    let token = server.sign_in(&alice()).await;
    let send = async |wallet: &Wallet| {
        let request = server.request(Method::POST, EXECUTE).bearer_auth(&token);
        Reply::of(request.json(&server.statement("/whoami").body(wallet))).await
    };
    send(&alice()).await.success();
    send(&bob()).await.failure(403, "bearer_mismatch").hint("");
}

#[tokio::test]
async fn an_idempotency_key_serves_a_session_too() {
    let server = Server::start().await;
    let token = server.sign_in(&alice()).await;
    let send = async || {
        let request = server.request(Method::POST, EXECUTE).bearer_auth(&token).header("idempotency-key", "\"one\"");
        Reply::of(request.json(&json!({ "command": "/echo hello" }))).await
    };
    let first = send().await;
    let again = send().await;
    assert_eq!((&again.text, again.header("idempotent-replayed")), (&first.text, "true"));
}

/// Each row changes the message before it is signed.
#[tokio::test]
async fn a_wallet_may_be_half_a_minute_ahead() {
    let server = Server::start().await;
    for (ahead, status) in [(30, 200), (60, 401)] {
        let made = jiff::Timestamp::from_second(server.now() + ahead).unwrap();
        let message = server.sign_in_text().await.text(&alice()).replace("2025-01-01T00:00:00Z", &made.to_string());
        let signature = hex::encode(alice().personal_sign(message.as_bytes()));
        let reply = sign_in(&server, &json!({ "message": message, "signature": signature })).await;
        assert_eq!(reply.status, status, "{ahead}: {reply:?}");
    }
}

#[tokio::test]
async fn the_message_is_read_strictly() {
    let server = Server::with(&["--allowed-origins", "http://localhost:5173,https://app.example.com"]).await;
    let good = server.sign_in_text().await;
    let change = |from: &str, to: &str| {
        let text = good.text(&alice());
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let nonce = &good.nonce;
    let domain = &good.domain;
    let first = if nonce.starts_with('0') { "1" } else { "0" };
    let last = if nonce.ends_with('0') { "1" } else { "0" };
    let address = alice().address().to_string();
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(5);
    for (from, to) in [
        (domain.as_str(), "evil.example"),
        (domain.as_str(), "localhost"),
        (domain.as_str(), "localhost:5173@evil.example"),
        (domain.as_str(), &format!("https://{domain}")),
        ("Version: 1", "Version: 2"),
        ("Chain ID: 1", "Chain ID: x"),
        ("\n\nRead", "\nRead"),
        ("URI: http", "URI: ht tp"),
        (nonce.as_str(), "abcdefgh"),
        (nonce.as_str(), &format!("{first}{}", &nonce[1..])),
        (nonce.as_str(), &format!("{}{last}", &nonce[..63])),
        (nonce.as_str(), &nonce.to_uppercase().replacen(|c: char| c.is_ascii_digit(), "G", 1)),
        (nonce.as_str(), &nonce.to_uppercase()),
        (&address, &address.to_lowercase()),
        ("2025-01-01T00:00:00Z", "2025-13-01T00:00:00Z"),
        ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z\n"),
        ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z\nExpiration Time: 2025-01-02T00:00:00Z"),
        ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z\nNot Before: 2199-01-01T00:00:00Z"),
        ("2025-01-01T00:00:00Z", "2199-01-01T00:00:00Z"),
    ] {
        let message = change(from, to);
        let signature = format!("0x{}", hex::encode(alice().personal_sign(message.as_bytes())));
        let reply = sign_in(&server, &json!({ "message": message, "signature": signature })).await;
        reply.failure(401, "siwe_invalid").hint("");
    }
    for (domain, more) in [
        ("localhost:5173", String::new()),
        ("app.example.com", format!("\nExpiration Time: {soon}\nRequest ID: 1\nResources:\n- https://example.com/a")),
    ] {
        let text = SignIn { domain: domain.to_owned(), more, ..server.sign_in_text().await };
        assert_eq!(sign_in(&server, &text.body(&alice())).await.status, 200, "{domain}");
    }
}

#[tokio::test]
async fn the_message_is_of_the_page_that_sends_it() {
    let server =
        Server::with(&["--allowed-origins", "http://localhost:5173,https://localhost:5173,http://localhost:9"]).await;
    let send = async |origin: &str, prefix: &str| {
        let text = SignIn { domain: format!("{prefix}localhost:5173"), ..server.sign_in_text().await };
        let message = text.text(&alice()).replace("URI: http://http", "URI: http");
        let signature = format!("0x{}", hex::encode(alice().personal_sign(message.as_bytes())));
        let request = server.request(Method::POST, "/api/v1/auth/siwe").header("origin", origin);
        Reply::of(request.json(&json!({ "message": message, "signature": signature }))).await
    };
    assert_eq!(send("http://localhost:5173", "").await.status, 200);
    assert_eq!(send("https://localhost:5173", "").await.status, 200);
    assert_eq!(send("http://localhost:5173", "http://").await.status, 200);
    send("https://localhost:5173", "http://").await.failure(401, "siwe_invalid");
    send("http://localhost:9", "").await.failure(401, "siwe_invalid").message("page");
    send("null", "").await.failure(401, "siwe_invalid");
}

#[tokio::test]
async fn a_nonce_is_good_for_one_sign_in_and_ten_minutes() {
    let server = Server::start().await;
    let body = server.sign_in_text().await.body(&alice());
    let mut forged = body.clone();
    forged["signature"] = server.sign_in_text().await.body(&bob())["signature"].clone();
    sign_in(&server, &forged).await.failure(401, "signature_mismatch");
    assert_eq!(sign_in(&server, &body).await.status, 200, "what was refused has spent nothing");
    sign_in(&server, &body).await.failure(401, "siwe_invalid").message("already");
    let late = server.sign_in_text().await.body(&alice());
    server.step(599);
    assert_eq!(sign_in(&server, &late).await.status, 200);
    let later = server.sign_in_text().await.body(&alice());
    server.step(601);
    sign_in(&server, &later).await.failure(401, "siwe_invalid").message("nonce");
    let other = Server::start().await;
    let foreign = SignIn { nonce: other.sign_in_text().await.nonce, ..server.sign_in_text().await };
    sign_in(&server, &foreign.body(&alice())).await.failure(401, "siwe_invalid").message("nonce");
}

#[tokio::test]
async fn the_body_has_a_shape() {
    let server = Server::start().await;
    let good = server.sign_in_text().await.body(&alice());
    for body in
        [json!([]), json!({}), json!({ "message": good["message"] }), json!({ "message": 1, "signature": "0x" })]
    {
        sign_in(&server, &body).await.failure(400, "malformed_request").hint("message");
    }
    let mut more = good.clone();
    more["more"] = json!(1);
    sign_in(&server, &more).await.failure(400, "malformed_request");
    let mut short = good.clone();
    short["signature"] = json!("0x12");
    sign_in(&server, &short).await.failure(400, "auth_malformed");
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_for_an_hour_and_after_a_day() {
    let server = Server::start().await;
    let token = server.sign_in(&alice()).await;
    for _ in 0..24 {
        server.step(3500);
        assert_eq!(server.get_in(&token, "/api/v1/runs").await.status, 200);
    }
    server.step(86_401 - 24 * 3500);
    server.get_in(&token, "/api/v1/runs").await.failure(401, "session_invalid").hint("Sign in again");
    let idle = server.sign_in(&alice()).await;
    server.step(3599);
    assert_eq!(server.get_in(&idle, "/api/v1/runs").await.status, 200);
    server.step(3601);
    server.get_in(&idle, "/api/v1/runs").await.failure(401, "session_invalid");
}

#[tokio::test]
async fn signing_out_ends_one_session_or_all() {
    let server = Server::start().await;
    let (one, two, three) =
        (server.sign_in(&alice()).await, server.sign_in(&alice()).await, server.sign_in(&alice()).await);
    let theirs = server.sign_in(&bob()).await;
    let lasts = async |token: &str| server.get_in(token, "/api/v1/runs").await.status == 200;
    assert_eq!(server.sign_out(&one, None).await.status, 204);
    assert!(!lasts(&one).await && lasts(&two).await);
    server.sign_out(&one, None).await.failure(401, "session_invalid");
    server.sign_out(&two, Some(json!({ "all": "yes" }))).await.failure(400, "malformed_request").hint("all");
    server.sign_out(&two, Some(json!({ "every": true }))).await.failure(400, "malformed_request");
    assert_eq!(server.sign_out(&two, Some(json!({ "all": true }))).await.status, 204);
    assert!(!lasts(&two).await && !lasts(&three).await && lasts(&theirs).await);
    let signed = server.ask_signed(Method::POST, "/api/v1/auth/logout", Some(json!({ "all": true })), &bob()).await;
    assert_eq!(signed.status, 204);
    assert!(!lasts(&theirs).await);
    server.ask_signed(Method::POST, "/api/v1/auth/logout", None, &bob()).await.failure(400, "malformed_request");
}

#[tokio::test]
async fn deleting_the_identity_ends_all_sessions() {
    let server = Server::start().await;
    server.run_signed(&alice(), "/identity").await.success();
    let token = server.sign_in(&alice()).await;
    let mut stream = server.listen_in(&token, &alice()).await;
    server.run_signed(&alice(), "/identity/delete").await.success();
    server.get_in(&token, "/api/v1/runs").await.failure(401, "session_invalid");
    assert_eq!(stream.next_of("command_result").await.json()["command"], json!("/identity/delete"), "it hears of it");
    stream.cut().await;
}

#[tokio::test]
async fn what_is_no_session_is_told_so() {
    let server = Server::start().await;
    let token = server.sign_in(&alice()).await;
    let forged = |place: usize| {
        let mut bytes = token.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    for token in ["ns_", "ns_abc", &token[..66], &format!("{token}A"), &forged(3), &forged(30), &forged(66)] {
        for reply in [server.get_in(token, "/api/v1/runs").await, server.run_in(token, "/ping").await] {
            reply.failure(401, "session_invalid").hint("Sign in");
        }
    }
    assert_eq!(server.get_in(&token, "/api/v1/runs").await.status, 200);
}

#[tokio::test]
async fn an_address_has_sixty_four_sessions_and_the_oldest_gives_way() {
    let server = Server::start().await;
    let first = server.sign_in(&alice()).await;
    let theirs = server.sign_in(&bob()).await;
    let mut second = None;
    for _ in 0..64 {
        server.step(1);
        let token = server.sign_in(&alice()).await;
        second.get_or_insert(token);
    }
    server.get_in(&first, "/api/v1/runs").await.failure(401, "session_invalid");
    assert_eq!(server.get_in(&second.unwrap(), "/api/v1/runs").await.status, 200);
    assert_eq!(server.get_in(&theirs, "/api/v1/runs").await.status, 200);
}

#[tokio::test]
async fn sessions_outlive_the_process_and_no_file_has_their_token() {
    let folder = TempDir::new().unwrap();
    let flags = ["--log", "trace"];
    let client = reqwest::Client::new();
    let mut binary = Binary::start(&folder, &flags);
    let token = sign_in_at(&binary.url).await;
    let ticket = async |binary: &Binary| {
        let request = client.post(format!("{}/api/v1/stream/ticket", binary.url)).bearer_auth(&token);
        Reply::of(request).await.text_at("/ticket")
    };
    let ticket_text = ticket(&binary).await;
    let stream = format!("/api/v1/stream/{}?ticket={ticket_text}", alice().address());
    let mut opened = crate::common::Stream::open(&client, &format!("{}{stream}", binary.url)).await;
    assert_eq!(opened.next().await.json()["authenticated"], json!(true));
    binary.terminate();
    let mut logs = binary.rest();
    let mut again = Binary::start(&folder, &flags);
    ticket(&again).await;
    let mut opened = crate::common::Stream::open(&client, &format!("{}{stream}", again.url)).await;
    assert_eq!(opened.next().await.json()["authenticated"], json!(true), "a ticket goes on after a restart");
    again.terminate();
    logs.push_str(&again.rest());
    assert!(logs.contains("request"), "{logs}");
    for file in std::fs::read_dir(folder.path().join("data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in [&token, &ticket_text] {
            let secret = &secret[3..];
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
            assert!(!logs.contains(secret) && !logs.contains(&secret[22..]), "a secret is in the log");
        }
    }
}
