//! `nexus watch` on a pipe.

use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use super::Keyring;
use super::started::lines_of;

const BOUND: Duration = Duration::from_secs(40);

pub struct Watching {
    child: Child,
    lines: Receiver<String>,
    told: Receiver<String>,
}

impl Watching {
    /// Watches the key `alice`, and waits until it hears.
    pub fn start(keyring: &Keyring, server: &str, words: &[&str]) -> Self {
        let mut command = keyring.nexus(&["watch", "--key", "alice", "--server", server]);
        let mut child = command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        let told = lines_of(child.stderr.take().unwrap());
        let watching = Self { child, lines, told };
        assert_eq!(watching.next()["event"], "connection_state");
        watching
    }

    /// The next line that it prints.
    #[track_caller]
    pub fn next(&self) -> Value {
        serde_json::from_str(&self.lines.recv_timeout(BOUND).expect("a line within the bound")).unwrap()
    }

    /// The next line that is no state of the connection.
    #[track_caller]
    pub fn event(&self) -> Value {
        loop {
            let event = self.next();
            if event["event"] != "connection_state" {
                return event;
            }
        }
    }

    /// Waits until it tells something with these words.
    #[track_caller]
    pub fn told(&self, words: &str) {
        loop {
            if self.told.recv_timeout(BOUND).unwrap_or_else(|_| panic!("nobody tells {words:?}")).contains(words) {
                return;
            }
        }
    }

    pub fn interrupt(&self) {
        assert!(Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap().success());
    }

    /// The exit code, which must come by itself; what it told last.
    pub fn end(&mut self) -> Option<i32> {
        // The reader of its output sees the end first; then waiting is short.
        while self.told.recv_timeout(BOUND).is_ok() {}
        self.child.wait().unwrap().code()
    }

    /// Reads nothing of its output any more.
    pub fn turn_away(&mut self) {
        let (_, nothing) = channel();
        self.lines = nothing;
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
