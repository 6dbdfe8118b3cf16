//! `nexus watch`: holds the stream of a key, through everything that breaks it.

pub(super) mod reader;
mod show;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use reqwest::Method;
use reqwest::header::ACCEPT;
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use self::reader::{Patience, Reader};
use self::show::Show;
use super::INTERRUPTED;
use super::failure::{Failure, tell};
use super::remote::{Refusal, Remote, Trouble};
use super::statement::{Draft, authorization};
use super::unlock::unlock;
use crate::clock::Clock;
use crate::config;
use crate::signing::signer::Signer;

/// How long a ticket is used before the next is got: the server's is good for 12 hours.
const TICKET: Duration = Duration::from_hours(11);
/// What is waited before connecting again, until the server says otherwise.
const RETRY: Duration = Duration::from_secs(3);
/// What is asked for while no id is known: it is none, so the server says from where the stream goes on.
const NOW: &str = "now";
/// The longest that is waited before connecting again, unless the server wants more.
const LONGEST: Duration = Duration::from_secs(30);

/// Show what happens to a key: results, progress, and what was missed.
#[derive(Args)]
#[command(after_help = "Examples:
  nexus watch --key alice --after 0
  nexus watch --key alice | jq 'select(.event == \"command_result\")'

On a terminal each event is a line with the time at which its run began; elsewhere it is a line of JSON,
{\"id\", \"event\", \"data\"}. It goes on through breaks and restarts of the server, until Ctrl-C.")]
pub(super) struct Watch {
    /// The key whose stream it is.
    #[arg(long, value_name = "NAME")]
    key: String,

    /// The `id` of the last event that is known, to be told what came after it; 0 for all that is kept.
    #[arg(long, value_name = "ID")]
    after: Option<String>,

    #[command(flatten)]
    server: config::Server,

    #[command(flatten)]
    keys: config::Keys,
}

pub(super) fn watch(words: &Watch) -> Result<ExitCode, Failure> {
    let remote = Remote::new(&words.server)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // A server that does not answer is told before anybody types a passphrase.
    let introduction = runtime.block_on(remote.introduce()).map_err(|trouble| remote.failure(trouble))?;
    remote.audience(&introduction)?;
    let signer = unlock(&words.keys, &words.key)?;
    let mut watcher = Watcher {
        remote,
        signer,
        show: Show::new(),
        last_id: words.after.clone(),
        retry: RETRY,
        ticket: None,
        is_known: false,
    };
    runtime.block_on(async {
        tokio::select! {
            failure = watcher.go_on() => Err(failure),
            _ = tokio::signal::ctrl_c() => {
                watcher.show.leave();
                Ok(INTERRUPTED.into())
            }
        }
    })
}

struct Watcher {
    remote: Remote,
    signer: Signer,
    show: Show,
    /// What was heard last.
    last_id: Option<String>,
    /// What the server wants to be waited before connecting again.
    retry: Duration,
    ticket: Option<Ticket>,
    /// Whether it was connected once: then it comes back, whatever happens.
    is_known: bool,
}

struct Ticket {
    /// Path and query of the stream.
    target: String,
    got: Instant,
    /// A new one that is refused is no matter of age.
    is_new: bool,
}

/// Why a stream is no more.
enum End {
    /// It is opened anew, at once.
    Ticket,
    /// It is opened anew in a while, for this reason.
    Broken(Trouble),
    Failed(Failure),
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Trouble> for End {
    fn from(trouble: Trouble) -> Self {
        Self::Broken(trouble)
    }
}

impl Watcher {
    /// Ends only when there is no use in going on.
    async fn go_on(&mut self) -> Failure {
        let mut failures = 0;
        loop {
            let Err(end) = self.hear(&mut failures).await;
            match end {
                End::Ticket => {}
                End::Failed(failure) => return failure,
                End::Broken(trouble) if !self.is_known || is_final(&trouble) => return self.remote.failure(trouble),
                End::Broken(trouble) => self.wait(&trouble, &mut failures).await,
            }
        }
    }

    async fn wait(&mut self, trouble: &Trouble, failures: &mut u32) {
        let (why, wanted) = match trouble {
            Trouble::Unreachable(why) | Trouble::Stranger(why) => (why.clone(), None),
            Trouble::Refused(Refusal { status, code, pause, .. }) => (format!("it answers {status} {code}"), *pause),
        };
        let patient = (self.retry * 2_u32.pow((*failures).min(4))).min(LONGEST.max(self.retry));
        let pause = wanted.unwrap_or_default().max(patient);
        if *failures == 0 {
            self.show.leave();
            tell(format_args!("the stream broke: {why}; connecting again from {:.1} s on", pause.as_secs_f32()));
        }
        *failures += 1;
        sleep(pause).await;
    }

    /// Opens the stream and shows what it tells, as long as it tells anything.
    async fn hear(&mut self, failures: &mut u32) -> Result<std::convert::Infallible, End> {
        let (target, got) = self.ticket().await?;
        let id = self.last_id.as_deref().unwrap_or(NOW);
        let request = self.remote.request(Method::GET, &target).header(ACCEPT, "text/event-stream");
        let request = request.header("last-event-id", id);
        let response = match self.remote.open(request).await {
            Err(Trouble::Refused(Refusal { status: 401, .. }))
                if self.ticket.take().is_some_and(|ticket| !ticket.is_new) =>
            {
                return Err(End::Ticket);
            }
            answer => answer?,
        };
        if let Some(ticket) = &mut self.ticket {
            ticket.is_new = false;
        }
        let patience = Patience::default();
        let mut reader = Reader::new(response, &patience);
        let is_back = std::mem::replace(&mut self.is_known, true);
        let mut is_placed = self.last_id.is_some();
        loop {
            let left = TICKET.saturating_sub(Clock::default().instant().duration_since(got));
            let Ok(heard) = timeout(left, reader.next()).await else {
                self.ticket = None;
                return Err(End::Ticket);
            };
            self.retry = reader.retry.unwrap_or(self.retry);
            let event = heard.map_err(Trouble::Unreachable)?;
            self.last_id = reader.last_id.clone().or(self.last_id.take());
            if let Some(state) = event.state() {
                patience.set(state.keepalive());
                if is_back && *failures > 0 {
                    tell(if state.recovered { "connected again; nothing is missing" } else { "connected again" });
                }
                *failures = 0;
            }
            if event.name == "stream_gap" && !std::mem::replace(&mut is_placed, true) {
                continue;
            }
            self.show.event(&event).map_err(Failure::from)?;
        }
    }

    /// Path and query of the stream, and since when they have been good; asks the server where there are none.
    async fn ticket(&mut self) -> Result<(String, Instant), End> {
        #[derive(Deserialize)]
        struct Wire {
            url: String,
        }
        const TARGET: &str = "/api/v1/stream/ticket";
        if let Some(Ticket { target, got, .. }) = &self.ticket {
            return Ok((target.clone(), *got));
        }
        let introduction = self.remote.introduce().await?;
        let draft = Draft {
            audience: &self.remote.audience(&introduction)?,
            command: &format!("POST {TARGET}"),
            args: None,
            issued_at: introduction.time.as_second(),
            valid: 60,
        };
        let auth = authorization(&draft.sign(&self.signer)?);
        let request = self.remote.request(Method::POST, TARGET).header("authorization", auth);
        let Wire { url } = self.remote.ask(request).await?;
        // What it opens is taken from the server that we ask, under whatever name that knows itself.
        let uri: Option<http::Uri> = url.parse().ok();
        let target = uri.as_ref().and_then(http::Uri::path_and_query).map(ToString::to_string);
        let target = target.ok_or_else(|| Trouble::Unreachable("it gives no ticket that can be used".to_owned()))?;
        let got = Clock::default().instant();
        self.ticket = Some(Ticket { target: target.clone(), got, is_new: true });
        Ok((target, got))
    }
}

/// Whether the same would be answered again.
fn is_final(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Refused(Refusal { status: status @ 400..=499, .. }) if ![408, 429].contains(status))
}
