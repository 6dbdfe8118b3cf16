//! A server through its lives, on one port and in one folder.

use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};

use super::count::{Count, soon};
use super::sites::Site;
use crate::common::Binary;
use crate::common::binary::nexus;

/// In the environment.
type Settings = Vec<(&'static str, String)>;

pub struct Lives {
    pub site: Site,
    server: Binary,
    folder: TempDir,
    flags: Vec<String>,
    settings: Settings,
    /// Bound and never listening: while the server is dead, the system gives its port to nobody else, neither to another
    /// server nor to a client that would then be connected to itself.
    _port: TcpSocket,
}

impl Lives {
    /// Starts the first one.
    pub fn begin(flags: &[&str]) -> Self {
        Self::under(Vec::new(), flags)
    }

    /// The same under these settings.
    pub fn under(settings: Settings, flags: &[&str]) -> Self {
        let port = TcpSocket::new_v4().unwrap();
        port.set_reuseaddr(true).unwrap();
        port.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let address = port.local_addr().unwrap();
        let folder = TempDir::new().unwrap();
        let own = ["--port".to_owned(), address.port().to_string()];
        let flags: Vec<_> = own.into_iter().chain(flags.iter().map(ToString::to_string)).collect();
        let server = Binary::spawn(nexus(folder.path()).args(&flags).envs(settings.clone()));
        let site = Site { url: server.url.clone(), life: Count::new() };
        Self { site, server, folder, flags, settings, _port: port }
    }

    fn command(&self) -> Command {
        let mut command = nexus(self.folder.path());
        command.args(&self.flags).envs(self.settings.clone());
        command
    }

    /// Sends it a signal, such as `-STOP`.
    pub fn signal(&self, name: &str) {
        self.server.signal(name);
    }

    /// Ends it without a warning.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Asks it to end, and returns its exit code.
    pub fn terminate(&mut self) -> Option<i32> {
        self.server.terminate();
        self.server.exit_code()
    }

    /// Starts the next one.
    pub fn start(&mut self) {
        self.server = Binary::spawn(&mut self.command());
        self.site.life.rise();
    }

    /// Starts one that is killed when it can be connected to, which is before it has opened its database.
    pub async fn start_and_kill(&mut self) {
        self.server = Binary::launch(&mut self.command());
        let address = self.site.url.trim_start_matches("http://");
        soon("a listener", async {
            while TcpStream::connect(address).await.is_err() {
                // Nobody tells when a port begins to be listened to.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
        self.server.kill();
    }
}
