//! Reading the log of one key.

use super::super::Page;
use super::Node;
use crate::address::Address;
use crate::error::Result;

/// A page ends after so many events, or with the one that makes it so many bytes long.
const PAGE_EVENTS: usize = 64;
const PAGE_BYTES: usize = 256 * 1024;

/// See [`super::Bus::replay`].
pub(super) async fn page(node: &Node, address: Address, after: u64, through: u64) -> Result<Page> {
    let part = node.nats.events(address, after, through, PAGE_EVENTS, PAGE_BYTES).await?;
    let events = part.records.iter().map(|record| node.event(record.sequence, &record.payload)).collect();
    // After it is read: what is forgotten meanwhile is told.
    Ok(Page { events, is_last: part.is_last, trimmed: trimmed(node, address).await? })
}

/// The sequence up to which the log may have forgotten events of a key.
pub(super) async fn trimmed(node: &Node, address: Address) -> Result<u64> {
    let (log, subject) = (node.nats.names().log(), node.nats.names().events(address));
    let counted = node.nats.count(&log, &subject).await?;
    let of_all = counted.first.saturating_sub(1);
    if counted.count < node.events_per_key as usize {
        return Ok(of_all);
    }
    let oldest = node.nats.page(&log, &subject, 0, 1, PAGE_BYTES).await?;
    Ok(oldest.records.first().map_or(of_all, |record| record.sequence - 1).max(of_all))
}
