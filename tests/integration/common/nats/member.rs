//! One process of nats-server.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

use crate::common::ports::free_port;
use crate::common::tool::tool;

/// One for all that is asked: to make one costs more than a server takes to start.
static CLIENT: LazyLock<Client> = LazyLock::new(|| Client::builder().pool_max_idle_per_host(0).build().unwrap());

pub struct Member {
    pub name: String,
    pub port: u16,
    pub monitor: u16,
    pub route: u16,
    folder: PathBuf,
    child: Option<Child>,
}

impl Member {
    /// Does not start it yet.
    pub fn new(number: usize, folder: &Path) -> Self {
        let name = format!("nats-{number}");
        let folder = folder.join(&name);
        fs::create_dir(&folder).unwrap();
        let [port, monitor, route] = [(); 3].map(|()| free_port());
        Self { name, port, monitor, route, folder, child: None }
    }

    pub fn configure(&self, access: &str, sync_interval: Option<&str>, others: &[String]) {
        let Self { name, port, monitor, route, .. } = self;
        let store = self.folder.join("data").to_str().unwrap().to_owned();
        let mut text =
            format!("server_name: {name}\nlisten: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:{monitor}\"\n{access}");
        if let Some(interval) = sync_interval {
            text.push_str(&format!("jetstream {{ store_dir: {store:?}, sync_interval: {interval} }}\n"));
        }
        if others.len() > 1 {
            // Clients know the servers that they were told of, and no others: they cannot go around a link.
            text.push_str(&format!(
                "cluster {{ name: test, listen: \"127.0.0.1:{route}\", no_advertise: true, routes: {others:?} }}\n"
            ));
        }
        fs::write(self.folder.join("nats.conf"), text).unwrap();
    }

    pub fn start(&mut self) {
        assert!(self.child.is_none(), "{} runs", self.name);
        let log = File::options().create(true).append(true).open(self.folder.join("log")).unwrap();
        let mut command = Command::new(tool("python/bin/nats-server"));
        command.arg("-c").arg(self.folder.join("nats.conf"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().unwrap());
    }

    /// Whether it listens; none while that is not known. False when its ports were taken by another.
    pub fn listens(&mut self) -> Option<bool> {
        let log = fs::read_to_string(self.folder.join("log")).unwrap();
        if log.contains("Server is ready") {
            return Some(true);
        }
        self.child.as_mut()?.try_wait().unwrap()?;
        assert!(log.contains("address already in use"), "{} has ended\n{log}", self.name);
        Some(false)
    }

    /// Ends it, if it has not ended yet, and takes other ports.
    pub fn move_on(&mut self) {
        self.kill();
        fs::remove_file(self.folder.join("log")).unwrap();
        [self.port, self.monitor, self.route] = [(); 3].map(|()| free_port());
    }

    /// Ends it as a crash does, and returns once nothing of it is left.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap_or_else(|| panic!("{} does not run", self.name));
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Sends a signal, such as `-STOP`.
    pub fn signal(&self, name: &str) {
        let child = self.child.as_ref().unwrap_or_else(|| panic!("{} does not run", self.name));
        assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
    }

    /// What its monitor answers; none while it does not answer well.
    pub async fn ask(&mut self, path: &str) -> Option<Value> {
        let child = self.child.as_mut()?;
        let ended = child.try_wait().unwrap();
        let log = || fs::read_to_string(self.folder.join("log")).unwrap();
        assert!(ended.is_none(), "{} has ended: {ended:?}\n{}", self.name, log());
        let request = CLIENT.get(format!("http://127.0.0.1:{}{path}", self.monitor));
        let answer = request.timeout(Duration::from_secs(1)).send().await.ok()?;
        answer.error_for_status().ok()?.json().await.ok()
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
