//! Several nodes that keep everything in NATS.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use nexus::registration::refresh;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::common::binary::nexus;
use crate::common::eventually::eventually;
use crate::common::hook::{Hook, Say};
use crate::common::nats::{Access, Nats};
use crate::common::{Binary, EXECUTE, Reply, Server, Statement, Stream, alice, bob};

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

/// Two nodes of one name, of which the second has a clock that is ahead by so much.
async fn skewed(nats: &Nats, seconds: i64) -> [Server; 2] {
    let name = ["--public-origins", "http://localhost:1"];
    let [here, there] = [Server::on(nats, &name).await, Server::on(nats, &name).await];
    there.step(seconds);
    [here, there]
}

/// What a client signs whose clock is that of this node.
fn signed(node: &Server, command: &str) -> Statement {
    Statement { audience: "http://localhost:1".to_owned(), ..node.statement(command) }
}

#[tokio::test]
async fn a_copy_is_known_at_a_node_whose_clock_is_another() {
    let nats = Nats::one().await;
    for seconds in [20, -20] {
        let [here, there] = skewed(&nats, seconds).await;
        for (one, other) in [(&here, &there), (&there, &here)] {
            let statement = signed(one, "/echo once");
            let body = statement.body(&alice()).to_string();
            let (first, copy) = (one.post(body.clone()).await, other.post(body).await);
            assert_eq!((first.success(), copy.success()), ("once".to_owned(), "once".to_owned()));
            assert_eq!((copy.at("/run_id"), copy.header("idempotent-replayed")), (first.at("/run_id"), "true"));
            let twice = Statement { command: "/echo twice".to_owned(), ..statement };
            other.post(twice.body(&alice()).to_string()).await.failure(422, "nonce_reused");
        }
        let key = format!("\"{seconds}\"");
        let run = async |node: &Server| node.run_preferring(&bob(), "/echo x", &[("idempotency-key", &key)]).await;
        assert_eq!(run(&there).await.at("/run_id"), run(&here).await.at("/run_id"));
    }
}

#[tokio::test]
async fn a_request_is_judged_by_the_clock_of_the_node_that_has_it() {
    let nats = Nats::one().await;
    let [here, there] = skewed(&nats, 200).await;
    let [now, later] = [&here, &there].map(|node| signed(node, "/whoami").body(&alice()).to_string());
    there.post(now.clone()).await.failure(401, "request_expired");
    here.post(later.clone()).await.failure(401, "request_not_yet_valid");
    here.post(now).await.success();
    there.post(later).await.success();
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

/// Two nodes that are processes, and what alice hears at the second.
async fn processes(nats: &Nats) -> (Binary, Binary, Stream) {
    let bus = nats.settings().remove(0).1;
    // What they keep is elsewhere.
    let start = || Binary::start(&TempDir::new().unwrap(), &["--bus", &bus]);
    let (here, there) = (start(), start());
    let url = format!("{}/api/v1/stream/{}", there.url, alice().address());
    let stream = Stream::open(&reqwest::Client::new(), &url).await;
    (here, there, stream)
}

/// Begins what goes on for an hour.
async fn begin(node: &Binary) -> Reply {
    let body = json!({ "command": "/countdown 3600", "auth": alice().bare("/countdown 3600") });
    let request = reqwest::Client::new().post(format!("{}{EXECUTE}", node.url));
    Reply::of(request.header("prefer", "respond-async").json(&body)).await
}

#[tokio::test]
async fn what_a_dead_node_ran_is_closed_by_another() {
    let nats = Nats::one().await;
    let (here, _there, mut stream) = processes(&nats).await;
    assert_eq!(begin(&here).await.status, 202);
    stream.next_of("command_progress").await;
    here.signal("-KILL");
    assert_eq!(stream.next_of("command_result").await.json()["result"]["code"], "outcome_unknown");
}

#[tokio::test]
async fn what_a_node_ran_that_came_back_is_closed_when_it_dies_after_all() {
    let nats = Nats::one().await;
    let (here, _there, mut stream) = processes(&nats).await;
    for (silence, end) in [("-STOP", "-CONT"), ("-KILL", "-KILL")] {
        let run = begin(&here).await.text_at("/run_id");
        here.signal(silence);
        // Between events there are keepalives, for ever.
        let told = timeout(Duration::from_secs(40), stream.next_of("command_result")).await.expect("its end").json();
        assert_eq!((told["run_id"].as_str(), &told["result"]["code"]), (Some(&*run), &json!("outcome_unknown")));
        here.signal(end);
    }
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
async fn a_node_whose_servers_have_no_leader_is_not_ready() {
    let mut nats = Nats::three().await;
    let server = Server::on(&nats, &[]).await;
    assert_eq!(server.get("/readyz").await.status, 200);
    nats.kill(1);
    nats.kill(2);
    let stream = nats.stream().await;
    eventually("the loss of the leader", async || {
        let found = stream.get_stream("nexus-events").await.ok()?;
        found.cached_info().cluster.as_ref().is_none_or(|cluster| cluster.leader.is_none()).then_some(())
    })
    .await;
    server.get("/readyz").await.failure(503, "store_unavailable");
    nats.start_again(1);
    eventually("its readiness", async || (server.get("/readyz").await.status == 200).then_some(())).await;
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
    let migrate = |more: &[&str]| {
        let words = ["bus", "migrate", "--bus", &bus, "--retention-days", "7"];
        nexus(folder.path()).args(words).args(more).output().unwrap()
    };
    let refusal = String::from_utf8(migrate(&[]).stderr).unwrap();
    assert!(refusal.contains("Nothing is changed") && refusal.contains("--reduce"), "{refusal}");
    let migrated = String::from_utf8(migrate(&["--reduce"]).stdout).unwrap();
    assert!(migrated.contains("changed: nexus-events: max_age 2592000s → 604800s"), "{migrated}");
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
