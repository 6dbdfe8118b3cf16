//! Taking a request and writing down what became of it, each by one publish.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use hex::encode;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::super::{Mark, Obstacle, Refusal};
use super::open::{Entry, Standing};
use super::{Node, keys, nodes};
use crate::address::Address;
use crate::error::Result;
use crate::event::EventId;
use crate::nats::records::{Admission, Begun, Headline};
use crate::nats::{Put, Record};
use crate::run::{Ended, Nonce, Once, Opened};

/// After this time what was published is stored, or never will be.
const DOUBT: SignedDuration = SignedDuration::from_secs(10);
/// What wrote a record, which tells our own from another's after a lost acknowledgement.
const INSTANCE: &str = "Nexus-Instance";

/// See [`super::Bus::open`]. Where it fails the run does not begin, and what may be written of it all the same is ended later.
pub(super) async fn open(node: &Node, run: Opened, once: Once) -> Result<Option<Obstacle>> {
    nodes::live(node).await?;
    if let Err(refusal) = make_room(node, run.address, once.nonce.as_ref()) {
        return Ok(Some(Obstacle::Refused(refusal)));
    }
    let claim = match &once.idempotency {
        None => None,
        Some(request) => match keys::claim(node, &run, request).await? {
            Ok(claim) => Some(claim),
            Err(obstacle) => return Ok(Some(obstacle)),
        },
    };
    let begun = Begun { after: node.streams.newest().sequence, ..Begun::of(&run) };
    let (id, address) = (run.id, run.address);
    node.open.put(run, Standing::Opening);
    match take(node, id, address, once.nonce.as_ref(), Some(begun)).await {
        Ok(Ok(sequence)) => {
            node.admitted.note(sequence);
            node.open.stands(id, Standing::Runs(sequence));
            Ok(None)
        }
        Ok(Err(obstacle)) => {
            node.open.remove(id);
            if let Some(claim) = claim {
                keys::release(node, claim).await;
            }
            Ok(Some(obstacle))
        }
        Err(failure) => {
            node.open.stands(id, Standing::Doubted(claim));
            Err(failure)
        }
    }
}

/// See [`super::Bus::spend`].
pub(super) async fn spend(node: &Node, address: Address, nonce: Nonce) -> Result<Option<Refusal>> {
    if let Err(refusal) = make_room(node, address, Some(&nonce)) {
        return Ok(Some(refusal));
    }
    let taken = take(node, Uuid::now_v7(), address, Some(&nonce), None).await?;
    Ok(taken.err().map(|_| Refusal::Reused(Mark::Nonce)))
}

/// See [`super::Bus::known`]. What was taken of an address is read anew: it is asked where there is no room, and mostly of an
/// address that has just been here.
pub(super) async fn known(node: &Node, address: Address, once: &Once) -> Result<Option<Obstacle>> {
    if let Some(request) = &once.idempotency
        && let Some(obstacle) = keys::find(node, address, request).await?
    {
        return Ok(Some(obstacle));
    }
    let Some(nonce) = &once.nonce else { return Ok(None) };
    let wanted = encode(name(address, nonce));
    for stored in node.nats.admissions(&node.nats.names().admitted_of(address)).await? {
        if stored.headers.get(NATS_MESSAGE_ID).is_some_and(|id| id.as_str() == wanted) {
            return Ok(Some(judge(&Admission::read(&stored.payload)?, nonce)));
        }
    }
    Ok(None)
}

/// See [`super::Bus::append`].
pub(super) async fn append(node: &Node, ended: Ended) -> Result<Option<EventId>> {
    let Some(Entry { run, standing }) = node.open.get(ended.id) else { return Ok(None) };
    let place = match old_end(node, &run).await? {
        Some(place) => place,
        None => write_end(node, &run, ended).await?,
    };
    forget(node, run.id, standing).await;
    Ok(place.map(|sequence| EventId { epoch: node.nats.epoch(), sequence }))
}

/// Forgets a run that is not open any more.
pub(super) async fn forget(node: &Node, id: Uuid, standing: Standing) {
    node.open.remove(id);
    if let Standing::Doubted(Some(claim)) = standing {
        keys::release(node, claim).await;
    }
}

/// Whether the record of a run that was not begun may still be on its way.
pub(super) fn is_doubted_yet(node: &Node, run: &Opened) -> bool {
    node.clock.now().duration_since(run.at) < DOUBT
}

/// Where the end stands that we have written; none where another node has, which took us for gone.
async fn write_end(node: &Node, run: &Opened, ended: Ended) -> Result<Option<u64>> {
    let mut headers = Headline::encode(run, &ended);
    headers.insert(INSTANCE, node.nats.instance().to_string());
    let record = Record {
        subject: node.nats.names().events(ended.address),
        // A run has one end, whoever writes it first.
        id: Some(ended.id.to_string()),
        headers,
        payload: ended.data.into(),
    };
    let put = node.nats.put(&record).await?;
    let (Put::Stored(sequence) | Put::Known(sequence)) = put;
    node.nats.note(sequence, ended.address, ended.id);
    match put {
        Put::Stored(_) => Ok(Some(sequence)),
        Put::Known(_) => {
            let stored = node.nats.record(&node.nats.names().log(), sequence).await?;
            Ok(is_ours(node, &stored.headers).then_some(sequence))
        }
    }
}

/// The end of a run that is so old that the servers may not know any more that it has one: as [`write_end`] returns it.
async fn old_end(node: &Node, run: &Opened) -> Result<Option<Option<u64>>> {
    let age = node.clock.now().duration_since(run.at);
    if Duration::try_from(age).is_ok_and(|age| age < node.nats.window() / 2) {
        return Ok(None);
    }
    let end = node.nats.end(run.address, run.id, 0).await?;
    Ok(end.map(|(end, _)| is_ours(node, &end.headers).then_some(end.sequence)))
}

pub(super) fn is_ours(node: &Node, headers: &HeaderMap) -> bool {
    headers.get(INSTANCE).is_some_and(|by| by.as_str() == node.nats.instance().to_string())
}

/// Writes down once more that a run goes on; returns where that stands.
pub(super) async fn repeat(node: &Node, run: &Opened) -> Result<u64> {
    let record = Record { id: None, ..record(node, run.id, run.address, None, Some(Begun::of(run)))? };
    let (Put::Stored(sequence) | Put::Known(sequence)) = node.nats.put(&record).await?;
    Ok(sequence)
}

fn make_room(node: &Node, address: Address, nonce: Option<&Nonce>) -> Result<(), Refusal> {
    let Some(nonce) = nonce else { return Ok(()) };
    node.quota.take(address, name(address, nonce), nonce.dies_at, node.clock.now().as_second())
}

/// Takes a request, as the first that has its nonce: where that stands, or what the nonce stands for.
async fn take(
    node: &Node,
    id: Uuid,
    address: Address,
    nonce: Option<&Nonce>,
    run: Option<Begun>,
) -> Result<Result<u64, Obstacle>> {
    let put = node.nats.put(&record(node, id, address, nonce, run)?).await?;
    let (Put::Known(sequence), Some(nonce)) = (put, nonce) else {
        let (Put::Stored(sequence) | Put::Known(sequence)) = put;
        return Ok(Ok(sequence));
    };
    let stored = node.nats.record(&node.nats.names().admissions(), sequence).await?;
    let admission = Admission::read(&stored.payload)?;
    Ok(if admission.id == id { Ok(sequence) } else { Err(judge(&admission, nonce)) })
}

fn record(node: &Node, id: Uuid, address: Address, nonce: Option<&Nonce>, run: Option<Begun>) -> Result<Record> {
    let fingerprint = nonce.map(|nonce| encode(nonce.fingerprint));
    let admission = Admission { id, instance: node.nats.instance(), fingerprint, run };
    Ok(Record {
        subject: node.nats.names().admitted(node.nats.instance(), address),
        id: Some(nonce.map_or_else(|| id.to_string(), |nonce| encode(name(address, nonce)))),
        headers: HeaderMap::new(),
        payload: admission.encode()?,
    })
}

/// The name of one request among all of all signers, with nothing in it that a client has written.
fn name(address: Address, nonce: &Nonce) -> [u8; 32] {
    Sha256::new().chain_update(address.as_bytes()).chain_update(&nonce.value).finalize().into()
}

/// What an admission stands for, to whoever comes with the same nonce.
fn judge(admission: &Admission, nonce: &Nonce) -> Obstacle {
    if admission.run.is_some() && admission.fingerprint.as_deref() == Some(encode(nonce.fingerprint).as_str()) {
        Obstacle::Repeated(Mark::Nonce, admission.id)
    } else {
        Obstacle::Refused(Refusal::Reused(Mark::Nonce))
    }
}
