//! `nexus serve`: from the settings to a server, and from a signal to its end.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use tracing_subscriber::filter::Targets;

use super::failure::Failure;
use super::log::start_log;
use super::monitor::warn_of_lost_power;
use super::service::{Service, live};
use crate::app::{Additions, App};
use crate::clock::Clock;
use crate::command::Registry;
use crate::config::{Config, Engine, LogFormat, Servers};
use crate::database::Database;
use crate::foundation::Foundation;
use crate::http;
use crate::nats::Unusable;
use crate::pipeline::close_abandoned;
use crate::registration;

/// How long clients have then to take what was sent to them.
const LINGER: Duration = Duration::from_secs(5);
/// How long cancelled commands have to end and to be written down.
const LAST: Duration = Duration::from_secs(7);
/// How often the log is looked at for what is to be kept no longer.
const UPKEEP: Duration = Duration::from_secs(1);

/// Serves these commands; `arguments` are the variables that stand for arguments of theirs.
pub(super) fn serve(
    config: Config,
    registry: Registry,
    additions: Additions,
    arguments: &[String],
    format: LogFormat,
    filter: Targets,
) -> ExitCode {
    let _log = start_log(format, filter);
    for variable in crate::config::strays(arguments) {
        warn!("{variable:?} is set and is no setting; `nexus --help` lists them");
    }
    let server = Server { config, registry: Some(registry), additions, listener: None, app: None };
    live(server).unwrap_or_else(Failure::log)
}

struct Server {
    config: Config,
    /// What it is made of, until it is ready.
    registry: Option<Registry>,
    additions: Additions,
    listener: Option<TcpListener>,
    app: Option<Arc<App>>,
}

impl Service for Server {
    async fn init(&mut self) -> Result<(), Failure> {
        fit_to_open_files(&mut self.config);
        let listener = TcpListener::bind(self.config.address).await.map_err(|error| {
            let address = self.config.address;
            Failure::new(format!("cannot listen on {address} (NEXUS_HOST, PORT): {error}"), "")
        })?;
        let address = listener.local_addr().map_err(Failure::of_the_machine)?;
        let registry = self.registry.take().ok_or_else(|| Failure::new("it is made ready twice", ""))?;
        let additions = std::mem::take(&mut self.additions);
        let (config, clock) = (self.config.clone(), Clock::default());
        let foundation = found(&config, clock).await?;
        let app = App::new(foundation, config, registry, additions, address, clock);
        let app = self.app.insert(Arc::new(app));
        self.listener = Some(listener);
        warn_of_abandoned(app).await?;
        Ok(registration::load(app).await?)
    }

    async fn run(&mut self, stop: &CancellationToken) -> Result<ExitCode, Failure> {
        let (Some(app), Some(listener)) = (&self.app, self.listener.take()) else { return Ok(ExitCode::FAILURE) };
        introduce(app, listener.local_addr().map_err(Failure::of_the_machine)?);
        app.runtime.spawn_connection(upkeep(Arc::clone(app)));
        let gone = CancellationToken::new();
        app.runtime.spawn_connection(attend(Arc::clone(app), gone.clone()));
        app.runtime.spawn_connection(http::serve(listener, Arc::clone(app)));
        tokio::select! {
            () = stop.cancelled() => {}
            // Nothing that runs could be written down.
            () = gone.cancelled() => return Ok(ExitCode::FAILURE),
        }
        info!("stopping: running commands have {} s to end; a second signal ends at once", app.config.drain.as_secs());
        Ok(if let_finish(app).await { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Ends streams and connections, then the database.
    async fn cleanup(&mut self) -> Result<(), Failure> {
        let Some(app) = &self.app else { return Ok(()) };
        if timeout(LINGER, app.runtime.close()).await.is_err() {
            info!("some clients did not take what was sent to them; their connections are cut");
        }
        leave(app).await;
        info!("stopped");
        Ok(())
    }
}

async fn found(config: &Config, clock: Clock) -> Result<Foundation, Failure> {
    match &config.bus.engine {
        Engine::Embedded => Database::open(&config.data, config.durability.synchronous(), clock)
            .map(Foundation::Machine)
            .map_err(|error| {
                let said = error.to_string();
                if error.is_setting { Failure::usage(said, "") } else { Failure::new(said, "") }
            }),
        Engine::Nats(servers) => {
            warn_of_lost_power(&config.bus.nats_monitor).await;
            join(config, servers).await
        }
    }
}

/// Joins a deployment.
pub(super) async fn join(config: &Config, servers: &Servers) -> Result<Foundation, Failure> {
    // One line: it is logged.
    let said = |unusable: Unusable| Failure::new(format!("{} {}", unusable.message, unusable.hint), "");
    Foundation::join(config, servers).await.map_err(said)
}

/// Does what the bus needs until the server closes, and says so when its log is gone.
pub(super) async fn attend(app: Arc<App>, gone: CancellationToken) {
    tokio::select! {
        () = app.runtime.closing() => {}
        () = app.bus.attend() => gone.cancel(),
    }
}

/// Closes what a process left open that died.
pub(super) async fn warn_of_abandoned(app: &App) -> Result<(), Failure> {
    let abandoned = close_abandoned(app).await.map_err(Failure::from)?;
    if abandoned > 0 {
        warn!("the last process left {abandoned} commands unfinished; nobody knows how they ended (outcome_unknown)");
    }
    Ok(())
}

/// Lets what runs come to its end while everybody can still hear of it; what takes too long is cancelled. Returns whether all
/// has ended.
pub(super) async fn let_finish(app: &App) -> bool {
    if timeout(app.config.drain, app.runtime.drain()).await.is_ok() {
        return true;
    }
    info!("what still runs is cancelled");
    app.runtime.cut_off();
    let has_ended = timeout(LAST, app.runtime.drain()).await.is_ok();
    if !has_ended {
        warn!("stopped with commands unfinished");
    }
    has_ended
}

/// Leaves what it stands on: a database is written back into its one file, the other nodes are told.
pub(super) async fn leave(app: &App) {
    if !matches!(timeout(LINGER, app.foundation.leave()).await, Ok(Ok(()))) {
        match app.foundation {
            Foundation::Machine(_) => {
                warn!(
                    "the database is not written back into one file; copy its whole folder, or start and stop once more"
                );
            }
            Foundation::Cluster(_) => warn!("the other nodes could not be told; they find out in some seconds"),
        }
    }
}

/// Lets the process hold as many open files as the system allows, and promises no more connections than that.
fn fit_to_open_files(config: &mut Config) {
    // A database, a log, and what a connection needs while it is refused.
    const OTHERS: u64 = 128;
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    let connections = usize::try_from(files.saturating_sub(OTHERS).max(1)).unwrap_or(usize::MAX);
    if connections < config.limits.max_connections {
        let wanted = config.limits.max_connections;
        warn!(
            "the system allows {files} open files, so {connections} connections at once and not {wanted} \
             (NEXUS_MAX_CONNECTIONS); raise its limit (ulimit -n) or lower the setting"
        );
        config.limits.max_connections = connections;
    }
}

/// Forgets what is to be kept no longer, until the server closes.
async fn upkeep(app: Arc<App>) {
    let mut is_well = true;
    loop {
        match forget(&app).await {
            Ok(true) if !app.runtime.is_closing() => continue,
            Ok(_) => is_well = true,
            // Once for a row of failures: each would be a line a second.
            Err(failure) if std::mem::replace(&mut is_well, false) => {
                warn!(error = &failure as &dyn Error, "what is to be forgotten cannot be");
            }
            Err(_) => {}
        }
        tokio::select! {
            () = app.runtime.closing() => return,
            () = tokio::time::sleep(UPKEEP) => {}
        }
    }
}

/// Forgets some of it, and says whether there is more.
async fn forget(app: &App) -> crate::error::Result<bool> {
    registration::refresh(app).await?;
    close_abandoned(app).await?;
    let (events, sessions) = (app.bus.trim().await?, app.store.forget_ended().await?);
    Ok(events || sessions)
}

fn introduce(app: &App, address: std::net::SocketAddr) {
    let registry = app.registry.load();
    for command in registry.entries() {
        info!("Registered command: {} from {}", command.name, command.source);
    }
    let environment = format!("{:?}", app.config.env).to_lowercase();
    let place = match &app.config.bus.engine {
        Engine::Embedded => format!("data in {}", app.config.data.display()),
        Engine::Nats(servers) => format!("data in NATS at {servers}, under {}", app.config.bus.nats_prefix),
    };
    info!("{} commands; {place}", registry.entries().len());
    match app.config.open().as_slice() {
        [] => info!("open: nothing"),
        open => warn!("open: {}", open.join("; ")),
    }
    app.config.doubts().iter().for_each(|doubt| warn!("{doubt}"));
    info!("nexus {} ({environment}) serves on http://{address}", env!("CARGO_PKG_VERSION"));
}
