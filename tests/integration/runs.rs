//! Runs: what a signer has set going can be found, watched and cancelled by its owner, and ends once.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::common::commands::{happened, journal, let_go};
use crate::common::stream::Stream;
use crate::common::wallet::Wallet;
use crate::common::{Binary, EXECUTE, Reply, Server, Statement, alice, bob};

const ASYNC: [(&str, &str); 1] = [("prefer", "respond-async")];

fn target(id: &Value) -> String {
    format!("/api/v1/runs/{}", id.as_str().unwrap())
}

/// Starts a command without waiting for its end; gives back the target of its run.
async fn start(server: &Server, wallet: &Wallet, command: &str) -> String {
    let reply = server.run_preferring(wallet, command, &ASYNC).await;
    assert_eq!((reply.status, reply.at("/status")), (202, json!("pending")), "{reply:?}");
    target(&reply.at("/run_id"))
}

#[track_caller]
fn are(found: &[Value], expected: &[&Value]) {
    assert_eq!(found.iter().collect::<Vec<_>>(), expected);
}

async fn ids(server: &Server, query: &str) -> Vec<Value> {
    let list = server.ask(Method::GET, &format!("/api/v1/runs{query}"), &alice()).await;
    assert_eq!(list.status, 200, "{list:?}");
    list.json()["runs"].as_array().unwrap().iter().map(|run| run["run_id"].clone()).collect()
}

#[tokio::test]
async fn what_was_signed_is_found_by_its_owner_alone() {
    let server = Server::start().await;
    let reply = server.run_as(&alice(), "/Echo  hello --times 2").await;
    let target = target(&reply.at("/run_id"));
    let run = server.ask(Method::GET, &target, &alice()).await;
    assert_eq!((run.status, run.header("cache-control")), (200, "private, no-store"));
    let mut names: Vec<_> = run.json().as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["command", "created_at", "finished_at", "result", "run_id", "status"]);
    assert_eq!((run.at("/run_id"), run.at("/command")), (reply.at("/run_id"), json!("/Echo  hello --times 2")));
    assert_eq!((run.at("/status"), run.at("/result/message")), (json!("success"), json!("hello hello")));
    assert!(run.text_at("/created_at") <= run.text_at("/finished_at") && run.text_at("/created_at").ends_with('Z'));

    server.ask(Method::GET, &target, &bob()).await.failure(404, "not_found");
    server.ask(Method::DELETE, &target, &bob()).await.failure(404, "not_found");
    assert_eq!(ids(&server, "").await, [reply.at("/run_id")]);
    let none = server.get(&target).await;
    none.failure(401, "identity_required").hint("METHOD path?query");
    let claim = server.request(Method::GET, &target).bearer_auth(alice().address());
    Reply::of(claim).await.failure(401, "identity_required");
}

#[tokio::test]
async fn the_proof_is_over_the_method_and_the_target_as_they_are_sent() {
    let server = Server::start().await;
    let ask = async |target: &str, authorization: &str| {
        Reply::of(server.request(Method::GET, target).header("authorization", authorization)).await
    };
    let signed = |text: &str| alice().authorization(text);
    let padded = format!("{}==", signed("GET /api/v1/runs")).replace("EthSignature", "ethsignature");
    for authorization in [signed("GET /api/v1/runs"), padded.trim_end_matches('=').to_owned()] {
        assert_eq!(ask("/api/v1/runs", &authorization).await.status, 200, "{authorization}");
    }
    for text in [
        "DELETE /api/v1/runs",
        "GET /api/v1/runs?limit=1",
        "GET /api/v1/runs ",
        "/GET /api/v1/runs",
        "get /api/v1/runs",
    ] {
        ask("/api/v1/runs", &signed(text)).await.failure(401, "signature_mismatch").hint("METHOD path?query");
    }
    assert_eq!(ask("/api/v1/runs?limit=1", &signed("GET /api/v1/runs?limit=1")).await.status, 200);
    for authorization in
        ["EthSignature !", "EthSignature e30", "EthSignature W10", "EthSignature", "EthSignature ", "Basic eDp5", "x"]
    {
        ask("/api/v1/runs", authorization).await.failure(400, "auth_malformed");
    }
    for authorization in ["Bearer", "Bearer ", ""] {
        ask("/api/v1/runs", authorization).await.failure(401, "identity_required");
    }
}

#[tokio::test]
async fn where_a_bare_signature_is_not_enough_runs_are_not_shown_for_one() {
    for legacy in ["safe", "off"] {
        let server = Server::with(&["--legacy-signatures", legacy]).await;
        server.ask(Method::GET, "/api/v1/runs", &alice()).await.failure(401, "replay_protection_required");
        server.get("/api/v1/runs").await.failure(401, "identity_required").hint("EthSignature");
        assert_eq!(server.ask_signed(Method::GET, "/api/v1/runs", None, &alice()).await.status, 200);
    }
}

#[tokio::test]
async fn a_signer_need_not_wait() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let reply = server.run_preferring(&alice(), "/hold patient", &ASYNC).await;
    assert_eq!((reply.status, reply.at("/status")), (202, json!("pending")));
    assert!(!reply.text_at("/message").is_empty());
    let target = target(&reply.at("/run_id"));
    assert_eq!((reply.header("location"), reply.header("preference-applied")), (target.as_str(), "respond-async"));
    happened("patient", "held").await;
    let run = server.ask(Method::GET, &target, &alice()).await.json();
    assert_eq!((&run["status"], run.get("result"), run.get("finished_at")), (&json!("pending"), None, None));
    let_go("patient");
    assert_eq!(stream.result().await["run_id"], reply.at("/run_id"));
    assert_eq!(server.ask(Method::GET, &target, &alice()).await.at("/result/message"), json!("let go"));
}

#[tokio::test]
async fn who_proves_nothing_waits_and_so_does_who_prefers_something_else() {
    let server = Server::start().await;
    let request = server.request(Method::POST, EXECUTE).header("prefer", "respond-async");
    let reply = Reply::of(request.json(&json!({ "command": "/ping" }))).await;
    reply.success();
    assert!(reply.headers.get("preference-applied").is_none());
    for preference in ["respond-sync", "", ";;=,\"", "wait=0", &"x".repeat(5000)] {
        server.run_preferring(&alice(), "/ping", &[("prefer", preference)]).await.success();
    }
}

/// Cancels a run once it is under way, and expects how it ends.
async fn cancel(way: &str, status: &str, message: &str, steps: &[&str]) {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let target = start(&server, &alice(), &format!("/linger {way} {way}")).await;
    happened(way, if way == "in-init" { "init" } else { "run" }).await;
    for _ in 0..2 {
        let reply = server.ask(Method::DELETE, &target, &alice()).await;
        assert_eq!((reply.status, reply.at("/status")), (202, json!("pending")), "{reply:?}");
        if way != "stubborn" {
            break;
        }
    }
    let event = stream.result().await;
    assert_eq!(event["result"]["status"], json!(status));
    assert!(event["result"]["message"].as_str().unwrap().contains(message), "{event}");
    assert_eq!(journal(way), steps);
    server.ask(Method::DELETE, &target, &alice()).await.failure(409, "finished");
    let run = server.ask(Method::GET, &target, &alice()).await;
    assert_eq!((run.at("/status"), run.at("/result")), (json!(status), event["result"].clone()));
    // The next result is that of the next command: there was only the one.
    server.run_as(&alice(), "/ping").await.success();
    assert_eq!(stream.result().await["command"], json!("/ping"));
}

#[tokio::test]
async fn a_cancelled_command_that_heeds_nothing_is_dropped_where_it_waits() {
    cancel("heedless", "error", "was cancelled", &["init", "run", "cleanup"]).await;
}

#[tokio::test]
async fn a_command_is_cancelled_in_its_init_too() {
    cancel("in-init", "error", "was cancelled", &["init", "cleanup"]).await;
}

#[tokio::test]
async fn a_cancelled_command_that_heeds_it_ends_by_itself() {
    cancel("heeding", "success", "ended by itself", &["init", "run", "cleanup"]).await;
}

/// Five seconds are what it has, so this test takes as long.
#[tokio::test]
async fn a_cancelled_command_that_only_pretends_to_heed_it_is_dropped_after_a_while() {
    cancel("stubborn", "error", "was cancelled", &["init", "run", "told", "cleanup"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_command_that_blocks_its_thread_is_given_up() {
    cancel("blocking", "error", "was cancelled", &["init", "run"]).await;
    happened("blocking", "cleanup").await;
}

#[tokio::test]
async fn a_run_that_there_is_not_is_not_found_whatever_it_is_called() {
    let server = Server::start().await;
    for id in ["019aa000-0000-7000-8000-000000000000", "x", "%00", "..", &"9".repeat(5000), "%ff"] {
        let target = format!("/api/v1/runs/{id}");
        if id == ".." {
            continue;
        }
        server.ask(Method::GET, &target, &alice()).await.failure(404, "not_found");
        server.ask(Method::DELETE, &target, &alice()).await.failure(404, "not_found");
    }
    server.ask(Method::PUT, "/api/v1/runs/x", &alice()).await.failure(405, "method_not_allowed");
}

#[tokio::test]
async fn runs_are_listed_the_newest_first_and_page_by_page() {
    let server = Server::start().await;
    let mut all = Vec::new();
    for number in 0..5 {
        all.insert(0, server.run_as(&alice(), &format!("/echo {number}")).await.at("/run_id"));
        server.run_as(&bob(), "/echo bob").await.success();
    }
    let held = start(&server, &alice(), "/hold listed").await;
    all.insert(0, json!(held.rsplit_once('/').unwrap().1));
    assert_eq!(ids(&server, "").await, all);

    let (mut seen, mut before) = (Vec::new(), String::new());
    loop {
        let page = server.ask(Method::GET, &format!("/api/v1/runs?limit=4{before}"), &alice()).await.json();
        seen.extend(page["runs"].as_array().unwrap().iter().map(|run| run["run_id"].clone()));
        let Some(next) = page.get("next") else { break };
        before = format!("&before={}", next.as_str().unwrap());
    }
    assert_eq!(seen, all);
    let_go("listed");
}

#[tokio::test]
async fn runs_are_found_by_command_status_and_time() {
    let server = Server::start().await;
    let of = async |command: &str| server.run_as(&alice(), command).await.at("/run_id");
    let identity = of("/identity").await;
    let echo = of("ECHO hello").await;
    let deleted = of("/identity delete").await;
    let failed = of("/identity/delete").await;
    let pinged = of("/p").await;
    are(&ids(&server, "?command=echo").await, &[&echo]);
    are(&ids(&server, "?command=%2FECHO").await, &[&echo]);
    are(&ids(&server, "?command=ping").await, &[&pinged]);
    are(&ids(&server, "?command=p").await, &[&pinged]);
    are(&ids(&server, "?command=identity").await, &[&failed, &deleted, &identity]);
    are(&ids(&server, "?command=identity/delete").await, &[&failed, &deleted]);
    are(&ids(&server, "?command=ident").await, &[]);
    are(&ids(&server, "?command=%25").await, &[]);
    are(&ids(&server, "?status=error").await, &[&failed]);
    are(&ids(&server, "?status=pending").await, &[]);
    are(&ids(&server, "?status=success&command=identity/delete").await, &[&deleted]);
    let run = server.ask(Method::GET, &target(&pinged), &alice()).await;
    let since = run.text_at("/created_at");
    assert_eq!(ids(&server, &format!("?since={since}")).await[0], pinged);
    assert!(!ids(&server, &format!("?since={since}")).await.is_empty());
    assert_eq!(ids(&server, "?since=2999-01-01T00:00:00Z").await, Vec::<Value>::new());
    assert_eq!(ids(&server, "?before=2999-01-01T00:00:00Z").await.len(), 5);
    assert_eq!(ids(&server, "?before=1999-01-01T00:00:00Z").await, Vec::<Value>::new());
    assert_eq!(ids(&server, "?since=1999-01-01T00:00:00%2B01:00").await.len(), 5);
    assert_eq!(ids(&server, "?unknown=1").await.len(), 5);
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_told_all_its_faults() {
    let server = Server::start().await;
    let ask = async |query: &str| server.ask(Method::GET, &format!("/api/v1/runs?{query}"), &alice()).await;
    let reply = ask("limit=0&before=x&status=done&since=yesterday").await;
    reply.failure(422, "invalid_arguments");
    let faults: Vec<_> = reply.at("/data").as_object().unwrap().keys().cloned().collect();
    assert_eq!(faults, ["limit", "before", "status", "since"]);
    for query in
        ["limit=101", "limit=-1", "limit=", "limit=1e1", "limit=99999999999999999999", "before=", "status=", "since="]
    {
        ask(query).await.failure(422, "invalid_arguments");
    }
    ask("limit=1&limit=2").await.failure(400, "malformed_request");
}

#[tokio::test]
async fn a_list_of_large_results_comes_in_pieces() {
    let server = Server::start().await;
    let text = "0123456789".repeat(95);
    for _ in 0..40 {
        server.run_as(&alice(), &format!("/echo --times 10 {text}")).await.success();
    }
    let (mut seen, mut before) = (0, String::new());
    loop {
        let page = server.ask(Method::GET, &format!("/api/v1/runs?limit=100{before}"), &alice()).await;
        let runs = page.json()["runs"].as_array().unwrap().len();
        assert!(page.text.len() < 400_000 && (1..40).contains(&runs), "{runs} runs in {} bytes", page.text.len());
        seen += runs;
        let Some(next) = page.json().get("next").cloned() else { break };
        before = format!("&before={}", next.as_str().unwrap());
    }
    assert_eq!(seen, 40);
}

#[tokio::test]
async fn progress_is_told_to_the_streams_and_stands_in_the_run() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let target = start(&server, &alice(), "/natter 5 --token progress").await;
    happened("progress", "told").await;
    let first = stream.next().await;
    assert_eq!((first.event.as_str(), &first.id), ("command_progress", &None));
    let mut told = first.json();
    while told["progress"]["current"] != json!(5) {
        let frame = stream.next().await;
        assert_eq!(frame.event, "command_progress", "{frame:?}");
        told = frame.json();
    }
    let progress = json!({ "current": 5, "total": 5, "unit": "words" });
    assert_eq!(told["progress"], progress);
    assert_eq!((&told["command"], &told["message"]), (&json!("/natter 5 --token progress"), &json!("still talking")));
    let run = server.ask(Method::GET, &target, &alice()).await;
    assert_eq!((run.at("/run_id"), run.at("/progress")), (told["run_id"].clone(), progress));
    let_go("progress");
    assert_eq!(stream.result().await["run_id"], told["run_id"]);
    assert!(server.ask(Method::GET, &target, &alice()).await.json().get("progress").is_none());
}

#[tokio::test]
async fn progress_is_told_ten_times_a_second_at_most() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let begun = Instant::now();
    server.run_as(&alice(), "/natter 100000").await.success();
    let mut told = 0;
    while stream.next().await.event == "command_progress" {
        told += 1;
    }
    let most = begun.elapsed().as_millis() / 100 + 1;
    assert!((1..=most).contains(&told), "{told} times in {:?}", begun.elapsed());
}

#[tokio::test]
async fn progress_with_too_much_data_is_told_without() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let claim = server.request(Method::POST, EXECUTE).bearer_auth(alice().address());
    let run = tokio::spawn(Reply::of(claim.json(&json!({ "command": "/natter 1 --bytes 100000 --token flood" }))));
    happened("flood", "told").await;
    let told = stream.next().await.json();
    assert_eq!(told["progress"]["current"], json!(1));
    assert!(told.get("data").is_none() && told.get("message").is_none());
    let_go("flood");
    run.await.unwrap().success();
}

#[tokio::test]
async fn a_countdown_tells_how_far_it_is_and_can_be_cancelled() {
    let server = Server::start().await;
    server.run("/countdown 1").await.failure(401, "identity_required");
    let mut stream = server.listen(&alice()).await;
    let target = start(&server, &alice(), "/countdown 80000").await;
    let told = stream.next().await;
    assert_eq!(told.event, "command_progress");
    assert_eq!(told.json()["progress"], json!({ "current": 0, "total": 80000, "unit": "s" }));
    assert_eq!(told.json()["message"], json!("80000 s to go"));
    assert_eq!(server.ask(Method::DELETE, &target, &alice()).await.status, 202);
    assert_eq!(stream.result().await["result"]["code"], json!("cancelled"));
}

/// What a run leaves in the log, whatever becomes of it.
#[tokio::test]
async fn every_run_of_a_signer_ends_in_one_result() {
    let server = Server::start().await;
    for how in ["not-at-all", "fail-in-init", "fail-in-run", "panic-in-run", "panic-in-cleanup", "hang", "flood"] {
        let reply = server.run_as(&alice(), &format!("/misbehave {how} once-{how}")).await;
        let results = server.log().await.into_iter().filter(|event| event["run_id"] == reply.at("/run_id")).count();
        assert_eq!((results, ids(&server, "?status=pending").await), (1, vec![]), "{how}");
    }
    assert_eq!(server.app.ongoing.count(), 0);
}

#[tokio::test]
async fn what_was_refused_leaves_no_run() {
    let server = Server::start().await;
    server.run_as(&alice(), "/nonsense").await.failure(404, "unknown_command");
    server.run_as(&alice(), "/echo").await.failure(422, "invalid_arguments");
    server.run("/ping").await.success();
    assert_eq!(ids(&server, "").await, Vec::<Value>::new());
}

/// The process is killed while a command runs; its successor says that nobody knows how that ended.
#[tokio::test]
async fn a_run_that_the_end_of_the_process_cut_off_has_an_unknown_outcome() {
    let folder = TempDir::new().unwrap();
    let client = reqwest::Client::new();
    let binary = Binary::start(&folder, &[]);
    let command = "/countdown 80000";
    let body = json!({ "command": command, "auth": alice().bare(command) });
    let request = client.post(format!("{}{EXECUTE}", binary.url)).header("prefer", "respond-async");
    let reply = Reply::of(request.json(&body)).await;
    assert_eq!(reply.status, 202);
    drop(binary);

    let mut binary = Binary::start(&folder, &[]);
    assert!(binary.introduction.iter().any(|line| line.contains("left 1 commands unfinished")));
    let mut stream =
        Stream::open(&client, &format!("{}/api/v1/stream/{}?last_event_id=0", binary.url, alice().address())).await;
    stream.next().await;
    let event = stream.result().await;
    assert_eq!((&event["run_id"], &event["result"]["code"]), (&reply.at("/run_id"), &json!("outcome_unknown")));
    let target = target(&reply.at("/run_id"));
    let asking = client.get(format!("{}{target}", binary.url));
    let run = Reply::of(asking.header("authorization", alice().authorization(&format!("GET {target}")))).await;
    assert_eq!((run.at("/status"), run.at("/result/code")), (json!("error"), json!("outcome_unknown")));
    binary.terminate();
    assert_eq!(binary.exit_code(), Some(0));
    let binary = Binary::start(&folder, &[]);
    assert!(!binary.introduction.iter().any(|line| line.contains("unfinished")), "it is closed once");
}

/// What runs when the server stops has its time; then it is cancelled, and its end is written down all the same.
#[tokio::test]
async fn what_does_not_end_while_the_server_drains_is_cancelled() {
    let folder = TempDir::new().unwrap();
    let client = reqwest::Client::new();
    let mut binary = Binary::start(&folder, &["--drain", "0"]);
    let mut stream = Stream::open(&client, &format!("{}/api/v1/stream/{}", binary.url, alice().address())).await;
    stream.next().await;
    let command = "/countdown 80000";
    let body = json!({ "command": command, "auth": alice().bare(command) });
    let waiting = tokio::spawn(Reply::of(client.post(format!("{}{EXECUTE}", binary.url)).json(&body)));
    assert_eq!(stream.next().await.event, "command_progress");
    binary.terminate();
    waiting.await.unwrap().failure(409, "cancelled");
    assert_eq!(stream.result().await["result"]["code"], json!("cancelled"));
    stream.end().await;
    assert_eq!(binary.exit_code(), Some(0));
}

#[tokio::test]
async fn what_asks_for_it_is_told_when_the_server_begins_to_drain() {
    let server = Server::start().await;
    let running = server.begin(&alice(), "/linger until-draining draining-told");
    happened("draining-told", "run").await;
    let drained = server.app.runtime.drain();
    tokio::time::timeout(Duration::from_secs(20), drained).await.expect("it ends by itself");
    assert_eq!(running.await.unwrap().success(), "ended by itself");
}

/// What the id of a run ends in that was asked for with this nonce or key.
fn mark(asked: &str) -> String {
    hex::encode(&Sha256::digest(asked)[..4])
}

#[tokio::test]
async fn whoever_asked_knows_the_run_by_the_end_of_its_id() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let statement = server.statement("/echo hello");
    let signed = server.post(statement.body(&alice()).to_string()).await;
    assert!(signed.text_at("/run_id").ends_with(&mark(&statement.nonce)));
    assert_eq!(stream.next_of("command_result").await.json()["run_id"], signed.at("/run_id"));
    let headers = [("idempotency-key", "\"one\"")];
    let keyed = server.run_preferring(&alice(), "/echo hello", &headers).await;
    assert!(keyed.text_at("/run_id").ends_with(&mark("one")));
    let claim =
        server.request(Method::POST, EXECUTE).bearer_auth(alice().address()).header("idempotency-key", "\"two\"");
    let claimed = Reply::of(claim.json(&json!({ "command": "/ping" }))).await;
    assert!(claimed.text_at("/run_id").ends_with(&mark("two")));
}

#[tokio::test]
async fn each_of_a_batch_is_known_by_its_place() {
    let server = Server::start().await;
    let content = json!({ "commands": [{ "command": "/ping" }, { "command": "/echo hello" }], "on_error": "stop" });
    let line = "POST /api/v1/commands/batch";
    let statement = Statement { args: Some(content.clone()), ..server.statement(line) };
    let mut body = content.clone();
    body["auth"] = statement.auth(&alice());
    let signed = Reply::of(server.request(Method::POST, "/api/v1/commands/batch").json(&body)).await;
    assert!(signed.text_at("/data/results/0/run_id").ends_with(&mark(&statement.nonce)));
    assert!(signed.text_at("/data/results/1/run_id").ends_with(&mark(&format!("{}.1", statement.nonce))));
    let keyed = server.request(Method::POST, "/api/v1/commands/batch").header("idempotency-key", "\"k\"");
    let keyed = Reply::of(keyed.json(&content)).await;
    assert!(keyed.text_at("/data/results/1/run_id").ends_with(&mark("k\n1")));
}
