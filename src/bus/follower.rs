//! A reader of one key that goes back to the log for what it has not heard.

use std::sync::Arc;

use super::join::{Join, Step};
use super::{Bus, Heard, Subscription};
use crate::address::Address;
use crate::error::Result;
use crate::event::EventId;

/// From where on a reader is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// From the oldest event that is kept.
    Oldest,
    /// What comes after this event, or the place of an event that is forgotten.
    Sequence(u64),
    /// From now on.
    Now,
}

/// Tells what happens to a key from some place on: first what is written, then what comes, with no gap between that is
/// not told and nothing twice, whatever is appended meanwhile and however slowly it is read.
pub struct Follower {
    bus: Arc<dyn Bus>,
    address: Address,
    subscription: Subscription,
    join: Join,
}

impl Follower {
    pub fn new(bus: Arc<dyn Bus>, address: Address, subscription: Subscription, after: After) -> Self {
        let newest = subscription.since().sequence;
        let after = match after {
            After::Oldest => None,
            After::Sequence(sequence) => Some(sequence),
            After::Now => Some(newest),
        };
        Self { bus, address, join: Join::new(after, newest), subscription }
    }

    /// The place up to which all is told.
    pub fn place(&self) -> EventId {
        EventId { sequence: self.join.told(), ..self.subscription.since() }
    }

    /// Reads the first page, if there is any, and returns whether nothing is missing before it. Fails with
    /// `store_unavailable`.
    pub async fn look_back(&mut self) -> Result<bool> {
        if let Step::Read { after, through } = self.join.next() {
            self.join.read(self.bus.replay(self.address, after, through).await?);
        }
        Ok(!self.join.begins_with_a_gap())
    }

    /// The next thing to tell. Dropping the future loses nothing. Fails with `store_unavailable`, and may be asked again.
    pub async fn next(&mut self) -> Result<Heard> {
        loop {
            match self.join.next() {
                Step::Tell(heard) => return Ok(heard),
                Step::Read { after, through } => {
                    self.join.read(self.bus.replay(self.address, after, through).await?);
                }
                Step::Listen => {
                    let heard = self.subscription.next().await;
                    if let Some(heard) = self.join.hear(heard, || self.subscription.newest().sequence) {
                        return Ok(heard);
                    }
                }
            }
        }
    }
}
