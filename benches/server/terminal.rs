//! What it takes from a word on the terminal to what is printed, as a process of its own.

use std::process::{Command as Process, Stdio};
use std::time::Instant;

use nexus::cli::program;
use nexus::command::prelude::*;
use nexus::command::{Registration, Registry};
use tempfile::TempDir;

use crate::load::median;
use crate::row;

/// Plays the program with 200 commands that is asked for its help.
pub const HELP: &str = "help-of-200";

/// `/ping`, by the alias that is no figure here; and the help of the program with 200 commands.
pub fn terminal() {
    let time = time("p", "pong");
    row("nexus ping, ms", format!("{time:.1}"), "30".to_owned(), time / 30.0, "< 1");
    let time = self::time(HELP, "busy-199");
    row("nexus --help of 200 commands, ms", format!("{time:.1}"), "50".to_owned(), time / 50.0, "< 1");
}

/// From the start of this program with a word to its end, in milliseconds; what it prints must have this in it.
fn time(word: &str, expected: &str) -> f64 {
    let folder = TempDir::new().unwrap();
    let times = (0..40).map(|_| {
        let begun = Instant::now();
        let mut process = Process::new(std::env::current_exe().unwrap());
        let output = process.arg(word).current_dir(folder.path()).env_clear().stdin(Stdio::null()).output().unwrap();
        let took = begun.elapsed().as_secs_f64() * 1000.0;
        assert!(String::from_utf8_lossy(&output.stdout).contains(expected), "{output:?}");
        took
    });
    median(times.collect())
}

pub fn help() {
    let registrations: Vec<Registration> = (0..200).map(busy).collect();
    let registry = Registry::new(&registrations).unwrap();
    let help =
        program(&registry, &nexus::app::Additions::default()).try_get_matches_from(["nexus", "--help"]).unwrap_err();
    help.print().unwrap();
}

/// Take arguments of several kinds.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "nobody runs it")]
struct Busy {
    /// What to say.
    text: Text<1, 1000>,
    /// How often.
    #[serde(default)]
    times: Option<Int<1, 10>>,
    /// To whom.
    #[serde(default)]
    to: Vec<String>,
    /// Whether it is to be loud.
    #[serde(default)]
    loud: bool,
}

impl Command for Busy {
    type Output = ();

    const DEFINITION: Definition = Definition::rest("busy");

    async fn run(&mut self, _context: &Context) -> Result<Reply<()>> {
        Ok(Reply::message("Done."))
    }
}

fn busy(number: usize) -> Registration {
    let name: &'static str = format!("busy-{number}").leak();
    let mut registration = Registration::server::<Busy>("benches/busy.rs", "");
    registration.definition.name = name;
    registration.definition.examples = vec![Example(format!("/{name} hello").leak(), "Done.")].leak();
    registration
}
