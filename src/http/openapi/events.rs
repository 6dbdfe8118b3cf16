//! What streams are told beside what becomes of commands, as JSON Schema.

use serde_json::{Map, Value, json};

use super::schemas::as_object;

/// The data of events.
pub(super) fn events() -> Map<String, Value> {
    as_object(json!({
        "ConnectionState": {
            "type": "object",
            "description": "The data of the event `connection_state`: first on every stream, and when `visitor` changes.",
            "required": ["visitor", "authenticated", "recovered", "keepalive_ms"],
            "properties": {
                "visitor": { "type": "boolean", "description": "The key has no identity record." },
                "authenticated": { "type": "boolean" },
                "recovered": { "type": "boolean" },
                "keepalive_ms": { "type": "integer", "minimum": 1 },
            },
        },
        "CommandsChanged": {
            "type": "object",
            "description": "The data of the event `commands_changed`, which every stream hears and which is never logged.",
            "required": ["etag"],
            "properties": { "etag": { "type": "string", "description": "The `ETag` of `GET /api/v1/commands`, quotes included." } },
        },
        "StreamGap": {
            "type": "object",
            "description": "The data of the event `stream_gap`: what cannot be replayed. Its `id` is the place from which the stream \
                            goes on.",
            "required": ["reason"],
            "properties": {
                "reason": { "enum": ["evicted", "slow_reader", "unknown_id"] },
                "missed": { "type": "integer", "minimum": 1 },
            },
        },
    }))
}
