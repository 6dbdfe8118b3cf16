//! Runs that a process left open.

use futures_util::future::try_join_all;

use super::answer::Answer;
use super::append::ended;
use crate::app::App;
use crate::bus::Abandoned;
use crate::error::{Code, Error, Result};

/// Ends every run that was left by a process that is gone, and returns how many there were. Fails with `store_unavailable`.
pub async fn close_abandoned(app: &App) -> Result<usize> {
    let left = app.bus.abandoned().await?;
    let unknown =
        Error::new(Code::OutcomeUnknown, "The server ended while the command ran; nobody knows how far it came.")
            .with_hint("Look whether it had its effect before you send it again.");
    let unbegun = Error::new(Code::StoreUnavailable, "The command was not begun: it could not be recorded in time.")
        .with_hint("It had no effect; sign and send it anew.");
    let (unknown, unbegun) = (Answer::from(&unknown), Answer::from(&unbegun));
    // All at once, so that they share their commits.
    let closed = left.iter().map(async |Abandoned { run, begun }| {
        let answer = if *begun { &unknown } else { &unbegun };
        app.bus.append(ended(app, run.id, run.address, &run.text, answer)?).await
    });
    try_join_all(closed).await.map(|closed| closed.len())
}
