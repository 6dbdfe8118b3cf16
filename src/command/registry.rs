//! Every command that there is, checked before the first request.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Semaphore;

use super::catalogue::{Description, Document};
use super::definition::{Definition, Role};
use super::describe::forms_of;
use super::erased::Registration;
use super::form::Form;
use super::grammar::{Spoken, did_you_mean, shortened};
use crate::error::{Code, Error, Result};

/// Names that the terminal keeps for itself.
const RESERVED: [&str; 21] = [
    "serve",
    "keys",
    "sign",
    "verify",
    "watch",
    "openapi",
    "doctor",
    "bus",
    "completions",
    "man",
    // And those that stand beside the names in the paths of the API.
    "execute",
    "batch",
    // A signature over `GET /api/v1/runs` must not be one over a command.
    "connect",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "trace",
];

/// A command and all that was made of its definition.
#[derive(Debug)]
pub struct Entry {
    pub name: &'static str,
    definition: Definition,
    /// Where it is defined.
    pub file: &'static str,
    pub bare: Arc<Form>,
    pub subcommands: Vec<Arc<Form>>,
    /// JSON Schema 2020-12 of `data` in a success; none when only the frontend runs it.
    pub output: Option<Value>,
    /// What `GET /api/v1/commands/{name}` gives.
    pub document: Document,
}

impl Entry {
    /// The bare command, then its subcommands.
    pub fn forms(&self) -> impl Iterator<Item = &Form> {
        [&self.bare].into_iter().chain(&self.subcommands).map(|form| &**form)
    }

    /// What of it somebody in this role may run; none when that is nothing.
    fn described_to(&self, role: Role) -> Option<Description<'_>> {
        let is_for = self.forms().any(|form| form.is_for(role));
        is_for.then(|| Description::of_command(&self.definition, &self.bare, &self.subcommands, role))
    }

    fn new(registration: &Registration, mut bare: Form, mut subcommands: Vec<Form>) -> serde_json::Result<Self> {
        let definition = &registration.definition;
        let places = definition.at_once.map(|places| Arc::new(Semaphore::new(places)));
        for form in subcommands.iter_mut().chain([&mut bare]) {
            form.places.clone_from(&places);
        }
        let subcommands: Vec<_> = subcommands.into_iter().map(Arc::new).collect();
        let document = Document::of(&Description::of_command(definition, &bare, &subcommands, Role::Admin))?;
        Ok(Self {
            name: definition.name,
            definition: *definition,
            file: registration.file(),
            bare: Arc::new(bare),
            subcommands,
            output: registration.output.map(|schema| schema().to_value()),
            document,
        })
    }
}

/// The commands, in the order of their names.
#[derive(Debug)]
pub struct Registry {
    entries: Vec<Entry>,
    /// Names and aliases.
    index: HashMap<&'static str, usize>,
    catalogue: Document,
    /// What somebody in each role may run.
    catalogues: [Document; Role::ALL.len()],
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
        let mut faults = Vec::new();
        let mut index: HashMap<&'static str, usize> = HashMap::new();
        let mut entries = Vec::with_capacity(registrations.len());
        for (place, registration) in registrations.iter().enumerate() {
            let file = registration.file();
            let definition = &registration.definition;
            faults.extend(faults_of(definition).into_iter().map(|fault| format!("{file}: {fault}")));
            let aliases = definition.aliases.iter().filter(|alias| **alias != definition.name);
            for name in [&definition.name].into_iter().chain(aliases) {
                match index.entry(name) {
                    Slot::Vacant(slot) => drop(slot.insert(place)),
                    Slot::Occupied(first) => {
                        let other = registrations.get(*first.get()).map_or("", |other| other.file());
                        faults.push(format!("{other} and {file}: both define `{name}`."));
                    }
                }
            }
            match forms_of(registration) {
                Ok((bare, subcommands)) => entries.push(Entry::new(registration, bare, subcommands)),
                Err(more) => faults.extend(more.into_iter().map(|fault| format!("{file}: {fault}"))),
            }
        }
        if !faults.is_empty() {
            return Err(InvalidDefinitions(faults));
        }
        let written = |error: serde_json::Error| InvalidDefinitions(vec![error.to_string()]);
        let entries = entries.into_iter().collect::<Result<Vec<_>, _>>().map_err(written)?;
        let catalogue =
            Document::of(&entries.iter().map(|entry| &entry.document.json).collect::<Vec<_>>()).map_err(written)?;
        let [visitor, member, admin] = Role::ALL
            .map(|role| Document::of(&entries.iter().filter_map(|entry| entry.described_to(role)).collect::<Vec<_>>()));
        let catalogues = [visitor.map_err(written)?, member.map_err(written)?, admin.map_err(written)?];
        Ok(Self { entries, index, catalogue, catalogues })
    }

    pub fn entries(&self) -> &[Entry] {
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
    pub fn entry(&self, name: &str) -> Result<&Entry> {
        let lower = name.to_ascii_lowercase();
        let found = self.index.get(lower.as_str()).and_then(|place| self.entries.get(*place));
        found.ok_or_else(|| {
            let nearest = did_you_mean(&lower, self.index.keys().copied(), "/");
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
            entry.name.clone_into(name);
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

/// What is wrong with the names of a definition and with its time, each as a sentence.
fn faults_of(definition: &Definition) -> Vec<String> {
    let mut faults = Vec::new();
    for name in [&definition.name].into_iter().chain(definition.aliases) {
        if !is_name(name) {
            faults.push(format!("`{name}` is no name; a name is [a-z][a-z0-9-]{{0,31}}."));
        }
        if RESERVED.contains(name) {
            faults.push(format!("`{name}` is reserved for the terminal or the API."));
        }
    }
    for (place, subcommand) in definition.subcommands.iter().enumerate() {
        let before = definition.subcommands.iter().take(place).map(|other| other.name);
        if before.chain([definition.name]).any(|name| name == subcommand.name) {
            faults.push(format!("the subcommand `{}` is declared twice or called like the command.", subcommand.name));
        }
        if !is_name(subcommand.name) {
            faults.push(format!("`{}` is no name of a subcommand; a name is [a-z][a-z0-9-]{{0,31}}.", subcommand.name));
        }
    }
    let demands = definition
        .subcommands
        .iter()
        .map(|sub| (sub.name, sub.requires_role, sub.requires_signature || sub.requires_identity));
    let bare =
        (definition.name, definition.requires_role, definition.requires_signature || definition.requires_identity);
    for (name, role, is_proven) in demands.chain([bare]) {
        if role.is_some() && !is_proven {
            faults.push(format!("`{name}` requires a role of a caller who need not prove an address."));
        }
        if role == Some(Role::Visitor) {
            faults.push(format!("`{name}` requires its caller to be a visitor; leave the role out."));
        }
    }
    if definition.timeout.is_zero() || definition.timeout > Definition::LONGEST_TIMEOUT {
        faults.push(format!("`{}` has a timeout of nothing or of more than a day.", definition.name));
    }
    if definition.at_once.is_some_and(|places| !(1..=Semaphore::MAX_PERMITS).contains(&places)) {
        faults.push(format!("`{}` may not run even once at a time.", definition.name));
    }
    if definition.aliases.contains(&definition.name) {
        faults.push(format!("`{}` is an alias of itself.", definition.name));
    }
    faults
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 32
        && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
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
