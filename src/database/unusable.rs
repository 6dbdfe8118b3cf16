//! Why a database cannot be opened.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

pub(super) type OpenCause = Box<dyn Error + Send + Sync>;

/// Why the database could not be opened, for the operator: it names the directory.
#[derive(Debug)]
pub struct OpenError {
    pub(super) what: &'static str,
    pub(super) directory: PathBuf,
    pub(super) source: OpenCause,
    /// Whether another directory would do.
    pub is_setting: bool,
    /// Whether a server has it.
    pub is_held: bool,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.directory.display(), self.what, self.source)
    }
}

impl Error for OpenError {}
