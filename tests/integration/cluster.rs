//! What a cluster stands on: NATS servers that fail one at a time, and a network that does.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::Config;
use reqwest::Client;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::common::binary::{bounded, nexus};
use crate::common::eventually::eventually;
use crate::common::links::{Link, Manner};
use crate::common::nats::{Access, Nats};
use crate::common::topology::{Topology, is_alive};
use crate::common::{Binary, EXECUTE, Reply, Stream, alice, project};

async fn create(context: &Context, replicas: usize) {
    let name = "LOG".to_owned();
    let config = Config { name, subjects: vec!["log".into()], num_replicas: replicas, ..Config::default() };
    context.create_stream(config).await.unwrap();
}

/// Publishes until it is acknowledged; a message of the same id is stored once.
async fn publish(context: &Context, id: &str) {
    eventually("an acknowledgement", async || {
        let message =
            async_nats::jetstream::message::PublishMessage::build().message_id(id).payload(id.to_owned().into());
        let sent = context.send_publish("log", message).await.ok()?;
        timeout(Duration::from_secs(2), sent.into_future()).await.ok()?.ok()
    })
    .await;
}

async fn stored(context: &Context) -> u64 {
    let state = async || Some(context.get_stream("LOG").await.ok()?.cached_info().state.messages);
    eventually("the state of the stream", state).await
}

#[tokio::test]
async fn a_cluster_goes_on_when_its_leader_is_killed_and_takes_it_in_again() {
    let mut nats = Nats::three().await;
    let context = nats.stream().await;
    create(&context, 3).await;
    publish(&context, "before").await;
    let leader = nats.leader("LOG").await;

    nats.kill(leader);
    publish(&context, "after").await;
    assert_ne!(nats.leader("LOG").await, leader);

    nats.start_again(leader);
    nats.wait_until_whole().await;
    publish(&context, "again").await;
    assert_eq!(stored(&context).await, 3);
}

#[tokio::test]
async fn a_cluster_goes_on_when_its_leader_is_stuck() {
    let mut nats = Nats::three().await;
    let context = nats.stream().await;
    create(&context, 3).await;
    let leader = nats.leader("LOG").await;

    nats.halt(leader);
    publish(&context, "meanwhile").await;
    assert_ne!(nats.leader("LOG").await, leader);

    nats.go_on(leader);
    nats.wait_until_whole().await;
    assert_eq!(stored(&context).await, 1);
}

#[tokio::test]
async fn a_server_that_is_killed_has_what_it_acknowledged_when_it_is_started_again() {
    let mut nats = Nats::one().await;
    create(&nats.stream().await, 1).await;
    publish(&nats.stream().await, "before").await;
    nats.kill(0);
    nats.start_again(0);
    nats.wait_until_whole().await;
    assert_eq!(stored(&nats.stream().await).await, 1);
}

/// Whether a monitor says that what is acknowledged is on the disk.
async fn is_on_the_disk(monitor: &str) -> bool {
    Reply::of(Client::new().get(format!("{monitor}/varz"))).await.json()["jetstream"]["config"]["sync_always"] == true
}

#[tokio::test]
async fn the_monitor_tells_whether_what_is_acknowledged_is_on_the_disk() {
    assert!(is_on_the_disk(&Nats::one().await.monitor(0)).await);
    assert!(!is_on_the_disk(&Nats::hasty().await.monitor(0)).await);
}

/// Whoever has what the server asks for is let in, and nobody else; a node of nexus starts with it and works.
async fn let_in(access: Access) {
    let nats = Nats::of(1, access).await;
    create(&nats.stream().await, 1).await;
    let folder = TempDir::new().unwrap();
    let node = Binary::spawn(nexus(folder.path()).args(["--port", "0"]).envs(nats.settings()));
    assert_eq!(Reply::of(Client::new().get(format!("{}/readyz", node.url))).await.status, 200);
    let body = serde_json::json!({ "command": "/identity", "auth": alice().bare("/identity") });
    Reply::of(Client::new().post(node.url.clone() + EXECUTE).json(&body)).await.success();
    let mut stream = Stream::open(&Client::new(), &format!("{}/api/v1/stream/{}", node.url, alice().address())).await;
    assert_eq!(stream.next().await.json()["visitor"], false);
    assert!(nats.try_as(nats.access.nobody()).await.is_err(), "nobody is let in");
}

#[tokio::test]
async fn a_server_lets_in_by_password() {
    let_in(Access::password()).await;
}

#[tokio::test]
async fn a_server_lets_in_by_token() {
    let_in(Access::token()).await;
}

#[tokio::test]
async fn a_server_lets_in_by_key() {
    let_in(Access::nkey()).await;
}

#[tokio::test]
async fn a_server_lets_in_by_credentials() {
    let_in(Access::credentials()).await;
}

#[tokio::test]
async fn a_server_lets_in_by_password_over_tls() {
    let_in(Access::password().over_tls()).await;
}

#[tokio::test]
async fn a_server_lets_in_by_credentials_over_tls() {
    let_in(Access::credentials().over_tls()).await;
}

#[tokio::test]
async fn a_cluster_lets_in_by_credentials_over_tls() {
    let nats = Nats::of(3, Access::credentials().over_tls()).await;
    create(&nats.stream().await, 3).await;
    assert!(nats.try_as(Access::credentials().options()).await.is_err(), "a certificate that nobody trusts");
}

/// A server that says back what it is told.
async fn parrot() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = client.into_split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    address
}

/// Says a word and waits until it comes back; none where the connection has ended.
async fn call(connection: &mut TcpStream) -> Option<()> {
    connection.write_all(b"word").await.ok()?;
    let mut heard = [0; 4];
    timeout(Duration::from_secs(20), connection.read_exact(&mut heard)).await.expect("an answer or an end").ok()?;
    assert_eq!(&heard, b"word");
    Some(())
}

#[tokio::test]
async fn a_link_that_is_cut_closes_and_refuses_until_it_heals() {
    let link = Link::to(&parrot().await);
    let mut connection = TcpStream::connect(link.address()).await.unwrap();
    call(&mut connection).await.unwrap();

    link.set(Manner::Cut);
    assert!(call(&mut connection).await.is_none());
    assert!(TcpStream::connect(link.address()).await.is_err());

    link.set(Manner::Pass);
    call(&mut TcpStream::connect(link.address()).await.unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_hole_takes_connections_and_passes_nothing_until_it_is_filled() {
    let link = Link::to(&parrot().await);
    let mut old = TcpStream::connect(link.address()).await.unwrap();
    call(&mut old).await.unwrap();

    link.set(Manner::Hole);
    let mut new = TcpStream::connect(link.address()).await.unwrap();
    for connection in [&mut old, &mut new] {
        connection.write_all(b"lost").await.unwrap();
        let heard = timeout(Duration::from_millis(200), connection.read_u8()).await;
        assert!(heard.is_err(), "{heard:?}");
    }

    link.set(Manner::Pass);
    for connection in [&mut old, &mut new] {
        let mut heard = [0; 4];
        timeout(Duration::from_secs(20), connection.read_exact(&mut heard)).await.unwrap().unwrap();
        assert_eq!(&heard, b"lost");
    }
}

#[tokio::test]
async fn a_slow_link_takes_its_time_in_both_directions() {
    let link = Link::to(&parrot().await);
    link.set(Manner::Delay(Duration::from_millis(50)));
    let mut connection = TcpStream::connect(link.address()).await.unwrap();
    let begun = Instant::now();
    call(&mut connection).await.unwrap();
    // How much more it is says nothing.
    assert!(begun.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn a_client_of_nats_comes_back_over_a_link_that_heals() {
    let nats = Nats::one().await;
    let link = Link::to(&nats.address(0));
    let context = async_nats::jetstream::new(nats.client_at(&[link.port]).await);
    create(&context, 1).await;
    for manner in [Manner::Cut, Manner::Hole] {
        link.set(manner);
        let lost = timeout(Duration::from_secs(1), context.query_account()).await;
        assert!(!matches!(lost, Ok(Ok(_))), "{manner:?}");
        link.set(Manner::Pass);
        publish(&context, &format!("{manner:?}")).await;
    }
    assert_eq!(stored(&nats.stream().await).await, 2);
}

/// A folder, and the arguments of a script that keeps its data there.
fn small(folder: &TempDir) -> [&str; 6] {
    ["--dir", folder.path().to_str().unwrap(), "--nats", "1", "--nodes", "1"]
}

/// Workers of nginx would hold its port.
async fn has_no_workers(topology: &Topology) -> bool {
    TcpListener::bind(topology.text("/url").trim_start_matches("http://")).await.is_ok()
}

#[tokio::test]
async fn the_script_starts_all_and_leaves_nothing_behind() {
    let mut topology = Topology::start(&["--nats", "3", "--nodes", "3", "--", "NEXUS_NATS_PREFIX=mine"]);
    let processes = topology.processes();
    assert_eq!(processes.len(), 7);
    assert!(processes.iter().all(|process| is_alive(*process)));
    let get = async |url: &str, path: &str| Reply::of(Client::new().get(format!("{url}{path}"))).await;
    for url in ["/url", "/nodes/0/url", "/nodes/1/url", "/nodes/2/url"] {
        assert_eq!(get(topology.text(url), "/readyz").await.status, 200, "{url}");
    }
    let settings = &topology.described["nodes"][2]["settings"];
    assert_eq!(settings["NEXUS_NATS_PREFIX"], "mine");
    assert_eq!(settings["NEXUS_BUS"], topology.described["bus"]);
    assert_eq!(get(topology.text("/nats/1/monitor"), "/jsz").await.at("/meta_cluster/cluster_size"), 3);
    assert!(is_on_the_disk(topology.text("/nats/2/monitor")).await);

    topology.close();
    assert_eq!(topology.end(), Some(0));
    assert!(!processes.iter().any(|process| is_alive(*process)));
    assert!(has_no_workers(&topology).await);
    assert!(!Path::new(topology.text("/dir")).exists(), "its folder was a temporary one");
}

#[tokio::test]
async fn the_script_tells_who_was_killed_and_stops_the_others_by_a_signal() {
    let folder = TempDir::new().unwrap();
    let mut topology = Topology::start(&small(&folder));
    let processes = topology.processes();
    for (name, pointer) in [("nexus-1", "/nodes/0/pid"), ("nginx", "/nginx/pid")] {
        let process = topology.described.pointer(pointer).unwrap().to_string();
        assert!(Command::new("kill").args(["-KILL", &process]).status().unwrap().success());
        topology.wait_for(&format!("{name} has ended with -9"));
    }
    topology.signal("-TERM");
    assert_eq!(topology.end(), Some(0));
    assert!(!processes.iter().any(|process| is_alive(*process)));
    assert!(has_no_workers(&topology).await);
    assert!(folder.path().join("nexus-1/log").exists(), "the folder is kept");
}

#[tokio::test]
async fn a_script_that_is_killed_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let topology = Topology::start(&small(&folder));
    let processes = topology.processes();
    topology.signal("-KILL");
    eventually("the end of all", async || (!processes.iter().any(|process| is_alive(*process))).then_some(())).await;
}

#[test]
fn the_script_goes_on_with_the_data_of_last_time() {
    let folder = TempDir::new().unwrap();
    for _ in 0..2 {
        let mut topology = Topology::start(&[&small(&folder)[..], &["--no-nginx"]].concat());
        assert_eq!(topology.described["url"], topology.described["nodes"][0]["url"]);
        topology.close();
        assert_eq!(topology.end(), Some(0));
    }
}

#[test]
fn the_script_says_what_is_wrong() {
    let fails = |arguments: &[&str], words: &str| {
        let output = bounded(Command::new(project("scripts/cluster")).args(arguments), Duration::from_secs(20));
        assert_ne!(output.status.code(), Some(0));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(words), "{told}");
    };
    fails(&["--program", "/nowhere/nexus"], "run `cargo build` first");
    fails(&["--nodes", "0"], "there is one node at least");
    fails(&["--", "nonsense"], "nonsense is no NAME=VALUE");
    let program = env!("CARGO_BIN_EXE_nexus");
    fails(&["--program", program, "--nats", "0"], "several nodes need NATS");
    let wrong = ["--program", program, "--nats", "0", "--nodes", "1", "--", "NEXUS_KEEPALIVE=0"];
    fails(&wrong, "0 is not in 1..=3600");
}
