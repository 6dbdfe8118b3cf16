//! Arguments that JSON Schema alone describes.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, ValidationOptions, Validator};
use serde_json::{Map, Value, json};

use super::formats::format;
use crate::command::faults::Faults;
use crate::command::grammar::shortened;
use crate::error::Result;

/// What one pattern may weigh when it is compiled, in bytes.
const PATTERN: usize = 256 * 1024;
/// What `$schema` may say.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Of so many faults the caller is told: a list may have one an item.
const LISTED: usize = 32;
/// How much of a keyword's value is shown to whoever did not keep to it, in characters.
const SHOWN: usize = 200;

/// What the arguments of one form must be, and what they are where they are not given.
#[derive(Debug)]
pub(super) struct Arguments {
    schema: Value,
    validator: Validator,
    defaults: Map<String, Value>,
}

impl Arguments {
    /// Fails with all that is wrong, each as a sentence. A schema stands alone: what refers elsewhere is refused, and so is what
    /// refers to itself, which would have no end.
    pub(super) fn of(path: &str, schema: &Value) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        if let Some(dialect) = schema.get("$schema").filter(|dialect| *dialect != DIALECT) {
            let dialect = shortened(&dialect.to_string());
            faults.push(format!(
                "{path} has parameters of the `$schema` {dialect}; the one that works is \"{DIALECT}\"."
            ));
            return Err(faults);
        }
        if let Some(keyword) = reference(schema, true) {
            faults.push(format!("{path} uses `{keyword}` in its parameters; write out what is referred to."));
            return Err(faults);
        }
        if schema.get("additionalProperties").is_some_and(|more| *more != false) {
            faults.push(format!(
                "{path} has `additionalProperties` in its parameters: no argument is taken but those in `properties`; leave it out."
            ));
        }
        let validator = match compile(schema) {
            Ok(validator) => validator,
            Err(fault) => return Err(vec![format!("{path} has {fault}.")]),
        };
        let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !properties.contains_key(name) {
                faults.push(format!("{path} requires the argument `{name}`, which it does not have."));
            }
        }
        let mut defaults = Map::new();
        for (name, property) in properties {
            let Some(default) = property.get("default") else { continue };
            if compile(&property).is_ok_and(|property| property.is_valid(default)) {
                defaults.insert(name, default.clone());
            } else {
                faults.push(format!("{path} has the argument `{name}`, whose default is not one of its values."));
            }
        }
        if faults.is_empty() { Ok(Self { schema: schema.clone(), validator, defaults }) } else { Err(faults) }
    }

    /// What the grammar has read, with the defaults of what is missing. Fails with `invalid_arguments`.
    pub(super) fn check(&self, mut given: Map<String, Value>) -> Result<Map<String, Value>> {
        for (name, default) in &self.defaults {
            given.entry(name).or_insert_with(|| default.clone());
        }
        let given = Value::Object(given);
        let mut faults = Faults::default();
        for error in self.validator.iter_errors(&given).take(LISTED) {
            let place = error.instance_path().as_str().to_owned();
            let argument = place.split('/').nth(1).unwrap_or("arguments").replace("~1", "/").replace("~0", "~");
            let rule = error.schema_path().as_str();
            let keyword = rule.rsplit('/').next().unwrap_or_default();
            let value = self.schema.pointer(rule).map(Value::to_string).unwrap_or_default();
            let shown: String = value.chars().take(SHOWN).collect();
            faults.add(&argument, format!("must keep to its `{keyword}`: {shown}"));
        }
        // How it is used is said by whoever knows it.
        faults.into_result("").map_err(|mut error| {
            error.hint = None;
            error
        })?;
        match given {
            Value::Object(given) => Ok(given),
            _ => Ok(Map::new()),
        }
    }
}

/// Patterns take time in proportion to the text, whatever they are; nothing is fetched. Fails with what a command then has.
fn compile(schema: &Value) -> Result<Validator, String> {
    let pattern = PatternOptions::regex().size_limit(PATTERN).dfa_size_limit(PATTERN);
    options().with_keyword("format", format).with_pattern_options(pattern).build(schema).map_err(|error| {
        match (error.kind(), &**error.instance()) {
            (ValidationErrorKind::Custom { message, .. }, _) => message.clone(),
            (ValidationErrorKind::Format { format }, Value::String(pattern)) if format == "regex" => {
                of_pattern(pattern)
            }
            _ => format!("parameters that are no JSON Schema 2020-12: {}", error.masked()),
        }
    })
}

pub(super) fn options() -> ValidationOptions<'static> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
}

/// What is wrong with a pattern that is not taken.
fn of_pattern(pattern: &str) -> String {
    let shown = shortened(pattern);
    let is_regex = options().build(&json!({ "format": "regex" })).is_ok_and(|regex| regex.is_valid(&pattern.into()));
    if !is_regex {
        return format!("the pattern `{shown}`, which is no regular expression (ECMA-262)");
    }
    let backtracking = PatternOptions::fancy_regex().size_limit(PATTERN).dfa_size_limit(PATTERN);
    if options().with_pattern_options(backtracking).build(&json!({ "pattern": pattern })).is_ok() {
        return format!("the pattern `{shown}`, which looks around or back, and so needs backtracking; do without");
    }
    let most = PATTERN / 1024;
    format!("the pattern `{shown}`, which is too large: compiled it needs more than {most} KiB; repeat less in it")
}

/// The first keyword that leads to another schema. At the root, `$schema` only says which language it is.
fn reference(schema: &Value, is_root: bool) -> Option<&str> {
    match schema {
        Value::Object(members) => members.iter().find_map(|(name, value)| match name.as_str() {
            "$schema" if is_root => None,
            "$ref" | "$dynamicRef" | "$recursiveRef" | "$id" | "$schema" | "$anchor" | "$dynamicAnchor" => {
                Some(&**name)
            }
            _ => reference(value, false),
        }),
        Value::Array(items) => items.iter().find_map(|item| reference(item, false)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
