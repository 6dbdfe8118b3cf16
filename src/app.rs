//! The parts of a server, put together from its configuration. No logic.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use tokio::sync::Semaphore;

use crate::bus::Bus;
use crate::bus::embedded::Embedded;
use crate::clock::Clock;
use crate::command::{Document, Registry};
use crate::config::Config;
use crate::database::{Database, OpenError};
use crate::origin::Origin;
use crate::runtime::Runtime;
use crate::seats::Seats;
use crate::store::Store;

pub struct App {
    pub config: Config,
    /// The names under which we are known, never none; a signature may be made out to any of them.
    pub public_origins: Vec<Origin>,
    pub registry: Arc<Registry>,
    /// The OpenAPI document, once somebody has asked for it.
    pub openapi: OnceLock<Document>,
    pub database: Database,
    pub store: Arc<Store>,
    pub bus: Arc<dyn Bus>,
    pub seats: Arc<Seats>,
    /// A permit for each command that runs.
    pub runs: Arc<Semaphore>,
    pub clock: Clock,
    pub runtime: Runtime,
}

impl App {
    /// Opens what the configuration names. `listening` is the bound address, for whose port the default origins are.
    pub fn new(config: Config, registry: Registry, listening: SocketAddr) -> Result<Self, OpenError> {
        let clock = Clock;
        let database = Database::open(&config.data, config.durability.synchronous(), clock)?;
        Ok(Self {
            public_origins: config.public_origins(listening.port()),
            registry: Arc::new(registry),
            openapi: OnceLock::new(),
            store: Arc::new(Store::new(database.clone(), clock)),
            bus: Arc::new(Embedded::new(database.clone(), clock)),
            seats: Arc::new(Seats::new(config.limits.clone())),
            runs: Arc::new(Semaphore::new(config.limits.max_runs.min(Semaphore::MAX_PERMITS))),
            database,
            clock,
            runtime: Runtime::default(),
            config,
        })
    }
}
