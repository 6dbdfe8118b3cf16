//! Compares what was acknowledged with what was heard.

use std::collections::{HashMap, HashSet};

use super::history::{Heard, Outcome, Sent, Told};
use super::order::Order;
use super::verdict::{Fault, Found, Kind, Verdict};

/// Judges histories of readers that have all heard the last word to their key.
///
/// A writer sends its next command when the one before is answered, or when the server that had it is no more; so its
/// results have an order also where it does not know the outcome. Where servers are alike, another one may tell what became
/// of that, and `may_be_late` is true: then what was acknowledged has an order, and all else comes not before what was
/// acknowledged before it.
pub fn judge(sent: &[Sent], heard: &[Heard], may_be_late: bool) -> Verdict {
    let truth = Truth::of(sent, heard, may_be_late);
    let faults = heard.iter().enumerate().flat_map(|(reader, heard)| {
        let faults = truth.faults(heard).into_iter();
        faults.map(move |(kind, what)| Fault { kind, key: heard.key.clone(), reader, what })
    });
    let count = |is: fn(&Outcome) -> bool| sent.iter().filter(|sent| is(&sent.outcome)).count();
    Verdict {
        acknowledged: count(|outcome| matches!(outcome, Outcome::Acknowledged { .. })),
        unknown: count(|outcome| matches!(outcome, Outcome::Unknown)),
        unrecorded: count(|outcome| matches!(outcome, Outcome::Unrecorded { .. })),
        refused: count(|outcome| matches!(outcome, Outcome::Refused(_))),
        heard: heard.iter().map(|reader| reader.results().count()).sum(),
        faults: faults.collect(),
    }
}

/// What all histories together say, by the text of the command.
struct Truth<'a> {
    /// What was sent, with its place in the order of its writer.
    sent: HashMap<&'a str, (usize, &'a Sent)>,
    /// What the first reader of its key heard.
    heard: HashMap<&'a str, &'a Told>,
    may_be_late: bool,
}

impl<'a> Truth<'a> {
    fn of(sent: &'a [Sent], heard: &'a [Heard], may_be_late: bool) -> Self {
        let mut truth = Self { sent: HashMap::new(), heard: HashMap::new(), may_be_late };
        truth.sent = sent.iter().enumerate().map(|(place, sent)| (sent.command.as_str(), (place, sent))).collect();
        assert_eq!(truth.sent.len(), sent.len(), "each text is sent once");
        for reader in heard {
            let is_theirs =
                |told: &&Told| truth.sent.get(&*told.command).is_some_and(|(_, sent)| sent.key == reader.key);
            for told in reader.results().filter(is_theirs) {
                truth.heard.entry(&told.command).or_insert(told);
            }
        }
        truth
    }

    fn faults(&self, heard: &Heard) -> Vec<(Kind, String)> {
        let mut names = HashSet::new();
        let (first, again): (Vec<_>, Vec<_>) = heard.results().partition(|told| {
            let all = [told.id.as_deref(), Some(&*told.run_id), Some(&*told.command)];
            // Each name is remembered, also when another one is known already.
            all.map(|name| name.is_none_or(|name| names.insert(name))) == [true; 3]
        });
        let mut faults: Vec<_> = heard.gaps().map(|gap| (Kind::Gap, gap.to_string())).collect();
        faults.extend(again.into_iter().map(|told| (Kind::Double, format!("{told:?}"))));
        let mut order = Order::default();
        for told in first {
            let known = self.explain(&heard.key, told);
            let follows = known.and_then(|(place, sent)| {
                let is_acknowledged = matches!(sent.outcome, Outcome::Acknowledged { .. });
                order.follow(told, sent.writer, *place, self.may_be_late && !is_acknowledged)
            });
            if let Err((kind, why)) = follows {
                faults.push((kind, format!("{why}: {told:?}")));
            }
        }
        let lost = self.owed(&heard.key).filter(|command| !names.contains(command));
        faults.extend(lost.map(|command| (Kind::Lost, command.to_owned())));
        faults
    }

    /// What each reader of the key must hear: what was acknowledged or has run, and what any other reader of the key has heard.
    fn owed(&self, key: &str) -> impl Iterator<Item = &'a str> {
        let theirs = self.sent.values().map(|(_, sent)| *sent).filter(move |sent| sent.key == key);
        let owed = theirs.filter(|sent| {
            let has_run = matches!(sent.outcome, Outcome::Acknowledged { .. } | Outcome::Unrecorded { .. });
            has_run || self.heard.contains_key(&*sent.command)
        });
        owed.map(|sent| sent.command.as_str())
    }

    /// Which command this is the result of, or why it cannot be heard on the stream of `key`.
    fn explain(&self, key: &str, told: &Told) -> Result<&(usize, &'a Sent), Found> {
        let known = self.sent.get(&*told.command).ok_or((Kind::Phantom, "nobody sent it"))?;
        if known.1.key != key {
            return Err((Kind::Leak, "it was sent to another key"));
        }
        let (is_success, is_unknown) = (told.result["status"] == "success", told.result["code"] == "outcome_unknown");
        let is_unbegun = told.result["code"] == "store_unavailable";
        let fits = match &known.1.outcome {
            Outcome::Acknowledged { run_id, message } => {
                is_success && told.run_id == *run_id && told.result["message"] == **message
            }
            // The server goes on trying; when it dies before it succeeds, nobody knows any more.
            Outcome::Unrecorded { run_id } => told.run_id == *run_id && (is_success || is_unknown),
            Outcome::Unknown => is_success || is_unknown || is_unbegun,
            // It has not begun, but what says that it does may be written down all the same.
            Outcome::Refused(code) => code == "store_unavailable" && (is_unbegun || is_unknown),
        };
        if !fits {
            return Err((Kind::Phantom, "it is not what its writer was told"));
        }
        if self.heard[&*told.command] != told {
            return Err((Kind::Phantom, "another reader heard something else"));
        }
        Ok(known)
    }
}

#[cfg(test)]
mod tests;
