//! From a registration to its forms: schema, parameters, usage.

use serde_json::{Map, Value, json};

use super::definition::{Definition, Subcommand};
use super::erased::Registration;
use super::form::{Form, Variant};
use super::parameter::{Kind, Parameter};

/// The bare command and its subcommands, or everything that is wrong with the type, each as a sentence.
pub(super) fn forms_of(registration: &Registration) -> Result<(Form, Vec<Form>), Vec<String>> {
    let definition = &registration.definition;
    let schema = (registration.schema)().to_value();
    let bare = as_subcommand(definition);
    let Some(variants) = schema.get("oneOf").and_then(Value::as_array) else {
        if let Some(stray) = definition.subcommands.first() {
            return Err(vec![format!("declares the subcommand `{}` and is no enum.", stray.name)]);
        }
        return Ok((form(registration, &bare, None, &schema)?, Vec::new()));
    };

    let mut faults = Vec::new();
    let mut bare_form = None;
    let mut forms = Vec::new();
    for (variant, schema) in variants.iter().flat_map(variants_of) {
        let declared = definition.subcommands.iter().find(|subcommand| subcommand.name == variant.name);
        let subcommand = match declared {
            _ if variant.name == definition.name => &bare,
            Some(subcommand) => subcommand,
            None => {
                faults.push(format!("has the variant `{0}` and no Subcommand::named(\"{0}\").", variant.name));
                continue;
            }
        };
        match form(registration, subcommand, Some(variant), &schema) {
            Ok(form) if subcommand.name == definition.name => bare_form = Some(form),
            Ok(form) => forms.push(form),
            Err(more) => faults.extend(more),
        }
    }
    for subcommand in definition.subcommands {
        let has_variant = |(variant, _): (Variant, _)| variant.name == subcommand.name;
        if !variants.iter().flat_map(variants_of).any(has_variant) {
            faults.push(format!("declares the subcommand `{}` and has no such variant.", subcommand.name));
        }
    }
    match bare_form {
        Some(bare) if faults.is_empty() => Ok((bare, forms)),
        Some(_) => Err(faults),
        None => {
            faults.push(format!("has no usable variant `{}`, which would be the bare command.", definition.name));
            Err(faults)
        }
    }
}

/// The bare command, in the words of a subcommand that is called like it.
fn as_subcommand(definition: &Definition) -> Subcommand {
    Subcommand {
        name: definition.name,
        examples: definition.examples,
        requires_signature: definition.requires_signature,
        requires_identity: definition.requires_identity,
        requires_role: definition.requires_role,
        requires_gui: definition.requires_gui,
        replay_safe: definition.replay_safe,
    }
}

/// The variants in one branch of an enum's schema: `{"delete": {…}}`, or names alone where variants have no fields.
fn variants_of(branch: &Value) -> Vec<(Variant, Value)> {
    let description = branch.get("description").cloned().unwrap_or_default();
    if let Some((name, schema)) = branch.get("properties").and_then(Value::as_object).and_then(|all| all.iter().next())
    {
        let mut schema = schema.clone();
        if let (Some(schema), false) = (schema.as_object_mut(), description.is_null()) {
            schema.insert("description".to_owned(), description);
        }
        return vec![(Variant { name: name.clone(), is_unit: false }, schema)];
    }
    let names =
        branch.get("enum").and_then(Value::as_array).cloned().or_else(|| Some(vec![branch.get("const")?.clone()]));
    let unit = |name: &Value| Variant { name: name.as_str().unwrap_or_default().to_owned(), is_unit: true };
    names.iter().flatten().map(|name| (unit(name), json!({ "type": "object", "description": description }))).collect()
}

fn form(
    registration: &Registration,
    subcommand: &Subcommand,
    variant: Option<Variant>,
    schema: &Value,
) -> Result<Form, Vec<String>> {
    let definition = &registration.definition;
    let path = match subcommand.name {
        name if name == definition.name => format!("/{name}"),
        name => format!("/{}/{name}", definition.name),
    };
    let mut faults = Vec::new();
    if schema.get("type").is_none_or(|kind| kind != "object") {
        return Err(vec![format!("{path} is neither a struct with named fields nor an enum of such.")]);
    }
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    if description.is_empty() {
        faults.push(format!("{path} has no doc comment, which would be its description."));
    }
    // `/identity delete` says the same as `/identity/delete`.
    let spoken = |text: &str| text.replace('/', " ");
    for example in subcommand.examples {
        if !spoken(example.0).starts_with(&spoken(&path)) {
            faults.push(format!("{path} has the example `{}`, which does not begin with it.", example.0));
        }
    }
    if subcommand.examples.is_empty() {
        faults.push(format!("{path} has no example."));
    }
    let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).iter().copied().flatten().filter_map(Value::as_str).collect();
    let mut parameters = Vec::new();
    for (name, schema) in &properties {
        match Kind::of_schema(schema) {
            Ok(kind) => {
                parameters.push(Parameter { name: name.clone(), kind, required: required.contains(&name.as_str()) });
            }
            Err(fault) => faults.push(format!("{path} has the argument `{name}`, which {fault}.")),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Form {
        usage: usage(&path, &parameters),
        path,
        description,
        schema: arguments_schema(properties, &required),
        parameters,
        examples: subcommand.examples,
        requires_signature: subcommand.requires_signature,
        requires_identity: subcommand.requires_identity,
        requires_role: subcommand.requires_role,
        requires_gui: subcommand.requires_gui,
        replay_safe: subcommand.replay_safe,
        timeout: definition.timeout,
        places: None,
        variant,
        build: registration.build,
    })
}

fn arguments_schema(properties: Map<String, Value>, required: &[&str]) -> Value {
    let mut schema = json!({ "type": "object", "properties": properties });
    if let (Some(schema), false) = (schema.as_object_mut(), required.is_empty()) {
        schema.insert("required".to_owned(), required.into());
    }
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("additionalProperties".to_owned(), false.into());
    }
    schema
}

/// `/search <query> [--limit N]`
fn usage(path: &str, parameters: &[Parameter]) -> String {
    let (positional, named): (Vec<_>, Vec<_>) =
        parameters.iter().partition(|parameter| parameter.required && parameter.kind.is_scalar());
    let mut usage = path.to_owned();
    for parameter in positional {
        match &parameter.kind {
            Kind::Choice(choices) => usage.push_str(&format!(" <{}>", choices.join("|"))),
            _ => usage.push_str(&format!(" <{}>", parameter.name)),
        }
    }
    for Parameter { name, kind, required } in named {
        let name = name.replace('_', "-");
        let option = match placeholder(kind) {
            None => format!("--{name}"),
            Some(value) => format!("--{name} {value}"),
        };
        let more = if kind.is_scalar() { "" } else { "..." };
        usage.push_str(&if *required { format!(" {option}{more}") } else { format!(" [{option}]{more}") });
    }
    usage
}

fn placeholder(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Boolean => None,
        Kind::Integer { .. } | Kind::Number { .. } => Some("N".to_owned()),
        Kind::Text { .. } => Some("TEXT".to_owned()),
        Kind::Choice(choices) => Some(choices.join("|")),
        Kind::List(item) => placeholder(item).or_else(|| Some("true|false".to_owned())),
    }
}
