//! The clients in `examples/`, as a stranger runs them.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use serde_json::Value;
use tempfile::TempDir;

use crate::common::binary::{bounded, nexus};
use crate::common::document::matches;
use crate::common::tool::{node, python, succeed};
use crate::common::{Binary, project};

const BOUND: std::time::Duration = std::time::Duration::from_mins(1);

/// The clients, and what each says that does all it can.
const CLIENTS: [(&str, &str); 3] = [("client.py", TOUR), ("client.mjs", TOUR), ("client.sh", SHORT_TOUR)];

const TOUR: &str = "Identity created: 0x…
Signed in until …Z
The stream is open; authenticated: …rue
The stream tells: good morning good morning
Signed out
";

/// `nexus sign` signs requests, and no message to sign in with.
const SHORT_TOUR: &str = "Identity created: 0x…
The stream is open; authenticated: true
The stream tells: good morning good morning
";

/// A client at work, with a key of its own in `folder`.
fn client(example: &str, folder: &TempDir, server: &str) -> Command {
    let mut command = match example.rsplit_once('.') {
        Some((_, "py")) => python(),
        Some((_, "mjs")) => node(),
        _ => shell(folder),
    };
    command.arg(project("examples").join(example)).current_dir(folder.path()).env("NEXUS_SERVER", server);
    command
}

/// With the program in the path, and nobody to ask for a passphrase.
fn shell(folder: &TempDir) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_nexus")).parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap();
    let path = env::join_paths([program].into_iter().chain(env::split_paths(&path))).unwrap();
    fs::write(folder.path().join("passphrase"), "correct horse battery staple").unwrap();
    let mut bash = Command::new("bash");
    bash.env("PATH", path).env("NEXUS_KEYS", "keys").env("NEXUS_PASSPHRASE_FILE", "passphrase");
    bash
}

/// A server in production on `127.<number of this process>`, so that it can be told its public origin before it has a port.
fn production(folder: &TempDir) -> Binary {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    let host = format!("127.{}.{middle}.{low}", 64 | high);
    let origin = format!("http://{host}:7317");
    let flags = ["--env", "production", "--host", &host, "--port", "7317", "--public-origins", &origin];
    Binary::spawn(nexus(folder.path()).args(flags))
}

#[track_caller]
fn goes_its_way(server: &Binary) {
    for (example, tour) in CLIENTS {
        let folder = TempDir::new().unwrap();
        let output = bounded(&mut client(example, &folder, &server.url), BOUND);
        let said = String::from_utf8(output.stdout).unwrap();
        let complained = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && matches(&said, tour), "{example}: {said}{complained}");
    }
}

#[test]
fn every_client_goes_its_way_in_development() {
    let folder = TempDir::new().unwrap();
    goes_its_way(&Binary::start(&folder, &[]));
}

#[test]
fn every_client_goes_its_way_in_production() {
    let folder = TempDir::new().unwrap();
    goes_its_way(&production(&folder));
}

#[test]
fn every_client_signs_for_curl() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &["--legacy-signatures", "off"]);
    for example in ["client.py", "client.mjs"] {
        let folder = TempDir::new().unwrap();
        let sign = |words: &[&str]| succeed(client(example, &folder, &server.url).args(words)).trim().to_owned();
        let curl = |path: &str, flags: &[&str]| -> Value {
            let answer = succeed(Command::new("curl").arg("-s").args(flags).arg(format!("{}{path}", server.url)));
            serde_json::from_str(&answer).unwrap()
        };
        let (kind, body) = ("content-type: application/json", sign(&["/whoami"]));
        let answer = curl("/api/v1/commands/execute", &["-H", kind, "--data", &body]);
        assert!(answer["message"].as_str().unwrap().starts_with("You are 0x"), "{example}: {answer}");
        let proof = format!("authorization: {}", sign(&["GET", "/api/v1/runs?limit=1"]));
        let list = curl("/api/v1/runs?limit=1", &["-H", &proof]);
        assert_eq!(list["runs"][0]["run_id"], answer["run_id"], "{example}: {list}");
        assert_eq!(fs::read_to_string(folder.path().join("alice.key")).unwrap().trim().len(), 66);
    }
}

#[test]
fn a_client_that_is_refused_says_why_and_fails() {
    let folder = TempDir::new().unwrap();
    let server = Binary::start(&folder, &["--public-origins", "http://localhost"]);
    for (example, _) in CLIENTS {
        let folder = TempDir::new().unwrap();
        let output = bounded(&mut client(example, &folder, &server.url), BOUND);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("audience_mismatch"), "{example}: {said}");
    }
}
