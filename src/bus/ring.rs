//! What the readers of one key have still to hear. Pure: it knows no lock, no task and no time.

use std::collections::VecDeque;

use super::Signal;

/// How far a reader may fall behind before it is sent back to the log: so many signals, or so many bytes of them.
pub(super) const EVENTS: usize = 256;
pub(super) const BYTES: usize = 1024 * 1024;

/// What a reader has to be told.
#[derive(Clone, Debug)]
pub enum Heard {
    Signal(Signal),
    /// The reader was too slow. What was logged stands in the log; so many events were not, and are gone.
    Missed(u64),
    /// The log has forgotten events that the reader has not been told.
    Evicted,
}

/// The newest signals of a key, each until all who were there when it came have heard it.
#[derive(Clone, Debug)]
pub(super) struct Ring {
    /// How many it holds at most.
    most: usize,
    slots: VecDeque<Slot>,
    bytes: usize,
    readers: usize,
    /// The place of the oldest slot.
    oldest: Place,
    /// The place of the next signal.
    next: Place,
}

#[derive(Clone, Debug)]
struct Slot {
    signal: Signal,
    unheard: usize,
}

/// Where a reader stands: so many signals came before it, and so many of them are in no log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    signals: u64,
    unlogged: u64,
}

impl Place {
    fn pass(&mut self, signal: &Signal) {
        self.signals += 1;
        self.unlogged += u64::from(is_lost_with_the_ring(signal));
    }
}

fn is_lost_with_the_ring(signal: &Signal) -> bool {
    matches!(signal, Signal::Event(event) if event.id().is_none())
}

fn size(signal: &Signal) -> usize {
    match signal {
        Signal::Event(event) => event.frame().len(),
        Signal::Visitor(_) | Signal::Revoked | Signal::Opened(_) | Signal::Commands => 0,
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::of(EVENTS)
    }
}

impl Ring {
    pub(super) fn of(most: usize) -> Self {
        let (oldest, next) = (Place::default(), Place::default());
        Self { most, slots: VecDeque::new(), bytes: 0, readers: 0, oldest, next }
    }

    /// A place for a reader, which hears what is pushed from now on and must [`leave`](Self::leave).
    pub(super) fn join(&mut self) -> Place {
        self.readers += 1;
        self.next
    }

    pub(super) fn leave(&mut self, mut place: Place) {
        while self.hear(&mut place).is_some() {}
        self.readers -= 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.readers == 0
    }

    pub(super) fn push(&mut self, signal: Signal) {
        self.next.pass(&signal);
        self.bytes += size(&signal);
        self.slots.push_back(Slot { signal, unheard: self.readers });
        while self.slots.len() > self.most || self.bytes > BYTES {
            self.drop_oldest();
        }
        self.drop_heard();
    }

    /// The next thing for the reader at `place`, which moves on.
    pub(super) fn hear(&mut self, place: &mut Place) -> Option<Heard> {
        if place.signals < self.oldest.signals {
            let missed = self.oldest.unlogged - place.unlogged;
            *place = self.oldest;
            return Some(Heard::Missed(missed));
        }
        let index = usize::try_from(place.signals - self.oldest.signals).ok()?;
        let slot = self.slots.get_mut(index)?;
        slot.unheard = slot.unheard.saturating_sub(1);
        place.pass(&slot.signal);
        let signal = slot.signal.clone();
        self.drop_heard();
        Some(Heard::Signal(signal))
    }

    fn drop_heard(&mut self) {
        while self.slots.front().is_some_and(|slot| slot.unheard == 0) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(slot) = self.slots.pop_front() {
            self.bytes -= size(&slot.signal);
            self.oldest.pass(&slot.signal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Epoch, Event, EventId, EventName};

    fn logged(sequence: u64) -> Signal {
        let id = EventId { epoch: Epoch(1), sequence };
        Signal::Event(Event::from_json(Some(id), EventName::CommandResult, "1"))
    }

    fn announced(length: usize) -> Signal {
        Signal::Event(Event::from_json(None, EventName::CommandResult, &"1".repeat(length)))
    }

    #[test]
    fn a_signal_is_kept_until_all_who_were_there_have_heard_it() {
        let mut ring = Ring::default();
        let (mut first, mut second) = (ring.join(), ring.join());
        ring.push(logged(1));
        assert!(matches!(ring.hear(&mut first), Some(Heard::Signal(_))));
        assert!(ring.hear(&mut first).is_none());
        assert_eq!(ring.slots.len(), 1);
        assert!(ring.hear(&mut second).is_some());
        assert_eq!((ring.slots.len(), ring.bytes), (0, 0));
        ring.push(logged(2));
        ring.leave(first);
        assert_eq!(ring.slots.len(), 1);
        ring.leave(second);
        assert!(ring.is_empty() && ring.slots.is_empty());
    }

    #[test]
    fn who_comes_later_hears_nothing_of_before() {
        let mut ring = Ring::default();
        let mut early = ring.join();
        ring.push(logged(1));
        let mut late = ring.join();
        assert!(ring.hear(&mut late).is_none());
        ring.push(logged(2));
        assert!(
            matches!(ring.hear(&mut late), Some(Heard::Signal(Signal::Event(event))) if event.id().unwrap().sequence == 2)
        );
        assert!(ring.hear(&mut early).is_some());
        assert!(ring.hear(&mut early).is_some());
        assert!(ring.slots.is_empty());
    }

    #[test]
    fn who_is_too_many_signals_behind_is_told_how_many_are_in_no_log() {
        let mut ring = Ring::default();
        let mut place = ring.join();
        for sequence in 0..10 {
            ring.push(logged(sequence));
            ring.push(announced(1));
        }
        for sequence in 0..EVENTS as u64 {
            ring.push(logged(10 + sequence));
        }
        assert!(matches!(ring.hear(&mut place), Some(Heard::Missed(10))));
        for _ in 0..EVENTS {
            assert!(matches!(ring.hear(&mut place), Some(Heard::Signal(_))));
        }
        assert!(ring.hear(&mut place).is_none());
    }

    #[test]
    fn who_is_too_many_bytes_behind_is_sent_back_too() {
        let mut ring = Ring::default();
        let mut place = ring.join();
        for _ in 0..5 {
            ring.push(announced(BYTES / 4));
            assert!(ring.bytes <= BYTES);
        }
        assert!(matches!(ring.hear(&mut place), Some(Heard::Missed(2))));
        assert_eq!(ring.slots.len(), 3);
    }

    #[test]
    fn a_reader_that_is_behind_leaves_nothing_behind() {
        let mut ring = Ring::default();
        let (slow, mut other) = (ring.join(), ring.join());
        for sequence in 0..300 {
            ring.push(logged(sequence));
            while ring.hear(&mut other).is_some() {}
        }
        ring.leave(slow);
        assert!(ring.slots.is_empty());
    }
}
