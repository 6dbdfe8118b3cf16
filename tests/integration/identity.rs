//! `/identity`: a visitor becomes a member, and a visitor again.

use serde_json::json;

use crate::common::{Server, alice, bob};

#[tokio::test]
async fn the_first_identity_creates_and_the_next_verifies() {
    let server = Server::start().await;
    let first = server.run_as(&alice(), "/identity").await;
    assert_eq!(first.success(), format!("Identity created: {}", alice().address()));
    assert_eq!(first.at("/data/is_new"), json!(true));
    assert_eq!(first.at("/data/verified"), json!(true));
    let second = server.run_as(&alice(), "/identity").await;
    assert_eq!(second.success(), format!("Identity verified: {}", alice().address()));
    assert_eq!(second.at("/data/is_new"), json!(false));
    assert_eq!(second.at("/data/created_at"), first.at("/data/created_at"));
    assert_eq!(second.text_at("/data/public_key"), alice().address().to_string());
}

#[tokio::test]
async fn of_many_at_once_one_creates() {
    let server = Server::start().await;
    let alice = alice();
    let mut stream = server.listen(&alice).await;
    let all = futures_util::future::join_all((0..20).map(|_| server.run_as(&alice, "/identity"))).await;
    assert_eq!(all.iter().filter(|reply| reply.at("/data/is_new") == json!(true)).count(), 1);
    let mut states = 0;
    for _ in 0..21 {
        states += usize::from(stream.next().await.event == "connection_state");
    }
    assert_eq!(states, 1);
}

#[tokio::test]
async fn delete_removes_the_record_of_its_signer_alone() {
    let server = Server::start().await;
    server.run_as(&alice(), "/identity").await.success();
    server.run_as(&bob(), "/identity").await.success();
    server.run_as(&alice(), "/identity/delete").await.success();
    assert_eq!(server.run_as(&alice(), "/whoami").await.at("/data/visitor"), json!(true));
    assert_eq!(server.run_as(&bob(), "/whoami").await.at("/data/visitor"), json!(false));
    assert_eq!(server.run_as(&alice(), "/identity").await.at("/data/is_new"), json!(true));
}

#[tokio::test]
async fn a_subcommand_may_be_a_word() {
    let server = Server::start().await;
    server.run_as(&alice(), "/identity").await.success();
    let reply = server.run_as(&alice(), "/identity delete").await;
    assert_eq!(reply.success(), format!("Identity deleted: {}", alice().address()));
}

#[tokio::test]
async fn there_must_be_something_to_delete() {
    let server = Server::start().await;
    server.run_as(&alice(), "/identity/delete").await.failure(404, "not_found").hint("/identity");
}

#[tokio::test]
async fn an_identity_outlives_the_process() {
    let folder = tempfile::TempDir::new().unwrap();
    let created = created_at(&folder).await;
    assert_eq!(created_at(&folder).await, created);
}

/// When the identity of alice was created, as a server says that ends afterwards.
async fn created_at(folder: &tempfile::TempDir) -> String {
    let binary = crate::common::Binary::start(folder, &[]);
    let url = format!("{}{}", binary.url, crate::common::EXECUTE);
    let body = json!({ "command": "/identity", "auth": alice().bare("/identity") });
    crate::common::Reply::of(reqwest::Client::new().post(url).json(&body)).await.text_at("/data/created_at")
}
