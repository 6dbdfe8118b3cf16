//! Commands that come and go while the server runs.

use futures_util::stream::{self, StreamExt};
use nexus::json::canonical;
use nexus::registration::refresh;
use nexus::store::Registered;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::binary::nexus;
use crate::common::hook::{Hook, Say};
use crate::common::https::Https;
use crate::common::tool::{python, succeed};
use crate::common::{Binary, EXECUTE, Keyring, Reply, Server, Statement, Stream, alice, bob, project};

const COMMANDS: &str = "/api/v1/commands";
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Alice is an admin.
async fn server() -> Server {
    over(TempDir::new().unwrap(), &[]).await
}

async fn over(data: TempDir, flags: &[&str]) -> Server {
    let admins = alice().address().to_string();
    let flags = [&["--admins", &admins, "--webhook-allow", "127.0.0.1"], flags].concat();
    Server::over(data, &flags).await
}

/// What registers `/weather <city> [--days N]`.
fn weather(url: &str) -> Value {
    json!({
        "definition": {
            "name": "weather",
            "description": "Tells the weather.",
            "examples": ["/weather Oslo", "/weather \"New York\" --days 3"],
            "parameters": {
                "type": "object",
                "properties": {
                    "city": { "type": "string", "minLength": 1, "maxLength": 60, "pattern": "^[A-Za-z ]+$" },
                    "days": { "type": "integer", "minimum": 1, "maximum": 7, "default": 1 },
                },
                "required": ["city"],
            },
        },
        "url": url,
        "secret": SECRET,
    })
}

/// The same with a member of the definition changed; `null` takes it out.
fn weather_with(url: &str, changes: Value) -> Value {
    let mut body = weather(url);
    for (name, value) in changes.as_object().unwrap() {
        body["definition"][name] = value.clone();
    }
    body["definition"].as_object_mut().unwrap().retain(|_, value| !value.is_null());
    body
}

/// In the order of RFC 8785, which is signed.
fn sorted(body: &Value) -> Value {
    serde_json::from_str(&canonical(body).unwrap()).unwrap()
}

async fn register(server: &Server, body: &Value) -> Reply {
    server.ask_signed(Method::POST, COMMANDS, Some(sorted(body)), &alice()).await
}

#[track_caller]
fn created(reply: &Reply) {
    assert_eq!(reply.status, 201, "{reply:?}");
}

async fn delete(server: &Server, name: &str) -> Reply {
    server.ask_signed(Method::DELETE, &format!("{COMMANDS}/{name}"), None, &alice()).await
}

/// A server with `/weather`, and what it calls.
async fn with_weather(says: &[Say]) -> (Server, Hook) {
    let (server, hook) = (server().await, Hook::start(says).await);
    created(&register(&server, &weather(&hook.url())).await);
    (server, hook)
}

#[tokio::test]
async fn it_is_listed_described_and_run_like_any_other() {
    let (server, hook) =
        (server().await, Hook::start(&[Say::json(r#"{"message": "Rain.", "data": {"mm": 3}}"#)]).await);
    let before = server.get(COMMANDS).await;
    let reply = register(&server, &weather(&hook.url())).await;
    created(&reply);
    assert_eq!(reply.header("location"), "/api/v1/commands/weather");
    assert_eq!(reply.at("/usage"), json!("/weather <city> [--days N]"));
    let one = server.get(&format!("{COMMANDS}/weather")).await;
    assert_eq!((one.json(), one.header("etag")), (reply.json(), reply.header("etag")));
    let after = server.get(COMMANDS).await;
    assert_ne!(before.header("etag"), after.header("etag"));
    assert!(after.json().as_array().unwrap().contains(&one.json()));
    assert!(!reply.text.contains("whsec_") && !after.text.contains("whsec_") && !after.text.contains("hook"));

    assert_eq!(server.run("weather Oslo").await.success(), "Rain.");
    let reply = server.run_with("/weather", json!({ "city": "New York", "days": 3 })).await;
    assert_eq!((reply.success(), reply.at("/data")), ("Rain.".to_owned(), json!({ "mm": 3 })));
    let reply = server.run_signed(&bob(), "/weather --days 7 'San Marino'").await;
    reply.success();
    let payloads: Vec<Value> = hook.heard().iter().map(|heard| serde_json::from_str(&heard.body).unwrap()).collect();
    assert_eq!(payloads[0]["args"], json!({ "city": "Oslo", "days": 1 }), "with the default");
    assert_eq!(payloads[0]["caller"], Value::Null);
    assert_eq!(
        payloads[2],
        json!({
            "run_id": reply.at("/run_id"),
            "command": "/weather",
            "args": { "days": 7, "city": "San Marino" },
            "caller": bob().address().to_string(),
        })
    );
    assert_eq!(hook.heard()[2].headers["webhook-id"], reply.text_at("/run_id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_from_the_terminal_as_well() {
    let (server, _hook) = with_weather(&[Say::json(r#"{"message": "Sunny."}"#)]).await;
    let run = move |words: &[&str], code| {
        let keyring = Keyring::new();
        Keyring::expect(keyring.nexus(words).env("NEXUS_SERVER", &server.url), code)
    };
    let (good, bad) = tokio::task::spawn_blocking(move || {
        (run(&["weather", "New", "York", "--days", "3"], 0), run(&["weather", "123"], 2))
    })
    .await
    .unwrap();
    assert_eq!(good.0, "Sunny.\n");
    assert!(bad.1.contains("must keep to its `pattern`"), "{}", bad.1);
}

#[tokio::test]
async fn the_openapi_document_changes_with_it() {
    let (server, _hook) = with_weather(&[Say::json("{}")]).await;
    let document = server.get("/api/v1/openapi.json").await.json();
    let schema = document.pointer("/components/schemas/WeatherArguments/properties/days/maximum");
    assert_eq!(schema, Some(&json!(7)));
    assert_eq!(delete(&server, "weather").await.status, 204);
    let document = server.get("/api/v1/openapi.json").await.json();
    assert!(document.pointer("/components/schemas/WeatherArguments").is_none());
}

#[tokio::test]
async fn every_stream_is_told_when_one_comes_or_goes() {
    let server = over(TempDir::new().unwrap(), &["--anonymous-streams", "state"]).await;
    let hook = Hook::start(&[Say::json("{}")]).await;
    let mut streams = [server.listen(&alice()).await, server.listen(&bob()).await];
    created(&register(&server, &weather(&hook.url())).await);
    let come = told(&server, &mut streams).await;
    assert_eq!(delete(&server, "weather").await.status, 204);
    assert_ne!(told(&server, &mut streams).await, come);
}

/// Expects that the streams are told of the commands that there are.
async fn told(server: &Server, streams: &mut [Stream]) -> String {
    let etag = server.get(COMMANDS).await.header("etag").to_owned();
    for stream in streams {
        let frame = stream.next().await;
        assert_eq!((frame.event.as_str(), frame.id.as_ref()), ("commands_changed", None));
        assert_eq!(frame.json(), json!({ "etag": etag }));
    }
    etag
}

#[tokio::test]
async fn only_admins_who_sign_may() {
    let server = server().await;
    let body = sorted(&weather("http://127.0.0.1:9/"));
    let post = server.request(Method::POST, COMMANDS).json(&body);
    Reply::of(post).await.failure(401, "signature_required").hint("EthSignature");
    server.run_signed(&bob(), "/identity").await.success();
    let by_bob = server.ask_signed(Method::POST, COMMANDS, Some(body.clone()), &bob()).await;
    by_bob.failure(403, "forbidden").hint("NEXUS_ADMINS");
    let bare = alice().authorization(&format!("POST {COMMANDS}"));
    let post = server.request(Method::POST, COMMANDS).header("authorization", bare).json(&body);
    Reply::of(post).await.failure(401, "replay_protection_required");
    let statement = Statement { args: Some(json!({})), ..server.statement(&format!("POST {COMMANDS}")) };
    let post = server.request(Method::POST, COMMANDS).header("authorization", statement.authorization(&alice()));
    Reply::of(post.json(&body)).await.failure(401, "signature_mismatch");
    let target = format!("{COMMANDS}/ping");
    Reply::of(server.request(Method::DELETE, &target)).await.failure(401, "signature_required");
    server.ask_signed(Method::DELETE, &target, None, &bob()).await.failure(403, "forbidden");
}

#[tokio::test]
async fn what_is_refused_uses_no_signature_up() {
    let server = server().await;
    let body = sorted(&weather("http://127.0.0.1:9/"));
    let statement = Statement { args: Some(body.clone()), ..server.statement(&format!("POST {COMMANDS}")) };
    let send = async || {
        let post = server.request(Method::POST, COMMANDS).header("authorization", statement.authorization(&alice()));
        Reply::of(post.json(&body)).await
    };
    created(&register(&server, &weather("http://127.0.0.1:9/")).await);
    send().await.failure(409, "already_exists");
    assert_eq!(delete(&server, "weather").await.status, 204);
    created(&send().await);
    assert_eq!(delete(&server, "weather").await.status, 204);
    send().await.failure(422, "nonce_reused");
}

#[tokio::test]
async fn a_name_that_is_taken_is_not_given_again() {
    let (server, hook) = with_weather(&[Say::json("{}")]).await;
    register(&server, &weather(&hook.url())).await.failure(409, "already_exists").hint("Delete it first");
    let ping = json!({ "name": "ping", "examples": ["/ping x"] });
    register(&server, &weather_with(&hook.url(), ping)).await.failure(409, "already_exists").hint("another name");
    let alias = json!({ "name": "climate", "aliases": ["weather"], "examples": ["/climate Rome"] });
    register(&server, &weather_with(&hook.url(), alias)).await.failure(409, "already_exists").message("/weather");
}

#[tokio::test]
async fn every_fault_is_named() {
    let server = server().await;
    let refused = async |changes: Value, fault: &str| {
        let reply = register(&server, &weather_with("https://example.com/", changes)).await;
        reply.failure(422, "definition_invalid");
        let faults = reply.at("/data/definition").to_string();
        assert!(faults.contains(fault), "{fault:?} is not in {faults}");
    };
    let with = |property: Value| json!({ "parameters": { "type": "object", "properties": { "city": property }, "required": ["city"] } });
    refused(json!({ "name": "Weather" }), "`Weather` is no name").await;
    refused(json!({ "name": "serve", "examples": ["/serve x"] }), "reserved").await;
    refused(json!({ "description": " " }), "has no description; `description` says").await;
    refused(json!({ "description": "Tells\u{202e} the weather." }), "U+202E: control and").await;
    refused(json!({ "description": null }), "missing field `description`").await;
    refused(json!({ "examples": [] }), "has no example").await;
    refused(json!({ "examples": ["/rain x"] }), "does not begin with it").await;
    refused(json!({ "examples": ["/weather x --hours 3"] }), "cannot be read").await;
    refused(json!({ "examples": ["/weather 123"] }), "cannot be read").await;
    refused(json!({ "requiresRole": "admin" }), "need not prove an address").await;
    refused(json!({ "handler": "client" }), "`handler` is `rest`").await;
    refused(json!({ "restOptions": { "endpoint": "/api/v1/weather", "method": "GET" } }), "`restOptions`").await;
    refused(json!({ "requiresSignatures": true }), "`requiresSignatures` means nothing").await;
    refused(json!({ "timeout": 0 }), "timeout of nothing").await;
    refused(json!({ "timeout": -1 }), "`timeout` is no number of seconds").await;
    refused(json!({ "name": "rain-service", "examples": ["/rain-service x"] }), "no service").await;
    refused(json!({ "description": "x".repeat(33_000) }), "more than 32 KiB").await;
    refused(json!({ "aliases": ["w", "w"] }), "the alias `w` is declared twice").await;
    refused(json!({ "parameters": { "type": "array" } }), "has parameters that are not of `\\\"type\\\"").await;
    refused(json!({ "parameters": false }), "they are arguments by name").await;
    refused(json!({ "parameters": { "type": "object", "additionalProperties": true } }), "leave it out").await;
    refused(
        with(json!({ "type": "string", "format": "no-such" })),
        "`no-such`, which nobody would enforce; there are date-time",
    )
    .await;
    refused(with(json!({ "type": "object" })), "`city`, which is an object, which words cannot say").await;
    refused(with(json!({ "type": ["string", "integer"] })), "no single type").await;
    refused(with(json!({ "type": "string", "pattern": "(a)\\1" })), "needs backtracking").await;
    refused(with(json!({ "type": "string", "pattern": "a(?=b)" })), "needs backtracking").await;
    refused(with(json!({ "type": "string", "pattern": "(a" })), "no regular expression").await;
    refused(with(json!({ "type": "string", "patternProperties": { "x{50000}": {} } })), "too large").await;
    refused(with(json!({ "type": "string", "pattern": "(((a{99}){99}){99}){99}" })), "too large: compiled").await;
    refused(with(json!({ "type": "string", "minLength": -1 })), "no JSON Schema").await;
    refused(with(json!({ "type": "string", "$ref": "#" })), "uses `$ref`").await;
    let draft7 = "http://json-schema.org/draft-07/schema#";
    refused(json!({ "parameters": { "$schema": draft7, "type": "object" } }), DIALECT).await;
    refused(with(json!({ "type": "string", "$schema": DIALECT })), "uses `$schema`").await;
    refused(with(json!({ "type": "string", "allOf": [{ "$ref": "https://example.com/" }] })), "uses `$ref`").await;
    refused(with(json!({ "type": "string", "default": 3 })), "default").await;
    refused(json!({ "parameters": { "type": "object", "required": ["town"] } }), "`town`, which it does not have")
        .await;

    refused(json!({ "requiresRole": "x".repeat(30_000) }), "xxx…xxx").await;
    let long = register(&server, &weather_with("https://example.com/", json!({ "name": "X".repeat(30_000) }))).await;
    assert!(long.message("is no name").text.len() < 4_000, "{long:?}");

    let mut body = weather_with("http://10.0.0.1/", json!({ "name": "Weather" }));
    body["secret"] = "whsec_short".into();
    body["expiresAt"] = "2020-01-01T00:00:00Z".into();
    let reply = register(&server, &body).await;
    reply.failure(422, "definition_invalid").message("only https").message("is over").message("no name");
    let members: Vec<_> = reply.at("/data").as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["url", "secret", "expiresAt", "definition"]);
    assert!(!reply.text.contains("short"), "nothing of a secret is shown");
    for body in [json!([]), json!({ "url": "https://example.com/" }), json!({ "definition": {}, "url": 1 })] {
        register(&server, &body).await.failure(400, "malformed_request");
    }
    assert_eq!(server.get(&format!("{COMMANDS}/weather")).await.status, 404);
}

#[tokio::test]
async fn the_end_of_its_time_is_written_by_rfc_3339() {
    let server = server().await;
    let expiring = async |at: &str| {
        let mut body = weather("https://example.com/");
        body["expiresAt"] = at.into();
        register(&server, &body).await
    };
    for at in ["2100-01-01T00:00:00Z", "2100-01-01t02:00:00.5+02:00", "9999-12-30T22:00:00Z"] {
        created(&expiring(at).await);
        assert_eq!(delete(&server, "weather").await.status, 204);
    }
    for at in ["2100-01-01", "2100-01-01 00:00:00Z", "2100-01-01T00:00Z", "21000101T000000Z", "9999-12-31T23:59:59Z"] {
        let reply = expiring(at).await;
        reply.failure(422, "definition_invalid").message("RFC 3339 up to 9999-12-30T22:00:00Z").message("+02:00");
    }
}

#[tokio::test]
async fn parameters_may_say_which_language_they_are_in() {
    let server = server().await;
    let mut body = weather("https://example.com/");
    body["definition"]["parameters"]["$schema"] = DIALECT.into();
    body["definition"]["parameters"]["properties"]["days"]["patternProperties"] = json!({ "x{5000}": {} });
    created(&register(&server, &body).await);
    server.run("/weather 123").await.failure(422, "invalid_arguments").message("pattern");
}

#[tokio::test]
async fn arguments_keep_to_the_schema() {
    let (server, hook) = (server().await, Hook::start(&[Say::json("{}")]).await);
    let parameters = json!({
        "type": "object",
        "properties": {
            "code": { "type": "string", "pattern": "^[A-Z]{3}$" },
            "step": { "type": "integer", "multipleOf": 5 },
            "tags": { "type": "array", "items": { "type": "string" }, "uniqueItems": true, "maxItems": 2 },
            "from": { "type": "string" },
            "mail": { "type": "string", "format": "email" },
        },
        "required": ["code"],
        "dependentRequired": { "from": ["step"] },
    });
    let changes = json!({ "name": "fly", "examples": ["/fly OSL"], "parameters": parameters });
    created(&register(&server, &weather_with(&hook.url(), changes)).await);
    server.run("/fly OSL --step 10 --tags a --tags b --from here").await.success();
    let wrong = server.run("/fly oslo --step 7 --tags a --tags a").await;
    wrong.failure(422, "invalid_arguments").message("`code` must keep to its `pattern`").hint("Usage: /fly <code>");
    for (pointer, keyword) in [("/data/code/0", "pattern"), ("/data/step/0", "multipleOf"), ("/data/tags/0", "unique")]
    {
        assert!(wrong.text_at(pointer).contains(keyword), "{wrong:?}");
    }
    server.run("/fly OSL --tags a --tags b --tags c").await.failure(422, "invalid_arguments").message("maxItems");
    server.run("/fly OSL --mail nobody").await.failure(422, "invalid_arguments").message("format");
    server.run("/fly OSL --from here").await.failure(422, "invalid_arguments").message("dependentRequired");
    server.run("/fly OSL --speed 3").await.failure(422, "invalid_arguments").message("speed");
    assert_eq!(hook.heard().len(), 1);
}

#[tokio::test]
async fn formats_of_our_own_catalogue_are_enforced() {
    let (server, hook) = (server().await, Hook::start(&[Say::json("{}")]).await);
    let either = json!({ "type": "integer", "anyOf": [{ "format": "uint8" }, { "const": 1000 }] });
    let parameters = json!({
        "type": "object",
        "properties": {
            "small": { "type": "integer", "format": "uint8" },
            "wide": { "type": "number", "format": "float" },
            "widest": { "type": "number", "format": "double" },
            "either": either,
            "at": { "type": "string", "format": "date-time" },
        },
    });
    let changes =
        json!({ "name": "fly", "examples": ["/fly --small 255 --wide 3.4028235e38"], "parameters": parameters });
    created(&register(&server, &weather_with(&hook.url(), changes)).await);
    server.run("/fly --small 0 --wide -1e38 --widest 1e39 --either 255 --at 2030-01-01T00:00:00Z").await.success();
    server.run("/fly --either 1000").await.success();
    let refused = async |words: &str, fault: &str| {
        server.run(&format!("/fly {words}")).await.failure(422, "invalid_arguments").message(fault);
    };
    refused("--small 256", "must be a whole number from 0 to 255").await;
    refused("--wide 1e39", "must be a number from -3.4028235e38 to 3.4028235e38").await;
    refused("--either 256", "anyOf").await;
    refused("--at tomorrow", "must keep to its `format`").await;
}

#[tokio::test]
async fn subcommands_and_demands_are_as_everywhere() {
    let (server, hook) = (server().await, Hook::start(&[Say::json("{}")]).await);
    let warn = json!({
        "name": "warn",
        "description": "Warns of storms.",
        "examples": ["/weather warn --storms"],
        "requiresSignature": true,
        "parameters": { "type": "object", "properties": { "storms": { "type": "boolean" } } },
    });
    let changes = json!({ "subcommands": [warn], "aliases": ["sky"], "deprecated": true, "timeout": 5 });
    let reply = register(&server, &weather_with(&hook.url(), changes)).await;
    created(&reply);
    assert_eq!((reply.at("/deprecated"), reply.at("/timeout")), (json!(true), json!(5.0)));
    server.run("/weather warn --storms").await.failure(401, "signature_required");
    server.run_signed(&bob(), "/sky warn --storms").await.success();
    let payload: Value = serde_json::from_str(&hook.heard()[0].body).unwrap();
    assert_eq!((&payload["command"], &payload["args"]), (&json!("/weather/warn"), &json!({ "storms": true })));
}

#[tokio::test]
async fn a_webhook_that_fails_ends_the_run_in_one_result() {
    let (server, _hook) = with_weather(&[Say::Answer(200, "", b"<html>".to_vec())]).await;
    let mut stream = server.listen(&bob()).await;
    let reply = server.run_signed(&bob(), "/weather Oslo").await;
    reply.failure(502, "webhook_failed").message("not JSON");
    let result = stream.result().await;
    assert_eq!((&result["run_id"], &result["result"]["code"]), (&reply.at("/run_id"), &json!("webhook_failed")));
}

#[tokio::test]
async fn a_refusal_of_the_webhook_is_one_of_the_command() {
    let (server, _hook) = with_weather(&[Say::json(r#"{"status": "error", "message": "No such city."}"#)]).await;
    server.run("/weather Atlantis").await.failure(422, "command_failed").message("No such city.");
}

#[tokio::test]
async fn a_webhook_has_no_more_than_the_commands_time() {
    let (server, hook) = (server().await, Hook::start(&[Say::Hang]).await);
    created(&register(&server, &weather_with(&hook.url(), json!({ "timeout": 0.5 }))).await);
    server.run("/weather Oslo").await.failure(502, "webhook_failed").message("in time");
}

#[tokio::test]
async fn a_cancelled_run_hangs_up() {
    let (server, mut hook) = with_weather(&[Say::Hang]).await;
    let pending = server.begin(&bob(), "/weather Oslo");
    hook.connected(1).await;
    let runs = server.ask(Method::GET, "/api/v1/runs?status=pending", &bob()).await;
    let target = format!("/api/v1/runs/{}", runs.text_at("/runs/0/run_id"));
    assert_eq!(server.ask(Method::DELETE, &target, &bob()).await.status, 202);
    pending.await.unwrap().failure(409, "cancelled");
    hook.left(1).await;
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_what_runs_of_it_ends() {
    let (server, mut hook) = with_weather(&[Say::Late]).await;
    let pending = server.begin(&bob(), "/weather Oslo");
    hook.connected(1).await;
    assert_eq!(delete(&server, "weather").await.status, 204);
    server.run("/weather Oslo").await.failure(404, "unknown_command");
    assert_eq!(server.get(&format!("{COMMANDS}/weather")).await.status, 404);
    hook.go_on();
    assert_eq!(pending.await.unwrap().success(), "At last.");
    delete(&server, "weather").await.failure(404, "unknown_command");
    delete(&server, "ping").await.failure(403, "forbidden");
    server.run("/ping").await.success();
    created(&register(&server, &weather(&hook.url())).await);
}

#[tokio::test]
async fn a_name_is_deleted_in_whatever_case_it_is_written() {
    let (server, _hook) = with_weather(&[Say::json("{}")]).await;
    delete(&server, "PING").await.failure(403, "forbidden").message("/ping");
    assert_eq!(delete(&server, "Weather").await.status, 204);
    server.run("/weather Oslo").await.failure(404, "unknown_command");
}

#[tokio::test]
async fn an_alias_is_not_deleted() {
    let (server, hook) = (server().await, Hook::start(&[Say::json("{}")]).await);
    created(&register(&server, &weather_with(&hook.url(), json!({ "aliases": ["sky"] }))).await);
    delete(&server, "sky").await.failure(404, "unknown_command").message("/weather");
    server.run("/sky Oslo").await.success();
}

/// Registers `/weather` at a program, and gives back what comes.
async fn register_at(server: &Binary, url: &str) -> Reply {
    let (body, line) = (sorted(&weather(url)), format!("POST {COMMANDS}"));
    let now = nexus::clock::Clock::default().now().as_second();
    let statement = Statement { args: Some(body.clone()), ..Statement::at(&server.url, &line, now) };
    let post = reqwest::Client::new().post(format!("{}{COMMANDS}", server.url)).json(&body);
    Reply::of(post.header("authorization", statement.authorization(&alice()))).await
}

async fn run_at(server: &Binary) -> Reply {
    let post = reqwest::Client::new().post(format!("{}{EXECUTE}", server.url));
    Reply::of(post.json(&json!({ "command": "/weather Oslo" }))).await
}

/// A program of which Alice is an admin, with these variables.
fn program(folder: &TempDir, allow: &str, variables: &[(&str, &str)]) -> Binary {
    let admins = alice().address().to_string();
    let flags = ["--port", "0", "--admins", &admins, "--webhook-allow", allow];
    Binary::spawn(nexus(folder.path()).envs(variables.iter().copied()).args(flags))
}

#[tokio::test]
async fn it_is_there_after_a_restart_and_signs_as_before() {
    let folder = TempDir::new().unwrap();
    let hook = Hook::start(&[Say::json("{}")]).await;
    let mut first = program(&folder, "127.0.0.1", &[("NEXUS_LOG", "warn,nexus::cli=info,audit=info")]);
    created(&register_at(&first, &hook.url()).await);
    let told = first.wait_for("a command was registered");
    assert!(told.contains("weather") && told.contains(&alice().address().to_string()), "{told}");
    drop(first);
    let second = program(&folder, "127.0.0.1", &[]);
    assert!(second.introduction.iter().any(|line| line.contains("Registered command: weather")));
    run_at(&second).await.success();
    let heard = &hook.heard()[0];
    let verify = "import json, sys; from standardwebhooks.webhooks import Webhook; \
                  Webhook(sys.argv[1]).verify(sys.argv[2], json.loads(sys.argv[3]))";
    succeed(python().args(["-c", verify, SECRET, &heard.body, &json!(heard.headers).to_string()]));
}

#[tokio::test]
async fn proxies_of_the_environment_are_not_asked() {
    let folder = TempDir::new().unwrap();
    let [hook, proxy] = [Hook::start(&[Say::json("{}")]).await, Hook::start(&[Say::json("{}")]).await];
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let url = proxy.url();
    let server = program(&folder, "127.0.0.1", &names.map(|name| (name, url.as_str())));
    created(&register_at(&server, &hook.url()).await);
    run_at(&server).await.success();
    assert_eq!((hook.connections(), proxy.connections()), (1, 0));
}

#[tokio::test]
async fn https_is_called_where_its_certificate_is_trusted() {
    let webhook = Https::start();
    for (authority, is_trusted) in [("tests/files/https/ca.pem", true), ("tests/files/https/server.pem", false)] {
        let file = project(authority);
        let folder = TempDir::new().unwrap();
        let server = program(&folder, "127.0.0.0/8, ::1/128", &[("SSL_CERT_FILE", file.to_str().unwrap())]);
        created(&register_at(&server, &webhook.url).await);
        let reply = run_at(&server).await;
        if is_trusted {
            reply.success();
        } else {
            reply.failure(502, "webhook_failed").message("could not be trusted");
        }
    }
}

#[tokio::test]
async fn it_ends_with_its_time() {
    let (server, hook) = (server().await, Hook::start(&[Say::json("{}")]).await);
    let mut body = weather(&hook.url());
    body["expiresAt"] = format!("{:.3}", server.app.clock.now() + jiff::SignedDuration::from_hours(1)).into();
    created(&register(&server, &body).await);
    let mut stream = server.listen(&bob()).await;
    refresh(&server.app).await.unwrap();
    server.run("/weather Oslo").await.success();
    server.step(3601);
    refresh(&server.app).await.unwrap();
    told(&server, std::slice::from_mut(&mut stream)).await;
    server.run("/weather Oslo").await.failure(404, "unknown_command");
}

/// What nobody would be let register.
fn kept(name: &str, definition: &str) -> Registered {
    let (name, definition, url) = (name.to_owned(), definition.to_owned(), "http://127.0.0.1:9/".to_owned());
    Registered { name, definition, url, secret: None, created_by: alice().address(), expires_at: None }
}

#[tokio::test]
async fn what_cannot_be_known_again_is_left_out_and_can_be_deleted() {
    let (server, _hook) = with_weather(&[Say::json("{}")]).await;
    let definition = weather("")["definition"].to_string().replace("weather", "ping");
    assert!(server.app.store.keep_command(kept("ping", &definition)).await.unwrap());
    // Here the webhook is not allowed any more, and `ping` never was.
    let server = server.succeeded(&["--admins", &alice().address().to_string()]).await;
    server.run("/ping").await.success();
    server.run("/weather Oslo").await.failure(404, "unknown_command");
    assert_eq!(delete(&server, "weather").await.status, 204);
    delete(&server, "weather").await.failure(404, "unknown_command");
}

#[tokio::test]
async fn what_is_left_out_is_told_in_one_line() {
    let folder = TempDir::new().unwrap();
    let first = program(&folder, "127.0.0.1", &[]);
    created(&register_at(&first, "http://127.0.0.1:9/").await);
    drop(first);
    let second = program(&folder, "127.0.0.2", &[]);
    let told = second.introduction.iter().find(|line| line.contains("left out")).unwrap();
    assert!(told.contains("only https") && told.contains("weather"), "{told}");
}

#[tokio::test]
async fn there_are_a_thousand_at_most() {
    let (server, hook) = with_weather(&[Say::json("{}")]).await;
    let keep = (1..1000).map(|number| server.app.store.keep_command(kept(&format!("n{number}"), "{}")));
    let is_kept: Vec<_> = stream::iter(keep).buffer_unordered(4).map(Result::unwrap).collect().await;
    assert_eq!(is_kept, [true; 999]);
    let more = json!({ "name": "rain", "examples": ["/rain Oslo"] });
    register(&server, &weather_with(&hook.url(), more.clone())).await.failure(503, "overloaded").message("1000");
    assert_eq!(delete(&server, "weather").await.status, 204);
    created(&register(&server, &weather_with(&hook.url(), more)).await);
}

#[tokio::test]
async fn as_many_as_come_at_once_are_all_there() {
    let (server, hook) = (server().await, Hook::start(&[Say::json("{}")]).await);
    let bodies: Vec<_> = (0..16)
        .map(|n| weather_with(&hook.url(), json!({ "name": format!("w{n}"), "examples": [format!("/w{n} Oslo")] })))
        .collect();
    let replies = futures_util::future::join_all(bodies.iter().map(|body| register(&server, body))).await;
    replies.iter().for_each(created);
    for n in 0..16 {
        server.run(&format!("/w{n} Oslo")).await.success();
    }
}
