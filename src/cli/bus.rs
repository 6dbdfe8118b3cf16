//! `nexus bus`: what an operator does to the streams of a deployment.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::failure::Failure;
use crate::config::{Engine, Settings};
use crate::foundation::wanted;
use crate::nats::{Difference, Nats};

/// Change the streams of a deployment in NATS.
#[derive(Args)]
pub(super) struct Bus {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Give the streams the settings that these settings ask for: retention, replicas, what they remember of nonces.
    ///
    /// A server refuses to start on streams with other settings, and says which. This changes them, while nodes run too; a
    /// shorter retention forgets at once what is beyond it. `nexus doctor` shows what differs, and changes nothing.
    Migrate(Migrate),
}

#[derive(Args)]
struct Migrate {
    /// Also where less is kept then, or on fewer servers.
    #[arg(long)]
    reduce: bool,

    #[command(flatten)]
    settings: Box<Settings>,
}

pub(super) fn bus(words: Bus) -> Result<ExitCode, Failure> {
    let Verb::Migrate(Migrate { reduce, settings }) = words.verb;
    let config = settings.check()?;
    let Engine::Nats(servers) = &config.bus.engine else {
        return Err(Failure::usage(
            "NEXUS_BUS is `embedded`: the database of this machine has no streams to change.",
            "Name the NATS servers: --bus nats://host:4222.",
        ));
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let changed = runtime.block_on(Nats::migrate(&config.bus, servers, wanted(&config), reduce));
    let changed = changed.map_err(|unusable| Failure::new(unusable.message, unusable.hint))?;
    let mut lines: Vec<_> = changed.iter().map(Difference::told_as_change).collect();
    if lines.is_empty() {
        lines.push(format!("The streams under {} have the settings that they need.", config.bus.nats_prefix));
    }
    writeln!(stdout(), "{}", lines.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}
