//! `nexus sign`: signs a command or another request, and prints what curl sends.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value, json};

use super::failure::{Failure, tell};
use super::remote::Remote;
use super::statement::{Draft, authorization, in_hex, is_request};
use super::unlock::unlock;
use crate::clock::Clock;
use crate::config;
use crate::json;
use crate::signing::bare;
use crate::signing::signer::Signer;

/// By how many seconds our clock may differ from the server's before the server's is taken.
const DRIFT: i64 = 5;

/// The one request beside the execution of a command that carries its signature in its body.
const BATCH: &str = "POST /api/v1/commands/batch";

/// Sign a command and print the body of the request, or another request and print its Authorization header.
#[derive(Args)]
#[command(after_help = "Examples:
  nexus sign /whoami --key alice | curl -s http://127.0.0.1:8000/api/v1/commands/execute -H 'content-type: application/json' -d @-
  curl -s http://127.0.0.1:8000/api/v1/runs -H \"authorization: $(nexus sign 'GET /api/v1/runs' --key alice)\"
  nexus sign 'POST /api/v1/commands/batch' --key alice --args '{\"commands\": [{\"command\": \"/whoami\"}], \"on_error\": \"stop\"}' |
    curl -s http://127.0.0.1:8000/api/v1/commands/batch -H 'content-type: application/json' -d @-")]
pub(super) struct Sign {
    /// The text of a command, or `METHOD path?query`, just as it is sent.
    text: String,

    /// The key that signs.
    #[arg(long, value_name = "NAME")]
    key: String,

    /// The arguments of the command, or the body of the request.
    #[arg(long, value_name = "JSON", value_parser = parse_args)]
    args: Option<Value>,

    /// Seconds for which the signature is good.
    #[arg(long, value_name = "1-300", default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=300))]
    valid: u16,

    /// Sign the text alone, without audience, time and nonce: whoever sees that can send it again.
    #[arg(long, conflicts_with_all = ["args", "audience", "valid"])]
    bare: bool,

    #[command(flatten)]
    server: config::Server,

    #[command(flatten)]
    keys: config::Keys,
}

/// JSON as the server would take it.
fn parse_args(text: &str) -> Result<Value, String> {
    json::parse(text.as_bytes()).map_err(|error| format!("it is no JSON: {}", error.hint.unwrap_or(error.message)))
}

pub(super) fn sign(words: &Sign) -> Result<ExitCode, Failure> {
    let is_request = is_request(&words.text);
    if !is_request && words.args.as_ref().is_some_and(|args| !args.is_array() && !args.is_object()) {
        return Err(Failure::usage(
            "The arguments of a command are an array or an object.",
            "Write --args '[\"good morning\"]', or --args '{\"text\": \"good morning\"}'.",
        ));
    }
    let auth = if words.bare {
        let signer = unlock(&words.keys, &words.key)?;
        json!({ "publicKey": signer.address(), "signature": in_hex(&signer.sign(&bare::digest(&words.text))) })
    } else {
        // A server that does not answer is told before anybody types a passphrase; the time is taken after that.
        let (audience, ahead) = audience(words)?;
        sign_v1(words, &audience, ahead, &unlock(&words.keys, &words.key)?)?
    };
    let line = if words.text == BATCH
        && let Some(Value::Object(mut body)) = words.args.clone()
    {
        body.insert("auth".to_owned(), auth);
        Value::from(body).to_string()
    } else if is_request {
        authorization(&auth)
    } else {
        let mut body = Map::from_iter([("command".to_owned(), words.text.clone().into())]);
        body.extend(words.args.clone().map(|args| ("args".to_owned(), args)));
        body.insert("auth".to_owned(), auth);
        Value::from(body).to_string()
    };
    writeln!(io::stdout(), "{line}")?;
    Ok(ExitCode::SUCCESS)
}

fn sign_v1(words: &Sign, audience: &str, ahead: i64, signer: &Signer) -> Result<Value, Failure> {
    let draft = Draft {
        audience,
        command: &words.text,
        args: words.args.as_ref(),
        issued_at: Clock::default().now().as_second() + ahead,
        valid: words.valid,
    };
    draft.sign(signer)
}

/// Who the signature is for, and by how many seconds their clock is ahead of ours, where that matters.
fn audience(words: &Sign) -> Result<(String, i64), Failure> {
    if let Some(origin) = &words.server.audience {
        return Ok((origin.to_string(), 0));
    }
    let remote = Remote::new(&words.server)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let introduction = runtime.block_on(remote.introduce()).map_err(|trouble| remote.failure(trouble))?;
    let audience = remote.audience(&introduction)?;
    let ahead = introduction.time.as_second() - Clock::default().now().as_second();
    if ahead.abs() <= DRIFT {
        return Ok((audience, 0));
    }
    let direction = if ahead > 0 { "behind" } else { "ahead of" };
    tell(format_args!("this clock is {} s {direction} the server's, whose time is taken", ahead.abs()));
    Ok((audience, ahead))
}
