//! Third stage: from here on the command runs, and its end is told.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::task::task_tracker::TaskTrackerToken;
use uuid::Uuid;

use super::answer::Answer;
use super::authenticate::{Authenticated, Caller};
use crate::address::Address;
use crate::app::App;
use crate::bus::Opening;
use crate::command::{Context, Form, Runnable};
use crate::config::AnonymousStreams;
use crate::error::{Code, Error, Limit, Result};
use crate::ongoing::{Control, Entry};
use crate::run::{Opened, Status};

/// Who hears of the result beside the caller who waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// The log, and all streams of the key, now and later.
    Logged(Address),
    /// The streams of the key that are there at the time.
    Announced(Address),
    Nobody,
}

/// What becomes of a request.
pub(super) enum Admission {
    /// The command runs, and ends.
    Admitted(Admitted),
    /// The same was asked before, and this is what it was answered.
    Known(Answer),
}

/// A command that will run and end.
pub(super) struct Admitted {
    pub(super) run: Run,
    pub(super) command: Box<dyn Runnable>,
    pub(super) context: Context,
    pub(super) timeout: Duration,
    /// Whether the caller has asked to be answered before it ends.
    pub(super) respond_async: bool,
    /// Held until the command has really ended.
    pub(super) permits: Permits,
    _seal: Seal,
}

/// What is known of a run from its beginning to its end.
pub(super) struct Run {
    pub(super) id: Uuid,
    /// What runs, in our words.
    pub(super) form: Arc<Form>,
    /// The command text as it was sent.
    pub(super) text: String,
    pub(super) audience: Audience,
    pub(super) control: Arc<Control>,
    /// By which its owner finds it.
    _entry: Option<Entry>,
    /// What a shutdown waits for.
    _place: TaskTrackerToken,
}

/// A place among all that run, and one among those of the command where it has only so many.
pub(super) struct Permits {
    _any: OwnedSemaphorePermit,
    _form: Option<OwnedSemaphorePermit>,
}

struct Seal;

/// Writes down that the run of a signer begins. Fails with `draining`, `overloaded` when as many commands run as may,
/// `in_progress`, `idempotency_key_reused`, `rate_limited`, `outcome_unknown`, or `store_unavailable`.
pub(super) async fn admit(app: &App, authenticated: Authenticated) -> Result<Admission> {
    let Authenticated { parsed, caller, .. } = authenticated;
    // Before there is any question of room: what was asked before takes none.
    if let (Caller::Signer(address), Some(request)) = (caller, &parsed.idempotency)
        && let Some(Opening::Repeated { run, is_same }) = app.bus.known(address, request).await?
    {
        return repeat(app, address, run, is_same).await.map(Admission::Known);
    }
    let place = app.runtime.enter().ok_or_else(|| {
        Error::new(Code::Draining, "The server is shutting down.").with_hint("Send it again in a moment.")
    })?;
    let permits = permits(app, &parsed.form)?;
    let audience = match caller {
        Caller::Signer(address) => Audience::Logged(address),
        Caller::Claim(address) | Caller::Replayable(address)
            if app.config.anonymous_streams == AnonymousStreams::Full =>
        {
            Audience::Announced(address)
        }
        Caller::Nobody | Caller::Claim(_) | Caller::Replayable(_) => Audience::Nobody,
    };
    let id = Uuid::now_v7();
    let control = Arc::new(Control::new(app.runtime.clone()));
    let mut entry = None;
    if let Audience::Logged(address) = audience {
        // Before it can be found in the log: whoever finds it there can cancel it.
        entry = Some(enter(app, id, address, &control)?);
        let (command, text) = (parsed.form.path.clone(), parsed.text.clone());
        let opened = Opened { id, address, command, text, at: app.clock.now() };
        match app.bus.open(opened, parsed.idempotency).await? {
            Opening::Opened => {}
            // The same came twice at once, and the other was first.
            Opening::Repeated { run, is_same } => {
                return repeat(app, address, run, is_same).await.map(Admission::Known);
            }
            Opening::TooManyKeys { quota, seconds } => {
                return Err(Error::new(
                    Code::RateLimited,
                    "This address has all the live Idempotency-Keys that it may.",
                )
                .with_hint("A key lives for 24 hours; send requests that need none without one.")
                .at_limit(Limit { policy: "idempotency-keys", quota, seconds }));
            }
        }
    }
    let context = Context::new(caller.proven(), parsed.received, Arc::clone(&control), Arc::clone(&app.world));
    Ok(Admission::Admitted(Admitted {
        timeout: parsed.form.timeout,
        respond_async: parsed.respond_async && entry.is_some(),
        run: Run { id, form: parsed.form, text: parsed.text, audience, control, _entry: entry, _place: place },
        command: parsed.command,
        context,
        permits,
        _seal: Seal,
    }))
}

fn enter(app: &App, id: Uuid, address: Address, control: &Arc<Control>) -> Result<Entry> {
    let quota = app.config.limits.max_runs_per_key;
    app.ongoing.enter(id, address, Arc::clone(control), quota).ok_or_else(|| {
        Error::new(Code::RateLimited, format!("This key runs all the {quota} commands that it may at once."))
            .with_hint("Wait until one ends, or cancel one: GET /api/v1/runs?status=pending lists them.")
            .at_limit(Limit { policy: "runs-per-key", quota, seconds: 1 })
    })
}

fn permits(app: &App, form: &Form) -> Result<Permits> {
    let form = match &form.places {
        None => None,
        Some(places) => Some(Arc::clone(places).try_acquire_owned().map_err(|_full| {
            Error::new(Code::InProgress, format!("{} runs already, as often as it may at once.", form.path)).with_hint(
                "Wait until it ends. If it is yours, cancel it: GET /api/v1/runs?status=pending lists what you run.",
            )
        })?),
    };
    let any = Arc::clone(&app.runs).try_acquire_owned().map_err(|full| {
        Error::new(Code::Overloaded, "The server runs as many commands as it may.")
            .with_hint("Try again in a moment.")
            .caused_by(full)
    })?;
    Ok(Permits { _any: any, _form: form })
}

/// The answer that the same request had.
async fn repeat(app: &App, address: Address, id: Uuid, is_same: bool) -> Result<Answer> {
    if !is_same {
        return Err(Error::new(Code::IdempotencyKeyReused, "This Idempotency-Key was sent with another command.")
            .with_hint("Make a new key for each new request, and keep it only to send the same again."));
    }
    let run = app.store.run(address, id).await?;
    if run.as_ref().is_some_and(|run| run.status == Status::Pending) {
        return Err(Error::new(Code::InProgress, "The first request with this Idempotency-Key is still running.")
            .with_hint(format!("GET /api/v1/runs/{id} tells what becomes of it."))
            .with_data(json!({ "run_id": id })));
    }
    let result = run.and_then(|run| run.result).ok_or_else(|| {
        Error::new(
            Code::OutcomeUnknown,
            "The first request with this Idempotency-Key has ended; its result is kept no longer.",
        )
        .with_hint("Look whether it had its effect, and send it again with a new key if it had not.")
    })?;
    let answer: Answer = serde_json::from_str(result.get()).map_err(Error::internal)?;
    Ok(Answer { run_id: Some(id), replayed: true, ..answer })
}
