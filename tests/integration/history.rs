//! `/history`: what one has run, and how it went.

use serde_json::{Value, json};

use crate::common::{Server, alice, bob};

/// Some runs of alice, one of them a failure, and one of bob.
async fn furnished() -> Server {
    let server = Server::start().await;
    server.run_as(&alice(), "/echo one").await.success();
    server.run_as(&alice(), "/identity delete").await.failure(404, "not_found");
    server.run_as(&alice(), "/Echo two").await.success();
    server.run_as(&bob(), "/echo bob").await.success();
    server
}

async fn history(server: &Server, words: &str) -> (String, Value) {
    let reply = server.run_as(&alice(), &format!("/history {words}")).await;
    (reply.success(), reply.at("/data"))
}

fn commands(data: &Value) -> Vec<&str> {
    data["runs"].as_array().unwrap().iter().map(|run| run["command"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn it_lists_the_runs_of_the_caller_the_newest_first() {
    let server = furnished().await;
    let (message, data) = history(&server, "").await;
    assert_eq!(commands(&data), ["/history ", "/Echo two", "/identity delete", "/echo one"]);
    let lines: Vec<_> = message.lines().collect();
    assert!(
        lines[0].contains("pending") && lines[2].contains("not_found") && lines[3].ends_with("/echo one"),
        "{message}"
    );
    let failed = &data["runs"][2];
    assert_eq!((&failed["status"], &failed["code"]), (&json!("error"), &json!("not_found")));
    assert!(failed["message"].as_str().unwrap().contains("no identity") && failed["duration_ms"].is_u64());
    assert!(data["runs"][0].get("duration_ms").is_none());
    server.run("/history").await.failure(401, "identity_required");
}

#[tokio::test]
async fn it_filters_by_command_status_and_time() {
    let server = furnished().await;
    assert_eq!(commands(&history(&server, "--command echo").await.1), ["/Echo two", "/echo one"]);
    assert_eq!(commands(&history(&server, "--command /Identity/delete").await.1), ["/identity delete"]);
    assert_eq!(commands(&history(&server, "--status error").await.1), ["/identity delete"]);
    assert_eq!(commands(&history(&server, "--status success --limit 1 --command echo").await.1), ["/Echo two"]);
    let (message, data) = history(&server, "--since 2999-01-01T00:00:00Z").await;
    assert_eq!((message.as_str(), commands(&data)), ("No runs.", vec![]));
    server
        .run_as(&alice(), "/history --since yesterday")
        .await
        .failure(422, "invalid_arguments")
        .hint("2026-01-31T12:00:00Z");
    server.run_as(&alice(), "/history --status done").await.failure(422, "invalid_arguments");
}

#[tokio::test]
async fn it_counts_by_command() {
    let server = furnished().await;
    let (message, data) = history(&server, "--stats").await;
    let of = |command: &str| {
        let stats = data["stats"].as_array().unwrap().iter().find(|stats| stats["command"] == json!(command)).unwrap();
        (stats["runs"].as_u64().unwrap(), stats["errors"].as_u64().unwrap())
    };
    assert_eq!((of("/echo"), of("/identity/delete")), ((2, 0), (1, 1)));
    assert!(message.contains("/echo  2 runs  0 errors") && message.contains("delete  1 run  1 error  "), "{message}");
    let (_, filtered) = history(&server, "--stats --command echo").await;
    assert_eq!(filtered["stats"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn it_reports_what_failed_and_what_was_slow() {
    let server = furnished().await;
    let (message, _) = history(&server, "--analyze --command identity").await;
    assert_eq!(message, "/identity/delete failed 1 time with not_found (100 %)");
    server.run_as(&alice(), "/identity delete").await.failure(404, "not_found");
    server.record(&alice(), "/echo three", 4000).await;
    let (message, data) = history(&server, "--analyze").await;
    let failure = json!({ "command": "/identity/delete", "code": "not_found", "times": 2, "percent": 100 });
    assert_eq!(data["analysis"]["failures"], json!([failure]));
    assert_eq!(data["analysis"]["slow"][0]["command"], json!("/echo"));
    assert_eq!(data["analysis"]["slow"][0]["longest_ms"], json!(4000));
    assert!(message.contains("failed 2 times with not_found (100 %)") && message.contains("slow: /echo"), "{message}");
    let (message, _) = history(&server, "--analyze --command ping").await;
    assert_eq!(message, "Nothing failed and nothing was slow in 0 runs.");
    server.run_as(&alice(), "/ping").await.success();
    let (message, _) = history(&server, "--analyze --command ping").await;
    assert_eq!(message, "Nothing failed and nothing was slow in 1 run.");
    server.run_as(&alice(), "/history --stats --analyze").await.failure(422, "command_failed");
}

#[tokio::test]
async fn it_writes_its_message_as_json_for_programs() {
    let server = furnished().await;
    let (message, data) = history(&server, "--stats --format json").await;
    assert_eq!(serde_json::from_str::<Value>(&message).unwrap(), data);
    let (message, data) = history(&server, "--limit 2 --format json").await;
    assert_eq!(serde_json::from_str::<Value>(&message).unwrap(), data);
}
