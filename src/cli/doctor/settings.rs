//! Whether the settings go together.

use super::check::Check;
use crate::config::{self, Settings};

/// `arguments` are the variables of the arguments of commands.
pub(super) fn check(settings: &Settings, arguments: &[String]) -> Check {
    const NAME: &str = "settings";
    let config = match settings.clone().check() {
        Ok(config) => config,
        Err(error) => return Check::failed(NAME, error.message, error.hint),
    };
    let strays: Vec<_> = config::strays(arguments).into_iter().map(|name| format!("{name:?}")).collect();
    if !strays.is_empty() {
        return Check::warning(
            NAME,
            format!("{} is set in the environment and is no setting.", strays.join(", ")),
            "nexus --help lists the settings; is it one of them, misspelt?",
        );
    }
    let doubts = config.doubts();
    if !doubts.is_empty() {
        return Check::warning(NAME, doubts.join(" "), "A server starts with them all the same.");
    }
    let open = match config.open().as_slice() {
        [] => "nothing".to_owned(),
        open => open.join("; "),
    };
    Check::ok(NAME, format!("They go together: {}; open: {open}.", format!("{:?}", config.env).to_lowercase()))
}
