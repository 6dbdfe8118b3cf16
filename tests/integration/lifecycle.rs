//! Commands that panic, hang, block or fail: each ends in one result, cleans up, and harms nobody.

use serde_json::json;

use crate::common::commands::{happened, journal, let_go};
use crate::common::{Server, alice};

/// Runs `/misbehave` as alice; expects the failure in the answer, the same in the one event, and the journal.
async fn misbehave(how: &str, status: u16, code: &str, steps: &[&str]) {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let command = format!("/misbehave {how} {how}");
    let reply = server.run_as(&alice(), &command).await;
    reply.failure(status, code);
    assert!(!reply.text.contains("secret"), "{reply:?}");
    assert_eq!(journal(how), steps, "{how}");

    let event = stream.result().await;
    assert_eq!(event["command"], json!(command));
    assert_eq!(event["run_id"], reply.at("/run_id"));
    assert_eq!(event["result"]["status"], json!("error"));
    assert_eq!(event["result"]["code"], json!(code));
    assert_eq!(event["result"]["message"], reply.at("/message"));

    server.run_as(&alice(), "/whoami").await.success();
    assert_eq!(server.events().await, [command.as_str(), "/whoami"]);
}

#[tokio::test]
async fn a_good_command_goes_through_its_life_in_order() {
    let server = Server::start().await;
    server.run("/misbehave not-at-all good").await.success();
    assert_eq!(journal("good"), ["init", "run", "ran", "cleanup"]);
}

#[tokio::test]
async fn a_command_that_fails_in_init_does_not_run_and_cleans_up() {
    misbehave("fail-in-init", 422, "command_failed", &["init", "cleanup"]).await;
}

#[tokio::test]
async fn a_command_that_refuses_says_why() {
    misbehave("fail-in-run", 422, "command_failed", &["init", "run", "cleanup"]).await;
    let server = Server::start().await;
    server.run("/misbehave fail-in-run why").await.failure(422, "command_failed").message("run refuses").hint("nicely");
}

#[tokio::test]
async fn a_command_that_panics_is_an_internal_error() {
    misbehave("panic-in-init", 500, "internal", &["init", "cleanup"]).await;
    misbehave("panic-in-run", 500, "internal", &["init", "run", "cleanup"]).await;
}

#[tokio::test]
async fn a_command_that_hangs_is_stopped() {
    misbehave("hang", 504, "command_timeout", &["init", "run", "cleanup"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_blocks_its_thread_is_given_up_and_cleans_up_when_it_can() {
    misbehave("block", 504, "command_timeout", &["init", "run"]).await;
    happened("block", "cleanup").await;
}

#[tokio::test]
async fn a_result_over_256_kib_is_a_failure() {
    misbehave("flood", 422, "command_failed", &["init", "run", "cleanup"]).await;
}

#[tokio::test]
async fn a_failing_cleanup_does_not_change_the_result() {
    let server = Server::start().await;
    for how in ["fail-in-cleanup", "panic-in-cleanup"] {
        assert_eq!(server.run(&format!("/misbehave {how} {how}")).await.success(), "well behaved");
        assert_eq!(journal(how), ["init", "run", "ran", "cleanup"]);
    }
}

/// Ten seconds are what a cleanup has, so this test takes as long.
#[tokio::test]
async fn a_hanging_cleanup_is_given_up_and_does_not_change_the_result() {
    let server = Server::start().await;
    assert_eq!(server.run("/misbehave hang-in-cleanup stuck").await.success(), "well behaved");
    assert_eq!(journal("stuck"), ["init", "run", "ran", "cleanup"]);
}

#[tokio::test]
async fn a_panic_outside_of_the_life_of_a_command_is_an_internal_error_too() {
    let server = Server::start().await;
    let reply = server.run("/trap").await;
    reply.failure(500, "internal").hint("log");
    assert!(!reply.text.contains("secret"));
    assert_eq!(server.run("/ping").await.success(), "pong");
}

#[tokio::test]
async fn whatever_a_command_says_is_bounded_and_never_nothing() {
    let server = Server::start().await;
    server.run("/misbehave flood-in-error x").await.failure(422, "command_failed").message("larger than 256 KiB");
    assert_eq!(server.run("/misbehave say-nothing x").await.success(), "Done.");
    server.run("/misbehave fail-saying-nothing x").await.failure(422, "command_failed").message("The command failed.");
}

#[tokio::test]
async fn a_command_that_demands_a_caller_by_itself_is_answered_with_a_challenge() {
    let server = Server::start().await;
    let reply = server.run("/misbehave demand x").await;
    assert!(reply.failure(401, "identity_required").header("www-authenticate").starts_with("EthSignature "));
    assert_eq!(reply.at("/data/audience"), json!(server.url));
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_stop_its_command() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let command = "/hold hung-up";
    let body = json!({ "command": command, "auth": alice().bare(command) }).to_string();
    let asking = tokio::spawn({
        let request = server.request(reqwest::Method::POST, crate::common::EXECUTE);
        request.header("content-type", "application/json").body(body).send()
    });
    happened("hung-up", "held").await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    let_go("hung-up");
    assert_eq!(stream.result().await["command"], json!(command));
    assert_eq!(journal("hung-up"), ["held", "let go", "ended"]);
}

#[tokio::test]
async fn a_draining_server_starts_nothing_and_everybody_hears_of_what_still_ran() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let command = "/hold draining";
    let running = tokio::spawn({
        let request = server.request(reqwest::Method::POST, crate::common::EXECUTE);
        request.json(&json!({ "command": command, "auth": alice().bare(command) })).send()
    });
    happened("draining", "held").await;
    let stopping = tokio::spawn({
        let runtime = server.app.runtime.clone();
        async move {
            runtime.drain().await;
            runtime.close().await;
        }
    });
    while !server.app.runtime.is_draining() {
        tokio::task::yield_now().await;
    }
    server.get("/readyz").await.failure(503, "draining");
    assert_eq!(server.run("/ping").await.failure(503, "draining").header("retry-after"), "1");
    assert_eq!(server.get("/livez").await.status, 200);
    let_go("draining");
    assert_eq!(running.await.unwrap().unwrap().status(), 200);
    assert_eq!(stream.result().await["command"], json!(command));
    stream.end().await;
    drop(stream);
    tokio::time::timeout(std::time::Duration::from_secs(20), stopping).await.expect("an end within the bound").unwrap();
}

#[tokio::test]
async fn a_variable_that_is_missing_is_named_before_anything_runs() {
    let server = Server::start().await;
    let reply = server.run("/needy NEXUS_NOT_SET_ANYWHERE").await;
    reply
        .failure(422, "command_failed")
        .message("NEXUS_NOT_SET_ANYWHERE is not set")
        .hint("Set NEXUS_NOT_SET_ANYWHERE");
    assert!(journal("NEXUS_NOT_SET_ANYWHERE").is_empty(), "`run` does not begin");
    assert_eq!(server.run("/needy PATH").await.success(), format!("PATH is {}", std::env::var("PATH").unwrap()));
}
