//! A program that goes on, and is looked at while it does.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

const BOUND: Duration = Duration::from_secs(40);

pub struct Started {
    child: Child,
    /// What it prints, and what it tells on standard error.
    said: Receiver<String>,
    told: Receiver<String>,
}

/// How it ended: its exit code, and what was left of what it printed and told.
pub struct Ended {
    pub code: Option<i32>,
    pub said: String,
    pub told: String,
}

impl Started {
    pub fn new(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (said, told) = (lines_of(child.stdout.take().unwrap()), lines_of(child.stderr.take().unwrap()));
        Self { child, said, told }
    }

    /// Waits until it tells something with these words.
    #[track_caller]
    pub fn wait_for(&self, words: &str) {
        loop {
            let line = self.told.recv_timeout(BOUND).unwrap_or_else(|_| panic!("nobody tells {words:?}"));
            if line.contains(words) {
                return;
            }
        }
    }

    /// Sends a signal, such as `-INT`.
    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Waits for its end, which must come by itself.
    #[track_caller]
    pub fn end(mut self) -> Ended {
        let [said, told] = [&self.said, &self.told].map(|lines| {
            // The reader of its output sees the end first; then waiting is short.
            let lines: Vec<_> = std::iter::from_fn(|| lines.recv_timeout(BOUND).ok()).collect();
            lines.join("\n")
        });
        Ended { code: self.child.wait().unwrap().code(), said, told }
    }
}

/// Ends when the receiver is gone and a line comes.
pub fn lines_of(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || BufReader::new(pipe).lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    lines
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
