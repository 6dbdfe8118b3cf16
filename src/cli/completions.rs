//! `nexus completions`: what a shell reads to complete the words of the command line.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use clap_complete::{Shell, generate};

use super::failure::Failure;

/// Print the completions of the command line for a shell.
#[derive(Args)]
#[command(after_help = "Examples:
  nexus completions bash > ~/.local/share/bash-completion/completions/nexus
  nexus completions zsh > ~/.zfunc/_nexus
  nexus completions fish > ~/.config/fish/completions/nexus.fish")]
pub(super) struct Completions {
    shell: Shell,
}

pub(super) fn completions(words: &Completions, mut program: clap::Command) -> Result<ExitCode, Failure> {
    let (name, mut script) = (program.get_name().to_owned(), Vec::new());
    generate(words.shell, &mut program, name, &mut script);
    io::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
