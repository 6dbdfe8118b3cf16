//! The writer thread: group commit.

use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::{Connection, TransactionBehavior, ffi};
use tokio::sync::oneshot;

use super::queue::Receiver;
use crate::error::{Error, Result};
use crate::runtime::Inside;

/// Changes that share one fsync at most, which bounds how long the first of them waits.
const BATCH: usize = 256;

/// One change on its way through a transaction that it shares with others.
pub(super) trait Change: Send {
    /// Applies the change within the open transaction.
    fn apply(&mut self, transaction: &Connection);
    /// Makes it visible, once the transaction is committed or has failed.
    fn settle(&mut self, committed: Result<(), &rusqlite::Error>);
    /// Tells whoever waits.
    fn answer(self: Box<Self>);
}

pub(super) struct Pending<F, T, V> {
    change: Option<F>,
    applied: Option<rusqlite::Result<T>>,
    visible: Option<V>,
    settled: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<F, T, V> Pending<F, T, V> {
    pub(super) fn new(change: F, visible: V, answer: oneshot::Sender<Result<T>>) -> Self {
        Self { change: Some(change), applied: None, visible: Some(visible), settled: None, answer }
    }
}

impl<F, T, V> Change for Pending<F, T, V>
where
    F: FnOnce(&Connection) -> rusqlite::Result<T> + Send,
    T: Send,
    V: FnOnce(&T) + Send,
{
    fn apply(&mut self, transaction: &Connection) {
        if let Some(change) = self.change.take() {
            self.applied = Some(in_savepoint(transaction, change));
        }
    }

    fn settle(&mut self, committed: Result<(), &rusqlite::Error>) {
        self.settled = Some(match (committed, self.applied.take()) {
            (Ok(()), Some(Ok(value))) => {
                if let Some(visible) = self.visible.take() {
                    visible(&value);
                }
                Ok(value)
            }
            (_, Some(Err(error))) => Err(Error::store_unavailable(error)),
            (Err(error), _) => Err(Error::store_unavailable(error.to_string())),
            (Ok(()), None) => Err(Error::store_unavailable("the change was not applied")),
        });
    }

    fn answer(self: Box<Self>) {
        if let Some(settled) = self.settled {
            // Nobody waits any more: what was committed is visible all the same.
            drop(self.answer.send(settled));
        }
    }
}

/// `Transaction::savepoint` would parse its statements anew for each change.
fn in_savepoint<T>(
    transaction: &Connection,
    change: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let execute = |statement| transaction.prepare_cached(statement)?.execute(());
    execute("SAVEPOINT change")?;
    let value = change(transaction);
    if value.is_err() {
        execute("ROLLBACK TO change")?;
    }
    execute("RELEASE change")?;
    value
}

/// Takes changes until the last sender is gone. Answers are given out on the runtime.
pub(super) fn run(mut connection: Connection, mut changes: Receiver<Box<dyn Change>>, runtime: &Inside) {
    let mut batch = Vec::new();
    while changes.take(&mut batch, BATCH) {
        // A panic in one change must not end the thread that all others need.
        let committed = catch_unwind(AssertUnwindSafe(|| commit(&mut connection, &mut batch)))
            .unwrap_or_else(|_panic| Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_ABORT), None)));
        for change in &mut batch {
            change.settle(committed.as_ref().copied());
        }
        let settled = take(&mut batch);
        runtime.wake(|| settled.into_iter().for_each(Change::answer));
    }
}

fn commit(connection: &mut Connection, batch: &mut [Box<dyn Change>]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for change in batch {
        change.apply(&transaction);
        if transaction.is_autocommit() {
            // On a full disk and the like SQLite rolls everything back by itself; what came next would be committed
            // on its own, and reported with the others as failed.
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_ABORT_ROLLBACK), None));
        }
    }
    transaction.commit()
}
