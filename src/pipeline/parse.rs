//! First stage: which command is meant, and do the arguments fit it?

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use sha3::{Digest, Keccak256};

use super::Request;
use crate::access::Authorization;
use crate::command::grammar::Spoken;
use crate::command::{Form, Registry, Runnable};
use crate::error::{Code, Error, Result};
use crate::run::Idempotency;
use crate::signing::Proof;

/// A command that exists, with arguments that fit, and a proof of the right shape that nobody has verified yet.
pub(super) struct Parsed {
    pub(super) form: Arc<Form>,
    pub(super) command: Box<dyn Runnable>,
    /// The text as it was sent.
    pub(super) text: String,
    /// The arguments as they were sent beside the text, where a signature covers them.
    pub(super) args: Option<Value>,
    pub(super) proof: Option<Proof>,
    pub(super) authorization: Authorization,
    pub(super) peer: IpAddr,
    pub(super) idempotency: Option<Idempotency>,
    pub(super) respond_async: bool,
    pub(super) received: Instant,
    _seal: Seal,
}

struct Seal;

/// Fails with what the grammar says, with `auth_malformed`, or with `args_not_signed`.
pub(super) fn parse(registry: &Registry, request: Request) -> Result<Parsed> {
    let idempotency = request.idempotency_key.map(|key| {
        let fingerprint = fingerprint(&request.command, request.args.as_ref());
        Idempotency { key, fingerprint }
    });
    let has_args = request.args.as_ref().is_some_and(has_any);
    let proof = request.auth.as_ref().map(Proof::parse).transpose()?;
    let covered = request.args.as_ref().filter(|_| matches!(proof, Some(Proof::Signed(_)))).cloned();
    let mut spoken = Spoken::parse(&request.command, request.args)?;
    let form = registry.resolve(&mut spoken)?;
    let command = form.build(spoken.words, spoken.typed)?;
    if matches!(proof, Some(Proof::Bare(_))) && has_args {
        return Err(Error::new(Code::ArgsNotSigned, "A bare signature covers the command text and not `args`.")
            .with_hint("Sign it as Signed Command v1, or write the arguments into the command text."));
    }
    Ok(Parsed {
        form,
        command,
        text: request.command,
        args: covered,
        proof,
        authorization: request.authorization,
        peer: request.peer,
        idempotency,
        respond_async: request.respond_async,
        received: request.received,
        _seal: Seal,
    })
}

/// What is asked for, whoever signs it and however often.
fn fingerprint(command: &str, args: Option<&Value>) -> [u8; 32] {
    let args = args.map_or_else(|| "[]".to_owned(), Value::to_string);
    Keccak256::new().chain_update(command).chain_update([0]).chain_update(args).finalize().into()
}

fn has_any(args: &Value) -> bool {
    match args {
        Value::Null => false,
        Value::Array(words) => !words.is_empty(),
        Value::Object(typed) => !typed.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}
