//! Several commands, one after the other, under one proof.
//!
//! Each goes the way of any command and has a result of its own. The marks by which a request is recognised that comes
//! again, its nonce and its `Idempotency-Key`, stand for each of them in turn: a batch that is sent again answers what has
//! run as it was answered, and runs what has not.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::Value;

use super::admit::{Admission, admit};
use super::answer::Answer;
use super::authenticate::{Caller, demand, join};
use super::parse::{Place, fingerprint, parse};
use super::{Call, Request, finish};
use crate::access::Authorization;
use crate::access::signature::check;
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::run::{Idempotency, Nonce, Once};
use crate::signing::Proof;

/// What a signature of a batch is made out to.
const LINE: &str = "POST /api/v1/commands/batch";

/// A request to run several commands.
#[derive(Debug)]
pub struct Batch {
    pub commands: Vec<Item>,
    pub on_error: OnError,
    /// What a signature covers: `{"commands": …, "on_error": …}`.
    pub content: Value,
    pub auth: Option<Value>,
    pub authorization: Authorization,
    pub peer: IpAddr,
    pub idempotency_key: Option<String>,
}

/// One of them.
#[derive(Debug)]
pub struct Item {
    pub command: String,
    pub args: Option<Value>,
}

/// What becomes of those behind one that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    Stop,
    Continue,
}

/// Runs them in their order, and returns the result of each that was tried. From then on it does not depend on the caller
/// waiting. Fails where none is tried: with `auth_malformed`, `args_not_signed`, `session_invalid`, `bearer_mismatch`, with
/// what the verification of the signature says, with `nonce_reused` or `idempotency_key_reused`; and with `in_progress` where
/// the same batch runs already.
pub async fn batch(app: &Arc<App>, batch: Batch) -> Result<Vec<Result<Answer>>> {
    let Batch { commands, on_error, content, auth, authorization, peer, idempotency_key } = batch;
    let (signer, nonce) = match auth.as_ref().map(Proof::parse).transpose()? {
        None => (None, None),
        Some(Proof::Signed(signed)) => {
            let nonce = check(app, peer, &signed, LINE, Some(&content))?;
            (Some(Caller::Signer(signed.signer())), Some(nonce))
        }
        Some(Proof::Bare(_)) => {
            return Err(Error::new(Code::ArgsNotSigned, "A bare signature covers no list of commands.")
                .with_hint("Sign the batch as Signed Command v1 (docs/protocol.md)."));
        }
    };
    let caller = join(app, signer, &authorization).await?;
    let idempotency = idempotency_key.map(|key| Idempotency { key, fingerprint: fingerprint(LINE, Some(&content)) });
    let once = Once { nonce, idempotency };
    let (runtime, app) = (app.runtime.clone(), Arc::clone(app));
    let work = async move {
        let mut results = Vec::with_capacity(commands.len());
        for (place, item) in commands.into_iter().enumerate() {
            let result = one(&app, item, peer, caller, nth(&once, place)).await;
            match &result {
                Err(error) if concerns_all(error, results.is_empty()) => return result.map(|_| Vec::new()),
                Err(_) | Ok(Answer { code: Some(_), .. }) if on_error == OnError::Stop => {
                    results.push(result);
                    break;
                }
                Err(_) | Ok(_) => results.push(result),
            }
        }
        Ok(results)
    };
    // In a task of its own, which each command comes back to without passing through the connection.
    runtime.spawn_run(work).await.map_err(Error::internal)?
}

async fn one(app: &Arc<App>, item: Item, peer: IpAddr, caller: Caller, once: Once) -> Result<Answer> {
    let request = Request {
        call: Call::Text { command: item.command, args: item.args, auth: None },
        authorization: Authorization::Nothing,
        peer,
        idempotency_key: None,
        respond_async: false,
        received: app.clock.instant(),
    };
    let mut parsed = parse(&app.registry.load(), request)?;
    (parsed.idempotency, parsed.place) = (once.idempotency, Place::Batch);
    match admit(app, demand(app, parsed, caller, once.nonce).await?).await? {
        Admission::Known(answer) => Ok(answer),
        Admission::Admitted(run, admitted) => finish(app, run, admitted).await,
    }
}

/// The marks of one of them. The first has those of the batch, so that they are good for nothing else; no client can send what
/// the others have.
fn nth(once: &Once, place: usize) -> Once {
    if place == 0 {
        return once.clone();
    }
    let nonce = once.nonce.as_ref().map(|nonce| Nonce { value: format!("{}.{place}", nonce.value), ..nonce.clone() });
    let idempotency =
        once.idempotency.as_ref().map(|one| Idempotency { key: format!("{}\n{place}", one.key), ..one.clone() });
    Once { nonce, idempotency }
}

/// Whether a refusal is about the whole: its marks are another's, or the same batch is at work, which must not be overtaken.
fn concerns_all(error: &Error, is_first: bool) -> bool {
    match error.code {
        Code::NonceReused | Code::IdempotencyKeyReused => is_first,
        Code::InProgress => error.data.is_some(),
        _ => false,
    }
}
