//! From a registration to what it declares: the types give the descriptions and the schemas of the arguments.

use serde_json::{Map, Value, json};

use super::declared::{Declared, Saying};
use super::definition::{Definition, Demands, Example, Subcommand};
use super::erased::Registration;
use super::form::{Maker, Variant};

/// What a registration says, and how each way to say it is made into a command; or all in which the type and the definition
/// do not agree, each as a sentence.
pub(super) fn declared_by(registration: &Registration) -> Result<(Declared, Vec<Option<Maker>>), Vec<String>> {
    let definition = &registration.definition;
    let (bare, subcommands) = sayings_of(registration)?;
    let maker = |variant: Option<Variant>| registration.build.map(|build| Maker::Typed { build, variant });
    let makers = [bare.1].into_iter().chain(subcommands.iter().map(|(_, variant)| variant.clone())).map(maker);
    let makers = makers.collect();
    let declared = Declared {
        handler: definition.handler,
        aliases: definition.aliases.iter().copied().map(str::to_owned).collect(),
        renderer: definition.renderer.map(str::to_owned),
        is_service: definition.is_service,
        timeout: definition.timeout,
        at_once: definition.at_once,
        cooldown: definition.cooldown,
        deprecated: definition.deprecated,
        bare: bare.0,
        subcommands: subcommands.into_iter().map(|(saying, _)| saying).collect(),
    };
    Ok((declared, makers))
}

type Said = (Saying, Option<Variant>);

fn sayings_of(registration: &Registration) -> Result<(Said, Vec<Said>), Vec<String>> {
    let definition = &registration.definition;
    let schema = (registration.schema)().to_value();
    let Some(branches) = schema.get("oneOf").and_then(Value::as_array) else {
        if let Some(stray) = definition.subcommands.first() {
            return Err(vec![format!("declares the subcommand `{}` and is no enum.", stray.name)]);
        }
        return Ok(((saying(&as_subcommand(definition), schema), None), Vec::new()));
    };

    let mut faults = Vec::new();
    let (mut bare, mut subcommands) = (None, Vec::new());
    let variants: Vec<_> = branches.iter().flat_map(variants_of).collect();
    for (variant, schema) in &variants {
        let declared = definition.subcommands.iter().find(|subcommand| subcommand.name == variant.name);
        if variant.name == definition.name {
            bare = Some((saying(&as_subcommand(definition), schema.clone()), Some(variant.clone())));
        } else if let Some(subcommand) = declared {
            subcommands.push((saying(subcommand, schema.clone()), Some(variant.clone())));
        } else {
            faults.push(format!("has the variant `{0}` and no Subcommand::named(\"{0}\").", variant.name));
        }
    }
    for subcommand in definition.subcommands {
        if !variants.iter().any(|(variant, _)| variant.name == subcommand.name) {
            faults.push(format!("declares the subcommand `{}` and has no such variant.", subcommand.name));
        }
    }
    match bare {
        Some(bare) if faults.is_empty() => Ok((bare, subcommands)),
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
        endpoint: definition.endpoint,
    }
}

fn saying(subcommand: &Subcommand, mut schema: Value) -> Saying {
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(schema) = schema.as_object_mut() {
        // What the type is called, and what it is for, is said of the command.
        schema.retain(|keyword, _| !matches!(keyword.as_str(), "title" | "description"));
    }
    Saying {
        name: subcommand.name.to_owned(),
        description,
        examples: subcommand.examples.iter().map(|Example(text, _)| (*text).to_owned()).collect(),
        demands: Demands {
            requires_signature: subcommand.requires_signature,
            requires_identity: subcommand.requires_identity,
            requires_role: subcommand.requires_role,
            requires_gui: subcommand.requires_gui,
            replay_safe: subcommand.replay_safe,
        },
        endpoint: subcommand.endpoint,
        parameters: schema,
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
    let nothing = json!({ "type": "object", "description": description, "properties": Map::new() });
    names.iter().flatten().map(|name| (unit(name), nothing.clone())).collect()
}
