//! `.env.example`, written from the settings themselves.

use std::fmt::Write;

use super::Settings;

/// The text of `.env.example`: every variable, what it means, and its default where it has one.
pub fn env_example() -> String {
    let mut text = "# The settings of nexus. Copy this to .env and take the # off where you want another value.\n\
                    # A flag beats the environment, and the environment beats .env.\n"
        .to_owned();
    let command = Settings::described();
    for setting in command.get_arguments() {
        let Some(variable) = setting.get_env() else { continue };
        let help = setting.get_long_help().or(setting.get_help()).map(ToString::to_string).unwrap_or_default();
        text.push('\n');
        // clap takes the last full stop off.
        for line in wrapped(&format!("{help}.")) {
            let _ = writeln!(text, "# {line}");
        }
        let values = setting.get_possible_values();
        if !values.is_empty() {
            let names: Vec<_> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
            let _ = writeln!(text, "# One of: {}.", names.join(", "));
        }
        let default: Vec<_> = setting.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        let _ = writeln!(text, "#{}={}", variable.to_string_lossy(), default.join(","));
    }
    text
}

fn wrapped(text: &str) -> Vec<String> {
    const WIDTH: usize = 110;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
