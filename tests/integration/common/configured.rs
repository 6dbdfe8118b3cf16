//! Settings as the program reads them.

use clap::Parser;
use nexus::config::{Config, Settings};

#[derive(Parser)]
pub struct Flags {
    #[command(flatten)]
    pub settings: Settings,
}

/// What these variables make together. Fails for one that is no setting, and where the program would refuse them.
#[track_caller]
pub fn configured(variables: impl IntoIterator<Item = (String, String)>) -> Config {
    let known = Settings::and_of_the_terminal();
    let flag = |(name, value): (String, String)| {
        let mut arguments = known.get_arguments();
        let argument = arguments.find(|argument| argument.get_env().is_some_and(|variable| *variable == *name));
        let argument = argument.unwrap_or_else(|| panic!("{name} is no setting"));
        format!("--{}={value}", argument.get_long().unwrap())
    };
    let flags: Vec<_> = std::iter::once("nexus".to_owned()).chain(variables.into_iter().map(flag)).collect();
    let read = Flags::try_parse_from(flags).unwrap_or_else(|error| panic!("{error}"));
    read.settings.check().unwrap_or_else(|error| panic!("{error:?}"))
}
