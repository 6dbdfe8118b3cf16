//! The one consumer of a node: every event of the log, in its order, to the streams of this node.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures_util::StreamExt;
use tokio::time::sleep;
use tracing::{error, info, warn};

use super::Node;
use super::admission::is_ours;
use crate::error::Result;
use crate::event::EventId;
use crate::nats::records::{self, Headline};
use crate::nats::{Log, Nats, unavailable};

/// How often the server says that it is still there; after two such times of silence another consumer is made.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// How long a request for more events lives, and how long the server keeps a consumer that nobody asks.
const EXPIRES: Duration = Duration::from_secs(5);
const FORGOTTEN: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(100);
/// How often the log is missed before it is taken for deleted.
const LOOKS: usize = 30;
/// How many events before the newest a node begins with: as many as it remembers.
const BEFORE: u64 = Nats::RECENT;

/// Follows the log, and returns when there is another one in its place, or none. What was not heard while there was no connection
/// is heard then.
pub(super) async fn follow(node: &Node) {
    let newest = node.nats.newest_at_start();
    let mut heard = newest.saturating_sub(BEFORE);
    let mut is_well = true;
    loop {
        if let Err(failure) = hear(node, &mut heard, newest, &mut is_well).await
            && std::mem::replace(&mut is_well, false)
        {
            warn!(error = &failure as &dyn std::error::Error, "the log is not followed; it is tried again");
        }
        if is_gone(node).await {
            error!("the stream of events was deleted, or made anew; this server has to begin anew with it");
            return;
        }
        sleep(PAUSE).await;
    }
}

/// Whether the log is another, or not there, for so long that it is no mistake of servers that are just starting.
async fn is_gone(node: &Node) -> bool {
    for _ in 0..LOOKS {
        match node.nats.log().await {
            Ok(Log::Ours(_)) | Err(_) => return false,
            Ok(Log::Another) => return true,
            Ok(Log::Missing) => sleep(PAUSE).await,
        }
    }
    true
}

/// Hears events until something is wrong with the consumer. `heard` is the last.
async fn hear(node: &Node, heard: &mut u64, at_start: u64, is_well: &mut bool) -> Result<()> {
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
    if !std::mem::replace(is_well, true) {
        info!(after = *heard, "the log is followed again");
    }
    if consumer.cached_info().num_pending == 0 {
        node.nats.note_all();
    }
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
        if let Some(headers) = &message.headers
            && let Some(run) = Headline::run(headers)
        {
            node.nats.note(*heard, address, run);
            // It took us for gone, and nobody will hear what comes of it here.
            if !is_ours(node, headers) && node.cancel(address, run) {
                warn!(%run, "another node has ended what runs here; it is cancelled");
            }
        }
        if *heard > at_start {
            let id = EventId { epoch: node.nats.epoch(), sequence: *heard };
            node.streams.publish(address, id, || node.event(id.sequence, &message.payload));
            node.visible.reach(*heard);
        }
        if *heard >= at_start || place.pending == 0 {
            node.nats.note_all();
        }
    }
    Err(unavailable("the consumer ended"))
}
