//! `nexus watch`: the stream of a key, on a pipe and on a terminal, through what breaks it.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::keyring::script;
use crate::common::watching::Watching;
use crate::common::{Binary, EXECUTE, Keyring, Reply, alice};

/// A server, the key of alice, and a port that stays.
struct Scene {
    keyring: Keyring,
    folder: TempDir,
    server: Binary,
}

impl Scene {
    fn new(flags: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let server = Binary::start(&folder, flags);
        Self { keyring: Keyring::of("alice", &alice()), folder, server }
    }

    fn watch(&self, words: &[&str]) -> Watching {
        Watching::start(&self.keyring, &self.server.url, words)
    }

    /// Starts another server in the place of the one that was ended, with these flags.
    fn restart(&mut self, flags: &[&str]) {
        let port = self.server.url.rsplit(':').next().unwrap().to_owned();
        let mut program = crate::common::binary::nexus(self.folder.path());
        self.server = Binary::spawn(program.args(["--port", &port]).args(flags));
    }

    /// Ends the server, and expects to be told what happens before the stream is held again.
    async fn expect_what_happens_meanwhile(&mut self, watching: &Watching) {
        self.server.kill();
        watching.told("the stream broke");
        self.restart(&[]);
        self.run("/echo meanwhile").await;
        watching.told("connected again; nothing is missing");
        assert_eq!(watching.event()["data"]["command"], "/echo meanwhile");
    }

    async fn run(&self, command: &str) -> Value {
        let body = json!({ "command": command, "auth": alice().bare(command) });
        Reply::of(reqwest::Client::new().post(format!("{}{EXECUTE}", self.server.url)).json(&body)).await.json()
    }
}

#[tokio::test]
async fn a_watch_survives_a_crash_of_the_server_and_misses_nothing() {
    let mut scene = Scene::new(&[]);
    scene.run("/echo before").await;
    let watching = scene.watch(&["--after", "0"]);
    let before = watching.event();
    assert_eq!((&before["event"], &before["data"]["command"]), (&json!("command_result"), &json!("/echo before")));
    assert!(before["id"].is_string() && before["data"]["result"]["message"] == "before", "{before}");
    scene.expect_what_happens_meanwhile(&watching).await;
    scene.run("/echo after").await;
    assert_eq!(watching.event()["data"]["command"], "/echo after");
}

#[tokio::test]
async fn what_comes_while_it_is_away_is_told_also_where_nothing_had_come_before() {
    let mut scene = Scene::new(&[]);
    scene.run("/echo before").await;
    let watching = scene.watch(&[]);
    scene.expect_what_happens_meanwhile(&watching).await;
}

#[tokio::test]
async fn what_cannot_be_told_any_more_is_a_gap_and_a_lost_ticket_is_got_anew() {
    let mut scene = Scene::new(&[]);
    scene.run("/echo before").await;
    let watching = scene.watch(&["--after", "0"]);
    watching.event();
    scene.server.kill();
    scene.restart(&["--data", "another"]);
    let gap = watching.event();
    assert_eq!((&gap["event"], &gap["data"]["reason"]), (&json!("stream_gap"), &json!("unknown_id")));
    watching.told("a gap: some events are missing");
    scene.run("/echo after").await;
    assert_eq!(watching.event()["data"]["command"], "/echo after");
}

#[tokio::test]
async fn a_server_that_is_silent_is_left() {
    let scene = Scene::new(&["--keepalive", "1"]);
    let watching = scene.watch(&["--after", "0"]);
    scene.server.signal("-STOP");
    watching.told("not even a keepalive comes");
    scene.server.signal("-CONT");
    watching.told("connected again");
    scene.run("/echo after").await;
    assert_eq!(watching.event()["data"]["command"], "/echo after");
}

#[tokio::test]
async fn it_ends_when_it_is_interrupted_or_nobody_reads() {
    let scene = Scene::new(&[]);
    let mut watching = scene.watch(&[]);
    watching.interrupt();
    assert_eq!(watching.end(), Some(130));
    let mut watching = scene.watch(&[]);
    watching.turn_away();
    // The first may still fit into the pipe.
    scene.run("/echo one").await;
    scene.run("/echo two").await;
    assert_eq!(watching.end(), Some(0));
}

#[tokio::test]
async fn on_a_terminal_each_event_is_a_line_that_cannot_play_with_it() {
    let scene = Scene::new(&[]);
    scene.run("/echo 'good morning'").await;
    scene.run("/identity delete").await;
    scene.run("/echo \u{9b}31mlast").await;
    let shown = |no_color: &str| {
        let words = ["watch", "--key", "alice", "--server", &scene.server.url, "--after", "0", "--keys", "keys"];
        let mut script = script("watched.py");
        script.arg("last").arg(env!("CARGO_BIN_EXE_nexus")).args(words).args(["--passphrase-file", "passphrase"]);
        Keyring::expect(script.current_dir(scene.keyring.folder.path()).env("NO_COLOR", no_color), 130).0
    };
    let plain = shown("1");
    for expected in
        ["  ✓  /echo 'good morning'  good morning", "  ✗  /identity delete  not_found  There is no identity"]
    {
        assert!(plain.contains(expected), "{expected:?} is not in {plain}");
    }
    assert!(!plain.contains('\u{1b}') && !plain.contains('\u{9b}'), "{plain:?}");
    assert!(shown("").contains("\u{1b}[32m✓\u{1b}[0m"));
}

#[test]
fn what_keeps_it_from_beginning_is_told_at_once() {
    let scene = Scene::new(&[]);
    let server = ["--server", &scene.server.url];
    scene.keyring.fail(&["watch", "--key", "alise", server[0], server[1]], &["Did you mean alice?"]);
    scene.keyring.fail(&["watch", "--key", "alice", "--server", "http://127.0.0.1:9"], &["No answer from"]);
    let elsewhere = Scene::new(&["--env", "production", "--public-origins", "https://cmd.example.com"]);
    let words = ["watch", "--key", "alice", "--server", &elsewhere.server.url];
    scene.keyring.fail(&words, &["says that it is https://cmd.example.com", "--audience https://cmd.example.com"]);
}
