//! What a form for people needs to know of each field of a type.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Number, Value};

use super::erased::schema_of;
use super::parameter::{Enforced, Kind};

/// A field, as the schema of its type describes it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Field {
    /// `boolean`, `integer`, `number`, `string` or `array`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub description: String,
    /// What it is when it is not given; `null` where it has no default.
    pub default: Value,
    /// All that it may be, where that can be listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<String>>,
    /// The least that it may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Number>,
    /// The most that it may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Number>,
}

/// The fields of a struct by their names, in the order of their declaration. One that could be no argument of a command is
/// left out.
pub fn fields_of<T: JsonSchema>() -> Vec<(String, Field)> {
    let schema = schema_of::<T>().to_value();
    let properties = schema.get("properties").and_then(Value::as_object);
    let field = |(name, schema): (&String, &Value)| Some((name.clone(), Field::of_schema(schema)?));
    properties.into_iter().flatten().filter_map(field).collect()
}

impl Field {
    fn of_schema(schema: &Value) -> Option<Self> {
        let kind = Kind::of_schema(schema, Enforced::ByKind).ok()?;
        let (minimum, maximum) = match kind {
            Kind::Integer { minimum, maximum } => (Some(minimum.into()), Some(maximum.into())),
            Kind::Number { minimum, maximum } => (Number::from_f64(minimum), Number::from_f64(maximum)),
            Kind::Boolean | Kind::Text { .. } | Kind::Slug { .. } | Kind::Choice(_) | Kind::List(_) | Kind::Json => {
                (None, None)
            }
        };
        Some(Self {
            kind: type_of(&kind),
            description: schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
            default: schema.get("default").cloned().unwrap_or_default(),
            options: if let Kind::Choice(options) = kind { Some(options) } else { None },
            minimum,
            maximum,
        })
    }
}

fn type_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Boolean => "boolean",
        Kind::Integer { .. } => "integer",
        Kind::Number { .. } => "number",
        Kind::Text { .. } | Kind::Slug { .. } | Kind::Choice(_) => "string",
        Kind::List(_) => "array",
        Kind::Json => "any",
    }
}
