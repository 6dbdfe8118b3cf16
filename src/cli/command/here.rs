//! A command that this process runs: the server's own pipeline, without a server.

use std::convert::Infallible;
use std::future::pending;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tower::util::MapRequestLayer;
use tracing_subscriber::filter::{LevelFilter, Targets};

use super::Asked;
use super::meter::Meter;
use super::outcome::Outcome;
use crate::access::Authorization;
use crate::address::Address;
use crate::app::{Additions, App};
use crate::bus::{Heard, Signal, Subscription};
use crate::cli::failure::Failure;
use crate::cli::log::start_log;
use crate::cli::serve::{attend, join, leave, let_finish, warn_of_abandoned};
use crate::cli::service::{Service, live};
use crate::cli::statement::Draft;
use crate::cli::unlock::unlock;
use crate::clock::Clock;
use crate::command::Registry;
use crate::config::{self, AnonymousStreams, Config, Engine, Running, Settings};
use crate::database::Database;
use crate::foundation::Foundation;
use crate::middleware::Admitted;
use crate::pipeline::{self, Call, Request};
use crate::signing::signer::Signer;

/// Whose progress it is that nobody has signed.
const NOBODY: Address = Address::from_bytes([0; 20]);
/// How long a service may take, which nobody waits for but who has started it: longer than any process lives.
const NO_TIMEOUT: Duration = Duration::from_hours(24 * 365 * 100);
/// How long the signature is good, in seconds.
const VALID: u16 = 60;

pub(super) fn run(
    registry: Registry,
    mut additions: Additions,
    running: &Running,
    asked: Asked,
) -> Result<ExitCode, Failure> {
    let mut settings = Settings::of_environment()?;
    // What nobody has signed is announced to whoever claims the address, which nobody can but this process: it lets nobody in.
    (settings.anonymous_streams, settings.insecure) = (Some(AnonymousStreams::Full), true);
    if let Some(data) = &running.data {
        settings.data.clone_from(data);
    }
    // What a server tells of every run is told here only to who asks for it.
    let is_asked_for = config::variable("NEXUS_LOG").is_ok();
    let filter = if is_asked_for { settings.log.clone() } else { Targets::new().with_default(LevelFilter::WARN) };
    let _log = start_log(settings.log_format(), filter);
    let config = settings.check()?;
    let signer = running.key.as_ref().map(|key| unlock(&running.keys, key)).transpose()?;
    if asked.is_service {
        additions.layers.add(MapRequestLayer::new(|admitted| Admitted { timeout: NO_TIMEOUT, ..admitted }));
    }
    live(Here { config, registry: Some(registry), additions, signer, asked, is_json: running.is_json(), app: None })
}

struct Here {
    config: Config,
    /// What the app is made of, until it is made.
    registry: Option<Registry>,
    additions: Additions,
    /// None where nobody signs: then nothing is ever asked of the database, and it is neither opened nor made.
    signer: Option<Signer>,
    asked: Asked,
    is_json: bool,
    app: Option<Arc<App>>,
}

impl Service for Here {
    async fn init(&mut self) -> Result<(), Failure> {
        let registry = self.registry.take().ok_or_else(|| Failure::new("It is made ready twice.", ""))?;
        let address = self.config.address;
        let additions = std::mem::take(&mut self.additions);
        let (config, clock) = (self.config.clone(), Clock::default());
        let database = Database::closed(&config.data, config.durability.synchronous(), clock);
        let foundation = match &config.bus.engine {
            Engine::Nats(servers) if self.signer.is_some() => join(&config, servers).await?,
            Engine::Nats(_) | Engine::Embedded => Foundation::Machine(database.clone()),
        };
        let is_remote = matches!(foundation, Foundation::Cluster(_));
        let app = App::new(foundation, config, registry, additions, address, clock);
        let app = self.app.insert(Arc::new(app));
        if self.signer.is_none() {
            return Ok(());
        }
        if is_remote {
            app.runtime.spawn_connection(attend(Arc::clone(app), CancellationToken::new()));
            return Ok(());
        }
        database.unlock().map_err(|error| {
            if error.is_held {
                return Failure::new(
                    format!("{} is held by a server that runs, or by another command with a key.", app.config.data.display()),
                    format!("Let the server run the command, by its address: --server http://{address}. A command ends by itself."),
                );
            }
            Failure::new(error.to_string(), "Name another folder with --data or NEXUS_DATA.")
        })?;
        warn_of_abandoned(app).await
    }

    async fn run(&mut self, stop: &CancellationToken) -> Result<ExitCode, Failure> {
        let Some(app) = &self.app else { return Ok(ExitCode::FAILURE) };
        let request = self.request(app)?;
        let address = self.signer.as_ref().map_or(NOBODY, Signer::address);
        let (mut subscription, meter) = (app.bus.subscribe(address), Meter::new());
        let outcome = tokio::select! {
            biased;
            answer = pipeline::execute(app, request) => Outcome::from(answer),
            never = show(&mut subscription, &meter) => match never {},
            never = end(app, stop, self.asked.is_service) => match never {},
        };
        meter.end();
        outcome.print(self.is_json)?;
        Ok(if stop.is_cancelled() { outcome.code_after_interrupt(self.asked.is_service) } else { outcome.code() })
    }

    async fn cleanup(&mut self) -> Result<(), Failure> {
        let Some(app) = &self.app else { return Ok(()) };
        app.runtime.close().await;
        leave(app).await;
        Ok(())
    }
}

impl Here {
    /// What would come by HTTP.
    fn request(&self, app: &App) -> Result<Request, Failure> {
        let sign = |signer: &Signer| {
            let draft = Draft {
                audience: app.public_origins.first().map_or("", |origin| origin.as_str()),
                command: &self.asked.path,
                args: self.asked.args.as_ref(),
                issued_at: app.clock.now().as_second(),
                valid: VALID,
            };
            draft.sign(signer)
        };
        Ok(Request {
            call: Call::Text {
                command: self.asked.path.clone(),
                args: self.asked.args.clone(),
                auth: self.signer.as_ref().map(sign).transpose()?,
            },
            authorization: if self.signer.is_none() { Authorization::Claim(NOBODY) } else { Authorization::Nothing },
            peer: Ipv4Addr::LOCALHOST.into(),
            idempotency_key: None,
            respond_async: false,
            received: app.clock.instant(),
        })
    }
}

async fn show(subscription: &mut Subscription, meter: &Meter) -> Infallible {
    loop {
        if let Heard::Signal(Signal::Event(event)) = subscription.next().await {
            meter.show(&serde_json::from_str(event.json()).unwrap_or_default());
        }
    }
}

/// Once it is to stop, lets a service end by itself, as a server that stops does, and cancels what is none.
async fn end(app: &App, stop: &CancellationToken, is_service: bool) -> Infallible {
    stop.cancelled().await;
    if is_service {
        let_finish(app).await;
    } else {
        app.runtime.cut_off();
    }
    pending().await
}
