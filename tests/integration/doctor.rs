//! `nexus doctor`: what keeps a server from its work is found, told with what to do, and not touched.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::Binary;
use crate::common::binary::{nexus, refused};
use crate::common::keyring::script;
use crate::common::middleman::{Manner, middleman, replying};

/// What the doctor said of each thing.
struct Diagnosis {
    code: Option<i32>,
    checks: BTreeMap<String, Value>,
}

impl Diagnosis {
    fn of(folder: &Path, words: &[&str]) -> Self {
        let output = refused(nexus(folder).args(["doctor", "--json"]).args(words));
        let said: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        assert_eq!(output.stderr, b"");
        let checks = said["checks"].as_array().unwrap().iter();
        let checks = checks.map(|check| (check["name"].as_str().unwrap().to_owned(), check.clone())).collect();
        let diagnosis = Self { code: output.status.code(), checks };
        assert_eq!(diagnosis.code, Some(i32::from(said["outcome"] == "failed")), "{said}");
        diagnosis
    }

    /// Expects an outcome and these words.
    #[track_caller]
    fn says(&self, name: &str, outcome: &str, words: &str) -> &Self {
        let check = &self.checks[name];
        assert_eq!(check["outcome"], outcome, "{check}");
        assert!(check["message"].as_str().unwrap().contains(words), "{words:?} is not in {check}");
        assert!(outcome != "failed" || !check["hint"].as_str().unwrap().is_empty(), "{check}");
        self
    }

    #[track_caller]
    fn hint(&self, name: &str) -> &str {
        self.checks[name]["hint"].as_str().unwrap()
    }
}

fn port(url: &str) -> &str {
    url.rsplit(':').next().unwrap()
}

/// A port that is free now, and that nothing else here asks for.
fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap_or_default()))
        .collect()
}

#[test]
fn a_server_that_is_well_passes_every_check() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &["--keepalive", "3"]);
    let words = ["--port", port(&server.url), "--frontend", "http://localhost:5173/some/page?a#b"];
    let diagnosis = Diagnosis::of(folder.path(), &words);
    for name in ["settings", "data", "disk", "database", "bus", "port", "server", "clock", "stream", "frontend"] {
        diagnosis.says(name, "ok", "");
    }
    assert_eq!((diagnosis.code, diagnosis.checks.len()), (Some(0), 10));
    diagnosis.says("database", "ok", "a server holds it").says("bus", "ok", "up to event").says("port", "ok", "nexus");
    diagnosis.says("server", "ok", &server.url).says("stream", "ok", "kept alive after");
}

#[test]
fn before_the_first_start_nothing_is_wrong_and_nothing_is_made() {
    let folder = TempDir::new().unwrap();
    let diagnosis = Diagnosis::of(folder.path(), &["--port", &free_port()]);
    diagnosis
        .says("data", "ok", "is not there yet")
        .says("database", "ok", "no nexus.db yet")
        .says("port", "ok", "is free");
    for name in ["bus", "server", "clock", "stream", "frontend"] {
        diagnosis.says(name, "skipped", "");
    }
    assert_eq!((diagnosis.code, files(folder.path())), (Some(0), BTreeMap::new()));
}

#[test]
fn a_database_that_nobody_holds_is_read_and_left_as_it_was() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    for ends_in_order in [true, false] {
        let mut server = Binary::start(&folder, &[]);
        server.signal(if ends_in_order { "-TERM" } else { "-KILL" });
        server.exit_code();
        let seen = || {
            let mut files = files(&data);
            // The index beside a log that was left is made anew by whoever reads it.
            files.retain(|name, _| ends_in_order || name != "nexus.db-shm");
            files
        };
        let before = seen();
        assert_eq!(before.get("nexus.db-wal").is_some_and(|log| !log.is_empty()), !ends_in_order);
        let diagnosis = Diagnosis::of(folder.path(), &["--port", &free_port()]);
        diagnosis.says("database", "ok", "no server holds it").says("bus", "ok", "can be read");
        assert!(seen() == before);
    }
}

#[test]
fn a_data_folder_that_cannot_be_written_in_is_told() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "of somebody").unwrap();
    for data in ["file", "file/below"] {
        let diagnosis = Diagnosis::of(folder.path(), &["--data", data, "--port", &free_port()]);
        diagnosis.says("data", "failed", "cannot be written in");
        assert!(diagnosis.hint("data").contains("NEXUS_DATA"));
    }
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn a_database_that_is_damaged_is_told_and_not_touched() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let mut server = Binary::start(&folder, &[]);
    server.terminate();
    server.exit_code();
    let whole = fs::read(data.join("nexus.db")).unwrap();
    let mut bitten = whole.clone();
    bitten[4096..].fill(0x5a);
    for bytes in [bitten, b"This is no database. ".repeat(1000)] {
        fs::write(data.join("nexus.db"), &bytes).unwrap();
        let diagnosis = Diagnosis::of(folder.path(), &["--port", &free_port()]);
        diagnosis.says("database", "failed", "").says("data", "ok", "");
        assert!(diagnosis.hint("database").contains("backup"));
        assert!(fs::read(data.join("nexus.db")).unwrap() == bytes);
    }
}

#[test]
fn a_port_that_another_program_holds_is_told() {
    let folder = TempDir::new().unwrap();
    let other = replying(|_, _| "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi".to_owned());
    let diagnosis = Diagnosis::of(folder.path(), &["--port", port(&other)]);
    diagnosis.says("port", "failed", "Another program").says("server", "skipped", "");
    assert!(diagnosis.hint("port").contains("PORT"));
}

#[test]
fn the_line_that_is_told_lets_a_page_call() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &["--keepalive", "3600"]);
    let words = ["--frontend", "https://app.example.com/", "--server", &server.url, "--port", "0"];
    let diagnosis = Diagnosis::of(folder.path(), &words);
    diagnosis.says("frontend", "failed", "https://app.example.com may not");
    let line = diagnosis.hint("frontend").lines().find(|line| line.starts_with("ALLOWED_ORIGINS=")).unwrap();
    assert_eq!(line, "ALLOWED_ORIGINS=http://localhost:5173,http://127.0.0.1:5173,https://app.example.com");
    drop(server);
    fs::write(folder.path().join(".env"), line).unwrap();
    let server = Binary::start(&folder, &["--keepalive", "3600"]);
    for page in ["https://app.example.com", "http://localhost:5173"] {
        let words = ["--frontend", page, "--server", &server.url, "--port", "0"];
        Diagnosis::of(folder.path(), &words).says("frontend", "ok", page).says("stream", "ok", "not waited for");
    }
}

/// What a server answers at `/` whose clock is so many seconds ahead.
fn introduction(own: &str, seconds: i64) -> String {
    let time = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    let body = json!({ "status": "ok", "service": "nexus", "time": time.to_string(), "audience": own }).to_string();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

#[test]
fn a_clock_that_is_off_is_told() {
    let folder = TempDir::new().unwrap();
    for (seconds, outcome, words) in
        [(-60, "failed", "ahead of the server's"), (60, "failed", "behind the server's"), (-20, "warning", "ahead of")]
    {
        let server = replying(move |_, own| introduction(own, seconds));
        let diagnosis = Diagnosis::of(folder.path(), &["--server", &server, "--port", "0"]);
        diagnosis.says("clock", outcome, words).says("server", "ok", "").says("stream", "failed", "no stream");
        assert!(diagnosis.hint("clock").contains("NTP"));
    }
}

#[test]
fn what_holds_a_stream_back_is_told() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &["--keepalive", "1"]);
    for (manner, words, hint) in [
        (Manner::Buffering, "Nothing of the stream comes", "proxy_buffering off"),
        (Manner::Hoarding, "comes late", "proxy_buffering off"),
        (Manner::Impatient, "was cut", "proxy_read_timeout"),
    ] {
        let through = middleman(&server.url, manner);
        let diagnosis = Diagnosis::of(folder.path(), &["--server", &through, "--port", "0"]);
        diagnosis.says("stream", "failed", words).says("clock", "ok", "");
        assert!(diagnosis.hint("stream").contains(hint));
    }
}

#[test]
fn a_stream_that_is_compressed_on_the_way_is_told() {
    let folder = TempDir::new().unwrap();
    let through = replying(|request, own| match request.starts_with("GET / ") {
        true => introduction(own, 0),
        false if !request.contains("accept-encoding: gzip") => "HTTP/1.1 200 OK\r\n\r\n".to_owned(),
        false => "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\n\r\n".to_owned(),
    });
    Diagnosis::of(folder.path(), &["--server", &through, "--port", "0"]).says("stream", "failed", "is compressed");
}

#[test]
fn a_stream_that_must_be_proven_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &["--anonymous-streams", "off"]);
    let diagnosis = Diagnosis::of(folder.path(), &["--server", &server.url, "--port", "0"]);
    diagnosis.says("stream", "skipped", "NEXUS_ANONYMOUS_STREAMS");
    assert_eq!(diagnosis.code, Some(0));
}

#[test]
fn a_server_that_does_not_answer_or_not_by_this_name_is_told() {
    let folder = TempDir::new().unwrap();
    let closed = format!("http://127.0.0.1:{}", free_port());
    let diagnosis = Diagnosis::of(folder.path(), &["--server", &closed, "--port", "0"]);
    diagnosis.says("server", "failed", "No answer").says("stream", "skipped", "needs a server");
    let server = Binary::start(&folder, &["--public-origins", "http://localhost:1", "--keepalive", "3600"]);
    let diagnosis = Diagnosis::of(folder.path(), &["--server", &server.url, "--port", "0"]);
    diagnosis.says("server", "warning", "says that it is http://localhost:1");
    assert!(diagnosis.hint("server").contains("NEXUS_PUBLIC_ORIGINS"));
}

#[test]
fn settings_that_do_not_go_together_are_told_and_the_rest_is_looked_at() {
    let folder = TempDir::new().unwrap();
    let diagnosis = Diagnosis::of(folder.path(), &["--env", "production", "--port", &free_port()]);
    diagnosis.says("settings", "failed", "NEXUS_PUBLIC_ORIGINS").says("port", "ok", "is free");
    let output = refused(nexus(folder.path()).args(["doctor", "--json", "--port", "0"]).env("NEXUS_PROT", "1"));
    assert!(String::from_utf8(output.stdout).unwrap().contains("NEXUS_PROT"));
    let words =
        ["--env", "production", "--public-origins", "https://cmd.example.com", "--trusted-proxies", "0.0.0.0/0"];
    let diagnosis = Diagnosis::of(folder.path(), &[&words[..], &["--port", &free_port()]].concat());
    diagnosis.says("settings", "warning", "every client can choose the address");
}

#[test]
fn it_is_a_line_a_check_for_people_and_colourless_on_a_pipe() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let output = refused(nexus(folder.path()).args(["doctor", "--data", "file", "--port", "0"]));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let marks: String = said.lines().filter_map(|line| line.chars().next()).filter(|mark| *mark != ' ').collect();
    assert_eq!(marks, "✓✗✓✓–✓––––", "{said}");
    assert!(said.contains("\n✗  data       file cannot be written in") && !said.contains('\u{1b}'), "{said}");
    assert!(said.contains("\n              Make it a folder"), "{said}");
}

#[test]
fn on_a_terminal_it_has_colours_unless_they_are_not_wanted() {
    let folder = TempDir::new().unwrap();
    let shown = |no_color: &str| {
        let mut script = script("asked.py");
        script.arg("").arg(env!("CARGO_BIN_EXE_nexus")).args(["doctor", "--port", "0"]);
        String::from_utf8(refused(script.current_dir(folder.path()).env("NO_COLOR", no_color)).stdout).unwrap()
    };
    assert!(shown("").contains("\u{1b}[32m✓\u{1b}[0m  port"));
    assert!(shown("1").contains("✓  port") && !shown("1").contains('\u{1b}'));
}

#[test]
fn words_that_cannot_be_used_are_wrong_usage() {
    let folder = TempDir::new().unwrap();
    for words in [["--frontend", "app.example.com"], ["--server", "https://a/b"], ["--port", "x"], ["--unknown", "x"]] {
        let output = refused(nexus(folder.path()).arg("doctor").args(words));
        assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()), "{words:?}");
    }
}
