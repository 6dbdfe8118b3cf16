//! Words that mean something to NATS, where clients write: none becomes a subject or a key, so none reaches another's.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::json;

use crate::common::hook::Hook;
use crate::common::nats::Nats;
use crate::common::{Reply, Server, Statement, alice, bob};

/// Wildcards, parts of subjects, subjects of others, and what is no word at all.
fn hostile() -> Vec<String> {
    let address = hex::encode(bob().address().as_bytes());
    let mut words: Vec<_> = [
        ">",
        "*",
        ".",
        "..",
        "a.b",
        "a.*",
        "a.>",
        " ",
        "a b",
        "$JS.API.STREAM.DELETE.nexus-events",
        "$KV.nexus-keys.>",
        "_INBOX.>",
        "\u{1}",
        "a\r\nPUB x 0\r\n",
        "\u{0}",
        "ä",
        "%2E",
        "%2A",
    ]
    .map(str::to_owned)
    .into();
    words.extend([
        format!("nexus.events.{address}"),
        format!("prompts.{address}.*"),
        "x".repeat(10_000),
        ">".repeat(10_000),
    ]);
    words
}

/// A word as a segment of a path, or a value of a query.
fn encoded(word: &str) -> String {
    word.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"))
}

/// A server on which alice is an admin, and bob has something that is nobody else's business.
async fn furnished() -> (Nats, Server) {
    let nats = Nats::one().await;
    let server = Server::on(&nats, &["--admins", &alice().address().to_string(), "--webhook-allow", "127.0.0.1"]).await;
    server.run_signed(&bob(), "/identity").await.success();
    server.run_signed(&bob(), "/prompt/set mine 'a treasure'").await.success();
    server.run_signed(&bob(), "/echo treasure").await.success();
    (nats, server)
}

/// Refused as the client's fault, and nothing of bob's is told.
#[track_caller]
fn is_refused(reply: &Reply, word: &str) {
    assert!((400..500).contains(&reply.status), "{word:?}: {reply:?}");
    assert!(!reply.text.contains("treasure"), "{word:?}: {reply:?}");
}

#[tokio::test]
async fn paths_and_queries_reach_nothing() {
    let (_nats, server) = furnished().await;
    for word in hostile() {
        let segment = encoded(&word);
        for path in ["runs", "stream", "commands", "prompt"] {
            let reply = server.ask(Method::GET, &format!("/api/v1/{path}/{segment}"), &alice()).await;
            is_refused(&reply, &word);
        }
        let stream = format!("/api/v1/stream/{}", bob().address());
        is_refused(&server.get(&format!("{stream}?ticket={segment}")).await, &word);
        is_refused(&server.ask(Method::DELETE, &format!("/api/v1/runs/{segment}"), &alice()).await, &word);
        is_refused(&server.get(&format!("/api/v1/runs?command={segment}")).await, &word);
    }
    server.run_as(&bob(), "/prompt/show mine").await.success();
}

#[tokio::test]
async fn sessions_and_nonces_reach_nothing() {
    let (_nats, server) = furnished().await;
    for word in hostile() {
        let nonce = Statement { nonce: word.clone(), ..server.statement("/whoami") };
        is_refused(&server.post(nonce.body(&alice()).to_string()).await, &word);
        if word.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            for token in [word.clone(), format!("ns_{word}")] {
                let asked = server.request(Method::GET, "/api/v1/runs").bearer_auth(token);
                is_refused(&Reply::of(asked).await, &word);
            }
        }
    }
}

#[tokio::test]
async fn names_of_what_is_kept_are_names() {
    let (_nats, server) = furnished().await;
    let hook = Hook::start(&[]).await;
    for word in hostile() {
        let definition = json!({ "description": "Tells.", "examples": ["/weather"], "name": word });
        let body = json!({ "definition": definition, "url": hook.url() });
        is_refused(&server.ask_signed(Method::POST, "/api/v1/commands", Some(body), &alice()).await, &word);
        let path = format!("/api/v1/commands/{}", encoded(&word));
        is_refused(&server.ask_signed(Method::DELETE, &path, None, &alice()).await, &word);
        for (command, args) in [
            ("/prompt/set", json!({ "name": word, "text": "x" })),
            ("/prompt/show", json!({ "name": word })),
            ("/prompt/delete", json!({ "name": word })),
            ("/config/set", json!({ &word: 1 })),
        ] {
            let statement = Statement { args: Some(args), ..server.statement(command) };
            is_refused(&server.post(statement.body(&alice()).to_string()).await, &word);
        }
    }
    server.run_as(&bob(), "/prompt/show mine").await.success();
}

#[tokio::test]
async fn an_idempotency_key_stands_for_itself_alone() {
    let (_nats, server) = furnished().await;
    let run = async |word: &str| {
        let key = format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""));
        server.run_preferring(&alice(), "/echo x", &[("idempotency-key", &key)]).await
    };
    let mut ids = HashSet::new();
    for word in
        ["a", ">", "*", ".", "..", "a.b", "a.*", "a.>", " ", "a b", "A", "$KV.nexus-passing.>", "\\", "\"", "%2A"]
    {
        let (first, again) = (run(word).await, run(word).await);
        first.success();
        assert_eq!((again.success(), again.at("/run_id")), ("x".to_owned(), first.at("/run_id")), "{word:?}");
        assert!(ids.insert(first.text_at("/run_id")), "{word:?} is another's");
    }
    is_refused(&run(&"x".repeat(10_000)).await, "10 kB");
}
