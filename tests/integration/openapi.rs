//! The OpenAPI document, and the page that shows it.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use nexus::error::Code;
use nexus::http::status;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::binary::nexus;
use crate::common::tool::{node, succeed, tool};
use crate::common::{Binary, EXECUTE, Reply, Server, project, snapshot};
use crate::sessions::sign_in_at;

const DOCUMENT: &str = "/api/v1/openapi.json";

/// What the program writes; a server of the tests has commands of its own.
#[track_caller]
fn written() -> Value {
    let folder = TempDir::new().unwrap();
    serde_json::from_str(&succeed(nexus(folder.path()).args(["openapi", "-"]))).unwrap()
}

/// The operations of a document, with their paths and methods.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(|(method, it)| (path.as_str(), method.as_str(), it))
        })
        .collect()
}

#[test]
fn the_document_in_the_project_is_what_the_program_writes() {
    let folder = TempDir::new().unwrap();
    let said = succeed(nexus(folder.path()).args(["openapi", "-"]));
    snapshot("openapi/openapi.json", &said);
    succeed(nexus(folder.path()).arg("openapi"));
    let file = folder.path().join("openapi/openapi.json");
    assert_eq!(fs::read_to_string(file).unwrap(), said);
}

#[test]
fn a_file_that_cannot_be_written_is_told() {
    let folder = TempDir::new().unwrap();
    let output = nexus(folder.path()).args(["openapi", "/proc/no/such/file"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("/proc/no/such/file"));
}

#[test]
fn a_server_serves_the_same_document() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &[]);
    let said = succeed(Command::new("curl").args(["-s", &format!("{}{DOCUMENT}", server.url)]));
    assert_eq!(serde_json::from_str::<Value>(&said).unwrap(), written());
}

#[tokio::test]
async fn who_has_the_document_is_not_sent_it_again() {
    let server = Server::start().await;
    let reply = server.get(DOCUMENT).await;
    assert_eq!(reply.header("content-type"), "application/json");
    let known = server.request(Method::GET, DOCUMENT).header("if-none-match", reply.header("etag"));
    assert_eq!(Reply::of(known).await.status, 304);
}

#[test]
fn every_code_is_told_where_it_can_happen() {
    let document = written();
    let mut told = BTreeSet::new();
    for (path, _, operation) in operations(&document) {
        for (number, response) in operation["responses"].as_object().unwrap() {
            let codes = response.pointer("/content/application~1json/schema/allOf/1/properties/code/enum");
            for code in codes.and_then(Value::as_array).into_iter().flatten().map(|code| code.as_str().unwrap()) {
                let known = Code::ALL.iter().find(|known| known.as_str() == code).unwrap();
                assert_eq!(status(*known).as_str(), number, "{code} at {path}");
                told.insert(known.as_str());
            }
        }
    }
    // No operation has it: it is what other methods are answered.
    told.insert(Code::MethodNotAllowed.as_str());
    assert_eq!(told, Code::ALL.iter().map(|code| code.as_str()).collect());
}

#[tokio::test]
async fn every_command_brings_its_schemas() {
    let server = Server::start().await;
    let schemas = server.get(DOCUMENT).await.at("/components/schemas");
    let echo = server.get("/api/v1/commands/echo").await;
    assert_eq!(schemas["EchoArguments"], echo.at("/parameters"));
    assert_eq!(schemas["EchoData"]["properties"]["lines"]["items"]["type"], "string");
    for name in ["IdentityDeleteArguments", "IdentityData", "ThemeArguments", "WhoamiSuccess", "KindsRequest"] {
        assert!(schemas[name].is_object(), "{name}");
    }
    // What only the frontend runs gives no data here, and what must be signed has no request without a signature.
    for name in ["ThemeData", "ThemeRequest", "WhoamiRequest"] {
        assert!(schemas[name].is_null(), "{name}");
    }
}

#[tokio::test]
async fn every_example_runs() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &[]);
    let document = written();
    let execute = &document["paths"]["/api/v1/commands/execute"]["post"];
    let texts = execute["requestBody"]["content"]["application/json"]["examples"].as_object().unwrap().values();
    let schemas = document["components"]["schemas"].as_object().unwrap().values();
    let typed = schemas.filter_map(|schema| schema["examples"].as_array()).flatten();
    let all: Vec<_> = texts.map(|example| &example["value"]).chain(typed).collect();
    assert!(all.contains(&&json!({ "command": "/echo hello" })));
    assert!(all.contains(&&json!({ "command": "/echo", "args": { "text": "good morning", "times": 2 } })));
    assert!(all.contains(&&json!({ "command": "/ping", "args": {} })));
    for example in all {
        let request = reqwest::Client::new().post(format!("{}{EXECUTE}", server.url)).json(example);
        Reply::of(request).await.success();
    }
}

/// An implementation of the standard that shares nothing with the one that wrote the document.
#[test]
fn a_validator_finds_nothing_wrong() {
    let validator = tool("python/bin/openapi-spec-validator");
    let said = succeed(Command::new(validator).arg(project("openapi/openapi.json")));
    assert!(said.contains("OK"), "{said}");
}

/// More than a thousand requests made from the document, good ones and bad ones, against all that it promises. Streams are
/// off: one that begins never ends, and the tool would wait for that. `Idempotency-Key` is left out: the tool sends `0`
/// whatever its pattern is, takes that for valid, and is refused. All is asked with a session: what the tool would make up for
/// `Authorization` is malformed.
#[tokio::test]
async fn schemathesis_finds_nothing_wrong() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &["--anonymous-streams", "off"]);
    let session = format!("Authorization: Bearer {}", sign_in_at(&server.url).await);
    let mut schemathesis = Command::new(tool("python/bin/schemathesis"));
    schemathesis.current_dir(folder.path()).args([
        "run",
        "--checks",
        "all",
        "--seed",
        "1",
        "--no-color",
        "-H",
        &session,
    ]);
    // What is no proof of ours is malformed, and not refused as one: 400, where this check wants 401.
    schemathesis.args(["--exclude-checks", "ignored_auth"]);
    let mut document: Value = serde_json::from_slice(&fs::read(project("openapi/openapi.json")).unwrap()).unwrap();
    let paths = document["paths"].as_object_mut().unwrap().values_mut().filter_map(Value::as_object_mut);
    for parameters in paths.flatten().filter_map(|(_, operation)| operation.get_mut("parameters")?.as_array_mut()) {
        parameters.retain(|parameter| parameter["name"] != "Idempotency-Key");
    }
    let copy = folder.path().join("openapi.json");
    fs::write(&copy, document.to_string()).unwrap();
    let said = succeed(schemathesis.arg(copy).args(["--url", &server.url]));
    assert!(said.contains("29 selected / 29 total"), "{said}");
}

/// The page in a real browser: it shows every operation, and asks nobody but the server.
#[test]
fn the_page_shows_every_operation_and_asks_nobody_else() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &[]);
    let said = succeed(node().arg(project("tests/documents/openapi.mjs")).arg(&server.url));
    let seen: Value = serde_json::from_str(&said).unwrap();
    let mut shown: Vec<_> = seen["operations"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    let document = written();
    let mut expected: Vec<_> = operations(&document).into_iter().map(|(path, ..)| path).collect();
    shown.sort_unstable();
    expected.sort_unstable();
    assert_eq!(shown, expected, "{said}");
    assert_eq!(seen["complaints"], json!([]), "{said}");
    assert_eq!(seen["tried"], "pong", "{said}");
    for url in seen["requests"].as_array().unwrap() {
        let url = url.as_str().unwrap();
        assert!(url.starts_with(&server.url) || url.starts_with("data:"), "{url}");
    }
}

#[tokio::test]
async fn the_page_has_no_other_files() {
    let server = Server::start().await;
    for name in ["other.js", "index.html", "%2e%2e%2fstart.js", "%FF"] {
        server.get(&format!("/docs/{name}")).await.failure(404, "not_found");
    }
    let page = server.get("/docs").await;
    assert_eq!((page.status, page.header("x-content-type-options")), (200, "nosniff"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
}
