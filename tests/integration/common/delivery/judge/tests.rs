//! That it finds each fault, and none where there is none.

use serde_json::{Value, json};

use super::super::history::{Event, Heard, Outcome, Sent, Told};
use super::super::verdict::{Kind, Verdict};
use super::judge;

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
    judge(sent, heard, false).faults.iter().map(|fault| fault.kind).collect()
}

#[test]
fn a_good_history_has_no_faults_and_its_figures() {
    let unknown = Sent { outcome: Outcome::Unknown, ..acknowledged(ALICE, 2, 2) };
    let refused = Sent { outcome: Outcome::Refused("draining".to_owned()), ..acknowledged(ALICE, 3, 1) };
    let [first, second, third] = [(1, 1), (2, 1), (1, 2)].map(|(writer, n)| acknowledged(ALICE, writer, n));
    let sent = [first, second, unknown, third, refused, acknowledged(BOB, 1, 3)];
    let alice = || reader(ALICE, [told(1, &sent[1]), told(2, &sent[0]), told(5, &sent[3])]);
    let bob = reader(BOB, [told(3, &sent[5])]);
    let verdict = judge(&sent, &[alice(), bob, alice()], false);
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
    let verdict = judge(&sent, &heard, false);
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
    assert_eq!(
        faults(&refused("store_unavailable"), [unknown]),
        [],
        "it was about to run, and nobody knows how far it came"
    );
    let unbegun = json!({ "status": "error", "code": "store_unavailable", "message": "It was not begun." });
    let unbegun = told_as(1, &acknowledged(ALICE, 1, 1), unbegun);
    assert_eq!(faults(&refused("store_unavailable"), [unbegun.clone()]), []);
    assert_eq!(faults(&refused("draining"), [unbegun]), [Kind::Phantom]);
}

#[test]
fn what_ran_and_was_not_recorded_is_heard_once_with_its_end_or_as_unknown() {
    let sent = [with(Outcome::Unrecorded { run_id: "run of alice 1 1".to_owned() })];
    assert_eq!(faults(&sent, []), [Kind::Lost]);
    assert_eq!(faults(&sent, [told(1, &sent[0])]), []);
    assert_eq!(faults(&sent, [told_as(1, &sent[0], lost_outcome())]), []);
    let other_run = changed(told(1, &sent[0]), |told| told.run_id = "another run".to_owned());
    assert_eq!(faults(&sent, [other_run]), [Kind::Phantom]);
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
fn only_what_was_not_acknowledged_may_come_late() {
    let sent = [with(Outcome::Unknown), acknowledged(ALICE, 1, 2), acknowledged(ALICE, 1, 3)];
    let late = |order: [usize; 3]| {
        let events = [(1, order[0]), (2, order[1]), (3, order[2])].map(|(id, place)| told(id, &sent[place]));
        [false, true].map(|may_be_late| {
            let verdict = judge(&sent, &[reader(ALICE, events.clone())], may_be_late);
            verdict.faults.iter().map(|fault| fault.kind).collect::<Vec<_>>()
        })
    };
    assert_eq!(late([1, 2, 0]), [vec![Kind::Inversion], vec![]]);
    assert_eq!(late([0, 2, 1]), [vec![Kind::Inversion], vec![Kind::Inversion]]);
}

#[test]
fn what_was_sent_to_another_key_is_a_leak() {
    let sent = [acknowledged(ALICE, 1, 1), acknowledged(BOB, 1, 2)];
    assert_eq!(faults(&sent, [told(1, &sent[0]), told(2, &sent[1])]), [Kind::Leak]);
}
