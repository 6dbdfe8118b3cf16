//! A text is stored under an id of its own before the document names it, and is swept once it does so no longer. What the
//! document does not name is not there.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::{Placed, Prompt, Prompts};
use super::belongings::Belongings;
use super::{Remote, in_time, keys};
use crate::address::Address;
use crate::error::Result;
use crate::nats::unavailable;

/// How often a text is looked for that is replaced while it is.
const ATTEMPTS: usize = 10;
/// After this time whoever has stored a text has named it, or never will.
const FORGOTTEN: Duration = Duration::from_hours(1);

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
struct Text {
    text: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[async_trait]
impl Prompts for Remote {
    async fn prompts(&self, address: Address) -> Result<Vec<Prompt>> {
        Ok(self.belongings(address).await?.prompts())
    }

    async fn prompt(&self, address: Address, name: String) -> Result<Option<(Prompt, String)>> {
        let find = async {
            for _ in 0..ATTEMPTS {
                let belongings: Belongings = self.lasting.read(&keys::belongings(address)).await?;
                let Some((prompt, id)) = belongings.prompt(&name) else { return Ok(None) };
                let found: Option<Text> = self.lasting.read(&keys::text(address, &id)).await?;
                if let Some(found) = found {
                    return Ok(Some((prompt, found.text)));
                }
            }
            Err(unavailable("the text of a prompt is not there"))
        };
        in_time(find).await
    }

    async fn set_prompt(&self, address: Address, name: String, text: String) -> Result<Placed> {
        let now = self.clock.now();
        // To the millisecond, as it will be read.
        let changed_at = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let prompt = Prompt { name, size: text.chars().count() as u64, changed_at };
        in_time(self.place(address, prompt, text)).await
    }

    async fn delete_prompt(&self, address: Address, name: String) -> Result<bool> {
        let delete = async {
            let remove = |belongings: &mut Belongings| belongings.remove(&name);
            let old = self.lasting.write(&keys::belongings(address), remove, |_| ()).await?;
            self.lasting.sweep(old.iter().map(|id| keys::text(address, id)).collect()).await;
            Ok(old.is_some())
        };
        in_time(delete).await
    }
}

impl Remote {
    async fn place(&self, address: Address, prompt: Prompt, text: String) -> Result<Placed> {
        let key = keys::belongings(address);
        let listing = self.lasting.list(&keys::texts(address)).await?;
        if listing.bytes.saturating_add(text.len() as u64) > self.prompt_bytes as u64 {
            return Ok(Placed::NoRoom);
        }
        let belongings: Belongings = self.lasting.read(&key).await?;
        if !belongings.takes(&prompt.name) {
            return Ok(Placed::Full);
        }
        let id = Uuid::now_v7().simple().to_string();
        let stored = keys::text(address, &id);
        self.lasting.create(&stored, &Some(Text { text, rest: Map::new() })).await?;
        let place =
            |belongings: &mut Belongings| belongings.takes(&prompt.name).then(|| belongings.place(&prompt, id.clone()));
        let placed = self.lasting.write(&key, place, |_| ()).await?;
        let is_left = |key: &String| {
            let id = key.rsplit('.').next().unwrap_or_default();
            !belongings.has_text(id) && is_forgotten(id)
        };
        let left = listing.keys.into_iter().filter(is_left);
        let (placed, old) = match placed {
            None => (Placed::Full, Some(stored)),
            Some(None) => (Placed::Created(prompt), None),
            Some(Some(old)) => (Placed::Replaced(prompt), Some(keys::text(address, &old))),
        };
        self.lasting.sweep(left.chain(old).collect()).await;
        Ok(placed)
    }
}

/// Whether a text with this id has been there for long. Its id tells when it was made.
fn is_forgotten(id: &str) -> bool {
    let time = |id: Uuid| id.get_timestamp().map(|time| time.to_unix().0);
    let (made, now) = (Uuid::try_parse(id).ok().and_then(time), time(Uuid::now_v7()));
    made.zip(now).is_some_and(|(made, now)| now.saturating_sub(made) > FORGOTTEN.as_secs())
}
