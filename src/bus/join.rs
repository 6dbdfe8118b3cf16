//! Where the log ends and the live stream begins. Pure: it is told what was read and what was heard, and says what comes
//! next, so that every order of events can be tried.
//!
//! A reader that begins knows the newest event that was visible at that moment. What is not newer is read from the log,
//! what is newer is heard. After a loss the log is read up to the newest event of that moment, and what is heard again of
//! it is passed over: events have an order.

use std::collections::VecDeque;

use super::ring::Heard;
use super::{Page, Signal};

#[derive(Debug)]
pub(super) struct Join {
    /// The sequence up to which all is told.
    told: u64,
    /// The sequence up to which the log is to be read.
    through: u64,
    /// Whether it begins with whatever the log still has, which is no gap.
    from_oldest: bool,
    /// What was read and is not told yet.
    read: VecDeque<Heard>,
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
        Self { told: after.unwrap_or(0), through: newest, from_oldest: after.is_none(), read: VecDeque::new() }
    }

    /// The sequence up to which all is told.
    pub(super) fn told(&self) -> u64 {
        self.told
    }

    pub(super) fn next(&mut self) -> Step {
        match self.read.pop_front() {
            Some(heard) => {
                self.note(&heard);
                Step::Tell(heard)
            }
            None if self.told < self.through => Step::Read { after: self.told, through: self.through },
            None => Step::Listen,
        }
    }

    /// Takes what the log has after the place that [`Step::Read`] named.
    pub(super) fn read(&mut self, page: Page) {
        let trimmed = page.trimmed.min(self.through);
        if self.told < trimmed {
            if !self.from_oldest {
                self.read.push_back(Heard::Evicted);
            }
            self.told = trimmed;
        }
        self.from_oldest = false;
        if page.events.is_empty() {
            self.told = self.through;
        }
        self.read.extend(page.events.into_iter().map(|event| Heard::Signal(Signal::Event(event))));
    }

    /// Takes what was heard, and gives back what of it is to be told. `newest` tells the newest event that is
    /// visible now.
    pub(super) fn hear(&mut self, heard: Heard, newest: impl FnOnce() -> u64) -> Option<Heard> {
        match &heard {
            Heard::Signal(Signal::Event(event)) if event.id().is_some_and(|id| id.sequence <= self.told) => {
                return None;
            }
            Heard::Missed(_) => self.through = newest(),
            Heard::Signal(_) | Heard::Evicted => {}
        }
        self.note(&heard);
        Some(heard)
    }

    /// Whether the next thing to tell is that the log has forgotten something.
    pub(super) fn begins_with_a_gap(&self) -> bool {
        matches!(self.read.front(), Some(Heard::Evicted))
    }

    fn note(&mut self, heard: &Heard) {
        if let Heard::Signal(Signal::Event(event)) = heard {
            self.told = event.id().map_or(self.told, |id| id.sequence);
        }
    }
}
