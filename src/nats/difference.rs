//! How the streams that are there differ from what a deployment needs, and what that means to an operator.

use std::fmt;
use std::time::Duration;

use async_nats::jetstream::stream::Config;

/// A setting of a stream that is not as this deployment needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub stream: String,
    pub setting: &'static str,
    pub found: String,
    pub wanted: String,
    pub kind: Kind,
}

/// What it means to change a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Harmless,
    /// Less is kept then, or on fewer servers.
    Reduction,
    /// The stream is another program's.
    Foreign,
    /// A stream cannot be changed so.
    Fixed,
}

impl Difference {
    /// The same once it is no more.
    pub fn told_as_change(&self) -> String {
        format!("changed: {}: {} {} → {}", self.stream, self.setting, self.found, self.wanted)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has {} {}, and needs {}", self.stream, self.setting, self.found, self.wanted)
    }
}

/// What an operator does about them.
pub fn remedy(differences: &[Difference]) -> &'static str {
    let is = |kind| differences.iter().any(|difference| difference.kind == kind);
    if is(Kind::Foreign) {
        "A stream of that name belongs to another program: set another NEXUS_NATS_PREFIX."
    } else if is(Kind::Fixed) {
        "NATS cannot change that in a stream: set another NEXUS_NATS_PREFIX, or remove the stream and what it keeps."
    } else {
        "Set NEXUS_NATS_REPLICAS and NEXUS_RETENTION_* as the streams have them, or change the streams by `nexus bus migrate`."
    }
}

/// What is not as it is wanted.
pub(super) fn compare(wanted: &Config, found: &Config) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut differs = |setting, is_good: bool, kind, found: &dyn fmt::Debug, wanted_is: &dyn fmt::Debug| {
        if !is_good {
            let (found, wanted_is) = (format!("{found:?}"), format!("{wanted_is:?}"));
            differences.push(Difference { stream: wanted.name.clone(), setting, found, wanted: wanted_is, kind });
        }
    };
    let kind = |is_less| if is_less { Kind::Reduction } else { Kind::Harmless };
    // None, or a negative number, is no bound at all.
    let age = |config: &Config| if config.max_age.is_zero() { Duration::MAX } else { config.max_age };
    let bound = |number: i64| if number < 0 { i64::MAX } else { number };
    macro_rules! same {
        ($($setting:ident: $kind:expr),* $(,)?) => {
            $(differs(stringify!($setting), wanted.$setting == found.$setting, $kind, &found.$setting, &wanted.$setting);)*
        };
    }
    same!(
        subjects: Kind::Foreign,
        retention: Kind::Fixed,
        storage: Kind::Fixed,
        sealed: Kind::Fixed,
        num_replicas: kind(wanted.num_replicas < found.num_replicas),
        max_age: kind(age(wanted) < age(found)),
        max_bytes: kind(bound(wanted.max_bytes) < bound(found.max_bytes)),
        max_messages: kind(bound(wanted.max_messages) < bound(found.max_messages)),
        max_messages_per_subject:
            kind(bound(wanted.max_messages_per_subject) < bound(found.max_messages_per_subject)),
        discard: Kind::Harmless,
        allow_rollup: Kind::Harmless,
        allow_direct: Kind::Harmless,
        deny_delete: Kind::Harmless,
        no_ack: Kind::Harmless,
    );
    let (window, least) = (found.duplicate_window, wanted.duplicate_window);
    differs("duplicate_window", window >= least, Kind::Harmless, &window, &least);
    differences
}
