//! The nodes of a deployment: each says that it lives, and what one leaves that is gone the others bring to an end.

use std::collections::{HashMap, HashSet, VecDeque};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::jetstream::kv::{self, Operation};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tracing::{info, warn};
use uuid::Uuid;

use super::super::Abandoned;
use super::open::{Entry, Standing};
use super::{Node, admission};
use crate::address::Address;
use crate::error::Result;
use crate::nats::records::{Admission, Headline, address};
use crate::nats::unavailable;
use crate::run::Opened;

/// How often a node says that it lives, and after how long a silence, heard by another one that could speak all the while, it
/// is gone.
const BEAT: Duration = Duration::from_secs(2);
const LEASE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(250);
/// How often what was admitted is looked at for what nobody needs any more.
const FORGET: Duration = Duration::from_mins(1);

/// What a node has admitted of late, to know what it may forget.
#[derive(Default)]
pub(super) struct Admitted {
    /// The sequence of the newest.
    newest: AtomicU64,
    /// What was the newest at some times, the oldest first.
    marks: Mutex<VecDeque<(Instant, u64)>>,
    /// Nodes that are gone, whose runs are ours to end, and since when.
    adopted: Mutex<HashMap<Uuid, Instant>>,
}

impl Admitted {
    pub(super) fn note(&self, sequence: u64) {
        self.newest.fetch_max(sequence, Ordering::Relaxed);
    }

    fn adopted(&self) -> Vec<(Uuid, Instant)> {
        self.lock().iter().map(|(instance, since)| (*instance, *since)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Instant>> {
        // Nothing in here panics while it holds the lock.
        self.adopted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was admitted up to then, longer than `window` ago; none where it is not yet time to look.
    fn mark(&self, now: Instant, window: Duration) -> Option<u64> {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        if marks.back().is_some_and(|(at, _)| now.duration_since(*at) < FORGET) {
            return None;
        }
        marks.push_back((now, self.newest.load(Ordering::Relaxed)));
        let mut old = None;
        while let Some((_, sequence)) = marks.front().copied().filter(|(at, _)| now.duration_since(*at) > window) {
            old = Some(sequence);
            marks.pop_front();
        }
        old
    }
}

/// Says that this node lives, and looks whether the others do, as long as it is polled.
pub(super) async fn stay(node: &Node) {
    loop {
        if let Err(failure) = watch(node).await {
            tracing::debug!(error = &failure as &dyn std::error::Error, "the nodes are not seen");
        }
        sleep(PAUSE).await;
    }
}

async fn watch(node: &Node) -> Result<()> {
    let ours = key_of(node.nats.instance());
    let leases = node.nats.lasting();
    let mut seen: HashMap<Uuid, (u64, Instant)> = HashMap::new();
    let mut said = pin!(leases.watch_with_history("nodes.*").await.map_err(unavailable)?);
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            entry = said.next() => {
                let entry: kv::Entry = entry.ok_or_else(|| unavailable("the watch ended"))?.map_err(unavailable)?;
                let Some(instance) = entry.key.strip_prefix("nodes.").and_then(|id| id.parse::<Uuid>().ok()) else { continue };
                match entry.operation {
                    Operation::Put => drop(seen.insert(instance, (entry.revision, node.clock.instant()))),
                    Operation::Delete | Operation::Purge => drop(seen.remove(&instance)),
                }
            }
            _ = beat.tick() => {
                // Also for those that this one has taken over.
                for (instance, _) in node.admitted.adopted() {
                    leases.put(key_of(instance), Bytes::new()).await.map_err(unavailable)?;
                }
                leases.put(&ours, Bytes::new()).await.map_err(unavailable)?;
                let now = node.clock.instant();
                let silent = |(instance, (revision, at)): (&Uuid, &(u64, Instant))| {
                    let is_gone = *instance != node.nats.instance() && now.duration_since(*at) > LEASE;
                    is_gone.then_some((*instance, *revision))
                };
                for (instance, revision) in seen.iter().filter_map(silent).collect::<Vec<_>>() {
                    seen.remove(&instance);
                    // One of those who see it takes it over.
                    if leases.update(key_of(instance), Bytes::new(), revision).await.is_ok() {
                        let runs = adopt(node, instance).await?;
                        warn!(node = %instance, runs, "a node is gone; what it ran has no known end (outcome_unknown)");
                    }
                }
                bury(node).await?;
            }
        }
    }
}

/// Takes over the runs that a node has opened and not ended; how many there are.
async fn adopt(node: &Node, instance: Uuid) -> Result<usize> {
    let records = node.nats.admissions(&node.nats.names().admitted_by(instance)).await?;
    let mut open: HashMap<Address, Vec<(Opened, u64)>> = HashMap::new();
    for record in &records {
        let (whose, admission) = (address(&record.subject)?, Admission::read(&record.payload)?);
        let after = admission.run.as_ref().map_or(0, |begun| begun.after);
        open.entry(whose).or_default().extend(admission.opened(whose).map(|run| (run, after)));
    }
    let mut count = 0;
    for (whose, runs) in open {
        let after = runs.iter().map(|(_, after)| *after).min().unwrap_or(0);
        let ended = ended(node, whose, after).await?;
        for (run, _) in runs.into_iter().filter(|(run, _)| !ended.contains(&run.id)) {
            node.open.put(run, Standing::Adopted);
            count += 1;
        }
    }
    node.admitted.lock().insert(instance, node.clock.instant());
    Ok(count)
}

/// Forgets the nodes that are gone, once all that they ran is ended and no copy of what they took can come any more.
async fn bury(node: &Node) -> Result<()> {
    let now = node.clock.instant();
    let is_over = |(_, since): &(Uuid, Instant)| now.duration_since(*since) > node.nats.window();
    for (instance, _) in node.admitted.adopted().into_iter().filter(is_over) {
        node.nats.purge(&node.nats.names().admissions(), &node.nats.names().admitted_by(instance), None).await?;
        node.nats.lasting().purge(key_of(instance)).await.map_err(unavailable)?;
        node.admitted.lock().remove(&instance);
        info!(node = %instance, "nothing is left of it");
    }
    Ok(())
}

/// See [`super::Bus::abandoned`].
pub(super) fn abandoned(node: &Node) -> Vec<Abandoned> {
    let left = node.open.all(|standing| matches!(standing, Standing::Adopted | Standing::Doubted));
    let abandoned = |Entry { run, standing }| Abandoned { run, begun: standing == Standing::Adopted };
    left.into_iter().map(abandoned).collect()
}

/// Forgets what was admitted so long ago that no copy of it can come, but for what still runs, which is written down anew.
pub(super) async fn forget(node: &Node) -> Result<()> {
    let Some(old) = node.admitted.mark(node.clock.instant(), node.nats.window()) else { return Ok(()) };
    for Entry { run, standing } in node.open.all(|standing| matches!(standing, Standing::Runs(at) if at <= old)) {
        let sequence = admission::repeat(node, &run).await?;
        if node.open.get(run.id).is_some_and(|now| now.standing == standing) {
            node.open.stands(run.id, Standing::Runs(sequence));
        }
    }
    let subject = node.nats.names().admitted_by(node.nats.instance());
    node.nats.purge(&node.nats.names().admissions(), &subject, Some(old + 1)).await
}

/// The runs of an address whose ends stand in the log after some place.
async fn ended(node: &Node, address: Address, mut after: u64) -> Result<HashSet<Uuid>> {
    let mut ended = HashSet::new();
    loop {
        let part = node.nats.events(address, after, u64::MAX, 512, 1 << 20).await?;
        after = part.records.last().map_or(after, |record| record.sequence);
        ended.extend(part.records.iter().filter_map(|event| Headline::read(&event.headers)).map(|end| end.run));
        if part.is_last {
            return Ok(ended);
        }
    }
}

fn key_of(instance: Uuid) -> String {
    format!("nodes.{}", instance.simple())
}
