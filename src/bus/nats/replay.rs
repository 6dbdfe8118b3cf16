//! Reading the log of one key.

use super::super::Page;
use super::Node;
use crate::address::Address;
use crate::error::Result;
use crate::event::{Event, EventId, EventName};
use crate::nats::Stored;

/// A page ends after so many events, or with the one that makes it so many bytes long.
const PAGE_EVENTS: usize = 64;
const PAGE_BYTES: usize = 256 * 1024;

/// See [`super::Bus::replay`].
pub(super) async fn page(node: &Node, address: Address, after: u64, through: u64) -> Result<Page> {
    let part = node.nats.events(address, after, through, PAGE_EVENTS, PAGE_BYTES).await?;
    let event = |record: Stored| {
        let id = EventId { epoch: node.nats.epoch(), sequence: record.sequence };
        Event::from_json(Some(id), EventName::CommandResult, &String::from_utf8_lossy(&record.payload))
    };
    let events = part.records.into_iter().map(event).collect();
    // After it is read: what is forgotten meanwhile is told.
    Ok(Page { events, is_last: part.is_last, trimmed: trimmed(node, address).await? })
}

/// The sequence up to which the log may have forgotten events of a key.
async fn trimmed(node: &Node, address: Address) -> Result<u64> {
    let (log, subject) = (node.nats.names().log(), node.nats.names().events(address));
    let counted = node.nats.count(&log, &subject).await?;
    let of_all = counted.first.saturating_sub(1);
    if counted.count < node.events_per_key as usize {
        return Ok(of_all);
    }
    let oldest = node.nats.page(&log, &subject, 0, 1, PAGE_BYTES).await?;
    Ok(oldest.records.first().map_or(of_all, |record| record.sequence - 1).max(of_all))
}
