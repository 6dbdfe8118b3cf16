//! Whether a server can listen where it is told to, or who does already.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use serde::Deserialize;

use super::super::healthcheck::reachable;
use super::super::remote::read;
use super::check::Check;
use crate::origin::Origin;

const NAME: &str = "port";
const PATIENCE: Duration = Duration::from_secs(5);

/// Also where a server answers that can be called by its address.
pub(super) async fn check(address: SocketAddr) -> (Check, Option<Origin>) {
    let error = match TcpListener::bind(address) {
        Ok(_) if address.port() == 0 => {
            return (Check::ok(NAME, format!("Any port of {} will do.", address.ip())), None);
        }
        Ok(_) => return (Check::ok(NAME, format!("{address} is free.")), None),
        Err(error) => error,
    };
    let hint = match error.kind() {
        ErrorKind::AddrInUse => return who_holds(address).await,
        ErrorKind::PermissionDenied => "Take a port from 1024 on (PORT), or let a proxy listen there.",
        ErrorKind::AddrNotAvailable => "Let NEXUS_HOST be an address of this machine; 127.0.0.1 always is.",
        _ => "Choose another NEXUS_HOST or PORT.",
    };
    (Check::failed(NAME, format!("Nobody can listen on {address}: {error}."), hint), None)
}

async fn who_holds(address: SocketAddr) -> (Check, Option<Origin>) {
    let server = format!("http://{}", reachable(address));
    match ask(&server).await {
        Some(Said { service: Some(service), version, .. }) if service == "nexus" => {
            let version = version.unwrap_or_default();
            (Check::ok(NAME, format!("nexus {version} listens on {address}.")), server.parse().ok())
        }
        // It answers by its public names alone.
        Some(Said { code: Some(code), .. }) if code == "host_not_allowed" => {
            (Check::ok(NAME, format!("nexus listens on {address}.")), None)
        }
        _ => {
            let hint = "End that program, or choose another PORT. `ss -ltnp` tells which it is.";
            (Check::failed(NAME, format!("Another program listens on {address}."), hint), None)
        }
    }
}

/// What stands in an answer of nexus.
#[derive(Deserialize)]
struct Said {
    service: Option<String>,
    version: Option<String>,
    code: Option<String>,
}

/// None when it is no answer of nexus.
async fn ask(server: &str) -> Option<Said> {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().ok()?;
    let response = client.get(server).header("accept", "application/json").send().await.ok()?;
    serde_json::from_slice(&read(response).await.ok()?).ok()
}
