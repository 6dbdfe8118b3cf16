//! `/prompt`: texts that a key keeps under names.

use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{Reply, Server, Wallet, alice, bob};

async fn set(server: &Server, wallet: &Wallet, name: &str, text: &str) -> Reply {
    let mut statement = server.statement("/prompt/set");
    statement.args = Some(json!({ "name": name, "text": text }));
    server.post(statement.body(wallet).to_string()).await
}

async fn names(server: &Server, wallet: &Wallet) -> Vec<String> {
    let reply = server.run_as(wallet, "/prompt").await;
    reply.success();
    let prompts = reply.at("/data/prompts");
    prompts.as_array().unwrap().iter().map(|prompt| prompt["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_set_is_shown() {
    let server = Server::start().await;
    let text = "Say \"hello\"\n\tin  French: 你好, ünï.";
    let created = set(&server, &alice(), "greet", text).await;
    assert_eq!(created.success(), "Prompt created: greet");
    let shown = server.run_as(&alice(), "/prompt show greet").await;
    assert_eq!(shown.success(), text);
    assert_eq!((shown.text_at("/data/text"), shown.at("/data/size")), (text.to_owned(), json!(text.chars().count())));
    assert_eq!(shown.at("/data/changed_at"), created.at("/data/changed_at"));
}

#[tokio::test]
async fn the_list_is_in_the_order_of_names_and_has_no_texts() {
    let server = Server::start().await;
    assert_eq!(server.run_as(&alice(), "/prompt").await.success(), "You have no prompts.");
    for name in ["b", "a-1", "0", "a"] {
        set(&server, &alice(), name, name).await.success();
    }
    let reply = server.run_as(&alice(), "/prompt").await;
    assert!(reply.success().starts_with("0  1 characters  "), "{reply:?}");
    assert_eq!(names(&server, &alice()).await, ["0", "a", "a-1", "b"]);
    let first = reply.at("/data/prompts/0");
    assert_eq!((&first["size"], first.get("text")), (&json!(1), None));
    first["changed_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
}

#[tokio::test]
async fn set_replaces_and_says_so() {
    let server = Server::start().await;
    let first = server.run_signed(&alice(), "/prompt/set tone Be brief and say why.").await;
    assert_eq!((first.success(), first.at("/data/is_new")), ("Prompt created: tone".to_owned(), json!(true)));
    server.step(60);
    let second = server.run_signed(&alice(), "/prompt/set tone 'Be  kind.'").await;
    assert_eq!((second.success(), second.at("/data/is_new")), ("Prompt replaced: tone".to_owned(), json!(false)));
    assert_ne!(first.at("/data/changed_at"), second.at("/data/changed_at"));
    assert_eq!(server.run_as(&alice(), "/prompt/show tone").await.success(), "Be  kind.");
}

#[tokio::test]
async fn delete_removes_one() {
    let server = Server::start().await;
    set(&server, &alice(), "a", "x").await.success();
    set(&server, &alice(), "b", "x").await.success();
    assert_eq!(server.run_signed(&alice(), "/prompt/delete a").await.success(), "Prompt deleted: a");
    assert_eq!(names(&server, &alice()).await, ["b"]);
}

#[tokio::test]
async fn what_is_not_there_has_a_neighbour_for_a_hint() {
    let server = Server::start().await;
    set(&server, &alice(), "translate", "x").await.success();
    for verb in ["show", "delete"] {
        let reply = server.run_signed(&alice(), &format!("/prompt/{verb} transalte")).await;
        reply.failure(404, "not_found").hint("Did you mean translate?");
        let reply = server.run_signed(&alice(), &format!("/prompt/{verb} other")).await;
        reply.failure(404, "not_found").hint("/prompt lists");
    }
    assert_eq!(names(&server, &alice()).await, ["translate"]);
}

#[tokio::test]
async fn names_and_texts_have_bounds() {
    let server = Server::start().await;
    let (longest_name, longest_text) = ("n".repeat(64), "ü".repeat(16_000));
    set(&server, &alice(), &longest_name, &longest_text).await.success();
    assert_eq!(server.run_as(&alice(), &format!("/prompt/show {longest_name}")).await.success(), longest_text);
    for name in ["", "-a", "A", "a b", "a_b", "ä", "a/b", "a\n", &"n".repeat(65)] {
        set(&server, &alice(), name, "x").await.failure(422, "invalid_arguments").message("1 to 64 of a-z, 0-9 and -");
    }
    for text in ["", &"x".repeat(16_001)] {
        set(&server, &alice(), "a", text).await.failure(422, "invalid_arguments").message("1 to 16000 characters");
    }
    assert_eq!(names(&server, &alice()).await, [longest_name]);
}

#[tokio::test]
async fn there_is_an_end_to_prompts() {
    let server = Server::start().await;
    for number in 1..100 {
        set(&server, &alice(), &format!("p{number}"), "x").await.success();
    }
    set(&server, &alice(), "last", "x").await.success();
    set(&server, &alice(), "more", "x").await.failure(422, "command_failed").message("100").hint("/prompt/delete");
    assert_eq!(set(&server, &alice(), "last", "y").await.success(), "Prompt replaced: last");
    set(&server, &bob(), "more", "x").await.success();
    server.run_signed(&alice(), "/prompt/delete p10").await.success();
    set(&server, &alice(), "more", "x").await.success();
}

#[tokio::test]
async fn another_s_prompts_are_not_seen() {
    let server = Server::start().await;
    set(&server, &alice(), "secret", "of alice").await.success();
    assert!(names(&server, &bob()).await.is_empty());
    let reply = server.run_as(&bob(), "/prompt/show secre").await;
    assert!(!reply.failure(404, "not_found").text.contains("secret"), "{reply:?}");
    server.run_signed(&bob(), "/prompt/delete secret").await.failure(404, "not_found");
    set(&server, &bob(), "secret", "of bob").await.success();
    assert_eq!(server.run_as(&alice(), "/prompt/show secret").await.success(), "of alice");
}

#[tokio::test]
async fn prompts_are_read_by_their_owner_and_written_with_a_signature() {
    let server = Server::start().await;
    server.run("/prompt").await.failure(401, "identity_required");
    server.run("/prompt/show a").await.failure(401, "identity_required");
    server.run("/prompt/set a x").await.failure(401, "signature_required");
    server.run("/prompt/delete a").await.failure(401, "signature_required");
}

#[tokio::test]
async fn prompts_go_with_the_identity() {
    let server = Server::start().await;
    server.run_signed(&alice(), "/identity").await.success();
    set(&server, &alice(), "a", "x").await.success();
    set(&server, &bob(), "b", "x").await.success();
    server.run_signed(&alice(), "/identity/delete").await.success();
    assert_eq!((names(&server, &alice()).await, names(&server, &bob()).await), (vec![], vec!["b".to_owned()]));
}

#[tokio::test]
async fn the_name_is_described_as_it_is_enforced() {
    let server = Server::start().await;
    let definition = server.get("/api/v1/commands/prompt").await.json();
    let set = definition["subcommands"].as_array().unwrap().iter().find(|entry| entry["name"] == "set").unwrap();
    let expected: Value = json!({
        "type": "string", "maxLength": 64, "pattern": "^[a-z0-9][a-z0-9-]*$", "description": "What it is called.",
    });
    assert_eq!(set["parameters"]["properties"]["name"], expected);
}

async fn ask(server: &Server, method: Method, name: &str, body: Option<Value>) -> Reply {
    server.ask_signed(method, &format!("/api/v1/prompt/{name}"), body, &alice()).await
}

#[tokio::test]
async fn each_prompt_has_an_address() {
    let server = Server::start().await;
    let text = json!({ "text": "Say hello." });
    assert_eq!(ask(&server, Method::PUT, "greet", Some(text.clone())).await.success(), "Prompt created: greet");
    assert_eq!(ask(&server, Method::PUT, "greet", Some(text)).await.success(), "Prompt replaced: greet");
    let shown = ask(&server, Method::GET, "greet", None).await;
    assert_eq!((shown.success(), shown.header("cache-control")), ("Say hello.".to_owned(), "private, no-store"));
    let list = server.ask(Method::GET, "/api/v1/prompt", &alice()).await;
    assert_eq!(list.at("/data"), server.run_as(&alice(), "/prompt").await.at("/data"));
    assert_eq!(ask(&server, Method::DELETE, "greet", None).await.success(), "Prompt deleted: greet");
    ask(&server, Method::GET, "greet", None).await.failure(404, "not_found");
    ask(&server, Method::DELETE, "greet", None).await.failure(404, "not_found").hint("/prompt lists");
}

#[tokio::test]
async fn an_address_takes_the_same_names_and_texts() {
    let server = Server::start().await;
    let put = async |name: &str, body: Value| ask(&server, Method::PUT, name, Some(body)).await;
    for name in ["-a", "A", "a%20b", "a%2Fb", &"n".repeat(65)] {
        put(name, json!({ "text": "x" })).await.failure(422, "invalid_arguments").message("1 to 64 of a-z, 0-9 and -");
    }
    for (body, fault) in [
        (json!({}), "`text` is missing"),
        (json!({ "text": 1 }), "must be a text"),
        (json!({ "text": "x".repeat(16_001) }), "1 to 16000 characters"),
        (json!({ "text": "x", "name": "b" }), "given twice"),
        (json!({ "text": "x", "size": 1 }), "is no argument"),
    ] {
        put("a", body).await.failure(422, "invalid_arguments").message(fault);
    }
    put("a", json!({ "text": "x".repeat(1 << 20) })).await.failure(413, "body_too_large");
    put("a", json!(["x"])).await.failure(400, "malformed_request");
    assert!(names(&server, &alice()).await.is_empty());
}

#[tokio::test]
async fn a_signature_for_one_prompt_is_none_for_another() {
    let server = Server::start().await;
    set(&server, &bob(), "a", "of bob").await.success();
    let mut signed = server.statement("PUT /api/v1/prompt/a");
    signed.args = Some(json!({ "text": "x" }));
    let send = async |method: Method, name: &str, text: &str| {
        let request = server.request(method, &format!("/api/v1/prompt/{name}"));
        let request = request.header("authorization", signed.authorization(&alice()));
        Reply::of(request.json(&json!({ "text": text }))).await
    };
    send(Method::PUT, "b", "x").await.failure(401, "signature_mismatch");
    send(Method::PUT, "a", "y").await.failure(401, "signature_mismatch");
    assert!(names(&server, &alice()).await.is_empty());
    send(Method::PUT, "a", "x").await.success();
    ask(&server, Method::DELETE, "a", None).await.success();
    assert_eq!(server.run_as(&bob(), "/prompt/show a").await.success(), "of bob");
    ask(&server, Method::GET, "a", None).await.failure(404, "not_found");
}

#[tokio::test]
async fn an_address_wants_the_proof_that_the_command_wants() {
    let server = Server::start().await;
    let unsigned = async |method: Method, path: &str| Reply::of(server.request(method, path)).await;
    unsigned(Method::GET, "/api/v1/prompt").await.failure(401, "identity_required");
    unsigned(Method::GET, "/api/v1/prompt/a").await.failure(401, "identity_required");
    unsigned(Method::DELETE, "/api/v1/prompt/a").await.failure(401, "signature_required");
    let put = server.request(Method::PUT, "/api/v1/prompt/a").json(&json!({ "text": "x" }));
    Reply::of(put).await.failure(401, "signature_required");
}

#[tokio::test]
async fn all_keys_together_have_so_many_bytes() {
    let server = Server::with(&["--max-prompt-bytes", "10000"]).await;
    // What is kept beside the texts may count as well.
    let text = "x".repeat(6000);
    set(&server, &alice(), "one", &text).await.success();
    set(&server, &bob(), "two", &text).await.failure(503, "overloaded").hint("NEXUS_MAX_PROMPT_BYTES");
    set(&server, &alice(), "one", "short").await.success();
    set(&server, &bob(), "two", &text).await.success();
    server.run_signed(&bob(), "/prompt/delete two").await.success();
    set(&server, &alice(), "three", &text).await.success();
}
