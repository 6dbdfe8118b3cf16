//! Layers around execution: those of tower, and one of a program.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use nexus::app::Additions;
use nexus::command::prelude::*;
use nexus::middleware::{Admitted, Execution};
use reqwest::{Client, Method};
use serde_json::json;
use tempfile::TempDir;
use tower::buffer::BufferLayer;
use tower::limit::{ConcurrencyLimitLayer, RateLimitLayer};
use tower::load_shed::LoadShedLayer;
use tower::timeout::TimeoutLayer;
use tower::{Service, ServiceBuilder};
use tracing::Level;

use crate::common::commands::{happened, journal, let_go};
use crate::common::{Binary, EXECUTE, Reply, Server, alice, bob};

/// Counts what passes, and refuses one word.
#[derive(Clone)]
struct Doorkeeper {
    inner: Execution,
    passed: Arc<AtomicUsize>,
}

impl Service<Admitted> for Doorkeeper {
    type Response = <Execution as Service<Admitted>>::Response;
    type Error = <Execution as Service<Admitted>>::Error;
    type Future = <Execution as Service<Admitted>>::Future;

    fn poll_ready(&mut self, cx: &mut TaskContext<'_>) -> Poll<std::result::Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, admitted: Admitted) -> Self::Future {
        if admitted.text.contains("forbidden") {
            let refusal = Error::new(Code::Forbidden, format!("Not by {:?}.", admitted.caller.map(|_| admitted.peer)));
            return Box::pin(async move { Err(refusal.into()) });
        }
        self.passed.fetch_add(1, Ordering::Relaxed);
        self.inner.call(admitted)
    }
}

#[tokio::test]
async fn a_layer_of_the_program_sees_every_run_and_may_refuse_it() {
    let passed = Arc::new(AtomicUsize::new(0));
    let mut additions = Additions::default();
    let counter = Arc::clone(&passed);
    additions.layers.add(tower::layer::layer_fn(move |inner| Doorkeeper { inner, passed: Arc::clone(&counter) }));
    let server = Server::bringing(additions).await;
    server.run("/ping").await.success();
    server.run_as(&alice(), "/echo hello").await.success();
    assert_eq!(passed.load(Ordering::Relaxed), 2);

    let mut stream = server.listen(&alice()).await;
    let refused = server.run_as(&alice(), "/echo forbidden").await;
    refused.failure(403, "forbidden").message("Not by Some(127.0.0.1).");
    let told = stream.next_of("command_result").await.json();
    assert_eq!((&told["run_id"], &told["result"]["code"]), (&refused.at("/run_id"), &json!("forbidden")));
}

#[tokio::test]
async fn towers_timeout_ends_a_command_which_is_cleaned_up() {
    let mut additions = Additions::default();
    additions.layers.add(TimeoutLayer::new(Duration::from_millis(50)));
    let server = Server::bringing(additions).await;
    server.run("/linger heedless tower-timeout").await.failure(504, "command_timeout");
    happened("tower-timeout", "cleanup").await;
    server.run("/ping").await.success();
}

#[tokio::test]
async fn towers_concurrency_limit_lets_one_wait_for_the_other() {
    let mut additions = Additions::default();
    additions.layers.add(ConcurrencyLimitLayer::new(1));
    let server = Server::bringing(additions).await;
    let first = server.begin(&alice(), "/hold tower-limit");
    happened("tower-limit", "held").await;
    let second = server.begin(&bob(), "/misbehave not-at-all tower-limit");
    let runs = server.app.ongoing.count();
    assert!(runs >= 1 && !journal("tower-limit").contains(&"run"));
    let_go("tower-limit");
    first.await.unwrap().success();
    second.await.unwrap().success();
    let order = journal("tower-limit");
    let place = |what| order.iter().position(|noted| *noted == what);
    assert!(place("ended") < place("run"), "{order:?}");
}

#[tokio::test]
async fn a_run_that_waits_in_a_layer_can_be_cancelled() {
    let mut additions = Additions::default();
    additions.layers.add(ConcurrencyLimitLayer::new(1));
    let server = Server::bringing(additions).await;
    let first = server.begin(&alice(), "/hold tower-cancel");
    happened("tower-cancel", "held").await;
    let preferring = [("prefer", "respond-async")];
    let second = server.run_preferring(&bob(), "/misbehave not-at-all tower-cancel", &preferring).await;
    let run = format!("/api/v1/runs/{}", second.text_at("/run_id"));
    let mut stream = server.listen(&bob()).await;
    assert_eq!(server.ask(Method::DELETE, &run, &bob()).await.status, 202);
    assert_eq!(stream.next_of("command_result").await.json()["result"]["code"], json!("cancelled"));
    assert!(!journal("tower-cancel").contains(&"run"));
    let_go("tower-cancel");
    first.await.unwrap().success();
}

#[tokio::test]
async fn towers_load_shed_answers_overloaded() {
    let mut additions = Additions::default();
    additions
        .layers
        .add(ServiceBuilder::new().layer(LoadShedLayer::new()).layer(ConcurrencyLimitLayer::new(1)).into_inner());
    let server = Server::bringing(additions).await;
    let first = server.begin(&alice(), "/hold tower-shed");
    happened("tower-shed", "held").await;
    server.run("/ping").await.failure(503, "overloaded");
    let_go("tower-shed");
    first.await.unwrap().success();
    server.run("/ping").await.success();
}

#[tokio::test]
async fn towers_rate_limit_stands_behind_a_buffer() {
    let mut additions = Additions::default();
    let limited = RateLimitLayer::new(2, Duration::from_millis(200));
    additions.layers.add(ServiceBuilder::new().layer(BufferLayer::new(8)).layer(limited).into_inner());
    let server = Server::bringing(additions).await;
    for _ in 0..5 {
        server.run("/ping").await.success();
    }
}

#[tokio::test]
async fn a_caller_waits_for_the_cooldown_of_a_command_and_others_do_not() {
    let server = Server::start().await;
    let message = server.run_as(&alice(), "/seldom").await.success();
    assert_eq!(message, "at last");
    let refused = server.run_as(&alice(), "/seldom").await;
    refused.failure(429, "rate_limited").hint("again in");
    assert!(refused.header("ratelimit-policy").contains("\"cooldown\";q=1"), "{refused:?}");
    server.run_as(&bob(), "/seldom").await.success();
    let runs = server.ask(Method::GET, "/api/v1/runs?command=seldom", &alice()).await;
    assert_eq!(runs.at("/runs").as_array().unwrap().len(), 1, "what was refused leaves no trace");
}

#[tokio::test]
async fn a_request_that_is_the_same_needs_no_turn() {
    let server = Server::start().await;
    let body = server.statement("/seldom").body(&alice()).to_string();
    server.post(body.clone()).await.success();
    let again = server.post(body).await;
    again.success();
    assert_eq!(again.header("idempotent-replayed"), "true");
}

#[tokio::test]
async fn runs_are_counted_and_timed_by_command_and_end() {
    let server = Server::start().await;
    server.run("/ping").await.success();
    server.run("/ping").await.success();
    server.run("/misbehave fail-in-run counted").await.failure(422, "command_failed");
    let text = server.get("/metrics").await.text;
    for line in [
        r#"nexus_runs_total{command="/ping",end="success"} 2"#,
        r#"nexus_runs_total{command="/misbehave",end="command_failed"} 1"#,
        r#"nexus_run_seconds_count{command="/ping"} 2"#,
        r#"nexus_run_seconds_bucket{le="+Inf",command="/misbehave"} 1"#,
    ] {
        assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("/echo"), "what never ran has no line");
}

/// What was logged on this thread.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn what_a_command_logs_says_in_which_run() {
    let logged = Logged::default();
    let writer = logged.clone();
    let log = tracing_subscriber::fmt().with_max_level(Level::DEBUG).with_ansi(false);
    let _guard = tracing::subscriber::set_default(log.with_writer(move || writer.clone()).finish());
    let server = Server::start().await;
    let reply = server.run("/misbehave not-at-all in-a-span").await;
    let text = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    let line = text.lines().find(|line| line.contains("in-a-span misbehaves")).unwrap();
    let span = format!("run{{command=\"/misbehave\" run_id={}}}", reply.text_at("/run_id"));
    assert!(line.contains(&span), "{line}");
}

#[tokio::test]
async fn the_run_of_a_proven_caller_leaves_a_line_in_the_audit_log() {
    let folder = TempDir::new().unwrap();
    let mut server = Binary::start(&folder, &["--log", "warn,nexus::cli=info,audit=info", "--log-format", "json"]);
    let client = Client::new();
    let send = async |command: &str| {
        let body = json!({ "command": command, "auth": alice().bare(command) });
        Reply::of(client.post(format!("{}{EXECUTE}", server.url)).json(&body)).await
    };
    let reply = send("/whoami").await;
    Reply::of(client.post(format!("{}{EXECUTE}", server.url)).json(&json!({ "command": "/ping" }))).await.success();
    server.terminate();
    let log = server.rest();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("\"target\":\"audit\"")).collect();
    let [line] = lines.as_slice() else { panic!("one line for one run of somebody: {log}") };
    for part in ["\"/whoami\"", "\"success\"", &alice().address().to_string(), &reply.text_at("/run_id"), "127.0.0.1"] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}
