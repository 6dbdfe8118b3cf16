//! The streams of a deployment: made where they are not there, and looked at where they are. Streams with other settings are
//! left as they are until an operator says otherwise.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use async_nats::jetstream::context::{CreateStreamErrorKind, GetStreamError, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType};
use async_nats::jetstream::{Context, ErrorCode, kv};
use tokio::time::{sleep, timeout};

use super::difference::{Difference, Kind, compare, remedy};
use super::names::Names;
use super::unavailable;
use super::unusable::Unusable;
use crate::error::Error;
use crate::event::Epoch;

/// Where the log keeps its epoch, among what a stream says of itself.
const EPOCH: &str = "nexus-epoch";
/// How long what passes is kept after it was written last: longer than any of it lasts.
const PASSING: Duration = Duration::from_hours(26);
/// How long a cluster that is just starting has to make a stream.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(250);

/// What the streams must be like.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub replicas: usize,
    /// How long the id of a record must be remembered.
    pub window: Duration,
    /// What is kept of the log.
    pub age: Duration,
    pub bytes: u64,
    pub events_per_key: u32,
}

pub(super) struct Provided {
    pub(super) epoch: Epoch,
    /// The newest event.
    pub(super) newest: u64,
    pub(super) lasting: kv::Store,
    pub(super) passing: kv::Store,
}

/// Makes what is not there. Fails where something else stands in its place.
pub(super) async fn provide(jetstream: &Context, names: &Names, wanted: &Wanted) -> Result<Provided, Unusable> {
    let mut log = None;
    let mut differences = Vec::new();
    for config in streams(names, wanted)? {
        let info = timeout(PATIENCE, get_or_make(jetstream, &config)).await;
        let info = info.map_err(|_late| unmade(&config.name, "it is not made in time"))??;
        differences.extend(compare(&config, &info.config));
        log = log.or(Some(info));
    }
    if !differences.is_empty() {
        let told: Vec<_> = differences.iter().map(ToString::to_string).collect();
        return Err(Unusable::new(
            format!("Streams in NATS have other settings than this deployment needs: {}.", told.join("; ")),
            remedy(&differences),
        ));
    }
    let epoch = log.as_ref().and_then(epoch).ok_or_else(|| unmade(&names.log(), "somebody else has made it"))?;
    let newest = log.map_or(0, |log| log.state.last_sequence);
    let bucket = async |name: String| jetstream.get_key_value(&name).await.map_err(|error| unmade(&name, error));
    Ok(Provided { epoch, newest, lasting: bucket(names.lasting()).await?, passing: bucket(names.passing()).await? })
}

/// The epoch of the log, where it is one.
pub(super) fn epoch(log: &Info) -> Option<Epoch> {
    let epoch = log.config.metadata.get(EPOCH)?;
    u64::from_str_radix(epoch, 16).ok().map(Epoch)
}

/// Fails where too few servers are there for a stream of several replicas to have a leader: then it takes nothing.
pub(super) fn check_led(stream: &Info) -> Result<(), Error> {
    let is_led =
        stream.cluster.as_ref().is_none_or(|cluster| cluster.leader.as_ref().is_some_and(|name| !name.is_empty()));
    if is_led { Ok(()) } else { Err(unavailable("a stream has no leader")) }
}

/// What is there of a deployment, and what of it is not as it must be.
#[derive(Debug, Default)]
pub struct Look {
    pub missing: Vec<String>,
    pub differences: Vec<Difference>,
}

/// Looks at the streams, and changes nothing.
pub(super) async fn look(jetstream: &Context, names: &Names, wanted: &Wanted) -> Result<Look, Unusable> {
    let mut look = Look::default();
    for config in streams(names, wanted)? {
        match find(jetstream, &config.name).await? {
            Some(found) => look.differences.extend(compare(&config, &found.config)),
            None => look.missing.push(config.name),
        }
    }
    Ok(look)
}

/// Changes what differs in streams that are there, and tells what that was. What is made at the next start is left to it. Fails
/// before anything is changed where there is no stream, where one is another program's, and where `may_reduce` is missing to keep
/// less.
pub(super) async fn migrate(
    jetstream: &Context,
    names: &Names,
    wanted: &Wanted,
    may_reduce: bool,
) -> Result<Vec<Difference>, Unusable> {
    let look = look(jetstream, names, wanted).await?;
    if look.missing.len() == streams(names, wanted)?.len() {
        return Err(Unusable::new(
            "There are no streams of this deployment in NATS.",
            "Look at NEXUS_NATS_PREFIX; a server makes its streams when it starts.",
        ));
    }
    let refused = |kind: Kind| match kind {
        Kind::Harmless => false,
        Kind::Reduction => !may_reduce,
        Kind::Foreign | Kind::Fixed => true,
    };
    let refused: Vec<_> = look.differences.into_iter().filter(|difference| refused(difference.kind)).collect();
    if !refused.is_empty() {
        let told: Vec<_> = refused.iter().map(ToString::to_string).collect();
        let hint = if refused.iter().all(|difference| difference.kind == Kind::Reduction) {
            "Less would be kept, or on fewer servers: add --reduce if you mean it. Otherwise set NEXUS_NATS_REPLICAS and \
             NEXUS_RETENTION_* as the streams have them."
        } else {
            remedy(&refused)
        };
        return Err(Unusable::new(format!("Nothing is changed: {}.", told.join("; ")), hint));
    }
    let mut changed = Vec::new();
    for config in streams(names, wanted)? {
        let Some(found) = find(jetstream, &config.name).await? else { continue };
        let differences = compare(&config, &found.config);
        if differences.is_empty() {
            continue;
        }
        // The epoch stays: the log is the same.
        let duplicate_window = config.duplicate_window.max(found.config.duplicate_window);
        let name = config.name.clone();
        let config = Config { metadata: found.config.metadata, duplicate_window, ..config };
        jetstream.update_stream(config).await.map_err(|error| unmade(&name, error))?;
        changed.extend(differences);
    }
    Ok(changed)
}

async fn find(jetstream: &Context, name: &str) -> Result<Option<Info>, Unusable> {
    match jetstream.get_stream(name).await {
        Ok(stream) => Ok(Some(stream.cached_info().clone())),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(unmade(name, error)),
    }
}

pub(super) fn is_missing(error: &GetStreamError) -> bool {
    matches!(error.kind(), GetStreamErrorKind::JetStream(said) if said.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

/// What the streams of a deployment are, that of the log first.
fn streams(names: &Names, wanted: &Wanted) -> Result<[Config; 4], Unusable> {
    let epoch =
        getrandom::u64().map_err(|error| Unusable::new(format!("The machine has no random numbers: {error}."), ""))?;
    let log = Config {
        name: names.log(),
        description: Some("Ends of runs, one subject for each key.".to_owned()),
        subjects: vec![names.all_events()],
        max_age: wanted.age,
        max_bytes: i64::try_from(wanted.bytes).unwrap_or(i64::MAX),
        max_messages_per_subject: wanted.events_per_key.into(),
        allow_direct: true,
        metadata: HashMap::from([(EPOCH.to_owned(), format!("{epoch:016x}"))]),
        ..plain(wanted)
    };
    let admissions = Config {
        name: names.admissions(),
        description: Some("What was admitted, by node and key; the nodes purge it.".to_owned()),
        subjects: vec![names.all_admitted()],
        allow_direct: true,
        ..plain(wanted)
    };
    let bucket = |name: String, description: &str, max_age| Config {
        subjects: vec![format!("$KV.{name}.>")],
        name: format!("KV_{name}"),
        description: Some(description.to_owned()),
        max_age,
        max_messages_per_subject: 1,
        discard: DiscardPolicy::New,
        allow_rollup: true,
        deny_delete: true,
        // Whoever reads finds what was written before: the leader answers.
        allow_direct: false,
        duplicate_window: Duration::from_mins(2),
        ..plain(wanted)
    };
    let lasting = bucket(names.lasting(), "Identities, settings, prompts, commands.", Duration::ZERO);
    let passing = bucket(names.passing(), "Sessions, tickets, idempotency keys, nodes.", PASSING);
    Ok([log, admissions, lasting, passing])
}

fn plain(wanted: &Wanted) -> Config {
    Config {
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        discard: DiscardPolicy::Old,
        num_replicas: wanted.replicas,
        duplicate_window: wanted.window,
        max_messages: -1,
        max_bytes: -1,
        max_messages_per_subject: -1,
        max_message_size: -1,
        max_consumers: -1,
        ..Config::default()
    }
}

async fn get_or_make(jetstream: &Context, config: &Config) -> Result<Info, Unusable> {
    loop {
        let missing = match jetstream.get_stream(&config.name).await {
            Ok(stream) => return Ok(stream.cached_info().clone()),
            Err(error) if is_missing(&error) => true,
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(said) if !may_pass(said.error_code()) => {
                    return Err(unmade(&config.name, error));
                }
                _ => false,
            },
        };
        if missing && let Err(error) = jetstream.create_stream(config.clone()).await {
            match error.kind() {
                // Another node was faster.
                CreateStreamErrorKind::JetStream(said) if said.error_code() == ErrorCode::STREAM_NAME_EXIST => {}
                CreateStreamErrorKind::JetStream(said) if !may_pass(said.error_code()) => {
                    return Err(unmade(&config.name, error));
                }
                _ => {}
            }
        }
        if !missing {
            sleep(PAUSE).await;
        }
    }
}

/// Whether a cluster that is still starting says so.
fn may_pass(code: ErrorCode) -> bool {
    [ErrorCode::CLUSTER_NOT_AVAILABLE, ErrorCode::CLUSTER_NOT_LEADER, ErrorCode::CLUSTER_NO_PEERS].contains(&code)
}

fn unmade(stream: &str, why: impl fmt::Display) -> Unusable {
    Unusable::new(
        format!("The stream {stream} in NATS cannot be used: {why}."),
        "Look whether NEXUS_NATS_REPLICAS is no more than there are servers, whether the account may make streams, and whether \
         another program uses this NEXUS_NATS_PREFIX.",
    )
}
