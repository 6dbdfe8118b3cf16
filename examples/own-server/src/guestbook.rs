//! What the commands share: who was greeted.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How many names it holds at most: what callers write must not grow without end.
const ROOM: usize = 1000;

/// Names, and how often each was greeted. There is one, for all commands.
#[derive(Default)]
pub struct Guestbook(Mutex<BTreeMap<String, u32>>);

impl Guestbook {
    /// Notes a guest, and returns how often this one was here; none when the book is full.
    pub fn sign(&self, name: &str) -> Option<u32> {
        let mut guests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if guests.len() >= ROOM && !guests.contains_key(name) {
            return None;
        }
        let times = guests.entry(name.to_owned()).or_default();
        *times = times.saturating_add(1);
        Some(*times)
    }

    /// All guests, in the order of their names.
    pub fn guests(&self) -> BTreeMap<String, u32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
