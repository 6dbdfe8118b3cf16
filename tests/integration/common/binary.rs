//! The program itself, as an operator starts it.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

const BOUND: Duration = Duration::from_secs(20);

pub struct Binary {
    child: Child,
    lines: Receiver<String>,
    pub url: String,
    /// What it wrote before it served.
    pub introduction: Vec<String>,
}

/// The program with a clean environment, in `folder`.
pub fn nexus(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexus"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

/// Runs the program to its end, which must come by itself; one that goes on is killed and has no exit code.
pub fn refused(command: &mut Command) -> Output {
    bounded(command, BOUND)
}

/// The same for any program, and with it all that it has started.
pub fn bounded(command: &mut Command, bound: Duration) -> Output {
    let child = command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let group = format!("-{}", child.id());
    let (ended, end) = channel::<()>();
    let watch = thread::spawn(move || {
        if end.recv_timeout(bound) == Err(RecvTimeoutError::Timeout) {
            Command::new("kill").args(["-KILL", "--", &group]).status().unwrap();
        }
    });
    let output = child.wait_with_output().unwrap();
    drop(ended);
    watch.join().unwrap();
    output
}

impl Binary {
    /// Starts a server in a folder of its own; the folder must outlive it.
    pub fn start(folder: &TempDir, flags: &[&str]) -> Self {
        Self::spawn(nexus(folder.path()).args(["--port", "0"]).args(flags))
    }

    /// Waits until it says that it serves.
    pub fn spawn(command: &mut Command) -> Self {
        let mut binary = Self::launch(command);
        let last = binary.wait_for("serves on http://");
        let (_, address) = last.split_once("http://").unwrap();
        let address: String = address.chars().take_while(|c| c.is_ascii_hexdigit() || ".:[]".contains(*c)).collect();
        binary.url = format!("http://{address}");
        binary
    }

    /// Does not wait for anything.
    pub fn launch(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines, url: String::new(), introduction: Vec::new() }
    }

    /// Reads lines up to one with `text`.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) -> String {
        loop {
            let line =
                self.lines.recv_timeout(BOUND).unwrap_or_else(|_| panic!("no {text:?} in {:#?}", self.introduction));
            self.introduction.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Sends a signal, such as `-STOP`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Ends it as a crash does, by SIGKILL, and returns once nothing of it is left.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// All that it has still written, once its end has come by itself.
    pub fn rest(&mut self) -> String {
        let lines: Vec<_> = std::iter::from_fn(|| self.lines.recv_timeout(BOUND).ok()).collect();
        self.child.wait().unwrap();
        lines.join("\n")
    }

    /// The exit code, which must come by itself.
    pub fn exit_code(&mut self) -> Option<i32> {
        // The reader of its output sees the end first; then waiting is short.
        while self.lines.recv_timeout(BOUND).is_ok() {}
        self.child.wait().unwrap().code()
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
