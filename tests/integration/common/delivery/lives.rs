//! A server through its lives, on one port and in one folder.

use std::time::Duration;

use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};

use super::count::{Count, soon};
use crate::common::Binary;
use crate::common::binary::nexus;

/// What clients know of the server.
#[derive(Clone)]
pub struct Site {
    pub url: String,
    /// The number of the life that serves, or has served last.
    pub life: Count,
}

pub struct Lives {
    pub site: Site,
    server: Binary,
    folder: TempDir,
    flags: Vec<String>,
    /// Bound and never listening: while the server is dead, the system gives its port to nobody else, neither to another
    /// server nor to a client that would then be connected to itself.
    _port: TcpSocket,
}

impl Lives {
    /// Starts the first one.
    pub fn begin(flags: &[&str]) -> Self {
        let port = TcpSocket::new_v4().unwrap();
        port.set_reuseaddr(true).unwrap();
        port.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let address = port.local_addr().unwrap();
        let folder = TempDir::new().unwrap();
        let own = ["--port".to_owned(), address.port().to_string()];
        let flags: Vec<String> = own.into_iter().chain(flags.iter().map(ToString::to_string)).collect();
        let server = Binary::spawn(nexus(folder.path()).args(&flags));
        let site = Site { url: server.url.clone(), life: Count::new() };
        Self { site, server, folder, flags, _port: port }
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
        self.server = Binary::spawn(nexus(self.folder.path()).args(&self.flags));
        self.site.life.rise();
    }

    /// Starts one that is killed when it can be connected to, which is before it has opened its database.
    pub async fn start_and_kill(&mut self) {
        self.server = Binary::launch(nexus(self.folder.path()).args(&self.flags));
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
