//! Runs, out of what was admitted and out of the log.

use std::collections::HashMap;

use uuid::Uuid;

use super::records::{Admission, Headline, address};
use super::{Nats, Stored};
use crate::address::Address;
use crate::error::Result;
use crate::run::Opened;

/// How much of the log is read at a time.
const EVENTS: usize = 512;
const BYTES: usize = 1 << 20;

/// What became of a run.
pub enum Trace {
    /// Its end stands in the log.
    Ended(Stored, Headline),
    /// It was admitted, and has no end.
    Open(Opened),
    /// It was never admitted, or is forgotten.
    Nowhere,
}

impl Stored {
    /// The run that an admission has opened, if it has opened one, and an event that was there before it.
    pub fn begun(&self) -> Result<Option<(Opened, u64)>> {
        let admission = Admission::read(&self.payload)?;
        let after = admission.run.as_ref().map_or(0, |begun| begun.after);
        Ok(admission.opened(address(&self.subject)?).map(|run| (run, after)))
    }
}

impl Nats {
    /// Looks for a run of an address. What is in the log up to `after` came before it. Fails with `store_unavailable`.
    pub async fn trace(&self, address: Address, run: Uuid, after: u64) -> Result<Trace> {
        if let Some((event, headline)) = self.recent_end(address, run).await? {
            return Ok(Trace::Ended(event, headline));
        }
        // Before the log is read: what ends meanwhile is in one of them at least.
        let admitted = self.admitted(address).await?.remove(&run);
        let after = admitted.as_ref().map_or(after, |(_, after)| *after);
        let end = self.end(address, run, after).await?.map(|(event, headline)| Trace::Ended(event, headline));
        Ok(end.or(admitted.map(|(opened, _)| Trace::Open(opened))).unwrap_or(Trace::Nowhere))
    }

    /// The end of a run, if it has one in the log after some place. Fails with `store_unavailable`.
    pub async fn end(&self, address: Address, run: Uuid, after: u64) -> Result<Option<(Stored, Headline)>> {
        let mut end = None;
        self.each_event(address, after, |event, headline| {
            if headline.run == run {
                end = Some((event, headline));
            }
            end.is_none()
        })
        .await?;
        Ok(end)
    }

    /// The same, where this node knows its place and whoever is asked has it already.
    async fn recent_end(&self, address: Address, run: Uuid) -> Result<Option<(Stored, Headline)>> {
        let Some(place) = self.0.recent.end(run) else { return Ok(None) };
        let part = self.page(&self.names().log(), &self.names().events(address), place - 1, 1, BYTES).await?;
        let found = part.records.into_iter().next().filter(|record| record.sequence == place);
        Ok(found.and_then(|event| Headline::read(&event.headers).map(|headline| (event, headline))))
    }

    /// What was admitted of an address, each with an event that was there before; some of it has ended.
    pub async fn admitted(&self, address: Address) -> Result<HashMap<Uuid, (Opened, u64)>> {
        let mut admitted = HashMap::new();
        for record in self.admissions(&self.names().admitted_of(address)).await? {
            if let Some((opened, after)) = record.begun()? {
                // What goes on for long is written down again, with no such place.
                admitted.entry(opened.id).or_insert((opened, after));
            }
        }
        Ok(admitted)
    }

    /// Every event of an address after some place, until `heard` says that it was the last one wanted.
    pub async fn each_event(
        &self,
        address: Address,
        mut after: u64,
        mut heard: impl FnMut(Stored, Headline) -> bool + Send,
    ) -> Result<()> {
        loop {
            let part = self.events(address, after, u64::MAX, EVENTS, BYTES).await?;
            after = part.records.last().map_or(after, |record| record.sequence);
            for event in part.records {
                if let Some(headline) = Headline::read(&event.headers)
                    && !heard(event, headline)
                {
                    return Ok(());
                }
            }
            if part.is_last {
                return Ok(());
            }
        }
    }
}
