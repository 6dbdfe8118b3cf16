//! What a command declares of itself, beyond what its type says.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How the name of a service ends.
pub(super) const SERVICE: &str = "-service";

/// Where a command runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Handler {
    /// In the frontend, without the network.
    Client,
    /// On the server, by `POST /api/v1/commands/execute`.
    #[default]
    Rest,
}

/// What a proven address is to this server. A role has all the rights of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Has no identity record. No definition asks for it.
    Visitor,
    /// Has an identity record.
    Member,
    /// Is listed in `NEXUS_ADMINS`.
    Admin,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Visitor, Self::Member, Self::Admin];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Member => "member",
            Self::Admin => "admin",
        }
    }
}

/// The declaration of a command. Name the fields that differ and take the rest from [`Definition::rest`] ,
/// [`Definition::service`] or [`Definition::client`].
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Words of `[a-z0-9]` with one hyphen between them, 32 characters at most, the first of them a letter. The name of the file,
    /// unique among all names and aliases.
    pub name: &'static str,
    pub handler: Handler,
    /// Other names, of the same form.
    pub aliases: &'static [&'static str],
    /// At least one; a test runs each and compares the message.
    pub examples: &'static [Example],
    /// The caller must sign this very command.
    pub requires_signature: bool,
    /// The caller must prove an address.
    pub requires_identity: bool,
    /// What the proven address must be.
    pub requires_role: Option<Role>,
    /// The frontend opens a panel for it.
    pub requires_gui: bool,
    /// Idempotent, destroys nothing, answers nothing private: a signature that can be replayed may do.
    pub replay_safe: bool,
    /// A hint for whoever shows the result: `table`, `markdown`, `chart`.
    pub renderer: Option<&'static str>,
    /// Has no end of its own and runs until it is told to stop; then its name ends in `-service`.
    pub is_service: bool,
    /// How long `init` and `run` may take together: more than nothing, at most a day.
    pub timeout: Duration,
    /// How many of it may run at once, its subcommands among them; none for as many as the server may run.
    pub at_once: Option<usize>,
    /// How long a caller waits from one run of it, or of a subcommand, to the next: at most a day. Callers who prove nothing
    /// are told apart by their network address.
    pub cooldown: Duration,
    /// Still there, but not to be used by anything new.
    pub deprecated: bool,
    /// Where else it can be asked for by HTTP, beside `POST /api/v1/commands/execute`.
    pub endpoint: Option<Endpoint>,
    /// For an enum: one entry a variant, but for the variant that is called like the command.
    pub subcommands: &'static [Subcommand],
}

impl Definition {
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
    pub const LONGEST_TIMEOUT: Duration = Duration::from_hours(24);

    /// A command that runs on the server and demands nothing.
    pub const fn rest(name: &'static str) -> Self {
        Self {
            name,
            handler: Handler::Rest,
            aliases: &[],
            examples: &[],
            requires_signature: false,
            requires_identity: false,
            requires_role: None,
            requires_gui: false,
            replay_safe: false,
            renderer: None,
            is_service: false,
            timeout: Self::DEFAULT_TIMEOUT,
            at_once: None,
            cooldown: Duration::ZERO,
            deprecated: false,
            endpoint: None,
            subcommands: &[],
        }
    }

    /// A command that runs on the server until it is told to stop, once at a time.
    pub const fn service(name: &'static str) -> Self {
        Self { is_service: true, timeout: Self::LONGEST_TIMEOUT, at_once: Some(1), ..Self::rest(name) }
    }

    /// A command that runs in the frontend.
    pub const fn client(name: &'static str) -> Self {
        Self { handler: Handler::Client, ..Self::rest(name) }
    }
}

/// The declaration of a subcommand; the fields mean what they mean in [`Definition`].
#[derive(Clone, Copy, Debug)]
pub struct Subcommand {
    pub name: &'static str,
    pub examples: &'static [Example],
    pub requires_signature: bool,
    pub requires_identity: bool,
    pub requires_role: Option<Role>,
    pub requires_gui: bool,
    pub replay_safe: bool,
    pub endpoint: Option<Endpoint>,
}

impl Subcommand {
    /// A subcommand that demands nothing.
    pub const fn named(name: &'static str) -> Self {
        Self {
            name,
            examples: &[],
            requires_signature: false,
            requires_identity: false,
            requires_role: None,
            requires_gui: false,
            replay_safe: false,
            endpoint: None,
        }
    }
}

/// What one way to say a command demands of its caller, and of whoever shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Demands {
    pub requires_signature: bool,
    pub requires_identity: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires_role: Option<Role>,
    #[serde(rename = "requiresGUI")]
    pub requires_gui: bool,
    pub replay_safe: bool,
}

impl Demands {
    /// Whether a caller must prove an address.
    pub fn want_proof(self) -> bool {
        self.requires_signature || self.requires_identity
    }
}

/// A method and a path of its own: `Endpoint::new(Method::Put, "/api/v1/prompt/{name}")`. A segment in braces is a required
/// argument; the others come from the query or from the members of a JSON body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Endpoint {
    pub method: Method,
    /// Begins with `/api/v1/`.
    #[serde(rename = "endpoint")]
    pub path: &'static str,
}

impl Endpoint {
    pub const fn new(method: Method, path: &'static str) -> Self {
        Self { method, path }
    }
}

/// The methods that an endpoint of a command may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// A command text, and the message that it is answered with, in which `…` stands for any text.
#[derive(Clone, Copy, Debug)]
pub struct Example(pub &'static str, pub &'static str);
