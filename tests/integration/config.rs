//! `/config`: the settings of a key.

use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{Reply, Server, alice, bob};

/// What holds for alice, and what of it she set.
async fn settings(server: &Server) -> (Value, Value) {
    let reply = server.run_as(&alice(), "/config").await;
    reply.success();
    (reply.at("/data/effective"), reply.at("/data/overrides"))
}

/// Sets typed values, signed.
async fn set(server: &Server, args: Value) -> Reply {
    let mut statement = server.statement("/config/set");
    statement.args = Some(args);
    server.post(statement.body(&alice()).to_string()).await
}

/// The same by the endpoint.
async fn put(server: &Server, body: Value) -> Reply {
    server.ask_signed(Method::PUT, CONFIG, Some(body), &alice()).await
}

const CONFIG: &str = "/api/v1/config";

fn defaults() -> Value {
    json!({ "theme": "system", "language": "en", "history": 500, "raw_results": false })
}

#[tokio::test]
async fn who_sets_nothing_has_the_defaults() {
    let server = Server::start().await;
    assert_eq!(settings(&server).await, (defaults(), json!({})));
}

#[tokio::test]
async fn each_setting_says_what_it_may_be() {
    let server = Server::start().await;
    let data = server.run_as(&alice(), "/config").await.at("/data");
    assert_eq!(data["editable_fields"], json!(["theme", "language", "history", "raw_results"]));
    let theme = json!({
        "type": "string", "description": "The colours of the screen; `system` follows the machine.", "default": "system",
        "options": ["system", "light", "dark"],
    });
    let history = json!({
        "type": "integer", "description": "How many lines a frontend keeps of what was typed.", "default": 500,
        "minimum": 0, "maximum": 1000,
    });
    assert_eq!((&data["field_options"]["theme"], &data["field_options"]["history"]), (&theme, &history));
    let defaults = data["editable_fields"].as_array().unwrap().iter().map(|name| {
        let name = name.as_str().unwrap();
        (name.to_owned(), data["field_options"][name]["default"].clone())
    });
    assert_eq!(data["effective"], Value::Object(defaults.collect()));
}

#[tokio::test]
async fn set_replaces_all_that_was_set() {
    let server = Server::start().await;
    let reply = server.run_signed(&alice(), "/config set --theme dark --history 0").await;
    assert_eq!(reply.success(), "theme: dark\nlanguage: en (default)\nhistory: 0\nraw_results: false (default)");
    assert_eq!(reply.at("/data"), server.run_as(&alice(), "/config").await.at("/data"));
    set(&server, json!({ "language": "zh", "theme": "system" })).await.success();
    let effective = json!({ "theme": "system", "language": "zh", "history": 500, "raw_results": false });
    assert_eq!(settings(&server).await, (effective, json!({ "language": "zh", "theme": "system" })));
    server.run_signed(&alice(), "/config/set").await.success();
    assert_eq!(settings(&server).await, (defaults(), json!({})));
}

#[tokio::test]
async fn what_is_no_setting_is_refused_and_changes_nothing() {
    let server = Server::start().await;
    set(&server, json!({ "theme": "dark" })).await.success();
    for (args, name, fault) in [
        (json!({ "themes": "light" }), "themes", "is no argument"),
        (json!({ "theme": "pink" }), "theme", "must be one of: system, light, dark"),
        (json!({ "theme": 1 }), "theme", "must be one of: system, light, dark"),
        (json!({ "history": 1001 }), "history", "from 0 to 1000"),
        (json!({ "history": "many" }), "history", "must be a whole number"),
        (json!({ "raw_results": "yes" }), "raw_results", "must be true or false"),
    ] {
        for reply in [set(&server, args.clone()).await, put(&server, args.clone()).await] {
            reply.failure(422, "invalid_arguments").message(fault);
            assert!(reply.at("/data").get(name).is_some(), "{reply:?}");
        }
    }
    assert_eq!(settings(&server).await.1, json!({ "theme": "dark" }));
}

#[tokio::test]
async fn settings_are_read_by_their_owner_and_written_with_a_signature() {
    let server = Server::start().await;
    set(&server, json!({ "theme": "dark" })).await.success();
    assert_eq!(server.run_as(&bob(), "/config").await.at("/data/overrides"), json!({}));
    server.run("/config").await.failure(401, "identity_required");
    server.run("/config/set --theme light").await.failure(401, "signature_required");
    assert_eq!(settings(&server).await.1, json!({ "theme": "dark" }));
}

#[tokio::test]
async fn settings_go_with_the_identity() {
    let server = Server::start().await;
    server.run_signed(&alice(), "/identity").await.success();
    set(&server, json!({ "theme": "dark" })).await.success();
    server.run_signed(&bob(), "/identity").await.success();
    server.run_signed(&bob(), "/identity/delete").await.success();
    assert_eq!(settings(&server).await.1, json!({ "theme": "dark" }), "of another they stay");
    server.run_signed(&alice(), "/identity/delete").await.success();
    assert_eq!(settings(&server).await, (defaults(), json!({})));
}

#[tokio::test]
async fn what_another_version_kept_is_left_out() {
    let server = Server::start().await;
    set(&server, json!({ "history": 7, "theme": "dark" })).await.success();
    let other = json!({ "theme": "pink", "history": 7, "gone": 1 });
    server.app.store.replace_preferences(alice().address(), other.as_object().unwrap()).await.unwrap();
    assert_eq!(settings(&server).await.1, json!({ "history": 7 }));
}

#[tokio::test]
async fn the_endpoint_reads_and_writes_the_same() {
    let server = Server::start().await;
    let reply = put(&server, json!({ "theme": "dark" })).await;
    assert!(reply.success().starts_with("theme: dark\n"));
    let shown = server.ask(Method::GET, CONFIG, &alice()).await;
    assert_eq!(shown.at("/data"), server.run_as(&alice(), "/config").await.at("/data"));
    assert_eq!(shown.at("/data"), reply.at("/data"));
    put(&server, json!({})).await.success();
    assert_eq!(settings(&server).await.1, json!({}));
    server.ask_signed(Method::PUT, CONFIG, None, &alice()).await.success();
    let other = server.ask(Method::POST, CONFIG, &alice()).await;
    assert_eq!(other.failure(405, "method_not_allowed").header("allow"), "GET,HEAD,PUT");
}

#[tokio::test]
async fn an_endpoint_that_writes_takes_a_signature_over_what_is_sent() {
    let server = Server::start().await;
    let unsigned = server.request(Method::PUT, CONFIG).json(&json!({ "theme": "dark" }));
    Reply::of(unsigned).await.failure(401, "signature_required").hint("EthSignature");
    Reply::of(server.request(Method::GET, CONFIG)).await.failure(401, "identity_required").hint("EthSignature");
    let mut signed = server.statement(&format!("PUT {CONFIG}"));
    signed.args = Some(json!({ "theme": "dark" }));
    let send = async |target: &str, body: Value| {
        let request = server.request(Method::PUT, target).header("authorization", signed.authorization(&alice()));
        Reply::of(request.json(&body)).await
    };
    send(CONFIG, json!({ "theme": "light" })).await.failure(401, "signature_mismatch");
    send(CONFIG, json!({})).await.failure(401, "signature_mismatch");
    send("/api/v1/config?language=zh", json!({ "theme": "dark" })).await.failure(401, "signature_mismatch");
    assert_eq!(settings(&server).await.1, json!({}));
    send(CONFIG, json!({ "theme": "dark" })).await.success();
    let again = send(CONFIG, json!({ "theme": "dark" })).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_too_large() {
    let server = Server::start().await;
    let body = json!({ "theme": "x".repeat(1 << 20) });
    put(&server, body.clone()).await.failure(413, "body_too_large");
    set(&server, body).await.failure(413, "body_too_large");
}
