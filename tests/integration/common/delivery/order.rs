//! How far a reader has come.

use std::collections::HashMap;

use nexus::event::EventId;

use super::history::Told;
use super::verdict::{Found, Kind};

#[derive(Default)]
pub struct Order {
    newest: Option<EventId>,
    /// Of each writer, by its number.
    places: HashMap<usize, usize>,
}

impl Order {
    /// The next result, with the number of its writer and its place in what was sent, and whether it may come after what was
    /// sent later.
    pub fn follow(&mut self, told: &Told, writer: usize, place: usize, may_be_late: bool) -> Result<(), Found> {
        let id: Option<EventId> = told.id.as_ref().and_then(|id| id.parse().ok());
        let rises = |before: EventId, id: EventId| before.epoch == id.epoch && before.sequence < id.sequence;
        let follows = id.is_some_and(|id| self.newest.is_none_or(|before| rises(before, id)));
        self.newest = id.or(self.newest);
        if !follows {
            return Err((Kind::Inversion, "its id does not rise"));
        }
        let newest = self.places.entry(writer).or_insert(place);
        if *newest > place && !may_be_late {
            return Err((Kind::Inversion, "a later command of its writer was heard before"));
        }
        *newest = place.max(*newest);
        Ok(())
    }
}
