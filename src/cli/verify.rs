//! `nexus verify`: who signed what, for whom, until when, and whether that is so.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::visible::visible;
use crate::address::Address;
use crate::clock::Clock;
use crate::error::{Code, Error};
use crate::json::{canonical, parse};
use crate::signing::Proof;
use crate::signing::v1::SCHEME;

/// How the value of an Authorization header begins that holds a signature.
const HEADER: &[u8] = b"EthSignature";
/// The longest body that a server takes is shorter.
const LONGEST: u64 = 1 << 20;

/// Read a signed body and say who signed what, for whom and until when; end with 0 if that is so and now, else with 1.
#[derive(Args)]
#[command(after_help = "Example: nexus sign /whoami --key alice | nexus verify -

What is signed by the Authorization header is told as {\"request\": \"GET /api/v1/runs\", \"auth\": {..}}.
Whether the nonce was used before, and what the signer may do, is known to the server only.")]
pub(super) struct Verify {
    /// The body; `-` is standard input.
    file: PathBuf,

    /// As one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    command: Option<String>,
    request: Option<String>,
    args: Option<Value>,
    auth: Option<Value>,
}

/// What a body says, and whether it is so.
struct Finding {
    is_command: bool,
    text: String,
    args: Option<Value>,
    proof: Proof,
    verdict: Result<Address, Error>,
    now: Timestamp,
}

impl Finding {
    /// What the text is called in the body.
    const fn kind(&self) -> &'static str {
        if self.is_command { "command" } else { "request" }
    }
}

pub(super) fn verify(words: &Verify) -> Result<ExitCode, Failure> {
    let bytes = read(&words.file)?;
    let finding = look(&bytes, Clock::default().now());
    let is_valid = matches!(&finding, Ok(Finding { verdict: Ok(_), .. }));
    let mut out = io::stdout().lock();
    match finding {
        _ if words.json => writeln!(out, "{}", as_json(&finding))?,
        Ok(finding) => out.write_all(as_text(&finding).as_bytes())?,
        Err(error) => return Err(error.into()),
    }
    Ok(if is_valid { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().take(LONGEST).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::new(format!("{} cannot be read: {error}.", file.display()), "Name a file, or -."))?;
    Ok(bytes)
}

/// Fails when the body is not one that can be looked at.
fn look(bytes: &[u8], now: Timestamp) -> Result<Finding, Error> {
    if bytes.starts_with(HEADER) {
        return Err(Error::new(Code::MalformedRequest, "This is the value of a header, which does not say what it signs.")
            .with_hint("What follows its first word is the base64url of `auth` in {\"request\": \"GET /api/v1/runs\", \"auth\": {..}}."));
    }
    let value = parse(bytes)?;
    let body = Body::deserialize(value).map_err(|_| shapeless())?;
    let (is_command, text) = match (body.command, body.request) {
        (Some(text), None) => (true, text),
        (None, Some(text)) => (false, text),
        _ => return Err(shapeless()),
    };
    let auth = body.auth.ok_or_else(|| {
        Error::new(Code::SignatureRequired, "Nobody has signed this: it has no `auth`.")
            .with_hint("`nexus sign` makes one, and so does a wallet.")
    })?;
    let proof = Proof::parse(&auth)?;
    let verdict = match &proof {
        Proof::Signed(signed) => (signed.digest(&text, body.args.as_ref()))
            .and_then(|digest| signed.verify(&digest))
            .and_then(|address| signed.check_times(now).map(|()| address)),
        Proof::Bare(_) if body.args.is_some() => {
            Err(Error::new(Code::ArgsNotSigned, "A bare signature does not cover `args`.")
                .with_hint("Sign it as Signed Command v1, or write the arguments into the text."))
        }
        Proof::Bare(bare) if is_command => bare.verify(&text),
        Proof::Bare(bare) => bare.verify_exactly(&text),
    };
    Ok(Finding { is_command, text, args: body.args, proof, verdict, now })
}

fn shapeless() -> Error {
    Error::new(Code::MalformedRequest, "This is no signed request.").with_hint(
        "It is an object of `command` (or `request`, such as \"GET /api/v1/runs\"), `auth` and, if there are any, `args`.",
    )
}

fn as_json(finding: &Result<Finding, Error>) -> Value {
    let mut members = Map::new();
    let mut say = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    say("valid", matches!(finding, Ok(Finding { verdict: Ok(_), .. })).into());
    let error = match finding {
        Ok(finding) => {
            say(finding.kind(), finding.text.as_str().into());
            if let Some(args) = &finding.args {
                say("args", args.clone());
            }
            match &finding.proof {
                Proof::Bare(bare) => {
                    say("scheme", "bare".into());
                    say("signer", json!(bare.signer()));
                }
                Proof::Signed(signed) => {
                    say("scheme", SCHEME.into());
                    say("signer", json!(signed.signer()));
                    say("audience", signed.audience.as_str().into());
                    say("nonce", signed.nonce.as_str().into());
                    say("issuedAt", signed.issued_at.into());
                    say("expiresAt", signed.expires_at.into());
                }
            }
            say("now", finding.now.as_second().into());
            finding.verdict.as_ref().err()
        }
        Err(error) => Some(error),
    };
    if let Some(error) = error {
        say("code", error.code.as_str().into());
        say("message", (*error.message).into());
        say("hint", json!(error.hint));
    }
    members.into()
}

fn as_text(finding: &Finding) -> String {
    let args = finding.args.as_ref().map(|args| canonical(args).unwrap_or_else(|_| args.to_string()));
    let mut rows = vec![(finding.kind(), finding.text.clone())];
    rows.extend(args.map(|args| ("args", args)));
    // Times are looked at last.
    let is_true = match &finding.verdict {
        Ok(_) => true,
        Err(error) => matches!(error.code, Code::RequestExpired | Code::RequestNotYetValid | Code::ValidityTooLong),
    };
    let claimed = |address: Address| if is_true { address.to_string() } else { format!("{address}, if it is true") };
    match &finding.proof {
        Proof::Bare(bare) => {
            rows.push(("signer", claimed(bare.signer())));
            rows.push(("good for", "ever, and everywhere: it is a bare signature, which says neither".to_owned()));
        }
        Proof::Signed(signed) => {
            rows.push(("signer", claimed(signed.signer())));
            rows.push(("audience", signed.audience.clone()));
            rows.push(("issued", moment(signed.issued_at, finding.now)));
            rows.push(("expires", moment(signed.expires_at, finding.now)));
            rows.push(("nonce", signed.nonce.clone()));
        }
    }
    match &finding.verdict {
        Ok(_) => rows.push(("signature", "valid".to_owned())),
        Err(error) if is_true => {
            rows.push(("signature", format!("by the signer, but not good now: {}", error.code.as_str())));
            rows.push(("", error.message.to_string()));
        }
        Err(error) => {
            rows.push(("signature", format!("not valid: {}", error.code.as_str())));
            rows.push(("", error.message.to_string()));
            rows.extend(error.hint.as_ref().map(|hint| ("", hint.to_string())));
        }
    }
    rows.into_iter().fold(String::new(), |text, (name, value)| text + &format!("{name:10} {}\n", visible(&value)))
}

/// A time as people read it, and how far it is from now.
fn moment(second: i64, now: Timestamp) -> String {
    let shown = Timestamp::from_second(second).map_or_else(|_| second.to_string(), |time| time.to_string());
    match second.saturating_sub(now.as_second()) {
        away @ 0.. => format!("{shown} (in {away} s)"),
        away => format!("{shown} ({} s ago)", away.unsigned_abs()),
    }
}
