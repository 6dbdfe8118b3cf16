//! Runs that a process left open when it died.

use futures_util::future::try_join_all;

use super::answer::Answer;
use super::append::ended;
use crate::app::App;
use crate::error::{Code, Error, Result};

/// Ends every run that is open in the log, and returns how many there were. To be called before anything is admitted, by
/// the one process that has the log: what is open then was left by one that is gone. Fails with `store_unavailable`.
pub async fn close_abandoned(app: &App) -> Result<usize> {
    let left = app.store.open_runs().await?;
    let unknown =
        Error::new(Code::OutcomeUnknown, "The server ended while the command ran; nobody knows how far it came.")
            .with_hint("Look whether it had its effect before you send it again.");
    let answer = Answer::from(&unknown);
    // All at once, so that they share their commits.
    let closed =
        left.iter().map(async |run| app.bus.append(ended(app, run.id, run.address, &run.text, &answer)?).await);
    try_join_all(closed).await.map(|closed| closed.len())
}
