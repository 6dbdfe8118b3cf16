//! Last stage: the result is written down, then seen, then answered.

use serde::Serialize;
use uuid::Uuid;

use super::admit::Audience;
use super::answer::Answer;
use super::run::Finished;
use crate::app::App;
use crate::bus::Signal;
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventName};

/// The data of a `command_result` event.
#[derive(Serialize)]
struct CommandResult<'a> {
    command: &'a str,
    result: &'a Answer,
    run_id: Uuid,
}

/// Fails with `store_unavailable` when the result of a proven caller cannot be made durable; nobody hears of it then.
pub(super) async fn append(app: &App, finished: Finished) -> Result<Answer> {
    let Finished { run, answer, .. } = finished;
    let data = CommandResult { command: &run.text, result: &answer, run_id: run.id };
    match run.audience {
        Audience::Logged(address) => {
            let data = serde_json::to_string(&data).map_err(Error::internal)?;
            app.bus.append(address, EventName::CommandResult, data).await.map_err(|error| {
                Error::new(Code::StoreUnavailable, "The command ran, but its result could not be recorded.")
                    .with_hint("It may have had its effect: look before you send it again.")
                    .caused_by(error)
            })?;
        }
        Audience::Announced(address) => {
            let event = Event::new(None, EventName::CommandResult, &data).map_err(Error::internal)?;
            app.bus.announce(address, Signal::Event(event));
        }
        Audience::Nobody => {}
    }
    Ok(Answer { run_id: Some(run.id), ..answer })
}
