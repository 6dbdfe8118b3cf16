//! The keyword `format`: what JSON Schema 2020-12 says of texts, and what types say of numbers.

use jsonschema::paths::Location;
use jsonschema::{Keyword, ValidationError, Validator};
use serde_json::{Map, Value, json};

use crate::command::formats::{OF_NUMBERS, of_numbers};
use crate::command::grammar::shortened;
use crate::command::parameter::Kind;

/// The formats of texts (section 7.3 of the validation part of JSON Schema 2020-12).
const OF_TEXTS: [&str; 19] = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
];

enum Format {
    OfNumbers(Kind),
    OfTexts(Validator),
}

type Checked = Box<dyn for<'i> Keyword<'i>>;

/// Fails with what parameters of an unknown format have.
pub(super) fn format<'a>(
    _schema: &'a Map<String, Value>,
    name: &'a Value,
    _place: Location,
) -> Result<Checked, ValidationError<'a>> {
    let named = name.as_str().unwrap_or_default();
    if let Some(kind) = of_numbers(named) {
        return Ok(Box::new(Format::OfNumbers(kind)));
    }
    if !OF_TEXTS.contains(&named) {
        let known = [&OF_TEXTS[..], &OF_NUMBERS].concat().join(", ");
        let fault = format!("the format `{}`, which nobody would enforce; there are {known}", shortened(named));
        return Err(ValidationError::custom(fault));
    }
    Ok(Box::new(Format::OfTexts(super::arguments::options().build(&json!({ "format": named }))?)))
}

impl<'i> Keyword<'i> for Format {
    fn validate(&self, value: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(value) { Ok(()) } else { Err(ValidationError::custom("is of another format")) }
    }

    fn is_valid(&self, value: &'i Value) -> bool {
        match self {
            Self::OfNumbers(kind) => !value.is_number() || kind.check(value.clone()).is_ok(),
            Self::OfTexts(validator) => validator.is_valid(value),
        }
    }
}
