//! `GET /api/v1/commands`: the list that frontends live on.

use reqwest::Method;
use serde_json::json;

use crate::common::{Reply, Server};

#[tokio::test]
async fn the_list_is_a_bare_array_in_the_order_of_names() {
    let server = Server::start().await;
    let reply = server.get("/api/v1/commands").await;
    assert_eq!(reply.header("cache-control"), "no-cache");
    assert_eq!(reply.header("content-type"), "application/json");
    let list = reply.json();
    let names: Vec<_> = list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted());
    for name in ["clear", "echo", "help", "identity", "ping", "theme", "whoami"] {
        assert!(names.contains(&name), "{name}");
    }
}

#[tokio::test]
async fn an_entry_has_every_member_of_the_contract() {
    let server = Server::start().await;
    let echo = server.get("/api/v1/commands/echo").await.json();
    let expected = json!({
        "name": "echo",
        "description": "Say a text back, once or several times.",
        "usage": "/echo <text> [--times N]",
        "handler": "rest",
        "examples": ["/echo hello", "/echo good morning --times 2", "/echo times:3 'ho  ho'"],
        "requiresSignature": false,
        "requiresIdentity": false,
        "requiresGUI": false,
        "replaySafe": false,
        "parameters": {
            "type": "object",
            "properties": {
                "text": { "type": "string", "minLength": 1, "maxLength": 1000, "description": "What to say." },
                "times": {
                    "type": "integer", "minimum": 1, "maximum": 10, "default": 1,
                    "description": "How many times to say it.",
                },
            },
            "required": ["text"],
            "additionalProperties": false,
        },
    });
    assert_eq!(echo, expected);
}

#[tokio::test]
async fn a_subcommand_is_described_within_its_command() {
    let server = Server::start().await;
    let identity = server.get("/api/v1/commands/identity").await.json();
    assert_eq!(identity["requiresSignature"], json!(true));
    assert_eq!(identity["requiresGUI"], json!(true));
    assert_eq!(identity["replaySafe"], json!(true));
    let delete = &identity["subcommands"][0];
    assert_eq!(delete["name"], json!("delete"));
    assert_eq!(delete["usage"], json!("/identity/delete"));
    assert_eq!(delete["requiresSignature"], json!(true));
    assert_eq!(delete["replaySafe"], json!(false));
    assert_eq!(
        delete["description"],
        json!("Delete your identity, settings and prompts; what you ran stays in the log.")
    );
}

#[tokio::test]
async fn what_is_unusual_is_said_and_what_is_usual_is_not() {
    let server = Server::start().await;
    let misbehave = server.get("/api/v1/commands/misbehave").await.json();
    assert_eq!(misbehave["timeout"], json!(0.5));
    assert_eq!(misbehave["renderer"], json!("markdown"));
    assert_eq!(misbehave["deprecated"], json!(true));
    let ping = server.get("/api/v1/commands/ping").await.json();
    assert_eq!(ping["aliases"], json!(["p"]));
    for absent in ["timeout", "renderer", "deprecated", "subcommands"] {
        assert!(ping.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn the_usage_shows_every_kind_of_argument() {
    let server = Server::start().await;
    let kinds = server.get("/api/v1/commands/kinds").await;
    let usage = "/kinds <first> <rest> [--count N] [--ratio N] [--dry-run] [--colour red|green] [--tag TEXT]...";
    assert_eq!(kinds.text_at("/usage"), usage);
}

#[tokio::test]
async fn aliases_and_any_case_resolve() {
    let server = Server::start().await;
    for name in ["ping", "p", "PING"] {
        assert_eq!(server.get(&format!("/api/v1/commands/{name}")).await.text_at("/name"), "ping");
    }
    server.get("/api/v1/commands/pin").await.failure(404, "unknown_command").hint("/ping");
    server.get("/api/v1/commands/%FF").await.failure(404, "unknown_command");
}

#[tokio::test]
async fn who_has_the_list_is_not_sent_it_again() {
    let server = Server::start().await;
    for path in ["/api/v1/commands", "/api/v1/commands/ping"] {
        let etag = server.get(path).await.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag} is strong");
        let with =
            async |field: &str| Reply::of(server.request(Method::GET, path).header("if-none-match", field)).await;
        for known in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
            let reply = with(&known).await;
            assert_eq!((reply.status, reply.text.as_str()), (304, ""), "{known}");
            assert_eq!(reply.header("etag"), etag);
            assert_eq!(reply.header("cache-control"), "no-cache");
        }
        assert_eq!(with("\"other\"").await.status, 200);
    }
}

#[tokio::test]
async fn head_answers_without_a_body() {
    let server = Server::start().await;
    let reply = Reply::of(server.request(Method::HEAD, "/api/v1/commands")).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, ""));
    assert_eq!(reply.header("etag"), server.get("/api/v1/commands").await.header("etag"));
    assert_ne!(reply.header("content-length"), "0");
}
