//! How a command is said: one grammar for HTTP, terminals and consoles.
//!
//! ```text
//! /name[/subcommand] [words]
//! ```
//!
//! The leading slash may be missing and names ignore case; `/identity delete` is `/identity/delete`. Words are quoted and
//! escaped as in a POSIX shell. `--key value`, `--key=value`, `--flag` and `--no-flag` name an argument, and so does
//! `key:value` when `key` is one and none of the word is quoted. A word that begins with a quote is a value; so is `-5`, and
//! after `--` every word. The words that name nothing fill the required scalar arguments in their order; when the last of
//! these is a text it takes all that are left. A list may be given again and again, everything else once.
//!
//! Beside the text, `args` may continue the words (an array) or give typed values by name (an object).

mod arguments;
mod nearest;
mod words;

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::parameter::as_digits;
use crate::error::{Code, Error, Result};

pub(super) use self::arguments::read as read_arguments;
pub use self::nearest::did_you_mean;
pub(super) use self::nearest::shortened;
pub use self::words::{Word, quoted};

/// The longest command text in bytes.
const LONGEST: usize = 4096;

/// A command as it was said, before anybody knows whether it exists.
#[derive(Debug, PartialEq)]
pub struct Spoken {
    /// In lower case, without the slash.
    pub name: String,
    /// What stood behind a second slash, in lower case.
    pub subcommand: Option<String>,
    pub words: Vec<Word>,
    pub typed: Map<String, Value>,
}

impl Spoken {
    /// Takes text and `args` apart. Fails with `malformed_command`, `empty_command`, or for `args` with
    /// `malformed_request`.
    pub fn parse(text: &str, args: Option<Value>) -> Result<Self> {
        check_characters(text)?;
        let begun = text.trim_start_matches(' ');
        let (path, rest) = begun.split_once(' ').unwrap_or((begun, ""));
        if path.trim_start_matches('/').is_empty() {
            return Err(Error::new(Code::EmptyCommand, "The command is empty.")
                .with_hint("Send a command such as /help, which lists them all."));
        }
        let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').map(str::to_ascii_lowercase);
        let (name, subcommand) = (segments.next().unwrap_or_default(), segments.next());
        if name.is_empty() || subcommand.as_deref() == Some("") || segments.next().is_some() {
            return Err(Error::new(Code::MalformedCommand, "The command has a slash too many.")
                .with_hint("A command is /name or /name/subcommand, then its words."));
        }
        let mut words = words::split(rest)?;
        let mut typed = Map::new();
        match args {
            None | Some(Value::Null) => {}
            Some(Value::Array(more)) => {
                for value in more {
                    words.push(Word::unquoted(as_word(value)?));
                }
            }
            Some(Value::Object(named)) => typed = named,
            Some(_) => {
                return Err(Error::new(Code::MalformedRequest, "`args` is neither an array nor an object.")
                    .with_hint("Send words as an array of strings, or typed arguments as an object."));
            }
        }
        Ok(Self { name, subcommand, words, typed })
    }
}

/// Whether a text has the length and the characters that a command may have.
pub fn is_readable(text: &str) -> bool {
    check_characters(text).is_ok()
}

fn check_characters(text: &str) -> Result<()> {
    if text.len() > LONGEST {
        return Err(Error::new(Code::MalformedCommand, "The command is longer than 4,096 bytes.")
            .with_hint("Give long arguments in `args`."));
    }
    let forbidden = text.chars().find(|c| is_forbidden(*c));
    match forbidden {
        None => Ok(()),
        Some(c) => Err(Error::new(
            Code::MalformedCommand,
            format!("The command holds U+{:04X}, a control character.", u32::from(c)),
        )
        .with_hint("Control and bidirectional control characters hide what a command does; leave them out.")),
    }
}

/// Control characters, and those that turn the direction of writing.
pub const FORBIDDEN: [RangeInclusive<char>; 6] = [
    '\u{0}'..='\u{1f}',
    '\u{7f}'..='\u{7f}',
    '\u{61c}'..='\u{61c}',
    '\u{200e}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2066}'..='\u{2069}',
];

/// Whether a character is none that a text may show.
pub fn is_forbidden(c: char) -> bool {
    FORBIDDEN.iter().any(|range| range.contains(&c))
}

fn as_word(value: Value) -> Result<String> {
    match value {
        Value::String(word) => Ok(word),
        Value::Number(number) => as_digits(&number).ok_or_else(|| {
            Error::new(Code::MalformedRequest, "`args` holds an integer beyond ±(2^53-1).")
                .with_hint("Readers of JSON do not agree on such integers; send it as a string.")
        }),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(Error::new(Code::MalformedRequest, "`args` holds something that is no word.")
                .with_hint("The elements of an array are words: strings, numbers or booleans."))
        }
    }
}
