//! First stage: which command is meant, and do the arguments fit it?

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value};
use sha3::{Digest, Keccak256};

use super::{Call, Request};
use crate::access::Authorization;
use crate::command::grammar::{Spoken, Word, is_readable, quoted};
use crate::command::{Form, Registry, Runnable};
use crate::error::{Code, Error, Result};
use crate::run::Idempotency;
use crate::signing::Proof;

/// A command that exists, with arguments that fit, and a proof of the right shape that nobody has verified yet.
pub(super) struct Parsed {
    pub(super) form: Arc<Form>,
    pub(super) command: Box<dyn Runnable>,
    /// What its owner is told that it was.
    pub(super) text: String,
    pub(super) proof: Option<Proof>,
    pub(super) place: Place,
    /// What a signature covers instead of the text, where the command was not asked for by a text.
    pub(super) line: Option<String>,
    /// The arguments as they were sent beside that, where a signature covers them.
    pub(super) args: Option<Value>,
    pub(super) authorization: Authorization,
    pub(super) peer: IpAddr,
    pub(super) idempotency: Option<Idempotency>,
    pub(super) respond_async: bool,
    pub(super) received: Instant,
    _seal: Seal,
}

struct Seal;

/// Where the proof of a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Body,
    Header,
    /// Beside the list that it is one of.
    Batch,
}

/// What the grammar makes of a call.
struct Said {
    form: Arc<Form>,
    command: Box<dyn Runnable>,
    text: String,
    line: Option<String>,
}

/// Fails with what the grammar says, with `malformed_request`, `auth_malformed`, or with `args_not_signed`.
/// In a box: it goes from hand to hand.
pub(super) fn parse(registry: &Registry, request: Request) -> Result<Box<Parsed>> {
    let Request { call, mut authorization, peer, idempotency_key, respond_async, received } = request;
    let (subject, args) = match &call {
        Call::Text { command, args, .. } => (command, args),
        Call::Endpoint { line, body, .. } => (line, body),
    };
    let idempotency = idempotency_key.map(|key| Idempotency { key, fingerprint: fingerprint(subject, args.as_ref()) });
    let has_args = args.as_ref().is_some_and(has_any);
    let proof = match (&call, &authorization) {
        (Call::Text { auth, .. }, _) => auth.as_ref().map(Proof::parse).transpose()?,
        (Call::Endpoint { .. }, Authorization::Signature(auth)) => Some(Proof::parse(auth)?),
        (Call::Endpoint { .. }, _) => None,
    };
    if proof.is_some() && matches!(call, Call::Endpoint { .. }) {
        authorization = Authorization::Nothing;
    }
    let place = if matches!(call, Call::Endpoint { .. }) { Place::Header } else { Place::Body };
    let covered = args.as_ref().filter(|_| matches!(proof, Some(Proof::Signed(_)))).cloned();
    let Said { form, command, text, line } = match call {
        Call::Text { command, args, .. } => say(registry, command, args)?,
        Call::Endpoint { form, words, line, body } => call_on(form, words, line, body)?,
    };
    if matches!(proof, Some(Proof::Bare(_))) && has_args {
        return Err(Error::new(
            Code::ArgsNotSigned,
            "A bare signature covers the command and not what stands beside it.",
        )
        .with_hint("Sign it as Signed Command v1, or write the arguments into the command text."));
    }
    Ok(Box::new(Parsed {
        form,
        command,
        text,
        proof,
        place,
        line,
        args: covered,
        authorization,
        peer,
        idempotency,
        respond_async,
        received,
        _seal: Seal,
    }))
}

fn say(registry: &Registry, text: String, args: Option<Value>) -> Result<Said> {
    let mut spoken = Spoken::parse(&text, args)?;
    let form = registry.resolve(&mut spoken)?;
    let command = form.build(spoken.words, spoken.typed)?;
    Ok(Said { form, command, text, line: None })
}

fn call_on(form: Arc<Form>, named: Vec<(String, String)>, line: String, body: Option<Value>) -> Result<Said> {
    let typed = match body {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(typed)) => typed,
        Some(_) => {
            return Err(Error::new(Code::MalformedRequest, "The body is not a JSON object.")
                .with_hint("Its members are the arguments of the command by their names."));
        }
    };
    let text = named.iter().fold(form.path.clone(), |text, (name, value)| format!("{text} --{name} {}", quoted(value)));
    let text = if is_readable(&text) { text } else { form.path.clone() };
    let words = named.into_iter().map(|(name, value)| Word::unquoted(format!("--{name}={value}"))).collect();
    let command = form.build(words, typed)?;
    Ok(Said { form, command, text, line: Some(line) })
}

/// What is asked for, whoever signs it and however often.
pub(super) fn fingerprint(subject: &str, args: Option<&Value>) -> [u8; 32] {
    let args = args.map_or_else(|| "[]".to_owned(), Value::to_string);
    Keccak256::new().chain_update(subject).chain_update([0]).chain_update(args).finalize().into()
}

pub(super) fn has_any(args: &Value) -> bool {
    match args {
        Value::Null => false,
        Value::Array(words) => !words.is_empty(),
        Value::Object(typed) => !typed.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}
