//! `POST /api/v1/commands/batch`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};

use super::body::{Json, Members};
use super::credentials::Bearer;
use super::error::{for_a_proof, status};
use super::host::Audience;
use super::preferences::Preferences;
use super::reply;
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::pipeline::{Answer, Batch, Item, OnError, batch};

/// How many commands a batch has at most.
const MOST: usize = 50;
/// The largest body in bytes.
const LARGEST: usize = 256 * 1024;

/// Run several commands, one after the other.
///
/// Each is checked, counted, run and streamed as if it were sent alone, and has a result of its own, with the status that it
/// would have had in `http`. With `"on_error": "stop"` nothing is run after the first that fails, and `results` ends with it.
/// One `V1Signature` covers all: Command is `POST /api/v1/commands/batch`, Args is `{"commands": …, "on_error": …}` (`"stop"`
/// where you leave it out). A batch that is sent again as it was runs what has not run yet, and answers the rest as before.
#[utoipa::path(
    post, path = "/api/v1/commands/batch", operation_id = "batch", tag = "Commands",
    request_body(content = ref("#/components/schemas/BatchRequest"), content_type = "application/json"),
    params(("Idempotency-Key" = Option<String>, Header, pattern = r#"^"[A-Za-z0-9_.:-]{1,255}"$"#, example = json!("\"8e03978e\""),
            description = "A string in quotes, as for a single command.")),
    responses((status = 200, description = "The result of each command that was tried.", content_type = "application/json",
               body = ref("#/components/schemas/BatchSuccess"))),
    security((), ("claim" = []), ("session" = []))
)]
pub async fn run(
    State(app): State<Arc<App>>,
    bearer: Result<Bearer>,
    preferences: Result<Preferences>,
    Audience(audience): Audience,
    Json(body): Json<LARGEST>,
) -> Result<Response> {
    let mut members = Members::of(body, HINT)?;
    let Bearer { authorization, peer } = bearer?;
    let Preferences { idempotency_key, .. } = preferences?;
    let list = members.take("commands").unwrap_or_default();
    let (name, on_error) = match members.take("on_error").as_ref().map(Value::as_str) {
        None | Some(Some("stop")) => ("stop", OnError::Stop),
        Some(Some("continue")) => ("continue", OnError::Continue),
        Some(_) => return Err(malformed("`on_error` is neither \"stop\" nor \"continue\".".to_owned())),
    };
    let auth = members.take("auth");
    members.end()?;
    let is_marked = auth.is_some() || idempotency_key.is_some();
    let content = if is_marked { json!({ "commands": list, "on_error": name }) } else { Value::Null };
    let commands = items(list)?;
    let count = commands.len();
    let results =
        batch(&app, Batch { commands, on_error, content, auth, authorization, peer, idempotency_key }).await?;
    let results: Vec<_> = results.into_iter().map(|result| Outcome::of(&app, &audience, result)).collect();
    let failed = results.iter().filter(|result| result.answer.code.is_some()).count();
    let message = match (results.len() - failed, count - results.len()) {
        (succeeded, 0) => format!("{succeeded} of {count} succeeded."),
        (succeeded, left) => format!("{succeeded} of {count} succeeded; {left} were not tried after the failure."),
    };
    reply::private(StatusCode::OK, &Success { status: "success", message, data: Results { results } })
}

#[derive(Serialize)]
struct Success {
    status: &'static str,
    message: String,
    data: Results,
}

#[derive(Serialize)]
struct Results {
    results: Vec<Outcome>,
}

/// The answer to one command, and the status that it would have had alone.
#[derive(Serialize)]
struct Outcome {
    #[serde(flatten)]
    answer: Answer,
    http: u16,
}

impl Outcome {
    fn of(app: &App, audience: &str, result: Result<Answer>) -> Self {
        let mut answer = result.unwrap_or_else(|error| Answer::from(&error));
        let http = answer.code.map_or(StatusCode::OK, status);
        if http == StatusCode::UNAUTHORIZED {
            answer.data = answer.data.or_else(|| for_a_proof(app, audience));
        }
        Self { answer, http: http.as_u16() }
    }
}

fn items(list: Value) -> Result<Vec<Item>> {
    let Value::Array(list) = list else { return Err(malformed("`commands` is not a list.".to_owned())) };
    if !(1..=MOST).contains(&list.len()) {
        return Err(malformed(format!("`commands` has {} commands; a batch has 1 to {MOST}.", list.len())));
    }
    let item = |(place, item)| {
        let faulty =
            |_: Error| malformed(format!("`commands[{place}]` is not a command with its `args`.")).with_hint(NESTED);
        let mut members = Members::of(item, HINT).map_err(faulty)?;
        let item = Item { command: members.text("command").map_err(faulty)?, args: members.take("args") };
        members.end().map_err(faulty).map(|()| item)
    };
    list.into_iter().enumerate().map(item).collect()
}

fn malformed(message: String) -> Error {
    Error::new(Code::MalformedRequest, message).with_hint(HINT)
}

const HINT: &str = r#"Send {"commands": [{"command": "/ping"}, …], "on_error": "stop"}, each with `args` where needed, and `auth` over them all."#;
const NESTED: &str =
    "A command of a batch has `command` and `args`; `auth` stands beside the list, and a batch holds no other.";
