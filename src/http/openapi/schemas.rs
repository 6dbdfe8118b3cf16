//! The nouns of the protocol as JSON Schema 2020-12, and those that each command brings along.

use serde_json::{Map, Value, json};

use super::events::events;
use super::proofs::proofs;
use super::registrations::registrations;
use super::requests::execute_request;
use crate::command::Registry;
use crate::error::Code;

/// All of `components.schemas`.
pub(super) fn of(registry: &Registry) -> Map<String, Value> {
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let meanings: Vec<_> = Code::ALL.iter().map(|code| format!("- `{}`: {}", code.as_str(), code.meaning())).collect();
    let message = json!({ "type": "string", "minLength": 1, "description": "For people." });
    let run_id = json!({ "type": "string", "format": "uuid", "description": "There when the command ran." });
    let time = json!({ "type": "string", "format": "date-time" });
    let mut schemas = as_object(json!({
        "Success": {
            "type": "object",
            "required": ["status", "message"],
            "properties": { "status": { "const": "success" }, "message": message, "data": {}, "run_id": run_id },
        },
        "Failure": {
            "type": "object",
            "required": ["status", "message", "code"],
            "properties": {
                "status": { "const": "error" },
                "message": message,
                "code": { "$ref": "#/components/schemas/Code" },
                "hint": { "type": "string", "description": "What to do next." },
                "data": { "description": "What a program needs to mend the fault: after `invalid_arguments` the faults by \
                                          argument, after a 401 the `audience` and the server's `time`." },
                "run_id": run_id,
            },
        },
        "Code": {
            "type": "string",
            "enum": codes,
            "description": format!("Programs match on it; it never changes its meaning.\n\n{}", meanings.join("\n")),
        },
        "Name": { "type": "string", "pattern": "^[A-Za-z][A-Za-z0-9-]{0,31}$" },
        "Address": { "type": "string", "pattern": "^0x[0-9a-fA-F]{40}$" },
        "Catalogue": { "type": "array", "items": { "$ref": "#/components/schemas/Definition" } },
        "Definition": definition(),
        "Subcommand": subcommand(),
        "BatchRequest": {
            "type": "object",
            "required": ["commands"],
            "properties": {
                "commands": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 50,
                    "items": {
                        "type": "object",
                        "required": ["command"],
                        "properties": {
                            "command": { "type": "string", "description": "A command text." },
                            "args": { "type": ["array", "object", "null"] },
                        },
                        "additionalProperties": false,
                    },
                },
                "on_error": { "enum": ["stop", "continue", null], "description": "`stop` when absent." },
                "auth": { "anyOf": [{ "$ref": "#/components/schemas/V1Signature" }, { "type": "null" }] },
            },
            "additionalProperties": false,
        },
        "BatchSuccess": {
            "type": "object",
            "required": ["status", "message", "data"],
            "properties": {
                "status": { "const": "success" },
                "message": message,
                "data": {
                    "type": "object",
                    "required": ["results"],
                    "properties": {
                        "results": {
                            "type": "array",
                            "description": "In the order of the commands; shorter where one failed and the rest was not tried.",
                            "items": {
                                "allOf": [
                                    { "anyOf": [{ "$ref": "#/components/schemas/Success" },
                                                { "$ref": "#/components/schemas/Failure" }] },
                                    { "type": "object", "required": ["http"],
                                      "properties": { "http": { "type": "integer",
                                                                "description": "The status that it would have had alone." } } },
                                ],
                            },
                        },
                    },
                },
            },
        },
        "CommandResult": {
            "type": "object",
            "description": "The data of the event `command_result`. The event has an `id` when it is in the log.",
            "required": ["command", "result", "run_id"],
            "properties": {
                "command": { "type": "string", "description": "The text as it was sent." },
                "result": { "anyOf": [{ "$ref": "#/components/schemas/Success" }, { "$ref": "#/components/schemas/Failure" }] },
                "run_id": { "type": "string", "format": "uuid" },
            },
        },
        "CommandProgress": {
            "type": "object",
            "description": "The data of the event `command_progress`, which is announced and never logged.",
            "required": ["command", "run_id", "progress"],
            "properties": {
                "command": { "type": "string", "description": "The text as it was sent." },
                "run_id": { "type": "string", "format": "uuid" },
                "progress": { "$ref": "#/components/schemas/Progress" },
                "message": { "type": "string", "description": "For people." },
                "data": {},
            },
        },
        "Progress": {
            "type": "object",
            "required": ["current"],
            "properties": {
                "current": { "type": "integer", "minimum": 0 },
                "total": { "type": "integer", "minimum": 0 },
                "unit": { "type": "string" },
            },
        },
        "Run": {
            "type": "object",
            "required": ["run_id", "command", "status", "created_at"],
            "properties": {
                "run_id": { "type": "string", "format": "uuid" },
                "command": { "type": "string", "description": "The text as it was sent." },
                "status": { "enum": ["pending", "success", "error"] },
                "created_at": time,
                "finished_at": time,
                "progress": { "$ref": "#/components/schemas/Progress", "description": "While it runs, and if it tells." },
                "result": { "anyOf": [{ "$ref": "#/components/schemas/Success" }, { "$ref": "#/components/schemas/Failure" }] },
            },
        },
        "Runs": {
            "type": "object",
            "required": ["runs"],
            "properties": {
                "runs": { "type": "array", "maxItems": 100, "items": { "$ref": "#/components/schemas/Run" } },
                "next": { "type": "string", "format": "uuid", "description": "The `before` of the next list; absent in the last." },
            },
        },
        "Pending": {
            "type": "object",
            "required": ["status", "message", "run_id"],
            "properties": {
                "status": { "const": "pending" },
                "message": message,
                "hint": { "type": "string" },
                "run_id": run_id,
            },
        },
        "Ok": { "type": "object", "required": ["status"], "properties": { "status": { "const": "ok" } } },
        "Health": {
            "type": "object",
            "required": ["status", "dependencies"],
            "properties": {
                "status": { "const": "ok" },
                "dependencies": { "type": "object", "additionalProperties": { "enum": ["ok", "unavailable"] } },
            },
        },
        "Root": {
            "type": "object",
            "required": ["status", "service", "version", "time", "audience"],
            "properties": {
                "status": { "const": "ok" },
                "service": { "const": "nexus" },
                "version": { "type": "string" },
                "time": time,
                "audience": { "type": "string", "format": "uri", "description": "What a signature is made out to." },
            },
        },
    }));
    schemas.extend(proofs());
    schemas.extend(events());
    schemas.extend(registrations());
    schemas.extend(of_commands(registry));
    schemas.extend(execute_request(registry));
    schemas
}

/// For each form of a command its arguments, for each command its data and its success.
fn of_commands(registry: &Registry) -> Map<String, Value> {
    let mut schemas = Map::new();
    let (mut successes, mut is_any_unknown) = (Vec::new(), false);
    for entry in registry.entries() {
        for form in entry.forms() {
            schemas.insert(format!("{}Arguments", pascal(&form.path)), form.schema.clone());
        }
        let Some(output) = &entry.output else {
            is_any_unknown |= entry.forms().any(|form| form.runs_here());
            continue;
        };
        let name = pascal(&entry.bare.path);
        let is_nothing = output.get("type").is_some_and(|kind| kind == "null");
        let success = if is_nothing {
            json!({ "allOf": [{ "$ref": "#/components/schemas/Success" }] })
        } else {
            schemas.insert(format!("{name}Data"), output.clone());
            let data = json!({ "$ref": format!("#/components/schemas/{name}Data") });
            json!({
                "allOf": [{ "$ref": "#/components/schemas/Success" }],
                "required": ["data"],
                "properties": { "data": data },
            })
        };
        schemas.insert(format!("{name}Success"), success);
        successes.push(json!({ "$ref": format!("#/components/schemas/{name}Success") }));
    }
    if is_any_unknown {
        successes.push(json!({ "$ref": "#/components/schemas/Success" }));
    }
    schemas.insert("ExecuteSuccess".to_owned(), json!({ "anyOf": successes }));
    schemas
}

/// `/identity/delete` as `IdentityDelete`.
pub(super) fn pascal(path: &str) -> String {
    let words = path.split(['/', '-']).filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
}

pub(super) fn as_object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// One entry of the catalogue.
fn definition() -> Value {
    let mut definition = subcommand();
    if let Some(properties) = definition.pointer_mut("/properties").and_then(Value::as_object_mut) {
        properties.extend(as_object(json!({
            "handler": {
                "enum": ["client", "rest"],
                "description": "`client`: the frontend runs it. `rest`: execute it here.",
            },
            "subcommands": { "type": "array", "items": { "$ref": "#/components/schemas/Subcommand" } },
            "aliases": { "type": "array", "items": { "$ref": "#/components/schemas/Name" } },
            "renderer": { "type": "string", "description": "How to show the result: `table`, `markdown`, `chart`." },
            "timeout": { "type": "number", "description": "Seconds; 30 when absent." },
            "deprecated": { "type": "boolean" },
        })));
    }
    if let Some(required) = definition.pointer_mut("/required").and_then(Value::as_array_mut) {
        required.push("handler".into());
    }
    definition
}

fn subcommand() -> Value {
    json!({
        "type": "object",
        "required": ["name", "description", "usage", "examples", "requiresSignature", "requiresIdentity", "requiresGUI",
                     "replaySafe", "parameters"],
        "properties": {
            "name": { "$ref": "#/components/schemas/Name" },
            "description": { "type": "string" },
            "usage": { "type": "string", "description": "`/search <query> [--limit N]`" },
            "examples": { "type": "array", "items": { "type": "string" } },
            "requiresSignature": { "type": "boolean", "description": "The caller must sign this very command." },
            "requiresIdentity": { "type": "boolean", "description": "The caller must prove an address." },
            "requiresRole": { "enum": ["member", "admin"], "description": "What the proven address must be." },
            "requiresGUI": { "type": "boolean", "description": "A frontend opens a panel for it." },
            "replaySafe": { "type": "boolean", "description": "A bare signature, which can be sent again, may do." },
            "parameters": { "type": "object", "description": "JSON Schema 2020-12 of the arguments." },
            "restOptions": {
                "type": "object",
                "description": "An endpoint of its own, beside `POST /api/v1/commands/execute`.",
                "required": ["endpoint", "method"],
                "properties": {
                    "endpoint": { "type": "string", "description": "A segment in braces is an argument." },
                    "method": { "enum": ["GET", "POST", "PUT", "DELETE"] },
                },
            },
        },
    })
}
