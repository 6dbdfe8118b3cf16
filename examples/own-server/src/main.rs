//! A server of one's own. It is started and asked as nexus is: `cargo run`, `cargo run -- --help`, `cargo run -- greet Ada`.

mod greet;
mod guestbook;
mod guests;
mod stopwatch;

use std::process::ExitCode;

use nexus::app::Additions;
use tower::layer::layer_fn;

use self::guestbook::Guestbook;
use self::stopwatch::Stopwatch;

fn main() -> ExitCode {
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let mut additions = Additions { name, version, ..Additions::default() };
    additions.services.provide(Guestbook::default());
    additions.layers.add(layer_fn(Stopwatch::new));
    nexus::cli::run(additions)
}
