//! `/prompt`: texts that a key keeps under names.

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
    let many = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 108)
                INSERT INTO prompts (address, name, size, changed_at, text) SELECT ?1, 'p' || i, 1, 0, 'x' FROM n";
    let address = alice().address();
    server.app.database.write(move |db| db.execute(many, [address.as_bytes()]), |_| ()).await.unwrap();
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
