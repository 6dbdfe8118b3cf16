//! Real NATS servers with JetStream, one or three, on ports and in folders of their own. They end with the test.

mod access;
mod account;
mod member;

use std::time::Duration;

use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectError, ConnectOptions};
use serde_json::Value;
use tempfile::TempDir;

pub use self::access::Access;
use self::member::Member;
use super::eventually::eventually;

/// How often servers are started on other ports.
const ATTEMPTS: usize = 5;

/// Servers are told apart by their place, from 0.
pub struct Nats {
    members: Vec<Member>,
    pub access: Access,
    folder: TempDir,
}

impl Nats {
    /// One server, open to all.
    pub async fn one() -> Self {
        Self::of(1, Access::open()).await
    }

    /// A cluster of three, open to all.
    pub async fn three() -> Self {
        Self::of(3, Access::open()).await
    }

    /// One server that acknowledges what is not on its disk yet.
    pub async fn hasty() -> Self {
        Self::made(1, Access::open(), Some("2m")).await
    }

    /// One server that keeps nothing: it has no `JetStream`.
    pub async fn forgetful() -> Self {
        Self::made(1, Access::open(), None).await
    }

    /// So many servers, and this way to be let in. Returns once JetStream answers and, of several, all follow its leader.
    pub async fn of(count: usize, access: Access) -> Self {
        Self::made(count, access, Some("always")).await
    }

    async fn made(count: usize, access: Access, sync_interval: Option<&str>) -> Self {
        let folder = TempDir::new().unwrap();
        let members: Vec<_> = (1..=count).map(|number| Member::new(number, folder.path())).collect();
        let mut nats = Self { members, access, folder };
        for _ in 0..ATTEMPTS {
            let route = |member: &Member| format!("nats://127.0.0.1:{}", member.route);
            let routes: Vec<_> = nats.members.iter().map(route).collect();
            for member in &mut nats.members {
                member.configure(&nats.access.configuration(), sync_interval, &routes);
                member.start();
            }
            if nats.all_listen().await {
                if sync_interval.is_some() {
                    nats.wait_until_whole().await;
                }
                return nats;
            }
            nats.members.iter_mut().for_each(Member::move_on);
        }
        panic!("ports are always taken by others");
    }

    /// False where a server was given a port that somebody else had taken meanwhile.
    async fn all_listen(&mut self) -> bool {
        for member in &mut self.members {
            if !eventually("a server that listens", async || member.listens()).await {
                return false;
            }
        }
        true
    }

    /// Waits until every server is well, all follow one leader, and JetStream answers.
    pub async fn wait_until_whole(&mut self) {
        for member in &mut self.members {
            eventually("a healthy server", async || member.ask("/healthz").await).await;
        }
        if self.members.len() > 1 {
            eventually("a leader whom all follow", async || self.head_of_all().await).await;
        }
        let stream = self.stream().await;
        eventually("an answer of JetStream", async || stream.query_account().await.ok()).await;
    }

    /// Who leads all of JetStream: waits until there is one whom all follow.
    pub async fn head(&mut self) -> usize {
        eventually("a leader whom all follow", async || self.head_of_all().await).await
    }

    async fn head_of_all(&mut self) -> Option<usize> {
        let followers = self.members.len() - 1;
        for (place, member) in self.members.iter_mut().enumerate() {
            let Some(state) = member.ask("/jsz").await else { continue };
            let cluster = &state["meta_cluster"];
            let Some(replicas) = cluster["replicas"].as_array() else { continue };
            let follows = |peer: &&Value| peer["current"] == true && peer["offline"] != true;
            if cluster["leader"] == member.name.as_str() && replicas.iter().filter(follows).count() == followers {
                return Some(place);
            }
        }
        None
    }

    /// The host and port of a server, for clients.
    pub fn address(&self, place: usize) -> String {
        format!("127.0.0.1:{}", self.members[place].port)
    }

    /// The URL of a server's monitor.
    pub fn monitor(&self, place: usize) -> String {
        format!("http://127.0.0.1:{}", self.members[place].monitor)
    }

    /// The settings of a node over these servers.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let ports: Vec<_> = self.members.iter().map(|member| member.port).collect();
        self.settings_at(&ports)
    }

    /// The same, for a node that reaches them at these ports, such as those of links.
    pub fn settings_at(&self, ports: &[u16]) -> Vec<(&'static str, String)> {
        let urls: Vec<_> = ports.iter().map(|port| self.access.url(*port)).collect();
        let mut settings = vec![
            ("NEXUS_BUS", urls.join(",")),
            ("NEXUS_NATS_REPLICAS", self.members.len().to_string()),
            ("NEXUS_NATS_MONITOR", self.monitor(0)),
        ];
        settings.extend(self.access.settings(self.folder.path()));
        settings
    }

    /// A client that goes to any of them.
    pub async fn client(&self) -> Client {
        let ports: Vec<_> = self.members.iter().map(|member| member.port).collect();
        self.client_at(&ports).await
    }

    /// A client that reaches them at these ports, such as those of links.
    pub async fn client_at(&self, ports: &[u16]) -> Client {
        let urls: Vec<_> = ports.iter().map(|port| self.access.url(*port)).collect();
        // One that is stuck is given up after seconds; unless said, it would take minutes.
        self.access.options().ping_interval(Duration::from_secs(1)).connect(urls).await.unwrap()
    }

    /// Tries to be let in by the first server as somebody else, by a URL without a password.
    pub async fn try_as(&self, who: ConnectOptions) -> Result<Client, ConnectError> {
        let is_over_tls = self.access.is_over_tls;
        let (scheme, host) = if is_over_tls { ("tls", "localhost") } else { ("nats", "127.0.0.1") };
        who.connect(format!("{scheme}://{host}:{}", self.members[0].port)).await
    }

    /// `JetStream`, over a client that goes to any of them.
    pub async fn stream(&self) -> Context {
        jetstream::new(self.client().await)
    }

    /// Ends one as a crash does, by SIGKILL.
    pub fn kill(&mut self, place: usize) {
        self.members[place].kill();
    }

    /// Halts one, as a machine does that is stuck: its connections stay open, and it says nothing.
    pub fn halt(&self, place: usize) {
        self.members[place].signal("-STOP");
    }

    /// Lets one go on that was halted.
    pub fn go_on(&self, place: usize) {
        self.members[place].signal("-CONT");
    }

    /// Starts one again that was killed, on the same ports and in the same folder. Does not wait for it: see
    /// [`Nats::wait_until_whole`].
    pub fn start_again(&mut self, place: usize) {
        self.members[place].start();
    }

    /// Who leads a stream, by its own word: waits until there is one.
    pub async fn leader(&mut self, stream: &str) -> usize {
        eventually("a leader of the stream", async || {
            for (place, member) in self.members.iter_mut().enumerate() {
                let Some(state) = member.ask("/jsz?accounts=true&streams=true").await else { continue };
                if leads(&state, stream, &member.name) {
                    return Some(place);
                }
            }
            None
        })
        .await
    }
}

/// Whether the monitor of `server` says that it leads `stream`, in whatever account.
fn leads(state: &Value, stream: &str, server: &str) -> bool {
    let accounts = state["account_details"].as_array().into_iter().flatten();
    let mut streams = accounts.filter_map(|account| account["stream_detail"].as_array()).flatten();
    streams.any(|found| found["name"] == stream && found["cluster"]["leader"] == server)
}
