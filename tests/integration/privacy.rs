//! Privacy: however many keys and streams there are, who may not hear of a key hears nothing of it, and who may hears all.

mod crowd;
mod listener;

use std::env;

use self::crowd::Crowd;

/// How much happens; `NEXUS_TEST_EVENTS` asks for another number.
fn events() -> usize {
    env::var("NEXUS_TEST_EVENTS").map_or(100_000, |events| events.parse().expect("NEXUS_TEST_EVENTS is a number"))
}

/// By which chance falls; `NEXUS_TEST_SEED` asks for another.
fn seed() -> u64 {
    env::var("NEXUS_TEST_SEED").map_or(0x6e65_7875, |seed| seed.parse().expect("NEXUS_TEST_SEED is a number"))
}

/// Half of the streams are there from the beginning, the others ask for what they have missed.
async fn trial(anonymous: &str, keys: usize, events: usize) {
    let mut crowd = Crowd::gather(anonymous, keys, seed()).await;
    crowd.open_streams(false).await;
    crowd.live_through(events / 2).await;
    crowd.open_streams(true).await;
    crowd.live_through(events - events / 2).await;
    crowd.refuse_the_proofs_of_others().await;
    crowd.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_proves_nothing_hears_only_of_the_state_and_an_owner_hears_everything() {
    trial("state", 200, events()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_development_all_streams_of_a_key_hear_everything_and_no_other_key_does() {
    trial("full", 20, 2_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_is_let_in_without_a_proof_an_owner_hears_everything() {
    trial("off", 20, 2_000).await;
}
