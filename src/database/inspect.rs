//! A look at a data directory from outside. Nothing in it is changed, and a server may have it open meanwhile.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{BUSY, OpenCause, OpenError, newest_of, recognise};
use crate::event::EventId;

/// How long the file is looked through at most.
const PATIENCE: Duration = Duration::from_mins(1);

/// A `nexus.db`, open to be read.
pub struct Inspection {
    connection: Connection,
}

/// What looking through a file has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Soundness {
    Sound,
    /// Nothing was wrong with what a minute is enough for.
    SoundSoFar,
}

/// Whether a server holds this directory.
pub fn is_held(directory: &Path) -> bool {
    // Shared, so that two who look do not take each other for a server.
    File::open(directory.join("nexus.lock"))
        .is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

impl Inspection {
    /// Opens the file, if there is one. Fails in words for the operator when it is not ours or not readable.
    pub fn begin(directory: &Path) -> Result<Option<Self>, OpenError> {
        let path = directory.join("nexus.db");
        if !path.exists() {
            return Ok(None);
        }
        let explain = |source: OpenCause| OpenError {
            what: "holds a nexus.db that cannot be used",
            directory: directory.to_owned(),
            source,
            is_setting: false,
            is_held: false,
        };
        let open = || -> Result<_, OpenCause> {
            // Without anything in a log beside it the file is complete by itself, and SQLite need make nothing to read it.
            let log = directory.join("nexus.db-wal");
            let is_alone = !is_held(directory) && log.metadata().map_or(true, |log| log.len() == 0);
            let connection = connect(&path, is_alone)?;
            recognise(&connection)?;
            Ok(Some(Self { connection }))
        };
        open().map_err(explain)
    }

    /// Looks through the whole file for what cannot be (`PRAGMA quick_check`). Fails with the first that it finds.
    pub fn check(&self) -> Result<Soundness, String> {
        let interrupt = self.connection.get_interrupt_handle();
        let found: rusqlite::Result<String> = thread::scope(|scope| {
            let (done, end) = channel::<()>();
            scope.spawn(move || {
                if end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    interrupt.interrupt();
                }
            });
            let found = self.connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0));
            drop(done);
            found
        });
        match found {
            Ok(found) if found == "ok" => Ok(Soundness::Sound),
            Ok(found) => Err(found),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                Ok(Soundness::SoundSoFar)
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// The newest event of the log, which is read for that. Fails with why it cannot be.
    pub fn newest(&self) -> Result<EventId, String> {
        let read = || {
            let newest = newest_of(&self.connection)?;
            let select = "SELECT count(data) FROM events WHERE sequence = ?1";
            let _count: i64 = self.connection.query_row(select, [newest.sequence.cast_signed()], |row| row.get(0))?;
            Ok::<_, rusqlite::Error>(newest)
        };
        read().map_err(|error| error.to_string())
    }
}

fn connect(path: &Path, is_alone: bool) -> Result<Connection, OpenCause> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = if is_alone {
        let escaped = path.to_str().ok_or("its path is not UTF-8")?;
        let escaped = escaped.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags | OpenFlags::SQLITE_OPEN_URI)?
    } else {
        Connection::open_with_flags(path, flags)?
    };
    connection.busy_timeout(BUSY)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(connection)
}
