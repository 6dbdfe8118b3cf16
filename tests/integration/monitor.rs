//! `/monitor-service` and `/metrics`: what the server is doing, from inside and outside.

use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::common::commands::{happened, let_go};
use crate::common::stream::Stream;
use crate::common::{Binary, EXECUTE, Reply, Server, alice, bob};

const GAUGES: [&str; 6] = [
    "nexus_host_cpu_percent",
    "nexus_host_load",
    "nexus_host_memory_total_bytes",
    "nexus_host_memory_used_bytes",
    "nexus_process_cpu_percent",
    "nexus_process_memory_bytes",
];

/// The gauges and their values.
async fn gauges(server: &Server) -> Vec<(String, f64)> {
    let reply = server.get("/metrics").await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, "application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    assert!(reply.text.ends_with("# EOF\n"), "{reply:?}");
    let values = reply.text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once(' ').unwrap());
    values.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
}

#[tokio::test]
async fn it_samples_once_at_a_time_until_it_is_cancelled_and_exports_what_it_sees() {
    let server = Server::with(&["--admins", &format!("{},{}", alice().address(), bob().address())]).await;
    server.run("/monitor-service").await.failure(401, "signature_required");
    let mut stream = server.listen(&alice()).await;
    let prefer = [("prefer", "respond-async")];
    let reply = server.run_preferring(&alice(), "/monitor-service --interval 1", &prefer).await;
    assert_eq!(reply.status, 202);
    server.run_as(&bob(), "/monitor-service").await.failure(409, "in_progress").hint("cancel it");

    let frame = stream.next().await;
    assert_eq!(frame.event, "command_progress");
    let told = frame.json();
    assert_eq!(told["progress"], json!({ "current": 1, "unit": "sample" }));
    let sample = &told["data"];
    assert!(sample["process_memory_bytes"].as_u64().unwrap() > 1 << 20, "{sample}");
    assert!(sample["host_memory_total_bytes"].as_u64() > sample["process_memory_bytes"].as_u64());
    assert!(told["message"].as_str().unwrap().contains("MiB"));

    let exported = gauges(&server).await;
    let names: Vec<_> = exported.iter().map(|(name, _)| name.as_str()).filter(|name| GAUGES.contains(name)).collect();
    assert_eq!(names, GAUGES);
    let memory = exported.iter().find(|(name, _)| name == "nexus_process_memory_bytes").unwrap().1;
    assert!(memory > 1_048_576.0);

    assert_eq!(stream.next().await.json()["progress"], json!({ "current": 2, "unit": "samples" }));
    let target = format!("/api/v1/runs/{}", reply.text_at("/run_id"));
    assert_eq!(server.ask(Method::DELETE, &target, &alice()).await.status, 202);
    let result = loop {
        let frame = stream.next().await;
        if frame.event == "command_result" {
            break frame.json();
        }
    };
    assert_eq!(result["result"]["status"], json!("success"), "{result}");
    assert_eq!(result["result"]["data"]["last"].as_object().unwrap().len(), 6);
    assert!(gauges(&server).await.iter().all(|(name, _)| !GAUGES.contains(&name.as_str())), "they end with it");
}

#[tokio::test]
async fn it_ends_cleanly_with_the_server() {
    let folder = TempDir::new().unwrap();
    let mut binary = Binary::start(&folder, &["--admins", &alice().address().to_string()]);
    let client = reqwest::Client::new();
    let mut stream = Stream::open(&client, &format!("{}/api/v1/stream/{}", binary.url, alice().address())).await;
    stream.next().await;
    let command = "/monitor-service --interval 1";
    let body = json!({ "command": command, "auth": alice().bare(command) });
    let running = tokio::spawn(Reply::of(client.post(format!("{}{EXECUTE}", binary.url)).json(&body)));
    assert_eq!(stream.next().await.event, "command_progress");
    binary.terminate();
    assert!(running.await.unwrap().success().starts_with("Watched: "));
    assert_eq!(binary.exit_code(), Some(0));
}

#[tokio::test]
async fn the_numbers_of_the_server_are_for_its_own_machine() {
    let server = Server::with(&["--trusted-proxies", "127.0.0.1"]).await;
    let _stream = server.listen(&alice()).await;
    assert!(gauges(&server).await.contains(&("nexus_streams_open".to_owned(), 1.0)));
    let elsewhere = server.request(Method::GET, "/metrics").header("x-forwarded-for", "192.0.2.7");
    Reply::of(elsewhere).await.failure(404, "not_found");
    let by_address = server.request(Method::GET, "/metrics").header("host", "10.0.0.1:9090");
    assert_eq!(Reply::of(by_address).await.status, 200, "collectors call by address");
    let by_name = server.request(Method::GET, "/metrics").header("host", "rebound.example");
    Reply::of(by_name).await.failure(404, "not_found");
    let forwarded = server.request(Method::GET, "/metrics").header("forwarded", "for=127.0.0.1");
    Reply::of(forwarded).await.failure(404, "not_found");
}

#[tokio::test]
async fn a_number_under_a_name_that_it_may_not_have_is_not_exported() {
    let server = Server::start().await;
    let running = server.begin(&alice(), "/numbers counting");
    happened("counting", "counted").await;
    let exported = gauges(&server).await;
    let names: Vec<_> = exported.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["nexus_streams_open", "nexus_runs_running", "nexus_good_things"]);
    assert_eq!(exported[0], ("nexus_streams_open".to_owned(), 0.0));
    let_go("counting");
    running.await.unwrap().success();
}
