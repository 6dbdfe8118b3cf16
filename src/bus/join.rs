//! Where the log ends and the live stream begins. Pure: it is told what was read and what was heard, and says what comes
//! next, so that every order of events can be tried.
//!
//! A reader that begins knows the newest event that was visible at that moment. What is not newer is read from the log,
//! what is newer is heard. After a loss the log is read up to the newest event of that moment, and what is heard again of
//! it is passed over: events have an order.

use std::collections::VecDeque;

use super::ring::Heard;
use super::{Page, Signal};

#[derive(Clone, Debug)]
pub(super) struct Join {
    /// The place up to which all is told.
    told: u64,
    /// The sequence up to which all is told or waits to be.
    known: u64,
    /// The sequence up to which the log is to be read.
    through: u64,
    /// Whether it begins with whatever the log still has, which is no gap.
    from_oldest: bool,
    /// What waits to be told, each with the place that is reached by it.
    waiting: VecDeque<(u64, Heard)>,
}

/// What is to be done next.
#[derive(Debug)]
pub(super) enum Step {
    Tell(Heard),
    /// Read a page of the log and hand it to [`Join::read`].
    Read {
        after: u64,
        through: u64,
    },
    /// Hear the next signal and hand it to [`Join::hear`].
    Listen,
}

impl Join {
    /// Tells from `after` on; none for the oldest event there is. `newest` was the newest event when listening began.
    pub(super) fn new(after: Option<u64>, newest: u64) -> Self {
        let place = after.unwrap_or(0);
        Self { told: place, known: place, through: newest, from_oldest: after.is_none(), waiting: VecDeque::new() }
    }

    /// The place up to which all is told.
    pub(super) fn told(&self) -> u64 {
        self.told
    }

    pub(super) fn next(&mut self) -> Step {
        if let Some((place, heard)) = self.waiting.pop_front() {
            self.told = place;
            return Step::Tell(heard);
        }
        self.told = self.known;
        if self.known < self.through {
            return Step::Read { after: self.known, through: self.through };
        }
        Step::Listen
    }

    /// Takes what the log has after the place that [`Step::Read`] named.
    pub(super) fn read(&mut self, page: Page) {
        let trimmed = page.trimmed.min(self.through);
        if self.known < trimmed {
            if !self.from_oldest {
                self.waiting.push_back((trimmed, Heard::Evicted));
            }
            self.known = trimmed;
        }
        self.from_oldest = false;
        for event in page.events {
            self.known = event.id().map_or(self.known, |id| id.sequence);
            self.waiting.push_back((self.known, Heard::Signal(Signal::Event(event))));
        }
        if page.is_last {
            self.known = self.through;
        }
    }

    /// Takes what was heard, and gives back what of it is to be told. `newest` tells the newest event that is visible now.
    pub(super) fn hear(&mut self, heard: Heard, newest: impl FnOnce() -> u64) -> Option<Heard> {
        match &heard {
            Heard::Signal(Signal::Event(event)) => {
                let place = event.id().map(|id| id.sequence);
                if place.is_some_and(|place| place <= self.known) {
                    return None;
                }
                self.known = place.unwrap_or(self.known);
                self.told = self.known;
            }
            Heard::Missed(_) => self.through = newest(),
            Heard::Signal(Signal::Visitor(_) | Signal::Revoked | Signal::Opened(_) | Signal::Commands)
            | Heard::Evicted => {}
        }
        Some(heard)
    }

    /// Whether the next thing to tell is that the log has forgotten something.
    pub(super) fn begins_with_a_gap(&self) -> bool {
        matches!(self.waiting.front(), Some((_, Heard::Evicted)))
    }
}

#[cfg(test)]
mod explored;
