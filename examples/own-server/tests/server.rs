//! The server, as its users meet it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

const BOUND: Duration = Duration::from_secs(20);

struct Server {
    child: Child,
    lines: Receiver<String>,
    address: String,
    _folder: Folder,
}

/// A folder that is gone with the test.
struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Server {
    fn start(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("own-server-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_own-server"))
            .args(["--port", "0"])
            .current_dir(&folder)
            .env_clear()
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut server = Self { child, lines, address: String::new(), _folder: Folder(folder) };
        let line = server.wait_for("serves on http://");
        line.rsplit("http://").next().unwrap().trim().clone_into(&mut server.address);
        server
    }

    /// Reads its log up to a line with `text`.
    fn wait_for(&self, text: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(BOUND).unwrap_or_else(|_| panic!("no {text:?} in the log"));
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The whole answer to a request.
    fn ask(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(BOUND)).unwrap();
        let length = body.len();
        write!(
            stream,
            "{head} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}",
            self.address
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn execute(&self, command: &str) -> String {
        self.ask("POST /api/v1/commands/execute", &format!("{{\"command\": \"{command}\"}}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn its_commands_stand_beside_those_of_nexus_and_share_what_was_provided() {
    let server = Server::start("commands");
    assert!(server.execute("/greet Ada").contains("Hello, Ada!"));
    assert!(server.execute("/greet Ada --language chinese").contains("你好，Ada！"));
    assert!(server.ask("GET /api/v1/guests", "").contains(r#"{"name":"Ada","times":2}"#));
    assert!(server.execute("/ping").contains("pong"));
    let catalogue = server.ask("GET /api/v1/commands", "");
    assert!(catalogue.contains(r#""name":"greet""#) && catalogue.contains(r#""name":"ping""#));
}

#[test]
fn its_middleware_sees_every_run() {
    let server = Server::start("middleware");
    server.execute("/greet Ada");
    server.wait_for("/greet took");
}

#[test]
fn its_commands_are_subcommands_of_the_program() {
    let run = |words: &[&str]| Command::new(env!("CARGO_BIN_EXE_own-server")).args(words).output().unwrap();
    let greeted = run(&["greet", "Ada"]);
    assert_eq!(String::from_utf8_lossy(&greeted.stdout), "Hello, Ada!\n");
    assert!(String::from_utf8_lossy(&run(&["greet", "--help"]).stdout).contains("In which language"));
    assert_eq!(run(&["greet"]).status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&run(&["--version"]).stdout), "own-server 0.0.0\n");
    let script = String::from_utf8_lossy(&run(&["completions", "bash"]).stdout).into_owned();
    assert!(script.contains("-o default own-server"), "{script}");
}
