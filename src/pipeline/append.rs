//! Last stage: the result is written down, then seen, then answered.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::time::sleep;
use tracing::{info, warn};
use uuid::Uuid;

use super::admit::{Audience, Run};
use super::answer::Answer;
use super::run::Finished;
use crate::address::Address;
use crate::app::App;
use crate::bus::Signal;
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventName};
use crate::run::Ended;

/// How long to wait before the next attempt to write down a result that could not be, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The data of a `command_result` event.
#[derive(Serialize)]
struct CommandResult<'a> {
    command: &'a str,
    result: &'a Answer,
    run_id: Uuid,
}

/// When the result of a signer cannot be made durable, nobody hears of it yet: the caller is told so, and the attempt goes
/// on.
pub(super) async fn append(app: &Arc<App>, finished: Finished) -> Result<Answer> {
    let Finished { run, answer, .. } = finished;
    match run.audience {
        Audience::Logged(address) => {
            let ended = ended(app, run.id, address, &run.text, &answer)?;
            match app.bus.append(ended.clone()).await {
                Ok(Some(_)) => {}
                Ok(None) => return recorded(app, &ended).await,
                Err(failure) => {
                    let failure = unrecorded(failure);
                    warn!(run_id = %run.id, error = &failure as &dyn std::error::Error, "a result is not recorded yet");
                    let (answer, run_id) = (Answer::from(&failure), Some(run.id));
                    // Its handle is not waited for: a shutdown waits for all.
                    drop(app.runtime.spawn_run(insist(Arc::clone(app), run, ended)));
                    return Ok(Answer { run_id, ..answer });
                }
            }
        }
        Audience::Announced(address) => {
            let data = CommandResult { command: &run.text, result: &answer, run_id: run.id };
            let event = Event::new(None, EventName::CommandResult, &data).map_err(Error::internal)?;
            app.bus.announce(address, Signal::Event(event));
        }
        Audience::Nobody => {}
    }
    Ok(Answer { run_id: Some(run.id), ..answer })
}

/// What the log says of a run that another process took for abandoned and has ended: all are told the same.
async fn recorded(app: &App, ended: &Ended) -> Result<Answer> {
    warn!(run_id = %ended.id, "a run had an end already, which another node has written");
    let run = app.store.run(ended.address, ended.id).await.map_err(unrecorded)?;
    let result = run.and_then(|run| run.result).ok_or_else(|| unrecorded("the log keeps it no longer"))?;
    let answer: Answer = serde_json::from_str(result.get()).map_err(Error::internal)?;
    Ok(Answer { run_id: Some(ended.id), ..answer })
}

/// What the log keeps of a result.
pub(super) fn ended(app: &App, id: Uuid, address: Address, text: &str, answer: &Answer) -> Result<Ended> {
    let data = serde_json::to_string(&CommandResult { command: text, result: answer, run_id: id });
    let data = data.map_err(Error::internal)?;
    Ok(Ended { id, address, status: answer.status, code: answer.code, at: app.clock.now(), data })
}

/// Tries until the result is written down or the process ends, whose successor then closes the run. It keeps the run's place
/// among all that run, which bounds how many insist.
async fn insist(app: Arc<App>, run: Run, ended: Ended) {
    let mut pause = FIRST_PAUSE;
    loop {
        sleep(pause).await;
        match app.bus.append(ended.clone()).await {
            Ok(_) => {
                info!(run_id = %run.id, "the result is recorded now");
                return;
            }
            Err(_) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
}

fn unrecorded(failure: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(Code::StoreUnavailable, "The command ran, but its result could not be recorded yet.")
        .with_hint(
            "It may have had its effect: look before you send it again. The run tells its result once it is recorded.",
        )
        .caused_by(failure)
}
