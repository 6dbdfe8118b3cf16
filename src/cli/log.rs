//! The log, on standard error.

use std::io::BufWriter;

use tracing::error;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use crate::config::LogFormat;

/// Writes the log from a thread of its own, until the guard is dropped: whoever reads our standard error slowly slows
/// nothing else. Lines that do not fit into its queue of 128,000 are dropped.
pub(super) fn start_log(format: LogFormat, filter: Targets) -> WorkerGuard {
    let (writer, guard) = tracing_appender::non_blocking(BufWriter::new(std::io::stderr()));
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Text => {
            let colour = std::io::IsTerminal::is_terminal(&std::io::stderr()) && !crate::config::no_color();
            registry.with(lines.with_target(false).with_ansi(colour)).init();
        }
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        error!(place, panic = panic.payload_as_str(), "a panic was caught");
    }));
    guard
}
