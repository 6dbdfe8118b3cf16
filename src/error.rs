//! What can go wrong, said twice: a stable code for programs, a sentence for people.
//!
//! The public part of an [`Error`] is written for whoever called us and holds nothing of the machine: no exception's
//! text, no path, no SQL. What the operator needs is the private `source`; it goes to the log and nowhere else.
//! How a code is carried over HTTP is the business of `http::error`.

mod abridged;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

pub use self::abridged::abridged;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Declares [`Code`]: for each its name on the wire and what it means.
macro_rules! codes {
    ($($variant:ident = $name:literal, $meaning:literal;)*) => {
        /// The stable name of a failure. Programs match on it; it never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// One sentence.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                }
            }
        }
    };
}

codes! {
    MalformedJson = "malformed_json", "The body is not JSON that two readers would read alike.";
    MalformedRequest = "malformed_request", "JSON, but not of the shape that this endpoint takes.";
    MalformedCommand = "malformed_command", "The command text cannot be read as one.";
    EmptyCommand = "empty_command", "The command text names nothing.";
    ClientCommand = "client_command", "The command runs in the frontend; the server has nothing to run.";
    AuthMalformed = "auth_malformed", "The proof of identity is not of a shape that we know.";
    ArgsNotSigned = "args_not_signed", "Arguments stood beside a signature that does not cover them.";
    SignatureRequired = "signature_required", "The command wants a signature over itself and none was given.";
    IdentityRequired = "identity_required", "A proven address is needed and none was given.";
    SignatureInvalid = "signature_invalid", "No public key made this signature.";
    SignatureHighS = "signature_high_s", "The signature is the malleable twin (EIP-2) of a good one.";
    SignatureMismatch = "signature_mismatch", "A good signature, by another key than the one named.";
    AudienceMismatch = "audience_mismatch", "The signature is made out to another server.";
    RequestExpired = "request_expired", "The signature was good once, and is no longer.";
    RequestNotYetValid = "request_not_yet_valid", "The signature was made in the future.";
    ValidityTooLong = "validity_too_long", "The signature would be good for longer than 300 seconds, or for no time.";
    SessionInvalid = "session_invalid", "The session is none, or it has ended.";
    TicketInvalid = "ticket_invalid", "The ticket is none, or it is good no longer.";
    SiweInvalid = "siwe_invalid", "The sign-in message is not one that this server takes.";
    Forbidden = "forbidden", "The address is proven, and it may not do this.";
    BearerMismatch = "bearer_mismatch", "Two proofs stand for two addresses, or a proof for another address than the path.";
    ReplayProtectionRequired = "replay_protection_required", "A signature that can be replayed, where one that cannot is needed.";
    UnknownCommand = "unknown_command", "No command or subcommand has this name.";
    NotFound = "not_found", "Nothing is at this address.";
    MethodNotAllowed = "method_not_allowed", "The path exists; it does not take this method.";
    InProgress = "in_progress", "The same runs already.";
    AlreadyExists = "already_exists", "A command of this name is there already.";
    Finished = "finished", "The run has ended; there is nothing left to cancel.";
    OutcomeUnknown = "outcome_unknown", "The run began, and nobody knows how it ended.";
    Cancelled = "cancelled", "The run was cancelled before it ended.";
    RequestTimeout = "request_timeout", "The body did not come in its time.";
    BodyTooLarge = "body_too_large", "The body is larger than the endpoint takes.";
    UnsupportedMediaType = "unsupported_media_type", "The body is not `application/json`.";
    HostNotAllowed = "host_not_allowed", "The request names a host that is not ours.";
    InvalidArguments = "invalid_arguments", "Arguments are missing, unknown, of another type or out of bounds; `data` lists each.";
    CommandFailed = "command_failed", "The command ran and refused.";
    DefinitionInvalid = "definition_invalid", "The command cannot be registered like this; `data` lists what is wrong.";
    NonceReused = "nonce_reused", "The nonce stands for another request already, or its answer is not given twice.";
    IdempotencyKeyReused = "idempotency_key_reused", "The key stands for another request already.";
    HeadersTooLarge = "headers_too_large", "The headers are larger, or more, than any endpoint takes.";
    RateLimited = "rate_limited", "The caller asks for more than it may have at once.";
    TooManyStreams = "too_many_streams", "The key or the peer holds all the streams it may.";
    Internal = "internal", "A fault of ours, a panic too.";
    WebhookFailed = "webhook_failed", "The server that the command calls did not give an answer that can be used.";
    Overloaded = "overloaded", "The server does as much as it may at once.";
    StoreUnavailable = "store_unavailable", "The database did not take or give what it was asked for.";
    Draining = "draining", "The server is on its way down and starts nothing new.";
    CommandTimeout = "command_timeout", "The command did not end in its time.";
}

impl Code {
    /// The code with this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<str>::deserialize(deserializer)?;
        Self::of(&name).ok_or_else(|| serde::de::Error::custom("no code has this name"))
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A failure: `code`, `message`, `hint` and `data` are public, the source is for the log.
#[derive(Debug)]
#[must_use]
pub struct Error {
    pub code: Code,
    /// A sentence for people; never empty.
    pub message: Cow<'static, str>,
    /// What to do next.
    pub hint: Option<Cow<'static, str>>,
    /// What a program needs to go on.
    pub data: Option<Box<Value>>,
    /// The limit that was reached, if it was one.
    pub limit: Option<Limit>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// A quota, in the terms of draft-ietf-httpapi-ratelimit-headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub policy: &'static str,
    pub quota: usize,
    /// After how many seconds there may be room again.
    pub seconds: u64,
}

impl Error {
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), hint: None, data: None, limit: None, source: None }
    }

    /// A command's own refusal (`command_failed`), in words that its caller understands.
    pub fn failed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::CommandFailed, message)
    }

    /// Nothing is there under that name (`not_found`).
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// A fault of ours (`internal`); the caller learns that it happened, the log learns what.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Code::Internal, "Something went wrong on the server.")
            .with_hint("The request was well formed; the server's log has the cause.")
            .caused_by(source)
    }

    /// The run was cancelled before it came to an end (`cancelled`).
    pub fn cancelled() -> Self {
        Self::new(Code::Cancelled, "The run was cancelled.")
            .with_hint("What it had done by then is done; send it again to begin anew.")
    }

    /// The database failed (`store_unavailable`); the caller may try again.
    pub fn store_unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Code::StoreUnavailable, "The server cannot reach its database.")
            .with_hint("Try again in a moment; /health tells when it is back.")
            .caused_by(source)
    }

    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn with_data(mut self, data: Value) -> Self {
        self.data = Some(Box::new(data));
        self
    }

    pub fn at_limit(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The same failure under another code, for a reader that knows more than the parser did.
    pub fn with_code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    /// What led to it, for the log and for whoever started the program.
    pub fn into_source(self) -> Option<Box<dyn StdError + Send + Sync>> {
        self.source
    }

    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
