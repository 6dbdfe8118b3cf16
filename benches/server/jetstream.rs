//! A NATS server, and what is left when nothing but it has to acknowledge.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use async_nats::jetstream::stream::Config;
use async_nats::jetstream::{self, Context};
use async_nats::{HeaderMap, header};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use crate::SPELL;
use crate::load::{Child, PATIENCE, free_address};

/// Requests that are under way at once, as many as three loads send.
const TASKS: usize = 192;
/// What a short command is taken with, and what it ends with, in bytes.
const ADMISSION: usize = 250;
const END: usize = 190;

/// Whether there is one; says where it is looked for if not.
pub fn is_there() -> bool {
    let is_there = program().exists();
    if !is_there {
        println!("no nats-server to measure with: scripts/test installs it in .tools");
    }
    is_there
}

fn program() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools/python/bin/nats-server")
}

/// One server, which has what it acknowledges on its disk.
pub fn start() -> Child {
    start_with("always")
}

/// One that acknowledges what is not there yet, and is faster than any node.
pub fn start_hasty() -> Child {
    start_with("2m")
}

fn start_with(sync_interval: &str) -> Child {
    let folder = TempDir::new().unwrap();
    let address = free_address();
    let text = format!("listen: \"{address}\"\njetstream {{ store_dir: data, sync_interval: {sync_interval} }}\n");
    fs::write(folder.path().join("nats.conf"), text).unwrap();
    let mut child = Child::of(&program(), &["-c", "nats.conf"], folder);
    child.says("Server is ready");
    child.address = address;
    child
}

/// How many pairs of records it acknowledges a second to tasks that do nothing else.
pub fn pairs(server: &Child) -> f64 {
    Child::load(&["publish-loop", &server.address]).says("a second: ").parse().unwrap()
}

/// Plays the part of a client that only publishes: a record that must not come twice, and another one, again and again.
pub fn publish(words: &[String]) {
    runtime().block_on(async {
        let stream = connect(&words[0]).await;
        for name in ["taken", "ended"] {
            let (name, subjects) = (name.to_owned(), vec![format!("{name}.*")]);
            let duplicate_window = Duration::from_mins(10);
            stream.create_stream(Config { name, subjects, duplicate_window, ..Config::default() }).await.unwrap();
        }
        let begun = Instant::now();
        let write_until_the_end = |number: usize| {
            let stream = stream.clone();
            async move {
                let mut count = 0_u32;
                while begun.elapsed() < SPELL {
                    for (name, size) in [("taken", ADMISSION), ("ended", END)] {
                        put(&stream, format!("{name}.{number}"), vec![b'x'; size]).await;
                    }
                    count += 1;
                }
                count
            }
        };
        let tasks: Vec<_> = (0..TASKS).map(|number| tokio::spawn(write_until_the_end(number))).collect();
        let mut count = 0;
        for task in tasks {
            count += task.await.unwrap();
        }
        println!("a second: {:.0}", f64::from(count) / begun.elapsed().as_secs_f64());
    });
}

async fn put(stream: &Context, subject: String, payload: Vec<u8>) {
    let mut headers = HeaderMap::new();
    headers.insert(header::NATS_MESSAGE_ID, Uuid::now_v7().to_string());
    stream.publish_with_headers(subject, headers, payload.into()).await.unwrap().await.unwrap();
}

pub async fn connect(address: &str) -> Context {
    jetstream::new(async_nats::connect(address).await.unwrap())
}

pub fn runtime() -> Runtime {
    Builder::new_multi_thread().enable_all().build().unwrap()
}

/// Publishes one event each for so many keys to the log of a deployment, many at once.
pub async fn publish_events(stream: &Context, keys: u64) {
    let begun = Instant::now();
    let mut acknowledgements = Vec::new();
    for key in 0..keys {
        let run = Uuid::now_v7().to_string();
        let mut headers = HeaderMap::new();
        let words =
            [("Run", run.as_str()), ("Command", "/echo"), ("Status", "success"), ("Opened", "1"), ("Finished", "2")];
        for (name, word) in words {
            headers.insert(format!("Nexus-{name}"), word);
        }
        let data =
            format!(r#"{{"command":"/echo","result":{{"status":"success","message":"hello"}},"run_id":"{run}"}}"#);
        let subject = format!("nexus.events.{key:040x}");
        acknowledgements.push(stream.publish_with_headers(subject, headers, data.into()).await.unwrap());
        if acknowledgements.len() == 512 {
            for acknowledgement in acknowledgements.drain(..) {
                acknowledgement.await.unwrap();
            }
            assert!(begun.elapsed() < 20 * PATIENCE, "{key} events take too long");
        }
    }
    for acknowledgement in acknowledgements {
        acknowledgement.await.unwrap();
    }
}
