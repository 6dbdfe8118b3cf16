//! Runs out of the log, and out of what was admitted.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::super::runs::PAGE_BYTES;
use super::super::{History, Run, Runs, Tally, Wanted};
use super::Remote;
use crate::address::Address;
use crate::error::Result;
use crate::nats::records::Headline;
use crate::nats::{Stored, Trace, unavailable};
use crate::run::{Opened, Status};

#[async_trait]
impl History for Remote {
    async fn run(&self, address: Address, id: Uuid) -> Result<Option<Run>> {
        match self.nats.trace(address, id, 0).await? {
            Trace::Ended(event, headline) => ended(headline, &event).map(Some),
            Trace::Open(opened) => Ok(Some(pending(opened))),
            Trace::Nowhere => Ok(None),
        }
    }

    async fn runs(&self, address: Address, wanted: Wanted, limit: usize) -> Result<Runs> {
        // Before the log is read: what ends meanwhile is in one of them at least.
        let mut open = self.nats.admitted(address).await?;
        let mut newest = BTreeMap::new();
        let mut has_more = false;
        let keep = |newest: &mut BTreeMap<Uuid, Run>, run: Run| {
            newest.insert(run.id, run);
            newest.len() > limit && newest.pop_first().is_some()
        };
        let mut fault = None;
        self.nats
            .each_event(address, 0, |event, headline| {
                open.remove(&headline.run);
                if wanted.takes(headline.run, &headline.command, headline.status, headline.opened_at) {
                    match ended(headline, &event) {
                        Ok(run) => has_more |= keep(&mut newest, run),
                        Err(unreadable) => fault = Some(unreadable),
                    }
                }
                fault.is_none()
            })
            .await?;
        if let Some(fault) = fault {
            return Err(fault);
        }
        for (opened, _) in open.into_values() {
            if wanted.takes(opened.id, &opened.command, Status::Pending, opened.at) {
                has_more |= keep(&mut newest, pending(opened));
            }
        }
        let mut list = Runs { runs: Vec::new(), has_more };
        let mut bytes = 0;
        while let Some((_, run)) = newest.pop_last() {
            if bytes >= PAGE_BYTES {
                list.has_more = true;
                break;
            }
            bytes += run.text.len() + run.result.as_ref().map_or(0, |result| result.get().len());
            list.runs.push(run);
        }
        Ok(list)
    }

    async fn tallies(&self, address: Address, wanted: Wanted) -> Result<Vec<Tally>> {
        let mut tallies: HashMap<_, Tally> = HashMap::new();
        self.nats
            .each_event(address, 0, |_, end| {
                if wanted.takes(end.run, &end.command, end.status, end.opened_at) {
                    let ms = end.finished_at.as_millisecond() - end.opened_at.as_millisecond();
                    let (status, code, path) = (end.status, end.code, end.command.clone());
                    let empty = || Tally { path, status, code, count: 0, total_ms: 0, longest_ms: 0 };
                    let tally = tallies.entry((end.command, status, code)).or_insert_with(empty);
                    tally.count += 1;
                    tally.total_ms += ms.max(0).unsigned_abs();
                    tally.longest_ms = tally.longest_ms.max(ms.max(0).unsigned_abs());
                }
                true
            })
            .await?;
        let mut tallies: Vec<_> = tallies.into_values().collect();
        // As the other form has them: by command, those that succeeded first.
        let place = |tally: &Tally| {
            let code = tally.code.map(crate::error::Code::as_str);
            (tally.path.clone(), std::cmp::Reverse(tally.status.as_str()), code)
        };
        tallies.sort_by_key(place);
        Ok(tallies)
    }
}

/// What is read of the data of an event.
#[derive(Deserialize)]
struct Told<'a> {
    command: String,
    #[serde(borrow)]
    result: &'a RawValue,
}

fn ended(headline: Headline, event: &Stored) -> Result<Run> {
    let Headline { run: id, command: path, status, code, opened_at, finished_at } = headline;
    let told: Told<'_> = serde_json::from_slice(&event.payload).map_err(unavailable)?;
    let result = Some(told.result.to_owned());
    Ok(Run {
        id,
        path,
        text: told.command,
        status,
        code,
        created_at: opened_at,
        finished_at: Some(finished_at),
        result,
    })
}

fn pending(opened: Opened) -> Run {
    let Opened { id, command: path, text, at, .. } = opened;
    Run { id, path, text, status: Status::Pending, code: None, created_at: at, finished_at: None, result: None }
}
