//! What the log costs beside SQLite: what is written is on the disk before it is acknowledged.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use nexus::address::Address;
use nexus::bus::Bus;
use nexus::bus::embedded::Embedded;
use nexus::clock::Clock;
use nexus::config::Retention;
use nexus::database::Database;
use nexus::run::{Ended, Once, Opened, Status};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::load::{Child, in_turn};
use crate::{SPELL, row};

/// Tasks that write, each for a key of its own and one thing after the other.
const TASKS: u8 = 64;
const BATCH: usize = 256;
const RETENTION: Retention = Retention { age: Duration::from_hours(24), events_per_key: u32::MAX, bytes: u64::MAX };

/// Through the log, beside a loop of prepared statements that commits whatever has queued.
pub fn append() {
    let (us, beside, ratio) = in_turn(|| Child::rate("append-log"), || Child::rate("append-loop"));
    row("durable appends by 64, a second", format!("{us:.0}"), format!("{beside:.0}"), ratio, ">= 0.85");
}

/// What is appended: that a run begins, then how it ended.
enum Entry {
    Opened(Opened),
    Ended(Ended),
}

/// Plays the part of the server.
pub fn through_log() {
    let runtime = runtime();
    let _inside = runtime.enter();
    let database = Database::open(Path::new("data"), "full", Clock::default()).unwrap();
    let log = Arc::new(Embedded::new(database, RETENTION, Clock::default()));
    measure(&runtime, move |entry| {
        let log = Arc::clone(&log);
        async move {
            match entry {
                Entry::Opened(run) => drop(log.open(run, Once::default()).await.unwrap()),
                Entry::Ended(run) => assert!(log.append(run).await.unwrap().is_some(), "it was open"),
            }
        }
    });
}

/// Plays the part of what cannot be left out: one thread, and one commit for all that wait.
pub fn through_loop() {
    let runtime = runtime();
    let _inside = runtime.enter();
    let (entries, queued) = mpsc::channel(BATCH);
    let connection = connect();
    let thread = std::thread::spawn(move || write_all(connection, queued));
    measure(&runtime, move |entry| {
        let entries = entries.clone();
        async move {
            let (done, is_done) = oneshot::channel();
            entries.send((entry, done)).await.unwrap();
            is_done.await.unwrap();
        }
    });
    thread.join().unwrap();
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().enable_all().build().unwrap()
}

/// The tables are the server's, and so is the durability.
fn connect() -> Connection {
    drop(Database::open(Path::new("data"), "full", Clock::default()).unwrap());
    let connection = Connection::open("data/nexus.db").unwrap();
    connection.busy_timeout(Duration::from_secs(2)).unwrap();
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    connection.pragma_update(None, "synchronous", "full").unwrap();
    connection
}

fn write_all(mut connection: Connection, mut queued: mpsc::Receiver<(Entry, oneshot::Sender<()>)>) {
    let mut batch = Vec::with_capacity(BATCH);
    while queued.blocking_recv_many(&mut batch, BATCH) > 0 {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        for (entry, _) in &batch {
            write(&transaction, entry).unwrap();
        }
        transaction.commit().unwrap();
        for (_, done) in batch.drain(..) {
            // All wait to the end.
            done.send(()).unwrap();
        }
    }
}

fn write(transaction: &Transaction, entry: &Entry) -> rusqlite::Result<usize> {
    match entry {
        Entry::Opened(run) => {
            let insert = "INSERT INTO open_runs (address, run, command, text, opened_at) VALUES (?1, ?2, ?3, ?4, ?5)";
            let row = (run.address.as_bytes(), run.id.as_bytes(), &run.command, &run.text, run.at.as_millisecond());
            transaction.prepare_cached(insert)?.execute(row)
        }
        Entry::Ended(run) => {
            let insert = "INSERT INTO events (address, run, command, status, code, opened_at, finished_at, data)
                          VALUES (?1, ?2, '/echo', ?3, NULL, ?4, ?4, ?5)";
            let (address, id, at) = (run.address.as_bytes(), run.id.as_bytes(), run.at.as_millisecond());
            transaction.prepare_cached(insert)?.execute((address, id, run.status.as_str(), at, &run.data))?;
            let delete = "DELETE FROM open_runs WHERE address = ?1 AND run = ?2";
            transaction.prepare_cached(delete)?.execute((address, id))
        }
    }
}

/// Prints how many appends are acknowledged a second.
fn measure<F: Future<Output = ()> + Send + 'static>(
    runtime: &Runtime,
    append: impl Fn(Entry) -> F + Clone + Send + 'static,
) {
    let begun = Instant::now();
    let count: u32 = runtime.block_on(async {
        let write_until_the_end = |number| {
            let append = append.clone();
            async move {
                let mut count = 0;
                while begun.elapsed() < SPELL {
                    let (opened, ended) = run_of(Address::from_bytes([number; 20]));
                    append(Entry::Opened(opened)).await;
                    append(Entry::Ended(ended)).await;
                    count += 2;
                }
                count
            }
        };
        let tasks: Vec<_> = (1..=TASKS).map(|number| tokio::spawn(write_until_the_end(number))).collect();
        let mut count = 0;
        for task in tasks {
            count += task.await.unwrap();
        }
        count
    });
    println!("a second: {:.0}", f64::from(count) / begun.elapsed().as_secs_f64());
}

/// A short command.
fn run_of(address: Address) -> (Opened, Ended) {
    let (id, at) = (Uuid::now_v7(), Timestamp::now());
    let (command, text) = ("/echo".to_owned(), "/echo good morning, all of you".to_owned());
    let data = format!(r#"{{"command":"{text}","result":{{"status":"success","message":"good morning, all of you","#)
        + &format!(r#""data":{{"lines":["good morning, all of you"]}}}},"run_id":"{id}"}}"#);
    (Opened { id, address, command, text, at }, Ended { id, address, status: Status::Success, code: None, at, data })
}
