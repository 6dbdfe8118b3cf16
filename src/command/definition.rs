//! What a command declares of itself, beyond what its type says.

use std::time::Duration;

use serde::Serialize;

/// Where a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Handler {
    /// In the frontend, without the network.
    Client,
    /// On the server, by `POST /api/v1/commands/execute`.
    Rest,
}

/// What a proven address is to this server. A role has all the rights of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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

/// The declaration of a command. Name the fields that differ and take the rest from [`Definition::rest`] or
/// [`Definition::client`].
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// `[a-z][a-z0-9-]{0,31}`, the name of the file, unique among all names and aliases.
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
    /// How long `init` and `run` may take together: more than nothing, at most a day.
    pub timeout: Duration,
    /// How many of it may run at once, its subcommands among them; none for as many as the server may run.
    pub at_once: Option<usize>,
    /// Still there, but not to be used by anything new.
    pub deprecated: bool,
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
            timeout: Self::DEFAULT_TIMEOUT,
            at_once: None,
            deprecated: false,
            subcommands: &[],
        }
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
        }
    }
}

/// A command text, and the message that it is answered with, in which `…` stands for any text.
#[derive(Clone, Copy, Debug)]
pub struct Example(pub &'static str, pub &'static str);
