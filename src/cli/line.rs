//! The words of the command line as clap is to read them: those that name a command in lower case and first, then what of our
//! options stood before or between them, then all others.

use std::collections::VecDeque;
use std::ffi::OsString;

use clap::{Arg, Args, Command};

use crate::config::Running;

/// The name under which the program's own `help` goes.
pub(super) const HELP: &str = "help";
/// The option that names the server.
const SERVER: &str = "server";

pub(super) struct Line {
    /// The name of the program, and what follows it.
    pub words: Vec<OsString>,
    /// What stands where the name of a command is, and is none that is known; in lower case.
    pub unknown: Option<String>,
    /// What is said to be the server before it could be any command's own argument.
    pub server: Option<String>,
    /// Behind the names.
    rest: Vec<OsString>,
}

/// One of our options where it is nobody else's: which one it is, and the words of it.
struct Ahead {
    id: String,
    /// What follows `=`.
    joined: Option<String>,
    value: Option<OsString>,
}

impl Line {
    /// Names ignore case, as they do wherever a command is said.
    pub(super) fn read(words: impl Iterator<Item = OsString>, program: &Command) -> Self {
        let original: Vec<_> = words.collect();
        let mut rest: VecDeque<_> = original.iter().cloned().collect();
        let mut names: Vec<_> = rest.pop_front().into_iter().collect();
        let ours = Running::augment_args(Command::new("ours"));
        let (mut command, mut ahead, mut unknown) = (program, Vec::new(), None);
        while let Some(word) = rest.front().and_then(|word| word.to_str()) {
            let at_root = std::ptr::eq(command, program);
            if let Some((id, joined, has_value)) = option(word, if at_root { &ours } else { command }, &ours) {
                rest.pop_front();
                let value = if has_value { rest.pop_front() } else { None };
                ahead.push(Ahead { id, joined, value });
                continue;
            }
            let name = word.to_ascii_lowercase();
            if let Some(next) = command.find_subcommand(&name) {
                command = next;
            } else if !at_root || name != HELP || names.len() > 1 {
                unknown = (at_root && !name.starts_with('-')).then_some(name);
                break;
            }
            rest.pop_front();
            names.push(name.into());
        }
        let rest: Vec<_> = rest.into();
        let server = ahead.iter().rfind(|option| option.id == SERVER).and_then(Ahead::text);
        let is_help = names.get(1).is_some_and(|name| name == HELP);
        let behind: Option<Vec<_>> = match &unknown {
            _ if is_help => Some(Vec::new()),
            _ if std::ptr::eq(command, program) && unknown.is_none() => None,
            // The unknown name is what clap shall complain of.
            Some(_) => Some(Vec::new()),
            None => ahead.iter().map(|option| option.words(command)).collect(),
        };
        let words = match behind {
            Some(behind) => names.into_iter().chain(behind.into_iter().flatten()).chain(rest.iter().cloned()).collect(),
            None => original,
        };
        Self { words, unknown, server, rest }
    }

    /// What follows an option behind the names, where it does; after `--` there are no options.
    pub(super) fn value_of(&self, option: &str) -> Option<String> {
        let mut words = self.rest.iter().map_while(|word| word.to_str().filter(|word| *word != "--"));
        while let Some(word) = words.next() {
            match word.strip_prefix(option) {
                Some("") => return words.next().map(str::to_owned),
                Some(joined) if joined.starts_with('=') => return joined.get(1..).map(str::to_owned),
                _ => {}
            }
        }
        None
    }
}

/// Which of our options a word is, what follows `=` in it, and whether the next word is its value.
fn option(word: &str, command: &Command, ours: &Command) -> Option<(String, Option<String>, bool)> {
    let (long, joined) = match word.strip_prefix("--")?.split_once('=') {
        Some((long, joined)) => (long, Some(joined.to_owned())),
        None => (word.strip_prefix("--")?, None),
    };
    let arg = by_long(command, long)?;
    by_id(ours, arg.get_id().as_str())?;
    let has_value = joined.is_none() && arg.get_action().takes_values();
    Some((arg.get_id().to_string(), joined, has_value))
}

fn by_long<'a>(command: &'a Command, long: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|arg| arg.get_long() == Some(long))
}

fn by_id<'a>(command: &'a Command, id: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|arg| arg.get_id() == id)
}

impl Ahead {
    fn text(&self) -> Option<String> {
        self.joined.clone().or_else(|| self.value.as_ref()?.to_str().map(str::to_owned))
    }

    /// The words of it as this command calls it; none where it has no such option.
    fn words(&self, command: &Command) -> Option<Vec<OsString>> {
        let long = by_id(command, &self.id)?.get_long()?;
        let named = match &self.joined {
            Some(joined) => format!("--{long}={joined}"),
            None => format!("--{long}"),
        };
        Some([named.into()].into_iter().chain(self.value.clone()).collect())
    }
}
