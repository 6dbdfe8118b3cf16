//! Deployments through faults: nodes, NATS servers and links fail one after the other, and nothing is lost.

mod fault;
mod fleet;
mod pulse;
mod race;
mod rolling;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::time::sleep_until;

use self::fault::{Fault, Kind};
use self::fleet::Fleet;
use self::pulse::Pulse;
use crate::common::delivery::{End, Trial};
use crate::common::dice::Dice;

/// How often something fails, where what failed before is mended by then.
const PERIOD: Duration = Duration::from_secs(5);
/// How long it may take until commands are acknowledged again when a NATS server that leads has failed.
const SILENCE: Duration = Duration::from_secs(30);

/// How many write commands that last.
const SLOW: usize = 3;

/// For how long things fail: three minutes, or as many as `NEXUS_TEST_FAULT_MINUTES` says.
fn length() -> Duration {
    let minutes = std::env::var("NEXUS_TEST_FAULT_MINUTES");
    Duration::from_mins(minutes.map_or(3, |minutes| minutes.parse().expect("a number of minutes")))
}

/// What falls in which order; `NEXUS_TEST_FAULT_SEED` asks for another one.
fn seed() -> u64 {
    std::env::var("NEXUS_TEST_FAULT_SEED").map_or(20_261_122, |seed| seed.parse().expect("a number"))
}

fn phrase(key: &str, writer: usize, number: usize) -> String {
    format!("/echo {key} {writer} {number}")
}

/// One that runs for a while. The spaces tell it from all others.
fn slow(_key: &str, writer: usize, number: usize) -> String {
    format!("/countdown{:width$}2", "", width = 1 + writer % SLOW + number * SLOW)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[expect(clippy::print_stdout, reason = "a test has no other place to say how much it tried")]
async fn nothing_is_lost_whatever_fails_one_after_the_other() {
    let (seed, length) = (seed(), length());
    println!("seed {seed}, {length:?}");
    let mut trial = Trial::of(Fleet::launch(3).await, 5);
    let mut readers = trial.listen(10);
    trial.opened(1).await;
    trial.write_slowly(6, phrase, Duration::from_millis(20));
    trial.write_slowly(SLOW, slow, Duration::from_millis(20));
    trial.acknowledged(20).await;

    let pulse = Pulse::of(&trial.acknowledged);
    let (mut dice, mut waiting) = (Dice::new(seed), Vec::new());
    let (begun, mut happened, mut elections) = (Instant::now(), HashMap::new(), Vec::new());
    while begun.elapsed() < length || happened.len() < Kind::ALL.len() {
        let (fault, since) = (Fault::next(&mut dice, &mut waiting), Instant::now());
        println!("{:6.1} s  {fault:?}", begun.elapsed().as_secs_f64());
        fault.happen(&mut trial.server).await;
        sleep_until((since + PERIOD).into()).await;
        *happened.entry(fault.kind).or_insert(0) += 1;
        // All that is well again takes commands, and readers may be cut by what has not failed.
        trial.acknowledged(10).await;
        let silence = pulse.silence(since, Instant::now());
        println!("          longest without an acknowledgement: {silence:.1?}");
        if fault.kind.needs_election() {
            elections.push(silence);
        }
        if dice.below(4) == 0 {
            trial.signs.cuts.rise();
        }
        if readers.len() == 10 && begun.elapsed() > length / 2 {
            // They have all that was before to hear, while things go on failing.
            readers.extend(trial.listen(5));
        }
    }

    trial.stop_writing().await;
    let heard = trial.told(readers).await;
    let verdict = trial.judge(&heard);
    verdict.assert_flawless();
    elections.sort();
    let (median, longest) = (elections[elections.len() / 2], *elections.last().unwrap());
    println!(
        "{happened:?}\n{} elections: {median:.1?} without an acknowledgement, {longest:.1?} at most",
        elections.len()
    );
    assert!(longest < SILENCE);
    assert!(verdict.acknowledged > 1_000, "{verdict}");
    let ends: Vec<_> = heard.iter().flat_map(|reader| &reader.ends).collect();
    for end in [End::Cut, End::Broken] {
        assert!(ends.contains(&&end), "no stream was {end:?}");
    }
}
