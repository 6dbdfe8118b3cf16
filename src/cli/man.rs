//! `nexus man`: the manual, as pages and as one document.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use clap::builder::StyledStr;
use clap_mangen::Man;

use super::failure::Failure;
use crate::command::Registry;
use crate::config::Running;

/// Print the manual page of the program or of a command, or all of it as Markdown.
#[derive(Args)]
#[command(after_help = "Examples:
  nexus man | man -l -
  nexus man echo > nexus-echo.1
  nexus man --markdown > docs/cli.md")]
pub(super) struct Manual {
    /// A command, and a subcommand of it.
    command: Vec<String>,

    /// Print the help of all commands as one Markdown document.
    #[arg(long, conflicts_with = "command")]
    markdown: bool,
}

pub(super) fn man(words: &Manual, registry: &Registry, mut program: clap::Command) -> Result<ExitCode, Failure> {
    if words.markdown {
        io::stdout().write_all(document(registry, program).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    // So that each knows what it is called.
    program.build();
    let mut found = &program;
    for name in &words.command {
        found = found.find_subcommand(name.to_ascii_lowercase()).ok_or_else(|| {
            Failure::usage(format!("There is no command {name}."), "`nexus --help` lists those there are.")
        })?;
    }
    let mut page = Vec::new();
    Man::new(found.clone()).render(&mut page)?;
    io::stdout().write_all(&page)?;
    Ok(ExitCode::SUCCESS)
}

/// How wide the help is in the document.
const WIDTH: usize = 100;

fn document(registry: &Registry, mut program: clap::Command) -> String {
    let options = Running::augment_args(clap::Command::new("options"));
    let mut names: Vec<_> = registry.entries().iter().map(|entry| entry.name.clone()).collect();
    names.retain(|name| name != "help");
    let settings = program.clone();
    program = program.mut_subcommand("serve", |serve| without(serve, &settings));
    for name in &names {
        program = program.mut_subcommand(name, |command| {
            without(command, &options).mut_subcommands(|below| without(below, &options))
        });
    }
    program = without_surroundings(program);
    program.build();
    let mut text = "# The command line\n\nWhat `nexus --help` says of the program and of each of its commands. \
                    `nexus man --markdown` writes this.\n"
        .to_owned();
    add(&mut text, &program, "##");
    let mut options = without_surroundings(options).disable_help_flag(true).help_template("{options}");
    let _ = write!(
        text,
        "\n## How a command is run\n\nThese go with each of: {}. `nexus serve` has the settings of `nexus`.\n\n{}\n",
        names.join(", "),
        plain(&options.render_long_help())
    );
    text
}

/// The subcommand without the arguments that are also those of others: they are told once.
fn without(command: clap::Command, others: &clap::Command) -> clap::Command {
    let is_told = |arg: &clap::Arg| {
        others.get_arguments().any(|other| other.get_id() == arg.get_id() && other.get_long() == arg.get_long())
    };
    command.mut_args(|arg| if is_told(&arg) { arg.hide(true) } else { arg })
}

/// As it looks on any terminal, whatever is set there.
fn without_surroundings(command: clap::Command) -> clap::Command {
    let command = command.term_width(WIDTH).mut_args(|arg| arg.hide_env_values(true));
    command.mut_subcommands(without_surroundings)
}

fn add(text: &mut String, command: &clap::Command, level: &str) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let help = command.clone().render_long_help();
    let _ = write!(text, "\n{level} {name}\n\n{}\n", plain(&help));
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        add(text, below, "###");
    }
}

/// As a block of code: each line indented by four blanks.
fn plain(help: &StyledStr) -> String {
    let help = help.to_string();
    let lines = help.trim_end().lines().map(|line| format!("    {line}").trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}
