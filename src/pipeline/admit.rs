//! Third stage: from here on the command runs, and its end is told.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio_util::task::task_tracker::TaskTrackerToken;
use uuid::Uuid;

use super::authenticate::{Authenticated, Caller};
use crate::address::Address;
use crate::app::App;
use crate::command::{Context, Form, Runnable};
use crate::config::AnonymousStreams;
use crate::error::{Code, Error, Result};

/// Who hears of the result beside the caller who waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// The log, and all streams of the key, now and later.
    Logged(Address),
    /// The streams of the key that are there at the time.
    Announced(Address),
    Nobody,
}

/// A command that will run and end.
pub(super) struct Admitted {
    pub(super) run: Run,
    pub(super) command: Box<dyn Runnable>,
    pub(super) context: Context,
    pub(super) timeout: Duration,
    /// Held until the command has really ended.
    pub(super) permit: OwnedSemaphorePermit,
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
    /// What a shutdown waits for.
    _place: TaskTrackerToken,
}

struct Seal;

/// Fails with `draining`, or with `overloaded` when as many commands run as may.
pub(super) fn admit(app: &App, authenticated: Authenticated) -> Result<Admitted> {
    let place = app.runtime.enter().ok_or_else(|| {
        Error::new(Code::Draining, "The server is shutting down.").with_hint("Send it again in a moment.")
    })?;
    let permit = Arc::clone(&app.runs).try_acquire_owned().map_err(|full| {
        Error::new(Code::Overloaded, "The server runs as many commands as it may.")
            .with_hint("Try again in a moment.")
            .caused_by(full)
    })?;
    let Authenticated { parsed, caller, .. } = authenticated;
    let audience = match caller {
        Caller::Signer(address) => Audience::Logged(address),
        Caller::Claim(address) | Caller::Replayable(address)
            if app.config.anonymous_streams == AnonymousStreams::Full =>
        {
            Audience::Announced(address)
        }
        Caller::Nobody | Caller::Claim(_) | Caller::Replayable(_) => Audience::Nobody,
    };
    let context = Context::new(
        caller.proven(),
        parsed.received,
        Arc::clone(&app.registry),
        Arc::clone(&app.store),
        Arc::clone(&app.bus),
        app.clock,
    );
    Ok(Admitted {
        run: Run { id: Uuid::now_v7(), form: Arc::clone(&parsed.form), text: parsed.text, audience, _place: place },
        timeout: parsed.form.timeout,
        command: parsed.command,
        context,
        permit,
        _seal: Seal,
    })
}
