//! JSON that any two readers read alike: I-JSON (RFC 7493) of bounded depth.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::error::{Code, Error, Result};

/// The largest integer that every JSON reader keeps exact: 2^53 - 1 (RFC 8259, section 6).
pub const LARGEST_INTEGER: i64 = (1 << 53) - 1;

/// JSON that is written once and then only copied.
pub type Data = Box<RawValue>;

/// The canonical form (RFC 8785): no white space, members in the order of their UTF-16 code units, numbers and strings as
/// JavaScript writes them. Fails with `malformed_request` on what JavaScript cannot write.
pub fn canonical(value: &Value) -> Result<String> {
    serde_json_canonicalizer::to_string(value).map_err(|error| {
        Error::new(Code::MalformedRequest, "A number in the request is beyond those that JSON readers agree on.")
            .with_hint("Numbers are IEEE 754 doubles (RFC 8785, section 3.2.2.3).")
            .caused_by(error)
    })
}

/// Reads one JSON text. Fails with `malformed_json`, also when a name stands twice in an object or when the text nests
/// deeper than 127 levels.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict.deserialize(&mut deserializer);
    value.and_then(|value| deserializer.end().map(|()| value)).map_err(|error| {
        let fault = match error.classify() {
            Category::Eof if bytes.trim_ascii().is_empty() => "The body is empty.",
            Category::Eof => "The body ends in the middle of its JSON.",
            Category::Data => "The body has a name twice in one object.",
            Category::Syntax | Category::Io => "The body is not valid JSON.",
        };
        Error::new(Code::MalformedJson, fault).with_hint(format!(
            "Look at line {}, column {}. A name may stand once in an object, and 127 levels are the most.",
            error.line(),
            error.column()
        ))
    })
}

/// Builds a [`Value`], and refuses the second of two equal names where `serde_json` would keep it and drop the first.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom("a name stands twice"));
            }
            let value = members.next_value_seed(Strict)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}
