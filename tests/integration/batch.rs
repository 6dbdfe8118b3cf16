//! `POST /api/v1/commands/batch`: several commands under one proof.

use reqwest::Method;
use serde_json::{Value, json};

use crate::common::commands::{happened, journal, let_go};
use crate::common::{Reply, Server, Statement, Wallet, alice};

const BATCH: &str = "/api/v1/commands/batch";

async fn post(server: &Server, body: &Value) -> Reply {
    Reply::of(server.request(Method::POST, BATCH).json(body)).await
}

fn commands(texts: &[&str]) -> Value {
    texts.iter().map(|text| json!({ "command": text })).collect()
}

/// A batch as a client signs it.
fn signed(server: &Server, content: &Value, wallet: &Wallet) -> Value {
    let statement = Statement { args: Some(content.clone()), ..server.statement("POST /api/v1/commands/batch") };
    let mut body = content.clone();
    body["auth"] = statement.auth(wallet);
    body
}

/// The messages of the results.
#[track_caller]
fn messages(reply: &Reply) -> Vec<String> {
    reply.success();
    let results = reply.at("/data/results");
    results.as_array().unwrap().iter().map(|result| result["message"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn commands_run_in_their_order_and_each_has_its_own_answer() {
    let server = Server::start().await;
    let list = json!([{ "command": "/echo one" }, { "command": "/echo", "args": ["two"] }, { "command": "/ping" }]);
    let reply = post(&server, &json!({ "commands": list })).await;
    assert_eq!(messages(&reply), ["one", "two", "pong"]);
    assert_eq!(reply.at("/message"), "3 of 3 succeeded.");
    assert_eq!(reply.at("/data/results/1/http"), 200);
    assert_eq!(reply.at("/data/results/1/status"), "success");
    assert!(reply.at("/data/results/1/run_id").is_string());
}

#[tokio::test]
async fn one_that_fails_ends_the_batch_or_does_not_as_was_asked() {
    let server = Server::start().await;
    let list = commands(&["/echo one", "/echo", "/nosuch", "/echo four"]);
    let stopped = post(&server, &json!({ "commands": list, "on_error": "stop" })).await;
    assert_eq!(messages(&stopped).len(), 2);
    assert_eq!(stopped.at("/message"), "1 of 4 succeeded; 2 were not tried after the failure.");
    assert_eq!(stopped.at("/data/results/1/code"), "invalid_arguments");
    assert_eq!(stopped.at("/data/results/1/http"), 422);
    let unsaid = post(&server, &json!({ "commands": list })).await;
    assert_eq!(unsaid.at("/data/results").as_array().unwrap().len(), 2);
    let continued = post(&server, &json!({ "commands": list, "on_error": "continue" })).await;
    assert_eq!(messages(&continued).len(), 4);
    assert_eq!(continued.at("/data/results/2/http"), 404);
    assert_eq!(continued.at("/data/results/3/message"), "four");
}

#[tokio::test]
async fn one_signature_covers_them_all_and_their_results_are_streamed_and_logged() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let content = json!({ "commands": commands(&["/identity", "/whoami", "/echo x"]), "on_error": "stop" });
    let reply = post(&server, &signed(&server, &content, &alice())).await;
    assert_eq!(messages(&reply).len(), 3);
    for (place, text) in ["/identity", "/whoami", "/echo x"].iter().enumerate() {
        let told = stream.next_of("command_result").await;
        assert!(told.id.is_some());
        assert_eq!(told.json()["command"], *text);
        assert_eq!(told.json()["run_id"], reply.at(&format!("/data/results/{place}/run_id")));
    }
    let runs = server.ask_signed(Method::GET, "/api/v1/runs", None, &alice()).await;
    assert_eq!(runs.at("/runs").as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_was_signed_is_all_that_is_taken() {
    let server = Server::start().await;
    let content = json!({ "commands": commands(&["/identity", "/whoami"]), "on_error": "stop" });
    let body = signed(&server, &content, &alice());
    let change = |pointer: &str, value: Value| {
        let mut changed = body.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed
    };
    for changed in [
        change("/on_error", json!("continue")),
        change("/commands/1/command", json!("/identity/delete")),
        change("/commands", commands(&["/identity", "/whoami", "/ping"])),
        change("/commands", commands(&["/whoami", "/identity"])),
    ] {
        post(&server, &changed).await.failure(401, "signature_mismatch");
    }
    let bare = json!({ "commands": content["commands"], "auth": alice().bare("POST /api/v1/commands/batch") });
    post(&server, &bare).await.failure(400, "args_not_signed").hint("Signed Command v1");
    assert_eq!(messages(&post(&server, &body).await).len(), 2);
}

#[tokio::test]
async fn the_same_batch_again_is_answered_as_before_and_runs_nothing_twice() {
    let server = Server::start().await;
    let token = "batch-again";
    let list = commands(&["/echo one", "/misbehave not-at-all batch-again", "/misbehave fail-in-run batch-again"]);
    let body = signed(&server, &json!({ "commands": list, "on_error": "continue" }), &alice());
    let first = post(&server, &body).await;
    let again = post(&server, &body).await;
    assert_eq!(first.text, again.text);
    assert_eq!(journal(token).iter().filter(|what| **what == "run").count(), 2);

    let other = Statement { nonce: body["auth"]["nonce"].as_str().unwrap().to_owned(), ..server.statement("/echo x") };
    server.post(other.body(&alice()).to_string()).await.failure(422, "nonce_reused");
}

#[tokio::test]
async fn a_batch_that_runs_is_not_overtaken_by_itself() {
    let server = Server::start().await;
    let list = commands(&["/hold overtaken", "/misbehave not-at-all overtaken"]);
    let body = signed(&server, &json!({ "commands": list, "on_error": "continue" }), &alice());
    let begun = tokio::spawn(Reply::of(server.request(Method::POST, BATCH).json(&body)));
    happened("overtaken", "held").await;
    post(&server, &body).await.failure(409, "in_progress");
    assert!(!journal("overtaken").contains(&"run"));
    let_go("overtaken");
    assert_eq!(messages(&begun.await.unwrap()).len(), 2);
}

#[tokio::test]
async fn each_command_still_has_its_own_demands() {
    let server = Server::start().await;
    let list = commands(&["/ping", "/identity", "/members"]);
    let reply = post(&server, &json!({ "commands": list, "on_error": "continue" })).await;
    let codes: Vec<_> = (0..3).map(|place| reply.json()["data"]["results"][place]["code"].clone()).collect();
    assert_eq!(codes, [Value::Null, json!("signature_required"), json!("identity_required")]);
    assert!(reply.text_at("/data/results/1/hint").contains("`auth` beside the list"), "{reply:?}");
    for place in 1..3 {
        assert_eq!(reply.text_at(&format!("/data/results/{place}/data/audience")), server.url);
        let time = reply.text_at(&format!("/data/results/{place}/data/time"));
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    }
}

#[tokio::test]
async fn a_batch_of_another_shape_is_refused_before_anything_runs() {
    let server = Server::start().await;
    let token = "shapeless";
    let fine = json!({ "command": "/misbehave not-at-all shapeless" });
    let check = async |body: Value, said: &str| {
        post(&server, &body).await.failure(400, "malformed_request").message(said);
    };
    check(json!({}), "`commands` is not a list").await;
    check(json!({ "commands": [] }), "has 0 commands").await;
    check(json!({ "commands": vec![fine.clone(); 51] }), "has 51 commands; a batch has 1 to 50").await;
    check(json!({ "commands": [fine, "/ping"] }), "`commands[1]`").await;
    check(json!({ "commands": [fine, { "args": [] }] }), "`commands[1]`").await;
    check(json!({ "commands": [fine, { "commands": [fine] }] }), "`commands[1]`").await;
    check(json!({ "commands": [fine, { "command": "/ping", "auth": {} }] }), "`commands[1]`").await;
    check(json!({ "commands": [fine], "on_error": "perhaps" }), "`on_error`").await;
    check(json!({ "commands": [fine], "more": 1 }), "no meaning").await;
    assert!(journal(token).is_empty());
    let nested = post(&server, &json!({ "commands": commands(&["/batch /ping"]) })).await;
    assert_eq!(nested.at("/data/results/0/code"), "unknown_command");
}

#[tokio::test]
async fn a_batch_may_have_four_times_the_body_of_one_command() {
    let server = Server::start().await;
    let long = |blanks| json!({ "command": format!("/ping{}", " ".repeat(blanks)) });
    let list: Value = vec![long(4000); 50].into();
    assert_eq!(messages(&post(&server, &json!({ "commands": list })).await).len(), 50);
    let large: Value = vec![long(6000); 50].into();
    post(&server, &json!({ "commands": large })).await.failure(413, "body_too_large").message("256 KiB");
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_stop_a_batch() {
    let server = Server::start().await;
    let list = commands(&["/hold hung-up-batch", "/misbehave not-at-all hung-up-batch"]);
    let request = tokio::spawn(Reply::of(server.request(Method::POST, BATCH).json(&json!({ "commands": list }))));
    happened("hung-up-batch", "held").await;
    request.abort();
    let_go("hung-up-batch");
    happened("hung-up-batch", "cleanup").await;
}

#[tokio::test]
async fn with_an_idempotency_key_a_session_sends_a_batch_again() {
    let server = Server::start().await;
    let token = server.sign_in(&alice()).await;
    let list = commands(&["/misbehave not-at-all keyed-batch", "/misbehave fail-in-run keyed-batch"]);
    let send = async |list: &Value| {
        let request = server.request(Method::POST, BATCH).json(&json!({ "commands": list, "on_error": "continue" }));
        Reply::of(request.bearer_auth(&token).header("idempotency-key", "\"batch\"")).await
    };
    let first = send(&list).await;
    assert_eq!(first.text, send(&list).await.text);
    assert_eq!(journal("keyed-batch").iter().filter(|what| **what == "run").count(), 2);
    send(&commands(&["/ping"])).await.failure(422, "idempotency_key_reused");
}
