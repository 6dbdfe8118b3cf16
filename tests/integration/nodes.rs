//! Several nodes that keep everything in NATS.

use std::collections::HashSet;

use futures_util::future::join_all;
use nexus::registration::refresh;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::common::binary::nexus;
use crate::common::eventually::eventually;
use crate::common::hook::{Hook, Say};
use crate::common::nats::{Access, Nats};
use crate::common::{Binary, EXECUTE, Server, Statement, Stream, alice, bob};

async fn two(nats: &Nats) -> [Server; 2] {
    [Server::on(nats, &[]).await, Server::on(nats, &[]).await]
}

#[tokio::test]
async fn a_stream_hears_what_ran_on_another_node() {
    let nats = Nats::one().await;
    let [here, there] = two(&nats).await;
    let mut stream = there.listen(&alice()).await;
    here.run_signed(&alice(), "/identity").await.success();
    here.run_signed(&alice(), "/echo across").await.success();
    // Two ways lead here, one for what is in the log and one for what is not.
    let told = [stream.next().await, stream.next().await, stream.next().await];
    assert!(told.iter().any(|event| event.event == "connection_state" && event.json()["visitor"] == false));
    let results = told.iter().filter(|event| event.event == "command_result").map(|event| event.json());
    let messages: Vec<_> = results.map(|event| event["result"]["message"].clone()).collect();
    assert_eq!((messages.len(), &messages[1]), (2, &json!("across")));
}

#[tokio::test]
async fn what_was_done_at_one_node_is_known_at_the_other() {
    let nats = Nats::one().await;
    let [here, there] = two(&nats).await;
    let first = here.run_signed(&alice(), "/identity").await;
    first.success();
    let run = there.ask(Method::GET, &format!("/api/v1/runs/{}", first.text_at("/run_id")), &alice()).await;
    assert_eq!(run.at("/status"), "success");
    let identity = there.run_signed(&alice(), "/whoami").await;
    assert_eq!(identity.at("/data/visitor"), false);
}

#[tokio::test]
async fn copies_at_two_nodes_run_once() {
    let nats = Nats::one().await;
    let name = ["--public-origins", "http://localhost:1"];
    let [here, there] = [Server::on(&nats, &name).await, Server::on(&nats, &name).await];
    let bodies: Vec<_> = (0..10)
        .map(|i| {
            let statement =
                Statement { audience: "http://localhost:1".to_owned(), ..here.statement(&format!("/echo {i}")) };
            statement.body(&alice()).to_string()
        })
        .collect();
    let copies = bodies.iter().flat_map(|body| (0..10).map(move |copy| (copy, body.clone())));
    let answers =
        join_all(copies.map(|(copy, body)| if copy % 2 == 0 { here.post(body) } else { there.post(body) })).await;
    let runs: HashSet<_> = answers.iter().map(|answer| answer.text_at("/run_id")).collect();
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!((answers.len(), runs.len()), (100, 10));
}

#[tokio::test]
async fn a_run_is_cancelled_at_any_node() {
    let nats = Nats::one().await;
    let [here, there] = two(&nats).await;
    let mut stream = there.listen(&alice()).await;
    let waiting = here.begin(&alice(), "/countdown 3600");
    let id = stream.next_of("command_progress").await.json()["run_id"].as_str().unwrap().to_owned();
    assert_eq!(there.ask(Method::DELETE, &format!("/api/v1/runs/{id}"), &alice()).await.status, 202);
    waiting.await.unwrap().failure(409, "cancelled");
}

#[tokio::test]
async fn what_a_dead_node_ran_is_closed_by_another() {
    let nats = Nats::one().await;
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let bus = nats.settings().remove(0).1;
    let [here, there] = folders.each_ref().map(|folder| Binary::start(folder, &["--bus", &bus]));
    let client = reqwest::Client::new();
    let mut stream = Stream::open(&client, &format!("{}/api/v1/stream/{}", there.url, alice().address())).await;
    let body = json!({ "command": "/countdown 3600", "auth": alice().bare("/countdown 3600") });
    let asked = client.post(format!("{}{EXECUTE}", here.url)).header("prefer", "respond-async").json(&body).send();
    assert_eq!(asked.await.unwrap().status(), 202);
    stream.next_of("command_progress").await;
    here.signal("-KILL");
    assert_eq!(stream.next_of("command_result").await.json()["result"]["code"], "outcome_unknown");
}

#[tokio::test]
async fn without_nats_what_needs_no_key_goes_on_and_all_comes_back_with_it() {
    let mut nats = Nats::one().await;
    let server = Server::on(&nats, &[]).await;
    let mut stream = server.listen(&alice()).await;
    nats.kill(0);
    server.run_signed(&alice(), "/echo lost").await.failure(503, "store_unavailable");
    server.get("/readyz").await.failure(503, "store_unavailable");
    server.run("/ping").await.success();
    assert_eq!(server.get("/api/v1/commands").await.status, 200);
    nats.start_again(0);
    nats.wait_until_whole().await;
    eventually("an answer", async || (server.run_signed(&alice(), "/echo back").await.status == 200).then_some(()))
        .await;
    let heard = stream.next_of("command_result").await;
    assert_eq!(heard.json()["result"]["message"], "back");
}

#[tokio::test]
async fn prefixes_keep_deployments_apart() {
    let nats = Nats::one().await;
    let [ours, theirs] = [Server::on(&nats, &[]).await, Server::on(&nats, &["--nats-prefix", "theirs"]).await];
    ours.run_signed(&bob(), "/identity").await.success();
    assert_eq!(theirs.run_signed(&bob(), "/whoami").await.at("/data/visitor"), true);
}

#[tokio::test]
async fn a_server_does_not_start_on_what_would_lose_something() {
    let nats = Nats::one().await;
    let bus = nats.settings().remove(0).1;
    let folder = TempDir::new().unwrap();
    let refused = |flags: &[&str], words: &str| {
        let output = nexus(folder.path()).args(["serve", "--port", "0"]).args(flags).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && said.contains(words), "{said}");
    };
    drop(Server::on(&nats, &[]).await);
    refused(&["--bus", &bus, "--retention-days", "7"], "max_age");
    let migrated =
        nexus(folder.path()).args(["bus", "migrate", "--bus", &bus, "--retention-days", "7"]).output().unwrap();
    assert!(String::from_utf8(migrated.stdout).unwrap().contains("changed: nexus-events has max_age"));
    refused(&["--bus", &bus], "nexus bus migrate");
    refused(&["--bus", "nats://127.0.0.1:1"], "cannot be used");
    let guarded = Nats::of(1, Access::password()).await;
    let open = guarded.settings().remove(0).1;
    let nobody = format!("nats://{}", open.rsplit('@').next().unwrap());
    refused(&["--bus", &nobody], "cannot be used");
}

#[tokio::test]
async fn what_was_heard_of_one_node_is_known_at_another() {
    let nats = Nats::one().await;
    let [here, there] = two(&nats).await;
    let mut stream = here.listen(&alice()).await;
    for number in 0..20 {
        here.run_signed(&alice(), &format!("/echo {number}")).await.success();
        let heard = stream.next_of("command_result").await;
        // The other node may not have heard of it yet.
        let path = format!("{}/api/v1/stream/{}?last_event_id={}", there.url, alice().address(), heard.id.unwrap());
        let state = Stream::open(&there.client, &path).await.next().await;
        assert_eq!(state.json()["recovered"], true);
    }
}

#[tokio::test]
async fn a_command_that_is_registered_at_one_node_is_known_at_all() {
    let (nats, hook) = (Nats::one().await, Hook::start(&[Say::json(r#"{"message": "Sunny."}"#)]).await);
    let admin = alice().address().to_string();
    let flags = ["--admins", admin.as_str(), "--webhook-allow", "127.0.0.1"];
    let [here, there] = [Server::on(&nats, &flags).await, Server::on(&nats, &flags).await];
    let mut stream = there.listen(&bob()).await;
    let definition = json!({ "description": "Tells the weather.", "examples": ["/weather"], "name": "weather" });
    let body = json!({ "definition": definition, "url": hook.url() });
    let created = here.ask_signed(Method::POST, "/api/v1/commands", Some(body), &alice()).await;
    assert_eq!(created.status, 201, "{created:?}");
    refresh(&there.app).await.unwrap();
    stream.next_of("commands_changed").await;
    assert_eq!(there.run("/weather").await.success(), "Sunny.");
    let deleted = here.ask_signed(Method::DELETE, "/api/v1/commands/weather", None, &alice()).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    refresh(&there.app).await.unwrap();
    there.run("/weather").await.failure(404, "unknown_command");
}
