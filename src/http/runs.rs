//! `GET /api/v1/runs`, and `GET` and `DELETE /api/v1/runs/{run_id}`: what a key has run, for its owner alone.

use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::credentials::Credentials;
use super::reply::private;
use crate::access::prove;
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::ongoing::Control;
use crate::run::{Progress, Status};
use crate::store::{Run, Wanted};

/// How many runs a list has at most, and without being asked.
const MOST: usize = 100;
const USUAL: usize = 20;

/// A run, as it is shown.
#[derive(Serialize)]
struct Shown<'a> {
    run_id: Uuid,
    command: &'a str,
    status: Status,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<Progress>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a RawValue>,
}

impl<'a> Shown<'a> {
    fn of(run: &'a Run, control: Option<&Control>) -> Self {
        Self {
            run_id: run.id,
            command: &run.text,
            status: run.status,
            created_at: format!("{:.3}", run.created_at),
            finished_at: run.finished_at.map(|at| format!("{at:.3}")),
            progress: control.and_then(Control::progress).filter(|_| run.status == Status::Pending),
            result: run.result.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct List<'a> {
    runs: Vec<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Uuid>,
}

/// What you have run, the newest first.
///
/// A list may be shorter than `limit`: it ends where it would grow large. As long as there are older runs it has `next`, which
/// is the `before` of the next list.
#[utoipa::path(
    get, path = "/api/v1/runs", operation_id = "listRuns", tag = "Runs",
    params(
        ("limit" = Option<u8>, Query, description = "How many at most.", minimum = 1, maximum = 100),
        ("before" = Option<String>, Query, description = "Only what began before this run, or before this time (RFC 3339).",
         pattern = "^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)$"),
        ("command" = Option<String>, Query, description = "Only this command, by its name or an alias (`identity`), or this \
          subcommand (`identity/delete`)."),
        ("status" = Option<String>, Query, description = "`pending`, `success` or `error`.",
         pattern = "^(pending|success|error)$"),
        ("since" = Option<String>, Query, description = "Only what began at this time (RFC 3339) or later.", format = DateTime),
    ),
    responses((status = 200, description = "The runs.", body = ref("#/components/schemas/Runs"),
               content_type = "application/json", headers(("cache-control" = String)))),
    security(("session" = []), ("signature" = []))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    credentials: Credentials,
    query: Result<Query<Filter>, QueryRejection>,
) -> Result<Response> {
    let Query(filter) = query.map_err(|error| {
        Error::new(Code::MalformedRequest, "The query is not readable.")
            .with_hint("Each of limit, before, command, status and since may stand in it once.")
            .caused_by(error)
    })?;
    let (wanted, limit) = filter.read(&app)?;
    let owner = prove(&app, credentials.read()?, None).await?.address;
    let found = app.store.runs(owner, wanted, limit).await?;
    let controls: Vec<_> = found.runs.iter().map(|run| app.ongoing.control(owner, run.id)).collect();
    let runs = found.runs.iter().zip(&controls).map(|(run, control)| Shown::of(run, control.as_deref()));
    let next = found.runs.last().filter(|_| found.has_more).map(|run| run.id);
    private(StatusCode::OK, &List { runs: runs.collect(), next })
}

/// One of your runs, and how far it has come.
#[utoipa::path(
    get, path = "/api/v1/runs/{run_id}", operation_id = "getRun", tag = "Runs",
    params(("run_id" = String, Path, description = "As an answer or an event gave it.",
            example = "019aa000-0000-7000-8000-000000000000")),
    responses((status = 200, description = "The run.", body = ref("#/components/schemas/Run"),
               content_type = "application/json", headers(("cache-control" = String)))),
    security(("session" = []), ("signature" = []))
)]
pub async fn one(
    State(app): State<Arc<App>>,
    credentials: Credentials,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response> {
    let owner = prove(&app, credentials.read()?, None).await?.address;
    let run = app.store.run(owner, read_id(id)?).await?.ok_or_else(no_such_run)?;
    private(StatusCode::OK, &Shown::of(&run, app.ongoing.control(owner, run.id).as_deref()))
}

/// Cancel one of your runs.
///
/// The command is told and ends soon, in its one result: `cancelled`, unless it has something else to say. To cancel again
/// what has not ended yet changes nothing.
#[utoipa::path(
    delete, path = "/api/v1/runs/{run_id}", operation_id = "cancelRun", tag = "Runs",
    params(("run_id" = String, Path, description = "As an answer or an event gave it.",
            example = "019aa000-0000-7000-8000-000000000000")),
    responses((status = 202, description = "The run, which will end.", body = ref("#/components/schemas/Run"),
               content_type = "application/json", headers(("cache-control" = String)))),
    security(("session" = []), ("signature" = []))
)]
pub async fn cancel(
    State(app): State<Arc<App>>,
    credentials: Credentials,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response> {
    let owner = prove(&app, credentials.read()?, None).await?.address;
    let run = app.store.run(owner, read_id(id)?).await?.ok_or_else(no_such_run)?;
    if run.status != Status::Pending {
        return Err(
            Error::new(Code::Finished, "The run has ended already.").with_hint("GET the same address for its result.")
        );
    }
    // None when it has just ended and is being written down, or where another node runs it.
    let control = app.ongoing.control(owner, run.id);
    match &control {
        Some(control) => control.cancel(),
        None => app.bus.cancel(owner, run.id),
    }
    private(StatusCode::ACCEPTED, &Shown::of(&run, control.as_deref()))
}

/// What stands in the query of a list.
#[derive(Deserialize)]
pub struct Filter {
    limit: Option<String>,
    before: Option<String>,
    command: Option<String>,
    status: Option<String>,
    since: Option<String>,
}

impl Filter {
    /// Fails with `invalid_arguments`, with all faults.
    fn read(self, app: &App) -> Result<(Wanted, usize)> {
        let mut faults = Map::new();
        let mut fault = |name: &str, message: &str| {
            faults.insert(name.to_owned(), json!([message]));
        };
        let limit =
            self.limit.map_or(Some(USUAL), |limit| limit.parse().ok().filter(|limit| (1..=MOST).contains(limit)));
        if limit.is_none() {
            fault("limit", "must be a whole number from 1 to 100");
        }
        let before = self.before.map(|before| Uuid::try_parse(&before).ok().or_else(|| first_at(&before)));
        if before == Some(None) {
            fault("before", "must be the id of a run, or a time such as 2026-01-31T12:00:00Z (write + as %2B)");
        }
        let status = self.status.map(|status| Status::of(&status));
        if status == Some(None) {
            fault("status", "must be one of: pending, success, error");
        }
        let since = self.since.map(|since| since.parse::<Timestamp>().ok());
        if since == Some(None) {
            fault("since", "must be a time such as 2026-01-31T12:00:00Z (write + as %2B)");
        }
        if !faults.is_empty() {
            return Err(Error::new(Code::InvalidArguments, "The query asks for something that there is not.")
                .with_hint("All of limit, before, command, status and since may be left out.")
                .with_data(Value::Object(faults)));
        }
        let command = self.command.map(|command| app.registry.load().canonical(&command));
        let wanted = Wanted { before: before.flatten(), command, status: status.flatten(), since: since.flatten() };
        Ok((wanted, limit.unwrap_or(USUAL)))
    }
}

/// The smallest id that a run of this time can have: a UUID of version 7 begins with its time (RFC 9562, section 5.7).
fn first_at(time: &str) -> Option<Uuid> {
    let millisecond = time.parse::<Timestamp>().ok()?.as_millisecond();
    // Before 1970 there were none.
    Some(Uuid::from_u128(u128::try_from(millisecond).unwrap_or(0) << 80))
}

fn read_id(id: Result<Path<String>, PathRejection>) -> Result<Uuid> {
    id.ok().and_then(|Path(id)| Uuid::try_parse(&id).ok()).ok_or_else(no_such_run)
}

/// Said of another's run as well: whoever asks does not learn that there is one.
fn no_such_run() -> Error {
    Error::not_found("You have no run with this id.").with_hint("GET /api/v1/runs lists those that you have.")
}
