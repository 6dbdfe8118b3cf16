//! Settings that cannot be used, in words that say which and what would do.

use std::fmt;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::environment::is_garbled;

/// Why the settings cannot be used: what is wrong, and what would be right.
#[derive(Debug)]
pub struct ConfigError {
    pub message: String,
    pub hint: String,
}

impl ConfigError {
    pub(super) fn new(message: String, hint: impl Into<String>) -> Self {
        Self { message, hint: hint.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  {}", self.message, self.hint)
    }
}

impl std::error::Error for ConfigError {}

/// A wrong value of an argument of `command`, in the names that an operator knows it by: clap speaks of the flag alone, and
/// values mostly come from the environment. None when the complaint is about something else.
pub fn explain(error: &clap::Error, command: &clap::Command) -> Option<ConfigError> {
    if error.kind() == ErrorKind::InvalidUtf8 {
        let variable = command.get_arguments().filter_map(clap::Arg::get_env).find(|name| is_garbled(name))?;
        let message = format!("{} is not UTF-8 text.", variable.to_string_lossy());
        return Some(ConfigError::new(message, "Write it anew; its value holds bytes that are no characters."));
    }
    if !matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation) {
        return None;
    }
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else { return None };
    let flag = argument.split([' ', '=', '[']).next()?;
    let setting =
        command.get_arguments().find(|setting| setting.get_long().is_some_and(|long| flag == format!("--{long}")))?;
    let variable = setting.get_env()?.to_string_lossy().into_owned();
    let value = match error.get(ContextKind::InvalidValue) {
        // Passwords stand in it, perhaps where they should not.
        Some(ContextValue::String(_)) if setting.is_hide_env_values_set() => "…",
        Some(ContextValue::String(value)) => value,
        _ => "",
    };
    let expected = match setting.get_possible_values() {
        values if values.is_empty() => setting.get_value_names().unwrap_or_default().join(" "),
        values => values.iter().map(|value| value.get_name().to_owned()).collect::<Vec<_>>().join(", "),
    };
    let why = std::error::Error::source(error).map_or_else(String::new, |source| format!(": {source}"));
    Some(ConfigError::new(
        format!("{variable} ({flag}) is {value:?}, which cannot be used{why}."),
        format!("Expected: {expected}. {}", setting.get_help().map(ToString::to_string).unwrap_or_default()),
    ))
}
