//! nginx, as deploy/nginx.conf has it. It ends with the test.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::net::TcpStream;

use super::eventually::eventually;
use super::ports::free_port;
use super::project;

pub struct Nginx {
    child: Child,
    folder: TempDir,
    pub url: String,
}

impl Nginx {
    /// Before these nodes, named by their origins.
    pub async fn before(nodes: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let address = format!("127.0.0.1:{}", free_port());
        let nodes: Vec<_> =
            nodes.iter().map(|node| format!("server {};\n", node.trim_start_matches("http://"))).collect();
        fs::copy(project("deploy/nginx.conf"), folder.path().join("nginx.conf")).unwrap();
        fs::write(folder.path().join("nodes.conf"), nodes.concat()).unwrap();
        fs::write(folder.path().join("listen.conf"), format!("listen {address};\n")).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = nginx(folder.path());
        command.args(["-g", "daemon off;"]).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let nginx = Self { child: command.spawn().unwrap(), url: format!("http://{address}"), folder };
        eventually("nginx", async || TcpStream::connect(&address).await.ok()).await;
        nginx
    }

    /// What it has written on standard output and standard error, once `words` stand in it.
    pub async fn log(&self, words: &str) -> String {
        let read = || fs::read_to_string(self.folder.path().join("log")).unwrap();
        eventually(words, async || Some(read()).filter(|log| log.contains(words))).await
    }
}

/// nginx with the configuration in a folder, which it writes to as well.
pub fn nginx(folder: &Path) -> Command {
    // Where Debian keeps it, which the PATH of users lacks.
    let path = std::env::var("PATH").unwrap() + ":/usr/sbin";
    let mut command = Command::new("nginx");
    command.env("PATH", path).args(["-e", "stderr", "-p"]).arg(folder).arg("-c").arg(folder.join("nginx.conf"));
    command
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Killed by SIGKILL it would leave its workers behind; by SIGTERM it ends them and itself at once.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}
