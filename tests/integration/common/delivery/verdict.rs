//! What comes of a trial.

use std::fmt;

/// What must never happen to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Acknowledged, or heard by another reader of the key, and not heard.
    Lost,
    /// Heard, and sent by nobody, or refused, or not what was acknowledged.
    Phantom,
    /// One id, one run or one command heard twice.
    Double,
    /// The stream said that there is something that it cannot tell.
    Gap,
    /// Ids that do not rise, or results of one writer that are not in the order of its commands.
    Inversion,
    /// Heard on the stream of another key than it was sent to.
    Leak,
}

/// A fault of one event, and why it is one.
pub type Found = (Kind, &'static str);

#[derive(Debug)]
pub struct Fault {
    pub kind: Kind,
    pub key: String,
    /// The place of the reader among the histories.
    pub reader: usize,
    pub what: String,
}

#[derive(Debug)]
pub struct Verdict {
    pub acknowledged: usize,
    pub unknown: usize,
    /// Ran, and could not be recorded at once.
    pub unrecorded: usize,
    pub refused: usize,
    /// By all readers together.
    pub heard: usize,
    pub faults: Vec<Fault>,
}

impl Verdict {
    /// Expects no fault. The figures are shown by `--no-capture`, for who wants to know how much was tried.
    #[track_caller]
    #[expect(clippy::print_stdout, reason = "a test has no other place to say how much it tried")]
    pub fn assert_flawless(&self) {
        println!("{self}");
        assert!(self.faults.is_empty(), "{self}");
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, unknown, unrecorded, refused, heard, faults } = self;
        write!(f, "{acknowledged} acknowledged, {unknown} unknown, {unrecorded} unrecorded, {refused} refused, ")?;
        write!(f, "{heard} heard, ")?;
        write!(f, "{} faults", faults.len())?;
        // A broken server makes as many faults as there are events; the first ones tell enough.
        for Fault { kind, key, reader, what } in faults.iter().take(20) {
            write!(f, "\n{kind:?} for reader {reader} of {key}: {what}")?;
        }
        Ok(())
    }
}
