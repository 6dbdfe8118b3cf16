//! The nodes of a deployment: each says that it lives, and what one leaves that is gone the others bring to an end.

use std::collections::{HashMap, HashSet, VecDeque};
use std::error::Error;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::jetstream::kv::{self, Operation};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::join;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tracing::{debug, info, warn};
use uuid::Uuid;

use super::super::Abandoned;
use super::open::{Entry, Standing};
use super::{Node, admission};
use crate::address::Address;
use crate::error::Result;
use crate::nats::records::Headline;
use crate::nats::{Names, Nats, Stored, unavailable};
use crate::run::Opened;

/// How often a node says that it lives, and after how long a silence, heard by another one that could speak all the while, it
/// is gone.
const BEAT: Duration = Duration::from_secs(2);
const LEASE: Duration = Duration::from_secs(10);
/// What is said for a node by the one that has taken it over; what it says of itself is empty.
const BY_ANOTHER: Bytes = Bytes::from_static(b"gone");
const PAUSE: Duration = Duration::from_millis(250);
/// How long a request waits for that.
const PATIENCE: Duration = Duration::from_millis(1700);
/// How often what was admitted is looked at for what nobody needs any more.
const FORGET: Duration = Duration::from_mins(1);

/// What a node has admitted of late, to know what it may forget.
#[derive(Default)]
pub(super) struct Admitted {
    /// The sequence of the newest.
    newest: AtomicU64,
    /// What was the newest at some times, the oldest first.
    marks: Mutex<VecDeque<(Instant, u64)>>,
    /// Nodes that are gone, whose runs are ours to end.
    adopted: Mutex<HashMap<Uuid, Legacy>>,
    /// When this node has said that it lives, the last time that it could.
    beaten: Mutex<Option<Instant>>,
}

/// What a node that is gone has left.
#[derive(Clone, Copy)]
struct Legacy {
    since: Instant,
    /// The last that it had admitted then, once we have looked. It may come back, and what it admits after that is its own.
    last: Option<u64>,
}

impl Admitted {
    pub(super) fn note(&self, sequence: u64) {
        self.newest.fetch_max(sequence, Ordering::Relaxed);
    }

    fn beat(&self, now: Instant) {
        *self.beaten.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Whether no other can have taken this node for gone since it said that it lives. One that has stood still must say so
    /// again before it opens anything, or nobody would end that if it died.
    fn lives(&self, now: Instant) -> bool {
        let beaten = *self.beaten.lock().unwrap_or_else(PoisonError::into_inner);
        beaten.is_some_and(|at| now.duration_since(at) < LEASE)
    }

    fn adopted(&self) -> Vec<(Uuid, Legacy)> {
        self.lock().iter().map(|(instance, legacy)| (*instance, *legacy)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Legacy>> {
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

/// Says that this node lives, and looks whether the others do, as long as it is polled. What the others leave may be much: to take
/// that over must not keep it from saying so.
pub(super) async fn stay(node: &Node) {
    let watching = async {
        loop {
            if let Err(failure) = watch(node).await {
                debug!(error = &failure as &dyn Error, "the nodes are not seen");
            }
            sleep(PAUSE).await;
        }
    };
    let adopting = async {
        loop {
            for (instance, _) in node.admitted.adopted().into_iter().filter(|(_, legacy)| legacy.last.is_none()) {
                if let Err(failure) = adopt(node, instance).await {
                    debug!(%instance, error = &failure as &dyn Error, "what a node has left is not seen");
                }
            }
            sleep(PAUSE).await;
        }
    };
    join(watching, adopting).await;
}

/// Says that this node lives where others may doubt it. Fails with `store_unavailable`.
pub(super) async fn live(node: &Node) -> Result<()> {
    if node.admitted.lives(node.clock.instant()) {
        return Ok(());
    }
    if !node.nats.is_connected() {
        return Err(unavailable("there is no connection to any of them"));
    }
    let said = node.nats.lasting().put(Names::lease(node.nats.instance()), Bytes::new());
    timeout(PATIENCE, said).await.map_err(unavailable)?.map_err(unavailable)?;
    node.admitted.beat(node.clock.instant());
    Ok(())
}

async fn watch(node: &Node) -> Result<()> {
    let ours = Names::lease(node.nats.instance());
    let leases = node.nats.lasting();
    let mut seen: HashMap<Uuid, (u64, Option<Instant>)> = HashMap::new();
    let mut said = pin!(leases.watch_with_history(Names::LEASES).await.map_err(unavailable)?);
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            entry = said.next() => {
                let entry: kv::Entry = entry.ok_or_else(|| unavailable("the watch ended"))?.map_err(unavailable)?;
                let Some(instance) = Names::instance_of(&entry.key) else { continue };
                match entry.operation {
                    Operation::Put => {
                        let heard = (entry.value != Nats::LEFT).then(|| node.clock.instant());
                        seen.insert(instance, (entry.revision, heard));
                        // It was only silent. What it opens from now on is its own, until it is silent again.
                        if entry.value.is_empty() && node.admitted.lock().remove(&instance).is_some() {
                            info!(node = %instance, "a node is there again that was taken for gone");
                        }
                    }
                    Operation::Delete | Operation::Purge => drop(seen.remove(&instance)),
                }
            }
            _ = beat.tick() => {
                // Also for those that this one has taken over.
                for (instance, _) in node.admitted.adopted() {
                    leases.put(Names::lease(instance), BY_ANOTHER).await.map_err(unavailable)?;
                }
                leases.put(&ours, Bytes::new()).await.map_err(unavailable)?;
                node.admitted.beat(node.clock.instant());
                let now = node.clock.instant();
                let silent = |(instance, (revision, at)): (&Uuid, &(u64, Option<Instant>))| {
                    let is_silent = at.is_none_or(|at| now.duration_since(at) > LEASE);
                    (is_silent && *instance != node.nats.instance()).then_some((*instance, *revision))
                };
                for (instance, revision) in seen.iter().filter_map(silent).collect::<Vec<_>>() {
                    seen.remove(&instance);
                    // One of those who see it takes it over.
                    if leases.update(Names::lease(instance), BY_ANOTHER, revision).await.is_ok() {
                        node.admitted.lock().insert(instance, Legacy { since: now, last: None });
                    }
                }
                bury(node).await?;
            }
        }
    }
}

/// Takes over the runs that a node has opened and not ended.
async fn adopt(node: &Node, instance: Uuid) -> Result<()> {
    let mut open: HashMap<Address, Vec<(Opened, u64)>> = HashMap::new();
    let (mut last, mut fault) = (0, None);
    let read = |record: Stored| {
        last = record.sequence;
        match record.begun() {
            Ok(Some((run, _))) if node.nats.has_ended(run.id) => {}
            Ok(Some((run, after))) => open.entry(run.address).or_default().push((run, after)),
            Ok(None) => {}
            Err(unreadable) => fault = Some(unreadable),
        }
    };
    let is_all = node.nats.each_admission(&node.nats.names().admitted_by(instance), read).await?;
    if let Some(fault) = fault.or_else(|| (!is_all).then(|| unavailable("a server lags behind"))) {
        return Err(fault);
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
    if let Some(legacy) = node.admitted.lock().get_mut(&instance) {
        legacy.last = Some(last);
    }
    match count {
        0 => info!(node = %instance, "a node has left"),
        runs => {
            warn!(node = %instance, runs, "a node is gone; nobody knows how what it ran has ended (outcome_unknown)");
        }
    }
    Ok(())
}

/// Forgets the nodes that are gone, once all that they ran is ended and no copy of what they took can come any more.
async fn bury(node: &Node) -> Result<()> {
    let now = node.clock.instant();
    let is_over = |(_, legacy): &(Uuid, Legacy)| now.duration_since(legacy.since) > node.nats.window();
    for (instance, legacy) in node.admitted.adopted().into_iter().filter(is_over) {
        let Some(last) = legacy.last else { continue };
        let subject = node.nats.names().admitted_by(instance);
        node.nats.purge(&node.nats.names().admissions(), &subject, last + 1).await?;
        node.nats.lasting().purge(Names::lease(instance)).await.map_err(unavailable)?;
        node.admitted.lock().remove(&instance);
        info!(node = %instance, "nothing is left of it");
    }
    Ok(())
}

/// See [`super::Bus::abandoned`].
pub(super) async fn abandoned(node: &Node) -> Result<Vec<Abandoned>> {
    let mut left: Vec<_> = node.open.all(|standing| *standing == Standing::Adopted);
    for Entry { run, standing } in node.open.all(|standing| matches!(standing, Standing::Doubted(_))) {
        if admission::is_doubted_yet(node, &run) {
            continue;
        }
        if node.nats.admitted(run.address).await?.contains_key(&run.id) {
            left.push(Entry { run, standing });
        } else {
            // It leaves no trace, and the same request may have been taken since.
            admission::forget(node, run.id, standing).await;
        }
    }
    let abandoned = |Entry { run, standing }| Abandoned { run, begun: standing == Standing::Adopted };
    Ok(left.into_iter().map(abandoned).collect())
}

/// Forgets what was admitted so long ago that no copy of it can come, but for what still runs, which is written down anew.
pub(super) async fn forget(node: &Node) -> Result<()> {
    let Some(old) = node.admitted.mark(node.clock.instant(), node.nats.window()) else { return Ok(()) };
    node.quota.sweep(node.clock.now().as_second());
    for Entry { run, standing } in node.open.all(|standing| matches!(standing, Standing::Runs(at) if *at <= old)) {
        let sequence = admission::repeat(node, &run).await?;
        if node.open.get(run.id).is_some_and(|now| now.standing == standing) {
            node.open.stands(run.id, Standing::Runs(sequence));
        }
    }
    let subject = node.nats.names().admitted_by(node.nats.instance());
    node.nats.purge(&node.nats.names().admissions(), &subject, old + 1).await
}

/// The runs of an address whose ends stand in the log after some place.
async fn ended(node: &Node, address: Address, after: u64) -> Result<HashSet<Uuid>> {
    let mut ended = HashSet::new();
    let take = |_, end: Headline| {
        ended.insert(end.run);
        true
    };
    node.nats.each_event(address, after, take).await?;
    Ok(ended)
}
