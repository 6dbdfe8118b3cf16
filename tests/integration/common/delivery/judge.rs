//! Compares what was acknowledged with what was heard.

use std::collections::{HashMap, HashSet};

use super::history::{Heard, Outcome, Sent, Told};
use super::order::Order;
use super::verdict::{Fault, Found, Kind, Verdict};

/// Judges histories of readers that have all heard the last word to their key.
///
/// A writer sends its next command when the one before is answered, or when the server that had it is no more; so its
/// results have an order also where it does not know the outcome.
pub fn judge(sent: &[Sent], heard: &[Heard]) -> Verdict {
    let truth = Truth::of(sent, heard);
    let faults = heard.iter().enumerate().flat_map(|(reader, heard)| {
        let faults = truth.faults(heard).into_iter();
        faults.map(move |(kind, what)| Fault { kind, key: heard.key.clone(), reader, what })
    });
    let count = |is: fn(&Outcome) -> bool| sent.iter().filter(|sent| is(&sent.outcome)).count();
    Verdict {
        acknowledged: count(|outcome| matches!(outcome, Outcome::Acknowledged { .. })),
        unknown: count(|outcome| matches!(outcome, Outcome::Unknown)),
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
}

impl<'a> Truth<'a> {
    fn of(sent: &'a [Sent], heard: &'a [Heard]) -> Self {
        let mut truth = Self { sent: HashMap::new(), heard: HashMap::new() };
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
            if let Err((kind, why)) = known.and_then(|(place, sent)| order.follow(told, sent.writer, *place)) {
                faults.push((kind, format!("{why}: {told:?}")));
            }
        }
        let lost = self.owed(&heard.key).filter(|command| !names.contains(command));
        faults.extend(lost.map(|command| (Kind::Lost, command.to_owned())));
        faults
    }

    /// What each reader of the key must hear: what was acknowledged, and what any other reader of the key has heard.
    fn owed(&self, key: &str) -> impl Iterator<Item = &'a str> {
        let theirs = self.sent.values().map(|(_, sent)| *sent).filter(move |sent| sent.key == key);
        let owed = theirs.filter(|sent| {
            matches!(sent.outcome, Outcome::Acknowledged { .. }) || self.heard.contains_key(&*sent.command)
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
        let fits = match &known.1.outcome {
            Outcome::Acknowledged { run_id, message } => {
                is_success && told.run_id == *run_id && told.result["message"] == **message
            }
            Outcome::Unknown => is_success || is_unknown,
            // Such a command has run, but its result was said not to be recorded.
            Outcome::Refused(code) => code == "store_unavailable" && is_unknown,
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
mod tests {
    use serde_json::{Value, json};

    use super::super::history::Event;
    use super::*;

    const ALICE: &str = "alice";
    const BOB: &str = "bob";

    fn acknowledged(key: &str, writer: usize, number: usize) -> Sent {
        let message = format!("{key} {writer} {number}");
        let outcome = Outcome::Acknowledged { run_id: format!("run of {message}"), message: message.clone() };
        Sent { key: key.to_owned(), writer, command: format!("/echo {message}"), outcome }
    }

    fn with(outcome: Outcome) -> Sent {
        Sent { outcome, ..acknowledged(ALICE, 1, 1) }
    }

    /// As it is told of a command that succeeded.
    fn told(sequence: u64, sent: &Sent) -> Event {
        let message = sent.command.trim_start_matches("/echo ");
        told_as(sequence, sent, json!({ "status": "success", "message": message }))
    }

    fn told_as(sequence: u64, sent: &Sent, result: Value) -> Event {
        let run_id = format!("run of {}", sent.command.trim_start_matches("/echo "));
        let id = Some(format!("00000000000000aa-{sequence}"));
        Event::Result(Told { id, run_id, command: sent.command.clone(), result })
    }

    fn lost_outcome() -> Value {
        json!({ "status": "error", "code": "outcome_unknown", "message": "Nobody knows." })
    }

    fn changed(event: Event, change: impl FnOnce(&mut Told)) -> Event {
        let Event::Result(mut told) = event else { panic!("{event:?} is no result") };
        change(&mut told);
        Event::Result(told)
    }

    fn reader<const N: usize>(key: &str, events: [Event; N]) -> Heard {
        Heard { key: key.to_owned(), events: events.into(), ends: Vec::new() }
    }

    /// The kinds of the faults that alice's only reader has.
    fn faults<const N: usize>(sent: &[Sent], events: [Event; N]) -> Vec<Kind> {
        kinds(sent, &[reader(ALICE, events)])
    }

    fn kinds(sent: &[Sent], heard: &[Heard]) -> Vec<Kind> {
        judge(sent, heard).faults.iter().map(|fault| fault.kind).collect()
    }

    #[test]
    fn a_good_history_has_no_faults_and_its_figures() {
        let unknown = Sent { outcome: Outcome::Unknown, ..acknowledged(ALICE, 2, 2) };
        let refused = Sent { outcome: Outcome::Refused("draining".to_owned()), ..acknowledged(ALICE, 3, 1) };
        let [first, second, third] = [(1, 1), (2, 1), (1, 2)].map(|(writer, n)| acknowledged(ALICE, writer, n));
        let sent = [first, second, unknown, third, refused, acknowledged(BOB, 1, 3)];
        let alice = || reader(ALICE, [told(1, &sent[1]), told(2, &sent[0]), told(5, &sent[3])]);
        let bob = reader(BOB, [told(3, &sent[5])]);
        let verdict = judge(&sent, &[alice(), bob, alice()]);
        verdict.assert_flawless();
        let Verdict { acknowledged, unknown, refused, heard, .. } = verdict;
        assert_eq!((acknowledged, unknown, refused, heard), (4, 1, 1, 7));
    }

    #[test]
    fn what_was_acknowledged_and_not_heard_is_lost() {
        let sent = [1, 2, 3].map(|number| acknowledged(ALICE, 1, number));
        assert_eq!(faults(&sent, [told(1, &sent[0]), told(3, &sent[2])]), [Kind::Lost]);
        assert_eq!(faults(&sent, []), [Kind::Lost; 3]);
    }

    #[test]
    fn what_only_one_of_two_readers_heard_is_lost_too() {
        let sent = [with(Outcome::Unknown)];
        let heard = [reader(ALICE, [told(1, &sent[0])]), reader(ALICE, [])];
        let verdict = judge(&sent, &heard);
        assert_eq!(verdict.faults.len(), 1, "{verdict}");
        assert_eq!((verdict.faults[0].kind, verdict.faults[0].reader), (Kind::Lost, 1));
    }

    #[test]
    fn what_nobody_sent_is_a_phantom() {
        assert_eq!(faults(&[], [told(1, &acknowledged(ALICE, 1, 1))]), [Kind::Phantom]);
    }

    #[test]
    fn what_is_not_as_it_was_acknowledged_is_a_phantom() {
        let sent = [acknowledged(ALICE, 1, 1)];
        let other_message = changed(told(1, &sent[0]), |told| told.result["message"] = json!("something else"));
        let other_run = changed(told(1, &sent[0]), |told| told.run_id = "another run".to_owned());
        for event in [other_message, other_run, told_as(1, &sent[0], lost_outcome())] {
            assert_eq!(faults(&sent, [event]), [Kind::Phantom]);
        }
    }

    #[test]
    fn what_was_refused_is_a_phantom() {
        let refused = |code: &str| [with(Outcome::Refused(code.to_owned()))];
        let event = told(1, &acknowledged(ALICE, 1, 1));
        let unknown = told_as(1, &acknowledged(ALICE, 1, 1), lost_outcome());
        assert_eq!(faults(&refused("draining"), [event.clone()]), [Kind::Phantom]);
        assert_eq!(faults(&refused("draining"), [unknown.clone()]), [Kind::Phantom]);
        assert_eq!(faults(&refused("store_unavailable"), [event]), [Kind::Phantom]);
        assert_eq!(faults(&refused("store_unavailable"), [unknown]), [], "it ran, and nobody knows how");
    }

    #[test]
    fn what_two_readers_heard_differently_is_a_phantom() {
        let sent = [with(Outcome::Unknown)];
        for other in [told(2, &sent[0]), told_as(1, &sent[0], lost_outcome())] {
            let heard = [reader(ALICE, [told(1, &sent[0])]), reader(ALICE, [other])];
            assert_eq!(kinds(&sent, &heard), [Kind::Phantom]);
        }
    }

    #[test]
    fn an_unknown_outcome_is_heard_once_or_never_and_as_a_success_or_as_unknown() {
        let sent = [with(Outcome::Unknown)];
        assert_eq!(faults(&sent, []), []);
        assert_eq!(faults(&sent, [told(1, &sent[0])]), []);
        assert_eq!(faults(&sent, [told_as(1, &sent[0], lost_outcome())]), []);
        assert_eq!(faults(&sent, [told(1, &sent[0]), told_as(2, &sent[0], lost_outcome())]), [Kind::Double]);
        let failure = json!({ "status": "error", "code": "internal", "message": "Something went wrong." });
        assert_eq!(faults(&sent, [told_as(1, &sent[0], failure)]), [Kind::Phantom]);
    }

    #[test]
    fn an_event_a_run_or_a_command_that_comes_twice_is_a_double() {
        let sent = [acknowledged(ALICE, 1, 1), acknowledged(ALICE, 1, 2)];
        let both = [told(1, &sent[0]), told(2, &sent[1])];
        let again = told(2, &sent[1]);
        let same_run = changed(told(3, &acknowledged(ALICE, 1, 3)), |told| told.run_id = "run of alice 1 2".to_owned());
        let same_id = told(2, &acknowledged(ALICE, 1, 3));
        let ran_again = changed(told(3, &sent[1]), |told| told.run_id = "another run".to_owned());
        for third in [again, same_run, same_id, ran_again] {
            let [first, second] = both.clone();
            assert_eq!(faults(&sent, [first, second, third]), [Kind::Double]);
        }
    }

    #[test]
    fn a_gap_is_a_gap() {
        assert_eq!(faults(&[], [Event::Gap(json!({ "reason": "unknown_id" }))]), [Kind::Gap]);
    }

    #[test]
    fn ids_that_do_not_rise_are_an_inversion() {
        let sent = [acknowledged(ALICE, 1, 1), acknowledged(ALICE, 2, 1)];
        assert_eq!(faults(&sent, [told(2, &sent[0]), told(1, &sent[1])]), [Kind::Inversion]);
        for id in [None, Some("2"), Some("00000000000000bb-2")] {
            let event = changed(told(2, &sent[1]), |told| told.id = id.map(str::to_owned));
            assert_eq!(faults(&sent, [told(1, &sent[0]), event]), [Kind::Inversion], "{id:?}");
        }
    }

    #[test]
    fn results_that_are_not_in_the_order_of_their_writer_are_an_inversion() {
        let sent = [acknowledged(ALICE, 1, 1), acknowledged(ALICE, 1, 2)];
        assert_eq!(faults(&sent, [told(1, &sent[1]), told(2, &sent[0])]), [Kind::Inversion]);
        let of_two = [acknowledged(ALICE, 1, 1), acknowledged(ALICE, 2, 1)];
        assert_eq!(faults(&of_two, [told(1, &of_two[1]), told(2, &of_two[0])]), []);
    }

    #[test]
    fn what_was_sent_to_another_key_is_a_leak() {
        let sent = [acknowledged(ALICE, 1, 1), acknowledged(BOB, 1, 2)];
        assert_eq!(faults(&sent, [told(1, &sent[0]), told(2, &sent[1])]), [Kind::Leak]);
    }
}
