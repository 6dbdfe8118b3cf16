//! What tests share: a real server on a free port with a database of its own, people with keys, and replies to look at.

pub mod binary;
pub mod commands;
pub mod configured;
pub mod copied;
pub mod delivery;
pub mod dice;
pub mod document;
pub mod eventually;
pub mod hook;
pub mod https;
pub mod keyring;
pub mod links;
pub mod log;
pub mod middleman;
pub mod nats;
pub mod nginx;
pub mod ports;
pub mod random;
pub mod runner;
pub mod started;
pub mod statement;
pub mod stream;
pub mod tool;
pub mod topology;
pub mod wallet;
pub mod watching;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use clap::Parser;
use nexus::app::{Additions, App};
use nexus::clock::Clock;
use nexus::command::Registry;
use nexus::config::Engine;
use nexus::database::Database;
use nexus::foundation::Foundation;
use nexus::{http, registration};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use self::binary::Binary;
use self::configured::Flags;
pub use self::keyring::Keyring;
use self::nats::Nats;
pub use self::statement::Statement;
pub use self::stream::Stream;
pub use self::wallet::{Wallet, alice, bob};

/// A server in this process; it ends with the test.
pub struct Server {
    pub app: Arc<App>,
    pub url: String,
    pub client: Client,
    pub data: TempDir,
    /// By how many milliseconds its clock is ahead of ours.
    ahead: &'static AtomicI64,
    /// What everything is kept in, where that is not a database.
    nats: Option<Nats>,
}

impl Server {
    /// With the defaults of development.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With these flags.
    pub async fn with(flags: &[&str]) -> Self {
        Self::over(TempDir::new().unwrap(), flags).await
    }

    /// With these flags, and the database in this folder.
    pub async fn over(data: TempDir, flags: &[&str]) -> Self {
        Self::made_of(data, flags, Additions::default()).await
    }

    /// With the defaults of development, and what a program brings along.
    pub async fn bringing(additions: Additions) -> Self {
        Self::made_of(TempDir::new().unwrap(), &[], additions).await
    }

    /// A node that keeps everything in NATS, with these flags.
    pub async fn on(nats: &Nats, flags: &[&str]) -> Self {
        let (bus, replicas) = (nats.settings().remove(0).1, nats.settings().remove(1).1);
        let flags: Vec<_> =
            ["--bus", &bus, "--nats-replicas", &replicas].into_iter().chain(flags.iter().copied()).collect();
        Self::made_of(TempDir::new().unwrap(), &flags, Additions::default()).await
    }

    async fn made_of(data: TempDir, flags: &[&str], additions: Additions) -> Self {
        let fixed = ["nexus", "--port", "0", "--data", data.path().to_str().unwrap()];
        let nats = if is_clustered() && !flags.contains(&"--bus") { Some(Nats::one().await) } else { None };
        let bus = nats.as_ref().map(|nats| nats.settings().remove(0).1);
        let bus = bus.iter().flat_map(|servers| ["--bus", servers.as_str()]);
        let settings = Flags::parse_from(fixed.iter().chain(flags).copied().chain(bus)).settings;
        let config = settings.check().unwrap();
        let listener = TcpListener::bind(config.address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let ahead: &AtomicI64 = Box::leak(Box::default());
        let registry = Registry::discover().unwrap();
        let clock = Clock::stepping(ahead);
        let foundation = match &config.bus.engine {
            Engine::Nats(servers) => Foundation::join(&config, servers).await.unwrap(),
            Engine::Embedded => {
                Foundation::Machine(Database::open(&config.data, config.durability.synchronous(), clock).unwrap())
            }
        };
        let app = Arc::new(App::new(foundation, config, registry, additions, address, clock));
        registration::load(&app).await.unwrap();
        tokio::spawn(http::serve(listener, Arc::clone(&app)));
        tokio::spawn(app.bus.attend());
        Self { app, url: format!("http://{address}"), client: Client::new(), data, ahead, nats }
    }

    /// One that comes after this one, with these flags, over what this one has kept.
    pub async fn succeeded(self, flags: &[&str]) -> Self {
        self.app.runtime.close().await;
        match &self.app.foundation {
            Foundation::Machine(database) => {
                let kept = TempDir::new().unwrap();
                database.checkpoint().await.unwrap();
                fs::copy(self.data.path().join("nexus.db"), kept.path().join("nexus.db")).unwrap();
                Self::over(kept, flags).await
            }
            Foundation::Cluster(_) => {
                let nats = self.nats.expect("it has servers of its own");
                let next = Self::on(&nats, flags).await;
                Self { nats: Some(nats), ..next }
            }
        }
    }

    /// What a server of one machine keeps everything in.
    pub fn database(&self) -> &Database {
        match &self.app.foundation {
            Foundation::Machine(database) => database,
            Foundation::Cluster(_) => panic!("this server has no database"),
        }
    }

    /// Lets its clock step, forth or back.
    pub fn step(&self, seconds: i64) {
        self.ahead.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    /// What its clock shows, in unix seconds.
    pub fn now(&self) -> i64 {
        self.app.clock.now().as_second()
    }

    /// One that is patient with whoever reads nothing, and breaks no silence: tests may be slow.
    pub async fn patient() -> Self {
        Self::with(&["--stall-timeout", "600", "--keepalive", "600"]).await
    }

    /// Begins the end of streams and connections.
    pub fn close(&self) {
        let runtime = self.app.runtime.clone();
        tokio::spawn(async move { runtime.close().await });
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub async fn get(&self, path: &str) -> Reply {
        Reply::of(self.request(Method::GET, path)).await
    }

    /// Posts a body to `execute`.
    pub async fn post(&self, body: impl Into<reqwest::Body>) -> Reply {
        let request = self.request(Method::POST, EXECUTE).header("content-type", "application/json");
        Reply::of(request.body(body)).await
    }

    /// Runs a command as nobody.
    pub async fn run(&self, command: &str) -> Reply {
        self.post(json!({ "command": command }).to_string()).await
    }

    /// Runs a command with `args`.
    pub async fn run_with(&self, command: &str, args: Value) -> Reply {
        self.post(json!({ "command": command, "args": args }).to_string()).await
    }

    /// Runs a command with a bare signature.
    pub async fn run_as(&self, wallet: &Wallet, command: &str) -> Reply {
        self.post(json!({ "command": command, "auth": wallet.bare(command) }).to_string()).await
    }

    /// Begins to run a command with a bare signature; the task waits for its answer.
    pub fn begin(&self, wallet: &Wallet, command: &str) -> JoinHandle<Reply> {
        let body = json!({ "command": command, "auth": wallet.bare(command) });
        tokio::spawn(Reply::of(self.request(Method::POST, EXECUTE).json(&body)))
    }

    /// Runs a command with a bare signature and these headers.
    pub async fn run_preferring(&self, wallet: &Wallet, command: &str, headers: &[(&str, &str)]) -> Reply {
        let body = json!({ "command": command, "auth": wallet.bare(command) });
        let request = self.request(Method::POST, EXECUTE).json(&body);
        Reply::of(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    /// Asks for what only the owner may see, with a bare signature over the method and the target.
    pub async fn ask(&self, method: Method, target: &str, wallet: &Wallet) -> Reply {
        let authorization = wallet.authorization(&format!("{method} {target}"));
        Reply::of(self.request(method, target).header("authorization", authorization)).await
    }

    /// Runs a command with a fresh v1 signature.
    pub async fn run_signed(&self, wallet: &Wallet, command: &str) -> Reply {
        self.post(self.statement(command).body(wallet).to_string()).await
    }

    /// Asks for what only the owner may see, with a fresh v1 signature over the method, the target and the body.
    pub async fn ask_signed(&self, method: Method, target: &str, body: Option<Value>, wallet: &Wallet) -> Reply {
        let statement = Statement { args: body.clone(), ..self.statement(&format!("{method} {target}")) };
        let request = self.request(method, target).header("authorization", statement.authorization(wallet));
        Reply::of(body.iter().fold(request, RequestBuilder::json)).await
    }

    /// Opens the stream of a key and reads the state that comes first.
    pub async fn listen(&self, wallet: &Wallet) -> Stream {
        let mut stream = self.open(wallet).await;
        assert_eq!(stream.next().await.event, "connection_state");
        stream
    }

    /// Opens the stream of a key and reads nothing.
    pub async fn open(&self, wallet: &Wallet) -> Stream {
        Stream::open(&self.client, &format!("{}/api/v1/stream/{}", self.url, wallet.address())).await
    }
}

/// Whether servers stand on NATS in this run of the tests: `NEXUS_TEST_BUS=nats`.
fn is_clustered() -> bool {
    std::env::var_os("NEXUS_TEST_BUS").is_some_and(|bus| bus == "nats")
}

pub const EXECUTE: &str = "/api/v1/commands/execute";

/// What came back.
#[must_use]
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A member of the body by its JSON Pointer.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> Value {
        self.json().pointer(pointer).cloned().unwrap_or_else(|| panic!("no {pointer} in {self:?}"))
    }

    #[track_caller]
    pub fn text_at(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("{pointer} is no string in {self:?}")).to_owned()
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}")).to_str().unwrap()
    }

    /// Expects a success and gives back its message.
    #[track_caller]
    pub fn success(&self) -> String {
        assert_eq!((self.status, self.text_at("/status").as_str()), (200, "success"), "{self:?}");
        self.text_at("/message")
    }

    /// Expects a failure in the envelope that every failure has.
    #[track_caller]
    pub fn failure(&self, status: u16, code: &str) -> &Self {
        assert_eq!((self.status, self.text_at("/code").as_str()), (status, code), "{self:?}");
        assert_eq!(self.text_at("/status"), "error");
        assert!(!self.text_at("/message").is_empty());
        assert_eq!(self.header("content-type"), "application/json");
        self
    }

    #[track_caller]
    pub fn hint(&self, expected: &str) -> &Self {
        assert!(self.text_at("/hint").contains(expected), "{expected:?} is not hinted at in {self:?}");
        self
    }

    #[track_caller]
    pub fn message(&self, expected: &str) -> &Self {
        assert!(self.text_at("/message").contains(expected), "{expected:?} is not said in {self:?}");
        self
    }
}

/// A file of the project.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The cases of a file of vectors.
pub fn vectors(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(project("tests/vectors").join(name)).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let Value::Array(cases) = file["cases"].take() else { panic!("{name} has no cases") };
    cases
}

/// Compares a file of the project with what the program prints; `UPDATE=1` writes it instead.
#[track_caller]
pub fn snapshot(path: &str, expected: &str) {
    let path = project(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, expected).unwrap();
    }
    let actual = fs::read_to_string(&path).unwrap_or_default();
    assert!(actual == expected, "{} is stale; run the test once with UPDATE=1", path.display());
}
