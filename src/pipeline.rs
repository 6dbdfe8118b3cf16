//! The way of one command, from what was sent to what is answered.
//!
//! ```text
//! parse ─▶ Parsed ─▶ authenticate ─▶ Authenticated ─▶ admit ─▶ Admitted ─▶ run ─▶ Finished ─▶ append ─▶ Answer
//! ```
//!
//! Each stage takes the value that the one before it made and that nothing else can make. What fails before `Admitted` is
//! an [`Error`] and leaves no trace. What is admitted ends in one [`Answer`], and where a key stands behind it in one
//! event, whatever becomes of the command and of whoever waits for it.
//!
//! [`Error`]: crate::error::Error

mod admit;
mod answer;
mod append;
mod authenticate;
mod parse;
mod run;

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use crate::address::Address;
use crate::app::App;
use crate::error::Result;

pub use self::answer::{Answer, Status};

/// A request to run a command, as it came in.
#[derive(Debug)]
pub struct Request {
    pub command: String,
    pub args: Option<Value>,
    pub auth: Option<Value>,
    /// An address that the caller names and does not prove.
    pub claim: Option<Address>,
    pub received: Instant,
}

/// Runs a command to its end. From admission on it does not depend on the caller waiting.
pub async fn execute(app: &Arc<App>, request: Request) -> Result<Answer> {
    let parsed = parse::parse(&app.registry, request)?;
    let authenticated = authenticate::authenticate(app, parsed).await?;
    let admitted = admit::admit(app, authenticated)?;
    let runtime = app.runtime.clone();
    let app = Arc::clone(app);
    runtime.see_through(async move { append::append(&app, run::run(&app, admitted).await).await }).await
}
