//! `POST /api/v1/commands/execute`

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Map, Value};

use super::body::Json;
use super::credentials::Claim;
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::pipeline::{self, Answer, Request};

/// Run a command and wait for its result.
///
/// The command is a text, `/name[/subcommand] [words]`, or a name with typed `args`. It runs to its end even when you hang
/// up. `Authorization: Bearer 0x…` names an address and proves nothing; `auth` proves one.
#[utoipa::path(
    post, path = "/api/v1/commands/execute", operation_id = "execute", tag = "Commands",
    request_body(content = ref("#/components/schemas/ExecuteRequest"), content_type = "application/json"),
    responses((status = 200, description = "The command succeeded.", body = ref("#/components/schemas/ExecuteSuccess"),
               content_type = "application/json")),
    security((), ("claim" = []))
)]
pub async fn execute(State(app): State<Arc<App>>, claim: Result<Claim>, Json(body): Json) -> Result<Answer> {
    let received = app.clock.instant();
    let Value::Object(mut members) = body else { return Err(malformed("The body is not a JSON object.".to_owned())) };
    let request = Request {
        command: match take(&mut members, "command") {
            Some(Value::String(command)) => command,
            Some(_) => return Err(malformed("`command` is not a string.".to_owned())),
            None => return Err(malformed("`command` is missing.".to_owned())),
        },
        args: take(&mut members, "args"),
        auth: take(&mut members, "auth"),
        claim: claim?.0,
        received,
    };
    if !members.is_empty() {
        return Err(malformed("The body has a member that is none of `command`, `args` and `auth`.".to_owned()));
    }
    pipeline::execute(&app, request).await
}

/// A member of the body; `null` is as good as absent.
fn take(members: &mut Map<String, Value>, name: &str) -> Option<Value> {
    members.remove(name).filter(|value| !value.is_null())
}

fn malformed(message: String) -> Error {
    Error::new(Code::MalformedRequest, message).with_hint(
        r#"Send {"command": "/ping"}, with `args` (an array or an object) and `auth` ({publicKey, signature}) where needed."#,
    )
}
