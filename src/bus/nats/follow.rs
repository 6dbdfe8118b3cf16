//! The one consumer of a node: every event of the log, in its order, to the streams of this node.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures_util::StreamExt;
use tokio::time::sleep;
use tracing::{info, warn};

use super::Node;
use crate::error::Result;
use crate::event::{Event, EventId, EventName};
use crate::nats::{Nats, records, unavailable};

/// How often the server says that it is still there; after two such times of silence another consumer is made.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// How long a request for more events lives, and how long the server keeps a consumer that nobody asks.
const EXPIRES: Duration = Duration::from_secs(5);
const FORGOTTEN: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(100);
/// How many events before the newest a node begins with: as many as it remembers.
const BEFORE: u64 = Nats::RECENT;

/// Follows the log as long as it is polled. What was not heard while there was no connection is heard then.
pub(super) async fn follow(node: &Node) {
    let newest = node.nats.newest_at_start();
    let mut heard = newest.saturating_sub(BEFORE);
    let mut is_well = true;
    loop {
        if let Err(failure) = hear(node, &mut heard, newest).await
            && std::mem::replace(&mut is_well, false)
        {
            warn!(error = &failure as &dyn std::error::Error, "the log is not followed; it is tried again");
        }
        sleep(PAUSE).await;
        if !is_well && node.nats.is_connected() {
            is_well = true;
            info!(after = heard, "the log is followed again");
        }
    }
}

/// Hears events until something is wrong with the consumer. `heard` is the last.
async fn hear(node: &Node, heard: &mut u64, at_start: u64) -> Result<()> {
    let log = node.nats.jetstream().get_stream_no_info(node.nats.names().log()).await.map_err(unavailable)?;
    let config = pull::Config {
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: *heard + 1 },
        ack_policy: AckPolicy::None,
        inactive_threshold: FORGOTTEN,
        memory_storage: true,
        num_replicas: 1,
        ..pull::Config::default()
    };
    let consumer = log.create_consumer(config).await.map_err(unavailable)?;
    let asked = consumer.stream().expires(EXPIRES).heartbeat(HEARTBEAT).max_messages_per_batch(1_000);
    let mut messages = asked.messages().await.map_err(unavailable)?;
    let mut count = 0;
    while let Some(message) = messages.next().await {
        let message = message.map_err(unavailable)?;
        let place = message.info().map_err(unavailable)?;
        count += 1;
        if place.consumer_sequence != count {
            return Err(unavailable("an event was lost on the way"));
        }
        *heard = place.stream_sequence;
        let address = records::address(&message.subject)?;
        node.nats.note(*heard, address);
        if *heard > at_start {
            let id = EventId { epoch: node.nats.epoch(), sequence: *heard };
            let event =
                || Event::from_json(Some(id), EventName::CommandResult, &String::from_utf8_lossy(&message.payload));
            node.streams.publish(address, id, event);
        }
    }
    Err(unavailable("the consumer ended"))
}
