//! Servers on one core, load on another, and what comes of them.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{self, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{ROUNDS, SPELL};

const SERVER_CORE: &str = "0";
pub const LOAD_CORE: &str = "1";
/// How long a process may take to say what is expected of it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A process on the server's core; it ends when dropped.
pub struct Child {
    process: process::Child,
    folder: TempDir,
    pub address: String,
}

impl Child {
    /// The server, its log in a file.
    pub fn nexus(flags: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut child = Self::start(&[&["serve", "--port", "0", "--data", "data"], flags].concat(), folder);
        child.address = child.says("serves on http://");
        child
    }

    pub fn bare() -> Self {
        let mut child = Self::start(&["bare"], TempDir::new().unwrap());
        child.address = child.says("serves on http://");
        child
    }

    /// What this program says that it does a second when it is started with `word`.
    pub fn rate(word: &str) -> f64 {
        Self::start(&[word], TempDir::new().unwrap()).says("a second: ").parse().unwrap()
    }

    fn start(words: &[&str], folder: TempDir) -> Self {
        Self::of(&std::env::current_exe().unwrap(), words, folder)
    }

    /// This program in another part, on the core of the load.
    pub fn load(words: &[&str]) -> Self {
        Self::on(LOAD_CORE, &std::env::current_exe().unwrap(), words, TempDir::new().unwrap())
    }

    /// Another program, which has no address yet.
    pub fn of(program: &Path, words: &[&str], folder: TempDir) -> Self {
        Self::on(SERVER_CORE, program, words, folder)
    }

    fn on(core: &str, program: &Path, words: &[&str], folder: TempDir) -> Self {
        let output = File::create(folder.path().join("output")).unwrap();
        let mut command = Command::new("taskset");
        command.args(["-c", core]).arg(program).args(words);
        command.current_dir(folder.path()).env_clear().stdin(Stdio::null());
        command.stdout(output.try_clone().unwrap()).stderr(output);
        Self { process: command.spawn().expect("taskset is installed"), folder, address: String::new() }
    }

    /// What stands in its output after `text`.
    pub fn says(&mut self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            let output = fs::read_to_string(self.folder.path().join("output")).unwrap();
            if let Some((_, rest)) = output.split_once(text)
                && let Some((word, _)) = rest.split_once('\n')
            {
                return word.to_owned();
            }
            let is_there = self.process.try_wait().unwrap().is_none() && begun.elapsed() < PATIENCE;
            assert!(is_there, "it does not say {text:?}: {output}");
            thread::sleep(Duration::from_micros(200));
        }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it has in memory, in KiB.
    pub fn resident(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        resident.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Asks once and expects an answer.
    pub fn answers(&self, path: &str) {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        write!(socket, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// For a program that cannot say which port it got. The moment in which another may take this one is short.
pub fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Requests by `wrk`.
pub struct Load {
    path: &'static str,
    /// What is posted, in turn.
    bodies: Vec<String>,
    connections: &'static str,
    /// Whether each body is good for one request.
    once: bool,
}

impl Load {
    pub fn get(path: &'static str) -> Self {
        Self { path, bodies: Vec::new(), connections: "64", once: false }
    }

    /// Posts the bodies in turn, each of which is one line.
    pub fn post(path: &'static str, bodies: Vec<String>) -> Self {
        Self { bodies, ..Self::get(path) }
    }

    /// Posts each body at most once.
    pub fn post_once(path: &'static str, bodies: Vec<String>) -> Self {
        Self { once: true, ..Self::post(path, bodies) }
    }

    pub fn by(self, connections: &'static str) -> Self {
        Self { connections, ..self }
    }

    /// Answers a second. Ends the measurement when one is no success.
    pub fn on(&self, child: &Child) -> f64 {
        let folder = TempDir::new().unwrap();
        let script = folder.path().join("load.lua");
        fs::write(folder.path().join("bodies"), self.bodies.join("\n")).unwrap();
        fs::write(&script, if self.bodies.is_empty() { "" } else { POST }).unwrap();
        let output = Command::new("taskset")
            .args(["-c", LOAD_CORE, "wrk", "--threads", "1", "--connections", self.connections])
            .arg(format!("--duration={}s", SPELL.as_secs()))
            .arg(format!("--script={}", script.display()))
            .arg(format!("http://{}{}", child.address, self.path))
            .current_dir(folder.path())
            .output()
            .expect("wrk is installed");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(!text.contains("Non-2xx") && !text.contains("Socket errors"), "{text}");
        let rate = text.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
        let rate = rate.unwrap_or_else(|| panic!("{text} {}", String::from_utf8_lossy(&output.stderr)));
        assert!(!self.once || !text.contains("again"), "the load ran out of bodies");
        rate.trim().parse().unwrap()
    }
}

const POST: &str = "
    local requests, turn = {}, 0
    local headers = { ['Content-Type'] = 'application/json' }
    function init()
        for body in io.lines('bodies') do table.insert(requests, wrk.format('POST', nil, headers, body)) end
    end
    function request()
        if turn == #requests then turn = 0; print('again') end
        turn = turn + 1
        return requests[turn]
    end
";

/// Both in turn, several times: their medians, and the median of their ratios.
pub fn in_turn(mut ours: impl FnMut() -> f64, mut beside: impl FnMut() -> f64) -> (f64, f64, f64) {
    let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (ours(), beside())).collect();
    medians(&rounds)
}

/// The median of each side, and of the ratios.
pub fn medians(rounds: &[(f64, f64)]) -> (f64, f64, f64) {
    let each = |of: fn(&(f64, f64)) -> f64| median(rounds.iter().map(of).collect());
    (each(|round| round.0), each(|round| round.1), each(|round| round.0 / round.1))
}

pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
