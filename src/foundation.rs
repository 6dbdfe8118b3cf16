//! What a server stands on: a file of its own, or the NATS servers of a deployment.

use std::sync::Arc;
use std::time::Duration;

use crate::bus::{self, Bus};
use crate::clock::Clock;
use crate::config::{Config, Servers};
use crate::database::Database;
use crate::error;
use crate::nats::{Nats, Unusable, Wanted};
use crate::ongoing::Ongoing;
use crate::runtime::Runtime;
use crate::signing::v1::{LONGEST, SKEW};
use crate::store::{self, Store};

#[derive(Clone)]
pub enum Foundation {
    Machine(Database),
    Cluster(Nats),
}

/// How long the servers remember by what a request is known: as long as any signature is good, by clocks that differ, and a
/// minute more.
const WINDOW: Duration = Duration::from_secs((LONGEST + 2 * SKEW + 60).unsigned_abs());

impl Foundation {
    /// Connects to a deployment, and makes what it needs there. Fails with what an operator has to change.
    pub async fn join(config: &Config, servers: &Servers) -> Result<Self, Unusable> {
        Nats::open(&config.bus, servers, wanted(config)).await.map(Self::Cluster)
    }

    /// What a probe calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Machine(_) => "database",
            Self::Cluster(_) => "nats",
        }
    }

    /// Whether it takes what is written. Fails with `store_unavailable`.
    pub async fn check(&self) -> error::Result<()> {
        match self {
            Self::Machine(database) => database.check().await,
            Self::Cluster(nats) => nats.check().await,
        }
    }

    /// Leaves it as whoever comes next should find it. Fails with `store_unavailable`.
    pub async fn leave(&self) -> error::Result<()> {
        match self {
            Self::Machine(database) => database.checkpoint().await,
            Self::Cluster(nats) => nats.leave().await,
        }
    }

    pub(crate) fn store(&self, config: &Config, runtime: &Runtime, clock: Clock) -> Arc<dyn Store> {
        let prompt_bytes = config.limits.max_prompt_bytes;
        match self {
            Self::Machine(database) => Arc::new(store::embedded::Embedded::new(database.clone(), prompt_bytes, clock)),
            Self::Cluster(nats) => {
                Arc::new(store::nats::Remote::new(nats.clone(), prompt_bytes, clock, runtime.clone()))
            }
        }
    }

    pub(crate) fn bus(&self, config: &Config, ongoing: Arc<Ongoing>, clock: Clock) -> Arc<dyn Bus> {
        let retention = config.retention.clone();
        match self {
            Self::Machine(database) => Arc::new(bus::embedded::Embedded::new(database.clone(), retention, clock)),
            Self::Cluster(nats) => {
                Arc::new(bus::nats::Clustered::new(nats.clone(), ongoing, retention.events_per_key, clock))
            }
        }
    }
}

/// What the streams of a deployment must be like.
pub fn wanted(config: &Config) -> Wanted {
    let retention = &config.retention;
    Wanted {
        replicas: config.bus.nats_replicas,
        window: WINDOW,
        age: retention.age,
        bytes: retention.bytes,
        events_per_key: retention.events_per_key,
    }
}
