//! Every order in which a writer, a trimmer and a reader can meet at the log and the ring, tried to the end.
//!
//! What each of them does under a lock is one step. From every state that can be reached each step that is possible is
//! taken, so there is no order that was not tried.

use super::{Join, Step};
use crate::bus::ring::{Heard, Place, Ring};
use crate::bus::{Page, Signal};
use crate::event::{Epoch, Event, EventId, EventName};

/// A key, and how far each has come who uses it.
#[derive(Clone)]
struct World {
    kept: Vec<u64>,
    trimmed: u64,
    /// It holds one event, so that a reader is soon behind.
    ring: Ring,
    newest: u64,
    /// The next event, and whether it is in the log already.
    next: u64,
    is_durable: bool,
    last: u64,
    trims: u32,
    begins: Begins,
    reader: Option<(Place, Join)>,
    /// What the reader was told: sequences, and none for a gap.
    told: Vec<Option<u64>>,
}

#[derive(Clone, Copy)]
enum Begins {
    Oldest,
    After(u64),
    Now,
}

fn event(sequence: u64) -> Event {
    Event::from_json(Some(EventId { epoch: Epoch(1), sequence }), EventName::CommandResult, "1")
}

impl World {
    /// A log with so many events, so many more that come, and so many that are forgotten.
    fn new(events: u64, more: u64, trims: u32, begins: Begins) -> Self {
        Self {
            kept: (1..=events).collect(),
            trimmed: 0,
            ring: Ring::of(1),
            newest: events,
            next: events + 1,
            is_durable: false,
            last: events + more,
            trims,
            begins,
            reader: None,
            told: Vec::new(),
        }
    }

    /// An event is durable, then visible. False when there are no more.
    fn write(&mut self) -> bool {
        if self.next > self.last {
            return false;
        }
        if self.is_durable {
            self.newest = self.next;
            self.ring.push(Signal::Event(event(self.next)));
            self.next += 1;
        } else {
            self.kept.push(self.next);
        }
        self.is_durable = !self.is_durable;
        true
    }

    fn trim(&mut self) -> bool {
        let is_possible = self.trims > 0 && self.kept.len() > 1;
        if is_possible {
            self.trims -= 1;
            self.trimmed = self.kept.remove(0);
        }
        is_possible
    }

    /// One step of the reader. False when it has nothing to do but wait.
    fn read(&mut self) -> bool {
        let Some((place, join)) = &mut self.reader else {
            let after = match self.begins {
                Begins::Oldest => None,
                Begins::After(sequence) => Some(sequence),
                Begins::Now => Some(self.newest),
            };
            self.reader = Some((self.ring.join(), Join::new(after, self.newest)));
            if matches!(self.begins, Begins::Now) {
                self.begins = Begins::After(self.newest);
            }
            return true;
        };
        match join.next() {
            // Pages of one event, so that much can happen between them.
            Step::Read { after, through } => {
                let wanted = self.kept.iter().filter(|sequence| (after + 1..=through).contains(sequence));
                let is_last = wanted.clone().count() <= 1;
                let events = wanted.take(1).map(|sequence| event(*sequence)).collect();
                join.read(Page { events, is_last, trimmed: self.trimmed });
            }
            Step::Listen => {
                let Some(heard) = self.ring.hear(place) else { return false };
                if let Some(heard) = join.hear(heard, || self.newest) {
                    tell(&mut self.told, &heard);
                }
            }
            Step::Tell(_) => panic!("all was told in the step before"),
        }
        // Nobody else sees this: it is no step of its own.
        while let Step::Tell(heard) = join.next() {
            tell(&mut self.told, &heard);
        }
        true
    }

    /// Goes every way from here, and returns how many there are.
    fn explore(&self) -> u64 {
        let steps: [fn(&mut Self) -> bool; 3] = [Self::write, Self::trim, Self::read];
        let mut ways = 0;
        for step in steps {
            let mut world = self.clone();
            if step(&mut world) {
                ways += world.explore();
            }
        }
        if ways == 0 {
            self.judge();
            return 1;
        }
        ways
    }

    /// In the end all is told, nothing twice, nothing out of order, and a gap just where something is missing.
    fn judge(&self) {
        let told = &self.told;
        let mut expected = match self.begins {
            Begins::Oldest => None,
            Begins::After(sequence) => Some(sequence + 1),
            Begins::Now => panic!("the reader has not begun"),
        };
        for heard in told {
            if let Some(sequence) = heard {
                let is_next = expected.is_none_or(|expected| expected == *sequence);
                assert!(is_next, "{sequence} instead of {expected:?} in {told:?}");
                expected = Some(sequence + 1);
            } else {
                assert!(self.trimmed > 0 && expected.is_some(), "a gap where nothing is missing: {told:?}");
                expected = None;
            }
        }
        let is_complete = match told.iter().flatten().next_back() {
            Some(sequence) => *sequence == self.last,
            // There was nothing to tell: it began after the last event.
            None => expected == Some(self.last + 1),
        };
        assert!(is_complete, "{told:?} does not end with {}", self.last);
    }
}

fn tell(told: &mut Vec<Option<u64>>, heard: &Heard) {
    match heard {
        Heard::Signal(Signal::Event(event)) => told.push(event.id().map(|id| id.sequence)),
        Heard::Evicted => told.push(None),
        Heard::Missed(unlogged) => assert_eq!(*unlogged, 0, "all of it is in the log"),
        Heard::Signal(_) => panic!("nobody said so"),
    }
}

#[track_caller]
fn check(events: u64, more: u64, trims: u32, begins: Begins) {
    let ways = World::new(events, more, trims, begins).explore();
    assert!(ways >= 20, "only {ways} orders were tried");
}

#[test]
fn whoever_begins_now_is_told_what_comes() {
    check(0, 3, 0, Begins::Now);
    check(2, 3, 0, Begins::Now);
}

#[test]
fn whoever_goes_on_from_a_place_is_told_what_is_written_and_then_what_comes() {
    check(2, 3, 0, Begins::After(0));
    check(2, 3, 0, Begins::After(1));
    check(2, 3, 0, Begins::After(2));
    check(2, 3, 0, Begins::Oldest);
    check(0, 3, 0, Begins::Oldest);
}

#[test]
fn whatever_is_forgotten_meanwhile_is_told_as_a_gap() {
    check(2, 2, 2, Begins::After(0));
    check(2, 2, 2, Begins::After(1));
    check(1, 2, 2, Begins::Now);
    check(2, 2, 2, Begins::Oldest);
}
