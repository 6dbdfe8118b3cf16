//! What is left where a node, its place in the deployment, or its log went away under it.

use async_nats::HeaderMap;
use async_nats::jetstream::Context;
use async_nats::jetstream::stream::Config;
use futures_util::future::{join, join_all};
use nexus::pipeline::close_abandoned;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use uuid::Uuid;

use crate::common::binary::nexus;
use crate::common::eventually::eventually;
use crate::common::nats::Nats;
use crate::common::{Binary, Reply, Server, alice};

fn address() -> String {
    alice().address().to_string().trim_start_matches("0x").to_lowercase()
}

async fn run(server: &Server, key: &str) -> Reply {
    server.run_preferring(&alice(), "/echo hello", &[("idempotency-key", key)]).await
}

/// How many results of alice's the log has.
async fn results(server: &Server) -> usize {
    let reply = server.ask(Method::GET, "/api/v1/runs?limit=100", &alice()).await;
    reply.at("/runs").as_array().unwrap().len()
}

#[tokio::test]
async fn two_nodes_that_are_asked_at_once_with_one_idempotency_key_run_it_once() {
    let nats = Nats::one().await;
    let [here, there] = [Server::on(&nats, &[]).await, Server::on(&nats, &[]).await];
    for number in 0..20 {
        let key = format!("\"{number}\"");
        let (one, other) = join(run(&here, &key), run(&there, &key)).await;
        let ran = [&one, &other].into_iter().find(|reply| reply.status == 200).expect("one of them runs");
        for reply in [&one, &other] {
            // The other one finds it running, or ended.
            assert!(reply.status == 200 || reply.text_at("/code") == "in_progress", "{reply:?}");
            let run = reply.at(if reply.status == 200 { "/run_id" } else { "/data/run_id" });
            assert_eq!(run, ran.at("/run_id"));
        }
    }
    assert_eq!(results(&here).await, 20);
}

#[tokio::test]
async fn an_idempotency_key_whose_node_died_before_it_began_is_there_for_the_next() {
    let nats = Nats::one().await;
    let server = Server::on(&nats, &[]).await;
    let first = run(&server, "\"one\"").await;
    let keys = nats.stream().await.get_key_value("nexus-passing").await.unwrap();
    let name = |key: &str| format!("idempotency.{}.{}", address(), hex::encode(Sha256::digest(key)));
    let mut claim: Value = serde_json::from_slice(&keys.get(name("one")).await.unwrap().unwrap()).unwrap();
    // As a node leaves it that dies after its claim.
    claim["run"] = json!(Uuid::now_v7());
    keys.put(name("two"), claim.to_string().into()).await.unwrap();
    run(&server, "\"two\"").await.failure(503, "store_unavailable").hint("in a minute");
    server.step(60);
    let second = run(&server, "\"two\"").await;
    second.success();
    assert_ne!(first.at("/run_id"), second.at("/run_id"));
    assert_eq!(run(&server, "\"two\"").await.at("/run_id"), second.at("/run_id"));
    assert_eq!(run(&server, "\"one\"").await.at("/run_id"), first.at("/run_id"), "one that has begun stands");
}

#[tokio::test]
async fn a_request_that_could_not_be_recorded_gives_its_idempotency_key_back() {
    let nats = Nats::one().await;
    let server = Server::on(&nats, &[]).await;
    let stream = nats.stream().await;
    let config = stream.get_stream("nexus-runs").await.unwrap().cached_info().config.clone();
    stream.delete_stream("nexus-runs").await.unwrap();
    run(&server, "\"one\"").await.failure(503, "store_unavailable");
    server.get("/readyz").await.failure(503, "store_unavailable");
    stream.create_stream(config).await.unwrap();
    server.step(11);
    close_abandoned(&server.app).await.unwrap();
    run(&server, "\"one\"").await.success();
    assert_eq!(results(&server).await, 1, "what was not admitted leaves no trace");
}

#[tokio::test]
async fn a_request_whose_record_came_late_is_told_as_not_begun() {
    let nats = Nats::one().await;
    let server = Server::on(&nats, &[]).await;
    let stream = nats.stream().await;
    let mut heard = server.listen(&alice()).await;
    run(&server, "\"one\"").await.success();
    let stored = stream.get_stream("nexus-runs").await.unwrap();
    let config = stored.cached_info().config.clone();
    let admission = stored.get_raw_message(stored.cached_info().state.last_sequence).await.unwrap();
    stream.delete_stream("nexus-runs").await.unwrap();
    run(&server, "\"two\"").await.failure(503, "store_unavailable");
    // As it would be if the servers had taken it after all: the id of the run stands in its key.
    let keys = stream.get_key_value("nexus-passing").await.unwrap();
    let claim = keys.get(format!("idempotency.{}.{}", address(), hex::encode(Sha256::digest("two")))).await.unwrap();
    let claim: Value = serde_json::from_slice(&claim.unwrap()).unwrap();
    let mut late: Value = serde_json::from_slice(&admission.payload).unwrap();
    late["id"] = claim["run"].clone();
    stream.create_stream(config).await.unwrap();
    stream.publish(admission.subject, late.to_string().into()).await.unwrap().await.unwrap();
    server.step(11);
    close_abandoned(&server.app).await.unwrap();
    heard.next_of("command_result").await;
    assert_eq!(heard.next_of("command_result").await.json()["result"]["code"], "store_unavailable");
    run(&server, "\"two\"").await.success();
}

#[tokio::test]
async fn a_stream_of_another_program_is_left_to_it() {
    let nats = Nats::one().await;
    let theirs = Config { name: "nexus-events".to_owned(), subjects: vec!["orders.>".to_owned()], ..Config::default() };
    nats.stream().await.create_stream(theirs).await.unwrap();
    let folder = TempDir::new().unwrap();
    for words in [&["serve"][..], &["bus", "migrate"], &["bus", "migrate", "--reduce"]] {
        let said = nexus(folder.path()).args(words).envs(nats.settings()).output().unwrap().stderr;
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains("belongs to another program") && !said.contains("bus migrate"), "{said}");
    }
    let found = nats.stream().await.get_stream("nexus-events").await.unwrap().cached_info().config.clone();
    assert_eq!(found.subjects, ["orders.>"]);
}

/// Ends a run as another node does that takes this one for gone.
async fn close(stream: &Context, run: &str, id: Option<&str>) {
    let mut headers = HeaderMap::new();
    let words = [("Run", run), ("Command", "/countdown"), ("Status", "error"), ("Code", "outcome_unknown")];
    for (name, word) in words.into_iter().chain([("Opened", "1"), ("Finished", "2"), ("Instance", "another")]) {
        headers.insert(format!("Nexus-{name}"), word);
    }
    if let Some(id) = id {
        headers.insert("Nats-Msg-Id", id);
    }
    let result = json!({ "status": "error", "code": "outcome_unknown", "message": "Nobody knows." });
    let data = json!({ "command": "/countdown 3600", "result": result, "run_id": run }).to_string();
    let sent = stream.publish_with_headers(format!("nexus.events.{}", address()), headers, data.into()).await;
    sent.unwrap().await.unwrap();
}

#[tokio::test]
async fn all_are_told_the_end_that_another_node_has_written() {
    let nats = Nats::one().await;
    let (server, stream) = (Server::on(&nats, &[]).await, nats.stream().await);
    let mut told = server.listen(&alice()).await;
    // The second is so old that the servers remember no ids of its time.
    for (age, is_remembered) in [(0, true), (3600, false)] {
        let waiting = server.begin(&alice(), "/countdown 3600");
        let run = told.next_of("command_progress").await.json()["run_id"].as_str().unwrap().to_owned();
        server.step(age);
        close(&stream, &run, is_remembered.then_some(&*run)).await;
        assert_eq!(told.next_of("command_result").await.json()["run_id"], *run);
        // What is still running is cancelled: nobody will hear of it.
        let answer = waiting.await.unwrap();
        answer.failure(409, "outcome_unknown");
        assert_eq!(answer.at("/message"), "Nobody knows.");
    }
    assert_eq!(results(&server).await, 2);
}

#[tokio::test]
async fn a_server_whose_log_was_deleted_ends_and_says_so() {
    let nats = Nats::one().await;
    let folder = TempDir::new().unwrap();
    let mut server = Binary::start(&folder, &["--bus", &nats.settings()[0].1]);
    nats.stream().await.delete_stream("nexus-events").await.unwrap();
    server.wait_for("the stream of events was deleted");
    assert_eq!(server.exit_code(), Some(1));
}

#[tokio::test]
async fn a_node_that_stops_in_order_is_missed_by_nobody() {
    let nats = Nats::one().await;
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let [mut stays, mut goes] =
        folders.each_ref().map(|folder| Binary::start(folder, &["--bus", &nats.settings()[0].1]));
    goes.terminate();
    assert_eq!(goes.exit_code(), Some(0));
    stays.wait_for("a node has left");
}

/// More than can be read while a request is waited for.
const MUCH: usize = 60_000;

#[tokio::test]
async fn a_node_that_dies_with_much_behind_it_leaves_nothing_open() {
    let nats = Nats::hasty().await;
    let (server, stream) = (Server::on(&nats, &[]).await, nats.stream().await);
    let (instance, run) = (Uuid::now_v7(), Uuid::now_v7());
    let subject = format!("nexus.runs.{}.{}", instance.simple(), address());
    let begun = json!({ "command": "/countdown", "text": "/countdown 3600", "at": 1, "after": 0 });
    let spent = || json!({ "id": Uuid::now_v7(), "instance": instance });
    let opened = json!({ "id": run, "instance": instance, "run": begun });
    let mut acknowledgements = Vec::new();
    for record in (0..MUCH).map(|_| spent()).chain([opened]) {
        acknowledgements.push(stream.publish(subject.clone(), record.to_string().into()).await.unwrap());
        if acknowledgements.len() == 500 {
            join_all(acknowledgements.drain(..).map(IntoFuture::into_future)).await;
        }
    }
    join_all(acknowledgements.into_iter().map(IntoFuture::into_future))
        .await
        .into_iter()
        .for_each(|done| drop(done.unwrap()));
    let leases = stream.get_key_value("nexus-keys").await.unwrap();
    leases.put(format!("nodes.{}", instance.simple()), "".into()).await.unwrap();
    let id = run.to_string();
    eventually("its end", async || {
        close_abandoned(&server.app).await.unwrap();
        // All that it has admitted is read for this too, and may be too much.
        let heard = server.app.bus.replay(alice().address(), 0, u64::MAX).await.ok()?.events;
        heard.iter().any(|event| event.json().contains(&id)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_place_is_not_called_unknown_while_the_log_does_not_answer() {
    let nats = Nats::one().await;
    let server = Server::on(&nats, &[]).await;
    let mut heard = server.listen(&alice()).await;
    run(&server, "\"one\"").await.success();
    let id = heard.next_of("command_result").await.id.unwrap();
    let (epoch, sequence) = id.split_once('-').unwrap();
    // As another node has told it, which is further than this one.
    let later = format!("{epoch}-{}", sequence.parse::<u64>().unwrap() + 1);
    nats.stream().await.delete_stream("nexus-events").await.unwrap();
    let path = format!("/api/v1/stream/{}?last_event_id={later}", alice().address());
    server.get(&path).await.failure(503, "store_unavailable");
}
