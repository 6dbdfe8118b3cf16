//! Development and production, and each value of the settings between which they choose.

use serde_json::json;

use crate::common::{Binary, EXECUTE, Reply, Server, alice, bob};

const PRODUCTION: [&str; 4] = ["--env", "production", "--public-origins", "http://127.0.0.1"];

/// A server of production with more flags.
async fn production(flags: &[&str]) -> Server {
    Server::with(&[&PRODUCTION, flags].concat()).await
}

#[tokio::test]
async fn legacy_off_takes_no_bare_signature() {
    let server = Server::with(&["--legacy-signatures", "off"]).await;
    for command in ["/identity", "/ping", "/whoami"] {
        server
            .run_as(&alice(), command)
            .await
            .failure(401, "replay_protection_required")
            .hint("NEXUS_LEGACY_SIGNATURES");
        server.run_signed(&alice(), command).await.success();
    }
    server.run("/ping").await.success();
}

#[tokio::test]
async fn nobody_is_told_to_send_what_would_be_refused() {
    for (mode, command, bare_would_do) in
        [("off", "/identity", false), ("safe", "/whoami", false), ("safe", "/identity", true), ("all", "/whoami", true)]
    {
        let server = Server::with(&["--legacy-signatures", mode]).await;
        let reply = server.run(command).await;
        reply.failure(401, "signature_required").hint("Signed Command v1");
        assert_eq!(reply.text_at("/hint").contains("bare signature"), bare_would_do, "{mode} {command}");
        let challenge = reply.header("www-authenticate");
        assert!(challenge.starts_with("EthSignature schemes=\"eip191\", audience=\""), "{challenge}");
        assert!(challenge.ends_with("\", max_validity=300, error=\"signature_required\""), "{challenge}");
    }
}

#[tokio::test]
async fn legacy_safe_takes_them_for_replay_safe_commands_and_logs_nothing() {
    let server = Server::with(&["--legacy-signatures", "safe"]).await;
    for command in ["/identity", "/ping", "/help"] {
        server.run_as(&alice(), command).await.success();
    }
    let other = r#"with scheme "eip191""#;
    for (command, hint) in
        [("/whoami", other), ("/identity/delete", other), ("/countdown 1", other), ("/echo x", "leave `auth` out")]
    {
        let reply = server.run_as(&alice(), command).await;
        reply.failure(401, "replay_protection_required").hint("NEXUS_LEGACY_SIGNATURES").hint(hint);
    }
    let args = json!({ "command": "/identity", "args": ["delete"], "auth": alice().bare("/identity") });
    server.post(args.to_string()).await.failure(400, "args_not_signed");
    let wrong = json!({ "command": "/identity", "auth": alice().bare("/ping") });
    server.post(wrong.to_string()).await.failure(401, "signature_mismatch");
    assert_eq!(server.events().await, [""; 0]);
}

#[tokio::test]
async fn legacy_all_takes_them_for_every_command_and_logs() {
    let server = Server::with(&["--legacy-signatures", "all"]).await;
    for command in ["/identity", "/whoami", "/identity/delete"] {
        server.run_as(&alice(), command).await.success();
    }
    assert_eq!(server.events().await, ["/identity", "/whoami", "/identity/delete"]);
}

#[tokio::test]
async fn under_safe_a_deleted_identity_does_not_come_back_by_an_old_signature() {
    let folder = tempfile::TempDir::new().unwrap();
    let client = reqwest::Client::new();
    let run = async |binary: &Binary, wallet: &crate::common::Wallet, command: &str| {
        let body = json!({ "command": command, "auth": wallet.bare(command) });
        Reply::of(client.post(format!("{}{EXECUTE}", binary.url)).json(&body)).await
    };
    let all = Binary::start(&folder, &["--legacy-signatures", "all"]);
    run(&all, &alice(), "/identity").await.success();
    run(&all, &alice(), "/identity/delete").await.success();
    assert_eq!(run(&all, &alice(), "/identity").await.at("/data/is_new"), json!(true), "the mark outlives the record");
    drop(all);
    let safe = Binary::start(&folder, &["--legacy-signatures", "safe"]);
    run(&safe, &alice(), "/identity").await.failure(401, "replay_protection_required").message("deleted");
    run(&safe, &bob(), "/identity").await.success();
}

#[tokio::test]
async fn anonymous_streams_off_are_refused() {
    let server = Server::with(&["--anonymous-streams", "off"]).await;
    let reply = server.get(&format!("/api/v1/stream/{}", alice().address())).await;
    reply.failure(401, "identity_required").hint("NEXUS_ANONYMOUS_STREAMS");
    assert!(reply.header("www-authenticate").starts_with("EthSignature"));
}

#[tokio::test]
async fn anonymous_streams_of_state_hear_the_state_and_nothing_else() {
    let server = Server::with(&["--anonymous-streams", "state"]).await;
    let mut stream = server.listen(&alice()).await;
    server.run_as(&alice(), "/whoami").await.success();
    let claim = server.request(reqwest::Method::POST, EXECUTE).bearer_auth(alice().address());
    Reply::of(claim.json(&json!({ "command": "/ping" }))).await.success();
    server.run_as(&alice(), "/identity").await.success();
    let frame = stream.next().await;
    assert_eq!((frame.event.as_str(), &frame.json()["visitor"]), ("connection_state", &json!(false)));
    server.run_as(&alice(), "/whoami").await.success();
    server.close();
    stream.end().await;
}

#[tokio::test]
async fn anonymous_streams_full_hear_everything() {
    let server = Server::with(&["--anonymous-streams", "full"]).await;
    let mut stream = server.listen(&alice()).await;
    server.run_as(&alice(), "/whoami").await.success();
    assert_eq!(stream.result().await["command"], json!("/whoami"));
}

#[tokio::test]
async fn a_replayable_signature_is_announced_where_streams_are_full() {
    let server = Server::with(&["--legacy-signatures", "safe"]).await;
    let mut stream = server.listen(&alice()).await;
    server.run_as(&alice(), "/ping").await.success();
    let frame = stream.next().await;
    assert_eq!((frame.event.as_str(), frame.id), ("command_result", None));
}

#[tokio::test]
async fn production_is_closed_by_default() {
    let server = production(&[]).await;
    assert!(server.app.config.open().is_empty());
    server.run_as(&alice(), "/whoami").await.failure(401, "replay_protection_required");
    server.run_as(&alice(), "/identity").await.success();
    let mut stream = server.open(&alice()).await;
    assert_eq!(stream.next().await.json()["visitor"], json!(false));
    server.run_as(&alice(), "/ping").await.success();
    assert_eq!(server.events().await, [""; 0]);
    let preflight = server.request(reqwest::Method::GET, "/").header("origin", "http://localhost:5173");
    assert!(Reply::of(preflight).await.headers.get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn development_is_the_contract_of_the_first_clients() {
    let server = Server::start().await;
    assert_eq!(server.app.config.open().len(), 2);
    let mut stream = server.listen(&alice()).await;
    server.run_as(&alice(), "/identity/delete").await.failure(404, "not_found");
    assert_eq!(stream.result().await["result"]["code"], json!("not_found"));
    let page = server.request(reqwest::Method::GET, "/").header("origin", "http://localhost:5173");
    assert_eq!(Reply::of(page).await.header("access-control-allow-origin"), "http://localhost:5173");
}

#[tokio::test]
async fn production_opens_with_a_flag_that_says_so() {
    let flags = ["--anonymous-streams", "full", "--legacy-signatures", "all", "--insecure"];
    let server = production(&flags).await;
    assert_eq!(server.app.config.open().len(), 2);
    let mut stream = server.listen(&alice()).await;
    server.run_as(&alice(), "/whoami").await.success();
    stream.result().await;
}
