//! What nodes tell each other that is in no log: progress, and what the streams of a key are to know. It is heard by whoever is
//! connected at the time, like all that is only announced.

use async_nats::Message;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::join;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::sleep;
use uuid::Uuid;

use super::super::Signal;
use super::Node;
use crate::address::Address;
use crate::event::{Event, EventName};
use crate::nats::Names;
use crate::secret::{Pass, SecretId};

/// How many words wait to be told; more of them are only heard here.
const WAITING: usize = 4096;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

/// What waits to be told to the other nodes: to the streams of an address.
pub(super) struct Outbox {
    sender: Sender<(Address, Word)>,
    waiting: Mutex<Receiver<(Address, Word)>>,
}

/// A signal as it goes from node to node.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Event {
        name: String,
        data: String,
    },
    Visitor(bool),
    Revoked,
    Opened {
        id: String,
        connection: i64,
    },
    /// Whoever runs this is to cancel it.
    Cancel(Uuid),
}

impl Outbox {
    pub(super) fn new() -> Self {
        let (sender, waiting) = channel(WAITING);
        Self { sender, waiting: Mutex::new(waiting) }
    }

    pub(super) fn post(&self, address: Address, signal: &Signal) {
        if let Some(word) = Word::of(signal) {
            // A full box means that NATS is gone, or that all are slow.
            let _ = self.sender.try_send((address, word));
        }
    }

    pub(super) fn post_cancel(&self, address: Address, run: Uuid) {
        let _ = self.sender.try_send((address, Word::Cancel(run)));
    }
}

impl Word {
    fn of(signal: &Signal) -> Option<Self> {
        Some(match signal {
            Signal::Event(event) => Self::Event { name: event.name()?.to_owned(), data: event.json().to_owned() },
            Signal::Visitor(is_one) => Self::Visitor(*is_one),
            Signal::Revoked => Self::Revoked,
            Signal::Opened(Pass::Ticket { id, connection }) => {
                Self::Opened { id: hex::encode(id), connection: *connection }
            }
            // Each node tells its own, once it knows the commands itself.
            Signal::Opened(Pass::Session(_)) | Signal::Commands => return None,
        })
    }

    fn signal(self) -> Option<Signal> {
        Some(match self {
            Self::Event { name, data } => Signal::Event(Event::from_json(None, EventName::of(&name)?, &data)),
            Self::Visitor(is_one) => Signal::Visitor(is_one),
            Self::Revoked => Signal::Revoked,
            Self::Opened { id, connection } => {
                let mut bytes = SecretId::default();
                hex::decode_to_slice(id, &mut bytes).ok()?;
                Signal::Opened(Pass::Ticket { id: bytes, connection })
            }
            Self::Cancel(_) => return None,
        })
    }
}

/// Tells and hears as long as it is polled.
pub(super) async fn exchange(node: &Node) {
    join(tell(node), hear(node)).await;
}

async fn tell(node: &Node) {
    let mut waiting = node.outbox.waiting.lock().await;
    while let Some((address, word)) = waiting.recv().await {
        let subject = node.nats.names().signals(address);
        if let Ok(payload) = serde_json::to_vec(&word) {
            // Whoever is not reached now goes back to the log, or is asked again.
            let _ = node.nats.tell(subject, Bytes::from(payload)).await;
        }
    }
}

async fn hear(node: &Node) {
    loop {
        if let Ok(mut told) = node.nats.listen(node.nats.names().every_signal()).await {
            while let Some(message) = told.next().await {
                heard(node, &message);
            }
        }
        sleep(PAUSE).await;
    }
}

/// What none of us says is passed over.
fn heard(node: &Node, message: &Message) {
    let Ok(word) = serde_json::from_slice::<Word>(&message.payload) else { return };
    let Some(address) = Names::address_of(&message.subject) else { return };
    if let Word::Cancel(run) = word {
        node.cancel(address, run);
    } else if let Some(signal) = word.signal() {
        node.streams.announce(address, signal);
    }
}
