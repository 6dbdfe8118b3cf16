//! What `scripts/cluster` starts.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::project;
use super::started::lines_of;

/// Nodes, NATS servers and nginx, as processes; they end when it is dropped.
pub struct Topology {
    script: Child,
    told: Receiver<String>,
    /// The line that the script prints.
    pub described: Value,
}

/// Longer than what the script gives to those that it starts, and those that it stops.
const BOUND: Duration = Duration::from_secs(100);

impl Topology {
    /// Waits until all of it takes requests.
    pub fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(project("scripts/cluster"));
        command.arg("--program").arg(env!("CARGO_BIN_EXE_nexus")).args(arguments);
        let mut script = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let told = lines_of(script.stderr.take().unwrap());
        let mut line = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let described = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("it has told nothing but {:#?}", told.iter().collect::<Vec<_>>()));
        Self { script, told, described }
    }

    /// What is told of a process, or a member of that, by its JSON Pointer, such as `/nodes/0/url`.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> &str {
        self.described.pointer(pointer).unwrap().as_str().unwrap()
    }

    /// The ids of all processes but the script and the workers of nginx.
    pub fn processes(&self) -> Vec<u64> {
        let members = ["nats", "nodes"].iter().flat_map(|tier| self.described[tier].as_array().unwrap());
        let members = members.chain(Some(&self.described["nginx"]).filter(|nginx| !nginx.is_null()));
        members.map(|member| member["pid"].as_u64().unwrap()).collect()
    }

    /// Waits until the script tells something with these words.
    #[track_caller]
    pub fn wait_for(&self, words: &str) {
        loop {
            let line = self.told.recv_timeout(BOUND).unwrap_or_else(|_| panic!("nobody tells {words:?}"));
            if line.contains(words) {
                return;
            }
        }
    }

    /// Restarts one by its name, such as `nexus-1`, and returns once it takes requests again. It must have ended well.
    #[track_caller]
    pub fn restart(&mut self, name: &str) {
        writeln!(self.script.stdin.as_mut().unwrap(), "restart {name}").unwrap();
        self.wait_for(&format!("{name} has ended with 0 and is there again"));
    }

    /// Sends the script a signal, such as `-TERM`.
    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.script.id().to_string()]).status().unwrap().success());
    }

    /// Closes the standard input of the script.
    pub fn close(&mut self) {
        drop(self.script.stdin.take());
    }

    /// The exit code of the script, which must end by itself.
    #[track_caller]
    pub fn end(&mut self) -> Option<i32> {
        // The reader of what it tells sees the end first; then waiting is short.
        while self.told.recv_timeout(BOUND).is_ok() {}
        self.script.wait().unwrap().code()
    }
}

/// Whether a process is there; one that waits for its parent to ask for its end is not.
pub fn is_alive(process: u64) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat"));
    status.is_ok_and(|status| !status.rsplit(')').next().unwrap().trim_start().starts_with('Z'))
}

impl Drop for Topology {
    fn drop(&mut self) {
        // It stops what it started; there is nobody else who could.
        self.close();
        while self.told.recv_timeout(BOUND).is_ok() {}
        if thread::panicking() {
            let _ = self.script.kill();
        }
        let _ = self.script.wait();
    }
}
