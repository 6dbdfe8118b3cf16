//! A deployment whose nodes are restarted one after the other, behind nginx and under load.

use std::fs;
use std::time::Duration;

use super::phrase;
use crate::common::delivery::count::Count;
use crate::common::delivery::trial::Served;
use crate::common::delivery::{End, Site, Sites, Trial};
use crate::common::eventually::eventually;
use crate::common::topology::Topology;

const STREAMS: usize = 1_000;

impl Served for Topology {
    /// nginx, behind which the nodes are alike.
    fn sites(&self) -> Sites {
        Sites::alike(vec![Site { url: self.text("/url").to_owned(), life: Count::new() }])
    }
}

/// How many good answers nginx has had of a node.
fn answers(topology: &Topology, node: usize) -> usize {
    let address = topology.text(&format!("/nodes/{node}/url")).trim_start_matches("http://");
    let line = format!(r#""node":"{address}","node_status":"200""#);
    fs::read_to_string(topology.text("/nginx/log")).unwrap().matches(&line).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_streams_through_nginx_lose_nothing_while_all_nodes_are_restarted() {
    // Our ends of the streams are in this process, which may run other tests beside this one.
    rlimit::increase_nofile_limit(8192).unwrap();
    let limits = ["STREAMS", "STREAMS_PER_KEY", "STREAMS_PER_PEER", "ANONYMOUS_STREAMS"];
    let settings = limits.map(|limit| format!("NEXUS_MAX_{limit}={}", 4 * STREAMS));
    let arguments: Vec<_> = ["--"].into_iter().chain(settings.iter().map(String::as_str)).collect();
    let mut trial = Trial::of(Topology::start(&arguments), 50);
    let readers = trial.listen(STREAMS);
    trial.opened(1).await;
    trial.write_slowly(8, phrase, Duration::from_millis(50));
    trial.acknowledged(100).await;
    for node in 0..3 {
        trial.server.restart(&format!("nexus-{}", node + 1));
        // nginx leaves one alone for seconds that refused it; only then the next one may go.
        let before = answers(&trial.server, node);
        let more = async || (answers(&trial.server, node) >= before + 20).then_some(());
        eventually("a node that nginx asks again", more).await;
        trial.acknowledged(20).await;
    }
    trial.stop_writing().await;
    let heard = trial.told(readers).await;
    let verdict = trial.judge(&heard);
    verdict.assert_flawless();
    assert_eq!(verdict.unrecorded, 0, "what has begun is answered");
    // nginx may send one on a connection at the moment in which it is closed, and then does not know what became of it.
    assert!(verdict.unknown <= 6, "{verdict}");
    let dismissed = heard.iter().flat_map(|reader| &reader.ends).filter(|end| **end == End::Dismissed).count();
    assert!(dismissed >= STREAMS, "each node has sent away the streams that it had: {dismissed}");
    assert!(heard.iter().all(|reader| reader.ends.last() == Some(&End::Done)));
}
