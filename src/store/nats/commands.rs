//! One document a command, which other nodes register and delete too. How often that was done is counted; to look at the count
//! costs one small question.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::super::{Commands, MOST_COMMANDS, Registered};
use super::{Remote, in_time, keys};
use crate::address::Address;
use crate::error::Result;
use crate::nats::unavailable;

/// How many commands are read at once.
const AT_ONCE: usize = 32;

/// A command as it is kept. A secret is kept as it is, because it signs. Times are in milliseconds.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Written {
    name: String,
    definition: String,
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// An address in hex.
    created_by: String,
    created_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// What this node knows of the commands.
#[derive(Default)]
pub(super) struct Followed {
    /// How often they had been changed.
    changes: u64,
    /// When the time of a command is over, by its name.
    ends: BTreeMap<String, i64>,
}

#[async_trait]
impl Commands for Remote {
    /// What several nodes register at once may be more than there may be.
    async fn keep_command(&self, command: Registered) -> Result<bool> {
        let written = Written::of(&command, self.clock.now());
        let keep = async {
            let key = keys::command(&command.name);
            let others = self.lasting.list(keys::COMMANDS).await?.keys.iter().filter(|other| **other != key).count();
            if others >= MOST_COMMANDS {
                return Ok(false);
            }
            let put = |kept: &mut Option<Written>| *kept = Some(written.clone());
            self.lasting.write(&key, put, |()| ()).await?;
            self.count_change().await.map(|()| true)
        };
        in_time(keep).await
    }

    async fn forget_command(&self, name: String) -> Result<bool> {
        let forget = async {
            let take = |kept: &mut Option<Written>| kept.take().is_some();
            let was_kept = self.lasting.write(&keys::command(&name), take, |_| ()).await?;
            self.count_change().await.map(|()| was_kept)
        };
        in_time(forget).await
    }

    async fn refresh_commands(&self) -> Result<bool> {
        let now = self.clock.now().as_millisecond();
        let over: Vec<_> = self.followed(|followed| {
            followed.ends.iter().filter(|(_, end)| **end <= now).map(|(name, _)| name.clone()).collect()
        });
        let refresh = async {
            for name in &over {
                let take = |kept: &mut Option<Written>| {
                    kept.take_if(|kept| kept.expires_at.is_some_and(|end| end <= now)).is_some()
                };
                if self.lasting.write(&keys::command(name), take, |_| ()).await? {
                    self.count_change().await?;
                }
            }
            self.lasting.read::<u64>(keys::CHANGES).await
        };
        let changes = in_time(refresh).await?;
        if self.followed(|followed| followed.changes == changes) {
            return Ok(false);
        }
        let ends = |command: Registered| Some((command.name, command.expires_at?.as_millisecond()));
        let ends = self.registered_commands().await?.into_iter().filter_map(ends).collect();
        self.followed(|followed| *followed = Followed { changes, ends });
        Ok(true)
    }

    async fn registered_commands(&self) -> Result<Vec<Registered>> {
        let here = self.clone();
        let read = async move {
            let keys = here.lasting.list(keys::COMMANDS).await?.keys;
            let reading = stream::iter(keys.into_iter().map(move |key: String| {
                let here = here.clone();
                async move { here.lasting.read::<Option<Written>>(&key).await }
            }));
            let read: Vec<_> = reading.buffer_unordered(AT_ONCE).collect().await;
            let kept: Vec<_> = read.into_iter().collect::<Result<_>>()?;
            let registered: Result<Vec<_>> = kept.into_iter().flatten().map(Written::registered).collect();
            let mut registered = registered?;
            registered.sort_by(|one, other| one.name.cmp(&other.name));
            Ok(registered)
        };
        in_time(read).await
    }
}

impl Remote {
    async fn count_change(&self) -> Result<()> {
        self.lasting.write(keys::CHANGES, |changes: &mut u64| *changes += 1, |()| ()).await
    }

    fn followed<T>(&self, look: impl FnOnce(&mut Followed) -> T) -> T {
        look(&mut self.followed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Written {
    fn of(command: &Registered, now: Timestamp) -> Self {
        let Registered { name, definition, url, secret, created_by, expires_at } = command;
        Self {
            name: name.clone(),
            definition: definition.clone(),
            url: url.clone(),
            secret: secret.as_ref().map(|secret| secret.to_string()),
            created_by: hex::encode(created_by.as_bytes()),
            created_at: now.as_millisecond(),
            expires_at: expires_at.map(Timestamp::as_millisecond),
            rest: Map::new(),
        }
    }

    fn registered(self) -> Result<Registered> {
        let mut created_by = [0; 20];
        hex::decode_to_slice(self.created_by, &mut created_by).map_err(unavailable)?;
        Ok(Registered {
            name: self.name,
            definition: self.definition,
            url: self.url,
            secret: self.secret.map(Zeroizing::new),
            created_by: Address::from_bytes(created_by),
            expires_at: self.expires_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
        })
    }
}
