//! Settings that are a choice among names.

use clap::ValueEnum;

/// Where the server stands, which decides what is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Environment {
    /// Wide open, for one's own machine; refused on any address that others can reach.
    Development,
    /// Closed; needs `NEXUS_PUBLIC_ORIGINS`.
    Production,
}

/// What a stream hears that proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AnonymousStreams {
    /// Is refused.
    Off,
    /// Whether the key is a visitor.
    State,
    /// Everything that its key hears.
    Full,
}

/// What a result survives that is told to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Durability {
    /// The end of the machine too: it is on the disk.
    Full,
    /// The end of the program. What the machine had not written yet is lost with its power; the log stays whole.
    Normal,
}

impl Durability {
    /// `PRAGMA synchronous` of SQLite, which in WAL mode means just this.
    pub const fn synchronous(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Normal => "normal",
        }
    }
}

/// What a bare signature is good for, which can be sent again by whoever sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LegacySignatures {
    /// Nothing.
    Off,
    /// Commands that are `replaySafe`.
    Safe,
    /// Every command.
    All,
}

/// How the answer of a command is printed: its message, or the whole of it as one line of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}
