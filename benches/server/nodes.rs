//! What several nodes cost on one NATS server, beside what that acknowledges, and beside a server that is alone.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use crate::load::{Child, Load, PATIENCE, in_turn, median};
use crate::{ROUNDS, jetstream, peers, row};

/// Signatures by one key: no more than it may have at once.
const EVENTS: u32 = 500;
/// Keys with an event each that a node has nothing else to do with.
const KEYS: u64 = 50_000;
/// Keys that NATS knows.
const MANY_KEYS: u64 = 500_000;

pub fn nodes() {
    if jetstream::is_there() {
        executions();
        latency();
        memory_and_ceiling();
        keys_in_nats();
    }
}

fn node(nats: &Child) -> Child {
    let bus = format!("nats://{}", nats.address);
    Child::nexus(&["--log", crate::QUIET, "--public-origins", peers::AUDIENCE, "--bus", &bus])
}

/// Signed commands over three nodes, beside a loop that publishes as many pairs of records.
fn executions() {
    let command = "/echo good morning";
    // Each node has keys of its own.
    let loads = [1..=700, 701..=1400, 1401..=2100]
        .map(|keys| Load::post_once("/api/v1/commands/execute", peers::signed_by(command, keys, 30)));
    let ours = || {
        let nats = jetstream::start();
        let nodes = [(); 3].map(|()| node(&nats));
        thread::scope(|scope| {
            let sent: Vec<_> = loads.iter().zip(&nodes).map(|(load, node)| scope.spawn(|| load.on(node))).collect();
            sent.into_iter().map(|sent| sent.join().unwrap()).sum::<f64>()
        })
    };
    let (us, beside, ratio) = in_turn(ours, || jetstream::pairs(&jetstream::start()));
    row("signed /echo by 3 nodes, a second", format!("{us:.0}"), format!("{beside:.0}"), ratio, ">= 0.60");
}

/// How long after its answer an event is heard, at another node and at a server that is alone.
fn latency() {
    let rounds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let nats = jetstream::start();
            let (here, there) = (node(&nats), node(&nats));
            let across = delays(&here, &there);
            let alone = Child::nexus(&["--log", crate::QUIET, "--public-origins", peers::AUDIENCE]);
            [across, delays(&alone, &alone)]
        })
        .collect();
    let of = |what: &str, place: usize, wanted: &str| {
        let [across, alone] = [0, 1].map(|side| median(rounds.iter().map(|round| round[side][place]).collect()));
        println!("{what:<36} {across:>12.2} {alone:>12.2} {:>8.2}  {wanted:>8}", across - alone);
    };
    println!("{:<36} {:>12} {:>12} {:>8}  {:>8}", "", "2 nodes", "1 server", "added", "wanted");
    of("heard after the answer, half, ms", 0, "< 2");
    of("  99 of 100, ms", 1, "< 10");
    of("heard after it was sent, half, ms", 2, "");
    of("  99 of 100, ms", 3, "");
}

/// After the answer, and after the request: half and 99 of 100.
fn delays(here: &Child, there: &Child) -> [f64; 4] {
    jetstream::runtime().block_on(async {
        let bodies = peers::signed("/echo good morning", 1, EVENTS);
        let body: Value = serde_json::from_str(&bodies[0]).unwrap();
        let mut heard = listen(there, body["auth"]["publicKey"].as_str().unwrap()).await;
        let client = reqwest::Client::new();
        let (mut answered, mut sent) = (Vec::new(), Vec::new());
        for body in bodies {
            let begun = Instant::now();
            let url = format!("http://{}/api/v1/commands/execute", here.address);
            let request = client.post(url).header("content-type", "application/json").body(body);
            assert!(
                request.send().await.unwrap().error_for_status().unwrap().text().await.unwrap().contains("morning")
            );
            let answer = Instant::now();
            let event = timeout(PATIENCE, heard.recv()).await.expect("the event is heard").unwrap();
            let after = event.saturating_duration_since(answer);
            answered.push(after.as_secs_f64() * 1e3);
            sent.push((event - begun).as_secs_f64() * 1e3);
        }
        answered.sort_by(f64::total_cmp);
        sent.sort_by(f64::total_cmp);
        let at = |list: &[f64], percent: usize| list[(list.len() - 1) * percent / 100];
        [at(&answered, 50), at(&answered, 99), at(&sent, 50), at(&sent, 99)]
    })
}

/// When each result of a key comes.
async fn listen(server: &Child, address: &str) -> UnboundedReceiver<Instant> {
    let url = format!("http://{}/api/v1/stream/{address}", server.address);
    let mut stream = reqwest::get(url).await.unwrap().error_for_status().unwrap();
    let (told, heard) = unbounded_channel();
    let mut text = String::new();
    while !text.contains("connection_state") {
        text.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()));
    }
    tokio::spawn(async move {
        while let Ok(Some(chunk)) = stream.chunk().await {
            for _ in String::from_utf8_lossy(&chunk).matches("event: command_result") {
                if told.send(Instant::now()).is_err() {
                    return;
                }
            }
        }
    });
    heard
}

/// What a node keeps of keys whose streams are elsewhere, and how fast it goes through their events.
fn memory_and_ceiling() {
    let rounds: Vec<_> = (0..3).map(|_| follow()).collect();
    let memory = median(rounds.iter().map(|round| round.0).collect());
    let rate = median(rounds.iter().map(|round| round.1).collect());
    row("KiB a key that is elsewhere", format!("{memory:.2}"), "2".to_owned(), memory / 2.0, "< 1");
    println!("{:<36} {rate:>12.0}", "events one node follows, a second");
}

/// What the NATS server has in memory of keys that have one event each.
fn keys_in_nats() {
    let nats = jetstream::start_hasty();
    let _node = node(&nats);
    let before = nats.resident();
    jetstream::runtime().block_on(async {
        let stream = jetstream::connect(&nats.address).await;
        jetstream::publish_events(&stream, MANY_KEYS).await;
    });
    let memory = (nats.resident() - before) / f64::from(u32::try_from(MANY_KEYS).unwrap());
    println!("{:<36} {memory:>12.2}", "KiB of NATS a key with an event");
}

fn follow() -> (f64, f64) {
    let nats = jetstream::start_hasty();
    let node = node(&nats);
    let address = format!("0x{:040x}", KEYS - 1);
    jetstream::runtime().block_on(async {
        let stream = jetstream::connect(&nats.address).await;
        let mut heard = listen(&node, &address).await;
        let before = node.resident();
        // It has to catch up with all of them at once.
        signal(&node, "-STOP");
        jetstream::publish_events(&stream, KEYS).await;
        let begun = Instant::now();
        signal(&node, "-CONT");
        let last = timeout(PATIENCE, heard.recv()).await.expect("the last is heard").unwrap();
        let keys = f64::from(u32::try_from(KEYS).unwrap());
        ((node.resident() - before) / keys, keys / (last - begun).as_secs_f64())
    })
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
    let stands = || fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap().contains(") T ");
    let begun = Instant::now();
    while stands() != (name == "-STOP") {
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(1));
    }
}
