//! Copies of signed requests that race to two nodes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::future::join_all;

use crate::common::commands::journal;
use crate::common::dice::Dice;
use crate::common::nats::Nats;
use crate::common::{Server, Statement, Wallet};

const ORIGIN: &str = "http://localhost:1";
const REQUESTS: usize = 200;
const COPIES: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn copies_that_race_to_two_nodes_run_once() {
    let nats = Nats::one().await;
    let flags = ["--public-origins", ORIGIN, "--max-runs", "20000", "--max-runs-per-key", "20000"];
    let nodes = Arc::new([Server::on(&nats, &flags).await, Server::on(&nats, &flags).await]);
    let wallets: Vec<_> = (1..=20).map(Wallet::of_byte).collect();
    let signed = |number: usize| {
        // Good for as long as may be: a slow machine has much to do.
        let statement = Statement::at(ORIGIN, &format!("/count nodes-{number}"), nodes[0].now());
        let statement = Statement { expires_at: statement.issued_at + 300, ..statement };
        statement.body(&wallets[number % wallets.len()]).to_string()
    };
    let bodies: Arc<[String]> = (0..REQUESTS).map(signed).collect();
    // As many connections as copies, each of which sends all requests, every one in another order and each to either node.
    let senders = (0..COPIES).map(|copy| {
        let (nodes, bodies) = (Arc::clone(&nodes), Arc::clone(&bodies));
        tokio::spawn(async move {
            let (mut dice, mut told) = (Dice::new(copy as u64), Vec::new());
            for place in 0..REQUESTS {
                let number = (place + copy * 4) % REQUESTS;
                let node = &nodes[usize::from(dice.below(2) == 0)];
                told.push((number, node.post(bodies[number].clone()).await));
            }
            told
        })
    });
    let mut runs: HashMap<usize, HashSet<String>> = HashMap::new();
    let mut first = 0;
    for (number, reply) in join_all(senders).await.into_iter().flat_map(Result::unwrap) {
        // One that waited in vain for the first of them is told which run that is.
        let run = if reply.status == 409 {
            reply.failure(409, "in_progress").text_at("/data/run_id")
        } else {
            reply.success();
            first += usize::from(!reply.headers.contains_key("idempotent-replayed"));
            reply.text_at("/run_id")
        };
        runs.entry(number).or_default().insert(run);
    }
    assert_eq!((runs.len(), first), (REQUESTS, REQUESTS));
    for (number, runs) in runs {
        assert_eq!((runs.len(), journal(&format!("nodes-{number}"))), (1, vec!["counted"]));
    }
}
