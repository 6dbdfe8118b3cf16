//! Taking a request and writing down what became of it, each by one publish.

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use hex::encode;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::super::{Mark, Obstacle, Refusal};
use super::open::Standing;
use super::{Node, keys};
use crate::address::Address;
use crate::error::Result;
use crate::event::EventId;
use crate::nats::records::{Admission, Begun, Headline};
use crate::nats::{Put, Record};
use crate::run::{Ended, Nonce, Once, Opened};

/// What wrote a record, which tells our own from another's after a lost acknowledgement.
const INSTANCE: &str = "Nexus-Instance";

/// See [`super::Bus::open`]. Where it fails the run does not begin, and what may be written of it all the same is ended later.
pub(super) async fn open(node: &Node, run: Opened, once: Once) -> Result<Option<Obstacle>> {
    if let Some(nonce) = &once.nonce
        && let Err(refusal) = node.quota.take(run.address, nonce.dies_at, node.clock.now().as_second())
    {
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
    let record = record(node, id, address, once.nonce.as_ref(), Some(begun))?;
    node.open.put(run, Standing::Opening);
    let put = match node.nats.put(&record).await {
        Ok(put) => put,
        Err(failure) => {
            node.open.stands(id, Standing::Doubted);
            return Err(failure);
        }
    };
    let obstacle = match (put, &once.nonce) {
        (Put::Stored(sequence), _) | (Put::Known(sequence), None) => {
            begins(node, id, sequence);
            return Ok(None);
        }
        (Put::Known(sequence), Some(nonce)) => match meant(node, sequence, id, nonce).await {
            Ok(None) => {
                begins(node, id, sequence);
                return Ok(None);
            }
            Ok(Some(obstacle)) => obstacle,
            Err(failure) => {
                node.open.stands(id, Standing::Doubted);
                return Err(failure);
            }
        },
    };
    node.open.remove(id);
    if let Some(claim) = claim {
        keys::release(node, claim).await;
    }
    Ok(Some(obstacle))
}

/// See [`super::Bus::spend`].
pub(super) async fn spend(node: &Node, address: Address, nonce: Nonce) -> Result<Option<Refusal>> {
    if let Err(refusal) = node.quota.take(address, nonce.dies_at, node.clock.now().as_second()) {
        return Ok(Some(refusal));
    }
    let id = Uuid::now_v7();
    let record = record(node, id, address, Some(&nonce), None)?;
    let Put::Known(sequence) = node.nats.put(&record).await? else { return Ok(None) };
    Ok(meant(node, sequence, id, &nonce).await?.map(|_| Refusal::Reused(Mark::Nonce)))
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
    let wanted = id_of(address, nonce);
    for stored in node.nats.admissions(&node.nats.names().admitted_of(address)).await? {
        if stored.headers.get(NATS_MESSAGE_ID).is_some_and(|id| id.as_str() == wanted) {
            return Ok(Some(judge(&Admission::read(&stored.payload)?, nonce)));
        }
    }
    Ok(None)
}

/// See [`super::Bus::append`].
pub(super) async fn append(node: &Node, ended: Ended) -> Result<Option<EventId>> {
    let Some(entry) = node.open.get(ended.id) else { return Ok(None) };
    let mut headers = Headline::encode(&entry.run, &ended);
    headers.insert(INSTANCE, node.nats.instance().to_string());
    let record = Record {
        subject: node.nats.names().events(ended.address),
        // A run has one end, whoever writes it first.
        id: Some(ended.id.to_string()),
        headers,
        payload: ended.data.into(),
    };
    let id = |sequence| EventId { epoch: node.nats.epoch(), sequence };
    let put = node.nats.put(&record).await?;
    let (Put::Stored(sequence) | Put::Known(sequence)) = put;
    node.nats.note(sequence, ended.address);
    let appended = match put {
        Put::Stored(_) => Some(id(sequence)),
        Put::Known(_) => {
            let stored = node.nats.record(&node.nats.names().log(), sequence).await?;
            let is_ours =
                stored.headers.get(INSTANCE).is_some_and(|by| by.as_str() == node.nats.instance().to_string());
            is_ours.then(|| id(sequence))
        }
    };
    node.open.remove(ended.id);
    Ok(appended)
}

fn begins(node: &Node, id: Uuid, sequence: u64) {
    node.admitted.note(sequence);
    node.open.stands(id, Standing::Runs(sequence));
}

/// Writes down once more that a run goes on; returns where that stands.
pub(super) async fn repeat(node: &Node, run: &Opened) -> Result<u64> {
    let record = Record { id: None, ..record(node, run.id, run.address, None, Some(Begun::of(run)))? };
    let (Put::Stored(sequence) | Put::Known(sequence)) = node.nats.put(&record).await?;
    Ok(sequence)
}

fn record(node: &Node, id: Uuid, address: Address, nonce: Option<&Nonce>, run: Option<Begun>) -> Result<Record> {
    let fingerprint = nonce.map(|nonce| encode(nonce.fingerprint));
    let admission = Admission { id, instance: node.nats.instance(), fingerprint, run };
    Ok(Record {
        subject: node.nats.names().admitted(node.nats.instance(), address),
        id: Some(nonce.map_or_else(|| id.to_string(), |nonce| id_of(address, nonce))),
        headers: HeaderMap::new(),
        payload: admission.encode()?,
    })
}

/// The name of one request among all of all signers, with nothing in it that a client has written.
fn id_of(address: Address, nonce: &Nonce) -> String {
    encode(Sha256::new().chain_update(address.as_bytes()).chain_update(&nonce.value).finalize())
}

/// What the record stands for that has the nonce; none when it is ours.
async fn meant(node: &Node, sequence: u64, ours: Uuid, nonce: &Nonce) -> Result<Option<Obstacle>> {
    let stored = node.nats.record(&node.nats.names().admissions(), sequence).await?;
    let admission = Admission::read(&stored.payload)?;
    Ok((admission.id != ours).then(|| judge(&admission, nonce)))
}

fn judge(admission: &Admission, nonce: &Nonce) -> Obstacle {
    if admission.run.is_some() && admission.fingerprint.as_deref() == Some(encode(nonce.fingerprint).as_str()) {
        Obstacle::Repeated(Mark::Nonce, admission.id)
    } else {
        Obstacle::Refused(Refusal::Reused(Mark::Nonce))
    }
}
