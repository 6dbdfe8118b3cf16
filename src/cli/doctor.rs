//! `nexus doctor`: looks for what keeps a server from its work, and says what to do.

mod bus;
mod check;
mod clock;
mod data;
mod database;
mod frontend;
mod port;
mod server;
mod settings;
mod show;
mod stream;

use std::process::ExitCode;

use clap::Args;

use self::check::{Check, Outcome};
use self::show::Show;
use super::failure::Failure;
use super::remote::Remote;
use crate::config::{Engine, Server, Settings};
use crate::origin::Origin;

/// Look for what keeps a server from its work, and say what to do.
#[derive(Args)]
#[command(after_help = "Examples:
  nexus doctor
  nexus doctor --server https://cmd.example.com --frontend https://app.example.com

It looks at the settings, the data folder, the database and the port, as a server with these settings would find them. \
Of a server that runs it looks at the clock, at whether streams come through whatever stands on the way, for which it \
waits one keepalive, and at whether pages of --frontend may call it. Nothing is changed. It ends with 1 when a check \
fails.")]
pub(super) struct Doctor {
    /// The server to call, as its clients call it. By default the one that listens with these settings, if one does.
    #[arg(long, env = "NEXUS_SERVER", value_name = "ORIGIN", value_parser = parse_origin)]
    server: Option<Origin>,

    /// A page that is to call the server from a browser.
    #[arg(long, value_name = "URL", value_parser = frontend::origin_of)]
    frontend: Option<Origin>,

    /// Answer in JSON: {"outcome", "checks": [{"name", "outcome", "message", "hint"}]}.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Settings,
}

fn parse_origin(text: &str) -> Result<Origin, String> {
    text.parse().map_err(|fault| format!("it {fault}"))
}

/// `arguments` are the variables of the arguments of commands.
pub(super) fn doctor(words: &Doctor, arguments: &[String]) -> Result<ExitCode, Failure> {
    let mut show = Show::new(words.json);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(examine(words, arguments, &mut show))?;
    let worst = show.end()?;
    Ok(if worst == Outcome::Failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn skip(show: &mut Show, names: &[&'static str]) -> Result<(), Failure> {
    names.iter().try_for_each(|name| show.add(Check::skipped(name, "This needs a server that answers.")))
}

/// Makes every check, and shows each as soon as it is made.
async fn examine(words: &Doctor, arguments: &[String], show: &mut Show) -> Result<(), Failure> {
    let config = words.settings.complete();
    show.add(settings::check(&words.settings, arguments))?;
    match &config.bus.engine {
        Engine::Embedded => {
            show.add(data::check(&config.data))?;
            show.add(data::check_space(&config.data))?;
            for check in database::check(&config.data) {
                show.add(check)?;
            }
        }
        Engine::Nats(servers) => show.add(bus::check(&config, servers).await)?,
    }
    let (check, found) = port::check(config.address).await;
    show.add(check)?;
    let Some(origin) = words.server.clone().or(found) else {
        let none = Check::skipped("server", "None is named, and none listens here that can be called by its address.");
        show.add(none.hint("Name one with --server."))?;
        return skip(show, &["clock", "stream", "frontend"]);
    };
    let remote = Remote::new(&Server { server: origin, audience: None })?;
    let (check, met) = server::meet(&remote).await;
    show.add(check)?;
    let Some(met) = met else {
        return skip(show, &["clock", "stream", "frontend"]);
    };
    show.add(clock::check(&met))?;
    show.add(stream::check(&remote).await)?;
    match &words.frontend {
        Some(frontend) => show.add(frontend::check(&remote, frontend, &config.allowed_origins).await),
        None => show.add(Check::skipped("frontend", "No page is named.").hint("Name one with --frontend.")),
    }
}
