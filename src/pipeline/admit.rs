//! Third stage: from here on the command runs, and its end is told.

use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio_util::task::task_tracker::TaskTrackerToken;
use uuid::Uuid;

use super::answer::Answer;
use super::authenticate::{Authenticated, Caller};
use crate::access::refused;
use crate::address::Address;
use crate::app::App;
use crate::bus::{Heard, Mark, Obstacle, Signal};
use crate::command::{Context, Form, Proof};
use crate::config::AnonymousStreams;
use crate::error::{Code, Error, Limit, Result};
use crate::middleware::{Admitted, Life};
use crate::ongoing::{Control, Entry, Permits, Visitor};
use crate::run::{Once, Opened, Status};
use crate::runtime::within;

/// How long a request waits for the one that is the same.
const PATIENCE: Duration = Duration::from_secs(5);

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
    Admitted(Run, Admitted),
    /// The same was asked before, and this is what it was answered.
    Known(Answer),
}

/// What is known of a run from its beginning to its end.
pub(super) struct Run {
    pub(super) id: Uuid,
    /// What runs, in our words.
    pub(super) form: Arc<Form>,
    /// The command text as it was sent.
    pub(super) text: Arc<str>,
    pub(super) audience: Audience,
    pub(super) control: Arc<Control>,
    /// Whether the caller has asked to be answered before it ends.
    pub(super) respond_async: bool,
    /// Held until it is written down how it ended.
    _permits: Arc<Permits>,
    /// By which its owner finds it.
    _entry: Option<Entry>,
    /// What a shutdown waits for.
    _place: TaskTrackerToken,
}

/// Writes down that the run of a proven caller begins. Fails with `draining`, `overloaded` when as many commands run as may,
/// `in_progress`, `nonce_reused`, `idempotency_key_reused`, `request_expired`, `rate_limited`, `outcome_unknown`, or
/// `store_unavailable`.
pub(super) async fn admit(app: &App, authenticated: Authenticated) -> Result<Admission> {
    let Authenticated { parsed, caller, nonce, .. } = authenticated;
    let owner = caller.owner();
    let once = Once { nonce, idempotency: parsed.idempotency };
    let id = once.run_id();
    // Of who proves nothing nothing is kept.
    let once = Once { idempotency: once.idempotency.filter(|_| owner.is_some()), ..once };
    let respond_async = parsed.respond_async && owner.is_some();
    let who = Who { owner, peer: parsed.peer };
    let room = match find_room(app, id, &parsed.form, who) {
        Ok(room) => room,
        // What was asked before needs no room.
        Err(full) => {
            let Some(owner) = owner else { return Err(full) };
            let obstacle = app.bus.known(owner, once).await?.ok_or(full)?;
            return Box::pin(turn_back(app, owner, obstacle, respond_async)).await;
        }
    };
    let Room { control, entry, place, permits } = room;
    if let Some(address) = owner {
        let (command, text) = (parsed.form.path.clone(), parsed.text.clone());
        let opened = Opened { id, address, command, text, at: app.clock.now() };
        let opened = app.bus.open(opened, once).await;
        if !matches!(opened, Ok(None)) {
            parsed.form.turns.forgo(&who);
        }
        if let Some(obstacle) = opened? {
            drop((entry, place, permits));
            return Box::pin(turn_back(app, address, obstacle, respond_async)).await;
        }
    }
    let audience = match caller {
        Caller::Session(address) | Caller::Signer(address) => Audience::Logged(address),
        Caller::Claim(address) | Caller::Replayable(address)
            if app.config.anonymous_streams == AnonymousStreams::Full =>
        {
            Audience::Announced(address)
        }
        Caller::Nobody | Caller::Claim(_) | Caller::Replayable(_) => Audience::Nobody,
    };
    let proof = match caller {
        Caller::Replayable(address) => Proof::Replayable(address),
        caller => caller.proven().map_or(Proof::None, Proof::Good),
    };
    let text: Arc<str> = parsed.text.into();
    let permits = Arc::new(permits);
    let admitted = Admitted {
        run_id: id,
        form: Arc::clone(&parsed.form),
        text: Arc::clone(&text),
        caller: caller.proven(),
        is_logged: owner.is_some(),
        peer: parsed.peer,
        timeout: parsed.form.timeout,
        life: Box::new(Life {
            control: Arc::clone(&control),
            command: parsed.command,
            context: Context::new(id, proof, parsed.received, Arc::clone(&control), Arc::clone(&app.world)),
            permits: Arc::clone(&permits),
        }),
    };
    let form = parsed.form;
    let run = Run { id, form, text, audience, control, respond_async, _permits: permits, _entry: entry, _place: place };
    Ok(Admission::Admitted(run, admitted))
}

async fn turn_back(app: &App, owner: Address, obstacle: Obstacle, respond_async: bool) -> Result<Admission> {
    match obstacle {
        Obstacle::Repeated(mark, run) => repeat(app, owner, run, mark, respond_async).await.map(Admission::Known),
        Obstacle::Refused(refusal) => Err(refused(refusal)),
    }
}

/// What a run needs to begin.
struct Room {
    control: Arc<Control>,
    entry: Option<Entry>,
    place: TaskTrackerToken,
    permits: Permits,
}

/// Whose turn it is, where turns are counted: the address or, where none is proven, the peer.
#[derive(Clone, Copy)]
struct Who {
    owner: Option<Address>,
    peer: IpAddr,
}

impl Hash for Who {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.owner {
            Some(address) => address.hash(state),
            None => self.peer.hash(state),
        }
    }
}

fn find_room(app: &App, id: Uuid, form: &Form, who: Who) -> Result<Room> {
    let place = app.runtime.enter().ok_or_else(|| {
        Error::new(Code::Draining, "The server is shutting down.").with_hint("Send it again in a moment.")
    })?;
    let permits = permits(app, form, who)?;
    let control = Arc::new(Control::new(app.runtime.clone()));
    // Before it can be found in the log: whoever finds it there can cancel it.
    let entry = who.owner.map(|owner| enter(app, id, owner, &control)).transpose()?;
    form.turns.begin(&form.path, &who, app.clock)?;
    Ok(Room { control, entry, place, permits })
}

fn enter(app: &App, id: Uuid, address: Address, control: &Arc<Control>) -> Result<Entry> {
    let quota = app.config.limits.max_runs_per_key;
    app.ongoing.enter(id, address, Arc::clone(control), quota).ok_or_else(|| {
        Error::new(Code::RateLimited, format!("This key runs all the {quota} commands that it may at once."))
            .with_hint("Wait until one ends, or cancel one: GET /api/v1/runs?status=pending lists them.")
            .at_limit(Limit { policy: "runs-per-key", quota, seconds: 1 })
    })
}

/// Counts what no key stands behind by where it comes from, so that nobody takes all the places there are.
fn visit(app: &App, peer: IpAddr) -> Result<Visitor> {
    let quota = app.config.limits.max_runs_per_peer;
    app.visitors.enter(peer, quota).ok_or_else(|| {
        Error::new(Code::RateLimited, format!("Your address runs all the {quota} commands that it may at once."))
            .with_hint("Wait until one ends. What a key has signed, or a session asks for, is counted by key.")
            .at_limit(Limit { policy: "runs-per-peer", quota, seconds: 1 })
    })
}

fn permits(app: &App, form: &Form, who: Who) -> Result<Permits> {
    let visitor = if who.owner.is_none() { Some(visit(app, who.peer)?) } else { None };
    let form = form.turns.place(&form.path)?;
    let any = Arc::clone(&app.runs).try_acquire_owned().map_err(|full| {
        Error::new(Code::Overloaded, "The server runs as many commands as it may.")
            .with_hint("Try again in a moment.")
            .caused_by(full)
    })?;
    Ok(Permits::new(any, form, visitor))
}

/// The answer that the same request had. Fails with `in_progress` or `outcome_unknown`.
async fn repeat(app: &App, address: Address, id: Uuid, mark: Mark, respond_async: bool) -> Result<Answer> {
    // A client that has lost its connection sends the same again; mostly it has to wait no longer than the first time. Of a key
    // its draft says that it is told at once.
    if mark == Mark::Nonce && !respond_async {
        // What it finds is found again below.
        let _ = within(PATIENCE, pin!(end(app, address, id))).await;
    }
    let run = app.store.run(address, id).await?;
    if run.as_ref().is_some_and(|run| run.status == Status::Pending) {
        if mark == Mark::Nonce && respond_async {
            return Ok(Answer { replayed: true, ..Answer::pending(id) });
        }
        return Err(Error::new(Code::InProgress, "The same request came before, and still runs.")
            .with_hint(format!("GET /api/v1/runs/{id} tells what becomes of it."))
            .with_data(json!({ "run_id": id })));
    }
    let result = run.and_then(|run| run.result).ok_or_else(|| {
        Error::new(Code::OutcomeUnknown, "The same request came before and has ended; its result is kept no longer.")
            .with_hint("Look whether it had its effect, and send it with a new key or nonce if it had not.")
    })?;
    let answer: Answer = serde_json::from_str(result.get()).map_err(Error::internal)?;
    Ok(Answer { run_id: Some(id), replayed: true, ..answer })
}

/// Returns once a run has ended, whichever node runs it.
async fn end(app: &App, address: Address, id: Uuid) -> Result<()> {
    // Before the look: an end that comes after it is heard.
    let mut subscription = app.bus.subscribe(address);
    while app.store.run(address, id).await?.is_some_and(|run| run.status == Status::Pending) {
        // Of what others end it is not looked for again.
        while matches!(subscription.next().await, Heard::Signal(signal) if !may_end(&signal, id)) {}
    }
    Ok(())
}

fn may_end(signal: &Signal, run: Uuid) -> bool {
    matches!(signal, Signal::Event(event) if event.json().contains(run.to_string().as_str()))
}
