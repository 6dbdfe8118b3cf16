//! A server at work, with everything written down that it does to its folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::disk::Files;
use super::journal::{self, Entry};
use crate::common::binary::nexus;
use crate::common::tool::succeed;
use crate::common::{Binary, EXECUTE, Wallet, project};

/// How many send commands at once: what queues up together shares a sync.
const WRITERS: u8 = 6;
const BOUND: Duration = Duration::from_secs(20);

pub struct Recording {
    pub journal: Vec<Entry>,
    pub acknowledged: Vec<Acknowledged>,
    /// What there was in the end.
    pub files: Files,
}

/// A result that a client was told.
pub struct Acknowledged {
    pub run: String,
    pub message: String,
    /// How long the journal was when it had been told.
    pub journal: u64,
}

/// Three lives of a server in one folder: the first is ended in the middle of its work, the second goes on with what is
/// left and is long enough for the log to be written back into the file while it works, the third begins after an orderly end.
pub async fn record(durability: &str) -> Recording {
    let recorder = Recorder::new(durability);
    let mut acknowledged = Vec::new();
    for (entries, commands, exit_code) in [(Some(500), 1000, None), (None, 60, Some(0)), (None, 6, Some(0))] {
        let mut server = recorder.start(entries);
        let told = recorder.work(&server.url, commands).await;
        if exit_code.is_some() {
            assert_eq!(told.len(), usize::from(WRITERS) * commands, "every command is answered");
            server.terminate();
        }
        assert_eq!(server.exit_code(), exit_code);
        acknowledged.extend(told);
    }
    Recording { journal: journal::read(&recorder.journal()), acknowledged, files: recorder.files() }
}

struct Recorder {
    durability: String,
    /// The folder that is watched; the server makes its own in it.
    watched: TempDir,
    /// The library and the journal.
    tools: TempDir,
}

impl Recorder {
    fn new(durability: &str) -> Self {
        let (watched, tools) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let recorder = Self { durability: durability.to_owned(), watched, tools };
        let flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o"];
        succeed(Command::new("cc").args(flags).arg(recorder.library()).arg(project("tests/power/record.c")));
        recorder
    }

    fn library(&self) -> PathBuf {
        self.tools.path().join("record.so")
    }

    fn journal(&self) -> PathBuf {
        self.tools.path().join("journal")
    }

    /// Starts a server that dies after so many entries, if a number is given.
    fn start(&self, entries: Option<u32>) -> Binary {
        // Open files are known by their real paths.
        let watched = self.watched.path().canonicalize().unwrap();
        let mut command = nexus(&watched);
        command.args(["--port", "0", "--durability", &self.durability, "--data"]).arg(watched.join("data"));
        command.env("LD_PRELOAD", self.library()).env("RECORD_FOLDER", watched).env("RECORD_JOURNAL", self.journal());
        Binary::spawn(command.envs(entries.map(|entries| ("RECORD_ENTRIES", entries.to_string()))))
    }

    /// Sends signed commands from several tasks, so many each unless the server ends before.
    async fn work(&self, url: &str, commands: usize) -> Vec<Acknowledged> {
        let client = Client::builder().timeout(BOUND).build().unwrap();
        let journal: Arc<Path> = self.journal().into();
        let writers: Vec<_> = (1..=WRITERS)
            .map(|writer| {
                let (client, url, journal) = (client.clone(), format!("{url}{EXECUTE}"), Arc::clone(&journal));
                tokio::spawn(async move {
                    let mut told = Vec::new();
                    for body in bodies(writer).iter().cycle().take(commands) {
                        let Some(answer) = send(&client, &url, body).await else { break };
                        let text = |member: &str| answer[member].as_str().expect(member).to_owned();
                        let journal = fs::metadata(&journal).unwrap().len();
                        told.push(Acknowledged { run: text("run_id"), message: text("message"), journal });
                    }
                    told
                })
            })
            .collect();
        let mut acknowledged = Vec::new();
        for writer in writers {
            acknowledged.extend(writer.await.unwrap());
        }
        acknowledged
    }

    fn files(&self) -> Files {
        let names = fs::read_dir(self.watched.path().join("data")).unwrap();
        let names = names.map(|file| format!("data/{}", file.unwrap().file_name().to_str().unwrap()));
        let recorded = names.filter(|name| !name.ends_with("-shm"));
        recorded.map(|name| (name.clone(), fs::read(self.watched.path().join(name)).unwrap())).collect()
    }
}

/// What a writer sends in turn: results that fill a part of a page and several pages, and records that come and go.
fn bodies(writer: u8) -> Vec<Value> {
    let wallet = Wallet::of_byte(writer);
    let long = "0123456789".repeat(90);
    let commands = [
        format!("/echo {writer}"),
        format!("/echo --times 10 {writer} {long}"),
        "/identity".to_owned(),
        format!("/echo --times 2 {writer} {long}"),
        "/identity/delete".to_owned(),
    ];
    commands.map(|command| json!({ "command": command, "auth": wallet.bare(&command) })).into()
}

/// The answer of a command that ran, or none when the server has ended.
async fn send(client: &Client, url: &str, body: &Value) -> Option<Value> {
    let response = client.post(url).json(body).send().await.ok()?;
    assert_eq!(response.status(), 200);
    response.json().await.ok()
}
