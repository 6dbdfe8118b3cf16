//! Servers with many streams, and the process that holds these.

use std::io::{BufRead, BufReader};
use std::process::{self, ChildStdin, ChildStdout, Command, Stdio};

use crate::dialect::Dialect;
use crate::load::{Child, LOAD_CORE};
use crate::nchan;

/// Whether the system lets a process hold so many, and some more; says so if not.
pub fn are_allowed(streams: usize) -> bool {
    const OTHERS: u64 = 500;
    let (_, files) = rlimit::getrlimit(rlimit::Resource::NOFILE).unwrap();
    let are_allowed = streams as u64 + OTHERS <= files;
    if !are_allowed {
        println!("{streams} streams need more open files than the {files} of `ulimit -Hn`");
    }
    are_allowed
}

/// A server that lets one machine hold as many streams as there can be.
pub fn serve(dialect: Dialect) -> Child {
    let (_, files) = rlimit::getrlimit(rlimit::Resource::NOFILE).unwrap();
    match dialect {
        Dialect::Nchan => nchan::start(files),
        Dialect::Nexus => {
            let most = files.to_string();
            let limits = ["streams", "streams-per-key", "streams-per-peer", "anonymous-streams", "connections"];
            let flags: Vec<String> = limits.iter().map(|limit| format!("--max-{limit}={most}")).collect();
            let mut flags: Vec<&str> = flags.iter().map(String::as_str).collect();
            flags.extend(["--log", crate::QUIET, "--anonymous-streams", "full"]);
            Child::nexus(&flags)
        }
    }
}

/// All readers, in one process on the core of the load.
pub struct Readers {
    process: process::Child,
    said: BufReader<ChildStdout>,
    _listens: ChildStdin,
}

impl Readers {
    /// Waits until all streams have begun. `what` they do then is `hold` or `publish`.
    pub fn gather(dialect: Dialect, server: &Child, keys: usize, streams: usize, what: &str) -> Self {
        let mut command = Command::new("taskset");
        command.args(["-c", LOAD_CORE]).arg(std::env::current_exe().unwrap()).args(["readers", &dialect.to_string()]);
        command.args([&server.address, &server.id().to_string(), &keys.to_string(), &streams.to_string(), what]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("taskset is installed");
        let said = BufReader::new(process.stdout.take().unwrap());
        let listens = process.stdin.take().unwrap();
        let mut readers = Self { process, said, _listens: listens };
        readers.line();
        readers
    }

    /// What they say next. They do not wait for anything without a bound, so neither does this.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the readers have ended");
        line
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        // They may have ended by themselves.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
