//! What the server costs beside what it stands on: each figure is a ratio of two things measured in turn, in one run.
//!
//! `cargo bench` runs it. It needs `wrk`, `taskset` and nginx with Nchan (Debian: wrk, util-linux, nginx-light and
//! libnginx-mod-nchan; without the last two their side is left out), two cores, one for the server and one for the
//! load, and as many open files as there are streams (`ulimit -Hn`). `cargo bench -- ping start` runs only the figures
//! with these names: `ping`, `batch`, `catalogue`, `signed`, `forged`, `append`, `fanout`, `idle`, `start`,
//! `nodes` (with the nats-server of .tools), `terminal`, `registry`.

#![expect(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on ends; it has the clock and the terminal to itself"
)]

mod append;
mod crowd;
mod dialect;
mod fanout;
mod forged;
mod idle;
mod jetstream;
mod load;
mod nchan;
mod nodes;
mod peers;
mod readers;
mod streams;
mod terminal;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use nexus::command::prelude::*;
use nexus::command::{Registration, Registry};

use self::load::{Child, Load, in_turn, median, medians};

/// The program is its own peer: started with one of these words it plays that part, started with flags it is nexus.
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.first().map(String::as_str) {
        Some("bare") => peers::serve_bare(),
        Some("recover") => peers::recover(),
        Some("append-log") => append::through_log(),
        Some("append-loop") => append::through_loop(),
        Some("forgers") => forged::forge(&words[1..]),
        Some("publish-loop") => jetstream::publish(&words[1..]),
        Some("readers") => readers::read(&words[1..]),
        Some("serve" | "p") => return nexus::cli::run(nexus::app::Additions::default()),
        Some(terminal::HELP) => terminal::help(),
        _ => measure(&words),
    }
    ExitCode::SUCCESS
}

fn measure(names: &[String]) {
    println!("{:<36} {:>12} {:>12} {:>8}  {:>8}", "", "ours", "beside", "ratio", "wanted");
    for (name, figure) in [
        ("ping", ping as fn()),
        ("batch", batch),
        ("catalogue", catalogue),
        ("signed", signed),
        ("forged", forged::forged),
        ("append", append::append),
        ("fanout", fanout::fanout),
        ("idle", idle::idle),
        ("start", start),
        ("nodes", nodes::nodes),
        ("terminal", terminal::terminal),
        ("registry", registry),
    ] {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            figure();
        }
    }
}

fn row(what: &str, ours: String, beside: String, ratio: f64, wanted: &str) {
    println!("{what:<36} {ours:>12} {beside:>12} {ratio:>8.2}  {wanted:>8}");
}

/// A row of rounds, some of which had nobody beside them.
fn row_of(what: &str, digits: usize, rounds: &[(f64, Option<f64>)], wanted: &str) {
    let both: Option<Vec<(f64, f64)>> = rounds.iter().map(|(ours, beside)| Some((*ours, (*beside)?))).collect();
    if let Some(both) = both {
        let (us, beside, ratio) = medians(&both);
        row(what, format!("{us:.digits$}"), format!("{beside:.digits$}"), ratio, wanted);
    } else {
        let us = median(rounds.iter().map(|round| round.0).collect());
        println!("{what:<36} {us:>12.digits$}");
    }
}

/// Anonymous `/ping`, beside a handler that reads JSON and answers JSON of the same size.
fn ping() {
    let body = r#"{"command": "/ping"}"#;
    let bare = || Load::post("/ping", vec![body.to_owned()]).on(&Child::bare());
    let ours = |log: &'static str| {
        move || Load::post("/api/v1/commands/execute", vec![body.to_owned()]).on(&Child::nexus(&["--log", log]))
    };
    let (us, beside, ratio) = in_turn(ours(QUIET), bare);
    row("anonymous /ping, a second", format!("{us:.0}"), format!("{beside:.0}"), ratio, ">= 0.75");
    let (us, beside, ratio) = in_turn(ours("info"), bare);
    row("the same with a log line each", format!("{us:.0}"), format!("{beside:.0}"), ratio, "");
}

/// Commands in batches of 50, beside as many that come alone.
fn batch() {
    let flags = ["--log", QUIET];
    let list = vec![r#"{"command": "/ping"}"#; 50].join(", ");
    let together = vec![format!(r#"{{"commands": [{list}]}}"#)];
    let alone = vec![r#"{"command": "/ping"}"#.to_owned()];
    let (us, beside, ratio) = in_turn(
        || 50.0 * Load::post("/api/v1/commands/batch", together.clone()).on(&Child::nexus(&flags)),
        || Load::post("/api/v1/commands/execute", alone.clone()).on(&Child::nexus(&flags)),
    );
    row("/ping in batches of 50, a second", format!("{us:.0}"), format!("{beside:.0}"), ratio, ">= 5");
}

/// `GET /api/v1/commands`, beside a handler that serves the same bytes.
fn catalogue() {
    let (us, beside, ratio) = in_turn(
        || Load::get("/api/v1/commands").on(&Child::nexus(&["--log", QUIET])),
        || Load::get("/commands").on(&Child::bare()),
    );
    row("GET /commands, a second", format!("{us:.0}"), format!("{beside:.0}"), ratio, ">= 0.90");
}

/// Commands, each signed anew by one of 2,000 keys and recorded durably, beside the recovery of keys alone; `/whoami` looks for
/// the identity of its caller as well.
fn signed() {
    let load = |command| Load::post_once("/api/v1/commands/execute", peers::signed(command, 2000, 30));
    let flags = ["--log", QUIET, "--public-origins", peers::AUDIENCE];
    let beside_recovery = |what: &str, load: &Load, wanted: &str| {
        let (us, beside, ratio) = in_turn(|| load.on(&Child::nexus(&flags)), || Child::rate("recover"));
        row(what, format!("{us:.0}"), format!("{beside:.0}"), ratio, wanted);
    };
    beside_recovery("signed /ping, a second", &load("/ping"), ">= 0.50");
    beside_recovery("the same by 256 connections", &load("/ping").by("256"), "");
    beside_recovery("signed /whoami, a second", &load("/whoami"), "");
}

/// From the start of the program to its first answer, with an empty folder.
fn start() {
    let times = (0..20).map(|_| {
        let begun = Instant::now();
        let child = Child::nexus(&["--log", "info"]);
        child.answers("/livez");
        begun.elapsed().as_secs_f64() * 1000.0
    });
    let time = median(times.collect());
    row("start to first answer, ms", format!("{time:.1}"), "100".to_owned(), time / 100.0, "< 1");
}

/// Finding a command among 10,000, beside finding it among 10.
fn registry() {
    let time = |count: usize| {
        let registrations: Vec<Registration> = (0..count).map(synthetic).collect();
        let registry = Registry::new(&registrations).unwrap();
        let names: Vec<String> = (0..count).step_by(count.div_ceil(10)).map(|n| format!("synthetic-{n}")).collect();
        move || {
            let begun = Instant::now();
            for _ in 0..100_000 {
                for name in &names {
                    black_box(registry.entry(black_box(name)).unwrap());
                }
            }
            begun.elapsed().as_secs_f64() * 1e9 / 1e6
        }
    };
    let (many, few, ratio) = in_turn(time(10_000), time(10));
    row("lookup among 10,000 and 10, ns", format!("{many:.0}"), format!("{few:.0}"), ratio, "~ 1");
}

/// Do nothing under some name.
#[derive(Deserialize, JsonSchema)]
struct Synthetic {}

impl Command for Synthetic {
    type Output = ();

    const DEFINITION: Definition = Definition::rest("synthetic");

    async fn run(&mut self, _context: &Context) -> Result<Reply<()>> {
        Ok(Reply::message("Done."))
    }
}

fn synthetic(number: usize) -> Registration {
    let name: &'static str = format!("synthetic-{number}").leak();
    let mut registration = Registration::server::<Synthetic>("synthetic.rs", "");
    registration.definition.name = name;
    registration.definition.examples = vec![Example(format!("/{name}").leak(), "Done.")].leak();
    registration
}

/// How long one load lasts, and how often it is repeated.
const SPELL: Duration = Duration::from_secs(2);
const ROUNDS: usize = 9;
/// Without a line of log a request.
const QUIET: &str = "warn,nexus::cli=info";
