//! What is read of the process: its environment, `.env`, its command line.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::{ConfigError, Settings};

/// Takes `.env` of the working directory into the environment; what is set already stays.
///
/// Must run before any other thread is there. Fails when the file is there and cannot be read.
pub fn load_dotenv() -> Result<(), ConfigError> {
    match dotenvy::from_path(".env") {
        Ok(()) => Ok(()),
        Err(dotenvy::Error::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        // The error's own text holds the line, and a line of this file may be a secret.
        Err(dotenvy::Error::LineParse(line, _)) => Err(ConfigError::new(
            format!(".env cannot be read at its line {}.", number_of(&line)),
            "A line is NAME=value; a value with blanks, quotes or # in it stands in quotes.",
        )),
        Err(error) => Err(ConfigError::new(format!(".env cannot be read: {error}"), "Make it readable, or remove it.")),
    }
}

fn number_of(line: &str) -> usize {
    let text = std::fs::read_to_string(".env").unwrap_or_default();
    let before = text.find(line.trim()).and_then(|place| text.get(..place)).unwrap_or_default();
    before.matches('\n').count() + 1
}

/// The words of the command line.
#[expect(clippy::disallowed_methods, reason = "this is the room that the ban points to")]
pub fn arguments() -> impl Iterator<Item = OsString> {
    std::env::args_os()
}

/// Why a variable has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    NotSet,
    /// It is set to something that is not UTF-8.
    Garbled,
}

/// The value of a variable that is none of ours.
#[expect(clippy::disallowed_methods, reason = "this is the room that the ban points to")]
pub fn variable(name: &str) -> Result<String, Absent> {
    std::env::var_os(name).ok_or(Absent::NotSet)?.into_string().map_err(|_| Absent::Garbled)
}

/// Whether the user wants no colours (no-color.org).
#[expect(clippy::disallowed_methods, reason = "this is the room that the ban points to")]
pub fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Where programs keep the data of this user (XDG Base Directory Specification); a relative path is none.
#[expect(clippy::disallowed_methods, reason = "this is the room that the ban points to")]
pub(super) fn home_of_data() -> Option<PathBuf> {
    let folder = |variable| std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")))
}

/// Whether a variable is set to something that is not UTF-8.
#[expect(clippy::disallowed_methods, reason = "this is the room that the ban points to")]
pub(super) fn is_garbled(variable: &OsStr) -> bool {
    std::env::var_os(variable).is_some_and(|value| value.to_str().is_none())
}

/// The variables of the settings, and of those of the terminal.
pub fn setting_variables() -> Vec<String> {
    let command = Settings::and_of_the_terminal();
    let variables = command.get_arguments().filter_map(clap::Arg::get_env);
    variables.map(|name| name.to_string_lossy().into_owned()).collect()
}

/// Variables that look like settings and are none, which mostly are settings with a slip in them. `arguments` are variables that
/// stand for the arguments of commands.
#[expect(clippy::disallowed_methods, reason = "this is the room that the ban points to")]
pub fn strays(arguments: &[String]) -> Vec<String> {
    let settings = setting_variables();
    let variables = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    variables
        .filter(|name| name.starts_with("NEXUS_") && !settings.contains(name) && !arguments.contains(name))
        .collect()
}
