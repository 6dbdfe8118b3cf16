//! A reader of one key that goes back to the log for what it has not heard.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Bus, Heard, Signal, Subscription};
use crate::address::Address;
use crate::error::Result;
use crate::event::{Event, EventId};

/// Tells what happens to a key from some place on: first what is written, then what comes, with no gap between and nothing
/// twice, whatever is appended meanwhile and however slowly it is read.
///
/// The join: a subscription knows the newest event that was visible when it began. What is not newer is read from the log,
/// what is newer is heard. After a loss the log is read up to the newest event of that time, and what is heard again of it is
/// passed over: events have an order.
pub struct Follower {
    bus: Arc<dyn Bus>,
    address: Address,
    subscription: Subscription,
    /// The sequence up to which all is told.
    told: u64,
    /// The sequence up to which the log is to be read.
    through: u64,
    /// What was read of it and is not told yet.
    page: VecDeque<Event>,
    /// How much the subscription has lost that the log has not given back.
    lost: Option<u64>,
}

impl Follower {
    /// From `after` on, or from now on.
    pub fn new(bus: Arc<dyn Bus>, address: Address, subscription: Subscription, after: Option<u64>) -> Self {
        let through = subscription.since().sequence;
        let told = after.unwrap_or(through);
        Self { bus, address, subscription, told, through, page: VecDeque::new(), lost: None }
    }

    /// The place up to which all is told.
    pub fn place(&self) -> EventId {
        EventId { sequence: self.told, ..self.subscription.since() }
    }

    /// The next thing to tell; none once the bus is gone. Dropping the future loses nothing. Fails with
    /// `store_unavailable`, and may be asked again.
    pub async fn next(&mut self) -> Result<Option<Heard>> {
        loop {
            if let Some(event) = self.page.pop_front() {
                self.told = event.id().map_or(self.told, |id| id.sequence);
                self.lost = self.lost.map(|lost| lost.saturating_sub(1));
                return Ok(Some(Heard::Signal(Signal::Event(event))));
            }
            if self.told < self.through {
                self.page = self.bus.replay(self.address, self.told, self.through).await?.into();
                if self.page.is_empty() {
                    self.told = self.through;
                }
                continue;
            }
            if let Some(lost) = self.lost.take() {
                return Ok(Some(Heard::Missed(lost)));
            }
            match self.subscription.next().await {
                Some(Heard::Signal(Signal::Event(event))) => match event.id().map(|id| id.sequence) {
                    Some(sequence) if sequence <= self.told => {}
                    sequence => {
                        self.told = sequence.unwrap_or(self.told);
                        return Ok(Some(Heard::Signal(Signal::Event(event))));
                    }
                },
                Some(Heard::Missed(missed)) => {
                    self.through = self.subscription.newest().sequence;
                    self.lost = Some(missed);
                }
                heard => return Ok(heard),
            }
        }
    }
}
