//! One argument of a command: what it is called and what it may be.

use serde_json::{Map, Number, Value};

use super::bounds::{SLUG, is_slug};
use super::formats::of_numbers;
use crate::json::{LARGEST_INTEGER, parse};

#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    pub name: String,
    pub kind: Kind,
    pub required: bool,
}

/// What an argument may be: the part of JSON Schema that words can express and that is enforced here.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Boolean,
    Integer {
        minimum: i64,
        maximum: i64,
    },
    Number {
        minimum: f64,
        maximum: f64,
    },
    Text {
        shortest: usize,
        longest: usize,
    },
    Slug {
        longest: usize,
    },
    Choice(Vec<String>),
    List(Box<Kind>),
    /// What words cannot say, of a command that another server runs: it stands there as JSON.
    Json,
}

/// Who sees to it that an argument keeps to its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Enforced {
    /// Its [`Kind`] alone, so that the schema may say no more than that.
    ByKind,
    /// A validator of JSON Schema, after the words were read.
    BySchema,
    /// The server that runs it: here is read what can be.
    Elsewhere,
}

const NO_JSON: &str = "must be JSON, in which a text stands in quotes";
/// Keywords that say nothing about which values are taken, or that are read already.
const NOTES: [&str; 6] = ["type", "title", "description", "default", "examples", "deprecated"];

impl Kind {
    /// Reads the schema of one property. Fails with the reason, as the second half of a sentence.
    pub(super) fn of_schema(schema: &Value, enforced: Enforced) -> Result<Self, String> {
        match Self::read_schema(schema, enforced) {
            Err(_) if enforced == Enforced::Elsewhere => Ok(Self::Json),
            read => read,
        }
    }

    fn read_schema(schema: &Value, enforced: Enforced) -> Result<Self, String> {
        let schema = schema.as_object().ok_or("takes anything, which words cannot say")?;
        if let Some(inner) = nullable(schema) {
            return Self::read_schema(inner, enforced);
        }
        if let Some(choices) = choices(schema) {
            return Ok(Self::Choice(choices));
        }
        let (kind, keywords): (Self, &[&str]) = match type_of(schema) {
            Some("boolean") => (Self::Boolean, &[]),
            Some("integer") => (integer(schema)?, &["minimum", "maximum", "format"]),
            Some("number") => (number(schema), &["minimum", "maximum", "format"]),
            Some("string") if schema.get("pattern").is_some_and(|pattern| pattern == SLUG) => {
                (Kind::Slug { longest: length(schema, "maxLength").unwrap_or(usize::MAX) }, &["maxLength", "pattern"])
            }
            Some("string") => (text(schema), &["minLength", "maxLength"]),
            Some("array") => {
                let item = Self::read_schema(schema.get("items").unwrap_or(&Value::Null), enforced)?;
                if matches!(item, Self::List(_)) {
                    return Err("is a list of lists, which words cannot say".to_owned());
                }
                (Self::List(Box::new(item)), &["items"])
            }
            Some("object") => return Err("is an object, which words cannot say".to_owned()),
            _ => return Err("is of no single type, and words cannot say which is meant".to_owned()),
        };
        match schema.keys().find(|key| !NOTES.contains(&key.as_str()) && !keywords.contains(&key.as_str())) {
            Some(keyword) if enforced == Enforced::ByKind => {
                Err(format!("uses `{keyword}`, which would be described and not enforced"))
            }
            Some(_) | None => Ok(kind),
        }
    }

    /// Whether one word can be it.
    pub fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_))
    }

    /// Reads one word; for a list, one item of it. Fails with the reason, as the second half of a sentence.
    pub fn read(&self, word: &str) -> Result<Value, String> {
        let value = match self {
            Self::Boolean => match word {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => return Err("must be true or false".to_owned()),
            },
            Self::Integer { .. } => match word.parse::<i64>() {
                Ok(number) => number.into(),
                Err(_) if is_whole(word) => return Err(self.bounds()),
                // As in JSON, `9.0` and `1e2` are whole.
                Err(_) if word.contains(char::is_whitespace) => return Err("must be a whole number".to_owned()),
                Err(_) => Value::Number(serde_json::from_str(word).map_err(|_| "must be a whole number")?),
            },
            Self::Number { .. } => {
                let number = word.parse().ok().and_then(Number::from_f64).ok_or("must be a number")?;
                Value::Number(number)
            }
            Self::Text { .. } | Self::Slug { .. } | Self::Choice(_) => word.into(),
            Self::List(item) => return item.read(word),
            Self::Json => parse(word.as_bytes()).map_err(|_| NO_JSON)?,
        };
        self.check(value)
    }

    /// Checks a typed value and gives it back in the form that serde reads. Fails like [`Kind::read`].
    pub(super) fn check(&self, value: Value) -> Result<Value, String> {
        match (self, value) {
            (Self::Boolean, value @ Value::Bool(_)) | (Self::Json, value) => Ok(value),
            (Self::Boolean, _) => Err("must be true or false".to_owned()),
            (Self::Integer { minimum, maximum }, Value::Number(number)) => {
                let whole = whole(&number).ok_or("must be a whole number")?;
                match i64::try_from(whole) {
                    Ok(whole) if (*minimum..=*maximum).contains(&whole) => Ok(whole.into()),
                    _ => Err(self.bounds()),
                }
            }
            (Self::Integer { .. }, _) => Err("must be a whole number".to_owned()),
            (Self::Number { minimum, maximum }, Value::Number(number)) => {
                if !number.is_f64() && as_digits(&number).is_none() {
                    return Err(format!(
                        "must stay within ±{LARGEST_INTEGER}, where every reader keeps integers exact"
                    ));
                }
                match number.as_f64() {
                    Some(value) if (*minimum..=*maximum).contains(&value) => Ok(Value::Number(number)),
                    _ => Err(self.bounds()),
                }
            }
            (Self::Number { .. }, _) => Err("must be a number".to_owned()),
            (Self::Text { shortest, longest }, Value::String(text)) => {
                if (*shortest..=*longest).contains(&text.chars().count()) {
                    Ok(Value::String(text))
                } else {
                    Err(self.bounds())
                }
            }
            (Self::Slug { longest }, Value::String(text)) if is_slug(&text, *longest) => Ok(Value::String(text)),
            (Self::Slug { .. }, Value::String(_)) => Err(self.bounds()),
            (Self::Text { .. } | Self::Slug { .. }, _) => Err("must be a text".to_owned()),
            (Self::Choice(choices), Value::String(text)) if choices.contains(&text) => Ok(Value::String(text)),
            (Self::Choice(_), _) => Err(self.bounds()),
            (Self::List(item), Value::Array(values)) => {
                values.into_iter().map(|value| item.check(value)).collect::<Result<_, _>>().map(Value::Array)
            }
            (Self::List(_), _) => Err("must be a list".to_owned()),
        }
    }

    fn bounds(&self) -> String {
        match self {
            Self::Integer { minimum, maximum } => format!("must be a whole number from {minimum} to {maximum}"),
            Self::Number { minimum, maximum } if maximum.is_infinite() => format!("must be {minimum} or more"),
            Self::Number { minimum, maximum } if minimum.is_infinite() => format!("must be {maximum} or less"),
            // Without this many digits of which most mean nothing.
            Self::Number { minimum, maximum } if maximum.abs() >= 1e21 => {
                format!("must be a number from {minimum:e} to {maximum:e}")
            }
            Self::Number { minimum, maximum } => format!("must be a number from {minimum} to {maximum}"),
            Self::Text { shortest, longest: usize::MAX } => format!("must have at least {shortest} characters"),
            Self::Text { shortest, longest } => format!("must have {shortest} to {longest} characters"),
            Self::Slug { longest } => format!("must be 1 to {longest} of a-z, 0-9 and -, the first of them no -"),
            Self::Choice(choices) => format!("must be one of: {}", choices.join(", ")),
            Self::Boolean => "must be true or false".to_owned(),
            Self::List(item) => item.bounds(),
            Self::Json => NO_JSON.to_owned(),
        }
    }
}

fn nullable(schema: &Map<String, Value>) -> Option<&Value> {
    match schema.get("anyOf")?.as_array()?.as_slice() {
        [inner, null] if null.get("type").is_some_and(|kind| kind == "null") => Some(inner),
        _ => None,
    }
}

fn choices(schema: &Map<String, Value>) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(constant) = schema.get("const") {
        return Some(vec![text(constant)?]);
    }
    if let Some(values) = schema.get("enum") {
        return values.as_array()?.iter().filter(|value| !value.is_null()).map(text).collect();
    }
    let mut all = Vec::new();
    for variant in schema.get("oneOf")?.as_array()? {
        all.extend(choices(variant.as_object()?)?);
    }
    Some(all)
}

/// The one type of a schema; `["integer", "null"]` is what an optional argument looks like.
fn type_of(schema: &Map<String, Value>) -> Option<&str> {
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => match kinds.as_slice() {
            [kind, null] if null == "null" => kind.as_str(),
            _ => None,
        },
        _ => None,
    }
}

fn integer(schema: &Map<String, Value>) -> Result<Kind, String> {
    let (least, most) = match format_of(schema) {
        Some(Kind::Integer { minimum, maximum }) => (minimum, maximum),
        _ => (-LARGEST_INTEGER, LARGEST_INTEGER),
    };
    let bound = |key: &str, default| match schema.get(key) {
        None => Ok(default),
        Some(bound) => bound.as_i64().ok_or_else(|| format!("has a `{key}` that is no 64-bit integer")),
    };
    Ok(Kind::Integer { minimum: bound("minimum", least)?.max(least), maximum: bound("maximum", most)?.min(most) })
}

fn number(schema: &Map<String, Value>) -> Kind {
    let (least, most) = match format_of(schema) {
        Some(Kind::Number { minimum, maximum }) => (minimum, maximum),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    };
    let bound = |key, default| schema.get(key).and_then(Value::as_f64).unwrap_or(default);
    Kind::Number { minimum: bound("minimum", least).max(least), maximum: bound("maximum", most).min(most) }
}

fn format_of(schema: &Map<String, Value>) -> Option<Kind> {
    of_numbers(schema.get("format")?.as_str()?)
}

fn text(schema: &Map<String, Value>) -> Kind {
    let (shortest, longest) = (length(schema, "minLength"), length(schema, "maxLength"));
    Kind::Text { shortest: shortest.unwrap_or(0), longest: longest.unwrap_or(usize::MAX) }
}

fn length(schema: &Map<String, Value>, key: &str) -> Option<usize> {
    usize::try_from(schema.get(key)?.as_u64()?).ok()
}

fn is_whole(word: &str) -> bool {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The digits of a number as one would write them in a word; none when it is an integer that not every reader keeps exact.
pub(super) fn as_digits(number: &Number) -> Option<String> {
    match whole(number) {
        None => Some(number.to_string()),
        Some(whole) => (whole.unsigned_abs() <= LARGEST_INTEGER.unsigned_abs().into()).then(|| whole.to_string()),
    }
}

/// A JSON number without a fraction, however it was written.
fn whole(number: &Number) -> Option<i128> {
    let float = || number.as_f64().filter(|value| value.fract() == 0.0);
    let from_float = || {
        #[expect(clippy::cast_possible_truncation, reason = "saturates far outside of every bound")]
        float().map(|value| value as i128)
    };
    number.as_i128().or_else(from_float)
}
