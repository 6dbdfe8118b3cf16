//! Runs, as their owner finds them: those that are open, and those in the log.

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use crate::address::Address;
use crate::error::{Code, Result};
use crate::json::Data;
use crate::run::Status;

/// A list ends with the run that makes it so many bytes long.
pub(super) const PAGE_BYTES: usize = 256 * 1024;

/// A run as it stands.
#[derive(Clone, Debug)]
pub struct Run {
    pub id: Uuid,
    /// The path of what ran, in our words: `/identity/delete`.
    pub path: String,
    /// The command text as it was sent.
    pub text: String,
    pub status: Status,
    pub code: Option<Code>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// The `result` of its event; none while it runs.
    pub result: Option<Data>,
}

/// Which runs are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only those that began before this one.
    pub before: Option<Uuid>,
    /// A command (`identity`), or one form of it (`identity/delete`).
    pub command: Option<String>,
    pub status: Option<Status>,
    /// Only those that began at this time or later.
    pub since: Option<Timestamp>,
}

impl Wanted {
    /// Whether a run is among them. The paths of commands are in our words.
    pub(super) fn takes(&self, id: Uuid, path: &str, status: Status, created_at: Timestamp) -> bool {
        let is_of = |command: &str| {
            let wanted = command.trim_start_matches('/');
            let path = path.trim_start_matches('/');
            path.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.before.is_none_or(|before| id < before)
            && self.command.as_deref().is_none_or(is_of)
            && self.status.is_none_or(|wanted| wanted == status)
            && self.since.is_none_or(|since| created_at >= since)
    }
}

/// A part of a list, the newest first.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    pub runs: Vec<Run>,
    /// Whether there are older ones.
    pub has_more: bool,
}

/// How the runs of one command went that had one outcome. Times are in milliseconds.
#[derive(Clone, Debug)]
pub struct Tally {
    pub path: String,
    pub status: Status,
    pub code: Option<Code>,
    pub count: u64,
    pub total_ms: u64,
    pub longest_ms: u64,
}

#[async_trait]
pub trait History: Send + Sync {
    /// The run of `address` with this id. None when there is none, or it is another's.
    async fn run(&self, address: Address, id: Uuid) -> Result<Option<Run>>;

    /// The newest runs that are wanted, `limit` at most and fewer where they are large.
    async fn runs(&self, address: Address, wanted: Wanted, limit: usize) -> Result<Runs>;

    /// How the runs went that have ended.
    async fn tallies(&self, address: Address, wanted: Wanted) -> Result<Vec<Tally>>;
}
