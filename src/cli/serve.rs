//! `nexus serve`: from the settings to a server, and from a signal to its end.

use std::error::Error;
use std::io::BufWriter;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tracing::{error, info, warn};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use super::{INTERRUPTED, USAGE};
use crate::app::{Additions, App};
use crate::clock::Clock;
use crate::command::Registry;
use crate::config::{Config, LogFormat};
use crate::http;
use crate::pipeline::close_abandoned;

/// How long clients have then to take what was sent to them.
const LINGER: Duration = Duration::from_secs(5);
/// How long cancelled commands have to end and to be written down.
const LAST: Duration = Duration::from_secs(7);
/// How often the log is looked at for what is to be kept no longer.
const UPKEEP: Duration = Duration::from_secs(1);

pub(super) fn serve(config: Config, format: LogFormat, filter: Targets) -> ExitCode {
    let _log = start_log(format, filter);
    for variable in crate::config::strays() {
        warn!("{variable:?} is set and is no setting; `nexus --help` lists them");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let outcome = runtime.block_on(serve_until_signal(config));
    // A command that blocks its thread must not keep the process.
    runtime.shutdown_background();
    outcome.unwrap_or_else(|error| fail(&*error))
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

async fn serve_until_signal(mut config: Config) -> Result<ExitCode, Box<dyn Error>> {
    fit_to_open_files(&mut config);
    let registry = Registry::discover()?;
    let listener = TcpListener::bind(config.address)
        .await
        .map_err(|error| format!("cannot listen on {} (NEXUS_HOST, PORT): {error}", config.address))?;
    let address = listener.local_addr()?;
    let app = match App::new(config, registry, Additions::default(), address, Clock::default()) {
        Ok(app) => Arc::new(app),
        Err(error) if error.is_setting => {
            error!("{error}");
            return Ok(USAGE.into());
        }
        Err(error) => return Err(error.into()),
    };
    // Before it says that it serves: from then on a signal means an orderly end.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let abandoned = close_abandoned(&app).await?;
    if abandoned > 0 {
        warn!("the last process left {abandoned} commands unfinished; nobody knows how they ended (outcome_unknown)");
    }
    introduce(&app, address);
    app.runtime.spawn_connection(upkeep(Arc::clone(&app)));
    app.runtime.spawn_connection(http::serve(listener, Arc::clone(&app)));
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    info!("stopping: running commands have {} s to end; a second signal ends at once", app.config.drain.as_secs());
    tokio::select! {
        code = stop(&app) => Ok(code),
        _ = terminate.recv() => Ok(INTERRUPTED.into()),
        _ = interrupt.recv() => Ok(INTERRUPTED.into()),
    }
}

/// Lets what runs come to its end while everybody can still hear of it, then ends streams and connections.
async fn stop(app: &App) -> ExitCode {
    let mut drained = timeout(app.config.drain, app.runtime.drain()).await;
    if drained.is_err() {
        info!("what still runs is cancelled");
        app.runtime.cut_off();
        drained = timeout(LAST, app.runtime.drain()).await;
    }
    if timeout(LINGER, app.runtime.close()).await.is_err() {
        info!("some clients did not take what was sent to them; their connections are cut");
    }
    if !matches!(timeout(LINGER, app.database.checkpoint()).await, Ok(Ok(()))) {
        warn!("the database is not written back into one file; copy its whole folder, or start and stop once more");
    }
    if drained.is_err() {
        warn!("stopped with commands unfinished");
        return ExitCode::FAILURE;
    }
    info!("stopped");
    ExitCode::SUCCESS
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
    let (events, sessions) = (app.bus.trim().await?, app.store.forget_ended().await?);
    Ok(events || sessions)
}

fn introduce(app: &App, address: std::net::SocketAddr) {
    let registry = app.registry.load();
    for command in registry.entries() {
        info!("Registered command: {} from {}", command.name, command.source);
    }
    let environment = format!("{:?}", app.config.env).to_lowercase();
    info!("{} commands; data in {}", registry.entries().len(), app.config.data.display());
    match app.config.open().as_slice() {
        [] => info!("open: nothing"),
        open => warn!("open: {}", open.join("; ")),
    }
    info!("nexus {} ({environment}) serves on http://{address}", env!("CARGO_PKG_VERSION"));
}

/// Writes the log from a thread of its own, until the guard is dropped: whoever reads our standard error slowly slows
/// nothing else. Lines that do not fit into its queue of 128,000 are dropped.
fn start_log(format: LogFormat, filter: Targets) -> WorkerGuard {
    let (writer, guard) = tracing_appender::non_blocking(BufWriter::new(std::io::stderr()));
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Text => {
            let colour = std::io::IsTerminal::is_terminal(&std::io::stderr()) && !crate::config::no_color();
            registry.with(lines.with_target(false).with_ansi(colour)).init();
        }
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        error!(place, panic = panic.payload_as_str(), "a panic was caught");
    }));
    guard
}

fn fail(error: &dyn Error) -> ExitCode {
    error!("{error}");
    ExitCode::FAILURE
}
