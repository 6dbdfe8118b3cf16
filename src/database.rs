//! The SQLite file that a single machine needs: one writer thread, one reader thread, both behind bounded queues.
//!
//! The file belongs to one server at a time (a lock beside it says so). What is written is on the disk before anybody
//! hears of it: WAL with `synchronous=FULL`, so a commit returns after its fsync, unless the operator wants less. Whatever has queued up while the disk
//! was busy shares the next transaction; each change keeps a savepoint of its own, so one that fails takes no other with
//! it. This room knows SQLite and not what is stored: `bus` and `store` bring the SQL.

mod check;
mod inspect;
mod queue;
mod reader;
mod unusable;
mod writer;

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use self::check::Checkup;
use self::queue::Sender;
use self::reader::{Asked, Query};
use self::unusable::OpenCause;
use self::writer::{Change, Pending};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::event::{Epoch, EventId};

pub use self::inspect::{Inspection, Soundness, is_held};
pub use self::unusable::OpenError;

/// Work that waits for a thread; more of it waits outside, so that a slow disk slows its callers.
const QUEUE: usize = 1024;
/// How long another process (a backup, a shell) may hold the file before we give up.
const BUSY: Duration = Duration::from_secs(2);

/// Entry `n` takes a file from version `n` to `n + 1`; entries are only ever added.
const MIGRATIONS: &[&str] = &[
    include_str!("database/0001.sql"),
    include_str!("database/0002.sql"),
    include_str!("database/0003.sql"),
    include_str!("database/0004.sql"),
    include_str!("database/0005.sql"),
    include_str!("database/0006.sql"),
];

/// A handle to the file. Its threads end when the last handle is dropped, after the work that is queued.
#[derive(Clone)]
pub struct Database(Arc<Place>);

/// Where the file is, and what there is of it once it is open.
struct Place {
    directory: PathBuf,
    synchronous: String,
    clock: Clock,
    opened: OnceLock<Opened>,
    /// Held while it is opened.
    opening: Mutex<()>,
}

/// The two threads.
struct Opened {
    writer: Sender<Box<dyn Change>>,
    reader: Sender<Box<dyn Query>>,
    /// The newest event when the file was opened.
    newest: EventId,
    checkup: Checkup,
}

impl Database {
    /// A file that nobody has opened or made yet: that is done when something is first asked of it, or by [`Database::unlock`].
    /// `synchronous` is SQLite's pragma: `full` or `normal`.
    pub fn closed(directory: &Path, synchronous: &str, clock: Clock) -> Self {
        let (directory, synchronous) = (directory.to_owned(), synchronous.to_owned());
        let (opened, opening) = (OnceLock::new(), Mutex::default());
        Self(Arc::new(Place { directory, synchronous, clock, opened, opening }))
    }

    /// Opens or makes `nexus.db` in `directory`, which is made too, for its owner alone: [`Database::closed`], then
    /// [`Database::unlock`].
    pub fn open(directory: &Path, synchronous: &str, clock: Clock) -> Result<Self, OpenError> {
        let database = Self::closed(directory, synchronous, clock);
        database.unlock().map(|()| database)
    }

    /// Opens the file unless it is open. To be called on the runtime, where the answers are given out.
    ///
    /// Fails in words for the operator: the directory cannot be used, another server holds it, the file is not ours or
    /// was written by a newer program.
    pub fn unlock(&self) -> Result<(), OpenError> {
        self.0.open().map(drop)
    }

    fn opened(&self) -> Result<&Opened> {
        self.0.open().map_err(Error::store_unavailable)
    }

    /// The name of this life of the log. Fails with `store_unavailable`.
    pub fn epoch(&self) -> Result<Epoch> {
        Ok(self.opened()?.newest.epoch)
    }

    /// The newest event that the file had when it was opened; none while it is closed.
    pub fn newest_at_start(&self) -> Option<EventId> {
        self.0.opened.get().map(|opened| opened.newest)
    }

    /// Makes `change` durable, then calls `visible` with what it gave, then returns that.
    ///
    /// `visible` runs on the writer thread in the order of the changes, also when the caller has gone away meanwhile; it
    /// must not block. Fails with `store_unavailable`, and then nothing was changed.
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
        visible: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T> {
        let (answer, outcome) = oneshot::channel();
        let pending = Box::new(Pending::new(change, visible, answer));
        self.opened()?.writer.send(pending).await?;
        outcome.await.map_err(Error::store_unavailable)?
    }

    /// Reads what is committed. Fails with `store_unavailable`.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.ask(query).await?.map_err(Error::store_unavailable)
    }

    /// Writes back into `nexus.db` what has gathered beside it, so that the one file is all there is. For the end: it is done at
    /// times by itself, and nothing is lost without it. Fails with `store_unavailable`.
    pub async fn checkpoint(&self) -> Result<()> {
        if self.0.opened.get().is_none() {
            return Ok(());
        }
        self.read(|db| db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))).await
    }

    async fn ask<T: Send + 'static>(&self, question: impl FnOnce(&Connection) -> T + Send + 'static) -> Result<T> {
        let (answer, outcome) = oneshot::channel();
        self.opened()?.reader.send(Box::new(Asked::new(question, answer))).await?;
        outcome.await.map_err(Error::store_unavailable)
    }
}

impl Place {
    fn open(&self) -> Result<&Opened, OpenError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let _turn = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        match self.opened.get() {
            Some(opened) => Ok(opened),
            None => Opened::new(&self.directory, &self.synchronous, self.clock)
                .map(|opened| self.opened.get_or_init(|| opened)),
        }
    }
}

impl Opened {
    fn new(directory: &Path, synchronous: &str, clock: Clock) -> Result<Self, OpenError> {
        let explain = |what: &'static str| {
            let directory = directory.to_owned();
            move |source: OpenCause| OpenError { what, directory, source, is_setting: false, is_held: false }
        };
        let lock = lock(directory).map_err(|source| OpenError {
            is_setting: true,
            ..explain("cannot be used as the data directory (NEXUS_DATA)")(source)
        })?;
        lock.try_lock().map_err(|e| OpenError {
            is_held: true,
            ..explain("is held by another server that runs (NEXUS_DATA; nexus.lock is no leftover)")(e.into())
        })?;

        let path = directory.join("nexus.db");
        let open = || -> Result<_, OpenCause> {
            look_at(&path)?;
            // What is in it is nobody else's; the files that SQLite makes beside it have its mode.
            OpenOptions::new().append(true).create(true).mode(0o600).open(&path)?;
            let mut writing = connect(&path, OpenFlags::SQLITE_OPEN_CREATE)?;
            writing.pragma_update(None, "synchronous", synchronous)?;
            migrate(&mut writing)?;
            let newest = newest_of(&writing)?;
            Ok((writing, connect(&path, OpenFlags::empty())?, newest))
        };
        let (writing, reading, newest) = open().map_err(explain("holds a nexus.db that cannot be used"))?;

        let start = || -> io::Result<_> {
            let writer = queue::start("nexus-db-write", QUEUE, move |changes, runtime| {
                writer::run(writing, changes, runtime);
                drop(lock);
            })?;
            let reader = queue::start("nexus-db-read", QUEUE, move |queries, runtime| {
                reader::run(&reading, queries, runtime);
            })?;
            Ok((writer, reader))
        };
        let (writer, reader) = start().map_err(|e| explain("got no threads")(e.into()))?;
        Ok(Self { writer, reader, newest, checkup: Checkup::new(path, clock) })
    }
}

fn lock(directory: &Path) -> Result<File, OpenCause> {
    make(directory)?;
    // Whoever may open it may lock it.
    Ok(OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(directory.join("nexus.lock"))?)
}

/// Makes the folder, and what is missing above it. Each is made safe by a sync of the one that it stands in: SQLite does
/// that for its files only, and they would be gone with the folder.
fn make(directory: &Path) -> io::Result<()> {
    let missing: Vec<_> = directory.ancestors().take_while(|folder| !folder.exists()).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    for above in missing.into_iter().filter_map(Path::parent) {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        File::open(above)?.sync_all()?;
    }
    Ok(())
}

fn connect(path: &Path, extra: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | extra;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // Else a statement with a bound LIMIT is planned anew each time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Whether the file is one of ours, or one that is still to be made. Looks before anything is changed in it.
fn look_at(path: &Path) -> Result<(), OpenCause> {
    if !path.exists() {
        return Ok(());
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    recognise(&connection)
}

/// Whether it is one of ours, or empty.
fn recognise(connection: &Connection) -> Result<(), OpenCause> {
    let version = version_of(connection)?;
    if MIGRATIONS.get(version as usize..).is_none() {
        return Err(format!("it is of version {version}, this program knows up to {}", MIGRATIONS.len()).into());
    }
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    let is_ours = match version {
        0 => tables == 0,
        _ => epoch_of(connection).is_ok(),
    };
    if is_ours { Ok(()) } else { Err("it belongs to another program".into()) }
}

fn version_of(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn migrate(connection: &mut Connection) -> Result<(), OpenCause> {
    let transaction = connection.transaction()?;
    let version = version_of(&transaction)?;
    for migration in MIGRATIONS.iter().skip(version as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", u32::try_from(MIGRATIONS.len())?)?;
    Ok(transaction.commit()?)
}

fn newest_of(connection: &Connection) -> rusqlite::Result<EventId> {
    let newest = "SELECT coalesce(max(sequence), 0) FROM events";
    let sequence: i64 = connection.query_row(newest, (), |row| row.get(0))?;
    Ok(EventId { epoch: epoch_of(connection)?, sequence: sequence.cast_unsigned() })
}

fn epoch_of(connection: &Connection) -> rusqlite::Result<Epoch> {
    let signed: i64 = connection.query_row("SELECT value FROM meta WHERE key = 'epoch'", (), |row| row.get(0))?;
    Ok(Epoch(signed.cast_unsigned()))
}
