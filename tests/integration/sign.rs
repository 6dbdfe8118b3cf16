//! `nexus sign` and `nexus verify`: what is signed on the terminal, and what is said of it.

use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::binary::{nexus, refused};
use crate::common::tool::{node, succeed};
use crate::common::{Binary, EXECUTE, Keyring, Reply, Wallet, alice, project};

const AUDIENCE: &str = "https://cmd.example.com";

/// Signs by the key `alice` for [`AUDIENCE`].
#[track_caller]
fn signed(keyring: &Keyring, words: &[&str]) -> String {
    let words = [&["sign", "--key", "alice", "--audience", AUDIENCE], words].concat();
    keyring.succeed(&words).0.trim().to_owned()
}

/// What `nexus verify --json` says of a body, and its exit code.
#[track_caller]
fn verified(keyring: &Keyring, body: &Value) -> (Value, bool) {
    let file = keyring.folder.path().join("body");
    std::fs::write(&file, body.to_string()).unwrap();
    let Output { status, stdout, .. } = refused(keyring.nexus(&["verify", "--json"]).arg(file));
    let said: Value = serde_json::from_slice(&stdout).unwrap();
    assert_eq!(status.code(), Some(i32::from(said["valid"] != true)), "{said}");
    let is_valid = said["valid"] == true;
    (said, is_valid)
}

#[track_caller]
fn refuted(keyring: &Keyring, body: &Value, code: &str) {
    let (said, is_valid) = verified(keyring, body);
    assert!(!is_valid && said["code"] == code, "{said}");
    assert!(!said["message"].as_str().unwrap().is_empty() && !said["hint"].as_str().unwrap().is_empty(), "{said}");
}

#[test]
fn a_signed_command_is_what_ethers_calls_a_personal_signature() {
    let keyring = Keyring::of("alice", &alice());
    let args = r#"{"text": "guten Morgen \"€\"", "times": 2, "a": [1.50, 1e3, null]}"#;
    for words in
        [&["/echo"][..], &["/echo --times 2 'a b'"], &["/echo", "--args", args], &["/echo", "--args", "[\"x\"]"]]
    {
        let body = signed(&keyring, words);
        let signer = succeed(node().arg(project("tests/wallets/ethers_verifies.mjs")).arg(&body));
        assert_eq!(signer.trim(), alice().address().to_string(), "{body}");
        let (said, is_valid) = verified(&keyring, &serde_json::from_str(&body).unwrap());
        assert!(is_valid, "{said}");
        assert_eq!((&said["signer"], &said["audience"]), (&json!(alice().address()), &json!(AUDIENCE)));
    }
}

#[test]
fn another_request_becomes_the_value_of_authorization() {
    let keyring = Keyring::of("alice", &alice());
    let header = signed(&keyring, &["PUT /api/v1/config?x=1", "--args", r#"{"b": 1, "a": 2}"#]);
    let auth = URL_SAFE_NO_PAD.decode(header.strip_prefix("EthSignature ").unwrap()).unwrap();
    let auth: Value = serde_json::from_slice(&auth).unwrap();
    let request = "PUT /api/v1/config?x=1";
    let (said, is_valid) = verified(&keyring, &json!({ "request": request, "args": { "a": 2, "b": 1 }, "auth": auth }));
    assert!(is_valid && said["request"] == request, "{said}");
    refuted(
        &keyring,
        &json!({ "request": "PUT /api/v1/config", "args": { "a": 2, "b": 1 }, "auth": auth }),
        "signature_mismatch",
    );
    refuted(&keyring, &json!({ "request": request, "auth": auth }), "signature_mismatch");
}

#[test]
fn whatever_is_changed_makes_it_another_statement() {
    let keyring = Keyring::of("alice", &alice());
    let body: Value = serde_json::from_str(&signed(&keyring, &["/echo", "--args", "[1]"])).unwrap();
    for (pointer, value) in [
        ("/command", json!("/echo ")),
        ("/args", json!([2])),
        ("/auth/audience", json!("https://other.example.com")),
        ("/auth/nonce", json!("AAAAAAAAAAAAAAAA")),
        ("/auth/issuedAt", json!(body["auth"]["issuedAt"].as_i64().unwrap() - 1)),
        ("/auth/expiresAt", json!(body["auth"]["expiresAt"].as_i64().unwrap() + 1)),
        ("/auth/publicKey", json!(Wallet::of_byte(7).address())),
    ] {
        let mut changed = body.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        refuted(&keyring, &changed, "signature_mismatch");
    }
    for (changed, code) in [
        (json!({ "command": "/echo" }), "signature_required"),
        (json!({ "command": "/echo", "auth": { "publicKey": 1 } }), "auth_malformed"),
        (json!({ "command": "/echo", "auth": body["auth"], "more": 1 }), "malformed_request"),
        (json!({ "command": "/echo", "request": "GET /", "auth": body["auth"] }), "malformed_request"),
        (json!([]), "malformed_request"),
    ] {
        refuted(&keyring, &changed, code);
    }
    let said = keyring.fed(&["verify", "-"], "{\"command\": ", 1).1;
    assert!(said.contains("malformed_json"), "{said}");
}

/// The example of the protocol, by the key 1.
#[test]
fn a_signature_of_last_year_is_told_as_such() {
    let keyring = Keyring::new();
    let body = json!({ "command": "/identity/delete", "auth": {
        "scheme": "eip191",
        "publicKey": "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
        "signature": "0x39867dbd79b62fef400a02e8169f39df2096645b986b90d750442a50ce35f156\
                      39d757faa06914e0bc04f47cd41dccc28c4a0d33ba8f38945a702594bad0453f1c",
        "audience": AUDIENCE, "nonce": "3q2-7wABCDEFGH12", "issuedAt": 1_753_000_000, "expiresAt": 1_753_000_060 } });
    refuted(&keyring, &body, "request_expired");
    let said = keyring.fed(&["verify", "-"], &body.to_string(), 1).0;
    for expected in [
        "/identity/delete",
        "2025-07-20T08:27:40Z (",
        " s ago)",
        "by the signer, but not good now: request_expired",
        AUDIENCE,
    ] {
        assert!(said.contains(expected), "{expected:?} is not in {said}");
    }
}

#[test]
fn a_bare_signature_is_told_to_be_one() {
    let keyring = Keyring::of("alice", &alice());
    let body: Value = keyring.json(&["sign", "/identity", "--key", "alice", "--bare"]);
    assert_eq!(body, json!({ "command": "/identity", "auth": alice().bare("/identity") }));
    let said = keyring.fed(&["verify", "-"], &body.to_string(), 0).0;
    assert!(said.contains("good for   ever") && said.contains("signature  valid"), "{said}");
    refuted(&keyring, &json!({ "command": "/identity", "args": [1], "auth": body["auth"] }), "args_not_signed");
    refuted(&keyring, &json!({ "command": "/identities", "auth": body["auth"] }), "signature_mismatch");
}

#[test]
fn what_a_stranger_wrote_cannot_play_with_the_terminal() {
    let keyring = Keyring::new();
    let text = "/echo \u{1b}[2J\u{202e}live\nsignature  valid";
    let said = keyring.fed(&["verify", "-"], &json!({ "command": text, "auth": alice().bare(text) }).to_string(), 0).0;
    assert!(said.starts_with("command    /echo \\u{1b}[2J\\u{202e}live\\u{a}signature  valid\n"), "{said}");
}

#[tokio::test]
async fn the_server_takes_what_is_signed() {
    let keyring = Keyring::of("alice", &alice());
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &["--legacy-signatures", "off"]);
    let sign = |words: &[&str]| {
        let words = [&["sign", "--key", "alice", "--server", &server.url], words].concat();
        keyring.succeed(&words).0.trim().to_owned()
    };
    let client = reqwest::Client::new();
    let body = sign(&["/identity", "--args", "[]"]);
    let execute = client.post(format!("{}{EXECUTE}", server.url)).header("content-type", "application/json");
    assert!(Reply::of(execute.body(body)).await.success().contains(&alice().address().to_string()));
    let runs = client.get(format!("{}/api/v1/runs?limit=5", server.url));
    let reply = Reply::of(runs.header("authorization", sign(&["GET /api/v1/runs?limit=5"]))).await;
    assert_eq!(reply.at("/runs/0/command"), "/identity");
    let list = r#"{"commands": [{"command": "/whoami"}, {"command": "/echo x"}], "on_error": "stop"}"#;
    let batch = client.post(format!("{}/api/v1/commands/batch", server.url)).header("content-type", "application/json");
    let reply = Reply::of(batch.body(sign(&["POST /api/v1/commands/batch", "--args", list]))).await;
    assert_eq!(reply.success(), "2 of 2 succeeded.");
}

#[test]
fn the_server_says_who_it_is() {
    let keyring = Keyring::of("alice", &alice());
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &[]);
    let (body, told) = keyring.succeed(&["sign", "/whoami", "--key", "alice", "--server", &server.url]);
    assert_eq!(told, "");
    let (said, is_valid) = verified(&keyring, &serde_json::from_str(&body).unwrap());
    assert!(is_valid && said["audience"] == server.url.as_str(), "{said}");
    drop(server);
    keyring.fail(
        &["sign", "/whoami", "--key", "alice", "--server", "http://127.0.0.1:9"],
        &["No answer from", "--server"],
    );
}

#[tokio::test]
async fn a_server_of_version_6_is_known_by_its_address() {
    let keyring = Keyring::of("alice", &alice());
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &["--host", "::1"]);
    let body = keyring.succeed(&["sign", "/identity", "--key", "alice", "--server", &server.url]).0;
    let execute =
        reqwest::Client::new().post(format!("{}{EXECUTE}", server.url)).header("content-type", "application/json");
    Reply::of(execute.body(body)).await.success();
}

#[tokio::test]
async fn a_server_that_says_that_it_is_another_gets_a_signature_for_that_only_when_it_is_named() {
    let keyring = Keyring::of("alice", &alice());
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &["--env", "production", "--public-origins", AUDIENCE]);
    let words = ["sign", "/identity", "--key", "alice", "--server", &server.url];
    keyring.fail(&words, &["says that it is", "--audience https://cmd.example.com"]);
    let body = keyring.succeed(&[&words[..], &["--audience", AUDIENCE]].concat()).0;
    let execute =
        reqwest::Client::new().post(format!("{}{EXECUTE}", server.url)).header("content-type", "application/json");
    Reply::of(execute.body(body)).await.success();
}

#[test]
fn what_does_not_say_what_it_signs_is_told_apart() {
    let keyring = Keyring::of("alice", &alice());
    let header = alice().authorization("GET /api/v1/runs");
    for (body, expected) in [(header.as_str(), "`auth` in {\"request\""), ("", "The body is empty.")] {
        let (said, told) = keyring.fed(&["verify", "-"], body, 1);
        assert!(said.is_empty() && told.contains(expected), "{told}");
    }
}

#[test]
fn words_that_do_not_go_together_are_wrong_usage() {
    let folder = TempDir::new().unwrap();
    for (words, expected) in [
        (&["sign", "/echo"][..], "--key"),
        (&["sign", "/echo", "--key", "alice", "--bare", "--args", "[]"], "--args"),
        (&["sign", "/echo", "--key", "alice", "--args", "3"], "an array or an object"),
        (&["sign", "/echo", "--key", "alice", "--args", "{\"a\": 1, \"a\": 2}"], "it is no JSON"),
        (&["sign", "/echo", "--key", "alice", "--valid", "301"], "301"),
        (&["sign", "/echo", "--key", "alice", "--audience", "cmd.example.com"], "no scheme"),
        (&["sign", "/echo", "--key", "alice", "--server", "http://localhost:1/"], "NEXUS_SERVER"),
        (&["verify"], "FILE"),
    ] {
        let told = Keyring::expect(nexus(folder.path()).args(words), 2).1;
        assert!(told.contains(expected), "{expected:?} is not in {told}");
    }
}
