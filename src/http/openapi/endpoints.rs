//! The endpoints of commands as operations: what their definitions declare.

use serde_json::{Map, Value, json};

use super::super::endpoint::endpoints;
use super::requests::typed_but;
use super::schemas::pascal;
use crate::command::{Endpoint, Form, Method, Parameter, Registry};

/// Adds an operation for each, with `failures` as they are for `execute`.
#[expect(clippy::indexing_slicing, reason = "a member that is not there is made")]
pub(super) fn add(registry: &Registry, document: &mut Value) {
    let failures = document
        .pointer("/paths/~1api~1v1~1commands~1execute/post/responses")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(status, _)| !matches!(status.as_str(), "200" | "202"))
        .map(|(status, response)| (status.clone(), response.clone()))
        .collect::<Map<_, _>>();
    for (form, endpoint) in endpoints(registry) {
        let method = endpoint.method.as_str().to_ascii_lowercase();
        document["paths"][endpoint.path][method] = operation(form, endpoint, &failures);
    }
}

fn operation(form: &Form, endpoint: Endpoint, failures: &Map<String, Value>) -> Value {
    let name = pascal(&form.path);
    let in_path = |parameter: &&Parameter| endpoint.path.contains(&format!("{{{}}}", parameter.name));
    let (path, rest): (Vec<_>, Vec<_>) = form.parameters.iter().partition(in_path);
    let takes_body = endpoint.method != Method::Get;
    let schema = |parameter: &Parameter| form.schema.pointer(&format!("/properties/{}", parameter.name)).cloned();
    let parameter = |place: &'static str| {
        move |parameter: &&Parameter| {
            let is_required = place == "path" || parameter.required;
            json!({ "name": parameter.name, "in": place, "required": is_required, "schema": schema(parameter) })
        }
    };
    let mut parameters: Vec<_> = path.iter().map(parameter("path")).collect();
    if !takes_body {
        parameters.extend(rest.iter().map(parameter("query")));
    }
    let mut responses = failures.clone();
    // Whatever its subcommands, a command has one shape of success.
    let command = form.path.split('/').nth(1).unwrap_or_default();
    let success = json!({ "$ref": format!("#/components/schemas/{}Success", pascal(command)) });
    responses.insert(
        "200".to_owned(),
        json!({ "description": "The command succeeded.", "content": { "application/json": { "schema": success } } }),
    );
    let mut operation = json!({
        "tags": ["Endpoints"],
        "summary": form.description,
        "description": format!("The same as `{}`.", form.path),
        "operationId": format!("{}{name}", endpoint.method.as_str().to_ascii_lowercase()),
        "parameters": parameters,
        "responses": responses,
        "security": security(form),
    });
    if let Some(operation) = operation.as_object_mut()
        && takes_body
        && !rest.is_empty()
    {
        let is_required = rest.iter().any(|parameter| parameter.required);
        let names: Vec<_> = path.iter().map(|parameter| &*parameter.name).collect();
        let content = json!({ "application/json": { "schema": typed_but(form, &names) } });
        operation.insert("requestBody".to_owned(), json!({ "required": is_required, "content": content }));
    }
    operation
}

fn security(form: &Form) -> Value {
    match (form.demands.requires_signature, form.demands.requires_identity) {
        (true, _) => json!([{ "signature": [] }]),
        (false, true) => json!([{ "session": [] }, { "signature": [] }]),
        (false, false) => json!([{}, { "session": [] }, { "signature": [] }]),
    }
}
