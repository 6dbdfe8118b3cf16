//! `POST /api/v1/commands/execute`

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};

use super::body::{Json, Members};
use super::credentials::Bearer;
use super::preferences::Preferences;
use crate::app::App;
use crate::error::Result;
use crate::pipeline::{self, Answer, Call, Request};
use crate::run::Status;

/// Run a command and wait for its result.
///
/// The command is a text, `/name[/subcommand] [words]`, or a name with typed `args`. It runs to its end even when you hang
/// up. `auth` proves an address for this one command, `Authorization: Bearer ns_…` one that has signed in;
/// `Authorization: Bearer 0x…` names one and proves nothing. What is signed by `V1Signature` is done once: sent again as it
/// was, it is answered as it was, with `Idempotent-Replayed: true`.
#[utoipa::path(
    post, path = "/api/v1/commands/execute", operation_id = "execute", tag = "Commands",
    request_body(content = ref("#/components/schemas/ExecuteRequest"), content_type = "application/json"),
    params(
        ("Prefer" = Option<String>, Header, description = "`respond-async`: who has proven an address is answered before the \
          command ends."),
        ("Idempotency-Key" = Option<String>, Header, pattern = r#"^"[A-Za-z0-9_.:-]{1,255}"$"#, example = json!("\"8e03978e\""),
         description = "A string in quotes. What who has proven an address sends again with the same key within 24 hours is not \
                        run again: the first answer comes once more, with `Idempotent-Replayed: true`."),
    ),
    responses(
        (status = 200, description = "The command succeeded.", body = ref("#/components/schemas/ExecuteSuccess"),
         content_type = "application/json",
         headers(("idempotent-replayed" = String, description = "`true` when this was answered before."))),
        (status = 202, description = "The command runs; you preferred not to wait.", body = ref("#/components/schemas/Pending"),
         content_type = "application/json",
         headers(("location" = String, description = "The run."), ("preference-applied" = String))),
    ),
    security((), ("claim" = []), ("session" = []))
)]
pub async fn execute(
    State(app): State<Arc<App>>,
    bearer: Result<Bearer>,
    preferences: Result<Preferences>,
    Json(body): Json,
) -> Result<Response> {
    let received = app.clock.instant();
    let mut members = Members::of(body, HINT)?;
    let Bearer { authorization, peer } = bearer?;
    let Preferences { respond_async, idempotency_key } = preferences?;
    let request = Request {
        call: Call::Text { command: members.text("command")?, args: members.take("args"), auth: members.take("auth") },
        authorization,
        peer,
        idempotency_key,
        respond_async,
        received,
    };
    members.end()?;
    Ok(respond(pipeline::execute(&app, request).await?))
}

/// What is said of a run, with the headers that tell where it is found and whether it was said before.
pub(super) fn respond(answer: Answer) -> Response {
    let mut place = None;
    if let (Status::Pending, Some(run_id)) = (answer.status, answer.run_id) {
        place = HeaderValue::try_from(format!("/api/v1/runs/{run_id}")).ok();
    }
    let is_replayed = answer.replayed;
    let mut response = answer.into_response();
    if let Some(place) = place {
        response.headers_mut().insert(LOCATION, place);
        response.headers_mut().insert("preference-applied", HeaderValue::from_static("respond-async"));
    }
    if is_replayed {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}

const HINT: &str = r#"Send {"command": "/ping"}, with `args` (an array or an object) and `auth` where needed."#;
