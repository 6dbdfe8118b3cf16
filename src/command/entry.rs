//! A command, and all that was made of its definition.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::catalogue::{Description, Document};
use super::declared::Declared;
use super::definition::Role;
use super::describe::declared_by;
use super::erased::Registration;
use super::form::{Form, Make, Maker};
use super::parameter::Enforced;
use super::rules::{faults_of, faults_of_endpoint};
use super::turns::Turns;

/// A command and all that was made of its definition.
#[derive(Debug)]
pub struct Entry {
    pub name: String,
    pub declared: Declared,
    pub source: Source,
    pub bare: Arc<Form>,
    pub subcommands: Vec<Arc<Form>>,
    /// JSON Schema 2020-12 of `data` in a success; none where nobody knows it.
    pub output: Option<Value>,
    /// What `GET /api/v1/commands/{name}` gives.
    pub document: Document,
}

/// Where a command was defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In this file, from the root of its package.
    File(&'static str),
    /// By whoever called the server, or by the server that is called.
    Elsewhere,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Source {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File(file) => file,
            Self::Elsewhere => "the definition",
        }
    }
}

impl Entry {
    /// Fails with all that is wrong, each as a sentence.
    pub(super) fn of(registration: &Registration) -> Result<Self, Vec<String>> {
        let (declared, makers) = declared_by(registration)?;
        let name = declared.name().to_owned();
        let mut entry = Self::new(declared, Source::File(registration.file()), makers, Enforced::ByKind);
        let output = registration.output.map(|schema| schema().to_value());
        if let Ok(entry) = &mut entry {
            entry.output = output;
        }
        let stem = registration.file().strip_prefix("commands/").and_then(|file| file.strip_suffix(".rs"));
        if stem.is_none_or(|stem| stem == name) {
            return entry;
        }
        let fault = format!("`{name}` is defined in it; a file in commands/ is called like its command.");
        Err(entry.err().into_iter().flatten().chain([fault]).collect())
    }

    /// A command that is no type of this program. What `make` is given is the path of the form, and what it gives makes the
    /// command of its arguments; without it the command is known and not run here. Fails as above.
    pub fn declared(declared: Declared, make: Option<&dyn Fn(&str) -> Make>) -> Result<Self, Vec<String>> {
        let makers = declared.sayings().map(|saying| make.map(|make| Maker::Any(make(&declared.path(saying)))));
        let makers = makers.collect();
        let enforced = if make.is_some() { Enforced::BySchema } else { Enforced::Elsewhere };
        Self::new(declared, Source::Elsewhere, makers, enforced)
    }

    fn new(
        declared: Declared,
        source: Source,
        makers: Vec<Option<Maker>>,
        enforced: Enforced,
    ) -> Result<Self, Vec<String>> {
        let mut faults = faults_of(&declared, source);
        let turns = Arc::new(Turns::new(declared.at_once.filter(|_| faults.is_empty()), declared.cooldown));
        let mut forms = Vec::with_capacity(makers.len());
        for (saying, maker) in declared.sayings().zip(makers) {
            match Form::of(&declared, saying, Arc::clone(&turns), maker, enforced) {
                Ok(form) => {
                    faults.extend(form.endpoint.iter().flat_map(|endpoint| faults_of_endpoint(&form, *endpoint)));
                    forms.push(Arc::new(form));
                }
                Err(more) => faults.extend(more),
            }
        }
        if !faults.is_empty() || forms.is_empty() {
            return Err(faults);
        }
        let bare = forms.remove(0);
        let document = Document::of(&Description::of_command(&declared, &bare, &forms, Role::Admin));
        Ok(Self {
            name: declared.name().to_owned(),
            declared,
            source,
            bare,
            subcommands: forms,
            output: None,
            document: document.map_err(|error| vec![error.to_string()])?,
        })
    }

    /// The bare command, then its subcommands.
    pub fn forms(&self) -> impl Iterator<Item = &Arc<Form>> {
        [&self.bare].into_iter().chain(&self.subcommands)
    }

    /// What of it somebody in this role may run; none when that is nothing.
    pub(super) fn described_to(&self, role: Role) -> Option<Description<'_>> {
        let is_for = self.forms().any(|form| form.is_for(role));
        is_for.then(|| Description::of_command(&self.declared, &self.bare, &self.subcommands, role))
    }

    /// The name, then the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.declared.names()
    }
}
