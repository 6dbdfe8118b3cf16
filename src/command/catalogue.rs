//! How a command is described on the wire: one entry of `GET /api/v1/commands`.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::to_raw_value;
use sha3::{Digest, Sha3_256};

use super::declared::Declared;
use super::definition::{Definition, Demands, Endpoint, Handler, Role};
use super::form::Form;
use crate::json::Data;

/// JSON that does not change, and a name for this state of it.
#[derive(Debug)]
pub struct Document {
    pub json: Data,
    /// The same for the wire.
    pub bytes: Bytes,
    /// A strong validator with its quotes (RFC 9110, section 8.8.3).
    pub etag: HeaderValue,
}

impl Document {
    pub fn of(content: &impl Serialize) -> serde_json::Result<Self> {
        let json = to_raw_value(content)?;
        let bytes = Bytes::copy_from_slice(json.get().as_bytes());
        let hash: [u8; 32] = Sha3_256::digest(&bytes).into();
        let etag =
            HeaderValue::try_from(format!("\"{}\"", hex::encode(&hash[..16]))).map_err(serde::ser::Error::custom)?;
        Ok(Self { json, bytes, etag })
    }
}

/// A command, or within one a subcommand, which leaves out what belongs to the whole.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Description<'a> {
    name: &'a str,
    description: &'a str,
    usage: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<Handler>,
    examples: &'a [String],
    #[serde(flatten)]
    demands: Demands,
    parameters: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    rest_options: Option<Endpoint>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subcommands: Vec<Description<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    aliases: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    renderer: Option<&'a str>,
    /// Seconds, where they are not the usual ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<f64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deprecated: bool,
}

impl<'a> Description<'a> {
    /// With those of its subcommands that somebody in this role may run.
    pub(super) fn of_command(declared: &'a Declared, bare: &'a Form, subcommands: &'a [Arc<Form>], role: Role) -> Self {
        let prefix = bare.path.len() + 1;
        let subcommands = subcommands.iter().filter(|form| form.is_for(role));
        let subcommands = subcommands.map(|form| Self::of_form(form.path.get(prefix..).unwrap_or_default(), form));
        let is_usual = declared.timeout == Definition::DEFAULT_TIMEOUT;
        Self {
            handler: Some(declared.handler),
            subcommands: subcommands.collect(),
            aliases: &declared.aliases,
            renderer: declared.renderer.as_deref(),
            timeout: (!is_usual).then_some(declared.timeout.as_secs_f64()),
            deprecated: declared.deprecated,
            ..Self::of_form(declared.name(), bare)
        }
    }

    fn of_form(name: &'a str, form: &'a Form) -> Self {
        Self {
            name,
            description: &form.description,
            usage: &form.usage,
            handler: None,
            examples: &form.examples,
            demands: form.demands,
            parameters: &form.schema,
            rest_options: form.endpoint,
            subcommands: Vec::new(),
            aliases: &[],
            renderer: None,
            timeout: None,
            deprecated: false,
        }
    }
}
