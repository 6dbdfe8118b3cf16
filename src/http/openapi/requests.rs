//! What `execute` takes, as far as JSON Schema can say it: the words of a text have a grammar of their own.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::schemas::pascal;
use crate::command::grammar::{FORBIDDEN, Spoken};
use crate::command::{Form, Kind, Registry};
use crate::json::LARGEST_INTEGER;

/// `ExecuteRequest`, and a request with typed arguments for each form that may be run unsigned.
pub(super) fn execute_request(registry: &Registry) -> Map<String, Value> {
    let text = json!({
        "type": "string",
        "pattern": text_pattern(),
        "maxLength": 1024,
        "description": "`/name[/subcommand] [words]`, quoted as in a shell: at most 4096 bytes of UTF-8, without control and \
                        bidirectional control characters. The slash may be missing; aliases of one letter are taken too.",
    });
    let nothing = json!({ "type": "null" });
    let args = json!({
        "type": ["array", "object", "null"],
        "items": { "type": ["string", "number", "boolean"], "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER },
        "description": "More words, each unquoted, or typed arguments.",
    });
    let none = json!({ "type": ["array", "object", "null"], "maxItems": 0, "maxProperties": 0 });
    let words = json!({
        "type": ["array", "object", "null"],
        "items": { "type": ["string", "number", "boolean"], "minimum": -LARGEST_INTEGER,
                   "maximum": LARGEST_INTEGER },
        "maxProperties": 0,
        "description": "More words, each unquoted.",
    });
    let signature = json!({ "$ref": "#/components/schemas/BareSignature" });
    let v1 = json!({ "$ref": "#/components/schemas/V1Signature" });
    let mut schemas = Map::new();
    schemas.insert("TextRequest".to_owned(), request(&["command"], &text, &words, &nothing));
    schemas.insert("SignedRequest".to_owned(), request(&["command", "auth"], &text, &args, &v1));
    schemas.insert("BareSignedRequest".to_owned(), request(&["command", "auth"], &text, &none, &signature));
    for form in forms(registry).filter(|form| is_open(form)) {
        let name = pascal(&form.path);
        let arguments = typed(form);
        let is_required = form.parameters.iter().any(|parameter| parameter.required);
        let (required, arguments): (&[_], _) = if is_required {
            (&["command", "args"], arguments)
        } else {
            (&["command"], json!({ "anyOf": [arguments, { "type": ["array", "null"], "maxItems": 0 }] }))
        };
        let command = json!({ "const": form.path });
        let mut schema = request(required, &command, &arguments, &nothing);
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("examples".to_owned(), typed_examples(registry, form).into());
        }
        // The names above are taken, whatever a command is called.
        schemas.entry(format!("{name}Request")).or_insert(schema);
    }
    let any: Vec<_> = schemas.keys().map(|name| json!({ "$ref": format!("#/components/schemas/{name}") })).collect();
    schemas.insert("ExecuteRequest".to_owned(), json!({ "anyOf": any }));
    schemas
}

/// Requests that run: the examples of commands that take any words, and one that is signed. Who tries requests that are
/// made from these must not meet arguments that a command does not take, which a schema of texts cannot say.
pub(super) fn examples(registry: &Registry) -> Value {
    let mut examples = Map::new();
    for form in forms(registry).filter(|form| is_open(form) && takes_any_words(form)) {
        for (number, example) in form.examples.iter().enumerate() {
            let name = format!("{}{}", pascal(&form.path), number + 1);
            examples.insert(name, json!({ "summary": example, "value": { "command": example } }));
        }
    }
    let signed = json!({
        "summary": "/echo hello, signed by the private key 1",
        "value": {
            "command": "/echo hello",
            "auth": {
                "publicKey": "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
                "signature": "0x4c03644e900a7003aef916bc98bda8e764e3e6f095dd49d7c5bc9785b930c340\
                              7c1abf8dff865baf31b8e7c4b1810d36e52b515f31728df7ef6efab771e906231c",
            },
        },
    });
    examples.insert("Signed".to_owned(), signed);
    Value::Object(examples)
}

/// The examples of a form with their words as typed arguments.
fn typed_examples(registry: &Registry, form: &Form) -> Vec<Value> {
    let typed = |text: &str| {
        let mut spoken = Spoken::parse(text, None).ok()?;
        registry.resolve(&mut spoken).ok()?;
        let arguments = form.arguments(spoken.words, spoken.typed).ok()?;
        Some(json!({ "command": form.path, "args": arguments }))
    };
    form.examples.iter().filter_map(|example| typed(example)).collect()
}

fn forms(registry: &Registry) -> impl Iterator<Item = &Form> {
    registry.entries().iter().flat_map(|entry| entry.forms().map(|form| &**form))
}

/// Runs here, for anybody.
fn is_open(form: &Form) -> bool {
    form.runs_here() && !form.demands.requires_signature && !form.demands.requires_identity
}

fn takes_any_words(form: &Form) -> bool {
    let last = form.parameters.iter().rfind(|parameter| parameter.required);
    last.is_some_and(|parameter| matches!(parameter.kind, Kind::Text { .. }))
}

fn request(required: &[&str], command: &Value, args: &Value, auth: &Value) -> Value {
    json!({
        "type": "object",
        "required": required,
        "properties": { "command": command, "args": args, "auth": auth },
        "additionalProperties": false,
    })
}

/// The schema of typed arguments: that of the catalogue, with `null` for what is left out.
fn typed(form: &Form) -> Value {
    let mut schema = form.schema.clone();
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        let is_optional = form.parameters.iter().any(|parameter| parameter.name == *name && !parameter.required);
        if is_optional {
            *property = json!({ "anyOf": [property.take(), { "type": "null" }] });
        }
    }
    schema
}

/// The same without those arguments that stand elsewhere.
pub(super) fn typed_but(form: &Form, elsewhere: &[&str]) -> Value {
    let mut schema = typed(form);
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|name, _| !elsewhere.contains(&&**name));
    }
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| name.as_str().is_none_or(|name| !elsewhere.contains(&name)));
    }
    schema
}

/// A name and words, quoted as in a POSIX shell, in ECMA-262.
fn text_pattern() -> String {
    let range = |range: &RangeInclusive<char>| {
        format!(r"\u{:04x}-\u{:04x}", u32::from(*range.start()), u32::from(*range.end()))
    };
    let forbidden: String = FORBIDDEN.iter().map(range).collect();
    let name = "[A-Za-z][A-Za-z0-9-]{1,31}";
    let plain = format!(r#"[^ '"\\{forbidden}]"#);
    let escaped = format!(r"\\[^{forbidden}]");
    let single = format!("'[^'{forbidden}]*'");
    let double = format!(r#""([^"\\{forbidden}]|\\[^{forbidden}])*""#);
    let word = format!("({plain}|{escaped}|{single}|{double})+");
    format!("^ *(/?{name}(/{name})?)( +{word})* *$")
}
