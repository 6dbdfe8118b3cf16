//! The program from its start to its end.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::binary::{nexus, refused};
use crate::common::stream::Stream;
use crate::common::{Binary, EXECUTE, Reply, alice, project};

#[test]
fn it_tells_its_commands_what_is_open_and_its_address() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &[]);
    let said = server.introduction.join("\n");
    let count = fs::read_dir(project("commands")).unwrap().count();
    for expected in [
        "Registered command: ping from commands/ping.rs",
        "Registered command: identity from commands/identity.rs",
        &format!("{count} commands"),
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

#[test]
fn a_healthcheck_ends_with_0_when_all_is_well_and_with_1_when_not() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &[]);
    let port = server.url.rsplit(':').next().unwrap().to_owned();
    let check = || refused(nexus(folder.path()).args(["--healthcheck", "--port", &port]));
    assert_eq!(check().status.code(), Some(0));
    fs::remove_file(folder.path().join("data/nexus.db")).unwrap();
    let output = check();
    // The last check may be repeated for a second; then the missing file is noticed.
    let output = if output.status.success() { wait_until_fails(check) } else { output };
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("503"));
    drop(server);
    let output = check();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no answer"));
}

fn wait_until_fails(check: impl Fn() -> std::process::Output) -> std::process::Output {
    let bound = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let output = check();
        if !output.status.success() || std::time::Instant::now() > bound {
            return output;
        }
    }
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

/// A server that has one request whose body does not come.
fn kept_waiting(folder: &TempDir) -> (Binary, std::net::TcpStream) {
    use std::io::Write;
    let server = Binary::start(folder, &[]);
    let mut socket = std::net::TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
    let head = format!(
        "POST {EXECUTE} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n\
         content-length: 9\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).unwrap();
    // That the body is asked for tells that the request has begun.
    let mut asked = [0; 12];
    std::io::Read::read_exact(&mut socket, &mut asked).unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100");
    (server, socket)
}

#[test]
fn a_client_that_keeps_the_server_waiting_is_cut_off() {
    let folder = TempDir::new().unwrap();
    let (mut server, _socket) = kept_waiting(&folder);
    server.terminate();
    server.wait_for("their connections are cut");
    assert_eq!(server.exit_code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = TempDir::new().unwrap();
    let (mut server, _socket) = kept_waiting(&folder);
    server.terminate();
    server.wait_for("a second signal ends at once");
    server.terminate();
    assert_eq!(server.exit_code(), Some(130));
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
    assert!(line.contains("ALLOWED_ORIGINS") && line.contains("http://evil.example"), "{line}");
}

#[tokio::test]
async fn each_request_is_one_line_without_anything_that_the_client_wrote() {
    const CANARY: &str = "canary-4f1b";
    let folder = TempDir::new().unwrap();
    let mut server = Binary::start(&folder, &["--log-format", "json", "--log", "debug"]);
    let client = reqwest::Client::new();
    let execute = |body: Value| client.post(format!("{}{EXECUTE}", server.url)).json(&body);
    let command = format!("/echo {CANARY}");
    let requests = [
        execute(json!({ "command": &command, "auth": alice().bare(&command) })),
        execute(json!({ "command": format!("/{CANARY}") })),
        client.get(format!("{}/api/v1/commands/ping?{CANARY}", server.url)),
        client.get(format!("{}/{CANARY}", server.url)),
        client.request(CANARY.parse().unwrap(), format!("{}/livez", server.url)),
    ];
    let mut lines = Vec::new();
    let mut run_ids = Vec::new();
    for request in requests {
        let reply = Reply::of(request.header("x-note", CANARY).bearer_auth("")).await;
        run_ids.push(reply.json().get("run_id").cloned());
        lines.push(server.wait_for("\"message\":\"request\""));
    }
    assert!(!server.introduction.join("\n").contains(CANARY), "{:#?}", server.introduction);
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = [
        ("POST", "/api/v1/commands/execute", 200, None),
        ("POST", "/api/v1/commands/execute", 404, Some("unknown_command")),
        ("GET", "/api/v1/commands/{name}", 200, None),
        ("GET", "-", 404, Some("not_found")),
        ("-", "/livez", 405, Some("method_not_allowed")),
    ];
    for ((line, (method, route, status, code)), run_id) in lines.iter().zip(expected).zip(run_ids) {
        assert_eq!((line["method"].as_str(), line["route"].as_str()), (Some(method), Some(route)), "{line}");
        assert_eq!((line["status"].as_u64(), line.get("code").and_then(Value::as_str)), (Some(status), code), "{line}");
        assert_eq!(line.get("run_id"), run_id.filter(|_| route.ends_with("execute")).as_ref(), "{line}");
        assert!(line["ms"].as_f64().unwrap() > 0.0);
    }
}

#[tokio::test]
async fn connections_beyond_what_the_system_allows_are_refused_and_told() {
    let folder = TempDir::new().unwrap();
    let mut program = std::process::Command::new("sh");
    program.args(["-c", "ulimit -n 160 && exec \"$0\" --port 0", env!("CARGO_BIN_EXE_nexus")]);
    let server = Binary::spawn(program.current_dir(folder.path()).env_clear());
    let said = server.introduction.join("\n");
    assert!(said.contains("32 connections at once and not 16384") && said.contains("ulimit -n"), "{said}");
    let address = server.url.trim_start_matches("http://").to_owned();
    let idle: Vec<_> = (0..40).map(|_| std::net::TcpStream::connect(&address).unwrap()).collect();
    let reply = reqwest::get(format!("{}/livez", server.url)).await.unwrap();
    assert_eq!(reply.status().as_u16(), 503);
    drop(idle);
}

#[test]
fn the_operator_says_how_long_running_commands_have_to_end() {
    let folder = TempDir::new().unwrap();
    let mut server = Binary::start(&folder, &["--drain", "7"]);
    server.terminate();
    server.wait_for("running commands have 7 s to end");
    assert_eq!(server.exit_code(), Some(0));
}
