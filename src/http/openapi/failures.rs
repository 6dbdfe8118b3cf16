//! Which codes a request can be answered with, by operation.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, Header, OpenApi, RefOr, Response, ResponseBuilder, Schema};

use super::super::error::status;
use crate::error::Code;

/// What any request can be answered with.
const ANY: &[Code] = &[Code::HeadersTooLarge, Code::Internal, Code::Overloaded];

/// What can be said of a signature.
const SIGNATURE: &[Code] =
    &[Code::AuthMalformed, Code::SignatureInvalid, Code::SignatureHighS, Code::SignatureMismatch, Code::RateLimited];

/// What can be said of one that is good once, and of the session that may stand in its place.
const PROOF: &[Code] = &[
    Code::IdentityRequired,
    Code::SessionInvalid,
    Code::AudienceMismatch,
    Code::RequestExpired,
    Code::RequestNotYetValid,
    Code::ValidityTooLong,
    Code::ReplayProtectionRequired,
    Code::NonceReused,
    Code::StoreUnavailable,
];

/// What an operation can be answered with beside that.
fn of(operation: &str) -> &'static [Code] {
    match operation {
        "execute" => &[
            Code::HostNotAllowed,
            Code::MalformedJson,
            Code::MalformedRequest,
            Code::MalformedCommand,
            Code::EmptyCommand,
            Code::ClientCommand,
            Code::ArgsNotSigned,
            Code::SignatureRequired,
            Code::Forbidden,
            Code::BearerMismatch,
            Code::UnknownCommand,
            Code::NotFound,
            Code::InProgress,
            Code::OutcomeUnknown,
            Code::Cancelled,
            Code::RequestTimeout,
            Code::BodyTooLarge,
            Code::UnsupportedMediaType,
            Code::InvalidArguments,
            Code::CommandFailed,
            Code::IdempotencyKeyReused,
            Code::WebhookFailed,
            Code::Draining,
            Code::CommandTimeout,
        ],
        "batch" => &[
            Code::HostNotAllowed,
            Code::MalformedJson,
            Code::MalformedRequest,
            Code::ArgsNotSigned,
            Code::BearerMismatch,
            Code::InProgress,
            Code::RequestTimeout,
            Code::BodyTooLarge,
            Code::UnsupportedMediaType,
            Code::IdempotencyKeyReused,
        ],
        "registerCommand" => &[
            Code::HostNotAllowed,
            Code::MalformedJson,
            Code::MalformedRequest,
            Code::SignatureRequired,
            Code::Forbidden,
            Code::AlreadyExists,
            Code::RequestTimeout,
            Code::BodyTooLarge,
            Code::UnsupportedMediaType,
            Code::DefinitionInvalid,
        ],
        "deleteCommand" => &[Code::HostNotAllowed, Code::SignatureRequired, Code::Forbidden, Code::UnknownCommand],
        "getCommand" => &[Code::HostNotAllowed, Code::UnknownCommand],
        "listRuns" => &[Code::HostNotAllowed, Code::MalformedRequest, Code::InvalidArguments],
        "getRun" | "docsFile" => &[Code::HostNotAllowed, Code::NotFound],
        "cancelRun" => &[Code::HostNotAllowed, Code::NotFound, Code::Finished],
        "listCommands" => &[Code::HostNotAllowed, Code::MalformedRequest],
        "getNonce" | "apiHealth" => &[Code::HostNotAllowed, Code::StoreUnavailable],
        "signIn" => &[
            Code::HostNotAllowed,
            Code::MalformedJson,
            Code::MalformedRequest,
            Code::SiweInvalid,
            Code::RequestTimeout,
            Code::BodyTooLarge,
            Code::UnsupportedMediaType,
            Code::StoreUnavailable,
        ],
        "signOut" | "getTicket" => &[
            Code::HostNotAllowed,
            Code::MalformedJson,
            Code::MalformedRequest,
            Code::RequestTimeout,
            Code::BodyTooLarge,
            Code::UnsupportedMediaType,
        ],
        "metrics" => &[Code::NotFound],
        "stream" => &[
            Code::HostNotAllowed,
            Code::MalformedRequest,
            Code::BearerMismatch,
            Code::TicketInvalid,
            Code::TooManyStreams,
        ],
        "livez" => &[],
        "health" => &[Code::StoreUnavailable],
        "readyz" => &[Code::Draining, Code::StoreUnavailable],
        _ => &[Code::HostNotAllowed],
    }
}

/// Writes the failures into every operation.
pub(super) fn add(routes: &mut OpenApi) {
    for item in routes.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.delete].into_iter().flatten() {
            let id = operation.operation_id.as_deref().unwrap_or_default();
            let proof: &[&[Code]] = match id {
                "execute" | "batch" | "listRuns" | "getRun" | "cancelRun" | "listCommands" | "registerCommand"
                | "deleteCommand" | "stream" | "getTicket" | "signOut" => &[SIGNATURE, PROOF],
                "signIn" => &[SIGNATURE],
                _ => &[],
            };
            let codes = of(id);
            add_to(operation, ANY.iter().chain(proof.iter().copied().flatten()).chain(codes).copied());
        }
    }
}

fn add_to(operation: &mut Operation, codes: impl Iterator<Item = Code>) {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(status(code).as_u16()).or_default().push(code);
    }
    for (status, codes) in by_status {
        operation.responses.responses.insert(status.to_string(), RefOr::T(response(status, &codes)));
    }
}

fn response(status: u16, codes: &[Code]) -> Response {
    let meanings: Vec<_> = codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.meaning())).collect();
    let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    let schema = json!({
        "allOf": [
            { "$ref": "#/components/schemas/Failure" },
            { "type": "object", "properties": { "code": { "type": "string", "enum": names } } },
        ],
    });
    let content = ContentBuilder::new().schema(as_schema(schema)).build();
    let response = ResponseBuilder::new().description(meanings.join("\n\n")).content("application/json", content);
    headers(status).into_iter().fold(response, |response, (name, header)| response.header(name, header)).build()
}

/// utoipa has no room for all that a schema of JSON Schema 2020-12 may say, but reads what it has.
fn as_schema(schema: Value) -> Option<RefOr<Schema>> {
    serde_json::from_value(schema).ok()
}

fn headers(status: u16) -> Vec<(&'static str, Header)> {
    let header = |description: &str| {
        let mut header = Header::default();
        header.description = Some(description.to_owned());
        header
    };
    match status {
        401 => vec![(
            "www-authenticate",
            header("`EthSignature`, with the schemes that are taken, the audience, the code."),
        )],
        429 => vec![
            ("retry-after", header("Seconds.")),
            ("ratelimit", header("`\"<policy>\";r=0;t=<seconds>`")),
            ("ratelimit-policy", header("`\"<policy>\";q=<quota>`")),
        ],
        503 => vec![("retry-after", header("Seconds."))],
        _ => Vec::new(),
    }
}
