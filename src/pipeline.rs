//! The way of one command, from what was sent to what is answered.
//!
//! ```text
//! parse ─▶ Parsed ─▶ authenticate ─▶ Authenticated ─▶ admit ─▶ Admitted ─▶ run ─▶ Finished ─▶ append ─▶ Answer
//! ```
//!
//! Each stage takes the value that the one before it made and that nothing else can make. What fails before `Admitted` is
//! an [`Error`] and leaves no trace. What is admitted ends in one [`Answer`], and where a key stands behind it in one
//! event, whatever becomes of the command and of whoever waits for it. A key that has signed finds its run in the log from
//! admission on; a run that the end of the process leaves open is closed by the next one ([`close_abandoned`]).
//!
//! [`Error`]: crate::error::Error

mod abandoned;
mod admit;
mod answer;
mod append;
mod authenticate;
mod batch;
mod parse;
mod run;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use self::admit::{Admission, Run};
use crate::access::Authorization;
use crate::app::App;
use crate::command::Form;
use crate::error::Result;
use crate::middleware::Admitted;

pub use self::abandoned::close_abandoned;
pub use self::answer::Answer;
pub use self::batch::{Batch, Item, OnError, batch};

/// A request to run a command, as it came in.
#[derive(Debug)]
pub struct Request {
    pub call: Call,
    /// Who the caller is beside that.
    pub authorization: Authorization,
    /// The network address that it came from.
    pub peer: IpAddr,
    /// By which a signer sends the same again without running it twice.
    pub idempotency_key: Option<String>,
    /// Whether a signer wants to be answered before the command ends.
    pub respond_async: bool,
    pub received: Instant,
}

/// What is asked for.
#[derive(Debug)]
pub enum Call {
    /// What a text says, with what stands beside it.
    Text { command: String, args: Option<Value>, auth: Option<Value> },
    /// A form at its own endpoint: arguments that path and query name, in the words that they are written in, and those in
    /// the body. A signature is over the line, `METHOD path?query` as it was sent, and over the body.
    Endpoint { form: Arc<Form>, words: Vec<(String, String)>, line: String, body: Option<Value> },
}

/// Runs a command to its end. From admission on it does not depend on the caller waiting.
pub async fn execute(app: &Arc<App>, request: Request) -> Result<Answer> {
    let parsed = parse::parse(&app.registry.load(), request)?;
    let authenticated = authenticate::authenticate(app, parsed).await?;
    let runtime = app.runtime.clone();
    let app = Arc::clone(app);
    let work = async move {
        match admit::admit(&app, authenticated).await? {
            Admission::Known(answer) => Ok(answer),
            Admission::Admitted(run, admitted) if run.respond_async => {
                let answer = Answer::pending(run.id);
                let runtime = app.runtime.clone();
                // Its handle is not waited for: a shutdown waits for all.
                drop(runtime.spawn_run(async move { finish(&app, run, admitted).await }));
                Ok(answer)
            }
            Admission::Admitted(run, admitted) => finish(&app, run, admitted).await,
        }
    };
    runtime.see_through(work).await
}

async fn finish(app: &Arc<App>, run: Run, admitted: Admitted) -> Result<Answer> {
    append::append(app, run::run(app, run, admitted).await).await
}
