//! Whether what was acknowledged is heard: writers and readers keep histories, and a judge compares them.
//!
//! A [`Trial`] has a server that may be killed and started again, or several that are alike, writers who send signed commands, and readers who hold
//! the streams of keys through every cut. It ends with a last word to each key: a reader that has heard it has heard all
//! that came before, or has lost it. Then another one is said, before which nothing else may be heard. So nothing waits for
//! silence, and no fault can hide behind a wait that was too short.

pub mod count;
pub mod history;
pub mod judge;
pub mod lives;
pub mod order;
pub mod reader;
pub mod sites;
pub mod trial;
pub mod verdict;
pub mod writer;

pub use self::history::End;
pub use self::lives::Lives;
pub use self::sites::{Site, Sites};
pub use self::trial::Trial;
