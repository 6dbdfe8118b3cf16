//! What lasts of an address, in one document: its identity, its settings, and which prompts it has.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::{Identity, PROMPTS, Prompt};
use crate::address::Address;

/// What a newer program has written beside that stays.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Belongings {
    /// Since when there is an identity, in seconds; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<i64>,
    /// When one was deleted last: this outlives it, and the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) preferences: Map<String, Value>,
    /// By their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    prompts: BTreeMap<String, Placed>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// A prompt, without its text.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Placed {
    /// Of its text.
    id: String,
    size: u64,
    /// In milliseconds.
    changed_at: i64,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Belongings {
    pub(super) fn identity(&self, address: Address) -> Option<Identity> {
        let created_at = Timestamp::from_second(self.created_at?).unwrap_or(Timestamp::UNIX_EPOCH);
        Some(Identity { address, created_at })
    }

    pub(super) fn was_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    /// Makes an identity unless there is one. Whether it is new.
    pub(super) fn create(&mut self, now: Timestamp) -> bool {
        let is_new = self.created_at.is_none();
        self.created_at.get_or_insert(now.as_second());
        is_new
    }

    /// Deletes the identity, if there is one, with all that belongs to it; returns the ids of the texts that it had.
    pub(super) fn delete(&mut self, now: Timestamp) -> Option<Vec<String>> {
        self.created_at.take()?;
        self.deleted_at = Some(now.as_second());
        self.preferences.clear();
        let prompts = std::mem::take(&mut self.prompts);
        Some(prompts.into_values().map(|placed| placed.id).collect())
    }

    pub(super) fn prompts(&self) -> Vec<Prompt> {
        self.prompts.iter().map(|(name, placed)| placed.prompt(name)).collect()
    }

    /// A prompt, and the id of its text.
    pub(super) fn prompt(&self, name: &str) -> Option<(Prompt, String)> {
        self.prompts.get(name).map(|placed| (placed.prompt(name), placed.id.clone()))
    }

    /// Whether there is room for a prompt of this name.
    pub(super) fn takes(&self, name: &str) -> bool {
        self.prompts.len() < PROMPTS || self.prompts.contains_key(name)
    }

    /// Places a prompt; returns the id of the text that it replaces.
    pub(super) fn place(&mut self, prompt: &Prompt, id: String) -> Option<String> {
        let changed_at = prompt.changed_at.as_millisecond();
        let placed = Placed { id, size: prompt.size, changed_at, rest: Map::new() };
        self.prompts.insert(prompt.name.clone(), placed).map(|old| old.id)
    }

    /// Takes a prompt away; returns the id of its text.
    pub(super) fn remove(&mut self, name: &str) -> Option<String> {
        self.prompts.remove(name).map(|old| old.id)
    }

    /// Whether one of the prompts has this text.
    pub(super) fn has_text(&self, id: &str) -> bool {
        self.prompts.values().any(|placed| placed.id == id)
    }
}

impl Placed {
    fn prompt(&self, name: &str) -> Prompt {
        let changed_at = Timestamp::from_millisecond(self.changed_at).unwrap_or(Timestamp::UNIX_EPOCH);
        Prompt { name: name.to_owned(), size: self.size, changed_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_program_has_written_stays() {
        let text = r#"{"created_at":1,"prompts":{"a":{"id":"x","size":1,"changed_at":2,"tags":["b"]}},"color":"red"}"#;
        let mut belongings: Belongings = serde_json::from_str(text).unwrap();
        belongings.preferences.insert("theme".to_owned(), "dark".into());
        let written = serde_json::to_value(&belongings).unwrap();
        assert_eq!((&written["color"], &written["prompts"]["a"]["tags"][0]), (&"red".into(), &"b".into()));
        assert_eq!(written["preferences"]["theme"], "dark");
    }
}
