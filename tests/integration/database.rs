//! The SQLite file: what is told is true, also when the disk is full.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};

use nexus::clock::Clock;
use nexus::database::Database;
use reqwest::Method;
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::common::commands::{happened, journal, let_go};
use crate::common::stream::Stream;
use crate::common::{Binary, EXECUTE, Reply, Server, alice, project};

/// While the writer is held up, others gather for the next transaction.
struct Held {
    go: Sender<()>,
    task: JoinHandle<nexus::error::Result<()>>,
}

async fn hold_up(database: &Database) -> Held {
    let (go, wait) = channel();
    let begun = Arc::new(Notify::new());
    let task = tokio::spawn({
        let (database, begun) = (database.clone(), Arc::clone(&begun));
        async move {
            let hold = move |_: &Connection| {
                begun.notify_one();
                wait.recv().unwrap();
                Ok(())
            };
            database.write(hold, |()| ()).await
        }
    });
    begun.notified().await;
    Held { go, task }
}

impl Held {
    async fn let_go(self) {
        self.go.send(()).unwrap();
        self.task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_change_that_fails_half_way_leaves_nothing_and_takes_no_other_with_it() {
    let folder = TempDir::new().unwrap();
    let database = Database::open(folder.path(), "full", Clock::default()).unwrap();
    database.write(|db| db.execute_batch("CREATE TABLE t (n INTEGER UNIQUE)"), |()| ()).await.unwrap();
    let held = hold_up(&database).await;
    let writes: Vec<_> = ["VALUES (1)", "VALUES (2); INSERT INTO t VALUES (1)", "VALUES (3)", "VALUES (4), (3)"]
        .map(|values| {
            let (database, insert) = (database.clone(), format!("INSERT INTO t {values}"));
            tokio::spawn(async move { database.write(move |db| db.execute_batch(&insert), |()| ()).await.is_ok() })
        })
        .into();
    tokio::task::yield_now().await;
    held.let_go().await;
    let mut told = Vec::new();
    for write in writes {
        told.push(write.await.unwrap());
    }
    let there = database.read(|db| db.query_row("SELECT group_concat(n) FROM t", (), |row| row.get::<_, String>(0)));
    assert_eq!((told, there.await.unwrap()), (vec![true, false, true, false], "1,3".to_owned()));
}

/// Several changes share a transaction, and the disk is full in the middle: none of those that were told to have failed is
/// there afterwards, and each that was told to be durable is.
#[tokio::test]
async fn a_full_disk_in_the_middle_of_a_batch_fails_all_of_it() {
    let folder = TempDir::new().unwrap();
    let database = Database::open(folder.path(), "full", Clock::default()).unwrap();
    database.write(|db| db.execute_batch("CREATE TABLE t (n INTEGER, filler TEXT)"), |()| ()).await.unwrap();
    let pages = database.read(|db| db.query_row("PRAGMA page_count", (), |row| row.get::<_, u32>(0))).await.unwrap();
    let limit = format!("PRAGMA max_page_count = {}", pages + 20);
    database.write(move |db| db.query_row(&limit, (), |_| Ok(())), |()| ()).await.unwrap();

    let held = hold_up(&database).await;
    let visible = Arc::new(Mutex::new(Vec::new()));
    let writes: Vec<_> = [(1, 10), (2, 1_000_000), (3, 10), (4, 10)]
        .map(|(number, length)| {
            let (database, visible) = (database.clone(), Arc::clone(&visible));
            tokio::spawn(async move {
                let insert =
                    move |db: &Connection| db.execute("INSERT INTO t VALUES (?1, ?2)", (number, "x".repeat(length)));
                database.write(insert, move |_| visible.lock().unwrap().push(number)).await.map(|_| number)
            })
        })
        .into();
    tokio::task::yield_now().await;
    held.let_go().await;
    let mut told = Vec::new();
    for write in writes {
        told.extend(write.await.unwrap().ok());
    }
    let there = database.read(|db| {
        let mut select = db.prepare("SELECT n FROM t ORDER BY n")?;
        select.query_map((), |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()
    });
    assert_eq!(there.await.unwrap(), told);
    assert_eq!(*visible.lock().unwrap(), told);
    assert!(!told.contains(&2));
    database.write(|db| db.execute("INSERT INTO t VALUES (5, '')", ()), |_| ()).await.unwrap();
}

#[tokio::test]
async fn a_panic_in_a_change_or_a_query_ends_nothing_else() {
    let folder = TempDir::new().unwrap();
    let database = Database::open(folder.path(), "full", Clock::default()).unwrap();
    let changed = database.write(|_| -> rusqlite::Result<()> { panic!("in a change") }, |()| ()).await;
    let read = database.read(|_| -> rusqlite::Result<()> { panic!("in a query") }).await;
    assert!(changed.is_err() && read.is_err());
    database.write(|_| Ok(()), |()| ()).await.unwrap();
    database.read(|_| Ok(())).await.unwrap();
}

#[tokio::test]
async fn a_change_is_visible_only_when_it_is_durable() {
    let folder = TempDir::new().unwrap();
    let database = Database::open(folder.path(), "full", Clock::default()).unwrap();
    let seen = Arc::new(AtomicBool::new(false));
    let path = folder.path().join("nexus.db");
    let visible = {
        let seen = Arc::clone(&seen);
        move |_: &usize| {
            let other = Connection::open(path).unwrap();
            let count = other.query_row("SELECT count(*) FROM deleted_identities", (), |row| row.get::<_, i64>(0));
            seen.store(count.unwrap() == 1, Ordering::SeqCst);
        }
    };
    database.write(|db| db.execute("INSERT INTO deleted_identities VALUES (x'00', 0)", ()), visible).await.unwrap();
    assert!(seen.load(Ordering::SeqCst));
}

/// Another process that holds the file, as a disk would that takes nothing.
fn lock(server: &Server) -> Connection {
    let lock = Connection::open(server.data.path().join("nexus.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    lock
}

#[tokio::test]
async fn a_signed_command_that_cannot_be_written_down_does_not_run() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let lock = lock(&server);
    server.run_as(&alice(), "/hold unwritten").await.failure(503, "store_unavailable").hint("Try again");
    assert!(journal("unwritten").is_empty());
    assert_eq!(server.app.ongoing.count(), 0);
    lock.execute_batch("ROLLBACK").unwrap();
    server.run_as(&alice(), "/echo kept").await.success();
    assert_eq!(stream.result().await["command"], json!("/echo kept"));
}

/// The caller is told the truth and when to look again; the result is seen once it is on the disk, and not before.
#[tokio::test]
async fn a_result_that_cannot_be_written_down_is_written_down_later() {
    let server = Server::start().await;
    let mut stream = server.listen(&alice()).await;
    let running = server.begin(&alice(), "/hold unrecorded");
    happened("unrecorded", "held").await;
    let lock = lock(&server);
    let_go("unrecorded");
    let reply = running.await.unwrap();
    reply.failure(503, "store_unavailable").message("could not be recorded yet").hint("look before you send it again");
    let target = format!("/api/v1/runs/{}", reply.text_at("/run_id"));
    assert_eq!(server.ask(Method::GET, &target, &alice()).await.at("/status"), json!("pending"));
    server.run("/ping").await.success();
    lock.execute_batch("ROLLBACK").unwrap();
    let event = stream.result().await;
    assert_eq!(event["run_id"], reply.at("/run_id"));
    assert_eq!(event["result"]["message"], json!("let go"));
    assert_eq!(server.ask(Method::GET, &target, &alice()).await.at("/result/message"), json!("let go"));
}

/// The file was written by the program as it was before it knew runs: a name, its deletion, an alias in capitals.
#[tokio::test]
async fn a_file_of_the_previous_version_is_taken_over() {
    let folder = TempDir::new().unwrap();
    fs::copy(project("tests/files/version-1.db"), folder.path().join("nexus.db")).unwrap();
    let server = Server::over(folder, &[]).await;
    let path = format!("/api/v1/stream/{}", alice().address());
    let mut stream = Stream::of(server.request(Method::GET, &path).header("last-event-id", "0")).await;
    assert_eq!(stream.next().await.json()["recovered"], json!(true));
    let frames = [stream.next().await, stream.next().await, stream.next().await, stream.next().await];
    assert_eq!(frames[1].json()["command"], json!(" Echo  one --times 2"));
    let (_, sequence) = frames[3].id.as_ref().unwrap().split_once('-').unwrap();
    assert_eq!(sequence, "4", "ids stay what they were");

    let runs = server.ask(Method::GET, "/api/v1/runs", &alice()).await;
    let of =
        |name: &str| runs.json()["runs"].as_array().unwrap().iter().map(|run| run[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("run_id")[3], frames[0].json()["run_id"]);
    assert_eq!(of("status"), ["error", "success", "success", "success"]);
    let echoes = server.ask(Method::GET, "/api/v1/runs?command=echo", &alice()).await;
    assert_eq!(echoes.at("/runs/0/result/message"), json!("one one"));
    server.run_as(&alice(), "/echo new").await.success();
    assert_eq!(stream.result().await["command"], json!("/echo new"));
}

#[tokio::test]
async fn its_files_are_the_owners_alone_in_whatever_folder() {
    let folder = TempDir::new().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let database = Database::open(folder.path(), "full", Clock::default()).unwrap();
    database.write(|db| db.execute("UPDATE meta SET value = 1 WHERE key = 'checked_at'", ()), |_| ()).await.unwrap();
    for file in ["nexus.db", "nexus.db-wal", "nexus.db-shm", "nexus.lock"] {
        let mode = fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_not_touched() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("nexus.db");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = Database::open(folder.path(), "full", Clock::default()).err().unwrap().to_string();
    assert!(error.contains("version 99"), "{error}");
}

#[tokio::test]
async fn the_log_keeps_its_epoch_and_goes_on_counting_after_a_restart() {
    let client = reqwest::Client::new();
    let first_id = async |folder: &TempDir| {
        let binary = Binary::start(folder, &[]);
        let mut stream = Stream::open(&client, &format!("{}/api/v1/stream/{}", binary.url, alice().address())).await;
        stream.next().await;
        let body = json!({ "command": "/whoami", "auth": alice().bare("/whoami") });
        Reply::of(client.post(format!("{}{EXECUTE}", binary.url)).json(&body)).await.success();
        let id = stream.next().await.id.unwrap();
        let (epoch, sequence) = id.split_once('-').unwrap();
        (epoch.to_owned(), sequence.parse::<u64>().unwrap())
    };
    let folder = TempDir::new().unwrap();
    let (before, after) = (first_id(&folder).await, first_id(&folder).await);
    assert_eq!(before.0, after.0);
    assert_eq!(before.1 + 1, after.1);
    assert_ne!(first_id(&TempDir::new().unwrap()).await.0, before.0, "another file is another log");
}

#[tokio::test]
async fn a_commit_is_as_durable_as_the_operator_wants() {
    for (flags, level) in [(&[][..], 2), (&["--durability", "normal"][..], 1)] {
        let server = Server::with(flags).await;
        let asked = |db: &Connection| db.query_row("PRAGMA synchronous", (), |row| row.get::<_, u8>(0));
        assert_eq!(server.database().write(asked, |_| ()).await.unwrap(), level, "{flags:?}");
    }
}

#[tokio::test]
async fn a_file_of_another_program_is_neither_taken_over_nor_changed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("nexus.db");
    for (sql, version) in [("CREATE TABLE customers (name)", 0), ("CREATE TABLE events (x)", 2), ("", 99)] {
        let _ = fs::remove_file(&path);
        let db = Connection::open(&path).unwrap();
        db.execute_batch(&format!("{sql}; PRAGMA user_version = {version}")).unwrap();
        db.close().unwrap();
        let before = fs::read(&path).unwrap();
        let error = Database::open(folder.path(), "full", Clock::default()).err().unwrap().to_string();
        assert!(error.contains("belongs to another program") || error.contains("version 99"), "{error}");
        assert!(!error.contains("CREATE") && fs::read(&path).unwrap() == before, "{sql}");
    }
}

#[tokio::test]
async fn after_an_orderly_end_one_file_is_all_there_is() {
    let folder = TempDir::new().unwrap();
    let client = reqwest::Client::new();
    let mut binary = Binary::start(&folder, &[]);
    let body = json!({ "command": "/whoami", "auth": alice().bare("/whoami") });
    Reply::of(client.post(format!("{}{EXECUTE}", binary.url)).json(&body)).await.success();
    binary.terminate();
    assert_eq!(binary.exit_code(), Some(0));
    let copy = folder.path().join("copy.db");
    fs::copy(folder.path().join("data/nexus.db"), &copy).unwrap();
    let count =
        Connection::open(copy).unwrap().query_row("SELECT count(*) FROM events", (), |row| row.get::<_, i64>(0));
    assert_eq!(count, Ok(1));
}
