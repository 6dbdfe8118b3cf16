//! What registers a command, as JSON Schema.

use serde_json::{Map, Value, json};

use super::schemas::as_object;

/// Commands that come and go.
pub(super) fn registrations() -> Map<String, Value> {
    let time = json!({ "type": "string", "format": "date-time" });
    as_object(json!({
        "Registration": {
            "type": "object",
            "required": ["definition", "url"],
            "properties": {
                "definition": {
                    "type": "object",
                    "description": "A `Definition` without `restOptions`, of at most 32 KiB. `usage` is not read, and what is \
                                    false, empty or the usual may be left out.",
                    "required": ["name", "description", "examples"],
                    "properties": { "name": { "$ref": "#/components/schemas/Name" } },
                },
                "url": {
                    "type": "string",
                    "format": "uri",
                    "maxLength": 2048,
                    "description": "What is called: https, at a public address.",
                },
                "secret": {
                    "type": ["string", "null"],
                    "pattern": "^whsec_[A-Za-z0-9+/]{32,88}={0,2}$",
                    "description": "24 to 64 bytes in base64. Without it calls are not signed.",
                },
                "expiresAt": { "anyOf": [time, { "type": "null" }], "description": "When it is over." },
            },
            "additionalProperties": false,
        },
    }))
}
