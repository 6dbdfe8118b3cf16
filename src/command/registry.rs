//! Every command that there is, checked before the first request.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::catalogue::Document;
use super::definition::Role;
use super::entry::Entry;
use super::erased::Registration;
use super::form::Form;
use super::grammar::{Spoken, did_you_mean, shortened};
use super::rules::clashes;
use crate::error::{Code, Error, Result};

/// The commands at one time, in the order of their names. When one comes or goes there is another registry.
#[derive(Debug)]
pub struct Registry {
    entries: Vec<Arc<Entry>>,
    /// Names and aliases.
    index: HashMap<String, usize>,
    catalogue: Document,
    /// What somebody in each role may run.
    catalogues: [Document; Role::ALL.len()],
    /// The OpenAPI document of these commands, once somebody has asked for it.
    pub openapi: OnceLock<Document>,
}

impl Registry {
    /// All commands that are linked into the program.
    pub fn discover() -> Result<Self, InvalidDefinitions> {
        Self::new(inventory::iter::<Registration>)
    }

    /// Checks every registration and says all that is wrong, with the files.
    pub fn new<'a>(registrations: impl IntoIterator<Item = &'a Registration>) -> Result<Self, InvalidDefinitions> {
        let mut registrations: Vec<_> = registrations.into_iter().collect();
        registrations.sort_by_key(|registration| (registration.definition.name, registration.file()));
        let names = |registration: &&Registration| {
            let definition = registration.definition;
            let aliases = definition.aliases.iter().filter(move |alias| **alias != definition.name);
            let file = registration.file();
            [definition.name].into_iter().chain(aliases.copied()).map(move |name| (name, file))
        };
        let mut faults = taken_twice(registrations.iter().flat_map(names));
        let mut entries = Vec::with_capacity(registrations.len());
        for registration in registrations {
            match Entry::of(registration) {
                Ok(entry) => entries.push(Arc::new(entry)),
                Err(more) => faults.extend(more.into_iter().map(|fault| format!("{}: {fault}", registration.file()))),
            }
        }
        if faults.is_empty() { Self::of(entries) } else { Err(InvalidDefinitions(faults)) }
    }

    /// These commands and one more.
    pub fn with(&self, entry: Arc<Entry>) -> Result<Self, InvalidDefinitions> {
        Self::of(self.entries.iter().map(Arc::clone).chain([entry]).collect())
    }

    /// These commands but those with this name.
    pub fn without(&self, name: &str) -> Result<Self, InvalidDefinitions> {
        Self::of(self.entries.iter().filter(|entry| entry.name != name).map(Arc::clone).collect())
    }

    /// Checks what no command can be blamed for alone.
    pub fn of(mut entries: Vec<Arc<Entry>>) -> Result<Self, InvalidDefinitions> {
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        let names = entries.iter().flat_map(|entry| entry.names().map(|name| (name, entry.source.as_str())));
        let mut faults = taken_twice(names);
        let forms = entries.iter().flat_map(|entry| entry.forms().map(|form| (entry.source.as_str(), form)));
        faults.extend(clashes(forms.filter_map(|(source, form)| Some((source, form.endpoint?)))));
        if !faults.is_empty() {
            return Err(InvalidDefinitions(faults));
        }
        let places = entries.iter().enumerate();
        let index = places.flat_map(|(place, entry)| entry.names().map(move |name| (name.to_owned(), place)));
        let index = index.collect();
        let written = |error: serde_json::Error| InvalidDefinitions(vec![error.to_string()]);
        let catalogue =
            Document::of(&entries.iter().map(|entry| &entry.document.json).collect::<Vec<_>>()).map_err(written)?;
        let [visitor, member, admin] = Role::ALL
            .map(|role| Document::of(&entries.iter().filter_map(|entry| entry.described_to(role)).collect::<Vec<_>>()));
        let catalogues = [visitor.map_err(written)?, member.map_err(written)?, admin.map_err(written)?];
        Ok(Self { entries, index, catalogue, catalogues, openapi: OnceLock::new() })
    }

    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// The JSON array of all definitions.
    pub fn catalogue(&self) -> &Document {
        &self.catalogue
    }

    /// The JSON array of the definitions of what somebody in this role may run.
    pub fn catalogue_for(&self, role: Role) -> &Document {
        let [visitor, member, admin] = &self.catalogues;
        match role {
            Role::Visitor => visitor,
            Role::Member => member,
            Role::Admin => admin,
        }
    }

    /// The command with this name or alias, in any case. Fails with `unknown_command`.
    pub fn entry(&self, name: &str) -> Result<&Arc<Entry>> {
        let lower = name.to_ascii_lowercase();
        let found = self.index.get(lower.as_str()).and_then(|place| self.entries.get(*place));
        found.ok_or_else(|| {
            let nearest = did_you_mean(&lower, self.index.keys().map(|name| &**name), "/");
            Error::new(Code::UnknownCommand, format!("There is no command /{}.", shortened(&lower))).with_hint(
                nearest.unwrap_or_else(|| "Send /help, or GET /api/v1/commands, for all there are.".to_owned()),
            )
        })
    }

    /// `/Identity delete` as `identity/delete`, and an alias as the name that it stands for. What is unknown stays: there may
    /// be runs of commands that are gone.
    pub fn canonical(&self, path: &str) -> String {
        let words = path.split(['/', ' ']).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase);
        let mut words: Vec<String> = words.collect();
        if let Some(name) = words.first_mut()
            && let Some(entry) = self.index.get(name.as_str()).and_then(|place| self.entries.get(*place))
        {
            name.clone_from(&entry.name);
        }
        words.join("/")
    }

    /// The form that was meant, and takes the word that names a subcommand off the words. Fails with `unknown_command`.
    pub fn resolve(&self, spoken: &mut Spoken) -> Result<Arc<Form>> {
        let entry = self.entry(&spoken.name)?;
        let find = |name: &str| {
            let path = format!("/{}/{name}", entry.name);
            entry.subcommands.iter().find(|form| form.path == path).map(Arc::clone)
        };
        if let Some(name) = &spoken.subcommand {
            return find(name).ok_or_else(|| unknown_subcommand(entry, name));
        }
        let word = spoken.words.first().and_then(|word| word.plain()).map(str::to_ascii_lowercase);
        let Some(word) = word.filter(|_| !entry.subcommands.is_empty()) else {
            return Ok(Arc::clone(&entry.bare));
        };
        if let Some(form) = find(&word) {
            spoken.words.remove(0);
            return Ok(form);
        }
        let takes_words = entry.bare.parameters.iter().any(|parameter| parameter.required);
        if takes_words || word.starts_with('-') || word.contains(':') {
            return Ok(Arc::clone(&entry.bare));
        }
        Err(unknown_subcommand(entry, &word))
    }
}

fn unknown_subcommand(entry: &Entry, name: &str) -> Error {
    let prefix = format!("/{}/", entry.name);
    let names: Vec<_> = entry.subcommands.iter().filter_map(|form| form.path.strip_prefix(&prefix)).collect();
    let hint = match did_you_mean(name, names.iter().copied(), &prefix) {
        Some(question) => question,
        None if names.is_empty() => format!("It has none. Usage: {}", entry.bare.usage),
        None => format!("It has: {}.", names.join(", ")),
    };
    Error::new(Code::UnknownCommand, format!("/{} has no subcommand {}.", entry.name, shortened(name))).with_hint(hint)
}

/// Says of each name that more than one has where they are.
fn taken_twice<'a>(names: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let (mut first, mut faults) = (HashMap::new(), Vec::new());
    for (name, source) in names {
        match first.entry(name) {
            Slot::Vacant(slot) => drop(slot.insert(source)),
            Slot::Occupied(other) => faults.push(format!("{} and {source}: both define `{name}`.", other.get())),
        }
    }
    faults
}

/// Why the commands cannot be served: every fault, each with the files it is in.
#[derive(Debug)]
pub struct InvalidDefinitions(pub Vec<String>);

impl fmt::Display for InvalidDefinitions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the commands are not defined as they should be:")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for InvalidDefinitions {}
