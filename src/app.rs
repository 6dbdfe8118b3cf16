//! The parts of a server, put together from its configuration. No logic.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, Semaphore};

use crate::budget::Budget;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::command::{Registry, Services, World};
use crate::config::Config;
use crate::foundation::Foundation;
use crate::gauges::Gauges;
use crate::middleware::{Execution, Layers};
use crate::ongoing::{Ongoing, Visitors};
use crate::origin::Origin;

use crate::runtime::Runtime;
use crate::seats::Seats;
use crate::store::Store;
use crate::webhook::Webhooks;

pub struct App {
    pub config: Config,
    /// The names under which we are known, never none; a signature may be made out to any of them.
    pub public_origins: Vec<Origin>,
    /// The commands of now.
    pub registry: Arc<ArcSwap<Registry>>,
    /// Which commands there are is changed by one at a time; whether more has changed than is known here.
    pub registering: Mutex<bool>,
    /// What calls the servers of commands that were registered.
    pub webhooks: Arc<Webhooks>,
    pub foundation: Foundation,
    pub store: Arc<dyn Store>,
    pub bus: Arc<dyn Bus>,
    pub seats: Arc<Seats>,
    /// What checks of signatures cost that prove nothing.
    pub budget: Budget,
    /// A permit for each command that runs.
    pub runs: Arc<Semaphore>,
    /// The runs of proven callers, while they run.
    pub ongoing: Arc<Ongoing>,
    /// The runs of everybody else, by peer.
    pub visitors: Arc<Visitors>,
    pub gauges: Arc<Gauges>,
    /// What commands see of all this.
    pub world: Arc<World>,
    pub clock: Clock,
    pub runtime: Runtime,
    /// What an admitted command goes through.
    pub execution: Execution,
}

/// What a program brings along beside its commands.
pub struct Additions {
    /// What the program is called on the terminal.
    pub name: &'static str,
    pub version: &'static str,
    /// What stands around each execution.
    pub layers: Layers,
    /// What commands find in their context.
    pub services: Services,
}

impl Default for Additions {
    fn default() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            layers: Layers::default(),
            services: Services::default(),
        }
    }
}

impl App {
    /// Puts the parts together over their foundation; a database is open where there will be streams. `listening` is the bound
    /// address, for whose port the default origins are.
    pub fn new(
        foundation: Foundation,
        config: Config,
        registry: Registry,
        additions: Additions,
        listening: SocketAddr,
        clock: Clock,
    ) -> Self {
        let registry = Arc::new(ArcSwap::from_pointee(registry));
        let ongoing = Arc::<Ongoing>::default();
        let runtime = Runtime::default();
        let store = foundation.store(&config, &runtime, clock);
        let bus = foundation.bus(&config, Arc::clone(&ongoing), clock);
        let gauges = Arc::new(Gauges::default());
        let world = World {
            registry: Arc::clone(&registry),
            store: Arc::clone(&store),
            bus: Arc::clone(&bus),
            gauges: Arc::clone(&gauges),
            clock,
            services: additions.services,
        };
        Self {
            public_origins: config.public_origins(listening.port()),
            registry,
            registering: Mutex::new(false),
            webhooks: Arc::new(Webhooks::new(config.webhooks.allow.clone(), clock)),
            store,
            bus,
            ongoing,
            visitors: Arc::default(),
            gauges,
            world: Arc::new(world),
            budget: Budget::new(config.limits.max_bad_signatures, clock.instant()),
            seats: Arc::new(Seats::new(config.limits.clone())),
            runs: Arc::new(Semaphore::new(config.limits.max_runs.min(Semaphore::MAX_PERMITS))),
            foundation,
            clock,
            execution: additions.layers.execution(runtime.clone()),
            runtime,
            config,
        }
    }
}
