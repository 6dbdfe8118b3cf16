//! By what callers prove who they are, as JSON Schema.

use serde_json::{Map, Value, json};

use super::schemas::as_object;

/// Signatures, sessions and tickets.
pub(super) fn proofs() -> Map<String, Value> {
    let time = json!({ "type": "string", "format": "date-time" });
    as_object(json!({
        "BareSignature": {
            "type": "object",
            "description": "secp256k1 over keccak256 of the command's UTF-8 text, without a prefix. Whoever sees it can send it \
                            again, so in production it is good for commands that are `replaySafe` alone.",
            "required": ["publicKey", "signature"],
            "properties": {
                "publicKey": { "$ref": "#/components/schemas/Address", "description": "Or a SEC1 public key in hex." },
                "signature": {
                    "type": "string",
                    "pattern": "^(0x)?([0-9a-fA-F]{128}|[0-9a-fA-F]{130})$",
                    "description": "r, s and v (0, 1, 27 or 28), or the compact form of ERC-2098.",
                },
            },
            "additionalProperties": false,
        },
        "V1Signature": {
            "type": "object",
            "description": "`personal_sign` (EIP-191) over eight lines, joined by LF: `Signed Command v1`, `Audience: `, `Signer: ` \
                            with its checksum, `Command: ` as a JSON string, `Args: ` by RFC 8785 or `[]`, `Nonce: `, \
                            `Issued At: `, `Expires At: `.",
            "required": ["scheme", "publicKey", "signature", "audience", "nonce", "issuedAt", "expiresAt"],
            "properties": {
                "scheme": { "const": "eip191" },
                "publicKey": { "$ref": "#/components/schemas/Address", "description": "Or a SEC1 public key in hex." },
                "signature": { "$ref": "#/components/schemas/BareSignature/properties/signature" },
                "audience": { "type": "string", "format": "uri", "description": "A public origin of the server, byte for byte." },
                "nonce": { "type": "string", "pattern": "^[A-Za-z0-9_-]{16,64}$", "description": "New for each request." },
                "issuedAt": { "type": "integer", "description": "Unix seconds." },
                "expiresAt": { "type": "integer", "description": "Unix seconds, at most 300 after `issuedAt`." },
            },
            "additionalProperties": false,
        },
        "SignInNonce": {
            "type": "object",
            "required": ["nonce", "audience", "time", "expiresIn"],
            "properties": {
                "nonce": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
                "audience": { "type": "string", "format": "uri", "description": "What a signature is made out to." },
                "time": time,
                "expiresIn": { "type": "integer", "minimum": 1, "description": "Seconds." },
            },
        },
        "SignIn": {
            "type": "object",
            "required": ["message", "signature"],
            "properties": {
                "message": { "type": "string", "description": "An ERC-4361 message." },
                "signature": { "$ref": "#/components/schemas/BareSignature/properties/signature" },
            },
            "additionalProperties": false,
        },
        "Session": {
            "type": "object",
            "required": ["address", "token", "expiresAt"],
            "properties": {
                "address": { "$ref": "#/components/schemas/Address" },
                "token": { "type": "string", "pattern": "^ns_[A-Za-z0-9_-]{64}$", "description": "It is shown once." },
                "expiresAt": time,
            },
        },
        "SignOut": {
            "type": "object",
            "properties": { "all": { "type": ["boolean", "null"] } },
            "additionalProperties": false,
        },
        "Ticket": {
            "type": "object",
            "required": ["ticket", "expiresIn", "url"],
            "properties": {
                "ticket": { "type": "string", "pattern": "^nt_[A-Za-z0-9_-]{64}$" },
                "expiresIn": { "type": "integer", "minimum": 1, "description": "Seconds until it must be used." },
                "url": { "type": "string", "format": "uri", "description": "What to open." },
            },
        },
    }))
}
