//! The program from its start to its end.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::binary::{nexus, refused};
use crate::common::stream::Stream;
use crate::common::{Binary, EXECUTE, Reply, alice};

#[test]
fn it_tells_its_commands_what_is_open_and_its_address() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &[]);
    let said = server.introduction.join("\n");
    for expected in [
        "Registered command: ping from commands/ping.rs",
        "Registered command: identity from commands/identity.rs",
        "7 commands",
        "open: anyone may read the stream of any key (NEXUS_ANONYMOUS_STREAMS=full)",
        "a signature once seen can be sent again (NEXUS_LEGACY_SIGNATURES=all)",
        "serves on http://127.0.0.1:",
    ] {
        assert!(said.contains(expected), "{expected:?} is not in {said}");
    }
    assert!(!said.contains('\u{1b}'), "no colours where there is no terminal");
    assert!(folder.path().join("data/nexus.db").exists());
}

#[test]
fn in_production_it_writes_json_lines() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &["--env", "production", "--public-origins", "https://cmd.example.com"]);
    for line in &server.introduction {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
    assert!(server.introduction.iter().any(|line| line.contains("open: nothing")));
}

#[tokio::test]
async fn sigterm_lets_a_request_finish_ends_streams_and_exits_with_0() {
    let folder = TempDir::new().unwrap();
    let mut server = Binary::start(&folder, &[]);
    let client = reqwest::Client::new();
    let mut stream = Stream::open(&client, &format!("{}/api/v1/stream/{}", server.url, alice().address())).await;
    stream.next().await;
    let body = json!({ "command": "/identity", "auth": alice().bare("/identity") });
    Reply::of(client.post(format!("{}{EXECUTE}", server.url)).json(&body)).await.success();
    server.terminate();
    while stream.try_next().await.is_some() {}
    drop((stream, client));
    assert_eq!(server.exit_code(), Some(0), "{:?}", server.introduction);
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let folder = TempDir::new().unwrap();
    let _first = Binary::start(&folder, &[]);
    let output = refused(nexus(folder.path()).args(["--port", "0"]));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("is held by another server"), "{said}");
}

#[test]
fn a_port_that_is_taken_is_said() {
    let (one, two) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let first = Binary::start(&one, &[]);
    let port = first.url.rsplit(':').next().unwrap();
    let output = refused(nexus(two.path()).args(["--port", port]));
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("cannot listen on") && said.contains("PORT"), "{said}");
}

#[test]
fn a_file_that_is_no_database_or_from_a_newer_program_is_refused() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    let path = folder.path().join("data/nexus.db");
    fs::write(&path, "no database at all, though it is long enough to be looked at").unwrap();
    let output = refused(nexus(folder.path()).args(["--port", "0"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("holds a nexus.db that cannot be used"));
    fs::remove_file(&path).unwrap();
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let output = refused(nexus(folder.path()).args(["--port", "0"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("version 999"));
}

#[tokio::test]
async fn a_refused_origin_is_logged_with_the_setting_that_would_allow_it() {
    let folder = TempDir::new().unwrap();
    let mut server = Binary::start(&folder, &[]);
    let request = reqwest::Client::new().get(&server.url).header("origin", "http://evil.example");
    assert_eq!(Reply::of(request).await.status, 200);
    let line = server.wait_for("refused a page of this origin");
    assert!(line.contains("ALLOWED_ORIGINS") && line.contains("evil.example"), "{line}");
}
