//! `POST /api/v1/commands/execute`: commands that do what they say.

use nexus::command::prelude::*;
use nexus::command::{Handler, Registration, inventory};
use serde_json::json;

use crate::common::document::matches;
use crate::common::{EXECUTE, Reply, Server, alice, bob};

#[tokio::test]
async fn ping_answers_pong() {
    let server = Server::start().await;
    let reply = server.run("/ping").await;
    assert_eq!(reply.success(), "pong");
    assert!(reply.at("/data/latency_ms").as_f64().unwrap() > 0.0);
    assert_eq!(reply.text_at("/data/nexus_version"), env!("CARGO_PKG_VERSION"));
    reply.text_at("/data/timestamp").parse::<jiff::Timestamp>().unwrap();
}

#[tokio::test]
async fn names_ignore_case_and_may_lack_the_slash() {
    let server = Server::start().await;
    for command in ["ping", "/PING", "  /Ping  ", "/p", "P"] {
        assert_eq!(server.run(command).await.success(), "pong", "{command}");
    }
}

#[tokio::test]
async fn help_answers_with_the_definitions() {
    let server = Server::start().await;
    let reply = server.run("/help").await;
    assert!(reply.success().contains("/echo <text> [--times N]  Say a text back"));
    assert!(reply.success().contains("/identity/delete  Delete your identity"));
    assert_eq!(reply.at("/data/commands"), server.get("/api/v1/commands").await.json());
}

#[tokio::test]
async fn what_runs_in_the_frontend_is_refused_with_a_word_where() {
    let server = Server::start().await;
    for command in ["/clear", "/theme dark", "/theme no such thing"] {
        let reply = server.run(command).await;
        reply.failure(400, "client_command").message("runs in the frontend").hint("frontend");
    }
}

#[tokio::test]
async fn every_example_answers_as_its_definition_says() {
    let server = Server::with(&["--admins", &alice().address().to_string()]).await;
    let mut seen = 0;
    for Registration { definition, .. } in inventory::iter::<Registration> {
        let is_for_all = !definition.requires_signature && !definition.requires_identity;
        let bare = (is_for_all, definition.examples);
        let subcommands =
            definition.subcommands.iter().map(|sub| (!sub.requires_signature && !sub.requires_identity, sub.examples));
        for (is_for_all, examples) in std::iter::once(bare).chain(subcommands) {
            for Example(text, expected) in examples {
                let reply = if is_for_all { server.run(text).await } else { server.run_as(&alice(), text).await };
                assert!(matches(&reply.text_at("/message"), expected), "{text}: {reply:?}");
                seen += 1;
            }
        }
    }
    assert!(seen > 10);
}

#[tokio::test]
async fn every_command_that_the_server_runs_has_a_rest_handler_or_is_help() {
    let server = Server::start().await;
    for entry in server.get("/api/v1/commands").await.json().as_array().unwrap() {
        let (name, is_client) = (entry["name"].as_str().unwrap(), entry["handler"] == json!(Handler::Client));
        let is_refused = server.run(name).await.json()["code"] == json!("client_command");
        assert_eq!(is_client, is_refused || name == "help", "{name}");
    }
}

#[tokio::test]
async fn whoami_tells_the_signer_and_whether_it_is_a_member() {
    let server = Server::start().await;
    let reply = server.run_as(&alice(), "/whoami").await;
    assert_eq!(reply.success(), format!("You are {}, a visitor.", alice().address()));
    assert_eq!(reply.text_at("/data/public_key"), alice().address().to_string());
    server.run_as(&alice(), "/identity").await.success();
    let reply = server.run_as(&alice(), "/whoami").await;
    assert_eq!(reply.success(), format!("You are {}, a member.", alice().address()));
    assert_eq!(server.run_as(&bob(), "/whoami").await.at("/data/visitor"), json!(true));
}

#[tokio::test]
async fn an_answer_has_the_run_id_of_its_event() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let reply = server.run_as(&alice(), "/whoami").await;
    assert_eq!(stream.result().await["run_id"], reply.at("/run_id"));
}

#[tokio::test]
async fn a_proven_address_is_enough_where_an_identity_is_required() {
    let server = Server::start().await;
    server.run("/members").await.failure(401, "identity_required");
    assert_eq!(server.run_as(&alice(), "/members").await.success(), "come in");
}

#[tokio::test]
async fn null_members_are_absent_members() {
    let server = Server::start().await;
    let body = json!({ "command": "/ping", "args": null, "auth": null });
    assert_eq!(server.post(body.to_string()).await.success(), "pong");
}

#[tokio::test]
async fn an_empty_bearer_is_none_and_a_claim_proves_nothing() {
    let server = Server::start().await;
    let with = async |authorization: &str| {
        let request = server.request(reqwest::Method::POST, EXECUTE).header("authorization", authorization);
        Reply::of(request.json(&json!({ "command": "/whoami" }))).await
    };
    for authorization in ["Bearer", "Bearer ", &format!("Bearer {}", alice().address())] {
        with(authorization).await.failure(401, "signature_required");
    }
    for authorization in ["Bearer 0x12", "Basic YTpi", "Bearer 0x1 0x2", "EthSignature", "EthSignature e30"] {
        with(authorization).await.failure(400, "auth_malformed").hint("");
    }
    with("Bearer ns_abc").await.failure(401, "session_invalid").hint("Sign in");
}

#[tokio::test]
async fn a_signature_wins_over_a_claim() {
    let server = Server::start().await;
    let request = server.request(reqwest::Method::POST, EXECUTE).bearer_auth(bob().address());
    let reply = Reply::of(request.json(&json!({ "command": "/whoami", "auth": alice().bare("/whoami") }))).await;
    assert_eq!(reply.text_at("/data/public_key"), alice().address().to_string());
}
