//! Delivery: what was acknowledged is heard, each once and in order, whatever becomes of streams and of the server.

use crate::common::delivery::{End, Trial};

/// How often the server is killed; `NEXUS_TEST_KILLS` asks for more.
fn kills() -> usize {
    std::env::var("NEXUS_TEST_KILLS").map_or(25, |kills| kills.parse().expect("NEXUS_TEST_KILLS is a number"))
}

fn short(key: &str, writer: usize, number: usize) -> String {
    format!("/echo {key} {writer} {number}")
}

/// One whose result has about 19 kB.
fn long(key: &str, writer: usize, number: usize) -> String {
    format!("/echo --times 10 {key} {writer} {number} {}", "0123456789".repeat(90))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_heard_however_often_the_server_is_killed() {
    let mut trial = Trial::begin(4, &[]);
    let mut readers = trial.listen(4);
    trial.write(8, short);
    for kill in 0..kills() {
        trial.acknowledged(kill * 7 % 61).await;
        trial.server.kill();
        if kill % 3 == 0 {
            trial.server.start_and_kill().await;
        }
        trial.server.start();
        if kill == kills() / 2 {
            // They have all that was before to hear, while the kills go on.
            readers.extend(trial.listen(4));
        }
    }
    trial.acknowledged(20).await;
    trial.stop_writing().await;
    let heard = trial.told(readers).await;
    trial.judge(&heard).assert_flawless();
    for reader in &heard {
        let (last, cuts) = reader.ends.split_last().unwrap();
        assert!(*last == End::Done && cuts.iter().all(|end| *end == End::Broken), "{:?}", reader.ends);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_streams_that_are_cut_at_once_lose_nothing() {
    // Our ends of the streams are in this process, which may run other tests beside this one.
    rlimit::increase_nofile_limit(4096).unwrap();
    let limits = ["--max-streams", "--max-streams-per-key", "--max-streams-per-peer", "--max-anonymous-streams"];
    let flags: Vec<&str> = limits.iter().flat_map(|limit| [limit, "2000"]).collect();
    let mut trial = Trial::begin(20, &flags);
    let readers = trial.listen(500);
    trial.opened(1).await;
    trial.write(8, short);
    for cut in 0..10 {
        trial.acknowledged(cut * 10).await;
        trial.signs.cuts.rise();
        trial.opened(cut + 2).await;
    }
    trial.stop_writing().await;
    let heard = trial.told(readers).await;
    trial.judge(&heard).assert_flawless();
    for reader in &heard {
        assert_eq!(reader.ends, [&[End::Cut; 10][..], &[End::Done]].concat());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_that_sleep_slow_nobody_down_and_lose_nothing() {
    let mut trial = Trial::begin(2, &["--stall-timeout", "600"]);
    let fast = trial.listen(3);
    let slow = trial.sleep(4);
    trial.opened(1).await;
    trial.write(4, long);
    // So many that a key has more of them than all buffers on the way can hold, and the 256 that wait for a slow reader.
    trial.acknowledged(800).await;
    trial.stop_writing().await;
    // With the last word they have heard all, or lost it; only then the others begin to read.
    trial.sated(fast.len()).await;
    trial.signs.woken.rise();
    let heard = trial.told(fast.into_iter().chain(slow).collect()).await;
    trial.judge(&heard).assert_flawless();
    assert!(heard.iter().all(|reader| reader.ends == [End::Done]), "no stream was cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_asked_to_stop_under_load_owes_nothing() {
    let mut trial = Trial::begin(4, &[]);
    let readers = trial.listen(8);
    trial.write(8, short);
    for stop in 0..10 {
        trial.opened(stop + 1).await;
        trial.acknowledged(stop * 17 % 61).await;
        assert_eq!(trial.server.terminate(), Some(0));
        trial.server.start();
    }
    trial.acknowledged(20).await;
    trial.stop_writing().await;
    let heard = trial.told(readers).await;
    trial.judge(&heard).assert_flawless();
    for reader in &heard {
        assert_eq!(reader.ends, [&[End::Dismissed; 10][..], &[End::Done]].concat());
    }
}
